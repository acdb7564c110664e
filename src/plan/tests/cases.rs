//! Single rules of the diff.

use super::world::*;
use crate::desired::{Apply, Asserted, MemberKey, Presence, Problem};
use crate::diag::NoticeCode;
use crate::directory::{Manage, RemoveGroups, RemoveUsers, UserKey};
use crate::ledger::Witness;
use crate::live::{ListTrust, Members};
use crate::plan::observe::wanted::{attributes_to_read, look_ups};
use crate::plan::{Action, Heading, Reason, assemble, fingerprint, fingerprint_paths};
use crate::profile::Deletion;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

fn user(key: &str) -> MemberKey {
    MemberKey::user(key)
}

/// One declared person who is there and in the ledger, as a plan left them.
fn settled(more: &[(&str, &str)], live: &str) -> World {
    let mut world = World::new();
    let more = more.iter().map(|(at, value)| assertion(at, json(value))).collect();
    world.declare(person("ada", Presence::Active, more));
    world.live.users.push(account("1", "ada", true, live));
    world.record();
    world
}

#[test]
fn reasons_tell_who_moved() {
    let mut world = settled(&[("title", "\"Engineer\"")], r#"{"title":"Engineer"}"#);
    assert_eq!(lines(&world.plan()), Vec::<String>::new());
    world.live.users[0].attributes.insert("title", "Boss".into());
    let plan = world.plan();
    assert_eq!(plan.changes[0].reason, Reason::ChangedAtTarget);
    assert_eq!(plan.changes[0].because, "title changed at the target");
    world.declare(person("ada", Presence::Active, vec![assertion("title", "Chief".into())]));
    assert_eq!(world.plan().changes[0].reason, Reason::ChangedOnBothSides);
    world.live.users[0].attributes.insert("title", "Engineer".into());
    assert_eq!(world.plan().changes[0].reason, Reason::ChangedInRepository);
    world.ledger.users.clear();
    let plan = world.plan();
    assert_eq!((plan.changes[0].reason, plan.changes[0].adopted), (Reason::Differs, true));
    assert_eq!(plan.summary.adopted, 1);
    assert_eq!(codes(&plan), ["adopts", "no-ledger"]);
}

#[test]
fn a_witness_silences_a_normalising_server_until_either_side_moves() {
    let mut world = settled(&[("title", "\"Engineer\"")], r#"{"title":"ENGINEER"}"#);
    let hash = |world: &World, text: &str| world.hasher.hash("title", &text.into());
    let witness = Witness { sent: hash(&world, "Engineer"), kept: hash(&world, "ENGINEER") };
    world.ledger.users.get_mut("ada").unwrap().witnesses.insert("title".into(), witness);
    let plan = world.plan();
    assert!(plan.changes.is_empty());
    assert_eq!(codes(&plan), ["normalised"]);
    world.live.users[0].attributes.insert("title", "ENGINEER II".into());
    assert_eq!(world.plan().changes.len(), 1);
}

#[test]
fn create_only_and_derived_attributes_end_in_notices() {
    let mut world = settled(&[("nickName", "\"Countess\"")], r#"{"nickName":"Addie"}"#);
    world.profile().attributes.create_only = vec![AttrPath::attribute("nickName")];
    world.profile().attributes.derived = vec![AttrPath::attribute("active")];
    world.live.users[0].attributes.insert("active", false.into());
    let plan = world.plan();
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert_eq!(codes(&plan), ["create-only", "derived"]);
    // Without a record that it was sent, it is tried once.
    world.ledger.users.get_mut("ada").unwrap().asserted = crate::ledger::Marks::default();
    assert_eq!(lines(&world.plan()), ["reactivate ada active:false>true"]);
}

#[test]
fn on_create_rows_and_passwords_are_never_compared() {
    let mut world = settled(&[("title", "\"A\""), ("password", "\"s3cret\"")], r#"{"title":"B"}"#);
    let ada = world.desired.users.get_mut("ada").unwrap();
    ada.assertions.iter_mut().for_each(|row| match row.path.attribute.as_str() {
        "title" => row.apply = Apply::OnCreate,
        "password" => row.sensitive = true,
        _ => {}
    });
    assert!(world.plan().changes.is_empty());
    world.live.users.clear();
    world.ledger.users.clear();
    let plan = world.plan();
    let text = serde_json::to_string(&plan).unwrap();
    assert!(!text.contains("s3cret"), "{text}");
    let password = plan.changes[0].attributes.iter().find(|one| one.path.is("password")).unwrap();
    assert!(password.sensitive);
}

#[test]
fn e29_e44_active_left_out_or_spelt_as_text_is_true() {
    let mut world = settled(&[], "{}");
    for live in [r#"{"active":"True"}"#, r#"{"active":null}"#, r#"{"active":1}"#] {
        world.live.users[0] = account("1", "ada", true, live);
        assert!(world.plan().changes.is_empty(), "{live}");
    }
    world.declare(person("ada", Presence::Inactive("ended 2026-06-30".into()), vec![assertion("title", "New".into())]));
    let plan = world.plan();
    assert_eq!(lines(&plan), ["deactivate ada active:1>false"]);
    assert_eq!(plan.changes[0].because, "ended 2026-06-30");
    // E48: of who is inactive already nothing else is compared.
    world.live.users[0] = account("1", "gone-1234", false, "{}");
    assert!(world.plan().changes.is_empty());
}

#[test]
fn managers_are_shown_by_key_and_compared_by_id() {
    const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    let mut world = settled(&[], "{}");
    let mut row = assertion(MANAGER, "x".into());
    row.value = Asserted::User(UserKey::from("grace"));
    world.declare(person("ada", Presence::Active, vec![row]));
    let plan = world.plan();
    assert_eq!(codes(&plan), ["unresolved-reference"]);
    world.declare(person("grace", Presence::Active, vec![]));
    let plan = world.plan();
    assert_eq!(lines(&plan), ["create grace".to_owned(), format!(r#"update ada {MANAGER}:null>"grace""#)]);
    assert_eq!(plan.changes[1].attributes[0].reference.as_deref(), Some("grace"));
    world.apply(&plan);
    assert!(world.plan().changes.is_empty());
}

#[test]
fn leavers_follow_on_remove() {
    let mut world = settled(&[], "{}");
    world.desired.users.clear();
    assert_eq!(world.plan().changes[0].reason, Reason::NoLongerAssigned);
    world.directory.users.clear();
    assert_eq!(world.plan().changes[0].reason, Reason::NoLongerDeclared);
    assert_eq!(lines(&world.plan()), ["deactivate ada active:true>false"]);
    world.target.on_remove.users = RemoveUsers::Ignore;
    assert_eq!(lines(&world.plan()), ["forget ada"]);
    world.target.on_remove.users = RemoveUsers::Delete;
    assert_eq!(lines(&world.plan()), ["delete ada"]);
    world.profile().capabilities.deletion = Deletion::None;
    let plan = world.plan();
    assert_eq!(
        (lines(&plan), codes(&plan)),
        (vec!["deactivate ada active:true>false".to_owned()], vec!["cannot-delete"])
    );
    // Already inactive: kept in the ledger, no change.
    world.live.users[0].attributes.insert("active", false.into());
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.summary.unchanged), (0, 1));
    world.live.users.clear();
    assert_eq!(lines(&world.plan()), ["forget ada"]);
    // Each id that the ledger knows is looked up where nothing is listed.
    world.live.trust.users = ListTrust::NotAsked;
    assert_eq!(lines(&world.plan()), ["forget ada"]);
    world.live.trust.users = ListTrust::Short("page 2 is missing".into());
    let plan = world.plan();
    assert_eq!((lines(&plan), errors(&plan)), (vec![], vec![("ada", "not-seen")]));
}

#[test]
fn strangers_are_only_removed_where_this_repository_is_the_only_source() {
    let mut world = settled(&[], "{}");
    world.live.users.push(account("2", "eve", true, "{}"));
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.summary.unmanaged), (0, 1));
    world.target.manage = Manage::All;
    let plan = world.plan();
    assert_eq!(lines(&plan), ["deactivate 2 active:true>false"]);
    assert_eq!(plan.changes[0].reason, Reason::NotDeclared);
    // Protected strangers are left alone, and that is no reason to refuse the rest.
    world.protect_users(r#"user.userName == "eve@acme.example""#);
    let plan = world.plan();
    assert_eq!((plan.changes.len(), violations(&plan).len(), codes(&plan)), (0, 0, vec!["protected"]));
}

#[test]
fn who_cannot_be_planned_is_neither_written_nor_removed() {
    let mut world = settled(&[], "{}");
    world.push(pushed("team", &[]));
    world.live.groups.push(live_group("g", "team", &["1", "2"]));
    world.live.users.push(account("2", "bob", true, "{}"));
    world.desired.users.clear();
    let problem = |key: &str| Problem {
        kind: ResourceKind::User,
        key: key.into(),
        code: NoticeCode::Expression,
        message: "no".into(),
        origin: None,
    };
    world.desired.problems = vec![problem("ada")];
    let plan = world.plan();
    assert_eq!((lines(&plan), plan.errors.len()), (vec![], 1));
    // One who is not even in the ledger might be any stranger.
    world.target.manage = Manage::All;
    assert_eq!(lines(&world.plan()), ["deactivate 2 active:true>false", "update team -2"]);
    world.desired.problems = vec![problem("ada"), problem("bob")];
    let plan = world.plan();
    assert_eq!((lines(&plan), codes(&plan)), (vec![], vec!["adopts"]));
    assert_eq!(errors(&plan), [("2", "unknown-people"), ("ada", "expression"), ("bob", "expression")]);
}

#[test]
fn members_are_exact_among_our_own() {
    let mut world = settled(&[], "{}");
    world.live.users.push(account("2", "bob", true, "{}"));
    world.declare(person("bob", Presence::Active, vec![]));
    world.declare(person("cyd", Presence::Active, vec![]));
    world.push(pushed("team", &[user("bob"), user("cyd")]));
    world.live.groups.push(live_group("g", "team", &["1", "other", "ours"]));
    world.ledger.groups.insert("team".into(), crate::ledger::Entry { members: vec!["ours".into()], ..entry("g") });
    let plan = world.plan();
    assert_eq!(lines(&plan), ["create cyd", "update team +bob +cyd -ours -ada"]);
    let team = &plan.changes[1];
    assert_eq!((team.reason, team.because.as_str()), (Reason::MembersDiffer, "2 members join, 2 leave"));
    assert_eq!(
        team.members.add.iter().map(|member| member.id.clone()).collect::<Vec<_>>(),
        [Some("2".to_owned()), None]
    );
    let plan = assemble(vec![plan], Heading::default());
    let impact: Vec<_> = plan
        .people
        .iter()
        .map(|one| (one.key.as_str(), one.targets[0].gains.len(), one.targets[0].loses.len()))
        .collect();
    assert_eq!(impact, [("ada", 0, 1), ("bob", 1, 0), ("cyd", 1, 0), ("ours", 0, 1)]);
    world.live.groups[0].members = Members::Unknown;
    let plan = world.plan();
    assert_eq!((lines(&plan), codes(&plan)), (vec!["create cyd".to_owned()], vec!["adopts"]));
    assert_eq!(errors(&plan), [("team", "members-unknown")]);
}

#[test]
fn who_is_inactive_leaves_the_groups() {
    let mut world = settled(&[], "{}");
    world.push(pushed("team", &[]));
    world.live.groups.push(live_group("g", "team", &["1"]));
    world.declare(person("ada", Presence::Inactive("ended".into()), vec![]));
    assert_eq!(lines(&world.plan()), ["deactivate ada active:true>false", "update team -ada"]);
}

#[test]
fn groups_that_are_no_longer_pushed_are_emptied_first_of_all() {
    let mut world = settled(&[], "{}");
    world.live.groups.push(live_group("g", "team", &["1", "other"]));
    world.ledger.groups.insert("team".into(), crate::ledger::Entry { members: vec!["1".into()], ..entry("g") });
    assert_eq!(lines(&world.plan()), ["update team -ada"]);
    assert_eq!(world.plan().summary.removals, 0, "someone stays");
    world.target.on_remove.groups = RemoveGroups::Delete;
    assert_eq!(lines(&world.plan()), ["delete team"]);
    world.target.on_remove.groups = RemoveGroups::Ignore;
    assert_eq!(lines(&world.plan()), ["forget team"]);
}

#[test]
fn a_renamed_key_keeps_the_account_and_a_lost_one_ends_the_entry() {
    let mut world = settled(&[], "{}");
    let mut countess = person("countess", Presence::Active, vec![]);
    countess.previously = vec!["ada".into()];
    world.desired.users.clear();
    world.declare(countess);
    let plan = world.plan();
    assert_eq!(
        plan.changes.iter().map(|one| (one.action, one.id.as_deref())).collect::<Vec<_>>(),
        [(Action::Update, Some("1"))]
    );
    assert!(!plan.changes[0].adopted);
    // Without `previously` it stays the one's whom the ledger knows, whatever values it has.
    world.desired.users.clear();
    world.declare(person("other", Presence::Active, vec![]));
    world.live.users[0].attributes.insert("externalId", "other".into());
    let plan = world.plan();
    let both = vec![("ada", "belongs-to-another"), ("other", "belongs-to-another")];
    assert_eq!((lines(&plan), errors(&plan)), (vec![], both));
}

#[test]
fn preconditions_hold_the_etag_where_it_is_honoured_and_a_fingerprint() {
    let mut world = settled(&[("title", "\"A\"")], r#"{"title":"B"}"#);
    world.live.users[0].version = Some("W/\"7\"".into());
    let first = world.plan().changes[0].precondition.clone();
    assert_eq!(first.etag, None);
    world.profile().capabilities.etag = Some(true);
    assert_eq!(world.plan().changes[0].precondition.etag.as_deref(), Some("W/\"7\""));
    // The same as is made of a whole resource later; what is not managed makes no difference.
    let paths = fingerprint_paths(ResourceKind::User, world.desired.users.get("ada"));
    let mut whole = world.live.users[0].attributes.clone();
    whole.insert("nickName", "Addie".into());
    let of = |attributes: &crate::scim::Object| {
        Some(fingerprint(&world.target.profile, ResourceKind::User, &paths, attributes))
    };
    assert_eq!(first.fingerprint, of(&whole));
    whole.insert("title", "C".into());
    assert_ne!(first.fingerprint, of(&whole));
}

#[test]
fn digests_are_of_meaning() {
    let mut world = settled(&[("title", "\"A\"")], r#"{"title":"B"}"#);
    let digest = |world: &World| assemble(vec![world.plan()], Heading::default()).digest;
    let first = digest(&world);
    world.ledger.users.get_mut("ada").unwrap().asserted = crate::ledger::Marks::default();
    assert_eq!(digest(&world), first, "reasons are no part of it");
    world.live.users[0].id = "77".into();
    world.own("ada", "77");
    assert_ne!(digest(&world), first, "another account is another meaning");
    world.live.users[0].id = "1".into();
    world.own("ada", "1");
    assert_eq!(digest(&world), first);
    world.live.users[0].attributes.insert("title", "C".into());
    assert_ne!(digest(&world), first);
}

#[test]
fn the_read_is_told_what_to_ask_for() {
    let mut world = settled(&[("emails[type eq \"work\"].value", "\"a@b\""), ("title", "\"A\"")], "{}");
    world.protect_users("user.costCenter == \"1\"");
    let names = attributes_to_read(&world.directory, &world.desired, &world.target);
    let enterprise = crate::scim::urn::ENTERPRISE_USER;
    let expected =
        ["active", "costCenter", "displayName", "emails", "externalId", "name", "title", enterprise, "userName"];
    assert_eq!(names.users.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    assert_eq!(names.groups.iter().map(String::as_str).collect::<Vec<_>>(), ["displayName", "members"]);
    let found = look_ups(&world.input(), ResourceKind::User, ["ada".to_owned()]);
    assert_eq!(
        found[0].by,
        [(path("externalId"), "ada".to_owned()), (path("userName"), "ada@acme.example".to_owned())]
    );
}

#[test]
fn a_former_key_finds_the_account_without_a_ledger_and_its_external_id_follows() {
    let mut world = World::new();
    world.live.users.push(account("1", "old", true, "{}"));
    let mut ada = person("new", Presence::Active, vec![]);
    ada.previously = vec!["old".into()];
    for assertion in &mut ada.assertions {
        assertion.gives_way = assertion.path.to_string() == "externalId";
    }
    world.declare(ada);
    let plan = world.plan();
    let expected = r#"update new externalId:"old">"new" userName:"old@acme.example">"new@acme.example""#;
    assert_eq!((lines(&plan), codes(&plan)), (vec![expected.to_owned()], vec!["adopts", "no-ledger"]));
    let found = look_ups(&world.input(), ResourceKind::User, ["new".to_owned()]);
    let texts: Vec<&str> = found[0].by.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["new", "old", "new@acme.example"]);
}
