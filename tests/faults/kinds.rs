//! Every kind of fault, and at which requests it is played.

use super::world::Logged;

/// What a request of the undisturbed apply is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Before the first write.
    Read,
    Write,
    /// A GET after the first write.
    Check,
}

/// How a fault is brought about.
#[derive(Clone, Copy, Debug)]
pub enum Play {
    /// At this request alone.
    Once(&'static str),
    /// At this request and all that follow.
    Onwards(&'static str),
    /// At all reads that follow this request.
    ReadsAfter(&'static str),
    /// The program is killed while the server holds this request back.
    Kill(&'static str),
}

/// A kind of fault.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub name: &'static str,
    pub play: Play,
    /// Where it is played.
    pub parts: &'static [Part],
    /// Where the apply must get over it by itself.
    pub heals: &'static [Part],
    /// Takes so long that only the full run has it.
    pub slow: bool,
}

use Part::{Check, Read, Write};

const ALL: &[Part] = &[Read, Write, Check];
const READS: &[Part] = &[Read, Check];

const fn kind(name: &'static str, play: Play, parts: &'static [Part], heals: &'static [Part]) -> Kind {
    Kind { name, play, parts, heals, slow: false }
}

const fn slow(kind: Kind) -> Kind {
    Kind { slow: true, ..kind }
}

/// All of them. Reads are tried again by themselves after a cut, a timeout and most 5xx; everything is after a 429.
pub const KINDS: [Kind; 39] = [
    kind("refused: 400", Play::Once("400"), ALL, &[]),
    kind("refused: 403", Play::Once("403"), ALL, &[]),
    kind("refused: 404", Play::Once("404"), ALL, &[]),
    kind("refused: 409", Play::Once("409"), &[Write], &[]),
    kind("refused: 412", Play::Once("412"), &[Write], &[]),
    kind("delayed", Play::Once("latency=250ms"), ALL, ALL),
    slow(kind("beyond the time limit, without effect", Play::Once("hang=before"), &[Write], &[])),
    slow(kind("beyond the time limit, with effect", Play::Once("hang=after"), &[Write], &[])),
    slow(kind("beyond the time limit", Play::Once("hang=after"), READS, READS)),
    kind("cut before send (reset)", Play::Once("cut=reset"), ALL, READS),
    kind("cut after send", Play::Once("cut=before"), ALL, READS),
    kind("cut after effect, before the answer", Play::Once("cut=after"), &[Write], &[]),
    kind("cut in the midst of the answer", Play::Once("cut=body"), ALL, READS),
    slow(kind("dead from there on", Play::Onwards("cut=before"), ALL, &[])),
    kind("429, Retry-After in seconds", Play::Once("429=1"), ALL, ALL),
    kind("429, Retry-After as a date", Play::Once("429=date:1"), ALL, ALL),
    kind("429 without Retry-After", Play::Once("429"), ALL, ALL),
    kind("500 without effect", Play::Once("500"), ALL, READS),
    kind("500 with effect", Play::Once("500=after"), &[Write], &[]),
    kind("503", Play::Once("503"), ALL, READS),
    kind("503 with effect", Play::Once("503=after"), &[Write], &[]),
    kind("HTML 502", Play::Once("html"), ALL, READS),
    kind("401 once", Play::Once("401"), ALL, &[]),
    kind("401 from there on", Play::Onwards("401"), ALL, &[]),
    kind("lying 200", Play::Once("lie"), &[Write], &[]),
    kind("lying 200 from there on", Play::Onwards("lie"), &[Write], &[]),
    kind("lying 200 about members and manager", Play::Onwards("lie=members+manager"), &[Write], &[]),
    kind("lying 200 about active and title", Play::Onwards("lie=active+title"), &[Write], &[]),
    kind("garbled 200 with effect", Play::Once("garbage"), &[Write], &[]),
    kind("garbled 200", Play::Once("garbage"), READS, &[]),
    kind("stale reads after write, for a while", Play::ReadsAfter("stale=250ms"), &[Write], &[Write]),
    kind("stale reads after write, for good", Play::ReadsAfter("stale=30s"), &[Write], &[]),
    kind("a list without anyone", Play::Once("empty"), READS, &[]),
    kind("a list that promises more", Play::Once("total=+3"), READS, &[]),
    kind("a list that promises less", Play::Once("total=-3"), READS, &[]),
    kind("lists without anyone from there on", Play::Onwards("empty"), READS, &[]),
    kind("kill -9 without effect", Play::Kill("hang=before"), &[Write], &[]),
    kind("kill -9 with effect", Play::Kill("hang=after"), &[Write], &[]),
    kind("kill -9", Play::Kill("hang=before"), READS, &[]),
];

/// One fault at one request.
#[derive(Clone, Debug)]
pub struct Point {
    pub kind: &'static Kind,
    pub part: Part,
    /// The request's number in the undisturbed apply, from 1.
    pub at: usize,
    /// The fault as the sandbox reads it.
    pub fault: String,
    /// Whether requests come in the same order each time. With several in flight the number of a request after the reads
    /// is that of its neighbour now and then.
    pub ordered: bool,
}

/// A fault that stays for the whole apply.
static ALL_ALONG: Kind = kind("all along", Play::Onwards(""), ALL, &[]);

impl Point {
    pub fn is_all_along(&self) -> bool {
        self.at == 0
    }

    pub fn all_along(fault: &str) -> Self {
        Self { kind: &ALL_ALONG, part: Part::Read, at: 0, fault: fault.to_owned(), ordered: true }
    }

    /// Whether the apply must get over it by itself.
    pub fn heals(&self) -> bool {
        let sure = self.ordered || self.part == Part::Read;
        let parts: &[Part] = if sure { std::slice::from_ref(&self.part) } else { &[Part::Write, Part::Check] };
        parts.iter().all(|part| self.kind.heals.contains(part))
    }

    pub fn kills(&self) -> bool {
        matches!(self.kind.play, Play::Kill(_))
    }
}

/// What each request of an apply is for.
pub fn parts(log: &[Logged]) -> Vec<Part> {
    let mut part = Part::Read;
    log.iter()
        .map(|request| {
            if request.method != "GET" {
                part = Part::Check;
                return Part::Write;
            }
            part
        })
        .collect()
}

/// Every kind at every request that it fits.
pub fn points(log: &[Logged], ordered: bool) -> Vec<Point> {
    let parts = parts(log);
    let mut points = Vec::new();
    for kind in &KINDS {
        for (index, part) in parts.iter().enumerate().filter(|(_, part)| kind.parts.contains(part)) {
            let at = index + 1;
            let reads = log.iter().take(at).filter(|request| request.method == "GET").count();
            let fault = match kind.play {
                Play::Once(fault) | Play::Kill(fault) => format!("{fault},nth={at},count=1"),
                Play::Onwards(fault) => format!("{fault},nth={at}"),
                Play::ReadsAfter(fault) => format!("{fault},on=GET,nth={}", reads + 1),
            };
            points.push(Point { kind, part: *part, at, fault, ordered });
        }
    }
    points
}
