//! The laws end to end, on random servers and random histories of a company: what a plan says is so, and what an apply
//! leaves behind is as declared or is said.
//!
//! The cases are the same on every run. `SCIMFORM_ODD=2000 cargo test --test odd laws -- --nocapture` plays more of them,
//! `SCIMFORM_ODD_SEED=17` begins at another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use scimform::scim::ResourceKind::{Group, User};
use serde_json::{Value, json};

use crate::bends::{Answer, Bends, Listed, Of};
use crate::company::Company;
use crate::random::{Case, Event, Start, bent, case};
use crate::server::{Asked, Odd, id, is_off};
use crate::support::Ran;
use crate::world::{World, both};

/// Waits are most of the time.
const WORKERS: usize = 8;
const CASES: usize = 60;
/// More requests than any plan here needs.
const ENDLESS: usize = 300;

#[derive(Default)]
struct Played {
    applies: AtomicUsize,
    green: AtomicUsize,
    changes: AtomicUsize,
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn the_laws_hold_on_random_servers() {
    let (cases, seed) = (number("SCIMFORM_ODD", CASES), number("SCIMFORM_ODD_SEED", 0));
    let (next, played, broken) = (AtomicUsize::new(seed), Played::default(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= seed + cases {
                        return;
                    }
                    let rng_seed = RngSeed::Fixed(at as u64);
                    let shrinks = u32::try_from(number("SCIMFORM_ODD_SHRINKS", 40)).unwrap();
                    let config = Config {
                        cases: 1,
                        rng_seed,
                        max_shrink_iters: shrinks,
                        failure_persistence: None,
                        ..Config::default()
                    };
                    let outcome = TestRunner::new(config).run(&case(), |case| play(&case, &played));
                    if let Err(error) = outcome {
                        broken.lock().unwrap().push(format!("=== seed {at}: {error}"));
                    }
                }
            });
        }
    });
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let (applies, green, changes) = (count(&played.applies), count(&played.green), count(&played.changes));
    println!("{cases} servers, {applies} applies of {changes} changes, {green} ended with 0");
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{} of {cases} servers break a law\n{}", broken.len(), broken.join("\n"));
    assert!(cases < CASES || (green * 3 > applies && changes > cases), "the cases are too tame");
}

/// A company at a server.
struct Run {
    world: World,
    company: Company,
    bends: Bends,
    /// Whose account each is, by id.
    owners: BTreeMap<String, usize>,
    /// Ids of accounts that were in the ledger at some time, and of groups by key.
    ours: BTreeSet<String>,
    groups: BTreeMap<String, String>,
    strangers: Vec<Value>,
    /// Where the log of the last apply begins.
    from: usize,
    broken: Vec<String>,
}

fn play(case: &Case, played: &Played) -> Result<(), TestCaseError> {
    let mut run = Run::new(case);
    run.round(&[], played);
    for events in &case.rounds {
        run.round(events, played);
    }
    // Nothing happens any more.
    let mut quiet = false;
    for _ in 0..2 {
        let from = run.world.server.writes().len();
        let ran = run.round(&[], played);
        let written = run.world.server.writes().split_off(from);
        if quiet && !written.is_empty() {
            run.breaks("writes again and again", format!("{:#?}\n{}", brief(&written), both(&ran)));
        }
        quiet = ran.code == 0;
    }
    if run.broken.is_empty() { Ok(()) } else { Err(TestCaseError::fail(run.broken.join("\n"))) }
}

fn brief(log: &[Asked]) -> Vec<String> {
    log.iter()
        .map(|asked| {
            let filter = asked.query.get("filter").map(String::as_str).unwrap_or_default();
            let body = if asked.body.is_null() { String::new() } else { asked.body.to_string() };
            format!("{} {} {filter} {body} -> {}", asked.method, asked.path, asked.status)
        })
        .collect()
}

