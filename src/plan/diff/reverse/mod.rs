//! The way back against what is live: only what an apply changed, and only where the target still shows what it left.

mod attributes;
mod members;

use std::collections::BTreeMap;

use crate::diag::NoticeCode;
use crate::directory::RemoveUsers;
use crate::ledger::Entry;
use crate::live::{LiveMember, LiveResource, Members};
use crate::plan::diff::notes::names;
use crate::plan::undo::{NotRestored, Reversal, State, UndoTarget};
use crate::plan::{Action, AttributeChange, Change, MemberChange, PlanProblem, Reason};
use crate::scim::{PerKind, ResourceKind, Value};

use super::matched_target::MatchedTarget;
use super::notes::Note;
use super::outcome::{Outcome, draft};
use super::{protect, removal, users};
use attributes::{Moved, ReversedAttributes};

/// Why a change is taken back, in words.
const BECAUSE: &str = "back to what it was before the apply";
/// The same of what the apply made.
const MADE: &str = "made by the apply that is undone";

/// What an undo comes to.
#[derive(Debug, Default)]
pub(in crate::plan) struct Reversed {
    pub(in crate::plan) outcomes: Vec<(ResourceKind, Outcome)>,
    pub(in crate::plan) problems: Vec<PlanProblem>,
}

/// What is to be done to take an apply back.
pub(in crate::plan) fn plan(matched: &MatchedTarget<'_>, undo: &UndoTarget) -> Reversed {
    let made = undo.changes.iter().filter(|change| change.action == Action::Create);
    let made = made.filter_map(|change| Some((change.resource, (change.key.as_str(), change.id.as_deref()?))));
    let mut back = Back { matched, made: made.collect(), found: Reversed::default() };
    for change in undo.changes.iter().filter(|change| change.state != State::NotDone) {
        back.change(change);
    }
    for one in &undo.adopted {
        back.forget(one.resource, &one.key, &one.id, &one.name);
    }
    back.found
}

struct Back<'a> {
    matched: &'a MatchedTarget<'a>,
    /// Ids of what the apply made.
    made: PerKind<BTreeMap<&'a str, &'a str>>,
    found: Reversed,
}

impl<'a> Back<'a> {
    fn problem(&mut self, change: &Reversal, code: NoticeCode, message: impl Into<String>) {
        self.found.problems.push(PlanProblem {
            resource: change.resource,
            key: change.key.clone(),
            code,
            message: message.into(),
            origin: None,
        });
    }

