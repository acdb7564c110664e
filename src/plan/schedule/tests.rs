//! Laws of the schedule.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;

use super::{DELETIONS, MemberForm, cost, placeholder, schedule, verb};
use crate::desired::{Apply, Asserted, Assertion, Desired, DesiredResource, Presence};
use crate::directory::UserKey;
use crate::live::{Discovery, Live, LiveResource, Members};
use crate::plan::{
    Action, AttributeChange, Change, Cost, IdRef, MemberChange, MemberRef, Precondition, ReadSummary, Reason, Step,
    StepBody, Summary, TargetPlan, Verb,
};
use crate::profile::{self, MemberRemoval, Profile};
use crate::scim::{Object, ResourceKey, ResourceKind, Value};
use crate::source::Span;

const USER: ResourceKind = ResourceKind::User;
const GROUP: ResourceKind = ResourceKind::Group;

fn change(action: Action, resource: ResourceKind, key: &str, attributes: Vec<(&str, serde_json::Value)>) -> Change {
    let attributes = attributes
        .into_iter()
        .map(|(path, after)| AttributeChange {
            path: Arc::new(path.parse().unwrap()),
            before: Value::Null,
            reference: after.get("key").and_then(|key| key.as_str()).map(str::to_owned),
            after: after.get("key").cloned().unwrap_or(after).into(),
            sensitive: false,
            reason: Reason::Differs,
            origin: None,
        })
        .collect();
    Change {
        action,
        digest: String::new(),
        resource,
        key: key.into(),
        id: (action != Action::Create).then(|| format!("id-{key}")),
        name: key.into(),
        attributes,
        members: MemberChange::default(),
        adopted: false,
        privileged: false,
        reason: Reason::Differs,
        because: String::new(),
        origin: None,
        precondition: Precondition::default(),
    }
}

fn member(resource: ResourceKind, key: &str, known: bool) -> MemberRef {
    MemberRef {
        resource,
        key: Some(key.into()),
        id: known.then(|| format!("id-{key}")),
        name: key.into(),
        reason: None,
        origin: None,
    }
}

fn plan(changes: Vec<Change>) -> TargetPlan {
    TargetPlan {
        name: "t".into(),
        profile: "generic".into(),
        mode: crate::plan::Mode::Sync,
        suppressed: Vec::new(),
        adoptions: Vec::new(),
        rehearsal: None,
        read: ReadSummary::default(),
        summary: Summary::default(),
        cost: Cost::default(),
        changes,
        errors: Vec::new(),
        violations: Vec::new(),
        limits: Vec::new(),
        heads: None,
        people: Vec::new(),
        notices: Vec::new(),
        failed: None,
    }
}

fn profile(capabilities: serde_json::Value) -> Profile {
    profile::builtin("generic").unwrap().with_capabilities(&capabilities).unwrap()
}

fn declare(desired: &mut Desired, change: &Change) {
    let assertions = change.attributes.iter().map(|attribute| Assertion {
        path: Arc::clone(&attribute.path),
        value: match &attribute.reference {
            Some(key) => Asserted::User(UserKey::from(key.as_str())),
            None => Asserted::Value(attribute.after.clone()),
        },
        apply: Apply::Always,
        origin: Span::default(),
        sensitive: false,
        gives_way: false,
    });
    let resource = DesiredResource {
        kind: change.resource,
        key: change.key.clone(),
        previously: Vec::new(),
        name: change.key.clone(),
        origin: Span::default(),
        presence: Presence::Active,
        assertions: assertions.collect(),
        members: (change.resource == GROUP).then(BTreeMap::new),
        additive: false,
    };
    match change.resource {
        USER => drop(desired.users.insert(change.key.as_str().into(), resource)),
        GROUP => drop(desired.groups.insert(change.key.as_str().into(), resource)),
    }
}

fn steps(changes: Vec<Change>, live: &Live, capabilities: serde_json::Value) -> Vec<Step> {
    let mut desired = Desired::default();
    for change in &changes {
        declare(&mut desired, change);
    }
    schedule(&plan(changes), &desired, live, &profile(capabilities), &Discovery::default())
}

