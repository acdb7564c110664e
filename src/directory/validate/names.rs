//! Which attribute names an expression may use: those that `mapping` knows, what is declared under `custom`, and for live
//! resources whatever a server may have.

use std::collections::BTreeSet;

use crate::config::model::Config;
use crate::mapping::{self, Expression, NameProblem, Reference, Subject};
use crate::profile::closest;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

/// What an expression is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sees {
    /// Something of ours.
    Declared(Subject),
    /// A live resource: a server may have attributes of its own.
    Live(ResourceKind),
}

/// Names under `custom` that somebody declares or the user's own schema knows.
#[derive(Debug, Default)]
pub(super) struct Custom {
    user: Names,
    group: Names,
}

#[derive(Debug, Default)]
struct Names {
    known: BTreeSet<String>,
    /// Whether a schema allows no others.
    closed: bool,
}

/// A name that is not known.
pub(super) struct Wrong {
    pub(super) problem: NameProblem,
    /// Whether it may be right after all.
    pub(super) doubtful: bool,
}

impl Custom {
    /// Collects the names.
    pub(super) fn of(config: &Config) -> Self {
        let schemas = config.custom_schema.as_ref().map(|schemas| &schemas.value);
        let mut user = Names::of(schemas.and_then(|schemas| schemas.user.as_ref()).map(|schema| &schema.value));
        let mut group = Names::of(schemas.and_then(|schemas| schemas.group.as_ref()).map(|schema| &schema.value));
        config.users.values().for_each(|declared| user.add(declared.value.attributes.get("custom")));
        config
            .groups
            .values()
            .for_each(|declared| group.add(declared.value.custom.as_ref().map(|custom| &custom.value)));
        Self { user, group }
    }

    fn names(&self, subject: Subject) -> Option<&Names> {
        match subject {
            Subject::User => Some(&self.user),
            Subject::Group => Some(&self.group),
            Subject::Change | Subject::LiveUser | Subject::LiveGroup => None,
        }
    }
}

impl Names {
    fn of(schema: Option<&serde_json::Value>) -> Self {
        let properties = schema.and_then(|schema| schema.get("properties")?.as_object());
        let known = properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect();
        let closed =
            schema.and_then(|schema| schema.get("additionalProperties")) == Some(&serde_json::Value::Bool(false));
        Self { known, closed }
    }

    fn add(&mut self, custom: Option<&Value>) {
        for (name, _) in custom.and_then(Value::as_object).into_iter().flat_map(Object::iter) {
            if !self.known.contains(name) {
                self.known.insert(name.to_owned());
            }
        }
    }
}

/// Names in an expression that what it sees does not have.
pub(super) fn check(expression: &Expression, sees: Sees, custom: &Custom) -> Vec<Wrong> {
    match sees {
        Sees::Declared(subject) => {
            let wrong = mapping::check_names(expression, &[subject]).into_iter();
            let wrong = wrong.map(|problem| Wrong { problem, doubtful: false });
            let names = custom.names(subject);
            let own =
                expression.references().iter().filter_map(|reference| custom_wrong(reference, subject.root(), names?));
            wrong.chain(own).collect()
        }
        Sees::Live(kind) => {
            expression.references().iter().filter_map(|reference| live_wrong(reference, kind)).collect()
        }
    }
}

fn custom_wrong(reference: &Reference, root: &str, names: &Names) -> Option<Wrong> {
    let [first, second, name, ..] = reference.path.as_slice() else { return None };
    if first != root || second != "custom" || names.known.contains(name) {
        return None;
    }
    let hint = closest(name, names.known.iter().map(String::as_str)).map(|near| format!("Did you mean `{near}`?"));
    let message = if names.closed {
        format!("your schema of custom attributes has no `{name}`")
    } else {
        format!("no {root} declares the custom attribute `{name}`")
    };
    let range = reference.ranges.get(2)?.clone();
    Some(Wrong { problem: NameProblem { message, range, hint }, doubtful: !names.closed })
}

fn live_wrong(reference: &Reference, kind: ResourceKind) -> Option<Wrong> {
    let root = match kind {
        ResourceKind::User => "user",
        ResourceKind::Group => "group",
    };
    let first = reference.path.first()?;
    if first != root {
        let hint = Some(format!("Here is only `{root}`, with the live attributes."));
        let problem = NameProblem {
            message: format!("there is no `{first}` here"),
            range: reference.ranges.first()?.clone(),
            hint,
        };
        return Some(Wrong { problem, doubtful: false });
    }
    let name = reference.path.get(1)?;
    let attributes =
        Schemas::core(kind).iter().flat_map(|schema| &schema.attributes).map(|attribute| attribute.name.as_str());
    let known: Vec<&str> = attributes.chain(["id", "externalId", "meta", "schemas"]).collect();
    if known.contains(&name.as_str()) {
        return None;
    }
    let hint = closest(name, known).map(|near| format!("Did you mean `{near}`?"));
    let message = format!("`{name}` is no attribute of SCIM's own: servers may not have it");
    Some(Wrong { problem: NameProblem { message, range: reference.ranges.get(1)?.clone(), hint }, doubtful: true })
}
