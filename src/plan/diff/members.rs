//! Members of groups. Membership is exact among those whom we manage; others are left alone unless this repository
//! is the only source.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use crate::desired::{DesiredResource, MemberKey, Presence};
use crate::diag::NoticeCode;
use crate::directory::{Manage, scope};
use crate::ledger::Entry;
use crate::live::{LiveMember, LiveResource, Members};
use crate::plan::schedule::MemberForm;
use crate::plan::{MemberChange, MemberRef, Origin, Reason};
use crate::profile::MembersShown;
use crate::scim::ResourceKind;
use crate::source::Span;

use super::matched_target::{MatchedTarget, Owner, Resolved};
use super::notes::Note;
use super::reasons;

/// Members of a new group.
pub(super) fn created(matched: &MatchedTarget<'_>, group: &DesiredResource, notes: &mut Vec<Note>) -> MemberChange {
    let nobody = HashSet::new();
    let mut add = additions(matched, group, None, (&nobody, &nobody), notes);
    for member in &mut add {
        member.reason = Some(Reason::NotThere);
    }
    MemberChange { add, remove: Vec::new() }
}

/// Members that come and go.
pub(super) fn compared(
    matched: &MatchedTarget<'_>,
    group: &DesiredResource,
    live: &LiveResource,
    entry: Option<&Entry>,
    notes: &mut Vec<Note>,
) -> MemberChange {
    let Some(wanted) = &group.members else {
        return MemberChange::default();
    };
    let added = added(entry);
    if hides_members(matched, live) || may_hide_some(matched, live, &added, !wanted.is_empty()) {
        notes.push(Note::unread(live));
    }
    let Some(members) = believed(matched, live, entry, &group.key, notes) else {
        return MemberChange::default();
    };
    let present: HashSet<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let mut add = additions(matched, group, entry, (&present, &added), notes);
    if present.is_empty() && shows_nobody(matched) {
        // Of whom the ledger says that they were seen in it, the target did show that.
        let unknown = [Some(Reason::ChangedInRepository), Some(Reason::Differs)];
        for member in add.iter_mut().filter(|one| unknown.contains(&one.reason)) {
            notes.push(Note::new(NoticeCode::MembersNotShown, "", &group.key));
            member.reason = Some(Reason::Differs);
        }
    }
    let stay = ids(matched, wanted);
    let others = members.iter().filter(|member| !stay.contains(member.id.as_str()));
    let mut leaving = sorted_out(matched, others, &added, (&group.key, notes));
    let ended = if leaving.is_empty() { HashSet::new() } else { ended(matched, &group.key) };
    if group.additive && !leaving.is_empty() {
        let is_over = |one: &&LiveMember| {
            added.contains(one.id.as_str())
                && matched.owner(one.kind, &one.id).key().is_some_and(|key| ended.contains(key))
        };
        let (over, kept): (Vec<_>, Vec<_>) = leaving.into_iter().partition(is_over);
        let kept = kept.into_iter().map(|member| reference(matched, member, None, None));
        notes.extend(
            kept.map(|one| Note::new(NoticeCode::MembersKept, &group.key, one.key.as_ref().unwrap_or(&one.name))),
        );
        leaving = over;
    }
    let why = |member: &LiveMember| reasons::leaves(matched, entry, &added, &ended, member);
    let remove = references(matched, &leaving, matched.input.origin(group.origin).as_ref(), &why);
    MemberChange { add, remove: unless_forbidden(matched, live, &group.key, remove, notes) }
}

/// Those who leave a group, unless an incomplete or doubtful read forbids it.
pub(super) fn unless_forbidden(
    matched: &MatchedTarget<'_>,
    live: &LiveResource,
    key: &str,
    remove: Vec<MemberRef>,
    notes: &mut Vec<Note>,
) -> Vec<MemberRef> {
    let code = if !matched.may_remove() {
        NoticeCode::RemovalsOff
    } else if !matched.is_certain(ResourceKind::Group, &live.id, true) {
        NoticeCode::Unconfirmed
    } else {
        return remove;
    };
    notes.extend((!remove.is_empty()).then(|| Note::new(code, "members", key)));
    Vec::new()
}

/// Why a group is given up.
#[derive(Clone, Copy)]
pub(super) struct Cause<'c> {
    pub(super) reason: Reason,
    pub(super) origin: Option<&'c Origin>,
}

/// What becomes of the members of a group that is no longer pushed.
pub(super) struct Emptied {
    /// Who is taken out.
    pub(super) remove: Vec<MemberRef>,
    /// Whether somebody is in it, as far as is known, who is there by this repository.
    pub(super) holds_ours: bool,
}

