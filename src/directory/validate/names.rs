//! Which attribute names an expression may use: those that `mapping` knows, and what is declared under `custom`.

use std::collections::BTreeSet;

use crate::config::model::Config;
use crate::mapping::{self, Expression, NameProblem, Reference, Subject};
use crate::profile::closest;
use crate::scim::{Object, Value};

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

/// Names in an expression that its subject does not have. `vendors` are attributes that a target's live resources have
/// besides those of the RFC.
pub(super) fn check(
    expression: &Expression,
    subject: Subject,
    custom: &Custom,
    vendors: &BTreeSet<String>,
) -> Vec<Wrong> {
    let live = matches!(subject, Subject::LiveUser | Subject::LiveGroup);
    let vendors_own = |problem: &NameProblem| {
        let mut names =
            expression.references().iter().filter(|reference| reference.ranges.get(1) == Some(&problem.range));
        live && names.any(|reference| reference.path.get(1).is_some_and(|name| vendors.contains(name)))
    };
    let wrong = mapping::check_names(expression, &[subject]).into_iter().filter(|problem| !vendors_own(problem));
    let wrong = wrong.map(|problem| Wrong { doubtful: false, problem });
    let names = custom.names(subject);
    let own = expression.references().iter().filter_map(|reference| custom_wrong(reference, subject.root(), names?));
    wrong.chain(own).collect()
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
