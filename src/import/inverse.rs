//! From a live resource back to what a file would declare: the rows of a mapping read backwards.

use std::collections::BTreeSet;

use super::shape::{declarable, rank, rank_of_part, standard};
use crate::directory::WriteRules;
use crate::live::normal::{Comparison, Found};
use crate::live::{AccountReader, LiveResource};
use crate::mapping::{Context, Expression, Mapping, Row, RowValue};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// Names that a file has for us, and not for a target's attributes.
const OURS: [&str; 6] = ["key", "active", "manager", "starts", "ends", "previously"];

/// The rows of a mapping for one kind of resource, prepared to be read backwards.
pub(super) struct Inverse<'a> {
    kind: ResourceKind,
    lines: Vec<Line<'a>>,
    /// Declared names that rows read and that have a place of their own in SCIM.
    places: Vec<(Vec<String>, Comparison)>,
    user_name: Comparison,
    external_id: Comparison,
    accounts: Option<AccountReader>,
}

/// One row that is sent.
struct Line<'a> {
    row: &'a Row,
    comparison: Comparison,
    /// Declared names that it reads, those of the value before those of the default.
    reads: Vec<Vec<String>>,
    /// The name, where the value is exactly one declared attribute.
    plain: Option<Vec<String>>,
}

/// How a difference was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mended {
    /// The attribute is declared to be empty.
    Emptied(String),
    /// These are not declared.
    Dropped(Vec<String>),
}

impl<'a> Inverse<'a> {
    pub(super) fn new(profile: &Profile, kind: ResourceKind, mapping: &'a Mapping) -> Self {
        let rules = WriteRules::of(profile);
        let rows = mapping.rows.of(kind);
        let sent = rows.iter().filter(|row| rules.writing(kind, &row.path).is_sent());
        let lines: Vec<Line<'a>> = sent.map(|row| Line::new(row, Comparison::new(profile, kind, &row.path))).collect();
        let names: BTreeSet<Vec<String>> = lines.iter().flat_map(|line| line.reads.iter().cloned()).collect();
        let place = |name: Vec<String>| {
            let top = name.first()?;
            let path = standard(top)?;
            let (name, path) = match name.get(1) {
                Some(sub) if top == "name" => (vec![top.clone(), sub.clone()], path.with_sub(sub)),
                _ => (vec![top.clone()], path),
            };
            Some((name, Comparison::new(profile, kind, &path)))
        };
        let is_ours = |name: &Vec<String>| name.first().is_none_or(|top| OURS.contains(&top.as_str()));
        let mut places: Vec<(Vec<String>, Comparison)> =
            names.into_iter().filter(|name| !is_ours(name)).filter_map(place).collect();
        places.dedup_by(|a, b| a.0 == b.0);
        let active = AttrPath::attribute("active");
        let asserted = kind == ResourceKind::User && rules.writing(kind, &active).is_sent();
        let named = kind.name_attribute();
        Self {
            kind,
            lines,
            places,
            user_name: Comparison::new(profile, kind, &AttrPath::attribute(named)),
            external_id: Comparison::new(profile, kind, &AttrPath::attribute("externalId")),
            accounts: asserted.then(|| AccountReader::new(profile)),
        }
    }

    /// The live `userName`, or a group's `displayName`.
    pub(super) fn name(&self, live: &LiveResource) -> String {
        plain_text(&self.user_name.find(&live.attributes))
    }

    /// The live `externalId`.
    pub(super) fn external_id(&self, live: &LiveResource) -> String {
        plain_text(&self.external_id.find(&live.attributes))
    }

