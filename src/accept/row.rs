//! From an attribute of a target back to the declaration that it is a copy of.

use std::collections::BTreeSet;

use crate::directory::{Directory, Target};
use crate::live::normal::Comparison;
use crate::mapping::{Row, RowValue};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// The way out where a value is made of others.
const BY_HAND: &str = "Change what it is made of, or the row, by hand; `scimform apply` brings back what is declared.";

/// The declared name of which an attribute's value is a copy, as `title` or `name`, `givenName`.
///
/// # Errors
/// Rows that make the value of something else, or that differ between bindings: why, and the way out.
pub(super) fn declared(
    directory: &Directory,
    target: &Target,
    kind: ResourceKind,
    path: &AttrPath,
) -> Result<Vec<String>, (String, String)> {
    let mut names: BTreeSet<Result<Vec<String>, String>> = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for binding in directory.bindings.values().filter(|binding| binding.target == target.name) {
        if !seen.insert(binding.mapping.name.as_str()) {
            continue;
        }
        let rows = binding.mapping.rows.of(kind);
        let row = rows.iter().find(|row| Comparison::new(&target.profile, kind, &row.path).path() == path);
        names.extend(row.map(plain));
    }
    let mut names = names.into_iter();
    match (names.next(), names.next()) {
        (Some(Ok(name)), None) => Ok(name),
        (Some(Err(why)), None) => Err((why, BY_HAND.to_owned())),
        (Some(_), Some(_)) => {
            Err(("the bindings of the target have different rows for it".to_owned(), BY_HAND.to_owned()))
        }
        (None, _) => Err(("no row of a mapping names it".to_owned(), BY_HAND.to_owned())),
    }
}

/// The one declared name that a row takes as it is.
fn plain(row: &Row) -> Result<Vec<String>, String> {
    let expression = match &row.value {
        RowValue::Expression(expression) => expression,
        RowValue::Const(_) => return Err("the mapping sends a constant (`const`)".to_owned()),
        RowValue::Secret(_) => return Err("it is a secret".to_owned()),
    };
    let made = || format!("the mapping makes it of `{}`", expression.text().trim());
    match expression.references() {
        [only] if only.path.join(".") == expression.text().trim() => {
            let name = only.path.get(1..).unwrap_or_default();
            let of_ours = name.first().is_none_or(|top| matches!(top.as_str(), "key" | "previously"));
            if of_ours { Err(made()) } else { Ok(name.to_vec()) }
        }
        _ => Err(made()),
    }
}
