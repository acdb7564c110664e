//! Groups of any size, on targets that show members, hide them, or take them in small portions.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::fake::ids;
use super::twist::Twist;
use super::world::{GROUP, USER, Watch, World};
use crate::apply::FailureCode;
use crate::live::Members;

fn name(n: usize) -> String {
    format!("p{n:05}")
}

fn id(n: usize) -> String {
    format!("id{n:05}")
}

/// People who are there already, and a stranger.
fn people(capabilities: serde_json::Value, count: usize) -> World {
    let mut world = World::new(capabilities);
    for n in 0..count {
        world.user(&name(n), &[]);
        world.fake.seed(USER, &id(n), json!({ "userName": format!("{}@acme.example", name(n)), "active": true }));
    }
    world.fake.seed(USER, "zz", json!({ "userName": "zed@other.example" }));
    world
}

fn seed(world: &World, members: impl IntoIterator<Item = String>) {
    let members: Vec<_> = members.into_iter().map(|id| json!({ "value": id })).collect();
    world.fake.seed(GROUP, "g", json!({ "displayName": "Staff", "members": members }));
}

fn declare(world: &mut World, members: impl IntoIterator<Item = usize>) {
    let members: Vec<String> = members.into_iter().map(name).collect();
    world.group("staff", "Staff", &members.iter().map(String::as_str).collect::<Vec<_>>());
}

fn members(world: &World) -> BTreeSet<String> {
    ids(&world.fake.object(GROUP, "g"))
}

fn log(world: &World, method: &str) -> usize {
    world.fake.state().log.iter().filter(|line| line.starts_with(method)).count()
}