impl Run {
    fn new(case: &Case) -> Self {
        let company = Company::new();
        let bends = bent(&case.bends);
        let server = Odd::new(bends.clone());
        let mut owners = BTreeMap::new();
        let mut state = server.state();
        let stranger = |name: &str| {
            json!({"userName": format!("{name}@partner.example"), "name": {"givenName": name}, "nickName": name,
                "active": true, "title": "Partner"})
        };
        let mut strangers = vec![state.add(User, stranger("yan"))];
        let mut members = vec![json!({"value": id(&strangers[0])})];
        for (at, (human, start)) in company.humans.iter().zip(&case.start).enumerate() {
            if *start == Start::Absent {
                continue;
            }
            let mut account = json!({
                "userName": human.user_name, "name": {"givenName": human.given, "familyName": "Old"},
                "emails": [{"value": human.user_name, "type": "work", "primary": true}], "nickName": human.given,
                "active": *start != Start::Off, "title": "Janitor", "roles": [{"value": "reader"}]
            });
            if *start != Start::Namesake {
                account["externalId"] = json!(human.key);
            }
            let account = state.add(User, account);
            owners.insert(id(&account).to_owned(), at);
            members.push(json!({"value": id(&account)}));
        }
        state.add(Group, json!({"displayName": "root", "members": members}));
        strangers.push(state.add(User, stranger("zed")));
        drop(state);
        let world = World::of(server);
        let (users, groups) = if case.deletes { ("delete", "delete") } else { ("deactivate", "empty") };
        world.target(json!({
            "onRemove": {"users": users, "groups": groups}, "capabilities": {"concurrency": 1},
            "limits": {"removals": {"count": 10000, "percent": 100}}
        }));
        Self {
            world,
            company,
            bends,
            owners,
            ours: BTreeSet::new(),
            groups: BTreeMap::new(),
            strangers,
            from: 0,
            broken: Vec::new(),
        }
    }

    fn breaks(&mut self, law: &str, how: impl std::fmt::Display) {
        let how = how.to_string();
        let shown = if self.broken.is_empty() { how.as_str() } else { how.lines().next().unwrap_or_default() };
        self.broken.push(format!("--- {law}: {shown}"));
    }

    /// Some events, a plan and an apply, each judged.
    fn round(&mut self, events: &[Event], played: &Played) -> Ran {
        for event in events {
            self.company.happens(event);
            self.happens_outside(event);
        }
        self.world.declare(self.company.users(), self.company.groups());
        self.world.server.state().settle();
        self.plan(played);
        let unmanaged = self.unmanaged();
        let from = self.world.server.writes().len();
        self.from = self.world.server.state().log.len();
        let ran = self.world.apply();
        played.applies.fetch_add(1, Ordering::Relaxed);
        played.green.fetch_add(usize::from(ran.code == 0), Ordering::Relaxed);
        let written = self.world.server.writes().split_off(from);
        self.judge_writes(&written, &ran);
        self.learn();
        self.judge_state(&ran);
        let now = self.unmanaged();
        let lost: Vec<_> = unmanaged.iter().filter(|(id, kept)| now.get(*id).is_some_and(|now| now != *kept)).collect();
        if !lost.is_empty() {
            self.breaks("lost what is not managed", format!("{lost:?} of {now:?}\n{:#?}", brief(&written)));
        }
        ran
    }

    fn happens_outside(&self, event: &Event) {
        let mut state = self.world.server.state();
        let ids = |who: usize| self.owners.iter().filter(move |(_, owner)| **owner == who).map(|(id, _)| id.clone());
        match *event {
            Event::OutsideOff(who) | Event::OutsideTitle(who) => {
                for user in ids(who).collect::<Vec<_>>() {
                    let Some(user) = state.users.iter_mut().find(|one| id(one) == user) else { continue };
                    match event {
                        Event::OutsideOff(_) => user["active"] = json!(false),
                        _ => user["title"] = json!("Visitor"),
                    }
                    user["meta"]["version"] = json!(user["meta"]["version"].as_u64().unwrap_or(0) + 1);
                }
            }
            Event::OutsideMember(who, team) => {
                let there = ids(who).find(|id| state.users.iter().any(|user| user["id"] == **id));
                let name = self.company.teams[team].name.clone();
                if let (Some(there), Some(group)) = (there, state.group(&name)) {
                    let mut members = group["members"].as_array().cloned().unwrap_or_default();
                    members.push(json!({"value": there}));
                    group["members"] = members.into();
                }
            }
            Event::OutsideDelete(who) => {
                for user in ids(who).collect::<Vec<_>>() {
                    state.remove(User, &user);
                }
            }
            _ => {}
        }
    }

