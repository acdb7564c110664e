//! Who was chosen, and what is settled about each while the files are drawn up.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::{Entry, Listing, Scope, keys_by_id};
use super::model::{Difference, Status};
use crate::live::Members;
use crate::scim::{Object, PerKind, ResourceKey, ResourceKind, Value};

/// One who was chosen.
#[derive(Clone, Debug)]
pub(super) struct Choice<'a> {
    pub(super) entry: &'a Entry,
    /// What is declared, manager and members aside.
    pub(super) declared: Object,
    /// Whether the manager is declared.
    pub(super) managed_by: bool,
    /// Whether groups within a group are declared.
    pub(super) nested: bool,
    /// Whether a binding gives it to the target.
    pub(super) bound: bool,
    pub(super) notes: BTreeSet<String>,
    pub(super) differs: Vec<Difference>,
    /// Why it is not declared after all.
    pub(super) left: Option<String>,
}

impl<'a> Choice<'a> {
    fn new(entry: &'a Entry, bound: bool) -> Self {
        Self {
            entry,
            declared: entry.declared.clone(),
            managed_by: true,
            nested: true,
            bound,
            notes: BTreeSet::new(),
            differs: Vec::new(),
            left: entry.left.clone(),
        }
    }

    /// Whether it gets a declaration.
    pub(super) fn is_written(&self) -> bool {
        self.entry.status == Status::New && self.left.is_none()
    }

    pub(super) fn leave(&mut self, why: impl Into<String>) {
        self.left.get_or_insert_with(|| why.into());
        self.bound = false;
    }
}

/// All who were chosen, by kind and key.
pub(super) struct Choices<'a> {
    pub(super) all: BTreeMap<ResourceKey, Choice<'a>>,
    by_id: PerKind<BTreeMap<&'a str, &'a Entry>>,
}

/// Members of a group as they are declared.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) users: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
    /// Members that are declared nowhere, by the name that is known of them.
    pub(super) others: BTreeSet<String>,
}

impl<'a> Choices<'a> {
    /// Those of the listing at these places, bound unless nobody is to be.
    pub(super) fn new(listing: &'a Listing, chosen: &BTreeSet<usize>, bind: bool) -> Self {
        let entries = chosen.iter().filter_map(|place| listing.entries.get(*place));
        let entries = entries.filter(|entry| entry.status == Status::New || (bind && !entry.bound));
        Self {
            all: entries.map(|entry| (ResourceKey::new(entry.kind, &*entry.key), Choice::new(entry, bind))).collect(),
            by_id: PerKind::new(|kind| keys_by_id(&listing.entries, kind)),
        }
    }

    /// Whether a live resource has a declaration once the import is done.
    fn is_declared(&self, entry: &Entry) -> bool {
        entry.status == Status::Imported
            || self.all.get(&ResourceKey::new(entry.kind, &*entry.key)).is_some_and(Choice::is_written)
    }

    fn by_id(&self, kind: Option<ResourceKind>, id: &str) -> Option<&'a Entry> {
        let mut kinds = self.by_id.iter().filter(|(one, _)| kind.is_none_or(|kind| kind == *one));
        kinds.find_map(|(_, entries)| entries.get(id).copied())
    }

    /// The key of a manager who is declared.
    pub(super) fn manager(&self, choice: &Choice<'_>) -> Option<&'a str> {
        let id = choice.entry.manager.as_deref().filter(|_| choice.managed_by)?;
        let manager = self.by_id(Some(ResourceKind::User), id)?;
        self.is_declared(manager).then_some(manager.key.as_str())
    }

    /// The members of a group.
    pub(super) fn content(&self, choice: &Choice<'_>, scope: &Scope<'_>) -> Content {
        let mut content = Content::default();
        let Some(Members::Known(members)) = scope.live.groups.get(choice.entry.place).map(|live| &live.members) else {
            return content;
        };
        for member in members {
            match self.by_id(member.kind, &member.id) {
                Some(entry) if self.is_declared(entry) && entry.kind == ResourceKind::User => {
                    content.users.insert(entry.key.clone());
                }
                Some(entry) if self.is_declared(entry) && choice.nested => {
                    content.groups.insert(entry.key.clone());
                }
                Some(entry) => drop(content.others.insert(entry.name.clone())),
                None => drop(content.others.insert(member.name())),
            }
        }
        content
    }

    /// What the file says of one.
    pub(super) fn declaration(&self, choice: &Choice<'_>, scope: &Scope<'_>) -> Value {
        let mut declared = choice.declared.clone();
        if choice.entry.kind == ResourceKind::User {
            if let Some(manager) = self.manager(choice) {
                declared.insert("manager", Value::from(manager));
            }
            return Value::Object(declared);
        }
        let content = self.content(choice, scope);
        let list = |keys: BTreeSet<String>| Value::Array(keys.iter().map(|key| Value::from(key.as_str())).collect());
        if !content.users.is_empty() {
            declared.insert("members", list(content.users));
        }
        if !content.groups.is_empty() {
            declared.insert("groups", list(content.groups));
        }
        Value::Object(declared)
    }
}
