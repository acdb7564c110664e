//! Who is in which group and who is given to which target, on one day or on any day.
//!
//! Rules (`where`) are not evaluated here: validation did that once per person, and the matches stand beside them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Binding, Directory, Group, GroupKey, UserKey};
use crate::mapping::Expression;
use crate::source::Span;

/// What makes someone a member or gives a target to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause<'a> {
    /// The group that names or matches the person; `None` where a binding does so itself.
    pub group: Option<&'a GroupKey>,
    /// The entry that names the person, or the rule that matches.
    pub origin: Span,
    /// Whether a rule matched.
    pub rule: bool,
    /// Last day, UTC.
    pub until: Option<Date>,
}

impl Cause<'_> {
    fn lasts_longer_than(&self, other: &Self) -> bool {
        match (self.until, other.until) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(mine), Some(theirs)) => mine > theirs,
        }
    }
}

/// What a group holds once nested groups are opened.
#[derive(Clone, Debug, Default)]
pub struct Content<'a> {
    /// People, each with the cause that lasts longest; among equals the nearest.
    pub users: BTreeMap<&'a UserKey, Cause<'a>>,
    /// Nested groups that were kept closed, with the place that names each.
    pub groups: BTreeMap<&'a GroupKey, Span>,
}

impl<'a> Content<'a> {
    fn add(&mut self, user: &'a UserKey, cause: Cause<'a>) {
        match self.users.entry(user) {
            Entry::Vacant(slot) => {
                slot.insert(cause);
            }
            Entry::Occupied(mut slot) if cause.lasts_longer_than(slot.get()) => {
                slot.insert(cause);
            }
            Entry::Occupied(_) => {}
        }
    }
}

/// People whom a group holds itself, nested groups left aside. Without a day, every `until` counts as not over.
pub fn direct(group: &Group, day: Option<Date>) -> impl Iterator<Item = (&UserKey, Cause<'_>)> {
    let named = group.members.iter().filter(move |member| lasts(member.until, day)).map(|member| {
        let cause = Cause { group: Some(&group.key), origin: member.origin, rule: false, until: member.until };
        (&member.user, cause)
    });
    let origin = group.rule.as_ref().and_then(Expression::origin).unwrap_or(group.origin);
    let matched = group
        .matching
        .iter()
        .map(move |user| (user, Cause { group: Some(&group.key), origin, rule: true, until: None }));
    named.chain(matched)
}

/// Opens groups level by level. A nested group for which `closed` holds is listed instead of opened. Each group is
/// opened once, so that diamonds cost nothing and even a cycle ends.
pub fn expand<'a>(
    directory: &'a Directory,
    roots: impl IntoIterator<Item = &'a GroupKey>,
    day: Option<Date>,
    closed: impl Fn(&GroupKey) -> bool,
) -> Content<'a> {
    let mut content = Content::default();
    let mut seen = BTreeSet::new();
    let mut level: BTreeSet<&GroupKey> = roots.into_iter().collect();
    while !level.is_empty() {
        seen.extend(level.iter().copied());
        let mut next = BTreeSet::new();
        for group in level.iter().filter_map(|key| directory.groups.get(*key)) {
            for (user, cause) in direct(group, day) {
                content.add(user, cause);
            }
            for nested in &group.groups {
                if seen.contains(&nested.value) {
                    continue;
                }
                if closed(&nested.value) {
                    content.groups.entry(&nested.value).or_insert(nested.span);
                } else {
                    next.insert(&nested.value);
                }
            }
        }
        level = next;
    }
    content
}

/// People whom a binding gives to its target: members of `groups` and those in `users`, narrowed by the rule; with
/// neither, everyone whom the rule matches.
pub fn assigned<'a>(
    directory: &'a Directory,
    binding: &'a Binding,
    day: Option<Date>,
) -> BTreeMap<&'a UserKey, Cause<'a>> {
    let ruled = binding.rule.as_ref();
    let own = |origin, rule| Cause { group: None, origin, rule, until: None };
    if binding.groups.is_empty() && binding.users.is_empty() {
        let origin = ruled.and_then(Expression::origin).unwrap_or(binding.origin);
        return binding.matching.iter().map(|user| (user, own(origin, true))).collect();
    }
    let mut content = expand(directory, binding.groups.iter().map(|group| &group.value), day, |_| false);
    for user in &binding.users {
        content.add(&user.value, own(user.span, false));
    }
    if ruled.is_some() {
        content.users.retain(|user, _| binding.matching.contains(*user));
    }
    content.users.retain(|user, _| directory.users.contains_key(*user));
    content.users
}

fn lasts(until: Option<Date>, day: Option<Date>) -> bool {
    !matches!((until, day), (Some(until), Some(day)) if day > until)
}
