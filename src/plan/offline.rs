//! What a change of the files means, without asking any target: the former files are taken to be applied, and what they
//! imply is compared with what the new ones do. The comparison, its limits and its reasons are those of every plan.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::schedule::{cost, schedule};
use super::{PlanInput, PlanNotice, TargetPlan, asserted_hash, plan_target};
use crate::desired::{Asserted, Desired, DesiredResource, MemberKey, Presence};
use crate::diag::NoticeCode;
use crate::directory::{Directory, Target};
use crate::ledger::{Entry, Hasher, TargetLedger};
use crate::live::{ListTrust, Live, LiveMember, LiveResource, Members};
use crate::scim::{Object, PerKind, ResourceKind, Value};
use crate::source::SourceMap;

/// The files that a plan was held against in place of live targets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Base {
    /// As it was asked for: a revision of git.
    pub name: String,
    /// The commit; none where there were no files before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The commit whose files are the new side; none where they are those of the work tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// Targets that the new side declares no more: nothing is done there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
}

/// The new side of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct After<'a> {
    /// The target, as the new files have it.
    pub target: &'a Target,
    /// What they imply for it.
    pub desired: &'a Desired,
    /// Everything that they declare.
    pub directory: &'a Directory,
    /// The files, for places.
    pub sources: &'a SourceMap,
    /// The day of the comparison.
    pub as_of: Date,
    /// Keys to which it is restricted.
    pub only: Option<&'a BTreeSet<String>>,
}

/// Notices about ledgers, logins and reads: there are none here.
const NOT_OF_FILES: [NoticeCode; 3] = [NoticeCode::Adopts, NoticeCode::NoLedger, NoticeCode::SelfNotFound];

/// The plan of a target at which everything of `before` was applied. `former` is the directory that implied it
/// and the day for which it did; none where there was none. No id in it is one of the target's, so none is told.
/// What a reviewer should know of both sides alike is no news, and is left out.
pub fn offline(before: &Desired, former: Option<(&Directory, Date)>, after: After<'_>, hasher: &Hasher) -> TargetPlan {
    let mut plan = compared(before, former, after, hasher);
    let then =
        former.and_then(|(directory, as_of)| Some((directory, as_of, directory.targets.get(&after.target.name)?)));
    if let Some((directory, as_of, target)) = then.filter(|_| !plan.notices.is_empty()) {
        let same = compared(before, former, After { target, desired: before, directory, as_of, ..after }, hasher);
        // Places of the former files mean nothing here.
        let known: BTreeSet<(NoticeCode, String)> =
            same.notices.into_iter().map(|notice| (notice.code, notice.message)).collect();
        plan.notices.retain(|notice| !known.contains(&(notice.code, notice.message.clone())));
    }
    plan.notices.extend(then.and_then(|(_, _, target)| moved(target, &after)));
    plan
}

/// Another address or profile: who has an account there can't be known from the files.
fn moved(then: &Target, after: &After<'_>) -> Option<PlanNotice> {
    let now = after.target;
    let what = match (then.url != now.url, then.profile.name != now.profile.name) {
        (true, true) => "address and profile change",
        (true, false) => "address changes",
        (false, true) => "profile changes",
        (false, false) => return None,
    };
    Some(PlanNotice {
        code: NoticeCode::MovedTarget,
        message: format!(
            "the target's {what}; the comparison takes it that everybody is there already. Check where the credentials would go; `scimform plan` tells what the other server lacks"
        ),
        origin: None,
    })
}

/// The same with all notices.
pub(super) fn compared(
    before: &Desired,
    former: Option<(&Directory, Date)>,
    after: After<'_>,
    hasher: &Hasher,
) -> TargetPlan {
    let After { target, desired, directory, sources, as_of, only } = after;
    let (live, ledger) = applied(before, former, hasher);
    let input = PlanInput { target, desired, live: &live, ledger: &ledger, hasher, directory, sources, as_of, only };
    let mut plan = plan_target(input);
    if plan.is_written() {
        plan.cost = cost(&schedule(&plan, desired, &live, &target.profile, &live.discovery), &target.profile);
    }
    plan.notices.retain(|notice| !NOT_OF_FILES.contains(&notice.code));
    for change in plan.changes.iter_mut().chain(&mut plan.suppressed) {
        change.id = None;
        change.precondition = super::Precondition::default();
        let members = change.members.add.iter_mut().chain(&mut change.members.remove);
        members.for_each(|member| member.id = None);
    }
    plan.adoptions.clear();
    plan
}

/// A target and its ledger as they are once everything desired was applied.
fn applied(desired: &Desired, former: Option<(&Directory, Date)>, hasher: &Hasher) -> (Live, TargetLedger) {
    let mut live = Live { trust: PerKind { users: ListTrust::Whole, groups: ListTrust::Whole }, ..Live::default() };
    let mut ledger = TargetLedger::default();
    // Whoever has not begun yet has no account; whoever ended has one.
    let is_to_begin = |key: &str| {
        former.is_some_and(|(directory, day)| {
            directory.users.get(key).and_then(|user| user.starts).is_some_and(|starts| starts > day)
        })
    };
    let has_account = |person: &DesiredResource| person.presence == Presence::Active || !is_to_begin(&person.key);
    let people: BTreeSet<&str> =
        desired.users.values().filter(|person| has_account(person)).map(|person| person.key.as_str()).collect();
    let known = |kind: ResourceKind, key: &str| match kind {
        ResourceKind::User => people.contains(key),
        ResourceKind::Group => desired.groups.contains_key(key),
    };
    let users = desired.users.values().filter(|person| people.contains(person.key.as_str()));
    for resource in users.chain(desired.groups.values()) {
        let id = id(resource.kind, &resource.key);
        let inactive = resource.presence != Presence::Active;
        let deactivated = former.map(|(_, day)| day).filter(|_| inactive);
        let mut entry = Entry { id: id.clone(), deactivated, ..Entry::default() };
        let mut attributes = Object::default();
        for assertion in &resource.assertions {
            let value = match &assertion.value {
                Asserted::Value(value) => value.clone(),
                Asserted::User(key) if known(ResourceKind::User, key.as_str()) => {
                    Value::from(self::id(ResourceKind::User, key.as_str()))
                }
                Asserted::User(_) | Asserted::Secret(_) => continue,
            };
            assertion.path.assign(&mut attributes, value);
            let path = assertion.path.to_string();
            let hash = asserted_hash(hasher, &path, &assertion.value);
            entry.asserted.insert(&path, hash);
        }
        let mut members = Vec::new();
        for MemberKey { kind, key } in resource.members.iter().flatten().map(|(member, _)| member) {
            if known(*kind, key) {
                members.push(LiveMember { id: self::id(*kind, key), kind: Some(*kind), display: None });
            }
        }
        members.sort();
        entry.members = members.iter().map(|member| member.id.clone()).collect();
        ledger.of_mut(resource.kind).insert(resource.key.clone(), entry);
        let members = Members::Known(members);
        let made = LiveResource {
            kind: resource.kind,
            id,
            version: None,
            attributes,
            members,
            by_id: false,
            unkept: crate::live::Unkept::default(),
        };
        live.of_mut(resource.kind).push(made);
    }
    (live, ledger)
}

/// Stands for an id of the target. The order of ids is that of keys.
fn id(kind: ResourceKind, key: &str) -> String {
    format!("{kind}:{key}")
}
