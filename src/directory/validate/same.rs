//! No two people, and no two groups, assert one value of an attribute by which a target recognises them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::values::{concerns, place};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::directory::{Binding, Directory, GroupKey, Target, User, WriteRules};
use crate::mapping::{Context, Row};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value, fold};
use crate::source::Span;

/// Who asserts what at one target: by path and value as the target compares it, the first key with its place.
#[derive(Default)]
pub(super) struct Same {
    seen: BTreeMap<(String, String), (String, Span)>,
}

/// A match attribute with the rows that give it values.
struct Matched<'a> {
    path: AttrPath,
    rows: Vec<&'a Row>,
    exact: bool,
}

impl Same {
    /// Takes in the people of a binding; userNames are looked at elsewhere.
    pub(super) fn people(
        &mut self,
        binding: &Binding,
        target: &Target,
        writes: &WriteRules,
        people: &[&User],
        found: &mut Diagnostics,
    ) {
        let user_name = AttrPath::attribute("userName");
        let mapping = &binding.mapping;
        let paths = std::iter::once(AttrPath::attribute("externalId")).chain(mapping.matching.users.iter().cloned());
        let paths = paths.filter(|path| !path.same(&user_name)).collect();
        for matched in matched(ResourceKind::User, paths, &mapping.rows.users, writes) {
            let texts: Vec<Vec<String>> =
                people.par_iter().map(|user| matched.texts(&Context::user(&user.attributes))).collect();
            for (user, texts) in people.iter().zip(texts) {
                for text in texts {
                    let at = place(user, &matched.rows);
                    found.extend(self.note(target, &matched, user.key.as_str(), &text, at));
                }
            }
        }
    }

    /// Takes in the groups that are pushed to a target.
    pub(super) fn groups(
        mut self,
        directory: &Directory,
        target: &Target,
        writes: &WriteRules,
        found: &mut Diagnostics,
    ) {
        if !target.profile.capabilities.resources.groups {
            return;
        }
        let mut done: BTreeSet<&GroupKey> = BTreeSet::new();
        for binding in directory.bindings.values().filter(|binding| binding.target == target.name) {
            let mapping = &binding.mapping;
            let names = ["displayName", "externalId"].map(AttrPath::attribute);
            let paths = names.into_iter().chain(mapping.matching.groups.iter().cloned()).collect();
            let all = matched(ResourceKind::Group, paths, &mapping.rows.groups, writes);
            let pushed = binding.push.iter().map(|group| &group.value).filter(|key| done.insert(key));
            for group in pushed.filter_map(|key| directory.groups.get(key)) {
                let context = Context::group(&group.attributes);
                for matched in &all {
                    for text in matched.texts(&context) {
                        found.extend(self.note(target, matched, group.key.as_str(), &text, group.origin));
                    }
                }
            }
        }
    }

    fn note(&mut self, target: &Target, matched: &Matched<'_>, key: &str, text: &str, at: Span) -> Option<Diagnostic> {
        let value = if matched.exact { text.to_owned() } else { fold::canonical(text) };
        match self.seen.entry((matched.path.key(), value)) {
            Entry::Vacant(slot) => {
                slot.insert((key.to_owned(), at));
                None
            }
            Entry::Occupied(slot) => {
                let (other, place) = slot.get();
                // One who has the same value twice is one match all the same.
                if other == key {
                    return None;
                }
                let message = format!(
                    "`{key}` and `{other}` both have `{}` as `{}` at `{}`, which can't tell them apart",
                    text.escape_debug(),
                    matched.path,
                    target.name
                );
                let diagnostic = Diagnostic::new(Code::DuplicateMatch, at, message)
                    .label(*place, format!("`{other}`"))
                    .hint("Change one of them, the mapping's row, or the attributes under `match`.");
                Some(diagnostic)
            }
        }
    }
}

/// The paths, each once, that rows which are sent give values to.
fn matched<'a>(kind: ResourceKind, paths: Vec<AttrPath>, rows: &'a [Row], writes: &WriteRules) -> Vec<Matched<'a>> {
    let mut seen = BTreeSet::new();
    let once = paths.into_iter().filter(|path| seen.insert(path.key()));
    let with_rows = once.map(|path| {
        let rows = rows.iter().filter(|row| concerns(&path, &row.path));
        let rows = rows.filter(|row| writes.writing(kind, &row.path).is_sent()).collect();
        let exact = Schemas::core(kind).attribute(&path).is_some_and(crate::scim::schema::Attribute::is_case_exact);
        Matched { path, rows, exact }
    });
    with_rows.filter(|matched| !matched.rows.is_empty()).collect()
}

impl Matched<'_> {
    /// The texts that the rows assert. Rows that fail are reported elsewhere.
    fn texts(&self, context: &Context<'_>) -> Vec<String> {
        let text = |value: &Value| value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        if let [row] = self.rows.as_slice()
            && row.path.same(&self.path)
        {
            return row.evaluate(context).ok().flatten().as_ref().and_then(text).into_iter().collect();
        }
        let mut object = Object::new();
        for row in &self.rows {
            if let Ok(Some(value)) = row.evaluate(context) {
                row.path.assign(&mut object, value);
            }
        }
        self.path.read(&object).into_iter().filter_map(text).collect()
    }
}
