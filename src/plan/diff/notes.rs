//! What a reviewer should know, gathered per kind of note and attribute rather than per person.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::PlanNotice;

/// Kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Code {
    Normalised,
    CreateOnly,
    Derived,
    CannotRename,
    CannotReactivate,
    CannotDeactivate,
    CannotDelete,
    InactiveAbsent,
    UnresolvedReference,
    MembersUnknown,
    MembersAbsent,
    RemovalsOff,
    Protected,
    NotSeen,
    UnknownPeople,
    Dropped,
}

/// One note: about an attribute (or nothing), on a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct Note {
    pub(in crate::plan) code: Code,
    pub(in crate::plan) subject: String,
    pub(in crate::plan) key: String,
}

impl Note {
    pub(in crate::plan) fn new(code: Code, subject: &str, key: &str) -> Self {
        Self { code, subject: subject.to_owned(), key: key.to_owned() }
    }
}

/// Notes by code and subject.
#[derive(Debug, Default)]
pub(in crate::plan) struct Notes {
    found: BTreeMap<(Code, String), BTreeSet<String>>,
}

impl Notes {
    pub(in crate::plan) fn add(&mut self, note: Note) {
        self.found.entry((note.code, note.subject)).or_default().insert(note.key);
    }

    /// Keeps notes on these keys.
    pub(in crate::plan) fn retain(&mut self, keys: &BTreeSet<String>) {
        self.found.retain(|_, found| {
            found.retain(|key| keys.contains(key));
            !found.is_empty()
        });
    }

    /// The notices, in the order of their codes and subjects.
    pub(in crate::plan) fn into_notices(self) -> Vec<PlanNotice> {
        self.found
            .into_iter()
            .map(|((code, subject), keys)| PlanNotice { code: code.name().to_owned(), message: code.message(&subject, &keys), origin: None })
            .collect()
    }
}

impl Code {
    fn name(self) -> &'static str {
        match self {
            Self::Normalised => "normalised",
            Self::CreateOnly => "create-only",
            Self::Derived => "derived",
            Self::CannotRename => "cannot-rename",
            Self::CannotReactivate => "cannot-reactivate",
            Self::CannotDeactivate => "cannot-deactivate",
            Self::CannotDelete => "cannot-delete",
            Self::InactiveAbsent => "inactive-absent",
            Self::UnresolvedReference => "unresolved-reference",
            Self::MembersUnknown => "members-unknown",
            Self::MembersAbsent => "members-absent",
            Self::RemovalsOff => "removals-off",
            Self::Protected => "protected",
            Self::NotSeen => "not-seen",
            Self::UnknownPeople => "unknown-people",
            Self::Dropped => "left-out",
        }
    }

    fn message(self, subject: &str, keys: &BTreeSet<String>) -> String {
        let who = names(keys);
        match self {
            Self::Normalised => format!("`{subject}` is stored in the target's own form for {who}: no change"),
            Self::CreateOnly => format!("`{subject}` differs for {who} and cannot be changed here: the target takes it at creation alone"),
            Self::Derived => format!("`{subject}` differs for {who} and was sent before: the target computes it, so it is not sent again"),
            Self::CannotRename => format!("`{subject}` differs for {who}, but the target cannot rename groups"),
            Self::CannotReactivate => format!("{who} should have access again, but the target cannot activate a deactivated account"),
            Self::CannotDeactivate => format!("{who} should lose access, but the target has no `active`: remove the account there, or set `onRemove: {{ users: delete }}`"),
            Self::CannotDelete => format!("the target deletes no {subject}s: {who} instead treated by the gentler setting of `onRemove`"),
            Self::InactiveAbsent => format!("{who} without access today and not there: not created"),
            Self::UnresolvedReference => format!("`{subject}` of {who} is left as it is: the person it names is not at the target"),
            Self::MembersUnknown => format!("the target does not show the members of {who}: they are left as they are"),
            Self::MembersAbsent => format!("{who} cannot be added to `{subject}`: not at the target"),
            Self::RemovalsOff => format!("the read is incomplete ({subject}), so that nothing is removed; held back: {who}"),
            Self::Protected => format!("{who} protected by `{subject}` and left alone"),
            Self::NotSeen => format!("{who} no longer declared, and not seen in what was read: nothing is done"),
            Self::UnknownPeople => format!("who can't be planned cannot be told from who is not declared: these {subject}s are left alone: {who}"),
            Self::Dropped => format!("`{subject}` of {who} waits for a resource that this run leaves out"),
        }
    }
}

/// Up to five keys, and how many more.
pub(in crate::plan) fn names<'k>(keys: impl IntoIterator<Item = &'k String>) -> String {
    let keys: Vec<&String> = keys.into_iter().collect();
    let shown: Vec<String> = keys.iter().take(5).map(|key| format!("`{key}`")).collect();
    match (shown.as_slice(), keys.len().saturating_sub(shown.len())) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([rest @ .., last], 0) => format!("{} and {last}", rest.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}
