//! What moves a digest and what does not.

use std::sync::Arc;

use proptest::prelude::*;

use super::laws::{build, scene};
use super::world::*;
use crate::desired::Presence;
use crate::plan::digest::{of_change, of_plan};
use crate::plan::{
    Action, Change, Heading, MemberRef, Mode, Origin, Precondition, Reason, TargetPlan, assemble, configuration,
    unexpected, verify,
};
use crate::scim::{ResourceKind, Value};
use crate::source::SourceMap;

/// Every way to change what a change means; none where it does not apply.
fn meanings(change: &Change) -> Vec<Change> {
    let with = |edit: &dyn Fn(&mut Change)| {
        let mut other = change.clone();
        edit(&mut other);
        other
    };
    let mut all = vec![
        with(&|one| one.action = if one.action == Action::Forget { Action::Adopt } else { Action::Forget }),
        with(&|one| {
            one.resource = if one.resource == ResourceKind::User { ResourceKind::Group } else { ResourceKind::User }
        }),
        with(&|one| one.key.push('x')),
        with(&|one| one.id = Some("another".into())),
    ];
    for index in 0..change.attributes.len() {
        all.extend([
            with(&|one| Arc::make_mut(&mut one.attributes[index].path).attribute.push('x')),
            with(&|one| one.attributes[index].before = Value::from("another")),
            with(&|one| one.attributes[index].after = Value::from("another")),
            with(&|one| one.attributes[index].reference = Some("another".into())),
            with(&|one| one.attributes[index].sensitive ^= true),
            with(&|one| drop(one.attributes.remove(index))),
        ]);
    }
    let stranger = MemberRef {
        resource: ResourceKind::User,
        key: None,
        id: Some("s".into()),
        name: String::new(),
        reason: None,
        origin: None,
    };
    all.push(with(&|one| one.members.add.push(stranger.clone())));
    all.push(with(&|one| one.members.remove.push(stranger.clone())));
    if !change.members.add.is_empty() {
        all.push(with(&|one| one.members.add[0].key = Some("another".into())));
    }
    if !change.members.remove.is_empty() {
        all.push(with(&|one| drop(one.members.remove.remove(0))));
    }
    all
}

/// The same change told otherwise, read at another time, or with its parts in another order.
fn told_otherwise(change: &Change) -> Change {
    let mut other = change.clone();
    other.name.push('x');
    other.because.push('x');
    other.reason = Reason::Differs;
    other.origin = Some(Origin { file: "moved.yaml".into(), line: 9 });
    other.precondition = Precondition { etag: Some("W/\"9\"".into()), fingerprint: Some("9".into()) };
    other.attributes.reverse();
    for attribute in &mut other.attributes {
        attribute.origin = None;
        attribute.reason = Reason::Differs;
        if let Value::Array(items) = &mut attribute.after {
            items.reverse();
        }
    }
    for members in [&mut other.members.add, &mut other.members.remove] {
        members.reverse();
        for member in members.iter_mut() {
            member.name.push('x');
        }
        // Whom the same plan creates has an id only later.
        members.iter_mut().filter(|member| member.key.is_some()).for_each(|member| member.id = Some("later".into()));
    }
    other
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn meaning_moves_a_digest_and_nothing_else_does(scene in scene()) {
        let plan = build(&scene).plan();
        for change in &plan.changes {
            prop_assert_eq!(&of_change(change), &change.digest);
            prop_assert_eq!(of_change(&told_otherwise(change)), change.digest.clone());
            for other in meanings(change) {
                prop_assert_ne!(of_change(&other), change.digest.clone(), "{:?}\n{:?}", change, other);
            }
        }
    }

    #[test]
    fn a_plan_is_as_its_changes_and_adoptions_are(scene in scene(), seconds in 1..1000_u64) {
        let plan = build(&scene).plan();
        let digest = of_plan(std::slice::from_ref(&plan));
        let with = |edit: &dyn Fn(&mut TargetPlan)| {
            let mut other = plan.clone();
            edit(&mut other);
            of_plan(&[other])
        };
        let quiet: [&dyn Fn(&mut TargetPlan); 5] = [
            &|one| one.cost.seconds += seconds,
            &|one| one.cost.requests += seconds,
            &|one| one.read.requests += seconds,
            &|one| one.summary.unchanged += seconds,
            &|one| one.notices.clear(),
        ];
        for edit in quiet {
            prop_assert_eq!(with(edit), digest.clone());
        }
        prop_assert_ne!(with(&|one| one.name.push('x')), digest.clone());
        prop_assert_ne!(with(&|one| one.mode = Mode::ReadOnly), digest.clone());
        if !plan.adoptions.is_empty() {
            prop_assert_ne!(with(&|one| drop(one.adoptions.pop())), digest.clone());
        }
        if !plan.changes.is_empty() {
            prop_assert_ne!(with(&|one| drop(one.changes.pop())), digest);
        }
    }
}

#[test]
fn the_same_key_on_another_account_is_another_change_and_another_adoption() {
    let plan = |id: &str| {
        let mut world = World::new();
        world.declare(person("ada", Presence::Active, vec![assertion("title", Value::from("Engineer"))]));
        world.live.users = vec![account(id, "ada", true, "{}")];
        world.plan()
    };
    let (one, other) = (plan("a"), plan("b"));
    assert_eq!(lines(&one), lines(&other));
    assert_ne!(one.changes[0].digest, other.changes[0].digest);
    assert_ne!(one.adoptions[0].digest, other.adoptions[0].digest);
    assert_eq!(one.adoptions[0].by.as_deref(), Some("externalId"));
    assert!(one.changes[0].adopted);
}

#[test]
fn an_edited_adoption_does_not_fit_its_digest() {
    let mut world = World::new();
    world.declare(person("ada", Presence::Active, vec![]));
    world.live.users = vec![account("a", "ada", true, "{}")];
    let mut plan = assemble(vec![world.plan()], Heading::default());
    assert_eq!(verify(&plan), Ok(()));
    plan.targets[0].adoptions[0].id = "b".into();
    assert!(verify(&plan).unwrap_err().contains("adoption of user `ada`"));
}

#[test]
fn files_in_any_order_are_the_same_configuration() {
    let of = |files: &[(&str, &str)]| {
        let mut sources = SourceMap::default();
        for (path, text) in files {
            sources.add(*path, *text);
        }
        configuration(&sources)
    };
    let one = of(&[("a.yaml", "x"), ("b.yaml", "y")]);
    assert_eq!(one, of(&[("b.yaml", "y"), ("a.yaml", "x")]));
    for other in [&[("a.yaml", "y"), ("b.yaml", "x")][..], &[("a.yaml", "x")], &[("a.yaml", "xb.yamly")]] {
        assert_ne!(one, of(other));
    }
}

#[test]
fn the_one_change_too_many_is_found() {
    let plan = |keys: &[&str]| {
        let mut world = World::new();
        for key in keys {
            world.declare(person(key, Presence::Active, vec![]));
        }
        assemble(vec![world.plan()], Heading::default())
    };
    let (reviewed, now) = (plan(&["ada", "linus"]), plan(&["ada", "grace", "linus"]));
    let (target, change) = unexpected(&now, &reviewed.digest).unwrap();
    assert_eq!((target, change.key.as_str()), ("app", "grace"));
    assert!(unexpected(&reviewed, &now.digest).is_none());
}
