//! A fixed apply of some dozens of steps, the instants at which it is killed, and what must hold afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use scimform::apply::Journal;
use serde_json::{Value, json};

use crate::faults::state::State;
use crate::faults::story::Story;
use crate::faults::world as faults;
use crate::kill::proxy::Proxy;
use crate::support::{Ran, target};

/// Nine people, of whom three leave; two groups, one of which gets another name.
fn before() -> String {
    let mut text = "users:\n".to_owned();
    for n in 0..9 {
        let _ = writeln!(text, "  old{n}: {{ userName: old{n}@acme.example, title: Engineer }}");
    }
    let all: Vec<String> = (0..9).map(|n| format!("old{n}")).collect();
    let _ = writeln!(text, "groups:\n  all: {{ displayName: All, members: [{}] }}", all.join(", "));
    text + "  core: { displayName: Core, members: [old0, old1] }\n  staff: { displayName: Staff, members: [old2] }\n"
}

/// Twelve people come, two and two each other's managers, which takes a second request; three change, three leave; three
/// groups come, one of them in another one.
fn after() -> String {
    let mut text = "users:\n".to_owned();
    for n in 0..6 {
        let title = if n < 3 { "Fellow" } else { "Engineer" };
        let _ = writeln!(text, "  old{n}: {{ userName: old{n}@acme.example, title: {title} }}");
    }
    for n in 0..12 {
        let manager = n ^ 1;
        let _ =
            writeln!(text, "  new{n}: {{ userName: new{n}@acme.example, title: Apprentice, manager: new{manager} }}");
    }
    let all: Vec<String> = (0..6).map(|n| format!("old{n}")).chain((0..12).map(|n| format!("new{n}"))).collect();
    let _ = writeln!(text, "groups:\n  all: {{ displayName: All, members: [{}] }}", all.join(", "));
    text + "  core: { displayName: Kernel, members: [new1] }\n  staff: { displayName: Staff, members: [old2, new2], groups: [fresh] }\n  \
            fresh: { displayName: Fresh, members: [new3, new4] }\n  guild: { displayName: Guild, members: [old4, new5] }\n  \
            empty: { displayName: Empty, members: [] }\n"
}

/// What is there before the apply, as files to copy.
pub struct Start(faults::Start);

/// An apply that nobody disturbed.
pub struct Whole {
    /// Requests of the apply's schedule.
    pub steps: u64,
    /// Requests that the server saw.
    pub requests: u64,
    /// Lines of the journal.
    pub lines: u64,
    /// How long it took.
    pub took: Duration,
    state: State,
    ledger: Value,
}

impl Start {
    pub fn new() -> Self {
        Self(faults::Start::new(Story {
            target: String::new(),
            pushed: [&["all", "core", "staff"], &["all", "core", "staff", "fresh", "guild", "empty"]],
            before: before(),
            after: after(),
            friend: "old1@acme.example",
            guests: &[("All", 0), ("Core", 1)],
        }))
    }

    pub fn undisturbed(&self) -> Whole {
        let world = World::of(self);
        let began = std::time::Instant::now();
        world.repo.apply().expect(0);
        let took = began.elapsed();
        let journal = world.journals().into_iter().max().unwrap();
        let lines = Journal::read(&journal).unwrap();
        let steps = serde_json::to_value(&lines[0]).unwrap()["steps"].as_u64().unwrap();
        let requests = world.server.running().request_count();
        Whole { steps, requests, lines: lines.len() as u64, took, state: world.state(), ledger: world.ledger() }
    }
}

/// When an apply is killed.
#[derive(Clone, Copy, Debug)]
pub enum Instant {
    /// So long after its start.
    After(Duration),
    /// When the server has answered so many requests.
    Request(u64),
    /// When the journal has so many lines.
    Line(u64),
    /// While a request is on its way, which the server then never sees.
    Sent(u64),
    /// When the server has carried out so many writes, and the answer to the last of them has not come.
    Unanswered(u64),
}

impl Instant {
    /// Instants all over an apply, in a fixed order for a seed.
    pub fn choose(seed: u64, turn: u64, whole: &Whole) -> Self {
        let mut random = blake3::Hasher::new();
        random.update(&seed.to_le_bytes()).update(&turn.to_le_bytes());
        let random = u64::from_le_bytes(random.finalize().as_bytes()[..8].try_into().unwrap());
        match turn % 5 {
            0 => Self::Line(1 + random % whole.lines),
            1 => Self::Request(1 + random % whole.requests),
            2 => Self::Sent(2 + random % whole.requests),
            3 => Self::Unanswered(1 + random % whole.steps),
            _ => Self::After(whole.took * u32::try_from(random % 1000).unwrap() / 1000),
        }
    }
}

/// One run of its own, with a proxy between the program and the server.
pub struct World {
    inner: faults::World,
    pub proxy: Proxy,
    told: Vec<String>,
}

impl Deref for World {
    type Target = faults::World;

    fn deref(&self) -> &faults::World {
        &self.inner
    }
}

impl World {
    pub fn of(start: &Start) -> Self {
        let world = faults::World::of(&start.0);
        let proxy = Proxy::to(world.server.url());
        let path = world.server.url().splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        world.repo.write("scimform.yaml", target(&format!("http://{}/{path}", proxy.address), "generic", ""));
        Self { inner: world, proxy, told: Vec::new() }
    }

