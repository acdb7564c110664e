//! What must hold after a fault, and after the apply that follows it.

use std::collections::{BTreeMap, BTreeSet};

use scimform::apply::Journal;
use serde_json::{Value, json};

use super::kinds::Point;
use super::state::{Resource, State};
use super::world::{Logged, Start, TOKEN, Undisturbed, World};
use crate::support::Ran;

/// How a point ended.
pub struct Played {
    /// What does not hold.
    pub problems: Vec<String>,
    /// How the disturbed apply ended.
    pub code: i32,
}

/// Plays one point: an apply with the fault, one without, and a plan.
pub fn play(start: &Start, undisturbed: &Undisturbed, point: &Point) -> Played {
    let world = World::of(start);
    let mut judge = Judge { world: &world, wanted: &undisturbed.wanted, problems: Vec::new() };
    world.server.fault(&point.fault);
    let first = if point.kills() { world.killed() } else { world.repo.apply() };
    let struck = world.server.running().faults().hits() > 0;
    world.server.heal();
    judge.after_the_fault(point, &first, struck);
    let again = world.repo.apply();
    judge.in_the_end(undisturbed, &again);
    let mut problems = judge.problems;
    if !problems.is_empty() {
        problems.push(format!(
            "--- disturbed ({})\n{}{}--- again ({})\n{}{}--- requests\n{}",
            first.code,
            first.out,
            first.err,
            again.code,
            again.out,
            again.err,
            requests(&world.server.running().requests())
        ));
    }
    Played { problems, code: first.code }
}

fn requests(log: &[Logged]) -> String {
    let line = |request: &Logged| {
        let status = request.status.map_or("cut".to_owned(), |status| status.to_string());
        let fault = request.fault.as_deref().unwrap_or_default();
        let body = request.body.as_deref().unwrap_or_default();
        format!("{:3} {} {} {status} {fault} {body}\n", request.number, request.method, request.path)
    };
    log.iter().map(line).collect()
}

struct Judge<'a> {
    world: &'a World,
    wanted: &'a State,
    problems: Vec<String>,
}