    /// Plans, and holds what the plan says against what is there.
    fn plan(&mut self, played: &Played) {
        let from = self.world.server.state().log.len();
        let ran = self.world.repo.run(&["plan", "--format", "json"]);
        let log = self.world.server.state().log.split_off(from);
        let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
        for asked in log.iter().filter(|asked| asked.id.is_some()) {
            *by_id.entry(asked.path.clone()).or_default() += 1;
        }
        let twice: Vec<&String> = by_id.iter().filter(|(_, times)| **times > 1).map(|(path, _)| path).collect();
        if !twice.is_empty() || log.len() > ENDLESS {
            self.breaks("a plan asks twice", format!("{twice:?} of {:#?}", brief(&log)));
        }
        if log.iter().any(|asked| asked.method != "GET") {
            self.breaks("a plan writes", format!("{:#?}", brief(&log)));
        }
        let Ok(plan) = serde_json::from_str::<Value>(&ran.out) else {
            return self.breaks("no plan", both(&ran));
        };
        for change in plan["targets"][0]["changes"].as_array().into_iter().flatten() {
            played.changes.fetch_add(1, Ordering::Relaxed);
            self.judge_before(change, &log);
        }
    }

    fn judge_before(&mut self, change: &Value, log: &[Asked]) {
        let Some(held) = self.held(change["id"].as_str().unwrap_or_default()) else { return };
        let said: Vec<String> = change["attributes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|attribute| {
                let path = attribute["path"].as_str().unwrap_or_default();
                comparable(path, &attribute["before"]) != comparable(path, at(&held, path))
                    && self.is_readable(&held, path)
            })
            .map(|attribute| {
                format!(
                    "{} before {}, is {}",
                    attribute["path"],
                    attribute["before"],
                    at(&held, attribute["path"].as_str().unwrap())
                )
            })
            .collect();
        let is_member = |member: &Value| {
            held["members"].as_array().is_some_and(|all| all.iter().any(|one| one["value"] == member["id"]))
        };
        let members = |side: &str, there: bool| {
            let all = change["members"][side].as_array().cloned().unwrap_or_default();
            all.into_iter().filter(|member| member["id"].is_string() && is_member(member) != there).collect::<Vec<_>>()
        };
        let wrong = [members("add", false), members("remove", true)].concat();
        if !said.is_empty() || (!wrong.is_empty() && self.is_readable(&held, "members")) {
            self.breaks("an untrue before", format!("{said:?} {wrong:?} in {change:#}\n{:#?}", brief(log)));
        }
    }

    /// Whether any read shows this attribute of the resource.
    fn is_readable(&self, held: &Value, path: &str) -> bool {
        let attribute = path.split('.').next().unwrap_or_default();
        let kind = if held["userName"].is_null() { Group } else { User };
        let shows = |answer| {
            let hides = |one: &crate::bends::Hidden| {
                one.kind == kind && one.attribute == attribute && one.from.contains(&answer) && one.of != Of::Empty
            };
            !self.bends.hidden.iter().any(hides)
        };
        shows(Answer::ById) || (shows(Answer::List) && self.bends.listed == Listed::All)
    }

    fn held(&self, wanted: &str) -> Option<Value> {
        let state = self.world.server.state();
        state.users.iter().chain(&state.groups).find(|one| id(one) == wanted).cloned()
    }

    /// Takes in what is ours now and whose the new accounts are.
    fn learn(&mut self) {
        for user in self.world.server.state().users.clone() {
            if let Some(human) = self.company.human(&user) {
                self.owners.entry(id(&user).to_owned()).or_insert(human);
            }
        }
        let text = std::fs::read(self.world.repo.path().join(".scimform/ledger.json")).unwrap_or_default();
        let ledger: Value = serde_json::from_slice(&text).unwrap_or_default();
        for kind in ["users", "groups"] {
            for (key, entry) in ledger["targets"]["app"][kind].as_object().cloned().unwrap_or_default() {
                let wanted = id(&entry).to_owned();
                let human = self.company.keyed(&key).filter(|_| kind == "users");
                match (human, self.owners.get(&wanted)) {
                    (Some(human), Some(owner)) if human != *owner && self.ours.contains(&wanted) => {
                        self.breaks("an account changes hands", format!("{wanted} is in the ledger under {key}"));
                    }
                    // Whoever adopts an account that was nobody's has it from then on.
                    (Some(human), _) => drop(self.owners.insert(wanted.clone(), human)),
                    _ => {}
                }
                if kind == "groups" {
                    self.groups.insert(key, wanted.clone());
                }
                self.ours.insert(wanted);
            }
        }
    }

    /// What nobody manages, by id: nick names, and titles of whom none is declared.
    fn unmanaged(&self) -> BTreeMap<String, (Value, Value)> {
        let touches = |attribute: &str| {
            let hidden = self.bends.hidden.iter().any(|one| one.attribute == attribute);
            hidden || self.bends.slips.iter().any(|slip| slip.attribute == attribute)
        };
        let titles = !touches("title");
        let kept = |user: &Value| {
            let owner = self.owners.get(id(user))?;
            let title =
                if titles && self.company.humans[*owner].title.is_none() { user["title"].clone() } else { Value::Null };
            self.company.humans[*owner].has_access().then(|| (id(user).to_owned(), (user["nickName"].clone(), title)))
        };
        let state = self.world.server.state();
        state.users.iter().filter_map(kept).collect()
    }

    fn judge_writes(&mut self, written: &[Asked], ran: &Ran) {
        for asked in written {
            let Some(wanted) = asked.id.clone().filter(|_| asked.kind == Some(User)) else { continue };
            let off = asked.method == "DELETE"
                || asked.body["active"] == false
                || asked.body.to_string().contains("\"active\",\"value\":false");
            match self.owners.get(&wanted).copied() {
                None if self.strangers.iter().any(|stranger| id(stranger) == wanted) => {
                    self.breaks(
                        "a stranger is written to",
                        format!("{:?}\n{}", brief(std::slice::from_ref(asked)), both(ran)),
                    );
                }
                Some(owner) if off && self.company.humans[owner].has_access() && self.is_only_account(owner) => {
                    self.breaks(
                        "somebody who is declared is switched off",
                        format!("{:?}\n{}", brief(written), both(ran)),
                    );
                }
                Some(owner) if self.ours.contains(&wanted) => {
                    let to = self.company.human(&asked.body);
                    if to.is_some_and(|to| to != owner) {
                        self.breaks("an account changes hands", format!("{:?}\n{}", brief(written), both(ran)));
                    }
                }
                _ => {}
            }
        }
    }

    fn is_only_account(&self, owner: usize) -> bool {
        self.owners.values().filter(|other| **other == owner).count() == 1
    }

    /// Whatever is not as declared must be said.
    fn judge_state(&mut self, ran: &Ran) {
        for stranger in self.strangers.clone() {
            if self.held(id(&stranger)).as_ref() != Some(&stranger) {
                self.breaks("a stranger has changed", both(ran));
            }
        }
        let people = (0..self.company.humans.len()).filter_map(|who| self.person_differs(who));
        let teams = (0..self.company.teams.len()).flat_map(|team| self.members_differ(team));
        let wrong: Vec<Wrong> = people.chain(teams).filter(|wrong| !wrong.is_said(ran)).collect();
        for Wrong { what, .. } in wrong {
            self.unsaid(ran, what);
        }
    }

    fn unsaid(&mut self, ran: &Ran, what: String) {
        let law = if ran.code == 0 { "a green run is no true run" } else { "held back without a name" };
        let log = brief(&self.world.server.state().log[self.from..]);
        self.breaks(law, format!("{what}\n{}\n{log:#?}", both(ran)));
    }

    fn accounts(&self, who: usize) -> Vec<Value> {
        let state = self.world.server.state();
        state.users.iter().filter(|user| self.owners.get(id(user)) == Some(&who)).cloned().collect()
    }

    fn person_differs(&self, who: usize) -> Option<Wrong> {
        let human = &self.company.humans[who];
        let accounts = self.accounts(who);
        let wrong =
            |attribute, what| Some(Wrong { names: vec![human.key.clone(), human.given.to_owned()], attribute, what });
        if !human.has_access() {
            let left = accounts.iter().find(|account| self.ours.contains(id(account)) && !is_off(account))?;
            return wrong("active", format!("{} has no access and is active: {left}", human.key));
        }
        let roles = |account: &Value| {
            human.roles.is_none_or(|roles| comparable("roles", &account["roles"]) == comparable("roles", &json!(roles)))
        };
        let differs = |account: &Value| {
            [
                ("userName", account["userName"] != human.user_name.as_str()),
                ("active", is_off(account)),
                ("name", account["name"]["givenName"] != human.given),
                ("title", human.title.is_some_and(|title| account["title"] != title)),
                ("roles", !roles(account)),
            ]
            .into_iter()
            .find_map(|(attribute, differs)| differs.then_some(attribute))
        };
        let there = accounts.iter().map(|account| (differs(account), account));
        match there.min_by_key(|(differs, _)| differs.is_some()) {
            Some((None, _)) => None,
            Some((Some(attribute), account)) => wrong(attribute, format!("{}, {attribute}: {account}", human.key)),
            None => wrong("account", format!("{} has no account", human.key)),
        }
    }

    /// Who is in a group that holds them no more, or not in one that should.
    fn members_differ(&self, team: usize) -> Vec<Wrong> {
        let team = &self.company.teams[team];
        let state = self.world.server.state();
        let ours = self.groups.get(team.key);
        let is_it = |group: &&Value| ours.map_or(group["displayName"] == team.name.as_str(), |ours| id(group) == ours);
        let Some(group) = state.groups.iter().find(is_it).filter(|_| team.declared || ours.is_some()) else {
            return Vec::new();
        };
        let members: BTreeSet<usize> = group["members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|member| member["value"].as_str().filter(|id| self.ours.contains(*id)))
            .filter_map(|id| self.owners.get(id).copied())
            .collect();
        let wanted: BTreeSet<usize> = team
            .members
            .iter()
            .copied()
            .filter(|who| team.declared && self.company.humans[*who].has_access())
            .collect();
        let wrong = |who: &usize| {
            let human = &self.company.humans[*who];
            Wrong {
                names: vec![team.key.to_owned(), team.name.clone(), human.key.clone(), human.given.to_owned()],
                attribute: "members",
                what: format!("{} in {}: {group}", human.key, team.key),
            }
        };
        members.symmetric_difference(&wanted).map(wrong).collect()
    }
}

