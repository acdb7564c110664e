//! One declared person against the live account.

use crate::desired::{Asserted, Assertion, DesiredResource, Presence};
use crate::ledger::Entry;
use crate::live::LiveResource;
use crate::live::normal::{Found, Handling, is_blank};
use crate::plan::{Action, AttributeChange, Change, Reason};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

use super::notes::{Code, Note};
use super::outcome::{Outcome, Refusal, draft, inactivated};
use super::scene::{Prepared, Scene};
use super::{attributes, protect, reasons, words};

/// What is to be done about one declared person.
pub(super) fn plan(scene: &Scene<'_>, resource: &DesiredResource) -> Outcome {
    if scene.is_held(resource.kind, &resource.key) {
        return Outcome::default();
    }
    let Some(live) = scene.matched(resource.kind, &resource.key) else {
        return match &resource.presence {
            Presence::Active if !scene.takes_new(resource.kind) => {
                Outcome::note(Note::new(Code::CannotCreate, &resource.kind.to_string(), &resource.key))
            }
            Presence::Active => create(scene, resource),
            Presence::Inactive(_) => Outcome::note(Note::new(Code::InactiveAbsent, "", &resource.key)),
        };
    };
    let hidden = access_note(scene, live, &resource.key);
    let mut outcome = match &resource.presence {
        Presence::Inactive(why) => deactivate(scene, resource, live, why),
        Presence::Active => update(scene, resource, live),
    };
    outcome.notes.extend(hidden);
    outcome.adopted = scene.entry(resource).is_none();
    outcome.unchanged = outcome.change.is_none();
    if let Some(change) = &mut outcome.change {
        change.adopted = outcome.adopted;
        change.id = Some(live.id.clone());
    }
    outcome
}

fn create(scene: &Scene<'_>, resource: &DesiredResource) -> Outcome {
    let mut change = draft(Action::Create, resource.kind, &resource.key, &resource.name);
    let mut notes = Vec::new();
    change.attributes = attributes::created(scene, resource, &mut notes);
    if scene.input.target.profile.attributes.pending_until_password {
        notes.push(Note::new(Code::PendingPassword, "", &resource.key));
    }
    change.reason = reasons::created(scene.entry(resource));
    change.because = words::not_there(scene.entry(resource).is_some());
    change.origin = scene.input.origin(resource.origin);
    Outcome { change: Some(change), notes, ..Outcome::default() }
}

/// What `active` says on both sides.
struct Activity<'a> {
    prepared: &'a Prepared,
    found: Found<'a>,
}

impl<'a> Activity<'a> {
    fn of(scene: &'a Scene<'_>, live: &'a LiveResource) -> Option<Self> {
        let prepared = scene.prepared(ResourceKind::User, &AttrPath::attribute("active"))?;
        Some(Self { prepared, found: prepared.comparison.find(&live.attributes) })
    }

    /// Left out means true (E29).
    fn is_live(&self) -> bool {
        !self.prepared.comparison.same(&Value::Bool(false), &self.found)
    }

    fn is_shown(&self) -> bool {
        !self.found.is_blank()
    }
}

/// Whether a live account has access, as far as the target says; of one whose access it does not show, as far as the
/// ledger says.
pub(in crate::plan) fn is_active(scene: &Scene<'_>, live: &LiveResource) -> bool {
    let ended = || scene.entry_of(live).is_some_and(|entry| entry.deactivated.is_some());
    Activity::of(scene, live).is_none_or(|activity| if activity.is_shown() { activity.is_live() } else { !ended() })
}

/// Whether a list leaves open who has access: the target takes `active`, and the list does not show it of this account.
pub(in crate::plan) fn hides_access(scene: &Scene<'_>, live: &LiveResource) -> bool {
    !live.by_id
        && !scene.leaves_out(ResourceKind::User)
        && can_deactivate(scene)
        && Activity::of(scene, live).is_some_and(|activity| !activity.is_shown())
}