/// Everyone whom a step refers to and who is made by the same plan.
fn refers(step: &Step) -> BTreeSet<ResourceKey> {
    let mut found: BTreeSet<ResourceKey> = BTreeSet::new();
    let mut id = |id: &IdRef| {
        if let IdRef::Created(of) = id {
            found.insert(of.clone());
        }
    };
    step.on.iter().for_each(&mut id);
    let mut sent = Vec::new();
    match &step.body {
        StepBody::Post(object) => sent.push(Value::Object(object.clone())),
        StepBody::Put(ops) | StepBody::Patch(ops) => sent.extend(ops.iter().filter_map(|op| op.value.clone())),
        StepBody::Members(members) => members.add.iter().chain(&members.remove).for_each(|member| id(&member.id)),
        StepBody::Delete => {}
    }
    for mut value in sent {
        let mut missing = Vec::new();
        placeholder::fill(&mut value, &|_| None, &mut missing);
        found.extend(missing);
    }
    found
}

/// A number of people, some made and some known, managers anywhere, groups of people and of groups.
fn any_changes() -> impl Strategy<Value = Vec<Change>> {
    let user = (any::<bool>(), proptest::option::of(0..12_usize));
    let group = (any::<bool>(), proptest::collection::btree_set(0..12_usize, 0..12), proptest::option::of(0..4_usize));
    (proptest::collection::vec(user, 12), proptest::collection::vec(group, 4)).prop_map(|(users, groups)| {
        let mut changes = Vec::new();
        for (n, (new, manager)) in users.iter().enumerate() {
            let mut attributes = vec![("userName", json!(format!("u{n}")))];
            let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
            attributes.extend(manager.map(|manager| (path, json!({ "key": format!("u{manager}") }))));
            let action = if *new { Action::Create } else { Action::Update };
            changes.push(change(action, USER, &format!("u{n}"), attributes));
        }
        for (n, (new, members, child)) in groups.iter().enumerate() {
            let action = if *new { Action::Create } else { Action::Update };
            let mut group = change(action, GROUP, &format!("g{n}"), vec![("displayName", json!(format!("G{n}")))]);
            group.members.add = members.iter().map(|m| member(USER, &format!("u{m}"), !users[*m].0)).collect();
            group.members.add.extend(child.map(|child| member(GROUP, &format!("g{child}"), !groups[child].0)));
            changes.push(group);
        }
        changes.push(change(Action::Deactivate, USER, "z1", vec![("active", json!(false))]));
        changes.push(change(Action::Delete, USER, "z2", vec![]));
        changes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_step_refers_to_earlier_ones_only(changes in any_changes(), patch: bool, batch in 1..6_u64) {
        let capabilities = json!({ "patch": patch, "membersPerPatch": batch });
        let steps = steps(changes.clone(), &Live::default(), capabilities);
        let mut made = BTreeSet::new();
        let mut phase_made: BTreeSet<ResourceKey> = BTreeSet::new();
        let mut phase = (0, 0);
        let created: BTreeSet<ResourceKey> = changes
            .iter()
            .filter(|change| change.action == Action::Create)
            .map(|change| ResourceKey::new(change.resource, &*change.key))
            .collect();
        for (place, step) in steps.iter().enumerate() {
            prop_assert_eq!(step.id, place);
            let at = (step.phase, step.wave);
            prop_assert!(at >= phase, "phases and waves go up");
            if at > phase {
                made.append(&mut phase_made);
                phase = at;
            }
            for needed in refers(step).intersection(&created) {
                let own = *needed == ResourceKey::new(step.kind, &*step.key);
                // Within a wave only the steps of one resource are in order.
                prop_assert!(made.contains(needed) || (own && phase_made.contains(needed)), "{:?} needs {:?}", step, needed);
            }
            if matches!(step.body, StepBody::Post(_)) {
                phase_made.insert(ResourceKey::new(step.kind, &*step.key));
            }
        }
        let posts = steps.iter().filter(|step| matches!(step.body, StepBody::Post(_))).count();
        prop_assert_eq!(posts, changes.iter().filter(|change| change.action == Action::Create).count());
        prop_assert_eq!(steps.last().map(|step| step.phase), Some(DELETIONS));
    }

    #[test]
    fn batches_keep_the_limit_and_lose_nobody(changes in any_changes(), batch in 1..6_usize) {
        let steps = steps(changes.clone(), &Live::default(), json!({ "patch": true, "membersPerPatch": batch }));
        for change in changes.iter().filter(|change| change.resource == GROUP) {
            let mut sent = 0;
            for step in steps.iter().filter(|step| step.kind == GROUP && step.key == change.key) {
                let members = match &step.body {
                    StepBody::Members(members) => members.add.len() + members.remove.len(),
                    StepBody::Post(body) => body.get("members").and_then(Value::as_array).unwrap_or_default().len(),
                    _ => 0,
                };
                prop_assert!(members <= batch);
                sent += members;
            }
            prop_assert_eq!(sent, change.members.add.len());
        }
    }

    #[test]
    fn the_order_of_changes_makes_no_difference(changes in any_changes().prop_shuffle(), patch: bool) {
        let shown = |steps: Vec<Step>| -> Vec<String> {
            steps.iter().map(|step| format!("{} {} {:?} {:?} {:?}", step.id, step.key, step.on, step.body, step.effects)).collect()
        };
        let mut sorted = changes.clone();
        sorted.sort_by(|a, b| (a.resource, &a.key).cmp(&(b.resource, &b.key)));
        let capabilities = json!({ "patch": patch });
        let left = shown(steps(changes, &Live::default(), capabilities.clone()));
        prop_assert_eq!(left, shown(steps(sorted, &Live::default(), capabilities)));
    }
}

fn ops(step: &Step) -> String {
    match &step.body {
        StepBody::Patch(ops) | StepBody::Put(ops) => serde_json::to_string(ops).unwrap(),
        StepBody::Post(body) => serde_json::to_string(body).unwrap(),
        other => format!("{other:?}"),
    }
}

#[test]
fn the_verb_is_never_a_guess() {
    let update = || vec![change(Action::Update, USER, "ada", vec![("title", json!("x"))])];
    let method = |capabilities: serde_json::Value, patch: Option<bool>| {
        let mut desired = Desired::default();
        for change in update() {
            declare(&mut desired, &change);
        }
        let discovery = Discovery { patch, ..Discovery::default() };
        let steps = schedule(&plan(update()), &desired, &Live::default(), &profile(capabilities), &discovery);
        steps[0].body.method()
    };
    assert_eq!(method(json!({}), None), "PUT");
    assert_eq!(method(json!({}), Some(true)), "PATCH");
    assert_eq!(method(json!({}), Some(false)), "PUT");
    assert_eq!(method(json!({ "patch": false }), Some(true)), "PUT");
    assert_eq!(method(json!({ "patch": true }), Some(false)), "PATCH");
    assert_eq!(method(json!({ "patch": true, "write": "put" }), None), "PUT");
    assert_eq!(method(json!({ "write": "patch" }), None), "PATCH");
    assert_eq!(method(json!({ "put": false }), None), "PATCH");
}

#[test]
fn a_body_names_its_extensions_and_leaves_out_what_has_no_value() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let made = change(
        Action::Create,
        USER,
        "ada",
        vec![
            ("userName", json!("ada")),
            ("title", json!(null)),
            ("emails[type eq \"work\"].value", json!("a@x.example")),
            ("name.givenName", json!("Ada")),
            (&format!("{urn}:department"), json!("R&D")),
        ],
    );
    let steps = steps(vec![made], &Live::default(), json!({}));
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", urn],
        "userName": "ada",
        "emails": [{ "type": "work", "value": "a@x.example" }],
        "name": { "givenName": "Ada" },
        urn: { "department": "R&D" },
    });
    let StepBody::Post(body) = &steps[0].body else { panic!("{steps:?}") };
    assert_eq!(Value::Object(body.clone()), Value::from(expected));
}

