//! Whose is which account, and which name: laws over targets at which names and people come, go and are exchanged.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::world::*;
use crate::desired::{Asserted, Presence};
use crate::directory::{Manage, RemoveUsers, UserKey};
use crate::live::{ListTrust, LiveResource};
use crate::plan::schedule::schedule;
use crate::plan::{Action, Step, StepBody, TargetPlan};
use crate::scim::patch::PatchOp;
use crate::scim::{Object, ResourceKind, Value};

/// One person on all sides.
#[derive(Clone, Debug)]
struct Seed {
    /// 0 not declared, 1 active, 2 inactive.
    declared: u8,
    there: bool,
    active: bool,
    owned: bool,
    /// Whether the key was another's before.
    inherits: Option<usize>,
    /// Whether the ledger knows another's id under this key, too.
    same_id: Option<usize>,
}

#[derive(Clone, Debug)]
struct Town {
    people: Vec<Seed>,
    /// Names that are declared and names that are there, by person; each once.
    wanted: Vec<usize>,
    held: Vec<usize>,
    deletes: bool,
    all: bool,
    short: bool,
}

fn town() -> impl Strategy<Value = Town> {
    let seldom = || proptest::option::weighted(0.1, 0..7_usize);
    let seed = (0..3_u8, any::<bool>(), any::<bool>(), any::<bool>(), seldom(), seldom()).prop_map(
        |(declared, there, active, owned, inherits, same_id)| Seed {
            declared,
            there,
            active,
            owned,
            inherits,
            same_id,
        },
    );
    (1..7_usize).prop_flat_map(move |count| {
        let names = || Just((0..=count).collect::<Vec<usize>>()).prop_shuffle();
        let people = proptest::collection::vec(seed.clone(), count);
        (people, names(), names(), any::<bool>(), any::<bool>(), proptest::bool::weighted(0.1))
            .prop_map(|(people, wanted, held, deletes, all, short)| Town { people, wanted, held, deletes, all, short })
    })
}

fn name(number: usize) -> Value {
    Value::from(format!("n{number}@acme.example"))
}

fn build(town: &Town) -> World {
    let mut world = World::new();
    world.target.manage = if town.all { Manage::All } else { Manage::Owned };
    world.target.on_remove.users = if town.deletes { RemoveUsers::Delete } else { RemoveUsers::Deactivate };
    if town.short {
        world.live.trust.users = ListTrust::Short("page 2 is missing".into());
    }
    for (index, seed) in town.people.iter().enumerate() {
        let (key, id) = (format!("k{index}"), format!("id{index}"));
        let presence = match seed.declared {
            0 => None,
            1 => Some(Presence::Active),
            _ => Some(Presence::Inactive("ended".into())),
        };
        if let Some(presence) = presence {
            let mut declared = person(&key, presence, vec![]);
            let user_name = declared.assertions.iter_mut().find(|one| one.path.same(&path("userName"))).unwrap();
            user_name.value = Asserted::Value(name(town.wanted[index]));
            let former = seed.inherits.filter(|other| town.people.get(*other).is_some_and(|other| other.declared == 0));
            declared.previously = former.map(|other| format!("k{other}")).into_iter().collect();
            world.declare(declared);
        }
        if seed.there {
            let mut live = account(&id, &key, seed.active, "{}");
            live.attributes.insert("userName", name(town.held[index]));
            world.live.users.push(live);
        }
        if seed.owned {
            world.own(&key, &seed.same_id.map_or(id, |other| format!("id{other}")));
        }
    }
    world
}

fn steps(world: &World, plan: &TargetPlan) -> Vec<Step> {
    schedule(plan, &world.desired, &world.live, &world.target.profile, &world.live.discovery)
}

