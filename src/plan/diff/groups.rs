//! One pushed group against the live one.

use crate::desired::DesiredResource;
use crate::diag::NoticeCode;
use crate::plan::Action;

use super::matched_target::MatchedTarget;
use super::notes::Note;
use super::outcome::{Outcome, draft};
use super::{attributes, members, reasons, words};

/// What is to be done about one pushed group.
pub(super) fn plan(matched: &MatchedTarget<'_>, resource: &DesiredResource) -> Outcome {
    if matched.is_held(resource.kind, &resource.key) {
        return Outcome::default();
    }
    let mut notes = Vec::new();
    let Some(live) = matched.live_of(resource.kind, &resource.key) else {
        if !matched.takes_new(resource.kind) {
            return Outcome::note(Note::new(NoticeCode::CannotCreate, &resource.kind.to_string(), &resource.key));
        }
        let mut change = draft(Action::Create, resource.kind, &resource.key, &resource.name);
        change.attributes = attributes::created(matched, resource, &mut notes);
        change.members = members::created(matched, resource, &mut notes);
        change.reason = reasons::created(matched.entry(resource));
        change.because = words::not_there(matched.entry(resource).is_some());
        change.origin = matched.input.origin(resource.origin);
        return Outcome { change: Some(change), notes, ..Outcome::default() };
    };
    let entry = matched.entry(resource);
    let attributes = attributes::compared(matched, resource, live, attributes::Activity::Active, &mut notes);
    let members = members::compared(matched, resource, live, entry, &mut notes);
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
        .or_else(|| matched.input.origin(resource.origin));
    change.attributes = attributes;
    change.members = members;
    outcome.change = Some(change);
    outcome
}
