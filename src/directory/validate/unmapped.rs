//! Declared attributes that no mapping of a target sends.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::model;
use crate::config::model::Config;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::directory::{Binding, Directory, Target, TargetName, User, WriteRules, Writing, scope};
use crate::mapping::{Expression, Row};
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, urn};
use crate::source::Span;

/// What says when someone has access, and is not sent as such.
const NEVER_SENT: &[&str] = &["active", "custom", "ends", "key", "previously", "starts"];

/// Warns once per target and attribute, at the first place in the files. A row of `null` says that it is meant so; an
/// attribute of the user's own that some condition reads is not meant for targets alone.
pub(super) fn check(directory: &Directory, config: &Config, found: &mut Diagnostics) {
    let read = read_by_conditions(directory);
    for target in directory.targets.values() {
        let bindings: Vec<&Binding> =
            directory.bindings.values().filter(|binding| binding.target == target.name).collect();
        let mut sent = sent(&bindings);
        sent.extend(taken_out(config, &target.name));
        let mut places: BTreeMap<String, Span> = BTreeMap::new();
        let mut note = |name: String, place: Span| {
            let first = places.entry(name).or_insert(place);
            *first = place.min(*first);
        };
        let assigned: BTreeSet<_> =
            bindings.iter().flat_map(|binding| scope::assigned(directory, binding, None).into_keys()).collect();
        for user in assigned.into_iter().filter_map(|key| directory.users.get(key)) {
            for (name, place) in &user.places {
                if !NEVER_SENT.contains(&name.as_str()) && !sent.contains(name.as_str()) && has_value(user, name) {
                    note(name.clone(), *place);
                }
            }
            for (name, place) in custom(user) {
                let dotted = format!("custom.{name}");
                if !sent.contains("custom") && !sent.contains(&dotted) && !read.contains(&dotted) {
                    note(dotted, place);
                }
            }
        }
        let rules = WriteRules::of(&target.profile);
        found.extend(places.into_iter().filter_map(|(name, place)| report(target, &rules, &name, place)));
    }
}

fn report(target: &Target, rules: &WriteRules, name: &str, place: Span) -> Option<Diagnostic> {
    let core = rules.writing(ResourceKind::User, &AttrPath::attribute(name));
    let writing = core.max(rules.writing(ResourceKind::User, &AttrPath::extension(urn::ENTERPRISE_USER, name)));
    let meant = format!("a mapping's row of `null`, such as `{name}: null`, says that it is meant so");
    let (why, hint) = match writing {
        // Nobody expects to send what the target decides by itself.
        Writing::ServerOwned | Writing::Ignored => return None,
        Writing::Unsupported => {
            ("the target does not know it".to_owned(), format!("Nothing can be done at this target; {meant}."))
        }
        Writing::Free | Writing::CreateOnly => {
            let why = format!("no mapping used for it has a row that reads `user.{name}`");
            (why, format!("Add a row that reads it; or {meant}."))
        }
    };
    Some(Diagnostic::new(Code::Unmapped, place, format!("`{name}` is not sent to `{}`: {why}", target.name)).hint(hint))
}

/// `null` declares emptiness, of which nothing is lost where it is not sent.
fn has_value(user: &User, name: &str) -> bool {
    user.attributes.get(name).is_some_and(|value| !value.is_unassigned())
}

fn custom(user: &User) -> impl Iterator<Item = (&str, Span)> {
    let place = user.places.get("custom").copied().unwrap_or(user.origin);
    let values = user.attributes.get("custom").and_then(Value::as_object);
    values.into_iter().flat_map(Object::iter).map(move |(name, _)| (name, place))
}

/// Names that rows read: `title`, `custom.teeShirtSize`, or `custom` for all of it.
fn sent(bindings: &[&Binding]) -> BTreeSet<String> {
    let rows = bindings.iter().flat_map(|binding| &binding.mapping.user);
    rows.flat_map(Row::expressions)
        .flat_map(Expression::references)
        .filter_map(|reference| name(&reference.path))
        .collect()
}

fn read_by_conditions(directory: &Directory) -> BTreeSet<String> {
    let groups = directory.groups.values().filter_map(|group| group.rule.as_ref());
    let bindings = directory.bindings.values().filter_map(|binding| binding.rule.as_ref());
    let policies = directory.policies.iter().map(|policy| &policy.condition);
    let all = groups.chain(bindings).chain(policies);
    all.flat_map(Expression::references).filter_map(|reference| name(&reference.path)).collect()
}

fn name(path: &[String]) -> Option<String> {
    match path {
        [root, custom, name, ..] if root == "user" && custom == "custom" => Some(format!("custom.{name}")),
        [root, name, ..] if root == "user" => Some(name.clone()),
        _ => None,
    }
}

/// Attributes whose row a mapping of the target takes out on purpose.
fn taken_out(config: &Config, target: &TargetName) -> BTreeSet<String> {
    let bindings = config
        .bindings
        .values()
        .filter(|binding| binding.target.as_ref().is_some_and(|named| named.value == target.as_str()));
    let mut open: Vec<&str> =
        bindings.filter_map(|binding| binding.mapping.as_ref()).map(|mapping| mapping.value.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    while let Some(mapping) = open.pop() {
        let Some(written) = config.mappings.get(mapping).filter(|_| seen.insert(mapping)) else { continue };
        open.extend(written.value.extends.as_ref().map(|base| base.value.as_str()));
        for (path, _) in written.value.user.iter().filter(|(_, row)| matches!(row.value, model::Row::TakenOut)) {
            let attribute = path.rsplit(':').next().unwrap_or(path);
            names.insert(attribute.split(['.', '[']).next().unwrap_or(attribute).to_owned());
        }
    }
    names
}
