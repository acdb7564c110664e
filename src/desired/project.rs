//! Projection of the directory on one target.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rayon::prelude::*;

use super::people::{self, Projected, ProjectionContext};
use super::rows::Rows;
use super::{Desired, Notice, Presence, groups};
use crate::diag::NoticeCode;
use crate::directory::{Binding, Directory, Target, TargetName, User, UserKey, WriteRules, scope};
use crate::scim::ResourceKind;
use crate::source::Span;
use crate::wording;

/// People projected side by side before they are taken in.
const BATCH: usize = 4096;

/// What the repository implies for a target on a day. A name that is no target's gives nothing.
///
/// Who is given to the target through several bindings is projected through the first by name; validation has made sure
/// that the others imply the same. Cost is linear in people times rows.
pub fn project(directory: &Directory, target: &TargetName, as_of: Date) -> Desired {
    let Some(target) = directory.targets.get(target) else { return Desired::default() };
    let bindings: Vec<&Binding> = directory.bindings.values().filter(|binding| binding.target == target.name).collect();
    let mut desired = Desired::default();
    let rules = WriteRules::of(&target.profile);
    let rows: Vec<Rows<'_>> = bindings
        .iter()
        .map(|binding| Rows::new(&binding.mapping, ResourceKind::User, &rules, &mut desired.notices))
        .collect();
    let given = given(directory, &bindings, as_of);
    let present = people_of(directory, target, &given, &rows, as_of, &mut desired);
    groups::project(directory, target, &bindings, &present, as_of, &mut desired);
    desired.notices.sort();
    desired.notices.dedup();
    desired.problems.sort();
    desired
}

/// Everyone who is given to the target, with the index of the binding that counts.
fn given<'a>(directory: &'a Directory, bindings: &[&'a Binding], as_of: Date) -> BTreeMap<&'a UserKey, usize> {
    let mut given = BTreeMap::new();
    for (index, binding) in bindings.iter().enumerate() {
        for user in scope::assigned(directory, binding, Some(as_of)).into_keys() {
            given.entry(user).or_insert(index);
        }
    }
    given
}

/// Fills in the people; returns those who should have access.
fn people_of<'a>(
    directory: &'a Directory,
    target: &Target,
    given: &BTreeMap<&'a UserKey, usize>,
    rows: &[Rows<'_>],
    as_of: Date,
    desired: &mut Desired,
) -> BTreeSet<&'a UserKey> {
    let assigned: BTreeSet<&UserKey> = given.keys().copied().collect();
    let scene = ProjectionContext { assigned: &assigned, is_user: &|name| directory.users.contains_key(name), as_of };
    let people: Vec<(&User, &Rows<'_>)> =
        given.iter().filter_map(|(key, index)| Some((directory.users.get(*key)?, rows.get(*index)?))).collect();
    let projected = people.chunks(BATCH).flat_map(|batch| {
        let each = batch.par_iter().map(|(user, rows)| (*user, people::project(user, rows, &scene)));
        each.collect::<Vec<_>>()
    });
    let mut present = BTreeSet::new();
    let mut absent: BTreeMap<UserKey, (u64, Span)> = BTreeMap::new();
    for (user, result) in projected {
        match result {
            Ok(Projected { resource, absent_manager }) => {
                if resource.presence == Presence::Active {
                    present.insert(&user.key);
                }
                if let Some((manager, place)) = absent_manager {
                    let seen = absent.entry(manager).or_insert((0, place));
                    *seen = (seen.0 + 1, seen.1.min(place));
                }
                desired.users.insert(user.key.clone(), resource);
            }
            Err(problem) => {
                // Who can't be projected keeps the memberships: nothing about them is known to be wrong.
                if people::presence(user, as_of).0 == Presence::Active {
                    present.insert(&user.key);
                }
                desired.problems.push(problem);
            }
        }
    }
    desired
        .notices
        .extend(absent.into_iter().map(|(manager, (count, place))| manager_absent(target, &manager, count, place)));
    present
}

fn manager_absent(target: &Target, manager: &UserKey, count: u64, place: Span) -> Notice {
    let people = wording::count(count, "person");
    Notice {
        code: NoticeCode::ManagerNotAssigned,
        message: format!(
            "`{manager}` manages {people} at `{}` but is not assigned to it: no manager is sent",
            target.name
        ),
        origin: Some(place),
    }
}