/// What is to be said where the target does not show who has access: that it is to be read by its id, or that nothing
/// shows it.
pub(super) fn access_note(scene: &Scene<'_>, live: &LiveResource, key: &str) -> Option<Note> {
    if hides_access(scene, live) {
        return Some(Note::unread(live));
    }
    let shown = !tells_access(scene) || Activity::of(scene, live).is_none_or(|activity| activity.is_shown());
    (!shown && live.by_id).then(|| Note::new(Code::AccessNotShown, "", key))
}

/// Whether a live account may have access. Where the target computes `active`, one that shows false may only wait for a
/// password (JumpCloud, E30), so it is not taken for suspended until we have said so once.
pub(in crate::plan) fn may_have_access(scene: &Scene<'_>, live: &LiveResource, entry: Option<&Entry>) -> bool {
    let computed = || {
        scene
            .prepared(ResourceKind::User, &AttrPath::attribute("active"))
            .is_some_and(|prepared| prepared.comparison.handling() == Handling::Derived)
    };
    is_active(scene, live) || (entry.is_none_or(|entry| entry.deactivated.is_none()) && computed())
}

/// Whether a live account shows for itself that it has no access: what a profile says of accounts that show nothing is
/// not enough to delete one.
pub(super) fn is_plainly_inactive(scene: &Scene<'_>, live: &LiveResource) -> bool {
    !is_active(scene, live) && live.attributes.get("active").is_some_and(|active| !is_blank(active))
}

/// `active` as it is live, to be shown.
pub(super) fn active_value(scene: &Scene<'_>, live: &LiveResource) -> Value {
    Activity::of(scene, live).map_or(Value::Null, |activity| activity.found.to_value())
}

/// Whether the target takes `active` at all.
pub(in crate::plan) fn can_deactivate(scene: &Scene<'_>) -> bool {
    scene.prepared(ResourceKind::User, &AttrPath::attribute("active")).is_some_and(|prepared| {
        !matches!(prepared.comparison.handling(), Handling::Silent | Handling::Hidden | Handling::CreateOnly)
    })
}

/// Whether the target shows who has access: it takes `active` and shows what it was given.
pub(in crate::plan) fn tells_access(scene: &Scene<'_>) -> bool {
    let active = scene.prepared(ResourceKind::User, &AttrPath::attribute("active"));
    can_deactivate(scene) && active.is_some_and(|one| one.comparison.handling() != Handling::Derived)
}

fn deactivate(scene: &Scene<'_>, resource: &DesiredResource, live: &LiveResource, why: &str) -> Outcome {
    if !may_have_access(scene, live, scene.entry(resource)) {
        // A server may blank or change the values of an inactive account (E48): nothing else is compared.
        return Outcome::default();
    }
    if !can_deactivate(scene) {
        return Outcome::note(Note::new(Code::CannotDeactivate, "", &resource.key));
    }
    if !scene.may_remove() {
        return Outcome::note(Note::new(Code::RemovalsOff, "deactivation", &resource.key));
    }
    if scene.allows(resource.kind, Action::Deactivate)
        && let Some(rule) = protect::rule(scene, live)
    {
        let (kind, key, name) = (resource.kind, resource.key.clone(), resource.name.clone());
        return Outcome { refused: Some(Refusal { kind, key, name, rule }), ..Outcome::default() };
    }
    if !scene.is_certain(resource.kind, &live.id, true) {
        return Outcome::note(Note::new(Code::Unconfirmed, "", &resource.key));
    }
    let reason = reasons::inactive(scene, &resource.key);
    let (entry, has_access) = (scene.entry(resource), is_active(scene, live));
    let assertion = resource.assertions.iter().find(|assertion| attributes::is_active(resource, assertion));
    let origin = scene.input.origin(assertion.map_or(resource.origin, |assertion| assertion.origin));
    let mut change = draft(Action::Deactivate, resource.kind, &resource.key, &resource.name);
    let moved = reasons::loses_access(entry, has_access, reason);
    change.attributes = vec![inactivated(active_value(scene, live), moved, origin.clone())];
    change.reason = reason;
    change.because = words::and(why, reasons::active_again(entry, has_access));
    change.origin = origin;
    Outcome::change(change)
}

