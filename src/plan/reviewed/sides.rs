//! The three sides of what is left: reviewed, live now, wanted now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::desired::{Asserted, Assertion, Desired, DesiredResource};
use crate::ledger::TargetLedger;
use crate::live::normal::{Comparison, is_blank};
use crate::live::{AccountReader, Live, LiveResource, Members};
use crate::plan::{Action, Adoption, AttributeChange, Change, MemberRef};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind, Value};

use super::{Left, LeftCode, MemberMove, MemberSides, Sides};

/// How things stand at a target now.
#[derive(Debug)]
pub struct Now<'a> {
    desired: &'a Desired,
    profile: &'a Profile,
    /// Ids of what is ours, by key.
    ids: PerKind<HashMap<&'a str, &'a str>>,
    /// The same the other way round.
    keys: PerKind<HashMap<&'a str, &'a str>>,
    live: &'a Live,
}

impl<'a> Now<'a> {
    /// What the ledger and the fresh adoptions know of ids, and both sides.
    pub fn new(
        desired: &'a Desired,
        live: &'a Live,
        profile: &'a Profile,
        ledger: &'a TargetLedger,
        adoptions: &'a [Adoption],
    ) -> Self {
        let known = |kind| ledger.of(kind).iter().map(|(key, entry)| (key.as_str(), entry.id.as_str())).collect();
        let mut ids: PerKind<HashMap<&str, &str>> = PerKind::new(known);
        ids.extend(adoptions.iter().map(|one| (one.resource, (one.key.as_str(), one.id.as_str()))));
        let keys = ids.items().map(|(kind, (key, id))| (kind, (*id, *key))).collect();
        Self { desired, profile, ids, keys, live }
    }

    fn live(&self, kind: ResourceKind, id: &str) -> Option<&'a LiveResource> {
        self.live.find(kind, id)
    }

    fn desired(&self, kind: ResourceKind, key: &str) -> Option<&'a DesiredResource> {
        self.desired.find(kind, key)
    }

    /// The id that a change is about: its own, or the one that its key has by now.
    fn id<'c>(&'c self, change: &'c Change) -> Option<&'c str> {
        change.id.as_deref().or_else(|| self.ids.of(change.resource).get(change.key.as_str()).copied())
    }

    fn member_id<'c>(&'c self, member: &'c MemberRef) -> Option<&'c str> {
        let known = member.key.as_deref().and_then(|key| self.ids.of(member.resource).get(key).copied());
        known.or(member.id.as_deref())
    }

    /// Whether all that a change was to do is so.
    pub(super) fn is_in_effect(&self, change: &Change) -> bool {
        let kind = change.resource;
        let live = self.id(change).and_then(|id| self.live(kind, id));
        match (change.action, live) {
            (Action::Delete, live) => live.is_none(),
            (Action::Deactivate, None) => true,
            (Action::Deactivate, Some(live)) => !AccountReader::new(self.profile).state(&live.attributes).has_access(),
            (Action::Forget, _) => self.ids.of(kind).get(change.key.as_str()) != change.id.as_deref().as_ref(),
            (Action::Create | Action::Adopt, live) => live.is_some(),
            (Action::Update | Action::Reactivate, None) => false,
            (Action::Update | Action::Reactivate, Some(live)) => {
                change.attributes.iter().all(|one| self.has(live, one)) && self.has_members(live, change)
            }
        }
    }

    fn has(&self, live: &LiveResource, attribute: &AttributeChange) -> bool {
        let comparison = Comparison::new(self.profile, live.kind, &attribute.path);
        let found = comparison.find(&live.attributes);
        match &attribute.reference {
            _ if attribute.sensitive => true,
            Some(key) => self.shown(found.to_value()) == Value::from(key.as_str()),
            None => comparison.same(&attribute.after, &found),
        }
    }

    fn has_members(&self, live: &LiveResource, change: &Change) -> bool {
        let Members::Known(members) = &live.members else { return true };
        let there: BTreeSet<&str> = members.iter().map(|member| member.id.as_str()).collect();
        let is = |member: &MemberRef| self.member_id(member).is_some_and(|id| there.contains(id));
        change.members.add.iter().all(is) && !change.members.remove.iter().any(is)
    }

    /// A live value; a reference to one of our people by key.
    fn shown(&self, value: Value) -> Value {
        let id = value.as_str().or_else(|| value.get("value").and_then(Value::as_str));
        let key = id.and_then(|id| self.keys.users.get(id).copied());
        key.map_or(value, Value::from)
    }

    fn value(&self, live: &LiveResource, path: &AttrPath) -> Value {
        let found = Comparison::new(self.profile, live.kind, path).find(&live.attributes).to_value();
        self.shown(found)
    }
}