    /// Whether the mapping makes an `externalId` of the key where none is declared.
    pub(super) fn external_id_of_key(&self) -> Option<&'a Row> {
        let path = AttrPath::attribute("externalId");
        let line = self.lines.iter().find(|line| line.row.path.same(&path))?;
        line.row.expressions().any(|expression| reads(expression).any(|name| name == ["key"])).then_some(line.row)
    }

    /// The id of the live manager, where the mapping sends one.
    pub(super) fn manager(&self, live: &LiveResource) -> Option<String> {
        let line = self.lines.iter().find(|line| line.plain.as_deref() == Some(&["manager".to_owned()]))?;
        let found = line.comparison.find(&live.attributes).to_value();
        let id = found.as_str().or_else(|| found.get("value").and_then(Value::as_str))?;
        (!id.trim().is_empty()).then(|| id.to_owned())
    }

    /// What a file would declare, in the order in which it is written, the manager and members aside.
    pub(super) fn declare(&self, live: &LiveResource, key: &str) -> Object {
        let mut declared = Object::new();
        for (name, comparison) in &self.places {
            let found = comparison.find(&live.attributes);
            // What is put together from other attributes is declared there.
            if matches!(found, Found::Made(_)) {
                continue;
            }
            let Some(top) = name.first() else { continue };
            let value = match name.get(1) {
                Some(_) => Some(found.to_value()).filter(|value| value.as_str().is_some() && !found.is_blank()),
                None => declarable(top, &found.to_value()),
            };
            if let Some(value) = value {
                put(&mut declared, name, value);
            }
        }
        self.elsewhere(live, key, &mut declared);
        if self.accounts.as_ref().is_some_and(|accounts| !accounts.state(&live.attributes).has_access()) {
            declared.insert("active", Value::Bool(false));
        }
        self.without_needless(live, key, &mut declared);
        sorted(declared)
    }

    /// Attributes that stand at a place of the target's own.
    fn elsewhere(&self, live: &LiveResource, key: &str, declared: &mut Object) {
        for line in &self.lines {
            let Some(name) = line.plain.as_ref().filter(|name| !name.iter().any(|part| OURS.contains(&part.as_str())))
            else {
                continue;
            };
            let found = line.comparison.find(&live.attributes);
            if found.is_blank() || get(declared, name).is_some() || self.holds(line, &found, declared, key) {
                continue;
            }
            let Some(top) = name.first() else { continue };
            if let Some(value) = declarable(if name.len() == 1 { top } else { "custom" }, &found.to_value()) {
                put(declared, name, value);
            }
        }
    }

    /// Leaves out what the mapping gives all the same: an `externalId` that is the key, a name that is.
    fn without_needless(&self, live: &LiveResource, key: &str, declared: &mut Object) {
        let name = if self.kind == ResourceKind::User { "externalId" } else { "displayName" };
        for name in ["externalId", name] {
            let Some(value) = declared.remove(name) else { continue };
            let concerned =
                |line: &&Line<'_>| line.reads.iter().any(|read| read.first().is_some_and(|top| top == name));
            let mut lines = self.lines.iter().filter(concerned);
            let holds = |line: &Line<'_>| {
                let found = line.comparison.find(&live.attributes);
                self.value(line, declared, key).is_some_and(|value| line.comparison.same(&value, &found))
            };
            if !lines.all(holds) {
                declared.insert(name, value);
            }
        }
    }

    fn value(&self, line: &Line<'_>, declared: &Object, key: &str) -> Option<Value> {
        let mut whole = declared.clone();
        whole.insert("key", Value::from(key));
        if self.kind == ResourceKind::Group && whole.get("displayName").is_none() {
            whole.insert("displayName", Value::from(key));
        }
        let whole = Value::Object(whole);
        let context = Context::resource(self.kind, &whole);
        line.row.evaluate(&context).ok().flatten()
    }

    /// Whether a row gives what is live, or nothing.
    fn holds(&self, line: &Line<'_>, found: &Found<'_>, declared: &Object, key: &str) -> bool {
        self.value(line, declared, key).is_none_or(|value| line.comparison.same(&value, found))
    }

    /// Changes what is declared so that the row of a path gives what is live, or nothing. `None` where no change does.
    pub(super) fn mend(
        &self,
        path: &AttrPath,
        live: &LiveResource,
        key: &str,
        declared: &mut Object,
    ) -> Option<Mended> {
        let line = self.lines.iter().find(|line| line.comparison.path() == path)?;
        let found = line.comparison.find(&live.attributes);
        if found.is_blank() && self.kind == ResourceKind::User {
            let plain = line.plain.as_ref().filter(|name| get(declared, name).is_none());
            if let Some(name) = plain.filter(|name| !name.iter().any(|part| part == "custom")) {
                let mut tried = declared.clone();
                put(&mut tried, name, Value::Null);
                if self.holds(line, &found, &tried, key) {
                    *declared = sorted(tried);
                    return Some(Mended::Emptied(name.join(".")));
                }
            }
        }
        let held: Vec<&Vec<String>> = line.reads.iter().filter(|name| get(declared, name).is_some()).collect();
        let without = |names: &[&Vec<String>]| {
            let mut tried = declared.clone();
            for name in names {
                take(&mut tried, name);
            }
            tried
        };
        let alone = held.iter().map(|name| vec![*name]).find(|names| self.holds(line, &found, &without(names), key));
        let dropped = alone.unwrap_or(held);
        if dropped.is_empty() {
            return None;
        }
        let tried = without(&dropped);
        let names = dropped.iter().map(|name| name.join(".")).collect();
        *declared = tried;
        Some(Mended::Dropped(names))
    }

    /// Takes out whatever a row can't be made of.
    pub(super) fn mend_broken(&self, key: &str, declared: &mut Object) -> Option<Mended> {
        let mut whole = declared.clone();
        whole.insert("key", Value::from(key));
        let whole = Value::Object(whole);
        let broken = |line: &&Line<'_>| {
            let context = Context::resource(self.kind, &whole);
            let fault = |value: &Value| {
                crate::mapping::ValueType::of(self.kind, &line.row.path).and_then(|takes| takes.fault(value)).is_some()
            };
            match line.row.evaluate(&context) {
                Err(_) => true,
                Ok(value) => value.as_ref().is_some_and(fault),
            }
        };
        let mut dropped: BTreeSet<String> = BTreeSet::new();
        for name in self.lines.iter().filter(broken).flat_map(|line| &line.reads) {
            if get(declared, name).is_some() && name.first().is_none_or(|top| top != "userName") {
                take(declared, name);
                dropped.insert(name.join("."));
            }
        }
        (!dropped.is_empty()).then(|| Mended::Dropped(dropped.into_iter().collect()))
    }
}

