//! Mappings: rows compiled, `extends` resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::matching::{self, Matching};
use super::{Check, expressions, rows, targets};
use crate::config::model::{self, Declared};
use crate::diag::{Code, Diagnostic};
use crate::directory::Target;
use crate::mapping::{self, Apply, Mapping, RawRow, Row, RowError, RowValue, Subject, ValueType};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind};
use crate::source::{Span, Spanned};

/// One mapping's own rows that can be compiled.
#[derive(Default)]
struct Own<'a> {
    extends: Option<&'a Spanned<String>>,
    rows: PerKind<Vec<OwnRow<'a>>>,
    matching: PerKind<Option<Vec<(AttrPath, Span)>>>,
    /// Whether rows were left out that can't be compiled.
    broken: bool,
}

pub(super) struct OwnRow<'a> {
    pub(super) path: &'a str,
    key: String,
    /// `None` takes an inherited row out.
    raw: Option<RawRow>,
    origin: Span,
}

/// Declared mappings, and those that bindings asked for so far.
pub(super) struct Mappings<'a> {
    own: BTreeMap<&'a str, Own<'a>>,
    resolved: BTreeMap<(String, String), Arc<Mapping>>,
}

/// Compiles every declared mapping once, used or not, so that each mistake is said once.
pub(super) fn compile<'a>(check: &mut Check<'a>) -> Mappings<'a> {
    let config = check.config;
    let mut own = BTreeMap::new();
    for (name, written) in &config.mappings {
        let written = &written.value;
        let matching = written.matching.as_ref().map(|matching| &matching.value);
        let rows = PerKind {
            users: own_rows(check, &written.user, Subject::User),
            groups: own_rows(check, &written.group, Subject::Group),
        };
        let mapping = Own {
            extends: written.extends.as_ref(),
            broken: rows.users.len() < written.user.len() || rows.groups.len() < written.group.len(),
            rows,
            matching: PerKind {
                users: matching.and_then(|matching| paths(check, matching.users.as_deref()?)),
                groups: matching.and_then(|matching| paths(check, matching.groups.as_deref()?)),
            },
        };
        own.insert(name.as_str(), mapping);
    }
    Mappings { own, resolved: BTreeMap::new() }
}

/// The rows that can be compiled; what is wrong with the others is reported.
pub(super) fn own_rows<'a>(
    check: &mut Check<'_>,
    rows: &'a BTreeMap<String, Declared<model::Row>>,
    sees: Subject,
) -> Vec<OwnRow<'a>> {
    let mut own: Vec<OwnRow<'a>> = Vec::new();
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for (path, written) in rows {
        let raw = raw(&written.value);
        // A row that is taken out still has to name an attribute.
        let probe =
            raw.clone().unwrap_or_else(|| RawRow { constant: Some(crate::scim::Value::Null), ..RawRow::default() });
        let row = match mapping::compile_row(path, &probe, Some(written.key)) {
            Ok(row) => row,
            Err(error) => {
                // The form of a row has been checked when the file was read.
                let single = probe.value.is_none() && (probe.constant.is_some() || probe.secret.is_some());
                if !matches!(error, RowError::Form(_)) || single {
                    check.found.push(fault(check, path, written, &probe, &error));
                }
                continue;
            }
        };
        for expression in row.expressions() {
            expressions::try_out(check, expression, sees);
        }
        wrong_types(check, &row, sees);
        let key = row.path.key();
        if let Some(first) = seen.get(&key) {
            let message = format!("the attribute `{path}` has two rows");
            let diagnostic = Diagnostic::new(Code::DuplicateKey, written.key, message)
                .label(*first, "the other row")
                .hint("Names of SCIM attributes have no case: take one of them out.");
            check.found.push(diagnostic);
            continue;
        }
        seen.insert(key.clone(), written.key);
        own.push(OwnRow { path, key, raw, origin: written.key });
    }
    own
}

/// Reports constants of the wrong type, and expressions that give one for everybody.
fn wrong_types(check: &mut Check<'_>, row: &Row, sees: Subject) {
    let kind = if sees == Subject::Group { ResourceKind::Group } else { ResourceKind::User };
    let (Some(takes), Some(origin)) = (ValueType::of(kind, &row.path), row.origin) else { return };
    if let RowValue::Const(value) = &row.value
        && let Some(why) = takes.fault(value)
    {
        check.failed.insert(origin);
        check.found.push(rows::wrong_type(origin, &row.path, &why));
    }
    for expression in row.expressions() {
        let Some(span) = expression.origin().filter(|span| !check.failed.contains(span)) else { continue };
        if let Some(why) = mapping::sample(expression, sees).and_then(|value| takes.fault(&value)) {
            check.failed.insert(span);
            check.found.push(rows::wrong_type(span, &row.path, &why).label(origin, "the row"));
        }
    }
}

fn raw(written: &model::Row) -> Option<RawRow> {
    let text = |expression: &model::Expression| (expression.value.clone(), Some(expression.span));
    match written {
        model::Row::TakenOut => None,
        model::Row::Expression(expression) => Some(RawRow { value: Some(text(expression)), ..RawRow::default() }),
        model::Row::Full(full) => Some(RawRow {
            value: full.value.as_ref().map(text),
            constant: full.constant.as_ref().map(|constant| constant.value.clone()),
            secret: full.secret.as_ref().map(targets::secret),
            default: full.default.as_ref().map(text),
            apply: match full.apply {
                model::Apply::Always => Apply::Always,
                model::Apply::OnCreate => Apply::OnCreate,
            },
        }),
    }
}