/// What becomes of `active` for a person who should have access.
enum Access {
    /// It is as it should be, or not asserted.
    Same,
    /// It is given again.
    Again(AttributeChange),
    /// It can't be given.
    Never(Code),
}

fn access(scene: &Scene<'_>, resource: &DesiredResource, live: &LiveResource) -> Access {
    let asserted = resource.assertions.iter().find(|assertion| attributes::is_active(resource, assertion));
    let (Some(assertion), Some(activity)) = (asserted, Activity::of(scene, live)) else {
        return Access::Same;
    };
    if is_active(scene, live) || assertion.value != Asserted::Value(Value::Bool(true)) || !can_deactivate(scene) {
        return Access::Same;
    }
    if !scene.input.target.profile.capabilities.reactivation {
        return Access::Never(Code::CannotReactivate);
    }
    let sent = attributes::asserted_hash(scene, activity.prepared, assertion);
    let before = scene.entry(resource).and_then(|entry| entry.asserted.get("active"));
    if activity.prepared.comparison.handling() == Handling::Derived && before == Some(&sent) {
        return Access::Never(Code::Derived);
    }
    let reason = reasons::gains_access(scene.entry(resource), &sent);
    Access::Again(again(scene, assertion, activity.found.to_value(), reason))
}

fn again(scene: &Scene<'_>, assertion: &Assertion, before: Value, reason: Reason) -> AttributeChange {
    AttributeChange {
        path: "active".to_owned(),
        before,
        after: Value::Bool(true),
        reference: None,
        sensitive: false,
        reason,
        origin: scene.input.origin(assertion.origin),
    }
}

fn update(scene: &Scene<'_>, resource: &DesiredResource, live: &LiveResource) -> Outcome {
    let mut notes = Vec::new();
    let reactivated = match access(scene, resource, live) {
        Access::Same => None,
        Access::Again(change) => Some(change),
        Access::Never(code) => {
            let pending = code == Code::Derived && scene.input.target.profile.attributes.pending_until_password;
            let code = if pending { Code::PendingPassword } else { code };
            let note = Note::new(code, if code == Code::Derived { "active" } else { "" }, &resource.key);
            if code == Code::CannotReactivate {
                return Outcome::note(note);
            }
            notes.push(note);
            None
        }
    };
    let action = if reactivated.is_some() { Action::Reactivate } else { Action::Update };
    let activity = match reactivated {
        Some(_) => attributes::Activity::Reactivated,
        None if is_active(scene, live) => attributes::Activity::Active,
        None => attributes::Activity::Inactive,
    };
    let mut attributes = attributes::compared(scene, resource, live, activity, &mut notes);
    let access = reactivated.as_ref().map(|change| change.reason);
    attributes.extend(reactivated);
    let change = (!attributes.is_empty()).then(|| updated(scene, resource, action, attributes, access));
    Outcome { change, notes, ..Outcome::default() }
}

fn updated(
    scene: &Scene<'_>,
    resource: &DesiredResource,
    action: Action,
    mut attributes: Vec<AttributeChange>,
    access: Option<Reason>,
) -> Change {
    attributes.sort_by(|a, b| a.path.cmp(&b.path));
    let mut change = draft(action, resource.kind, &resource.key, &resource.name);
    change.reason = access.unwrap_or_else(|| words::reason(&attributes));
    change.because = words::because(&attributes, &change.members);
    change.origin = words::first_origin(&attributes).or_else(|| scene.input.origin(resource.origin));
    change.attributes = attributes;
    change
}