#[test]
fn t63_t64_one_attribute_per_operation_and_elements_that_are_missing_are_added() {
    let attributes: Object = serde_json::from_str(r#"{"emails":[{"type":"work","value":"old"}]}"#)
        .map(|value: Value| value.as_object().unwrap().clone())
        .unwrap();
    let live = Live {
        users: vec![LiveResource {
            kind: USER,
            id: "id-ada".into(),
            version: None,
            attributes,
            members: Members::Unknown,
            by_id: false,
            unkept: crate::live::Unkept::default(),
        }],
        ..Live::default()
    };
    let update = change(
        Action::Update,
        USER,
        "ada",
        vec![
            ("emails[type eq \"work\"].value", json!("new")),
            ("addresses[type eq \"work\"].country", json!("GB")),
            ("addresses[type eq \"work\"].locality", json!("London")),
            ("phoneNumbers[type eq \"fax\"].value", json!(null)),
            ("name", json!({ "givenName": "Ada", "familyName": null })),
            ("title", json!(null)),
            ("phoneNumbers", json!([])),
            ("photos", json!([{ "value": "https://x.example" }])),
        ],
    );
    let steps = steps(vec![update], &live, json!({ "patch": true }));
    assert_eq!(steps.len(), 1);
    let expected = json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new" },
        { "op": "replace", "path": "name.givenName", "value": "Ada" },
        { "op": "remove", "path": "name.familyName" },
        { "op": "remove", "path": "title" },
        { "op": "remove", "path": "phoneNumbers" },
        { "op": "replace", "path": "photos", "value": [{ "value": "https://x.example" }] },
        { "op": "add", "path": "addresses", "value": [{ "type": "work", "country": "GB", "locality": "London" }] },
    ]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&ops(&steps[0])).unwrap(), expected);
}