/// What the files want at a path, and whether it is sensitive: null where it is to be cleared or is sensitive, nothing
/// where they do not say.
pub fn wanted_at(resource: &DesiredResource, path: &AttrPath) -> Option<(Value, bool)> {
    let assertion: &Assertion = resource.assertions.iter().find(|assertion| assertion.path.same(path))?;
    let value = match &assertion.value {
        Asserted::Value(value) if is_blank(value) => Value::Null,
        Asserted::Value(value) => value.clone(),
        Asserted::User(key) => Value::from(key.as_str()),
        Asserted::Secret(_) => Value::Null,
    };
    Some((if assertion.sensitive { Value::Null } else { value }, assertion.sensitive))
}

/// A change that is left, with every attribute and member in which it differs from the reviewed one.
pub(super) fn left(
    target: &str,
    named: &Change,
    [reviewed, planned]: [Option<&Change>; 2],
    (code, because): (LeftCode, String),
    now: &Now<'_>,
) -> Left {
    let mut left = Left::of(target, named, code, because);
    let live = now.id(named).and_then(|id| now.live(named.resource, id));
    left.attributes = attributes(reviewed, planned, live, now);
    left.members = members(reviewed, planned, live, now);
    left
}

fn attributes<'c>(
    reviewed: Option<&'c Change>,
    planned: Option<&'c Change>,
    live: Option<&LiveResource>,
    now: &Now<'_>,
) -> Vec<Sides> {
    let by_path = |change: Option<&'c Change>| -> BTreeMap<String, &'c AttributeChange> {
        let all = change.into_iter().flat_map(|change| &change.attributes);
        all.map(|one| (one.path.to_string(), one)).collect()
    };
    let (was, is) = (by_path(reviewed), by_path(planned));
    let paths: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let resource = planned.or(reviewed).and_then(|change| now.desired(change.resource, &change.key));
    let mut sides = Vec::new();
    for text in paths {
        let (before, after) = (was.get(text).copied(), is.get(text).copied());
        if let (Some(one), Some(other)) = (before, after)
            && (&one.before, &one.after, &one.reference) == (&other.before, &other.after, &other.reference)
        {
            continue;
        }
        let Some(path) = after.or(before).map(|one| &one.path) else { continue };
        let stated = resource.and_then(|resource| wanted_at(resource, path));
        let seen = || live.map(|live| now.value(live, path)).unwrap_or_default();
        let sensitive = [before, after].into_iter().flatten().any(|one| one.sensitive)
            || stated.as_ref().is_some_and(|(_, sensitive)| *sensitive);
        let (live, wanted) = match after {
            Some(change) => (change.before.clone(), Some(change.after.clone())),
            None => (seen(), stated.map(|(value, _)| value)),
        };
        sides.push(Sides {
            path: text.clone(),
            reviewed_before: before.map(|one| one.before.clone()),
            reviewed_after: before.map(|one| one.after.clone()),
            live: if sensitive { Value::Null } else { live },
            wanted,
            sensitive,
        });
    }
    sides
}

/// Who a member is: by key, a stranger by id.
type Who<'a> = (ResourceKind, Option<&'a str>, Option<&'a str>);

fn who(member: &MemberRef) -> Who<'_> {
    (member.resource, member.key.as_deref(), member.id.as_deref().filter(|_| member.key.is_none()))
}

fn moves(change: Option<&Change>) -> BTreeMap<Who<'_>, (MemberMove, &MemberRef)> {
    let mut all = BTreeMap::new();
    if let Some(Change { members, .. }) = change {
        all.extend(members.add.iter().map(|one| (who(one), (MemberMove::Joins, one))));
        all.extend(members.remove.iter().map(|one| (who(one), (MemberMove::Leaves, one))));
    }
    all
}

fn members(
    reviewed: Option<&Change>,
    planned: Option<&Change>,
    live: Option<&LiveResource>,
    now: &Now<'_>,
) -> Vec<MemberSides> {
    let (was, is) = (moves(reviewed), moves(planned));
    let there: Option<BTreeSet<&str>> = match live.map(|live| &live.members) {
        Some(Members::Known(members)) => Some(members.iter().map(|member| member.id.as_str()).collect()),
        _ => None,
    };
    let everyone: BTreeSet<&Who<'_>> = was.keys().chain(is.keys()).collect();
    let mut sides = Vec::new();
    for who in everyone {
        let (before, after) = (was.get(who), is.get(who));
        let direction = |side: Option<&(MemberMove, &MemberRef)>| side.map(|(direction, _)| *direction);
        if direction(before) == direction(after) {
            continue;
        }
        let Some((_, member)) = after.or(before) else { continue };
        let id = now.member_id(member);
        sides.push(MemberSides {
            resource: member.resource,
            key: member.key.clone(),
            name: member.name.clone(),
            reviewed: direction(before),
            live: there.as_ref().map(|there| id.is_some_and(|id| there.contains(id))),
            wanted: direction(after),
        });
    }
    sides
}
