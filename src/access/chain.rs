//! The way from a binding through nested groups to whoever holds a person.

use std::collections::{BTreeMap, BTreeSet};

use super::{Link, Place};
use crate::directory::{Directory, GroupKey};
use crate::source::{SourceMap, Span};

/// A place as reports show it.
pub(super) fn place(sources: &SourceMap, span: Span) -> Place {
    let location = sources.location(span);
    Place { file: location.file.to_string(), line: location.line }
}

/// The shortest ways from some groups down to all that are nested in them.
pub(super) struct Chains<'a> {
    directory: &'a Directory,
    sources: &'a SourceMap,
    parents: BTreeMap<&'a GroupKey, (Option<&'a GroupKey>, Span)>,
}

impl<'a> Chains<'a> {
    /// From the groups that a binding names, each with the place at which it does. Each group is opened once.
    pub(super) fn new(
        directory: &'a Directory,
        sources: &'a SourceMap,
        roots: impl IntoIterator<Item = (&'a GroupKey, Span)>,
    ) -> Self {
        let mut parents: BTreeMap<&GroupKey, (Option<&GroupKey>, Span)> = BTreeMap::new();
        for (root, span) in roots {
            parents.entry(root).or_insert((None, span));
        }
        let mut level: BTreeSet<&GroupKey> = parents.keys().copied().collect();
        while !level.is_empty() {
            let mut next = BTreeSet::new();
            for group in level.iter().filter_map(|key| directory.groups.get(*key)) {
                for nested in &group.groups {
                    if !parents.contains_key(&nested.value) {
                        parents.insert(&nested.value, (Some(&group.key), nested.span));
                        next.insert(&nested.value);
                    }
                }
            }
            level = next;
        }
        Self { directory, sources, parents }
    }

    /// The groups from the first to the one that holds a person.
    pub(super) fn to(&self, holder: &'a GroupKey) -> Vec<Link> {
        let mut links = Vec::new();
        let mut at = Some(holder);
        while let Some(key) = at {
            let Some((parent, span)) = self.parents.get(key) else { break };
            let name = self.directory.groups.get(key).map_or(key.as_str(), |group| &group.display_name);
            links.push(Link { group: key.to_string(), name: name.to_owned(), place: place(self.sources, *span) });
            at = *parent;
        }
        links.reverse();
        links
    }
}