impl<'a> Line<'a> {
    fn new(row: &'a Row, comparison: Comparison) -> Self {
        let (value, default) = match &row.value {
            RowValue::Expression(expression) => (Some(expression), row.default.as_ref()),
            RowValue::Const(_) | RowValue::Secret(_) => (None, row.default.as_ref()),
        };
        let mut names: Vec<Vec<String>> = Vec::new();
        for name in value.into_iter().chain(default).flat_map(reads) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let plain = value.and_then(|expression| match expression.references() {
            [only] if only.path.join(".") == expression.text().trim() => only.path.get(1..).map(<[String]>::to_vec),
            _ => None,
        });
        Self { row, comparison, reads: names, plain: plain.filter(|name| !name.is_empty()) }
    }
}

/// Names that an expression reads, without `user` or `group` in front.
fn reads(expression: &Expression) -> impl Iterator<Item = Vec<String>> + '_ {
    let names = expression.references().iter().filter_map(|reference| reference.path.get(1..));
    names.filter(|name| !name.is_empty()).map(<[String]>::to_vec)
}

fn plain_text(found: &Found<'_>) -> String {
    found.to_value().as_str().unwrap_or_default().trim().to_owned()
}

fn get<'o>(declared: &'o Object, name: &[String]) -> Option<&'o Value> {
    let (top, rest) = name.split_first()?;
    rest.iter().try_fold(declared.get(top)?, |value, part| value.get(part))
}

fn put(declared: &mut Object, name: &[String], value: Value) {
    let Some((top, rest)) = name.split_first() else { return };
    if rest.is_empty() {
        declared.insert(top.clone(), value);
        return;
    }
    put(declared.entry_or(top, Value::Object(Object::new())).make_object(), rest, value);
}

fn take(declared: &mut Object, name: &[String]) {
    let Some((top, rest)) = name.split_first() else { return };
    if rest.is_empty() {
        declared.remove(top);
        return;
    }
    let Some(inner) = declared.get_mut(top).and_then(Value::as_object_mut) else { return };
    take(inner, rest);
    if inner.is_empty() {
        declared.remove(top);
    }
}

/// In the order in which attributes are written.
fn sorted(declared: Object) -> Object {
    let in_order = |object: Object, rank: fn(&str) -> usize| -> Object {
        let mut entries: Vec<_> = object.into_iter().collect();
        entries.sort_by(|a, b| (rank(&a.0), &a.0).cmp(&(rank(&b.0), &b.0)));
        entries.into_iter().collect()
    };
    let mut declared = in_order(declared, rank);
    if let Some(Value::Object(name)) = declared.get_mut("name") {
        *name = in_order(std::mem::take(name), rank_of_part);
    }
    declared
}
