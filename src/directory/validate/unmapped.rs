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
use crate::wording::{list, quoted};

/// What says when someone has access, and is not sent as such.
const NEVER_SENT: &[&str] = &["active", "custom", "ends", "key", "previously", "starts"];

/// Warns once per target, at the first place in the files. A row of `null` says that it is meant so; an
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
            for (name, place) in user.places.iter() {
                if !NEVER_SENT.contains(&name) && !sent.contains(name) && has_value(user, name) {
                    note(name.to_owned(), place);
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
        places.retain(|name, _| is_expected(&rules, name));
        found.extend(report(target, &places));
    }
}

/// Nobody expects to send what the target decides by itself.
fn is_expected(rules: &WriteRules, name: &str) -> bool {
    let core = rules.writing(ResourceKind::User, &AttrPath::attribute(name));
    let writing = core.max(rules.writing(ResourceKind::User, &AttrPath::extension(urn::ENTERPRISE_USER, name)));
    !matches!(writing, Writing::ServerOwned | Writing::Ignored)
}

fn report(target: &Target, places: &BTreeMap<String, Span>) -> Option<Diagnostic> {
    let place = places.values().min()?;
    let first = places.keys().next()?;
    let message = format!("declared, but not sent to `{}`: {}", target.name, list(places.keys().map(quoted)));
    let hint = format!(
        "Add rows that read them to a mapping used for it, or take note of it with rows of `null`, such as `{first}: null`."
    );
    Some(Diagnostic::new(Code::Unmapped, *place, message).hint(hint))
}

/// `null` declares emptiness, of which nothing is lost where it is not sent.
fn has_value(user: &User, name: &str) -> bool {
    user.attributes.get(name).is_some_and(|value| !value.is_unassigned())
}

fn custom(user: &User) -> impl Iterator<Item = (&str, Span)> {
    let place = user.places.get("custom").unwrap_or(user.origin);
    let values = user.attributes.get("custom").and_then(Value::as_object);
    values.into_iter().flat_map(Object::iter).map(move |(name, _)| (name, place))
}

/// Names that rows read (`title`, `custom.teeShirtSize`, or `custom` for all of it), and those that rows send something
/// else for.
fn sent(bindings: &[&Binding]) -> BTreeSet<String> {
    let rows = || bindings.iter().flat_map(|binding| &binding.mapping.rows.users);
    let read = rows().flat_map(Row::expressions).flat_map(Expression::references);
    let replaced = rows().map(|row| row.path.attribute.clone());
    read.filter_map(|reference| name(&reference.path)).chain(replaced).collect()
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
