//! Modes, actions, tokens, grace, likely renames.

use std::sync::Arc;

use jiff::civil::date;

use super::world::{World, account, assertion, codes, json, lines, live_group, path, person, pushed, violations};
use crate::desired::{MemberKey, Presence};
use crate::directory::{self, Actions, Manage, RemoveUsers};
use crate::plan::{Mode, TargetPlan, disabled_target};
use crate::profile::Deletion;
use crate::scim::Value;
use crate::source::{Span, Spanned};

fn message(plan: &TargetPlan, code: &str) -> String {
    let found: Vec<&str> =
        plan.notices.iter().filter(|notice| notice.code.name() == code).map(|notice| notice.message.as_str()).collect();
    assert_eq!(found.len(), 1, "{code} in {:?}", plan.notices);
    found[0].to_owned()
}

fn world_of(keys: &[&str]) -> World {
    let mut world = World::new();
    for (index, key) in keys.iter().enumerate() {
        world.declare(person(key, Presence::Active, vec![]));
        world.live.users.push(account(&index.to_string(), key, true, "{}"));
        world.own(key, &index.to_string());
    }
    world
}

/// Takes a person out of the repository.
fn leave(world: &mut World, key: &str) {
    world.desired.users.remove(key);
    world.directory.users.remove(key);
}

#[test]
fn a_disabled_target_has_a_plan_that_says_so_and_nothing_else() {
    let mut world = world_of(&["ada"]);
    world.target.mode = directory::Mode::Disabled;
    let plan = disabled_target(&world.target);
    assert_eq!(plan.mode, Mode::Disabled);
    assert!(plan.changes.is_empty() && plan.failed.is_none() && plan.violations.is_empty());
    assert_eq!(serde_json::to_value(&plan).unwrap()["mode"], "disabled");
}

