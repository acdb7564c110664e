//! Who moved: what we left, what is there and what is wanted, told apart.

use jiff::civil::date;

use super::world::*;
use crate::desired::{Asserted, MemberKey, Presence};
use crate::directory::{Manage, Membership, UserKey};
use crate::ledger::{Entry, Witness};
use crate::plan::{Action, DriftEvent, Heading, Reason, TargetDrift, assemble, drift};
use crate::scim::Value;

/// A person whose `title` was last applied as one text, is there as another and is wanted as a third; `-` is none.
fn world(applied: &str, live: &str, wanted: &str) -> World {
    let mut world = World::new();
    let title = |text: &str| if text == "-" { Value::Null } else { Value::from(text) };
    let rows = if wanted == "absent" { vec![] } else { vec![assertion("title", title(wanted))] };
    world.declare(person("ada", Presence::Active, rows));
    let shown = if live == "-" { "{}".to_owned() } else { format!(r#"{{"title":"{live}"}}"#) };
    world.live.users.push(account("1", "ada", true, &shown));
    world.own("ada", "1");
    if applied != "never" {
        let hash = world.hasher.hash("title", &title(applied));
        world.ledger.users.get_mut("ada").unwrap().asserted.insert("title", hash);
    }
    world
}

fn drifted(world: &World) -> TargetDrift {
    drift(assemble(vec![world.plan()], Heading::default())).targets.remove(0)
}

#[test]
fn three_ways() {
    use Reason::{ChangedAtTarget as There, ChangedInRepository as Here, ChangedOnBothSides as Both};
    for (applied, live, wanted, reason) in [
        ("A", "A", "A", None),
        ("A", "B", "A", Some(There)),
        ("A", "-", "A", Some(There)),
        ("A", "A", "B", Some(Here)),
        ("A", "A", "-", Some(Here)),
        ("A", "B", "C", Some(Both)),
        ("A", "B", "-", Some(Both)),
        ("A", "-", "C", Some(Both)),
        // Both moved to the same: nothing to do.
        ("A", "B", "B", None),
        // A row that is new, and one that is gone: what was there was nobody's business, or is none any more.
        ("never", "B", "A", Some(Here)),
        ("never", "-", "A", Some(Here)),
        ("A", "B", "absent", None),
        // Cleared by us, and filled there.
        ("-", "B", "-", Some(There)),
    ] {
        let world = world(applied, live, wanted);
        let plan = world.plan();
        let found = plan.changes.first().map(|change| change.attributes[0].reason);
        assert_eq!(found, reason, "applied {applied}, live {live}, wanted {wanted}");
        let told = drifted(&world);
        let counts = (told.drifted.len(), told.both, told.repository, told.unknown);
        let expected = match reason {
            None => (0, 0, 0, 0),
            Some(There) => (1, 0, 0, 0),
            Some(Both) => (0, 1, 0, 0),
            Some(_) => (0, 0, 1, 0),
        };
        assert_eq!(counts, expected, "applied {applied}, live {live}, wanted {wanted}");
    }
}

#[test]
fn without_an_entry_nobody_knows() {
    let mut world = world("A", "B", "C");
    world.ledger.users.clear();
    assert_eq!(world.plan().changes[0].attributes[0].reason, Reason::Differs);
    assert_eq!((drifted(&world).unknown, drifted(&world).drifted.len()), (1, 0));
}

#[test]
fn a_form_of_the_servers_own_is_no_move() {
    let mut world = world("A", "a!", "A");
    let hash = |world: &World, text: &str| world.hasher.hash("title", &text.into());
    let witness = Witness { sent: hash(&world, "A"), kept: hash(&world, "a!") };
    world.ledger.users.get_mut("ada").unwrap().witnesses.insert("title".into(), witness);
    assert_eq!(world.plan().changes, []);
    // What the repository wants now is another: the server's form is still ours.
    world.declare(person("ada", Presence::Active, vec![assertion("title", "B".into())]));
    assert_eq!(world.plan().changes[0].reason, Reason::ChangedInRepository);
    world.live.users[0].attributes.insert("title", "c".into());
    assert_eq!(world.plan().changes[0].reason, Reason::ChangedOnBothSides);
}

/// A person with `active` as it was last applied, and whether it was us who ended the access.
fn access(applied: bool, ended: bool, live: bool, presence: Presence) -> World {
    let mut world = World::new();
    let active = Value::Bool(presence == Presence::Active);
    let rows = vec![assertion("active", active)];
    world.declare(person("ada", presence, rows));
    world.live.users.push(account("1", "ada", live, "{}"));
    let hash = world.hasher.hash("active", &Value::Bool(applied));
    let deactivated = ended.then(|| date(2026, 5, 1));
    world.ledger.users.insert("ada".into(), Entry { deactivated, ..entry("1") });
    world.ledger.users.get_mut("ada").unwrap().asserted.insert("active", hash);
    world
}

#[test]
fn an_access_that_ended_or_began_there_is_told_from_ours() {
    let off = || Presence::Inactive("declared inactive".into());
    for (applied, ended, live, presence, reason, event) in [
        (true, false, false, Presence::Active, Reason::ChangedAtTarget, Some(DriftEvent::Deactivated)),
        (false, true, false, Presence::Active, Reason::AccessAgain, None),
        (false, false, false, Presence::Active, Reason::AccessAgain, None),
        (true, false, true, off(), Reason::DeclaredInactive, None),
        (false, true, true, off(), Reason::ChangedAtTarget, Some(DriftEvent::Reactivated)),
    ] {
        let world = access(applied, ended, live, presence);
        let plan = world.plan();
        assert_eq!(plan.changes[0].attributes[0].reason, reason, "{applied} {ended} {live}");
        assert_eq!(drifted(&world).drifted.first().map(|one| one.event), event, "{applied} {ended} {live}");
    }
}

#[test]
fn a_leaver_who_is_active_again_is_told() {
    let mut world = access(false, true, true, Presence::Active);
    world.desired.users.clear();
    let plan = world.plan();
    assert_eq!((plan.changes[0].action, plan.changes[0].reason), (Action::Deactivate, Reason::NoLongerAssigned));
    assert_eq!(plan.changes[0].attributes[0].reason, Reason::ChangedAtTarget);
    assert!(plan.changes[0].because.ends_with("deactivated on 2026-05-01, and active again at the target"));
    world.ledger.users.get_mut("ada").unwrap().deactivated = None;
    assert_eq!(world.plan().changes[0].attributes[0].reason, Reason::NoLongerAssigned);
}

#[test]
fn what_is_gone_is_told_unless_we_ended_it() {
    let mut world = access(true, false, true, Presence::Active);
    world.live.users.clear();
    assert_eq!(world.plan().changes[0].reason, Reason::ChangedAtTarget);
    assert_eq!(drifted(&world).drifted[0].event, DriftEvent::Gone);
    world.ledger.users.get_mut("ada").unwrap().deactivated = Some(date(2026, 5, 1));
    assert_eq!(world.plan().changes[0].reason, Reason::NotThere);
    world.ledger.users.clear();
    assert_eq!(world.plan().changes[0].reason, Reason::NotThere);
    // Gone there and gone here.
    let mut world = access(true, false, true, Presence::Active);
    world.live.users.clear();
    world.desired.users.clear();
    assert_eq!(
        (world.plan().changes[0].action, world.plan().changes[0].reason),
        (Action::Forget, Reason::ChangedOnBothSides)
    );
    assert_eq!((drifted(&world).drifted.len(), drifted(&world).both), (0, 1));
}

/// `ada` and `bob`, whose ids are their initials, and a team; who was put into it by us.
fn team(wanted: &[&str], live: &[&str], ours: &[&str]) -> World {
    let mut world = World::new();
    for key in ["ada", "bob"] {
        world.declare(person(key, Presence::Active, vec![]));
        world.live.users.push(account(&key[..1], key, true, "{}"));
        world.own(key, &key[..1]);
    }
    let wanted: Vec<MemberKey> = wanted.iter().map(|key| MemberKey::user(*key)).collect();
    world.push(pushed("team", &wanted));
    world.live.groups = vec![live_group("g", "team", live)];
    let members = ours.iter().map(|id| (*id).into()).collect();
    world.ledger.groups.insert("team".into(), Entry { members, ..entry("g") });
    world
}

/// `+ada Reason` of every member of the only change.
fn members(world: &World) -> Vec<String> {
    let plan = world.plan();
    let Some(change) = plan.changes.last() else { return Vec::new() };
    let line = |sign: &str, member: &crate::plan::MemberRef| {
        format!("{sign}{} {:?}", member.key.as_ref().or(member.id.as_ref()).unwrap(), member.reason.unwrap())
    };
    let add = change.members.add.iter().map(|member| line("+", member));
    add.chain(change.members.remove.iter().map(|member| line("-", member))).collect()
}

#[test]
fn memberships_three_ways() {
    for (wanted, live, ours, expected) in [
        (&["ada", "bob"][..], &["a", "b"][..], &["a", "b"][..], &[][..]),
        (&["ada", "bob"], &["a"], &["a", "b"], &["+bob ChangedAtTarget"]),
        (&["ada", "bob"], &["a"], &["a"], &["+bob ChangedInRepository"]),
        (&["ada"], &["a", "b"], &["a", "b"], &["-bob ChangedInRepository"]),
        (&["ada"], &["a", "b"], &["a"], &["-bob ChangedAtTarget"]),
        (&["bob"], &["a"], &["b"], &["+bob ChangedAtTarget", "-ada ChangedAtTarget"]),
        // Taken out there and here; put in there and here.
        (&["ada"], &["a"], &["a", "b"], &[]),
        (&["ada", "bob"], &["a", "b"], &["a"], &[]),
    ] {
        let world = team(wanted, live, ours);
        assert_eq!(members(&world), expected, "wanted {wanted:?}, live {live:?}, ours {ours:?}");
    }
}

#[test]
fn members_who_come_and_go_for_another_cause_say_which() {
    // Nobody knows the group yet.
    let mut world = team(&["bob"], &["a"], &[]);
    world.ledger.groups.clear();
    assert_eq!(members(&world), ["+bob Differs", "-ada Differs"]);
    // Someone who was nobody's before now.
    let mut world = team(&["ada"], &["a", "b"], &["a"]);
    world.ledger.users.remove("bob");
    assert_eq!(members(&world), ["-bob ChangedInRepository"]);
    // A leaver.
    let mut world = team(&["ada"], &["a", "b"], &["a", "b"]);
    world.desired.users.remove("bob");
    assert_eq!(members(&world), ["-bob NoLongerAssigned"]);
    world.directory.users.remove("bob");
    assert_eq!(members(&world), ["-bob NoLongerDeclared"]);
    // A stranger, where this repository is the only source.
    let mut world = team(&["ada"], &["a", "x"], &["a"]);
    world.live.users.push(account("x", "xaver", true, "{}"));
    assert_eq!(members(&world), Vec::<String>::new());
    world.target.manage = Manage::All;
    world.target.on_remove.users = crate::directory::RemoveUsers::Ignore;
    assert_eq!(members(&world), ["-x ChangedAtTarget"]);
    // Who gets access again comes back into the groups.
    let mut world = team(&["ada", "bob"], &["a"], &["a", "b"]);
    world.ledger.users.get_mut("bob").unwrap().deactivated = Some(date(2026, 5, 1));
    assert_eq!(members(&world), ["+bob AccessAgain"]);
    // Deleted there, and so out of the group.
    let mut world = team(&["ada", "bob"], &["a"], &["a", "b"]);
    world.live.users.retain(|user| user.id != "b");
    assert_eq!(members(&world), ["+bob ChangedAtTarget"]);
    // A group that is no longer pushed.
    let mut world = team(&["ada"], &["a"], &["a"]);
    world.desired.groups.clear();
    assert_eq!(members(&world), ["-ada NoLongerAssigned"]);
}

#[test]
fn a_membership_whose_last_day_is_over_says_so() {
    let mut world = team(&["ada"], &["a", "b"], &["a", "b"]);
    let group = world.directory.groups.get_mut("team").unwrap();
    group.members = vec![Membership { user: UserKey::from("bob"), origin: span(), until: Some(date(2026, 6, 30)) }];
    assert_eq!(members(&world), ["-bob OutsideDates"]);
}

#[test]
fn a_reference_is_known_by_a_former_key() {
    let mut world = World::new();
    let asserted = |key: &str| {
        let mut one = assertion("manager.value", Value::Null);
        one.value = Asserted::User(UserKey::from(key));
        one
    };
    for (key, id) in [("boss", "b"), ("chef", "c")] {
        world.declare(person(key, Presence::Active, vec![]));
        world.live.users.push(account(id, key, true, "{}"));
        world.own(key, id);
    }
    world.declare(person("ada", Presence::Active, vec![asserted("boss")]));
    world.live.users.push(account("1", "ada", true, r#"{"manager":{"value":"c"}}"#));
    world.own("ada", "1");
    let noted = world.hasher.hash("manager.value", &"old-boss".into());
    world.ledger.users.get_mut("ada").unwrap().asserted.insert("manager.value", noted);
    let reason = |world: &World| {
        let plan = world.plan();
        plan.changes.iter().find(|change| change.key == "ada").unwrap().attributes[0].reason
    };
    assert_eq!(reason(&world), Reason::ChangedOnBothSides, "`old-boss` is somebody else");
    let mut boss = person("boss", Presence::Active, vec![]);
    boss.previously = vec!["old-boss".into()];
    world.declare(boss);
    assert_eq!(reason(&world), Reason::ChangedAtTarget);
    world.declare(person("ada", Presence::Active, vec![asserted("chef")]));
    world.live.users.iter_mut().find(|user| user.id == "1").unwrap().attributes =
        account("1", "ada", true, r#"{"manager":{"value":"b"}}"#).attributes;
    assert_eq!(reason(&world), Reason::ChangedInRepository, "it is still the boss there");
}
