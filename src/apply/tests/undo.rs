//! Law: an apply that is taken back leaves everything managed as it was before.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use super::twist::Twist;
use super::world::{GROUP, USER, Watch, World};
use crate::apply::{Known, Observers, Run, TargetReport, Timing, Trace, adopted, apply};
use crate::desired::{Asserted, Presence};
use crate::directory::{Manage, RemoveGroups, RemoveUsers};
use crate::ledger::TargetLedger;
use crate::live::normal::is_blank;
use crate::plan::schedule::schedule;
use crate::plan::undo::{State, UndoTarget, goal, record};
use crate::plan::{Action, PlanInput, TargetPlan, match_rules, matches, plan_undo};
use crate::scim::{Object, ResourceKind, Value};

const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";

impl World {
    /// Applies, and gives what the way back says.
    async fn recorded(&mut self) -> (TargetReport, UndoTarget) {
        let live = self.fake.live();
        let plan = self.plan(&live);
        assert!(plan.errors.is_empty() && plan.violations.is_empty(), "{:?} {:?}", plan.errors, plan.violations);
        let known = Known::new(&matches(&self.input(&live)), &live, &plan, None);
        let mut undo = record(&plan, &live, &self.ledger, self.target());
        undo.adopted = adopted(&known, &self.desired, &self.ledger);
        let (mut watch, mut trace) = (Watch::default(), Trace::default());
        let report = self.apply_plan(&live, &plan, &mut watch).await;
        for event in &watch.events {
            crate::apply::Observer::event(&mut trace, event).unwrap();
        }
        trace.settle(&mut undo);
        (report, undo)
    }

    fn plan_back(&self, undo: &UndoTarget) -> TargetPlan {
        let live = self.fake.live();
        let desired = goal(undo, true);
        plan_undo(PlanInput { desired: &desired, ..self.input(&live) }, undo)
    }

    /// Takes back; gives the plan of it and the way back from that.
    async fn undo(&mut self, undo: &UndoTarget) -> (TargetPlan, UndoTarget) {
        let live = self.fake.live();
        let plan = self.plan_back(undo);
        let profile = self.target().profile.clone();
        let mut again = record(&plan, &live, &self.ledger, self.target());
        let desired = goal(undo, true);
        let steps = schedule(&plan, &desired, &live, &profile, &live.discovery);
        let matching = match_rules(&self.directory, self.target());
        for one in &undo.changes {
            let taken = plan.changes.iter().any(|change| change.action == Action::Adopt && change.key == one.key);
            if let (true, Some(entry)) = (taken && one.action == Action::Forget, &one.entry) {
                self.ledger.of_mut(one.resource).insert(one.key.clone(), entry.clone());
            }
        }
        let known = Known::of_ledger(&self.ledger, &live);
        let run = Run {
            target: "t",
            service: &self.fake,
            plan: &plan,
            steps: &steps,
            desired: &desired,
            live: &live,
            profile: &profile,
            ledger: &mut self.ledger,
            hasher: &self.hasher,
            known: &known,
            matching: &matching,
            as_of: "2026-12-01".parse().unwrap(),
            timing: Timing { waits: vec![Duration::ZERO; 3], ..Timing::default() },
            cancel: self.cancel.clone(),
        };
        let mut trace = Trace::default();
        let report = apply(run, &mut Observers(vec![&mut trace])).await;
        assert!(report.is_clean(), "{report:?}");
        trace.settle(&mut again);
        (plan, again)
    }

    /// Everything at the target, without what says nothing and without the order of elements.
    fn state(&self) -> BTreeMap<(ResourceKind, String), String> {
        let live = self.fake.live();
        let all = live.users.iter().chain(&live.groups);
        all.map(|one| {
            let mut object = self.fake.object(one.kind, &one.id);
            object.retain(|name, _| !["id", "meta", "schemas"].contains(&name));
            ((one.kind, one.id.clone()), told(&Value::Object(object)))
        })
        .collect()
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(told).filter(|text| !text.is_empty()).collect();
            items.sort();
            items.join("; ")
        }
        Value::Object(object) => {
            // An element that only has a type says nothing.
            let hollow = |object: &Object| object.get("type").is_some() && object.get("value").is_none_or(is_blank);
            let parts = object.iter().filter(|(_, value)| !is_blank(value)).map(|(name, value)| (name, told(value)));
            let mut parts: Vec<String> =
                parts.filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}")).collect();
            parts.sort();
            if hollow(object) || parts.is_empty() { String::new() } else { format!("{{{}}}", parts.join(", ")) }
        }
        other => other.to_string(),
    }
}

/// A person in one of two versions of the files.
#[derive(Clone)]
struct Person {
    declared: bool,
    active: bool,
    title: u8,
    name: u8,
    emails: u8,
    phone: u8,
    department: u8,
    managed: bool,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { declared, active, title, name, emails, phone, department, managed } = self;
        write!(f, "{declared} active {active} {title} {name} {emails} {phone} {department} managed {managed}")
    }
}