/// Sends the steps in their order to a server that gives a name to one only; the keys whom it refused.
fn refused(world: &World, plan: &TargetPlan) -> Vec<String> {
    let text = |object: &Object| object.get("userName").and_then(Value::as_str).map(str::to_owned);
    let of = |live: &LiveResource| Some((live.id.clone(), text(&live.attributes)?));
    let mut names: BTreeMap<String, String> = world.live.users.iter().filter_map(of).collect();
    let mut refused = Vec::new();
    for step in steps(world, plan) {
        let id = plan.changes[step.change].id.clone().unwrap_or_else(|| format!("made {}", step.key));
        let renames = |ops: &[PatchOp]| {
            let value = ops.iter().find(|op| op.path.as_ref().is_some_and(|at| at.same(&path("userName"))));
            value.and_then(|op| op.value.as_ref()?.as_str().map(str::to_owned))
        };
        let new = match &step.body {
            StepBody::Post(body) => text(body),
            StepBody::Patch(ops) | StepBody::Put(ops) => renames(ops),
            StepBody::Members(_) => None,
            StepBody::Delete => {
                names.remove(&id);
                None
            }
        };
        let Some(new) = new else { continue };
        if names.iter().any(|(other, name)| *other != id && *name == new) {
            refused.push(step.key.clone());
        } else {
            names.insert(id, new);
        }
    }
    refused
}

fn former<'w>(world: &'w World, key: &str) -> BTreeSet<&'w str> {
    world.desired.users.get(key).into_iter().flat_map(|user| user.previously.iter().map(String::as_str)).collect()
}

/// Whether someone of whom a plan says nothing is as is wanted.
fn is_as_wanted(world: &World, key: &str) -> bool {
    let desired = world.desired.users.get(key);
    let keys = std::iter::once(key).chain(former(world, key));
    let id = keys.filter_map(|key| world.ledger.users.get(key)).map(|entry| entry.id.as_str()).next();
    let by_id = world.live.users.iter().find(|live| Some(live.id.as_str()) == id);
    let wanted = desired.and_then(|one| one.assertions.iter().find(|one| one.path.same(&path("userName"))));
    let wanted = wanted.map(|one| &one.value);
    let is_free = |live: &&LiveResource| world.ledger.users.values().all(|entry| entry.id != live.id);
    let free = || world.live.users.iter().filter(is_free);
    let named = |live: &&LiveResource| live.attributes.get("externalId") == Some(&Value::from(key));
    let called =
        |live: &&LiveResource| live.attributes.get("userName").cloned().map(Asserted::Value).as_ref() == wanted;
    let live = by_id.or_else(|| free().find(named)).or_else(|| free().find(called));
    let is_active = live.is_some_and(|live| live.attributes.get("active") == Some(&Value::Bool(true)));
    match (desired.map(|one| &one.presence), wanted) {
        (Some(Presence::Active), Some(Asserted::Value(name))) => {
            is_active && live.and_then(|live| live.attributes.get("userName")) == Some(name)
        }
        _ => !is_active,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, ..ProptestConfig::default() })]

    /// Law 11: whoever is declared or known is changed, held back by name, told of, or as is wanted.
    #[test]
    fn everyone_is_accounted_for(town in town()) {
        let world = build(&town);
        let plan = world.plan();
        let keys: BTreeSet<&str> =
            world.desired.users.keys().map(UserKey::as_str).chain(world.ledger.users.keys().map(String::as_str)).collect();
        for key in keys {
            let heir = world.desired.users.values().find(|user| user.previously.iter().any(|former| former == key));
            let of_heir = |one: &str| heir.is_some_and(|heir| heir.key == one);
            let named = |one: &str| one == key || of_heir(one);
            let changed = plan.changes.iter().any(|change| named(&change.key));
            let held = plan.errors.iter().any(|error| named(&error.key));
            let told = plan.notices.iter().any(|notice| notice.message.contains(&format!("`{key}`")));
            let as_wanted = is_as_wanted(&world, key) || heir.is_some_and(|heir| is_as_wanted(&world, &heir.key));
            prop_assert!(changed || held || told || as_wanted, "{key} in {plan:#?}");
        }
        prop_assert!(errors(&plan).iter().all(|(_, code)| *code != "unaccounted"), "{:?}", errors(&plan));
    }

    /// Law 12: an id that the ledger knows goes to nobody else without `previously`.
    #[test]
    fn no_account_changes_hands(town in town()) {
        let world = build(&town);
        let plan = world.plan();
        let given = plan.changes.iter().filter(|change| change.action != Action::Forget);
        let given = given.filter_map(|change| Some((change.key.as_str(), change.id.as_deref()?)));
        for (key, id) in given.chain(plan.adoptions.iter().map(|one| (one.key.as_str(), one.id.as_str()))) {
            let owners: Vec<&str> =
                world.ledger.users.iter().filter(|(_, entry)| entry.id == id).map(|(key, _)| key.as_str()).collect();
            let own = owners.iter().any(|owner| *owner == key || former(&world, key).contains(owner));
            prop_assert!(owners.is_empty() || own, "{key} gets {id} of {owners:?}");
        }
    }

    /// Names are free before they are taken: nothing is sent that a server with unique names refuses, and one apply is
    /// enough.
    #[test]
    fn names_are_freed_before_they_are_taken(town in town()) {
        let mut world = build(&town);
        let mut plan = world.plan();
        // An adoption beside an error may settle the error, and so lead to more; a second entry of one id ends late.
        let doubled = town.people.iter().any(|seed| seed.same_id.is_some());
        let rounds = if plan.errors.is_empty() && !doubled { 1 } else { town.people.len() + 1 };
        for _ in 0..rounds {
            prop_assert_eq!(refused(&world, &plan), Vec::<String>::new(), "{:?}", lines(&plan));
            let known = world.ledger.users.clone();
            world.apply(&plan);
            // An apply notes nothing of whom an error names.
            for (key, _) in errors(&plan) {
                world.ledger.users.remove(key);
                world.ledger.users.extend(known.get_key_value(key).map(|(key, entry)| (key.clone(), entry.clone())));
            }
            plan = world.plan();
        }
        let names: BTreeSet<String> =
            world.live.users.iter().map(|live| format!("{:?}", live.attributes.get("userName"))).collect();
        prop_assert_eq!(names.len(), world.live.users.len());
        prop_assert!(plan.changes.is_empty(), "{:?}", lines(&plan));
    }
}

