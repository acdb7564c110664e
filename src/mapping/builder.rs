//! A profile's default mapping, compiled.

use std::str::FromStr;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Apply, Mapping, RawRow, Row, compile_row};
use crate::profile::{self, DefaultMapping, Profile};
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, Value};

/// The mapping that a binding uses when it names none: the profile's rows over those that it extends.
///
/// # Errors
/// A row that does not compile, or a base that does not exist or extends itself, as a message.
pub fn default_mapping(profile: &Profile) -> Result<Mapping, String> {
    let merged = resolve(profile)?;
    Ok(Mapping {
        name: profile.name.clone(),
        rows: PerKind { users: rows(&merged.user)?, groups: rows(&merged.group)? },
        matching: PerKind { users: paths(&merged.match_users)?, groups: paths(&merged.match_groups)? },
    })
}

/// The profile with its default mapping as it comes out, without `extends`.
///
/// # Errors
/// A base that does not exist or extends itself, as a message.
pub fn with_whole_mapping(profile: &Profile) -> Result<Profile, String> {
    let mapping = resolve(profile)?;
    Ok(Profile { mapping, ..profile.clone() })
}

/// Rows of the chain of `extends`, furthest first; `null` takes a row out, a list of matches replaces the former one.
fn resolve(profile: &Profile) -> Result<DefaultMapping, String> {
    let mut chain = vec![profile.mapping.clone()];
    let mut seen = vec![profile.name.clone()];
    while let Some(base) = chain.last().and_then(|mapping| mapping.extends.clone()) {
        if seen.contains(&base) {
            return Err(format!("the mapping of profile `{base}` extends itself"));
        }
        let found = profile::builtin(&base).ok_or_else(|| format!("there is no profile `{base}` to extend"))?;
        chain.push(found.mapping.clone());
        seen.push(base);
    }
    let mut merged = DefaultMapping::default();
    for mapping in chain.into_iter().rev() {
        lay_over(&mut merged.user, mapping.user);
        lay_over(&mut merged.group, mapping.group);
        if !mapping.match_users.is_empty() {
            merged.match_users = mapping.match_users;
        }
        if !mapping.match_groups.is_empty() {
            merged.match_groups = mapping.match_groups;
        }
    }
    Ok(merged)
}

fn lay_over(base: &mut IndexMap<String, Json>, rows: IndexMap<String, Json>) {
    for (path, row) in rows {
        base.retain(|known, _| !same(known, &path));
        if !row.is_null() {
            base.insert(path, row);
        }
    }
}

/// Whether two texts name the same place.
fn same(a: &str, b: &str) -> bool {
    a == b || AttrPath::from_str(a).is_ok_and(|a| AttrPath::from_str(b).is_ok_and(|b| a.same(&b)))
}

fn rows(raw: &IndexMap<String, Json>) -> Result<Vec<Row>, String> {
    let compile = |(path, row): (&String, &Json)| {
        let raw = RawRow::from_json(row).map_err(|error| format!("row `{path}`: {error}"))?;
        compile_row(path, &raw, None).map_err(|error| format!("row `{path}`: {error}"))
    };
    let mut rows = raw.iter().map(compile).collect::<Result<Vec<_>, String>>()?;
    rows.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(rows)
}

fn paths(raw: &[String]) -> Result<Vec<AttrPath>, String> {
    raw.iter().map(|path| path.parse().map_err(|error| format!("match `{path}`: {error}"))).collect()
}

impl RawRow {
    /// A row as profiles write it: an expression, or `{ value | const, default, apply }`.
    ///
    /// # Errors
    /// Another form, as a message.
    pub fn from_json(row: &Json) -> Result<Self, String> {
        let fields = match row {
            Json::String(text) => return Ok(Self { value: Some((text.clone(), None)), ..Self::default() }),
            Json::Object(fields) => fields,
            _ => return Err("a row is an expression or has `value` or `const`".to_owned()),
        };
        let mut raw = Self::default();
        for (name, field) in fields {
            match (name.as_str(), field) {
                ("value", Json::String(text)) => raw.value = Some((text.clone(), None)),
                ("default", Json::String(text)) => raw.default = Some((text.clone(), None)),
                ("const", constant) => raw.constant = Some(Value::from(constant.clone())),
                ("apply", Json::String(text)) if text == "onCreate" => raw.apply = Apply::OnCreate,
                ("apply", Json::String(text)) if text == "always" => raw.apply = Apply::Always,
                _ => return Err(format!("a row has no `{name}: {field}`")),
            }
        }
        Ok(raw)
    }
}
