//! How entries come, change and go.

use std::collections::BTreeSet;

use super::{Entry, TargetLedger};
use crate::scim::ResourceKind;

impl TargetLedger {
    /// The entry of a key, made when there is none, with the id that the resource now has. An entry that named
    /// another id loses what it knew of that other resource.
    pub fn record(&mut self, kind: ResourceKind, key: &str, id: &str) -> &mut Entry {
        let entry = self.of_mut(kind).entry(key.to_owned()).or_default();
        if entry.id != id {
            *entry = Entry { id: id.to_owned(), ..Entry::default() };
        }
        entry
    }

    /// Gives the entry of a key the new id of its resource and keeps what it knows: the resource is the same. Does nothing
    /// where the entry has another id than the former one.
    pub fn rekey(&mut self, kind: ResourceKind, key: &str, former: &str, id: &str) {
        if let Some(entry) = self.of_mut(kind).get_mut(key).filter(|entry| entry.id == former) {
            id.clone_into(&mut entry.id);
        }
    }

    /// Takes an entry out: the resource is left alone from now on.
    pub fn forget(&mut self, kind: ResourceKind, key: &str) -> Option<Entry> {
        self.of_mut(kind).remove(key)
    }

    /// Gives the entry of a former key its new key (`previously`). Does nothing where the new key has an entry.
    /// Returns the former key that was found.
    pub fn rename<'a>(&mut self, kind: ResourceKind, key: &str, previously: &'a [String]) -> Option<&'a str> {
        let entries = self.of_mut(kind);
        if entries.contains_key(key) {
            return None;
        }
        let former = previously.iter().find(|former| entries.contains_key(former.as_str()))?;
        let entry = entries.remove(former)?;
        entries.insert(key.to_owned(), entry);
        Some(former)
    }
}

impl Entry {
    /// Notes members that we added and removed; kept sorted, each once.
    pub fn members_changed(&mut self, added: impl IntoIterator<Item = String>, removed: &BTreeSet<String>) {
        let mut members: BTreeSet<String> = std::mem::take(&mut self.members).into_iter().collect();
        members.extend(added);
        members.retain(|id| !removed.contains(id));
        self.members = members.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Mark;

    const USER: ResourceKind = ResourceKind::User;

    #[test]
    fn another_id_starts_afresh() {
        let mut ledger = TargetLedger::default();
        ledger.record(USER, "ada", "1").asserted.insert("title", Mark::new([1; 8]));
        assert_eq!(ledger.record(USER, "ada", "1").asserted.len(), 1);
        assert!(ledger.record(USER, "ada", "2").asserted.is_empty());
    }

    #[test]
    fn a_new_id_of_the_same_resource_keeps_what_is_known() {
        let mut ledger = TargetLedger::default();
        ledger.record(USER, "ada", "1").asserted.insert("title", Mark::new([1; 8]));
        ledger.rekey(USER, "ada", "other", "2");
        assert_eq!(ledger.users.get("ada").map(|entry| entry.id.as_str()), Some("1"));
        ledger.rekey(USER, "ada", "1", "2");
        assert_eq!(ledger.record(USER, "ada", "2").asserted.len(), 1);
    }

    #[test]
    fn renaming_keeps_the_entry_and_never_overwrites() {
        let mut ledger = TargetLedger::default();
        ledger.record(USER, "old", "1");
        let previously = ["older".to_owned(), "old".to_owned()];
        assert_eq!(ledger.rename(USER, "new", &previously), Some("old"));
        assert_eq!(ledger.users.get("new").map(|entry| entry.id.as_str()), Some("1"));
        ledger.record(USER, "old", "9");
        assert_eq!(ledger.rename(USER, "new", &previously), None);
        assert_eq!(ledger.users.len(), 2);
        assert!(ledger.forget(USER, "old").is_some());
        assert!(ledger.forget(USER, "old").is_none());
    }

    #[test]
    fn members_are_a_sorted_set() {
        let mut entry = Entry { members: vec!["b".into(), "c".into()], ..Entry::default() };
        entry.members_changed(["a".to_owned(), "b".to_owned()], &BTreeSet::from(["c".to_owned()]));
        assert_eq!(entry.members, ["a", "b"]);
    }
}