/// People who are there and known, with the name that each has and the one that each is to have.
fn renamed(people: &[(&str, &str, &str)]) -> World {
    let mut world = World::new();
    for (index, (key, has, wants)) in people.iter().enumerate() {
        let mut declared = person(key, Presence::Active, vec![]);
        let user_name = declared.assertions.iter_mut().find(|one| one.path.same(&path("userName"))).unwrap();
        user_name.value = Asserted::Value(Value::from(*wants));
        world.declare(declared);
        if !has.is_empty() {
            let mut live = account(&index.to_string(), key, true, "{}");
            live.attributes.insert("userName", Value::from(*has));
            world.live.users.push(live);
            world.own(key, &index.to_string());
        }
    }
    world
}

fn sent(world: &World) -> Vec<String> {
    steps(world, &world.plan()).into_iter().map(|step| step.key).collect()
}

#[test]
fn a_chain_of_names_is_sent_from_its_free_end() {
    let world = renamed(&[("ada", "a", "b"), ("bob", "b", "c"), ("cyd", "c", "d"), ("dan", "", "a")]);
    assert_eq!(sent(&world), ["cyd", "bob", "ada", "dan"]);
    // A leaver's name is free once the account is deleted, and only then.
    let mut world = renamed(&[("ada", "a", "a"), ("bob", "b", "A")]);
    world.desired.users.remove("ada");
    world.target.on_remove.users = RemoveUsers::Delete;
    assert_eq!(sent(&world), ["ada", "bob"]);
    world.target.on_remove.users = RemoveUsers::Deactivate;
    let plan = world.plan();
    assert_eq!(
        (lines(&plan), errors(&plan)),
        (vec!["deactivate ada active:true>false".into()], vec![("bob", "name-taken")])
    );
    assert!(plan.errors[0].message.contains("`ada`, which is declared here no more"), "{}", plan.errors[0].message);
    world.profile().capabilities.deactivation_removes = true;
    assert_eq!(sent(&world), ["ada", "bob"]);
    // A DELETE that was seen to leave the account there frees nothing.
    world.target.on_remove.users = RemoveUsers::Delete;
    world.ledger.learned.deletion_deactivates = true;
    assert_eq!(errors(&world.plan()), [("bob", "name-taken")]);
}

#[test]
fn an_exchange_of_names_is_refused_with_the_way_in_two() {
    let world =
        renamed(&[("ada", "a", "b"), ("bob", "b", "a"), ("cyd", "c", "c"), ("dan", "", "a"), ("eve", "e", "f")]);
    let plan = world.plan();
    assert_eq!(lines(&plan), ["update eve userName:\"e\">\"f\""]);
    assert_eq!(errors(&plan), [("ada", "names-exchanged"), ("bob", "names-exchanged"), ("dan", "name-taken")]);
    assert!(plan.errors[0].message.contains("exchanges its `userName` with `bob`"), "{}", plan.errors[0].message);
}

