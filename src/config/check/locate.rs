//! From a JSON pointer to the node that it names.

use std::collections::HashMap;

use crate::config::tree::{Entry, Kind, Node};

/// From this size on, keys of a mapping are indexed, so that many mistakes in one section stay cheap.
const INDEX_FROM: usize = 32;

/// A node, how it was reached, and the key that it stands under.
pub(super) struct Place<'t> {
    pub(super) path: Vec<String>,
    pub(super) node: &'t Node<'t>,
    pub(super) entry: Option<&'t Entry<'t>>,
}

/// Finds nodes.
#[derive(Default)]
pub(super) struct Locator<'t> {
    indexes: HashMap<usize, HashMap<&'t str, &'t Entry<'t>>>,
}

impl<'t> Locator<'t> {
    /// The node that a pointer names; `None` if it, or something around it, was reported already.
    pub(super) fn find(&mut self, root: &'t Node<'t>, pointer: &str) -> Option<Place<'t>> {
        let path: Vec<String> = pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let mut node = root;
        let mut entry = None;
        for part in &path {
            if node.is_broken() {
                return None;
            }
            match &node.kind {
                Kind::Sequence(items) => {
                    node = items.get(part.parse::<usize>().ok()?)?;
                    entry = None;
                }
                Kind::Mapping(entries) => {
                    let next = self.entry(node, entries, part)?;
                    node = &next.value;
                    entry = Some(next);
                }
                Kind::Scalar { .. } => return None,
            }
        }
        (!node.is_broken()).then_some(Place { path, node, entry })
    }

    fn entry(&mut self, node: &'t Node<'t>, entries: &'t [Entry<'t>], key: &str) -> Option<&'t Entry<'t>> {
        if entries.len() < INDEX_FROM {
            return entries.iter().find(|entry| entry.key == key);
        }
        let identity = std::ptr::from_ref(node) as usize;
        let index = self
            .indexes
            .entry(identity)
            .or_insert_with(|| entries.iter().map(|entry| (entry.key.as_ref(), entry)).collect());
        index.get(key).copied()
    }
}