/// What is not as declared, and the words that may say so.
struct Wrong {
    names: Vec<String>,
    attribute: &'static str,
    what: String,
}

impl Wrong {
    /// Whether a run says it. After 0 only what stands beside the changes counts: a name, or the attribute of which nothing
    /// can be known.
    fn is_said(&self, ran: &Ran) -> bool {
        let beside =
            ["note[", "error[", "warning", "did not", "failed", "left ", "held", "refused", "skipped", "not created"];
        let all = both(ran);
        let (mut named, mut unknown) = (false, false);
        for line in all.lines() {
            // An address may be somebody else's by now.
            let mut words = line.split_whitespace().filter(|word| !word.contains('@'));
            let is_named = words.any(|word| {
                let word = word.trim_matches(|character: char| !character.is_alphanumeric());
                self.names.iter().any(|name| name == word)
            });
            named |= is_named && (ran.code != 0 || beside.iter().any(|word| line.contains(word)));
            unknown |= line.contains("note[") && line.contains(&format!("`{}", self.attribute));
        }
        named || unknown
    }
}

/// The value at a path, null where there is none.
fn at<'a>(resource: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(resource, |value, name| &value[name])
}

/// A value as a comparison sees it.
fn comparable(path: &str, value: &Value) -> Value {
    match value {
        Value::Array(all) if all.is_empty() => Value::Null,
        Value::Array(all) => {
            let mut all: Vec<String> =
                all.iter().map(|one| one.get("value").unwrap_or(one).as_str().unwrap_or_default().to_owned()).collect();
            all.sort();
            json!(all)
        }
        Value::Object(object) if object.contains_key("value") => comparable(path, &json!([value])),
        Value::Null if path == "active" => json!(true),
        other => other.clone(),
    }
}