/// People who are there and known, with the e-mail address that each has and the one that each is to have.
fn readdressed(people: [(&str, &str, &str); 2]) -> World {
    let mut world = World::new();
    let address = |address: &str| json(&format!(r#"[{{"value":"{address}","type":"work"}}]"#));
    for (index, (key, has, wants)) in people.into_iter().enumerate() {
        world.declare(person(key, Presence::Active, vec![assertion("emails", address(wants))]));
        let mut live = account(&index.to_string(), key, true, "{}");
        live.attributes.insert("emails", address(has));
        world.live.users.push(live);
        world.own(key, &index.to_string());
    }
    world
}

#[test]
fn an_address_is_freed_before_it_is_taken_and_an_exchange_is_told() {
    let world = readdressed([("ada", "a@acme.example", "b@acme.example"), ("bob", "b@acme.example", "c@acme.example")]);
    assert_eq!(sent(&world), ["bob", "ada"]);
    assert!(!world.plan().notices.iter().any(|notice| notice.code.name() == "values-exchanged"));
    let world = readdressed([("ada", "a@acme.example", "b@acme.example"), ("bob", "b@acme.example", "a@acme.example")]);
    assert_eq!(sent(&world), ["ada", "bob"], "a target need not mind");
    let plan = world.plan();
    let told = plan.notices.iter().find(|notice| notice.code.name() == "values-exchanged").unwrap();
    assert!(told.message.contains("two applies") && told.message.contains("`ada` and `bob`"), "{}", told.message);
}

/// What each has and is to have: `userName`, then e-mail address.
type Both<'t> = (&'t str, [&'t str; 2], [&'t str; 2]);

fn renamed_and_readdressed(people: &[Both<'_>]) -> World {
    let names: Vec<_> = people.iter().map(|(key, has, wants)| (*key, has[0], wants[0])).collect();
    let mut world = renamed(&names);
    let address = |address: &str| json(&format!(r#"[{{"value":"{address}@acme.example"}}]"#));
    for (index, (key, has, wants)) in people.iter().enumerate() {
        let declared = world.desired.users.get_mut(*key).unwrap();
        declared.assertions.insert(0, assertion("emails", address(wants[1])));
        world.live.users[index].attributes.insert("emails", address(has[1]));
    }
    world
}

#[test]
fn addresses_that_are_exchanged_leave_names_their_order() {
    // Cyd takes Ann's address, and Ann takes Cyd's name.
    let across = [("ann", ["n1", "a"], ["n3", "new"]), ("cyd", ["n3", "c"], ["n4", "a"])];
    // Ann and Bob exchange addresses, and Ann takes Cyd's name.
    let beside =
        [("ann", ["n1", "a"], ["n3", "b"]), ("bob", ["n2", "b"], ["n2", "a"]), ("cyd", ["n3", "c"], ["n4", "c"])];
    for people in [&across[..], &beside[..]] {
        let world = renamed_and_readdressed(people);
        let sent = sent(&world);
        let place = |key: &str| sent.iter().position(|one| one == key).unwrap();
        assert!(place("cyd") < place("ann"), "{sent:?}");
        assert!(world.plan().notices.iter().any(|notice| notice.code.name() == "values-exchanged"), "{sent:?}");
    }
}

#[test]
fn a_name_that_is_not_freed_holds_back_its_whole_chain() {
    let mut world = renamed(&[("ada", "a", "b"), ("bob", "b", "x")]);
    world.live.users.push(account("9", "x", true, r#"{"userName":"x"}"#));
    let mut plan = world.plan();
    // By the match rule, an unmanaged account of that name makes it two accounts for one person.
    assert_eq!(errors(&plan), [("ada", "name-taken"), ("bob", "conflicting-match")]);
    let binding = world.directory.bindings.values_mut().next().unwrap();
    std::sync::Arc::get_mut(&mut binding.mapping).unwrap().matching.users = vec![path("externalId")];
    plan = world.plan();
    assert_eq!((lines(&plan), errors(&plan)), (vec![], vec![("ada", "name-taken"), ("bob", "name-taken")]));
    assert!(plan.errors[1].message.contains("an account that is not managed"), "{}", plan.errors[1].message);
    assert!(plan.errors[0].message.contains("the account of `bob` keeps it"), "{}", plan.errors[0].message);
}

#[test]
fn group_names_are_handed_on_too() {
    let mut world = World::new();
    for (id, name) in [("1", "Dev"), ("2", "Dev2")] {
        world.live.groups.push(live_group(id, name, &["u"]));
        world.ledger.groups.insert(name.to_lowercase(), entry(id));
    }
    let mut group = pushed("dev2", &[]);
    group.assertions[0].value = Asserted::Value(Value::from("Dev"));
    world.push(group);
    world.target.on_remove.groups = crate::directory::RemoveGroups::Delete;
    assert_eq!(sent(&world), ["dev", "dev2"]);
    world.target.on_remove.groups = crate::directory::RemoveGroups::Empty;
    let plan = world.plan();
    assert_eq!(errors(&plan), [("dev2", "name-taken")]);
    assert!(plan.changes.iter().all(|change| change.resource == ResourceKind::Group && change.attributes.is_empty()));
}

/// Bob with what an apply noted, and what his account shows now.
fn noted(now: &str) -> World {
    let mut world = World::new();
    world.declare(person("bob", Presence::Active, vec![assertion("title", Value::from("Dr"))]));
    world.live.users.push(account("1", "bob", true, r#"{"title":"Dr"}"#));
    world.record();
    let live = &mut world.live.users[0].attributes;
    for (name, value) in json(now).as_object().cloned().unwrap() {
        live.insert(name, value);
    }
    world
}

#[test]
fn an_id_with_nothing_of_ours_may_be_anothers() {
    let eve = r#"{"userName":"eve@x","externalId":"e-77","title":"Ms"}"#;
    let mut world = noted(eve);
    world.push(pushed("team", &[crate::desired::MemberKey::user("bob")]));
    world.live.groups.push(live_group("g", "team", &[]));
    world.ledger.groups.insert("team".into(), entry("g"));
    let plan = world.plan();
    assert_eq!((lines(&plan), errors(&plan)), (vec![], vec![("bob", "id-reused")]));
    assert!(plan.errors[0].message.contains("`scimform ledger forget app bob`"), "{}", plan.errors[0].message);
    // A leaver's as well, and it stays in its groups.
    world.desired.users.clear();
    world.live.groups[0] = live_group("g", "team", &["1"]);
    let plan = world.plan();
    assert_eq!((lines(&plan), errors(&plan)), (vec![], vec![("bob", "id-reused")]));
}

#[test]
fn what_many_have_in_common_does_not_vouch_for_an_id() {
    let mut world = World::new();
    let name = assertion("name.familyName", Value::from("Doe"));
    world.declare(person("bob", Presence::Active, vec![assertion("title", Value::from("Dr")), name]));
    world.live.users.push(account("1", "bob", true, r#"{"title":"Dr","name":{"familyName":"Doe"}}"#));
    world.record();
    let live = &mut world.live.users[0].attributes;
    for (name, value) in json(r#"{"userName":"eve@x","externalId":"e-77"}"#).as_object().cloned().unwrap() {
        live.insert(name, value);
    }
    assert_eq!(errors(&world.plan()), [("bob", "id-reused")]);
}

#[test]
fn one_value_of_ours_is_enough() {
    for now in [
        r#"{"userName":"eve@x","title":"Ms"}"#,
        r#"{"userName":"BOB@acme.example","externalId":"e-77","title":"Ms"}"#,
        // Not shown is not different, and one alone is too little.
        r#"{"userName":"eve@x","externalId":null,"title":null}"#,
    ] {
        let mut world = noted(now);
        assert!(errors(&world.plan()).is_empty(), "{now}");
        world.desired.users.clear();
        assert_eq!(lines(&world.plan()), ["deactivate bob active:true>false"], "{now}");
    }
}

#[test]
fn who_is_not_created_for_want_of_a_name_joins_no_group() {
    let mut world = renamed(&[("ada", "a", "a"), ("bob", "", "A"), ("cyd", "", "c")]);
    let members = ["bob", "cyd"].map(crate::desired::MemberKey::user);
    world.push(pushed("team", &members));
    let plan = world.plan();
    assert_eq!(lines(&plan), ["create cyd", "create team +cyd"]);
    assert_eq!(errors(&plan), [("bob", "name-taken")]);
}
