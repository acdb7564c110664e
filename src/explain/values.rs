//! Step 4: each value, where it comes from, and what is live beside it.

use std::fmt::Write as _;

use super::{Source, State, ValueRow, place};
use crate::desired::{Apply, Asserted, Assertion, DesiredResource};
use crate::directory::{Binding, UserKey, WriteRules, scope};
use crate::live::LiveResource;
use crate::live::normal::{Comparison, Handling};
use crate::mapping::{Row, RowValue};
use crate::plan::{Change, PlanInput, WITHHELD};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

/// Every row of the mapping that counts, and `active`, which no row needs to give; in the order of paths.
pub(super) fn values(
    input: &PlanInput<'_>,
    kind: ResourceKind,
    resource: &DesiredResource,
    live: Option<&LiveResource>,
    change: Option<&Change>,
) -> Vec<ValueRow> {
    let scene = ExplainInput { input, kind, resource, live, change, rules: WriteRules::of(&input.target.profile) };
    let rows: &[Row] = binding(input, kind, &resource.key).map_or(&[], |binding| binding.mapping.rows.of(kind));
    let unrowed = resource.assertions.iter().filter(|one| !rows.iter().any(|row| row.path.same(&one.path)));
    let mut all: Vec<ValueRow> = rows.iter().map(|row| scene.row(row)).collect();
    all.extend(unrowed.map(|assertion| scene.unrowed(assertion)));
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// The binding through which a key is projected: the first by name that gives it.
fn binding<'a>(input: &PlanInput<'a>, kind: ResourceKind, key: &str) -> Option<&'a Binding> {
    let mut own = input.directory.bindings.values().filter(|binding| binding.target == input.target.name);
    own.find(|binding| match kind {
        ResourceKind::User => {
            scope::assigned(input.directory, binding, Some(input.as_of)).contains_key(&UserKey::from(key))
        }
        ResourceKind::Group => binding.push.iter().any(|group| group.value.as_str() == key),
    })
}

struct ExplainInput<'a, 'b> {
    input: &'a PlanInput<'b>,
    kind: ResourceKind,
    resource: &'a DesiredResource,
    live: Option<&'a LiveResource>,
    change: Option<&'a Change>,
    rules: WriteRules,
}

impl ExplainInput<'_, '_> {
    fn row(&self, row: &Row) -> ValueRow {
        let assertion = self.resource.assertions.iter().find(|one| one.path.same(&row.path));
        let mut expression = match &row.value {
            RowValue::Expression(expression) => expression.text().to_owned(),
            RowValue::Const(_) if self.is_password(&row.path) => format!("const {WITHHELD}"),
            RowValue::Const(value) => format!("const {value}"),
            RowValue::Secret(_) => "a secret, looked up when it is sent".to_owned(),
        };
        if let Some(default) = &row.default {
            let _ = write!(expression, ", default {}", default.text());
        }
        let at = |span| place(self.input.sources, span);
        let source =
            Source { expression, mapped: true, row: row.origin.map(at), place: assertion.map(|one| at(one.origin)) };
        let sent = self.rules.writing(self.kind, &row.path).is_sent();
        self.value(&row.path, assertion, source, sent, row.apply)
    }

    /// What no row gives: whether a person has access.
    fn unrowed(&self, assertion: &Assertion) -> ValueRow {
        let source = Source {
            expression: "`active`, `starts` and `ends` of the person".to_owned(),
            mapped: false,
            row: None,
            place: Some(place(self.input.sources, assertion.origin)),
        };
        self.value(&assertion.path, Some(assertion), source, true, assertion.apply)
    }

    fn value(
        &self,
        path: &AttrPath,
        assertion: Option<&Assertion>,
        source: Source,
        sent: bool,
        apply: Apply,
    ) -> ValueRow {
        let comparison = Comparison::new(&self.input.target.profile, self.kind, path);
        let secret = assertion.is_some_and(|one| one.sensitive) || self.is_password(path);
        let value = assertion.map(|one| match &one.value {
            _ if secret => Value::from(WITHHELD),
            Asserted::Value(value) => value.clone(),
            Asserted::User(key) => Value::from(key.as_str()),
            Asserted::Secret(_) => Value::from(WITHHELD),
        });
        let live = self.live.filter(|_| !secret).map(|live| comparison.find(&live.attributes).to_value());
        ValueRow {
            path: path.to_string(),
            state: self.state(path, assertion, sent, &comparison),
            value,
            source,
            on_create: assertion.map_or(apply, |one| one.apply) == Apply::OnCreate,
            live,
        }
    }

    fn is_password(&self, path: &AttrPath) -> bool {
        self.kind == ResourceKind::User && path.is_within("password")
    }

    fn state(&self, path: &AttrPath, assertion: Option<&Assertion>, sent: bool, comparison: &Comparison) -> State {
        let handling = comparison.handling();
        if !sent || handling == Handling::Silent {
            return State::ServerOwned;
        }
        let Some(assertion) = assertion else { return State::Undefined };
        let text = path.to_string();
        if self.change.is_some_and(|change| change.attributes.iter().any(|one| *one.path == *path)) {
            return if self.live.is_some() { State::Differs } else { State::NotCompared };
        }
        let Some(live) = self.live else { return State::NotCompared };
        if handling == Handling::Hidden {
            return State::Hidden;
        }
        let found = comparison.find(&live.attributes);
        match &assertion.value {
            // A manager that no change speaks about is the one who is there.
            Asserted::User(_) => State::Same,
            Asserted::Secret(_) => State::Hidden,
            Asserted::Value(value) if *value == found.to_value() => State::Same,
            Asserted::Value(value) if comparison.same(value, &found) => State::Normalised,
            Asserted::Value(_) => {
                let entry = self.input.ledger.of(self.kind).get(&self.resource.key);
                let kept = entry.is_some_and(|entry| entry.witnesses.contains_key(&text));
                if kept { State::Witness } else { State::Left }
            }
        }
    }
}
