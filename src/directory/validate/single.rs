//! Several values of an attribute of which a target keeps one.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::values::{concerns, place};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::directory::{Directory, User, UserKey, WriteRules, scope};
use crate::mapping::{Context, Row};
use crate::scim::{ResourceKind, Value};
use crate::source::Span;

/// Warns once per target and attribute, at the first place in the files.
pub(super) fn check(directory: &Directory, found: &mut Diagnostics) {
    for target in directory.targets.values() {
        let writes = WriteRules::of(&target.profile);
        for path in &target.profile.attributes.single_valued {
            let mut people: BTreeSet<&UserKey> = BTreeSet::new();
            let mut first: Option<Span> = None;
            for binding in directory.bindings.values().filter(|binding| binding.target == target.name) {
                let rows =
                    binding.mapping.rows.users.iter().filter(|row| row.path.sub.is_none() && concerns(path, &row.path));
                for row in rows.filter(|row| writes.writing(ResourceKind::User, &row.path).is_sent()) {
                    let assigned: Vec<&User> = scope::assigned(directory, binding, None)
                        .into_keys()
                        .filter_map(|key| directory.users.get(key))
                        .collect();
                    for user in assigned.into_par_iter().filter(|user| asserts_several(row, user)).collect::<Vec<_>>() {
                        people.insert(&user.key);
                        let at = place(user, &[row]);
                        first = Some(first.map_or(at, |first| first.min(at)));
                    }
                }
            }
            let Some(at) = first else { continue };
            let who = match people.len() {
                1 => "one person has".to_owned(),
                several => format!("{several} people have"),
            };
            let message = format!("`{}` keeps one value of `{path}`, and {who} several", target.name);
            let hint = "The others are not kept there. Map the one that counts, such as `user.emails | primary`.";
            found.push(Diagnostic::new(Code::SingleValued, at, message).hint(hint));
        }
    }
}

fn asserts_several(row: &Row, user: &User) -> bool {
    // A row that fails is reported when rows are tried.
    let value = row.evaluate(&Context::user(&user.attributes)).ok().flatten();
    value.as_ref().and_then(Value::as_array).is_some_and(|values| values.len() > 1)
}
