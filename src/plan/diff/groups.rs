//! One pushed group against the live one.

use crate::desired::DesiredResource;
use crate::diag::NoticeCode;
use crate::plan::Action;

use super::notes::Note;
use super::outcome::{Outcome, draft};
use super::scene::Scene;
use super::{attributes, members, reasons, words};

/// What is to be done about one pushed group.
pub(super) fn plan(scene: &Scene<'_>, resource: &DesiredResource) -> Outcome {
    if scene.is_held(resource.kind, &resource.key) {
        return Outcome::default();
    }
    let mut notes = Vec::new();
    let Some(live) = scene.matched(resource.kind, &resource.key) else {
        if !scene.takes_new(resource.kind) {
            return Outcome::note(Note::new(NoticeCode::CannotCreate, &resource.kind.to_string(), &resource.key));
        }
        let mut change = draft(Action::Create, resource.kind, &resource.key, &resource.name);
        change.attributes = attributes::created(scene, resource, &mut notes);
        change.members = members::created(scene, resource, &mut notes);
        change.reason = reasons::created(scene.entry(resource));
        change.because = words::not_there(scene.entry(resource).is_some());
        change.origin = scene.input.origin(resource.origin);
        return Outcome { change: Some(change), notes, ..Outcome::default() };
    };
    let entry = scene.entry(resource);
    let attributes = attributes::compared(scene, resource, live, attributes::Activity::Active, &mut notes);
    let members = members::compared(scene, resource, live, entry, &mut notes);
    let mut outcome = Outcome { notes, adopted: entry.is_none(), ..Outcome::default() };
    if attributes.is_empty() && members.is_empty() {
        outcome.unchanged = true;
        return outcome;
    }
    let mut change = draft(Action::Update, resource.kind, &resource.key, &resource.name);
    change.id = Some(live.id.clone());
    change.adopted = outcome.adopted;
    change.reason = words::reason(&attributes);
    change.because = words::because(&attributes, &members);
    change.origin = words::first_origin(&attributes)
        .or_else(|| members.add.iter().find_map(|member| member.origin.clone()))
        .or_else(|| scene.input.origin(resource.origin));
    change.attributes = attributes;
    change.members = members;
    outcome.change = Some(change);
    outcome
}