#[test]
fn a_manager_who_is_there_is_sent_at_once() {
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    let made = change(Action::Create, USER, "ada", vec![(path, json!({ "key": "boss" }))]);
    let steps = steps(vec![made], &Live::default(), json!({ "patch": true }));
    assert_eq!(steps.len(), 1);
    let boss = placeholder::placeholder(ResourceKey::user("boss"));
    assert!(
        ops(&steps[0]).contains(&format!("{{\"value\":{}}}", serde_json::to_string(&boss).unwrap())),
        "{}",
        ops(&steps[0])
    );
}

#[test]
fn managers_are_created_first_and_only_a_circle_takes_a_second_request() {
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
    let made = |key: &str, boss: &str| change(Action::Create, USER, key, vec![(path, json!({ "key": boss }))]);
    let sent = |changes| {
        let steps = steps(changes, &Live::default(), json!({ "patch": true }));
        steps.iter().map(|step| format!("{} {}", step.body.method(), step.key)).collect::<Vec<_>>().join(", ")
    };
    let chief = change(Action::Create, USER, "zoe", Vec::new());
    let mut known = change(Action::Update, USER, "old", vec![("title", json!("x")), (path, json!({ "key": "ada" }))]);
    known.id = Some("1".into());
    assert_eq!(
        sent(vec![made("ada", "bob"), made("bob", "zoe"), known, chief]),
        "POST zoe, POST bob, POST ada, PATCH old"
    );
    assert_eq!(
        sent(vec![made("ada", "bob"), made("bob", "cyd"), made("cyd", "bob")]),
        "POST bob, POST ada, POST cyd, PATCH bob"
    );
    assert_eq!(sent(vec![made("ada", "ada")]), "POST ada, PATCH ada");
}

#[test]
fn costs_count_what_a_put_reads() {
    let updates = || {
        (0..10).map(|n| change(Action::Update, USER, &format!("u{n}"), vec![("title", json!("x"))])).collect::<Vec<_>>()
    };
    let of = |capabilities: serde_json::Value| {
        cost(&steps(updates(), &Live::default(), capabilities.clone()), &profile(capabilities))
    };
    assert_eq!(
        of(json!({ "patch": true, "rates": [{ "requests": 5, "seconds": 2 }] })),
        Cost { requests: 10, seconds: 2 }
    );
    assert_eq!(
        of(json!({ "patch": false, "rates": [{ "requests": 5, "seconds": 2 }] })),
        Cost { requests: 10, seconds: 6 }
    );
    assert_eq!(of(json!({ "patch": true })).seconds, 0);
}