impl Judge<'_> {
    fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    fn after_the_fault(&mut self, point: &Point, first: &Ran, struck: bool) {
        let now = self.world.state();
        let log = self.world.server.running().requests();
        let done = now.shape() == self.wanted.shape();
        // With several in flight a run may do with a look less than the undisturbed one.
        if !struck && (point.ordered || first.code != 0) {
            self.problem("the fault was not played");
        }
        match first.code {
            // Law 1: never green on a lie.
            0 if !done => self.problem("green, and not as declared"),
            // Law 1: told, and as what it is.
            1 if log.iter().any(|request| request.method != "GET") => self.problem("ends with 1 after a write"),
            4 if log.iter().all(|request| request.method == "GET") && now.shape() != self.world.before.shape() => {
                self.problem("changed without a write?");
            }
            0 | 1 | 4 => {}
            // A kind that a server shows nothing of, all along, is refused as a whole.
            3 if point.is_all_along() && log.iter().all(|request| request.method == "GET") => {}
            -9 if point.kills() => {}
            code => self.problem(format!("ends with {code}")),
        }
        if point.heals() && first.code != 0 {
            self.problem("it should have got over it by itself");
        }
        self.restraint(&now);
        self.honesty(&now);
        self.no_lost_work(&now);
        self.journal_is_true(&log);
        self.nothing_is_forgotten();
        self.no_token(first);
    }

    fn in_the_end(&mut self, undisturbed: &Undisturbed, again: &Ran) {
        let now = self.world.state();
        if again.code != 0 {
            self.problem(format!("the second apply ends with {}", again.code));
        }
        if now.shape() != self.wanted.shape() {
            let difference = difference(&now, self.wanted);
            self.problem(format!("not as declared in the end: {difference}"));
        }
        let plan = self.world.repo.plan();
        if plan["changes"] != json!([]) || plan["errors"] != json!([]) {
            self.problem(format!("the last plan is not empty: {} {}", plan["changes"], plan["errors"]));
        }
        self.restraint(&now);
        self.honesty(&now);
        self.no_lost_work(&now);
        self.journal_is_true(&self.world.server.running().requests());
        self.no_token(again);
        self.ledger_is_true(&now, &undisturbed.ledger);
        if plan["read"]["complete"] != json!(true) {
            self.problem(format!("the last read was not whole: {}", plan["read"]));
        }
    }

    /// Law 2: strangers as they were to the byte, and of ours every attribute as it was or as declared.
    fn restraint(&mut self, now: &State) {
        if now.others != self.world.before.others {
            self.problem(format!("strangers were touched: {:?}", now.others));
        }
        for (key, resource) in &now.ours {
            let sides = [self.world.before.ours.get(key), self.wanted.ours.get(key)];
            if sides == [None, None] {
                self.problem(format!("`{key}` is nobody's: {resource:?}"));
            }
            let names = sides.iter().flatten().flat_map(|side| side.attributes.keys());
            let names: BTreeSet<&String> = names.chain(resource.attributes.keys()).collect();
            for name in names {
                let value = |side: &Resource| side.attributes.get(name).cloned();
                // A name that is not there before is not there; one of someone to be deleted stays.
                let may = [sides[0].and_then(value), sides[1].or(sides[0]).and_then(value)];
                let is = value(resource);
                if !may.contains(&is) {
                    self.problem(format!(
                        "`{key}` has the {name} {is:?}, which was {:?} and should be {:?}",
                        may[0], may[1]
                    ));
                }
            }
            if let Some(before) = sides[0]
                && before.id != resource.id
            {
                self.problem(format!("`{key}` was made anew"));
            }
        }
    }

    /// Law 3: nobody and no member goes who was not to go; and nobody comes.
    fn honesty(&mut self, now: &State) {
        for (key, before) in &self.world.before.ours {
            let wanted = self.wanted.ours.get(key);
            match now.ours.get(key) {
                None if wanted.is_some() => self.problem(format!("`{key}` is gone")),
                Some(is) => {
                    let wanted = wanted.map(|wanted| wanted.members.clone()).unwrap_or_default();
                    let lost: Vec<_> =
                        before.members.intersection(&wanted).filter(|one| !is.members.contains(*one)).collect();
                    let all: BTreeSet<_> = before.members.union(&wanted).collect();
                    let new: Vec<_> = is.members.iter().filter(|one| !all.contains(one)).collect();
                    if !lost.is_empty() || !new.is_empty() {
                        self.problem(format!("`{key}` lost {lost:?} and got {new:?}"));
                    }
                }
                None => {}
            }
        }
    }

    /// Law 6: nothing is there twice, nor was it made twice.
    fn no_lost_work(&mut self, now: &State) {
        if !now.twice.is_empty() {
            self.problem(format!("made twice: {:?}", now.twice));
        }
        let mut made: BTreeMap<String, u32> = BTreeMap::new();
        for request in self.world.server.running().requests().iter().filter(|request| took_effect(request)) {
            *made.entry(name(request)).or_default() += 1;
        }
        made.retain(|_, times| *times > 1);
        if !made.is_empty() {
            self.problem(format!("accepted more than once: {made:?}"));
        }
    }

    /// Law 6: whatever reached the server was announced before.
    fn journal_is_true(&mut self, log: &[Logged]) {
        let folder = self.world.repo.path().join(".scimform/journal");
        let mut sent = BTreeSet::new();
        let mut posted = BTreeSet::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let lines = match Journal::read(&path) {
                Ok(lines) => serde_json::to_value(lines).unwrap(),
                Err(error) => {
                    self.problem(format!("the journal can't be read: {error}"));
                    continue;
                }
            };
            let mut steps = BTreeSet::new();
            for line in lines.as_array().unwrap() {
                match (line["event"].as_str().unwrap(), line["id"].as_str()) {
                    ("sending", id) => {
                        steps.insert(line["step"].as_u64());
                        match id {
                            Some(id) => sent.insert(id.to_owned()),
                            None => posted.insert(line["key"].as_str().unwrap_or_default().to_owned()),
                        };
                    }
                    ("done", _) if !steps.contains(&line["step"].as_u64()) => {
                        self.problem(format!("never sent what is done: {line}"));
                    }
                    _ => {}
                }
            }
        }
        for request in log.iter().filter(|request| request.method != "GET") {
            let id = request.path.rsplit('/').next().unwrap_or_default();
            let announced = match request.method.as_str() {
                "POST" => posted.contains(&name(request)),
                // What a create of this run made and goes on with is announced by it.
                _ => sent.contains(id) || self.made_here(id),
            };
            if !announced {
                self.problem(format!("not in the journal: {} {}", request.method, request.path));
            }
        }
    }

    fn made_here(&self, id: &str) -> bool {
        !self.world.before.ids().contains(id)
    }

    /// Law 3: whoever stays is still known to be ours.
    fn nothing_is_forgotten(&mut self) {
        let ledger = self.world.ledger_now();
        for kind in ["users", "groups"] {
            let entries = |ledger: &Value| ledger[kind].as_object().cloned().unwrap_or_default();
            let now = entries(&ledger);
            for (key, entry) in entries(&self.world.ledger) {
                let is = now.get(&key).map(|entry| entry["id"].clone());
                if self.wanted.ours.contains_key(&key) && key != "gone" && is.as_ref() != Some(&entry["id"]) {
                    self.problem(format!("the ledger had `{key}` under {} and now has it under {is:?}", entry["id"]));
                }
            }
        }
    }

    /// Law 6: in the end the ledger knows all that is managed, by the ids that they have.
    fn ledger_is_true(&mut self, now: &State, wanted: &Value) {
        let ledger = self.world.ledger_now();
        for kind in ["users", "groups"] {
            let keys = |ledger: &Value| -> BTreeSet<String> {
                ledger[kind].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
            };
            if keys(&ledger) != keys(wanted) {
                let (has, should) = (keys(&ledger), keys(wanted));
                let difference: Vec<_> = has.symmetric_difference(&should).collect();
                self.problem(format!(
                    "the ledger's {kind} differ from those of an undisturbed apply by {difference:?}"
                ));
            }
            for (key, entry) in ledger[kind].as_object().into_iter().flatten() {
                let id = now.ours.get(key).map(|one| one.id.as_str());
                if entry["id"].as_str() != id {
                    self.problem(format!("the ledger has `{key}` under {}, and the server under {id:?}", entry["id"]));
                }
            }
        }
    }

    /// Law 9, which holds here too.
    fn no_token(&mut self, ran: &Ran) {
        let mut places: Vec<(String, String)> =
            vec![("standard output".into(), ran.out.clone()), ("standard error".into(), ran.err.clone())];
        for folder in ["", ".scimform", ".scimform/journal"] {
            for entry in std::fs::read_dir(self.world.repo.path().join(folder)).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                    places.push((path.display().to_string(), text));
                }
            }
        }
        for (place, text) in places {
            if text.contains(TOKEN) {
                self.problem(format!("the token stands in {place}"));
            }
        }
    }
}

/// The key that a POST makes something of.
fn name(request: &Logged) -> String {
    let body: Value = request.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    body["externalId"].as_str().unwrap_or_default().to_owned()
}

/// Whether the server made something: it said so and did not lie, or it says something else for a fault.
fn took_effect(request: &Logged) -> bool {
    let fault = request.fault.as_deref().unwrap_or_default();
    let hidden = ["cut=after", "cut=body", "hang=after", "=after", "garbage"].iter().any(|kind| fault.contains(kind));
    let lied = fault.split(' ').any(|fault| fault == "lie" || fault.starts_with("lie,"));
    request.method == "POST" && !lied && (hidden || request.status.is_some_and(|status| (200..300).contains(&status)))
}

fn difference(now: &State, wanted: &State) -> String {
    let (now, wanted) = (now.shape(), wanted.shape());
    let (now, wanted) = (now.as_object().unwrap(), wanted.as_object().unwrap());
    let keys: BTreeSet<&String> = now.keys().chain(wanted.keys()).collect();
    let of = |key: &String| format!("`{key}` is {:?} and should be {:?}", now.get(key), wanted.get(key));
    keys.into_iter().filter(|key| now.get(*key) != wanted.get(*key)).map(of).collect::<Vec<_>>().join("; ")
}