fn person() -> impl Strategy<Value = Person> {
    let parts = (any::<bool>(), 0..8_u8, 0..4_u8, 0..5_u8, 0..4_u8, 0..3_u8, 0..3_u8, any::<bool>());
    parts.prop_map(|(declared, active, title, name, emails, phone, department, managed)| Person {
        declared,
        active: active > 0,
        title,
        name,
        emails,
        phone,
        department,
        managed,
    })
}

#[derive(Clone)]
struct Group {
    declared: bool,
    name: u8,
    members: [bool; 5],
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {:?}", self.declared, self.name, self.members)
    }
}

fn group() -> impl Strategy<Value = Group> {
    (0..4_u8, 0..2_u8, any::<[bool; 5]>()).prop_map(|(declared, name, members)| Group {
        declared: declared > 0,
        name,
        members,
    })
}

type Version = (Vec<Person>, Vec<Group>);

fn version() -> impl Strategy<Value = Version> {
    (proptest::collection::vec(person(), 5), proptest::collection::vec(group(), 2))
}

impl World {
    fn declare(&mut self, (people, groups): &Version) {
        self.desired = crate::desired::Desired::default();
        self.user("boss", &[]);
        for (n, person) in people.iter().enumerate().filter(|(_, person)| person.declared) {
            let mut attributes = Vec::new();
            let texts = [json!("A"), json!("B"), json!(null)];
            attributes.extend(texts.get(usize::from(person.title)).map(|text| ("title", text.clone())));
            let names = [
                json!({ "givenName": "Ada" }),
                json!({ "givenName": "Ada", "familyName": "King" }),
                json!({ "givenName": "Augusta", "formatted": "Augusta!" }),
                json!(null),
            ];
            attributes.extend(names.get(usize::from(person.name)).map(|name| ("name", name.clone())));
            let emails = [
                json!([{ "value": "a@x", "type": "work", "primary": true }]),
                json!([{ "value": "a@x", "type": "work" }, { "value": "b@x", "type": "home" }]),
                json!([]),
            ];
            attributes.extend(emails.get(usize::from(person.emails)).map(|emails| ("emails", emails.clone())));
            let phones = [json!("1"), json!("2")];
            let phone = phones.get(usize::from(person.phone));
            attributes.extend(phone.map(|phone| ("phoneNumbers[type eq \"work\"].value", phone.clone())));
            let departments = [json!("Tea"), json!("Milk")];
            attributes.extend(departments.get(usize::from(person.department)).map(|text| (DEPARTMENT, text.clone())));
            if person.managed {
                attributes.push(("manager", json!("boss")));
            }
            let key = format!("p{n}");
            self.user(&key, &attributes);
            if !person.active {
                let user = self.desired.users.get_mut(key.as_str()).unwrap();
                user.presence = Presence::Inactive("declared inactive".to_owned());
                for assertion in user.assertions.iter_mut().filter(|one| one.path.to_string() == "active") {
                    assertion.value = Asserted::Value(Value::Bool(false));
                }
            }
        }
        for (n, group) in groups.iter().enumerate().filter(|(_, group)| group.declared) {
            let is_in = |n: usize| {
                people.get(n).is_some_and(|one| one.declared && one.active) && group.members.get(n) == Some(&true)
            };
            let members: Vec<String> = (0..5).filter(|n| is_in(*n)).map(|n| format!("p{n}")).collect();
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            self.group(&format!("g{n}"), &format!("Group {n} {}", group.name), &members);
        }
    }

