//! Faults on request: what goes wrong, at which requests, and how often. Everything is decided by counters and a
//! seed, so that the same requests meet the same faults.

mod parse;

pub use parse::FaultSyntax;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The answer comes late.
    Latency(Duration),
    /// 429, with `Retry-After` or without.
    TooMany(Option<RetryAfter>),
    /// A SCIM error with this status (5xx, 401, 403, 409, …).
    Status(u16),
    /// It is done, and answered with this status all the same.
    FailAfter(u16),
    /// A 502 with a page of HTML, as proxies send it.
    Html,
    /// The connection ends before anything is done.
    CutBefore,
    /// The connection is reset before anything is done.
    Reset,
    /// It is done, but the connection ends before the answer.
    CutAfter,
    /// It is done, and the connection ends in the middle of the answer.
    CutBody,
    /// Nothing is done and no answer ever comes, for as long as the client waits.
    HangBefore,
    /// It is done, and no answer ever comes, for as long as the client waits.
    HangAfter,
    /// 200 with a body that is no JSON.
    Garbage,
    /// A list says that there is nothing.
    Empty,
    /// A list's `totalResults` is off by so many.
    Total(i64),
    /// A write is answered as if done and is not. With names: only these top-level attributes are dropped.
    Lie(Vec<String>),
    /// Reads don't see what was written within this time.
    Stale(Duration),
}

/// The two forms of `Retry-After` (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// Seconds.
    Seconds(u64),
    /// The date that is so many seconds away.
    Date(u64),
}

/// Which part of the server a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/Users` and below.
    Users,
    /// `/Groups` and below.
    Groups,
    /// `/ServiceProviderConfig`, `/Schemas`, `/ResourceTypes`.
    Discovery,
    /// `/Bulk`.
    Bulk,
    /// Anything else: `/.search`, `/Me`, unknown paths.
    Other,
}

/// A fault and the requests that it hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub effect: Effect,
    /// Methods it hits; empty for all.
    pub methods: Vec<String>,
    /// Parts of the server it hits; empty for all.
    pub places: Vec<Place>,
    /// The first of the requests that fit, from 1.
    pub nth: u64,
    /// From there on, every so many of them: 1 for all.
    pub every: u64,
    /// How many of them it hits at most.
    pub count: Option<u64>,
    /// How likely it hits each, in millionths.
    pub chance: u32,
}

impl Fault {
    /// A fault that hits every request.
    pub fn new(effect: Effect) -> Self {
        Self { effect, methods: Vec::new(), places: Vec::new(), nth: 1, every: 1, count: None, chance: 1_000_000 }
    }

    /// Only for this method; may be said several times.
    pub fn on(mut self, method: &str) -> Self {
        self.methods.push(method.to_ascii_uppercase());
        self
    }

    /// Only for this part of the server; may be said several times.
    pub fn at(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }

    /// From the nth fitting request on, counted from 1.
    pub fn from_nth(mut self, nth: u64) -> Self {
        self.nth = nth.max(1);
        self
    }

    /// Hits so many times and then no more.
    pub fn times(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    fn fits(&self, method: &str, place: Place) -> bool {
        (self.methods.is_empty() || self.methods.iter().any(|known| known == method))
            && (self.places.is_empty() || self.places.contains(&place))
    }
}

/// The faults in force. Clones share them, so that they can be changed while the server runs.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    seed: u64,
    armed: Vec<Armed>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    seen: u64,
    hits: u64,
}

impl Faults {
    /// These faults, with this seed for those that are left to chance.
    pub fn new(faults: impl IntoIterator<Item = Fault>, seed: u64) -> Self {
        let new = Self::default();
        new.lock().seed = seed;
        new.set(faults);
        new
    }

    /// Takes these faults instead of those in force; counters start again.
    pub fn set(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().armed = faults.into_iter().map(|fault| Armed { fault, seen: 0, hits: 0 }).collect();
    }

    /// Adds one.
    pub fn add(&self, fault: Fault) {
        self.lock().armed.push(Armed { fault, seen: 0, hits: 0 });
    }