/// Members of a group that is no longer pushed which are ours to remove: those whom we added or found as declared. Who
/// else is there has the membership by someone else, unless this repository is the only source.
pub(super) fn emptied(
    matched: &MatchedTarget<'_>,
    live: &LiveResource,
    entry: Option<&Entry>,
    cause: Cause<'_>,
    (key, notes): (&str, &mut Vec<Note>),
) -> Emptied {
    let added = added(entry);
    if may_hide_some(matched, live, &added, false) {
        notes.push(Note::unread(live));
    }
    let Some(members) = believed(matched, live, entry, key, notes) else {
        return Emptied { remove: Vec::new(), holds_ours: !added.is_empty() };
    };
    let is_ours = |member: &&LiveMember| added.contains(member.id.as_str());
    let leaving = match matched.input.target.manage {
        Manage::All => sorted_out(matched, members.iter(), &added, (key, notes)),
        Manage::Owned => members.iter().filter(is_ours).filter(|member| goes(matched, member, &added)).collect(),
    };
    let holds_ours = members.iter().any(|member| is_ours(&member));
    Emptied { remove: references(matched, &leaving, cause.origin, &|_| cause.reason), holds_ours }
}

/// The members that may be removed. Who might be a declared person that the list hides is told of and stays.
fn sorted_out<'l>(
    matched: &MatchedTarget<'_>,
    members: impl Iterator<Item = &'l LiveMember>,
    added: &HashSet<&str>,
    (key, notes): (&str, &mut Vec<Note>),
) -> Vec<&'l LiveMember> {
    let (unlisted, leaving): (Vec<_>, Vec<_>) = members
        .filter(|member| goes(matched, member, added))
        .partition(|member| !added.contains(member.id.as_str()) && is_unlisted(matched, member));
    notes.extend(unlisted.into_iter().map(|member| Note::new(NoticeCode::MembersUnlisted, key, &member.id)));
    leaving
}

/// Whether a member is nobody whom the list of people showed, where it may not show everyone or someone is about to be
/// created who may be there already.
fn is_unlisted(matched: &MatchedTarget<'_>, member: &LiveMember) -> bool {
    matched.people_may_be_hidden()
        && matched.owner(member.kind, &member.id) == Owner::Nobody
        && matched.find(ResourceKind::User, &member.id).is_none()
}

/// People whose membership in a group was declared until a day that is over.
fn ended<'s>(matched: &'s MatchedTarget<'_>, key: &str) -> HashSet<&'s str> {
    let (directory, today) = (matched.input.directory, matched.input.as_of);
    let Some((key, _)) = directory.groups.get_key_value(key) else { return HashSet::new() };
    let content = scope::expand(directory, [key], None, |_| false);
    let over = content.users.into_iter().filter(|(_, cause)| cause.until.is_some_and(|until| until < today));
    over.map(|(user, _)| user.as_str()).collect()
}

/// Whether no group at all shows a member, at a target of which it is not known that it shows them.
fn shows_nobody(matched: &MatchedTarget<'_>) -> bool {
    let shows = |group: &LiveResource| matches!(&group.members, Members::Known(members) if !members.is_empty());
    let profile = &matched.input.target.profile;
    profile.capabilities.members != MembersShown::Never
        && !profile.is_verified("capabilities.members")
        && !matched.live(ResourceKind::Group).iter().any(shows)
}

/// Whether a list does not say who is in a group, and a read by its id may.
pub(in crate::plan) fn hides_members(matched: &MatchedTarget<'_>, live: &LiveResource) -> bool {
    let shown_somewhere = matched.input.target.profile.capabilities.members != MembersShown::Never;
    !live.by_id && shown_somewhere && live.members == Members::Unknown
}

/// Whether a list may hide some members of a group: it shows none where there are to be some, or not all whom we added.
fn may_hide_some(matched: &MatchedTarget<'_>, live: &LiveResource, added: &HashSet<&str>, expected: bool) -> bool {
    let shown_somewhere = matched.input.target.profile.capabilities.members != MembersShown::Never;
    let Members::Known(shown) = &live.members else { return false };
    let lacks = || {
        let shown: HashSet<&str> = shown.iter().map(|member| member.id.as_str()).collect();
        added.iter().any(|id| !shown.contains(id))
    };
    !live.by_id && shown_somewhere && ((shown.is_empty() && expected) || lacks())
}

/// Who is taken to be in a group: who was seen there, else whom the ledger says we added. To add or remove one of these
/// by name is safe whoever else is in it (T71). `None` where membership can't be changed member by member: what is sent
/// as a whole must be read before.
pub(super) fn believed<'l>(
    matched: &MatchedTarget<'_>,
    live: &'l LiveResource,
    entry: Option<&Entry>,
    key: &str,
    notes: &mut Vec<Note>,
) -> Option<Cow<'l, [LiveMember]>> {
    let facts = &matched.input.target.profile.capabilities;
    let by_name = MemberForm::new(facts, &matched.input.live.discovery).is_by_name();
    match &live.members {
        Members::Known(members) if by_name || facts.members != MembersShown::Never => Some(Cow::Borrowed(members)),
        Members::Unknown if by_name => {
            notes.push(Note::new(NoticeCode::MembersByLedger, "", key));
            let added = entry.iter().flat_map(|entry| &entry.members);
            Some(added.map(|id| LiveMember { id: id.clone(), kind: None, display: None }).collect())
        }
        Members::Known(_) | Members::Unknown => {
            notes.push(Note::new(NoticeCode::MembersUnknown, "", key));
            None
        }
    }
}

