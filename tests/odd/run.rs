//! One company at one server: what happens round by round, and what is known of it past scimform.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use scimform::scim::ResourceKind::{Group, User};
use serde_json::{Value, json};

use crate::odd::bends::{Bends, Quirk};
use crate::odd::company::Company;
use crate::odd::laws::Played;
use crate::odd::random::{Case, Event, Start, bent, told};
use crate::odd::server::{Asked, Odd, id};
use crate::odd::world::World;
use crate::support::Ran;

/// More requests than any plan here needs.
const ENDLESS: usize = 300;

/// A company at a server.
pub struct Run {
    pub world: World,
    pub company: Company,
    pub bends: Bends,
    /// Whose account each is, by id.
    pub owners: BTreeMap<String, usize>,
    /// Ids of accounts that were in the ledger at some time, and of groups by key.
    pub ours: BTreeSet<String>,
    pub groups: BTreeMap<String, String>,
    pub strangers: Vec<Value>,
    /// Where the log of the last apply begins.
    pub from: usize,
    /// Whether the last apply ended with 0.
    green: bool,
    pub broken: Vec<String>,
}

impl Run {
    pub fn new(case: &Case) -> Self {
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
            "onRemove": {"users": users, "groups": groups}, "capabilities": told(case, &bends),
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
            green: false,
            broken: Vec::new(),
        }
    }

    /// Some events, a plan and an apply, each judged.
    pub fn round(&mut self, events: &[Event], played: &Played) -> Ran {
        for event in events {
            self.company.happens(event);
            self.happens_outside(event);
        }
        self.world.declare(self.company.users(), self.company.groups());
        self.world.server.state().settle();
        self.plan(events.is_empty() && self.green, played);
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
        self.green = ran.code == 0;
        let now = self.unmanaged();
        let lost: Vec<_> = unmanaged.iter().filter(|(id, kept)| now.get(*id).is_some_and(|now| now != *kept)).collect();
        if !lost.is_empty() {
            self.breaks("lost what is not managed", format!("{lost:?} of {now:?}\n{:#?}", brief(&written)));
        }
        ran
    }

    pub fn breaks(&mut self, law: &str, how: impl std::fmt::Display) {
        let how = how.to_string();
        let shown = if self.broken.is_empty() { how.as_str() } else { how.lines().next().unwrap_or_default() };
        self.broken.push(format!("--- {law}: {shown}"));
    }

    fn happens_outside(&mut self, event: &Event) {
        if let Event::OutsideReuse(who) = event {
            return self.reuse(*who);
        }
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

    /// Gives the ids of somebody's accounts to people of whom we know nothing.
    fn reuse(&mut self, who: usize) {
        let number = self.strangers.len();
        let mut state = self.world.server.state();
        for user in &mut state.users {
            if self.owners.get(id(user)) != Some(&who) {
                continue;
            }
            let mail = format!("sam{number}@partner.example");
            *user = json!({"id": user["id"], "schemas": user["schemas"], "userName": mail, "externalId": "x",
                "name": {"givenName": "Sam", "familyName": "Other"}, "emails": [{"value": mail, "primary": true}],
                "active": true, "title": "Partner", "meta": {"version": 1}});
            self.owners.remove(id(user));
            self.ours.remove(id(user));
            self.strangers.push(user.clone());
        }
    }

    /// Plans, and holds what the plan says against what is there.
    fn plan(&mut self, settled: bool, played: &Played) {
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
            return self.breaks("no plan", ran.said());
        };
        let target = &plan["targets"][0];
        if settled && (&target["changes"], &target["errors"]) != (&json!([]), &json!([])) {
            self.breaks("a green apply leaves changes", format!("{target:#}\n{:#?}", brief(&log)));
        }
        for change in target["changes"].as_array().into_iter().flatten() {
            played.changes.fetch_add(1, Ordering::Relaxed);
            self.judge_before(change, &log);
        }
    }

    /// Takes in what is ours now and whose the new accounts are.
    fn learn(&mut self) {
        for user in self.world.server.state().users.clone() {
            if let Some(human) = self.company.human(&user) {
                self.owners.entry(id(&user).to_owned()).or_insert(human);
            }
        }
        let ledger = serde_json::to_value(self.world.repo.ledger()).unwrap();
        for kind in ["users", "groups"] {
            for (key, entry) in ledger[kind].as_object().cloned().unwrap_or_default() {
                let wanted = id(&entry).to_owned();
                if self.strangers.iter().any(|stranger| id(stranger) == wanted) {
                    continue;
                }
                let human = self.company.keyed(&key).filter(|_| kind == "users");
                match (human, self.owners.get(&wanted)) {
                    (Some(human), Some(owner)) if human != *owner && self.ours.contains(&wanted) => {
                        self.breaks("an account changes hands", format!("{wanted} is in the ledger under {key}"));
                    }
                    // An adopted account belongs to the person who adopted it from then on.
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
            let slips = self.bends.slips.iter().any(|slip| slip.attribute == attribute);
            hidden || slips || self.bends.quirks.contains(&Quirk::UpperTitles)
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

    pub fn held(&self, wanted: &str) -> Option<Value> {
        let state = self.world.server.state();
        state.users.iter().chain(&state.groups).find(|one| id(one) == wanted).cloned()
    }
}

/// Requests, one a line.
pub fn brief(log: &[Asked]) -> Vec<String> {
    log.iter()
        .map(|asked| {
            let filter = asked.query.get("filter").map(String::as_str).unwrap_or_default();
            let body = if asked.body.is_null() { String::new() } else { asked.body.to_string() };
            format!("{} {} {filter} {body} -> {}", asked.method, asked.path, asked.status)
        })
        .collect()
}