    /// From now on everything goes well.
    pub fn clear(&self) {
        self.lock().armed.clear();
    }

    /// How often faults were played since they were set.
    pub fn hits(&self) -> u64 {
        self.lock().armed.iter().map(|armed| armed.hits).sum()
    }

    /// Whether older states must be kept for stale reads.
    pub(super) fn wants_history(&self) -> bool {
        self.lock().armed.iter().any(|armed| matches!(armed.fault.effect, Effect::Stale(_)))
    }

    /// The faults to play at this request, in the order they were given.
    pub(super) fn strike(&self, method: &str, place: Place) -> Vec<Fault> {
        let mut inner = self.lock();
        let seed = inner.seed;
        let mut struck = Vec::new();
        for (index, armed) in inner.armed.iter_mut().enumerate() {
            if !armed.fault.fits(method, place) {
                continue;
            }
            armed.seen += 1;
            let spent = armed.fault.count.is_some_and(|count| armed.hits >= count);
            let turn =
                armed.seen >= armed.fault.nth && (armed.seen - armed.fault.nth).is_multiple_of(armed.fault.every);
            if !turn || spent {
                continue;
            }
            if dice(seed, index as u64, armed.seen) < armed.fault.chance {
                armed.hits += 1;
                struck.push(armed.fault.clone());
            }
        }
        struck
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number below a million that only depends on its arguments.
fn dice(seed: u64, fault: u64, request: u64) -> u32 {
    let mut hasher = blake3::Hasher::new();
    for part in [seed, fault, request] {
        hasher.update(&part.to_le_bytes());
    }
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    u32::try_from(u64::from_le_bytes(bytes) % 1_000_000).unwrap_or(0)
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency(time) => write!(f, "latency={}ms", time.as_millis()),
            Self::TooMany(None) => f.write_str("429"),
            Self::TooMany(Some(RetryAfter::Seconds(seconds))) => write!(f, "429={seconds}"),
            Self::TooMany(Some(RetryAfter::Date(seconds))) => write!(f, "429=date:{seconds}"),
            Self::Status(status) => write!(f, "{status}"),
            Self::FailAfter(status) => write!(f, "{status}=after"),
            Self::Html => f.write_str("html"),
            Self::CutBefore => f.write_str("cut=before"),
            Self::Reset => f.write_str("cut=reset"),
            Self::CutAfter => f.write_str("cut=after"),
            Self::CutBody => f.write_str("cut=body"),
            Self::HangBefore => f.write_str("hang=before"),
            Self::HangAfter => f.write_str("hang=after"),
            Self::Garbage => f.write_str("garbage"),
            Self::Empty => f.write_str("empty"),
            Self::Total(by) => write!(f, "total={by:+}"),
            Self::Lie(names) if names.is_empty() => f.write_str("lie"),
            Self::Lie(names) => write!(f, "lie={}", names.join("+")),
            Self::Stale(time) => write!(f, "stale={}ms", time.as_millis()),
        }
    }
}

impl Place {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Users, "users"),
        (Self::Groups, "groups"),
        (Self::Discovery, "discovery"),
        (Self::Bulk, "bulk"),
        (Self::Other, "other"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(place, _)| *place == self).map_or("other", |(_, name)| name)
    }
}

impl fmt::Display for Fault {
    /// The form that [`Fault::from_str`](std::str::FromStr) reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.effect.fmt(f)?;
        if !self.methods.is_empty() {
            write!(f, ",on={}", self.methods.join("+"))?;
        }
        if !self.places.is_empty() {
            let names: Vec<_> = self.places.iter().map(|place| place.name()).collect();
            write!(f, ",at={}", names.join("+"))?;
        }
        if self.nth > 1 {
            write!(f, ",nth={}", self.nth)?;
        }
        if self.every > 1 {
            write!(f, ",every={}", self.every)?;
        }
        if let Some(count) = self.count {
            write!(f, ",count={count}")?;
        }
        if self.chance < 1_000_000 {
            write!(f, ",chance={}", f64::from(self.chance) / 1e6)?;
        }
        Ok(())
    }
}
