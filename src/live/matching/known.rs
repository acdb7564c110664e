//! Whose is which id, by the ledger.

use crate::desired::DesiredResource;
use crate::scim::{PerKind, ResourceKind};

/// The ids that the ledger knows, by key and by id.
#[derive(Clone, Debug, Default)]
pub struct Known<'a>(PerKind<Ids<'a>>);

/// Pairs of one kind, sorted.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids<'a> {
    by_key: Vec<(&'a str, &'a str)>,
    by_id: Vec<(&'a str, &'a str)>,
}

impl<'a> Known<'a> {
    /// What is known, as pairs of key and id.
    pub fn new(mut of: impl FnMut(ResourceKind) -> Vec<(&'a str, &'a str)>) -> Self {
        Self(PerKind::new(|kind| Ids::new(of(kind))))
    }

    pub(super) fn of(&self, kind: ResourceKind) -> &Ids<'a> {
        self.0.of(kind)
    }
}

impl<'a> Ids<'a> {
    fn new(mut by_key: Vec<(&'a str, &'a str)>) -> Self {
        let mut by_id: Vec<(&str, &str)> = by_key.iter().map(|(key, id)| (*id, *key)).collect();
        by_key.sort_unstable();
        by_id.sort_unstable();
        Self { by_key, by_id }
    }

    /// The id of a declared resource, under its key or a former one.
    pub(super) fn id(&self, resource: &DesiredResource) -> Option<&'a str> {
        std::iter::once(&resource.key).chain(&resource.previously).find_map(|key| self.id_of(key))
    }

    /// The id of a key.
    pub(super) fn id_of(&self, key: &str) -> Option<&'a str> {
        let place = self.by_key.binary_search_by(|(known, _)| (*known).cmp(key)).ok()?;
        self.by_key.get(place).map(|(_, id)| *id)
    }

    /// The key of another resource that an id belongs to; none where it is nobody's, or the resource's own.
    pub(super) fn other_owner(&self, id: &str, resource: &DesiredResource) -> Option<&'a str> {
        let owners = || {
            let start = self.by_id.partition_point(|(known, _)| *known < id);
            self.by_id.iter().skip(start).take_while(|(known, _)| *known == id).map(|(_, key)| *key)
        };
        let is_own = |key: &str| key == resource.key || resource.previously.iter().any(|former| former == key);
        if owners().any(is_own) { None } else { owners().next() }
    }
}