/// The order in which members are listed: users before groups, by key, those without one by id.
fn order(member: &MemberRef) -> (ResourceKind, Option<&String>, Option<&String>) {
    (member.resource, member.key.as_ref(), member.id.as_ref())
}

fn additions(
    matched: &MatchedTarget<'_>,
    group: &DesiredResource,
    entry: Option<&Entry>,
    (present, added): (&HashSet<&str>, &HashSet<&str>),
    notes: &mut Vec<Note>,
) -> Vec<MemberRef> {
    let mut add = Vec::new();
    for (member, span) in group.members.iter().flatten() {
        let (kind, key) = (member.kind, &*member.key);
        // A target may drop the memberships of who is inactive there; they come back with the person (T73).
        let gone = matched.desired(kind, key).is_some_and(|resource| resource.presence != Presence::Active);
        if gone || matched.stays_inactive(kind, key) {
            continue;
        }
        let resolved = matched.resolve(kind, key);
        let id = match resolved {
            Resolved::Id(id) if present.contains(id) => continue,
            // An error says so already.
            Resolved::Held(_) => continue,
            Resolved::Id(id) => Some(id.to_owned()),
            Resolved::Created => None,
            Resolved::Absent => {
                notes.push(Note::new(NoticeCode::MembersAbsent, &group.key, key));
                continue;
            }
        };
        let reason = Some(reasons::joins(matched, entry, added, matched.desired(kind, key), resolved));
        let (key, name) = (Some(key.to_owned()), matched.name_of(kind, key));
        add.push(MemberRef { resource: kind, key, id, name, reason, origin: matched.input.origin(*span) });
    }
    add.sort_by(|a, b| order(a).cmp(&order(b)));
    add
}

/// Ids of the declared members that are there.
fn ids<'s>(matched: &'s MatchedTarget<'_>, wanted: &BTreeMap<MemberKey, Span>) -> HashSet<&'s str> {
    wanted
        .keys()
        .filter_map(|member| match matched.resolve(member.kind, &member.key) {
            Resolved::Id(id) | Resolved::Held(id) => Some(id),
            Resolved::Created | Resolved::Absent => None,
        })
        .collect()
}

/// Ids of the members that we added.
fn added(entry: Option<&Entry>) -> HashSet<&str> {
    entry.iter().flat_map(|entry| &entry.members).map(String::as_str).collect()
}

/// Whether a live member that is not declared may be removed.
fn goes(matched: &MatchedTarget<'_>, member: &LiveMember, added: &HashSet<&str>) -> bool {
    match matched.owner(member.kind, &member.id) {
        Owner::Held(_) => false,
        // Whose access has ended leaves the groups too, or a reactivation at the vendor would bring all of it back.
        Owner::Declared(..) | Owner::Former(..) => true,
        Owner::Nobody => added.contains(member.id.as_str()) || is_strangers(matched, member),
    }
}

/// Whether a member whom nobody declared is ours to remove because this repository is the only source. A nested group
/// is not (T69), nor anyone as long as a person who can't be planned might be meant.
fn is_strangers(matched: &MatchedTarget<'_>, member: &LiveMember) -> bool {
    let kind = member.kind.or_else(|| matched.find(ResourceKind::Group, &member.id).map(|group| group.kind));
    matched.input.target.manage == Manage::All
        && kind != Some(ResourceKind::Group)
        && matched.is_complete(ResourceKind::User)
        && matched.knows_all_held(ResourceKind::User)
}

/// Those who leave, in order, each once.
fn references(
    matched: &MatchedTarget<'_>,
    members: &[&LiveMember],
    origin: Option<&Origin>,
    why: &dyn Fn(&LiveMember) -> Reason,
) -> Vec<MemberRef> {
    let named = members.iter().map(|member| reference(matched, member, Some(why(member)), origin));
    let mut remove: Vec<MemberRef> = named.collect();
    remove.sort_by(|a, b| order(a).cmp(&order(b)));
    remove.dedup_by(|a, b| a.id == b.id);
    remove
}

fn reference(
    matched: &MatchedTarget<'_>,
    member: &LiveMember,
    reason: Option<Reason>,
    origin: Option<&Origin>,
) -> MemberRef {
    let owner = matched.owner(member.kind, &member.id);
    let kind = match owner {
        Owner::Declared(kind, _) | Owner::Former(kind, _) => kind,
        Owner::Held(_) | Owner::Nobody => member.kind.unwrap_or(ResourceKind::User),
    };
    let live = || matched.find(kind, &member.id).map(LiveResource::name);
    let name = match owner.key() {
        Some(key) if matched.desired(kind, key).is_some() => matched.name_of(kind, key),
        _ => live().unwrap_or_else(|| member.name()),
    };
    MemberRef {
        resource: kind,
        key: owner.key().map(str::to_owned),
        id: Some(member.id.clone()),
        name,
        reason,
        origin: origin.cloned(),
    }
}