#[tokio::test]
async fn t66_a_large_group_goes_in_chunks_and_a_crash_leaves_only_the_rest() {
    let mut world = people(json!({ "patch": true, "membersPerPatch": 100 }), 3000);
    seed(&world, [id(0), "zz".to_owned()]);
    declare(&mut world, 0..3000);
    // 2999 come in 30 chunks; the target goes down at the 13th.
    world.fake.state().twists.push(Twist::DownAt(12));
    let report = world.apply().await;
    assert!(!report.is_clean());
    assert_eq!(members(&world).len(), 2 + 1200);
    world.fake.state().twists.clear();
    let before = world.fake.state().writes;
    let plan = world.plan(&world.fake.live());
    assert_eq!(plan.changes.len(), 1);
    assert_eq!(plan.changes[0].members.add.len(), 1799, "only the rest");
    let report = world.apply().await;
    assert!(report.is_clean(), "{:?}", report.failures);
    assert_eq!(world.fake.state().writes - before, 18, "one request for each hundred");
    assert!(report.requests < 18 + 5, "no large group is read after each chunk: {}", report.requests);
    assert_eq!((log(&world, "PUT"), members(&world).len()), (0, 3001));
    assert_eq!(world.remaining(), []);
    // Half of them go the same way.
    declare(&mut world, 0..1500);
    let writes = world.fake.state().writes;
    world.fake.state().twists.push(Twist::CutBefore(writes + 7));
    assert!(!world.apply().await.is_clean());
    world.fake.state().twists.clear();
    assert!(world.apply().await.is_clean());
    assert_eq!((log(&world, "PUT"), members(&world).len()), (0, 1501));
    assert!(members(&world).contains("zz"));
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn one_bad_member_in_a_thousand_is_found_in_few_requests() {
    for bad in [0, 511, 999] {
        let mut world = people(json!({ "patch": true, "membersPerPatch": 1000 }), 1000);
        seed(&world, []);
        declare(&mut world, 0..1000);
        world.fake.state().twists.push(Twist::Rejects(id(bad)));
        let report = world.apply().await;
        let failed: Vec<_> = report.failures.iter().map(|one| (one.code, one.at.clone())).collect();
        assert_eq!(failed, [(FailureCode::Member, Some(name(bad)))]);
        assert_eq!(members(&world).len(), 999);
        let writes = world.fake.state().writes;
        assert!(writes <= 1 + 2 * 10, "{bad}: {writes} requests");
    }
}

#[tokio::test]
async fn t65_who_is_hidden_and_already_as_wanted_is_done() {
    let facts = json!({ "patch": true, "members": "never", "filterGroups": ["members.value"] });
    let mut world = people(facts, 4);
    world.fake.state().twists.extend([Twist::Hides, Twist::Strict]);
    seed(&world, [id(0), id(1)]);
    declare(&mut world, [0, 2, 3]);
    let live = world.fake.live();
    let plan = world.plan(&live);
    // Meanwhile someone else did a part of it.
    seed(&world, [id(0), id(2)]);
    let report = world.apply_plan(&live, &plan, &mut Watch::default()).await;
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(members(&world), BTreeSet::from([id(0), id(2), id(3)]));
}

#[tokio::test]
async fn t71_members_that_nothing_shows_are_added_once_and_only_ours_removed() {
    let mut world = people(json!({ "patch": true, "members": "never" }), 6);
    world.fake.state().twists.push(Twist::Secret);
    seed(&world, [id(5), "zz".to_owned()]);
    declare(&mut world, 0..4);
    let plan = world.plan(&world.fake.live());
    assert!(plan.notices.iter().any(|notice| notice.code.name() == "members-by-ledger"), "{:?}", plan.notices);
    let report = world.apply().await;
    assert!(report.is_clean(), "{report:?}");
    let unchecked: Vec<_> = report.unchecked.iter().map(|place| place.path.as_str()).collect();
    assert_eq!(unchecked, ["members"], "it can't be looked at, and that is said");
    assert_eq!(world.remaining(), [], "who was added is not added again and again");
    declare(&mut world, 2..4);
    assert!(world.apply().await.is_clean());
    assert_eq!(members(&world), BTreeSet::from([id(2), id(3), id(5), "zz".to_owned()]));
    assert_eq!(world.remaining(), []);
}

#[tokio::test]
async fn hidden_members_that_did_not_arrive_are_said() {
    for filters in [
        json!({ "filterGroups": ["members.value"] }),
        json!({ "filterUsers": ["groups.value"], "nestedGroups": false }),
    ] {
        let mut facts = filters;
        facts["patch"] = json!(true);
        facts["members"] = json!("never");
        let mut world = people(facts, 3);
        seed(&world, ["zz".to_owned()]);
        world.fake.state().twists.extend([Twist::Hides, Twist::Ignores("members")]);
        declare(&mut world, 0..3);
        let report = world.apply().await;
        let places: Vec<_> = report.not_converged.iter().map(|place| place.path.as_str()).collect();
        assert_eq!(places, ["members"], "{report:?}");
    }
}

#[derive(Clone, Debug)]
struct Case {
    shown: &'static str,
    filters: bool,
    batch: u64,
    removal: &'static str,
    replace: bool,
    nested: bool,
    before: BTreeSet<usize>,
    first: BTreeSet<usize>,
    second: BTreeSet<usize>,
}

fn set() -> impl Strategy<Value = BTreeSet<usize>> {
    proptest::collection::btree_set(0..12_usize, 0..12)
}

fn case() -> impl Strategy<Value = Case> {
    let shown = prop_oneof![Just("list"), Just("byId"), Just("never")];
    let removal = prop_oneof![Just("filter"), Just("replace")];
    let facts = (shown, any::<bool>(), 1..6_u64, removal, any::<bool>(), any::<bool>());
    (facts, set(), set(), set()).prop_map(
        |((shown, filters, batch, removal, replace, nested), before, first, second)| Case {
            shown,
            filters,
            batch,
            removal,
            replace,
            nested,
            before,
            first,
            second,
        },
    )
}

async fn converges(case: &Case) {
    let mut world = people(
        json!({
            "patch": true, "members": case.shown, "membersPerPatch": case.batch, "memberRemoval": case.removal,
            "replaceMembers": case.replace, "filterGroups": ["displayName", "externalId", "members.value"],
        }),
        12,
    );
    if case.shown == "never" {
        world.fake.state().twists.push(if case.filters { Twist::Hides } else { Twist::Secret });
    }
    let unseen = case.shown == "never" && !case.filters;
    let strangers = ["zz".to_owned(), "g-other".to_owned()];
    world.fake.seed(GROUP, "g-other", json!({ "displayName": "Other" }));
    world.fake.seed(GROUP, "g-sub", json!({ "displayName": "Sub" }));
    seed(&world, case.before.iter().map(|n| id(*n)).chain(strangers.clone()));
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for (turn, declared) in [&case.first, &case.second].into_iter().enumerate() {
        declare(&mut world, declared.iter().copied());
        world.group("sub", "Sub", &[]);
        if case.nested && turn == 0 {
            world.nest("staff", "sub");
        }
        let report = world.apply().await;
        assert!(report.is_clean(), "{case:?} {report:?}");
        assert_eq!(world.remaining(), [], "{case:?}");
        wanted = declared.iter().map(|n| id(*n)).chain(strangers.clone()).collect();
        if unseen {
            // Who was there before and never declared can't be seen.
            wanted.extend(case.before.difference(&case.first).map(|n| id(*n)));
        }
        if case.nested && turn == 0 {
            wanted.insert("g-sub".to_owned());
        }
        assert_eq!(members(&world), wanted, "{case:?} turn {turn}");
    }
    let live = world.fake.live();
    let known = live.groups.iter().all(|group| matches!(group.members, Members::Known(_)));
    assert_eq!(known, !unseen);
    assert!(wanted.contains("zz"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_members_converge_on_any_profile_and_strangers_stay(case in case()) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(converges(&case));
    }
}