    pub fn spawn(&self) -> Child {
        self.repo.command(&["apply", "--auto-approve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Begins an apply and kills it. False where it ended before, or had not begun to write.
    pub fn kill(&mut self, instant: Instant) -> bool {
        let known: BTreeSet<PathBuf> = self.journals().into_iter().collect();
        let running = self.server.running();
        running.forget_requests();
        match instant {
            Instant::Sent(at) => self.server.fault(&format!("latency=150ms,nth={at},count=1")),
            Instant::Unanswered(at) => self.proxy.hold(at, ""),
            _ => {}
        }
        let mut child = self.spawn();
        let began = std::time::Instant::now();
        let fresh = |world: &Self| world.journals().into_iter().find(|path| !known.contains(path));
        loop {
            let due = match instant {
                Instant::After(time) => began.elapsed() >= time,
                Instant::Request(count) => running.request_count() >= count,
                Instant::Sent(at) => running.request_count() + 1 >= at && began.elapsed() > Duration::from_millis(20),
                Instant::Unanswered(_) => self.proxy.holds(),
                Instant::Line(count) => fresh(self).is_some_and(|path| lines(&path) >= count),
            };
            if due || child.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        if matches!(instant, Instant::Sent(_) | Instant::Unanswered(_)) {
            std::thread::sleep(Duration::from_millis(60));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What the server began it ends.
        std::thread::sleep(Duration::from_millis(if matches!(instant, Instant::Sent(_)) { 110 } else { 20 }));
        self.server.heal();
        self.proxy.hold(0, "");
        let cut = fresh(self).is_some_and(|path| is_cut(&path));
        self.told.push(format!("{instant:?}: {}", if cut { "cut off" } else { "not cut off" }));
        cut
    }

    pub fn journals(&self) -> Vec<PathBuf> {
        let folder = self.repo.path().join(".scimform/journal");
        std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect()
    }

    /// Applies again, and gives what is wrong then.
    pub fn finish(&self, whole: &Whole) -> Vec<String> {
        let cut = self.journals().iter().any(|path| is_cut(path));
        let mut problems = self.sane("after the kill");
        let plan = self.repo.run(&["plan", "--format", "json"]);
        if plan.code != 0 || (cut && !plan.err.contains("ended early at `app`, after ")) {
            problems.push(format!("the plan after the kill ended with {}: {}", plan.code, plan.err));
        }
        let again = self.repo.apply();
        if again.code != 0 {
            problems.push(format!("the next apply ended with {}\n{}{}", again.code, again.out, again.err));
        }
        if cut && !(again.err.contains("an earlier apply of 2") && again.err.contains("ended early at `app`, after ")) {
            problems.push(format!("the next apply does not say what happened: {}", again.err));
        }
        problems.extend(self.sane("in the end"));
        let reached = self.state();
        if reached.shape() != whole.state.shape() {
            problems.push(format!("not as declared in the end: {:#}", reached.shape()));
        }
        let ledger = self.ledger();
        let differing = differences(&ledger, &whole.ledger);
        if !differing.is_empty() {
            problems.push(format!("another ledger: {}", differing.join("; ")));
        }
        let last = self.repo.run(&["plan", "--format", "json"]);
        let target = &last.json()["targets"][0];
        if target["changes"] != json!([]) || target["errors"] != json!([]) || last.err.contains("earlier apply") {
            problems.push(format!("the last plan is not empty: {target:#}\n{}", last.err));
        }
        problems.into_iter().map(|problem| format!("{problem}\n({})", self.told.join("; "))).collect()
    }

    /// What must hold at any time: nothing twice, strangers untouched.
    pub fn sane(&self, when: &str) -> Vec<String> {
        let mut problems = Vec::new();
        let now = self.state();
        if !now.twice.is_empty() {
            problems.push(format!("{when}: made twice: {:?}", now.twice));
        }
        let mut made: BTreeMap<String, u32> = BTreeMap::new();
        for request in self.server.running().requests() {
            if request.method == "POST" && request.status == Some(201) {
                let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
                *made.entry(body["externalId"].to_string()).or_default() += 1;
            }
        }
        problems
            .extend(made.into_iter().filter(|(_, times)| *times > 1).map(|(key, _)| format!("{when}: {key} twice")));
        if now.others != self.before.others {
            problems.push(format!("{when}: strangers were touched: {:?}", now.others));
        }
        problems
    }

    /// The target's ledger with keys in place of ids.
    pub fn ledger(&self) -> Value {
        let mut ledger = self.ledger_now();
        assert!(ledger["pending"].is_null(), "{ledger}");
        let state = self.state();
        let key = |id: &Value| state.ours.iter().find(|(_, one)| id == &one.id).map(|(key, _)| key.clone());
        for kind in ["users", "groups"] {
            for entry in ledger[kind].as_object_mut().unwrap().values_mut() {
                entry["id"] = json!(key(&entry["id"]));
                if let Some(members) = entry.get_mut("members") {
                    *members = json!(members.as_array().unwrap().iter().map(key).collect::<BTreeSet<_>>());
                }
            }
        }
        ledger
    }
}

/// Whether a journal tells of something and does not end.
fn is_cut(path: &Path) -> bool {
    Journal::read(path).unwrap().last().is_some_and(|last| !last.ends())
}

fn lines(path: &Path) -> u64 {
    std::fs::read(path).unwrap_or_default().split(|byte| *byte == b'\n').count() as u64 - 1
}

/// Where two ledgers differ in what they manage.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for kind in ["users", "groups"] {
        let (one, other) = (one[kind].as_object().unwrap(), other[kind].as_object().unwrap());
        for key in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            if one.get(key) != other.get(key) {
                found.push(format!("{key}: {:?} not {:?}", one.get(key), other.get(key)));
            }
        }
    }
    found
}

/// What a run said.
pub fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().unwrap())
}