fn fault(check: &Check<'_>, path: &str, written: &Declared<model::Row>, raw: &RawRow, error: &RowError) -> Diagnostic {
    let of = |text: &Option<(String, Option<Span>)>, fault| match text {
        Some((text, span)) => expressions::failure(check.sources, span.unwrap_or(written.span), text, fault),
        None => Diagnostic::new(Code::Expression, written.span, error.to_string()),
    };
    match error {
        RowError::Path { message, .. } => {
            let place = expressions::place(check.sources, written.key, path, error.range().as_ref());
            Diagnostic::new(Code::AttributePath, place, format!("`{path}` is not a SCIM attribute path: {message}"))
                .hint("Write a path such as `name.givenName`, `emails[type eq \"work\"].value` or `URN:attribute`.")
        }
        RowError::Value(fault) => of(&raw.value, fault),
        RowError::Default(fault) => of(&raw.default, fault),
        RowError::Form(message) => Diagnostic::new(Code::Schema, written.span, *message),
    }
}

/// Match attributes; `None` where none can be read.
pub(super) fn paths(check: &mut Check<'_>, written: &[Spanned<String>]) -> Option<Vec<(AttrPath, Span)>> {
    let mut paths = Vec::new();
    for text in written {
        match text.value.parse::<AttrPath>() {
            Ok(path) => {
                let whole = 0..text.value.len();
                paths.push((path, expressions::place(check.sources, text.span, &text.value, Some(&whole))));
            }
            Err(error) => {
                let place =
                    expressions::place(check.sources, text.span, &text.value, Some(&(error.offset..error.offset)));
                let message = format!("`{}` is not a SCIM attribute path: {}", text.value, error.message);
                check
                    .found
                    .push(Diagnostic::new(Code::AttributePath, place, message).hint("Write one such as `userName`."));
            }
        }
    }
    (!paths.is_empty()).then_some(paths)
}

impl Mappings<'_> {
    /// The mapping of a name for a target, the profile's default if there is no name. `None` where it does not exist,
    /// which has been reported.
    pub(super) fn resolve(
        &mut self,
        check: &mut Check<'_>,
        name: Option<&Spanned<String>>,
        target: &Target,
    ) -> Option<Arc<Mapping>> {
        let profile = &target.profile;
        let wanted = name.map_or(profile.name.as_str(), |name| name.value.as_str());
        let declared = name.is_some() && self.own.contains_key(wanted);
        let id = (format!("{}{wanted}", if declared { "" } else { "profile " }), profile.name.clone());
        if let Some(known) = self.resolved.get(&id) {
            return Some(known.clone());
        }
        let mapping = match (declared, name) {
            (true, _) => self.chain(check, wanted, profile),
            (false, None) => mapping::default_mapping(profile),
            (false, Some(_)) => mapping::default_mapping(check.profile(wanted)?.as_ref()),
        };
        match mapping {
            Ok(mapping) => {
                let mapping = Arc::new(mapping);
                self.resolved.insert(id, mapping.clone());
                Some(mapping)
            }
            Err(why) => {
                let place = name.map_or(target.origin, |name| name.span);
                check.found.push(Diagnostic::new(
                    Code::Profile,
                    place,
                    format!("the default mapping of a profile is broken: {why}"),
                ));
                None
            }
        }
    }

    /// Rows of the furthest base first, each overlaid by those of the mapping that extends it.
    fn chain(&self, check: &mut Check<'_>, name: &str, profile: &Profile) -> Result<Mapping, String> {
        let mut chain = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next = Some(name);
        let mut base = None;
        while let Some(current) = next {
            let known = self.own.get(current).filter(|_| seen.insert(current));
            let Some(own) = known else {
                base = check.profile(current);
                break;
            };
            chain.push(own);
            next = own.extends.map(|base| base.value.as_str());
        }
        let standard = mapping::default_mapping(base.as_deref().unwrap_or(profile))?;
        let inherited = if base.is_some() { standard.rows } else { PerKind::default() };
        let own = |kind| chain.iter().rev().map(move |own| own.rows.of(kind).as_slice());
        let rows = PerKind {
            users: overlay(inherited.users, own(ResourceKind::User)),
            groups: overlay(inherited.groups, own(ResourceKind::Group)),
        };
        let written = |kind| chain.iter().find_map(|own| own.matching.of(kind).as_deref());
        let broken = chain.iter().any(|own| own.broken);
        for (kind, rows) in rows.iter() {
            let matching = Matching { kind, paths: written(kind).unwrap_or_default(), rows, broken };
            matching::check(check, &matching, profile);
        }
        let mut matching = standard.matching;
        for kind in ResourceKind::ALL {
            if let Some(written) = written(kind) {
                *matching.of_mut(kind) = written.iter().map(|(path, _)| path.clone()).collect();
            }
        }
        Ok(Mapping { name: name.to_owned(), rows, matching })
    }
}

fn overlay<'a>(base: Vec<Row>, layers: impl Iterator<Item = &'a [OwnRow<'a>]>) -> Vec<Row> {
    let mut rows: BTreeMap<String, Row> = base.into_iter().map(|row| (row.path.key(), row)).collect();
    for row in layers.flatten() {
        let compiled = row.raw.as_ref().and_then(|raw| mapping::compile_row(row.path, raw, Some(row.origin)).ok());
        match compiled {
            Some(compiled) => rows.insert(row.key.clone(), compiled),
            None => rows.remove(&row.key),
        };
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    rows
}
