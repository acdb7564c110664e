//! One person or group at one target through two bindings: both must imply the same resource.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::directory::{Binding, BindingName, Directory, scope};
use crate::mapping::{Apply, Context, Row};
use crate::scim::Value;
use crate::wording::count;

/// Differences of one pair of bindings: the first that shows, and for how many.
struct Conflict<'a> {
    kind: &'static str,
    key: &'a str,
    path: String,
    others: u64,
}

/// Bindings in the order of their names.
type Conflicts<'a> = BTreeMap<(&'a BindingName, &'a BindingName), Conflict<'a>>;

/// Compares what bindings of one target imply for those whom they share. Without a date, so that a clash does not wait
/// for a day to come.
pub(super) fn check(directory: &Directory, found: &mut Diagnostics) {
    for target in directory.targets.keys() {
        let bindings: Vec<&Binding> = directory.bindings.values().filter(|binding| binding.target == *target).collect();
        let mixed = bindings.windows(2).any(|pair| matches!(pair, [a, b] if !Arc::ptr_eq(&a.mapping, &b.mapping)));
        if !mixed {
            continue;
        }
        let mut conflicts = Conflicts::new();
        people(directory, &bindings, &mut conflicts);
        groups(directory, &bindings, &mut conflicts);
        for ((first, second), conflict) in &conflicts {
            found.extend(report(directory, first, second, conflict));
        }
    }
}

fn people<'a>(directory: &'a Directory, bindings: &[&'a Binding], conflicts: &mut Conflicts<'a>) {
    let mut first: BTreeMap<_, &Binding> = BTreeMap::new();
    for binding in bindings {
        for key in scope::assigned(directory, binding, None).into_keys() {
            let Some(user) = directory.users.get(key) else { continue };
            let earlier = *first.entry(key).or_insert(binding);
            if Arc::ptr_eq(&earlier.mapping, &binding.mapping) {
                continue;
            }
            let context = Context::user(&user.attributes);
            if let Some(path) = difference(&earlier.mapping.rows.users, &binding.mapping.rows.users, &context) {
                note(conflicts, earlier, binding, Conflict { kind: "user", key: key.as_str(), path, others: 0 });
            }
        }
    }
}

fn groups<'a>(directory: &'a Directory, bindings: &[&'a Binding], conflicts: &mut Conflicts<'a>) {
    let mut first: BTreeMap<_, &Binding> = BTreeMap::new();
    for binding in bindings {
        for key in binding.push.iter().map(|group| &group.value) {
            let Some(group) = directory.groups.get(key) else { continue };
            let earlier = *first.entry(key).or_insert(binding);
            if Arc::ptr_eq(&earlier.mapping, &binding.mapping) {
                continue;
            }
            let context = Context::group(&group.attributes);
            if let Some(path) = difference(&earlier.mapping.rows.groups, &binding.mapping.rows.groups, &context) {
                note(conflicts, earlier, binding, Conflict { kind: "group", key: key.as_str(), path, others: 0 });
            }
        }
    }
}

fn note<'a>(conflicts: &mut Conflicts<'a>, first: &'a Binding, second: &'a Binding, conflict: Conflict<'a>) {
    conflicts.entry((&first.name, &second.name)).and_modify(|known| known.others += 1).or_insert(conflict);
}

/// The first path on which two mappings differ for someone.
fn difference(a: &[Row], b: &[Row], context: &Context<'_>) -> Option<String> {
    let (a, b) = (evaluated(a, context), evaluated(b, context));
    let differs = |path: &&String| a.get(*path) != b.get(*path);
    a.keys().chain(b.keys()).filter(differs).min().cloned()
}

fn evaluated(rows: &[Row], context: &Context<'_>) -> BTreeMap<String, (Value, Apply)> {
    let value = |row: &Row| Some((row.path.key(), (row.evaluate(context).ok()??, row.apply)));
    rows.iter().filter_map(value).collect()
}

fn report(
    directory: &Directory,
    first: &BindingName,
    second: &BindingName,
    conflict: &Conflict<'_>,
) -> Option<Diagnostic> {
    let (first, second) = (directory.bindings.get(first)?, directory.bindings.get(second)?);
    let more = match conflict.others {
        0 => String::new(),
        others => format!(" (and {})", count(others, "other")),
    };
    let message = format!(
        "`{}` and `{}` both give the {} `{}`{more} to `{}`, but differ on `{}`",
        first.name, second.name, conflict.kind, conflict.key, second.target, conflict.path
    );
    let diagnostic = Diagnostic::new(Code::ConflictingBindings, second.origin, message)
        .label(first.origin, "the other binding")
        .hint("Let both use one mapping, or keep apart whom they assign.");
    Some(diagnostic)
}