    fn entry(&self, kind: ResourceKind, key: &str) -> Option<&'a Entry> {
        self.matched.input.ledger.of(kind).get(key)
    }

    fn change(&mut self, change: &Reversal) {
        // Whoever can't be told apart has an error already.
        if self.matched.is_held(change.resource, &change.key) {
            return;
        }
        self.lost(change);
        let Some(id) = change.id.as_deref() else {
            if change.action == Action::Create && change.state != State::Done {
                let text = "it is not known whether the apply made it: see whether it is there, and remove it by hand";
                self.problem(change, NoticeCode::OutcomeUnknown, text);
            }
            return;
        };
        if let Some(entry) = self.entry(change.resource, &change.key).filter(|entry| entry.id != id) {
            if change.action != Action::Delete {
                let text = format!(
                    "the ledger knows it under another id now (`{}`, not `{id}`), so it is left as it is",
                    entry.id
                );
                self.problem(change, NoticeCode::AnotherId, text);
            }
            return;
        }
        match (change.action, change.state) {
            (Action::Delete, _) => {}
            (Action::Adopt, _) | (_, State::TakenOver) => self.forget(change.resource, &change.key, id, &change.name),
            (Action::Forget, _) => self.take_back(change, id),
            (Action::Create, _) => self.remove(change, id),
            (Action::Update | Action::Reactivate | Action::Deactivate, _) => self.restore(change, id),
        }
    }

    /// Says what can't be taken back.
    fn lost(&mut self, change: &Reversal) {
        let again = self
            .entry(change.resource, &change.key)
            .is_some_and(|entry| self.matched.find(change.resource, &entry.id).is_some());
        if change.action == Action::Delete && again {
            return;
        }
        if change.state == State::TakenOver {
            let text = "it was there when it was to be made, and what the apply changed of it is not known";
            self.problem(change, NoticeCode::NotTakenBack, text);
        }
        if !change.lost.is_empty() {
            let text = |lost: &NotRestored| match &lost.at {
                Some(at) => format!("`{at}`: {}", lost.why),
                None => lost.why.clone(),
            };
            let texts: Vec<String> = change.lost.iter().map(text).collect();
            self.problem(change, NoticeCode::NotTakenBack, format!("cannot be taken back: {}", texts.join("; ")));
        }
    }

    /// Manages no more what was not managed before. No request is made for it.
    fn forget(&mut self, kind: ResourceKind, key: &str, id: &str, name: &str) {
        if self.entry(kind, key).is_none_or(|entry| entry.id != id) {
            return;
        }
        let mut change = self.draft(Action::Forget, kind, key, name, id);
        "not managed before the apply".clone_into(&mut change.because);
        self.found.outcomes.push((kind, Outcome::change(change)));
    }

    /// Manages again what the apply gave up. No request is made for it.
    fn take_back(&mut self, change: &Reversal, id: &str) {
        let kind = change.resource;
        if self.entry(kind, &change.key).is_some() || self.matched.find(kind, id).is_none() {
            return;
        }
        if let Some(other) = self.matched.owner(Some(kind), id).key() {
            let text = format!("it is managed under the key `{other}` now, so it is left there");
            self.problem(change, NoticeCode::AnotherKey, text);
            return;
        }
        let mut taken = self.draft(Action::Adopt, kind, &change.key, &change.name, id);
        "managed before the apply".clone_into(&mut taken.because);
        self.found.outcomes.push((kind, Outcome::change(taken)));
    }

    fn draft(&self, action: Action, kind: ResourceKind, key: &str, name: &str, id: &str) -> Change {
        let name = self.matched.find(kind, id).map_or_else(|| name.to_owned(), LiveResource::name);
        let mut change = draft(action, kind, key, &name);
        change.id = Some(id.to_owned());
        change.reason = Reason::TakenBack;
        BECAUSE.clone_into(&mut change.because);
        change
    }

    /// What the apply made goes as `onRemove` of the target has it.
    fn remove(&mut self, change: &Reversal, id: &str) {
        let (kind, matched) = (change.resource, self.matched);
        let entry = self.entry(kind, &change.key);
        let Some(live) = self.matched.find(kind, id) else {
            self.forget(kind, &change.key, id, &change.name);
            return;
        };
        let on_remove = matched.input.target.on_remove;
        let deletes = on_remove.deletes(kind);
        let gone = kind == ResourceKind::User && !users::may_have_access(matched, live, entry);
        if gone && on_remove.users == RemoveUsers::Deactivate {
            self.found.outcomes.push((kind, Outcome::unchanged()));
            return;
        }
        if deletes && let Some(why) = self.grown(change, live, entry) {
            self.problem(change, NoticeCode::MovedSince, why);
            return;
        }
        let (key, reason) = (&*change.key, Reason::TakenBack);
        let leaver = removal::Leaver { kind, key, live, entry, reason, because: MADE, origin: None };
        let mut outcome = removal::remove(matched, &leaver);
        if let Some(change) = &mut outcome.change {
            (change.reason, change.origin) = (Reason::TakenBack, None);
        }
        self.found.outcomes.push((kind, outcome));
    }

    /// Why something that the apply made is not deleted: others have made something of it since.
    fn grown(&self, change: &Reversal, live: &LiveResource, entry: Option<&Entry>) -> Option<String> {
        let attributes = ReversedAttributes::of(self.matched, change, live, entry);
        let mut texts: Vec<String> = attributes.moved.into_iter().map(Moved::of_new).collect();
        let ours = |id: &str| {
            let mine = change.members.add.iter().any(|one| self.member_id(one).is_some_and(|mine| mine == id));
            mine || entry.is_some_and(|entry| entry.members.iter().any(|one| one == id))
        };
        if let Members::Known(members) = &live.members {
            let others: Vec<String> = members.iter().filter(|one| !ours(&one.id)).map(LiveMember::name).collect();
            if !others.is_empty() {
                texts.push(format!("{} came into it", names(&others)));
            }
        }
        (!texts.is_empty())
            .then(|| format!("changed since the apply made it, so it is not deleted: {}", texts.join("; ")))
    }

    /// Gives what was changed its former values.
    fn restore(&mut self, change: &Reversal, id: &str) {
        let (kind, matched) = (change.resource, self.matched);
        let Some(live) = self.matched.find(kind, id) else {
            let text = "it is no longer at the target, so nothing of it can be taken back";
            self.problem(change, NoticeCode::Gone, text);
            return;
        };
        let entry = self.entry(kind, &change.key);
        let attributes = ReversedAttributes::of(matched, change, live, entry);
        if !attributes.moved.is_empty() {
            let texts: Vec<String> = attributes.moved.into_iter().map(Moved::of_changed).collect();
            let text = format!("changed since the apply, so it is left as it is: {}", texts.join("; "));
            self.problem(change, NoticeCode::MovedSince, text);
            return;
        }
        let mut notes = Vec::new();
        let moves = self.members(change, live, entry, &mut notes);
        let back = self.changed(change, id, attributes, moves);
        let mut outcome = match back {
            Some(back) => self.allowed(back, live),
            None => Outcome::unchanged(),
        };
        outcome.notes.extend(notes);
        self.found.outcomes.push((kind, outcome));
        if !change.managed {
            self.forget(kind, &change.key, id, &change.name);
        }
    }

    fn changed(
        &self,
        change: &Reversal,
        id: &str,
        attributes: ReversedAttributes,
        members: MemberChange,
    ) -> Option<Change> {
        if attributes.back.is_empty() && members.is_empty() {
            return None;
        }
        let active = |one: &&AttributeChange| change.resource == ResourceKind::User && one.path.is("active");
        let action = match attributes.back.iter().find(active).map(|one| &one.after) {
            Some(Value::Bool(false)) => Action::Deactivate,
            Some(_) => Action::Reactivate,
            None => Action::Update,
        };
        let mut back = self.draft(action, change.resource, &change.key, &change.name, id);
        back.attributes = attributes.back;
        back.members = members;
        Some(back)
    }

    /// The change, unless the target or what was read stands against it.
    fn allowed(&self, change: Change, live: &LiveResource) -> Outcome {
        let matched = self.matched;
        match change.action {
            Action::Reactivate if !matched.input.target.profile.capabilities.reactivation => {
                Outcome::note(Note::new(NoticeCode::CannotReactivate, "", &change.key))
            }
            Action::Deactivate if !users::can_deactivate(matched) => {
                Outcome::note(Note::new(NoticeCode::CannotDeactivate, "", &change.key))
            }
            Action::Deactivate => protect::unless_forbidden(matched, live, "deactivation", change),
            _ => Outcome::change(change),
        }
    }
}
