//! Match attributes: they can be compared with what a target shows, and a row gives each its value.

use super::{Check, rows};
use crate::diag::{Code, Diagnostic, Severity};
use crate::directory::{WriteRules, same_attribute};
use crate::mapping::Row;
use crate::profile::Profile;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Mutability, Schemas, Type};
use crate::source::Span;

/// One mapping's match attributes for one kind, with the rows that may give them values.
pub(super) struct Matching<'a> {
    pub(super) kind: ResourceKind,
    pub(super) paths: &'a [(AttrPath, Span)],
    pub(super) rows: &'a [Row],
    /// Whether rows are missing that could not be compiled.
    pub(super) broken: bool,
}

/// Reports paths that can never recognise anyone.
pub(super) fn check(check: &mut Check<'_>, matching: &Matching<'_>, profile: &Profile) {
    let writes = WriteRules::of(profile);
    for (path, place) in matching.paths {
        let found = unusable(matching.kind, path, *place).or_else(|| unasserted(matching, path, *place, &writes));
        check.found.extend(found);
    }
}

fn unusable(kind: ResourceKind, path: &AttrPath, place: Span) -> Option<Diagnostic> {
    let (extension, name) = path.top();
    let whole = Schemas::core(kind).top_attribute(extension, name)?;
    let part = path.sub.as_deref().and_then(|sub| whole.sub(sub)).unwrap_or(whole);
    let says = |why: &str, hint: String| {
        Some(
            Diagnostic::new(Code::AttributePath, place, format!("nobody can be matched by `{path}`: {why}")).hint(hint),
        )
    };
    let is = |mutability| [whole, part].iter().any(|attribute| attribute.mutability == mutability);
    if is(Mutability::WriteOnly) {
        return says("no server ever shows it", "Take it out, or name one such as `userName`.".to_owned());
    }
    if is(Mutability::ReadOnly) {
        let hint = "Take it out: ids are kept in the ledger.".to_owned();
        return says("the server gives it, and no file declares it", hint);
    }
    if part.kind == Type::Complex {
        let sub = part.sub("value").or_else(|| part.sub_attributes.first())?;
        return says("it has parts", format!("Name the part: `{path}.{}`.", sub.name));
    }
    None
}

fn unasserted(matching: &Matching<'_>, path: &AttrPath, place: Span, writes: &WriteRules) -> Option<Diagnostic> {
    let sent = matching.rows.iter().filter(|row| writes.writing(matching.kind, &row.path).is_sent());
    let gives = |row: &Row| {
        same_attribute(&row.path, path)
            && match (&row.path.sub, &path.sub) {
                (Some(row), Some(path)) => row.eq_ignore_ascii_case(path),
                (row, path) => row.is_none() || path.is_none(),
            }
    };
    if sent.into_iter().any(gives) {
        return None;
    }
    let schemas = Schemas::core(matching.kind);
    if path.is_core() && schemas.attribute(path).is_none() {
        let message = format!("a {} has no attribute `{path}` to match by", matching.kind);
        let mut diagnostic = Diagnostic::new(Code::UnknownScimAttribute, place, message);
        diagnostic.severity = Severity::Error;
        diagnostic.hint = rows::core_hint(schemas, &path.attribute, path);
        return Some(diagnostic);
    }
    if matching.broken {
        return None;
    }
    let message = format!("nobody can be matched by `{path}`: no row of the mapping sends it");
    Some(Diagnostic::new(Code::AttributePath, place, message).hint("Add the row, or take the path out of `match`."))
}