    /// Somebody else changes what is there, and there are strangers.
    fn drift(&self, which: u8) {
        self.fake.seed(USER, "zz", json!({ "userName": "zed@other.example", "title": "Z", "active": true }));
        let live = self.fake.live();
        for one in live.users.iter().skip(usize::from(which)).step_by(3).filter(|one| one.id != "zz") {
            let mut object = self.fake.object(USER, &one.id);
            object.insert("title", Value::from("Moved"));
            object.insert("nickName", Value::from("Nick"));
            self.fake.seed(USER, &one.id, serde_json::to_value(&object).unwrap());
        }
        for group in &live.groups {
            let mut object = self.fake.object(GROUP, &group.id);
            let members = object.entry_or("members", Value::Array(Vec::new())).make_array();
            members.push(Value::from(json!({ "value": "zz" })));
            self.fake.seed(GROUP, &group.id, serde_json::to_value(&object).unwrap());
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Target {
    patch: bool,
    hidden: bool,
    all: bool,
    users: RemoveUsers,
    groups: RemoveGroups,
    /// Where the apply that is taken back breaks, and how.
    breaks: Option<(usize, u8)>,
}

fn target() -> impl Strategy<Value = Target> {
    let users =
        prop_oneof![3 => Just(RemoveUsers::Deactivate), 1 => Just(RemoveUsers::Delete), 1 => Just(RemoveUsers::Ignore)];
    let groups =
        prop_oneof![3 => Just(RemoveGroups::Empty), 1 => Just(RemoveGroups::Delete), 1 => Just(RemoveGroups::Ignore)];
    let breaks = proptest::option::of((0..8_usize, 0..5_u8));
    (any::<bool>(), any::<bool>(), any::<bool>(), users, groups, breaks)
        .prop_map(|(patch, hidden, all, users, groups, breaks)| Target { patch, hidden, all, users, groups, breaks })
}

fn twist((at, kind): (usize, u8), writes: usize) -> Twist {
    let at = writes + at;
    match kind {
        0 => Twist::Fails(at, 500),
        1 => Twist::Fails(at, 400),
        2 => Twist::CutAfter(at),
        3 => Twist::CutBefore(at),
        _ => Twist::DownAt(at),
    }
}

fn keys(ledger: &TargetLedger) -> BTreeSet<(ResourceKind, String, String)> {
    [USER, GROUP]
        .into_iter()
        .flat_map(|kind| ledger.of(kind).iter().map(move |(key, entry)| (kind, key.clone(), entry.id.clone())))
        .collect()
}

/// One world: files, an apply, drift, other files, an apply (that may break), and the way back.
async fn there_and_back(target: Target, first: &Version, then: &Version, which: u8) -> Result<(), TestCaseError> {
    // Who is in a group is only hidden where it can be changed member by member.
    let hidden = target.hidden && target.patch;
    let mut world = World::new(json!({ "patch": target.patch, "members": if hidden { "never" } else { "list" } }));
    let hide = |world: &World| world.fake.state().twists.extend(hidden.then_some(Twist::Secret));
    hide(&world);
    world.on_remove(target.users, target.groups);
    world.target_mut().manage = if target.all { Manage::All } else { Manage::Owned };
    world.declare(first);
    world.apply().await;
    world.drift(which);
    let (before, ledger) = (world.state(), keys(&world.ledger));
    world.declare(then);
    if let Some(breaks) = target.breaks {
        let writes = world.fake.state().writes;
        world.fake.state().twists.push(twist(breaks, writes));
    }
    let (_, undo) = world.recorded().await;
    world.fake.state().twists.clear();
    hide(&world);
    let after = world.state();
    let (plan, again) = world.undo(&undo).await;
    prop_assert!(plan.violations.is_empty(), "{:?}", plan.violations);
    let deleted: BTreeSet<(ResourceKind, String)> =
        before.keys().filter(|one| !after.contains_key(*one)).cloned().collect();
    let lost: BTreeSet<&str> = deleted.iter().map(|(_, id)| id.as_str()).collect();
    let now = world.state();
    for (one, was) in before.iter().filter(|(one, _)| !deleted.contains(*one)) {
        let mentions = lost.iter().any(|id| was.contains(id));
        prop_assert!(mentions || now.get(one) == Some(was), "{one:?} was\n{was}\nis\n{:?}\n{plan:#?}", now.get(one));
    }
    // What can't be taken back is said, and nothing else is.
    let said: Vec<&str> = plan.errors.iter().map(|error| error.code.name()).collect();
    let deletes = undo.changes.iter().any(|change| change.action == Action::Delete && change.state != State::NotDone);
    let allowed = ["cannot-undo", "gone", "moved-since", "outcome-unknown"];
    prop_assert!(said.iter().all(|code| allowed.contains(code)), "{:?}", plan.errors);
    prop_assert!(!deletes || lost.is_empty() || said.contains(&"cannot-undo"), "{:?}", plan.errors);
    prop_assert!(target.breaks.is_some() || deletes || plan.errors.is_empty(), "{:?}", plan.errors);
    // What the apply made has no access, or is gone, unless nobody is ever removed.
    if target.users != RemoveUsers::Ignore {
        let made = now.keys().filter(|one| one.0 == USER && !before.contains_key(*one));
        let active = |(_, id): &(ResourceKind, String)| world.fake.object(USER, id).get("active").cloned();
        let wrong: Vec<_> = made.filter(|one| active(one) != Some(Value::Bool(false))).collect();
        prop_assert!(wrong.is_empty(), "{wrong:?}");
    }
    // Whoever was managed is, and nobody else but those made meanwhile.
    let managed = keys(&world.ledger);
    for (kind, key, id) in &ledger {
        let is_gone = lost.contains(id.as_str()) || !before.contains_key(&(*kind, id.clone()));
        prop_assert!(is_gone || managed.contains(&(*kind, key.clone(), id.clone())), "{key} is managed no more");
    }
    for (kind, key, id) in managed.difference(&ledger) {
        prop_assert!(!before.contains_key(&(*kind, id.clone())), "{key} is managed, and was not before");
    }
    // Once is enough, but where nobody can tell what came of a request about members who are not shown.
    let second = world.plan_back(&undo).changes;
    let unsure = hidden && target.breaks.is_some();
    prop_assert!(second.iter().all(|change| unsure && change.attributes.is_empty()), "{second:?}");
    // And the way back has a way back.
    if target.breaks.is_none() && target.users == RemoveUsers::Deactivate && target.groups == RemoveGroups::Empty {
        world.undo(&again).await;
        prop_assert_eq!(world.state(), after);
    }
    Ok(())
}

fn cases() -> u32 {
    std::env::var("SCIMFORM_UNDO_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(96)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undo_of_an_apply_restores_the_managed_state(
        target in target(),
        first in version(),
        then in version(),
        which in 0..3_u8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(there_and_back(target, &first, &then, which))?;
    }
}