#[test]
fn the_rate_that_takes_longest_decides_what_a_plan_costs() {
    let updates = || {
        (0..10).map(|n| change(Action::Update, USER, &format!("u{n}"), vec![("title", json!("x"))])).collect::<Vec<_>>()
    };
    let of = |rates: serde_json::Value| {
        let capabilities = json!({ "patch": false, "rates": rates });
        cost(&steps(updates(), &Live::default(), capabilities.clone()), &profile(capabilities)).seconds
    };
    // Ten PUTs, each with a GET before it.
    let reads = json!({ "methods": ["GET"], "requests": 10, "seconds": 7 });
    let writes = json!({ "methods": ["POST", "PUT"], "resource": "Users", "requests": 1, "seconds": 3 });
    let groups = json!({ "resource": "Groups", "requests": 1, "seconds": 1000 });
    assert_eq!(of(json!([reads])), 0, "all go at once");
    assert_eq!(of(json!([reads, writes, groups])), 27);
    assert_eq!(of(json!([groups])), 0);
}

fn batches(members: usize, goes: usize, capabilities: serde_json::Value) -> Vec<(usize, usize)> {
    let member = |n: usize| MemberRef {
        resource: USER,
        key: None,
        id: Some(format!("id-{n:05}")),
        name: format!("p{n}"),
        reason: None,
        origin: None,
    };
    let mut filled = change(Action::Update, GROUP, "staff", Vec::new());
    filled.id = Some("g1".into());
    filled.members.add = (0..members).map(member).collect();
    filled.members.remove = (members..members + goes).map(member).collect();
    let steps = steps(vec![filled], &Live::default(), capabilities);
    let sizes = steps.iter().map(|step| match &step.body {
        StepBody::Members(members) => (members.add.len(), members.remove.len()),
        other => panic!("{other:?}"),
    });
    sizes.collect()
}

#[test]
fn members_go_in_batches_by_number_and_by_bytes() {
    let counted = json!({ "patch": true, "membersPerPatch": 100 });
    assert_eq!(batches(150, 120, counted.clone()), [(100, 0), (50, 50), (0, 70)], "a limit holds for both together");
    assert_eq!(batches(60, 40, counted), [(60, 40)]);
    // An element of `members` takes 21 bytes here, the message around them 256.
    let sized = json!({ "patch": true, "membersPerPatch": 8000, "bytesPerPatch": 256 + 10 * 21 });
    assert_eq!(batches(25, 0, sized.clone()), [(10, 0), (10, 0), (5, 0)]);
    let removed = batches(0, 25, sized);
    assert!(removed.iter().all(|(_, goes)| (1..10).contains(goes)), "a removal by filter is longer: {removed:?}");
    let tiny = json!({ "patch": true, "bytesPerPatch": 10 });
    assert_eq!(batches(2, 1, tiny), [(1, 0), (1, 0), (0, 1)], "a member alone is sent, however small the limit");
}

#[test]
fn all_members_are_replaced_only_where_that_is_allowed_and_can_be_read() {
    let of = |capabilities: serde_json::Value| {
        MemberForm::new(&profile(capabilities).capabilities, &Discovery::default()).removal
    };
    assert_eq!(of(json!({ "memberRemoval": "replace" })), MemberRemoval::Replace);
    assert_eq!(of(json!({ "memberRemoval": "replace", "replaceMembers": false })), MemberRemoval::Filter);
    assert_eq!(of(json!({ "memberRemoval": "replace", "members": "never" })), MemberRemoval::Filter);
    assert_eq!(of(json!({ "memberRemoval": "value", "replaceMembers": false })), MemberRemoval::Value);
}

#[test]
fn groups_have_a_verb_of_their_own() {
    let of =
        |capabilities: serde_json::Value, kind| verb(&profile(capabilities).capabilities, &Discovery::default(), kind);
    let no_put = json!({ "write": "put", "putGroups": false });
    assert_eq!((of(no_put.clone(), USER), of(no_put, GROUP)), (Verb::Put, Verb::Patch));
    let only_groups = json!({ "put": false, "putGroups": true, "write": "put" });
    assert_eq!((of(only_groups.clone(), USER), of(only_groups, GROUP)), (Verb::Patch, Verb::Put));
    assert_eq!(of(json!({ "write": "put", "members": "never" }), GROUP), Verb::Patch, "a PUT would empty the group");
}
