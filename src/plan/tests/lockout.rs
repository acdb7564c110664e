//! The account behind the credentials, and the last member of a protected group.

use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::mapping::Expression;
use crate::plan::guard::asks_identity;
use crate::scim::{ResourceKind, Value};
use crate::source::Spanned;

/// Three people of ours; these are declared.
fn world(declared: &[&str]) -> World {
    let mut world = World::new();
    for key in ["ada", "bob", "root"] {
        world.live.users.push(account(&format!("id-{key}"), key, true, "{}"));
        world.own(key, &format!("id-{key}"));
    }
    for key in declared {
        world.declare(person(key, Presence::Active, vec![]));
    }
    world
}

fn declare_self(world: &mut World, name: &str) {
    world.target.protect.identity = Some(Spanned { value: name.to_owned(), span: span() });
}

fn protect_group(world: &mut World, name: &str) {
    let rule = format!("group.displayName == \"{name}\"");
    world.target.protect.rules.groups.push(Expression::compile(&rule, None).unwrap());
}

fn refused(world: &World) -> Vec<String> {
    let plan = world.plan();
    plan.violations.into_iter().filter(|one| one.code.name() == "lockout").map(|one| one.message).collect()
}

#[test]
fn the_account_behind_the_credentials_keeps_its_access() {
    let mut world = world(&["ada", "bob"]);
    assert_eq!(refused(&world), [""; 0]);
    for name in ["ROOT@acme.example", "id-root"] {
        declare_self(&mut world, name);
        let told = refused(&world);
        assert!(told[0].contains("by `protect.self`") && told[0].ends_with("would be deactivated"), "{told:?}");
    }
    // What the target says counts where nothing is declared.
    world.target.protect.identity = None;
    world.live.identity = Some("id-root".into());
    assert!(refused(&world)[0].contains("by its own word (`/Me`)"));
    declare_self(&mut world, "ada@acme.example");
    assert_eq!(refused(&world), [""; 0]);
    // It stays in the plan, which is refused.
    declare_self(&mut world, "root@acme.example");
    let plan = world.plan();
    assert_eq!(lines(&plan), ["deactivate root active:true>false"]);
    let violation = plan.violations.iter().find(|one| one.code.name() == "lockout").unwrap();
    assert!(!violation.warn && violation.allow.contains("credentials of another account"), "{violation:?}");
}

#[test]
fn it_keeps_its_name_and_its_place_in_protected_groups() {
    let mut world = world(&["ada", "bob"]);
    declare_self(&mut world, "id-root");
    world.declare(person("root", Presence::Active, vec![]));
    assert_eq!(refused(&world), [""; 0]);
    world.live.users[2].attributes.insert("userName", Value::from("old@acme.example"));
    assert!(refused(&world)[0].contains("renamed to"), "{:?}", refused(&world));
    world.live.users[2].attributes.insert("userName", Value::from("root@acme.example"));
    world.push(pushed("admins", &[MemberKey::user("ada")]));
    world.live.groups.push(live_group("g", "admins", &["id-ada", "id-root"]));
    assert_eq!(refused(&world), [""; 0]);
    protect_group(&mut world, "admins");
    assert!(refused(&world)[0].contains("taken out of group"), "{:?}", refused(&world));
}

#[test]
fn a_name_that_nobody_there_has_is_told() {
    let mut world = world(&["ada", "bob", "root"]);
    declare_self(&mut world, "nobody@acme.example");
    assert!(codes(&world.plan()).contains(&"self-not-found"));
    declare_self(&mut world, "root@acme.example");
    assert!(!codes(&world.plan()).contains(&"self-not-found"));
}

#[test]
fn the_target_is_asked_only_where_it_matters() {
    assert!(asks_identity(&world(&["ada", "bob"]).plan(), false));
    assert!(!asks_identity(&world(&["ada", "bob", "root"]).plan(), true));
    let mut world = world(&["ada", "bob", "root"]);
    world.push(pushed("team", &[]));
    world.live.groups.push(live_group("g", "team", &["id-ada"]));
    assert!(!asks_identity(&world.plan(), false));
    assert!(asks_identity(&world.plan(), true));
}

/// Whether a plan leaves the protected group `admins`, with these members, without anybody.
fn emptied(world: &mut World, members: &[&str]) -> bool {
    world.live.groups.retain(|group| group.id != "g");
    world.live.groups.push(live_group("g", "admins", members));
    world.live.groups.sort_by(|a, b| a.id.cmp(&b.id));
    if world.target.protect.rules.groups.is_empty() {
        protect_group(world, "admins");
    }
    violations(&world.plan()).contains(&"last-member")
}

#[test]
fn who_has_no_access_is_no_last_member() {
    let mut world = world(&["ada"]);
    assert!(!emptied(&mut world, &["id-root", "id-ada"]));
    assert!(emptied(&mut world, &["id-root", "id-bob"]));
    world.live.users.push(account("off", "off", false, "{}"));
    assert!(emptied(&mut world, &["id-root", "off"]));
    assert!(!emptied(&mut world, &["off"]), "it had nobody before either");
    assert!(!emptied(&mut world, &["id-root", "unlisted"]), "whom no list shows may well have access");
}

#[test]
fn a_group_within_counts_by_who_is_in_it() {
    let mut world = world(&["ada"]);
    world.live.groups.push(live_group("within", "within", &["id-bob"]));
    assert!(emptied(&mut world, &["id-root", "within"]));
    world.live.groups.retain(|group| group.id != "within");
    world.live.groups.push(live_group("within", "within", &["id-ada", "g"]));
    assert!(!emptied(&mut world, &["id-root", "within"]));
}

#[test]
fn a_group_that_hides_its_members_counts_by_whom_we_added() {
    let mut world = world(&["ada"]);
    world.profile().capabilities.patch = Some(true);
    world.push(pushed("admins", &[]));
    world.live.groups.push(live_group("g", "admins", &[]));
    world.live.groups[0].members = crate::live::Members::Unknown;
    let entry = crate::ledger::Entry { members: vec!["id-ada".into()], ..entry("g") };
    world.ledger.of_mut(ResourceKind::Group).insert("admins".into(), entry);
    protect_group(&mut world, "admins");
    let plan = world.plan();
    assert_eq!(lines(&plan)[1..], ["deactivate root active:true>false", "update admins -ada"], "{:?}", lines(&plan));
    assert!(violations(&plan).contains(&"last-member"));
}