#[test]
fn limits_of_a_target_that_is_only_read_warn() {
    let keys: Vec<String> = (0..20).map(|number| format!("p{number:02}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut world = world_of(&keys);
    for key in &keys[..12] {
        leave(&mut world, key);
    }
    let refused = world.plan();
    assert!(refused.violations.iter().any(|violation| !violation.warn));
    world.target.mode = directory::Mode::ReadOnly;
    let plan = world.plan();
    assert_eq!(violations(&plan), ["removals"]);
    assert!(plan.violations.iter().all(|violation| violation.warn));
    assert_eq!((plan.mode, plan.changes.len()), (Mode::ReadOnly, 12));
    let whole = crate::plan::assemble(vec![plan.clone()], crate::plan::Heading::default());
    assert_eq!(crate::plan::removals(&whole), 0);
    assert!(whole.people.is_empty(), "nobody gains or loses anything where nothing is written");
    let written = crate::plan::assemble(vec![TargetPlan { mode: Mode::Sync, ..plan }], crate::plan::Heading::default());
    assert_ne!(whole.digest, written.digest, "what was reviewed as not done is not reviewed as done");
}

#[test]
fn what_is_switched_off_is_suppressed_and_counts_for_nothing() {
    let mut world = world_of(&["ada", "grace"]);
    world.declare(person("new", Presence::Active, vec![]));
    world.declare(person("ada", Presence::Active, vec![assertion("title", Value::from("Countess"))]));
    leave(&mut world, "grace");
    world.push(pushed("all", &[MemberKey::user("ada")]));
    world.live.groups.push(live_group("g", "all", &[]));
    world.ledger.groups.insert("all".into(), super::world::entry("g"));
    let all = lines(&world.plan());
    assert_eq!(all.len(), 4, "{all:?}");
    world.target.actions = Actions { create: true, update: false, deactivate: false, delete: true };
    let plan = world.plan();
    assert_eq!(lines(&plan), ["create new"]);
    let suppressed: Vec<&str> = plan.suppressed.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(suppressed, ["ada", "grace", "all"]);
    assert_eq!((plan.summary.suppressed, plan.summary.removals), (3, 0));
    let notices: Vec<&str> = plan
        .notices
        .iter()
        .filter(|notice| notice.code.name() == "suppressed")
        .map(|notice| notice.message.as_str())
        .collect();
    assert_eq!(notices.len(), 2);
    assert!(notices[0].starts_with("`deactivate`") && notices[0].contains("`grace`"), "{notices:?}");
    assert!(notices[1].starts_with("`update`") && notices[1].contains("`ada` and `all`"), "{notices:?}");
}

#[test]
fn who_is_not_created_is_no_member_either() {
    let mut world = world_of(&["ada"]);
    world.declare(person("new", Presence::Active, vec![]));
    world.push(pushed("all", &[MemberKey::user("ada"), MemberKey::user("new")]));
    world.live.groups.push(live_group("g", "all", &["0"]));
    world.ledger.groups.insert("all".into(), super::world::entry("g"));
    assert_eq!(lines(&world.plan()), ["create new", "update all +new"]);
    world.target.actions.create = false;
    let plan = world.plan();
    assert_eq!(lines(&plan), [""; 0]);
    assert!(codes(&plan).contains(&"members-absent"));
    world.target.actions.create = true;
    world.profile().capabilities.create_users = false;
    let plan = world.plan();
    assert_eq!(lines(&plan), [""; 0]);
    assert!(message(&plan, "cannot-create").contains("`new`"));
    assert_eq!(plan.summary.suppressed, 0);
}

#[test]
fn a_group_that_the_target_does_not_make_is_told() {
    let mut world = World::new();
    world.push(pushed("all", &[]));
    assert_eq!(lines(&world.plan()), ["create all"]);
    world.profile().capabilities.create_groups = false;
    let plan = world.plan();
    assert_eq!(lines(&plan), [""; 0]);
    assert!(message(&plan, "cannot-create").contains("makes no groups"));
}

#[test]
fn a_protection_is_not_broken_by_what_is_switched_off() {
    let mut world = world_of(&["ada"]);
    leave(&mut world, "ada");
    world.protect_users("user.userName is defined");
    assert_eq!(violations(&world.plan()), ["protected"]);
    world.target.actions.deactivate = false;
    let plan = world.plan();
    assert_eq!(violations(&plan), [""; 0]);
    assert_eq!(plan.summary.suppressed, 1);
}

#[test]
fn the_end_of_a_token_is_told_from_thirty_days_before() {
    let mut world = World::new();
    let mut on = |day| {
        world.target.expires = Some(Spanned { value: day, span: Span::default() });
        let plan = world.plan();
        plan.notices.into_iter().find(|notice| notice.code.name() == "token-expires").map(|notice| notice.message)
    };
    assert_eq!(on(date(2026, 8, 1)), None);
    assert!(on(date(2026, 7, 31)).unwrap().contains("ends on 2026-07-31, in 30 days"));
    assert!(on(date(2026, 7, 2)).unwrap().contains("in 1 day:"));
    assert!(on(date(2026, 7, 1)).unwrap().contains("ends today"));
    assert!(on(date(2026, 6, 30)).unwrap().contains("ended on 2026-06-30, 1 day ago"));
    assert!(on(date(2025, 6, 30)).unwrap().contains("366 days ago") || on(date(2025, 6, 30)).unwrap().contains("ago"));
}

/// Someone whom we deactivated on this day and who is no longer declared.
fn deactivated(day: jiff::civil::Date, days: u32) -> World {
    let mut world = world_of(&["ada"]);
    leave(&mut world, "ada");
    world.live.users = vec![account("0", "ada", false, "{}")];
    world.ledger.users.get_mut("ada").unwrap().deactivated = Some(day);
    world.target.on_remove.delete_after = Some(days);
    world
}

#[test]
fn whose_grace_is_over_is_deleted_and_before_that_it_is_told_when() {
    let plan = deactivated(date(2026, 6, 2), 30).plan();
    assert_eq!(lines(&plan), [""; 0]);
    assert!(message(&plan, "deletes-later").contains("from 2026-07-02 on"));
    let plan = deactivated(date(2026, 6, 1), 30).plan();
    assert_eq!(lines(&plan), ["delete ada"]);
    assert_eq!(plan.summary.removals, 1);
    let because = &plan.changes[0].because;
    assert!(
        because.contains("2026-06-01") && because.contains("30 days") && because.contains("2026-07-01"),
        "{because}"
    );
}

#[test]
fn grace_deletes_nobody_who_shows_no_end_of_access_or_is_declared_protected_or_not_ours() {
    let due = || deactivated(date(2026, 1, 1), 30);
    assert_eq!(lines(&due().plan()), ["delete ada"]);
    let mut back = due();
    back.declare(person("ada", Presence::Active, vec![]));
    assert_eq!(lines(&back.plan()), ["reactivate ada active:false>true"]);
    let mut suspended = due();
    suspended.declare(person("ada", Presence::Inactive("declared inactive".into()), vec![]));
    assert_eq!(lines(&suspended.plan()), [""; 0]);
    let mut protected = due();
    protected.protect_users("user.userName is defined");
    assert_eq!((lines(&protected.plan()), violations(&protected.plan())), (vec![], vec!["protected"]));
    let mut off = due();
    off.target.actions.delete = false;
    assert_eq!((lines(&off.plan()), off.plan().summary.suppressed), (vec![], 1));
    let mut by_others = due();
    by_others.ledger.users.get_mut("ada").unwrap().deactivated = None;
    assert_eq!(lines(&by_others.plan()), [""; 0]);
    let mut silent = due();
    silent.live.users[0].attributes.remove("active");
    assert!(!lines(&silent.plan()).contains(&"delete ada".to_owned()));
    for kept in [Deletion::None, Deletion::Deactivates] {
        let mut never = due();
        never.profile().capabilities.deletion = kept;
        let plan = never.plan();
        assert_eq!(lines(&plan), [""; 0]);
        assert!(codes(&plan).contains(&"cannot-delete"));
    }
    let mut partly = due();
    partly.live.trust.users = crate::live::ListTrust::Short("cut".into());
    assert_eq!(lines(&partly.plan()), [""; 0]);
}

/// `old` leaves and `new` comes, with these attributes.
fn swapped(live: &str, declared: Vec<crate::desired::Assertion>) -> TargetPlan {
    let mut world = World::new();
    world.own("old", "7");
    world.live.users.push(account("7", "old", true, live));
    world.declare(person("new", Presence::Active, declared));
    world.plan()
}

const URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn who_comes_and_goes_with_one_e_mail_number_or_name_is_called_out() {
    let mail = || assertion("emails", json(r#"[{"value":"Ada@ACME.example","type":"work"}]"#));
    let plan = swapped(r#"{"emails":[{"value":"x@y.example"},{"value":"ada@acme.example"}]}"#, vec![mail()]);
    assert_eq!(lines(&plan)[0], "create new");
    let told = message(&plan, "likely-rename");
    assert!(told.contains("same e-mail address") && told.contains("`previously: [old]` at `new`"), "{told}");
    let number = assertion(&format!("{URN}:employeeNumber"), Value::from("42"));
    let plan = swapped(&format!(r#"{{"{URN}":{{"employeeNumber":"42"}}}}"#), vec![number]);
    assert!(message(&plan, "likely-rename").contains("employeeNumber"));
    let named = || {
        vec![
            assertion("name.givenName", Value::from("Ada")),
            assertion("name.familyName", Value::from("Lovelace")),
            assertion("userName", Value::from("old.new@acme.example")),
        ]
    };
    let plan = swapped(r#"{"name":{"givenName":"ADA","familyName":"Lovelace"}}"#, named());
    assert!(message(&plan, "likely-rename").contains("name"));
    let plan = swapped(r#"{"name":{"givenName":"Grace","familyName":"Lovelace"}}"#, named());
    assert!(!codes(&plan).contains(&"likely-rename"));
}

#[test]
fn what_many_have_in_common_or_who_stays_declared_is_no_rename() {
    let shared = r#"{"emails":[{"value":"desk@acme.example"}]}"#;
    let mail = || vec![assertion("emails", json(r#"[{"value":"desk@acme.example"}]"#))];
    let mut world = World::new();
    for (key, id) in [("old", "7"), ("other", "8")] {
        world.own(key, id);
        world.live.users.push(account(id, key, true, shared));
    }
    world.declare(person("new", Presence::Active, mail()));
    assert!(!codes(&world.plan()).contains(&"likely-rename"));
    leave(&mut world, "other");
    world.ledger.users.remove("other");
    assert!(codes(&world.plan()).contains(&"likely-rename"));
    world.known("old");
    assert!(!codes(&world.plan()).contains(&"likely-rename"), "`old` is another person, only not assigned here");
}

#[test]
fn a_stranger_is_told_another_way_out_than_a_former_key() {
    let mut world = World::new();
    world.target.manage = Manage::All;
    world.target.on_remove.users = RemoveUsers::Delete;
    world.live.users.push(account("7", "old", true, r#"{"emails":[{"value":"a@b.example"}]}"#));
    world.declare(person("new", Presence::Active, vec![assertion("emails", json(r#"[{"value":"a@b.example"}]"#))]));
    let told = message(&world.plan(), "likely-rename");
    assert!(!told.contains("previously") && told.contains("is deleted"), "{told}");
}

#[test]
fn an_external_id_that_is_no_match_rule_still_tells_of_a_rename() {
    let mut world = World::new();
    let binding = world.directory.bindings.values_mut().next().unwrap();
    Arc::get_mut(&mut binding.mapping).unwrap().matching.users = vec![path("userName")];
    world.own("old", "7");
    let mut live = account("7", "new", true, "{}");
    live.attributes.insert("userName", Value::from("old@acme.example"));
    world.live.users.push(live);
    world.declare(person("new", Presence::Active, vec![]));
    assert!(message(&world.plan(), "likely-rename").contains("externalId"));
}

#[test]
fn who_is_created_beside_an_unmanaged_account_of_the_same_person_is_called_out() {
    let mail = |text: &str| vec![assertion("emails", json(&format!(r#"[{{"value":"{text}"}}]"#)))];
    let there = |text: &str| format!(r#"{{"displayName":"Old Ada","emails":[{{"value":"{text}"}}]}}"#);
    let mut world = World::new();
    world.live.users.push(account("7", "old", true, &there("Ada@acme.example")));
    world.declare(person("new", Presence::Active, mail("ada@acme.example")));
    let plan = world.plan();
    assert_eq!(lines(&plan), ["create new"]);
    let told = message(&plan, "likely-rename");
    assert!(told.contains("same e-mail address: `new` and the account of Old Ada (id 7)"), "{told}");
    assert!(told.contains("`externalId`") && told.contains("`previously`"), "{told}");
    // An address that several have tells nobody apart.
    world.live.users.push(account("8", "other", true, &there("ada@acme.example")));
    assert!(!codes(&world.plan()).contains(&"likely-rename"));
    // One notice for a target that is matched by the wrong attribute.
    let mut world = World::new();
    for number in 0..7 {
        let text = format!("p{number}@acme.example");
        world.live.users.push(account(&number.to_string(), &format!("old{number}"), true, &there(&text)));
        world.declare(person(&format!("new{number}"), Presence::Active, mail(&text)));
    }
    assert!(message(&world.plan(), "likely-rename").contains("(id 4) and 2 more."));
}
