//! Values against a profile's rules: required, e-mail addresses, forbidden characters, length; and userNames that
//! become the same on their way to a target.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::rows::says_something;
use super::same::Same;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::directory::{Binding, Directory, Target, User, UserKey, WriteRules, same_attribute, scope};
use crate::mapping::{Context, Expression, Row};
use crate::profile::AttributeRule;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, fold};
use crate::source::Span;

/// A rule with the rows that it is about.
struct Ruled<'a> {
    rule: &'a AttributeRule,
    rows: Vec<&'a Row>,
}

/// Checks everyone who is ever assigned to a target, on whatever day, unless declared inactive.
pub(super) fn check(directory: &Directory, found: &mut Diagnostics) {
    for target in directory.targets.values() {
        let mut done: BTreeSet<&UserKey> = BTreeSet::new();
        let mut names: BTreeMap<String, (&UserKey, Span)> = BTreeMap::new();
        let writes = WriteRules::of(&target.profile);
        let mut same = Same::default();
        for binding in directory.bindings.values().filter(|binding| binding.target == target.name) {
            let rules = ruled(binding, target, &writes);
            found.extend(rules.iter().filter_map(|ruled| missing_row(binding, target, ruled)));
            let people = scope::assigned(directory, binding, None).into_keys().filter(|key| done.insert(key));
            let people: Vec<&User> =
                people.filter_map(|key| directory.users.get(key)).filter(|user| user.active != Some(false)).collect();
            let wrong: Vec<Diagnostic> = people
                .par_iter()
                .flat_map_iter(|user| rules.iter().filter_map(|ruled| judge(user, target, ruled)))
                .collect();
            found.extend(wrong);
            same_names(binding, target, &people, &mut names, found);
            same.people(binding, target, &writes, &people, found);
        }
        Same::default().groups(directory, target, &writes, found);
    }
}

fn ruled<'a>(binding: &'a Binding, target: &'a Target, writes: &WriteRules) -> Vec<Ruled<'a>> {
    let with_rows = |rule: &'a AttributeRule| {
        let rows = binding.mapping.rows.users.iter().filter(|row| concerns(&rule.path, &row.path));
        let rows = rows.filter(|row| writes.writing(ResourceKind::User, &row.path).is_sent()).collect();
        Ruled { rule, rows }
    };
    target.profile.attributes.rules.iter().map(with_rows).collect()
}

/// Whether a row can give values to a rule's path: the same attribute, and not another part of it.
pub(super) fn concerns(rule: &AttrPath, row: &AttrPath) -> bool {
    same_attribute(rule, row)
        && match (&rule.sub, &row.sub) {
            (Some(rule), Some(row)) => rule.eq_ignore_ascii_case(row),
            _ => true,
        }
}

fn missing_row(binding: &Binding, target: &Target, ruled: &Ruled<'_>) -> Option<Diagnostic> {
    if !ruled.rule.required || !ruled.rows.is_empty() {
        return None;
    }
    let message = format!(
        "`{}` requires `{}`, and the mapping `{}` has no row for it",
        target.name, ruled.rule.path, binding.mapping.name
    );
    let hint = reason(ruled.rule, "Add the row, or let the mapping extend the profile's.");
    Some(Diagnostic::new(Code::TargetRule, binding.origin, message).hint(hint))
}

/// What one person breaks of one rule.
fn judge(user: &User, target: &Target, ruled: &Ruled<'_>) -> Option<Diagnostic> {
    if ruled.rows.is_empty() {
        return None;
    }
    let context = Context::user(&user.attributes);
    let mut object = Object::new();
    for row in &ruled.rows {
        // A row that fails is reported when rows are tried, or stands in the plan as that person's problem.
        let value = row.evaluate(&context).ok()?;
        if let Some(value) = value {
            row.path.assign(&mut object, value);
        }
    }
    let values = ruled.rule.path.read(&object);
    let texts: Vec<&str> =
        values.iter().filter(|value| says_something(value)).filter_map(|value| value.as_str()).collect();
    let doubtful = || texts.iter().find_map(|text| doubtful(ruled.rule, text));
    let broken = if ruled.rule.required && !values.iter().any(|value| says_something(value)) {
        Some("is missing".to_owned())
    } else {
        texts.iter().find_map(|text| broken(ruled.rule, text))
    };
    let severity = if broken.is_some() { Severity::Error } else { Severity::Warning };
    let message = format!("`{}` of `{}` at `{}` {}", ruled.rule.path, user.key, target.name, broken.or_else(doubtful)?);
    let hint = reason(ruled.rule, "Change the value, or the mapping's row.");
    let mut diagnostic = Diagnostic::new(Code::TargetRule, place(user, &ruled.rows), message).hint(hint);
    diagnostic.severity = severity;
    let row = ruled.rows.iter().find_map(|row| row.origin);
    Some(match row {
        Some(row) => diagnostic.label(row, "the row"),
        None => diagnostic,
    })
}

fn broken(rule: &AttributeRule, text: &str) -> Option<String> {
    let shown = text.escape_debug();
    if rule.email && !is_email(text) {
        return Some(format!("is not an e-mail address: `{shown}`"));
    }
    if let Some(part) = rule.forbid.as_deref().filter(|part| text.contains(*part)) {
        return Some(format!("must not contain `{part}`: `{shown}`"));
    }
    let length = text.chars().count() as u64;
    let most = rule.max_length.filter(|most| length > *most)?;
    Some(format!("has {length} characters, and {most} are the most"))
}

/// What a server may well refuse, though nobody wrote down that it does.
fn doubtful(rule: &AttributeRule, text: &str) -> Option<String> {
    let known = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let other = text.chars().find(|letter| rule.plain && !known(*letter))?;
    // An apostrophe is no danger, and this is where it is told of.
    let shown = |text: &str| text.escape_debug().to_string().replace("\\'", "'");
    let (other, shown) = (shown(&other.to_string()), shown(text));
    Some(format!(
        "holds `{other}`, which may be refused: `{shown}`; letters, digits, `.`, `_` and `-` are known to be taken"
    ))
}

/// `local@domain`: enough to catch what is no address at all, and nothing that a server would take.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control());
    plain(local) && plain(domain) && !domain.starts_with('.') && !domain.ends_with('.') && !domain.contains("..")
}

/// The declared attribute that the rows are made of, else the person.
pub(super) fn place(user: &User, rows: &[&Row]) -> Span {
    let variables = rows.iter().flat_map(|row| row.expressions()).flat_map(Expression::references);
    let mut names = variables.filter_map(|reference| reference.path.get(1));
    names.find_map(|name| user.places.get(name)).unwrap_or(user.origin)
}

fn reason(rule: &AttributeRule, hint: &str) -> String {
    match &rule.because {
        Some(because) => format!("{because} {hint}"),
        None => hint.to_owned(),
    }
}

/// Two people may have userNames of their own that a mapping turns into one.
fn same_names<'a>(
    binding: &Binding,
    target: &Target,
    people: &[&'a User],
    names: &mut BTreeMap<String, (&'a UserKey, Span)>,
    found: &mut Diagnostics,
) {
    let user_name = AttrPath::attribute("userName");
    let Some(row) = binding.mapping.rows.users.iter().find(|row| row.path.same(&user_name)) else { return };
    let sent: Vec<_> = people
        .par_iter()
        .map(|user| match row.evaluate(&Context::user(&user.attributes)) {
            Ok(Some(Value::String(name))) => Some(name),
            _ => None,
        })
        .collect();
    for (user, name) in people.iter().zip(sent).filter_map(|(user, name)| Some((*user, name?))) {
        let at = place(user, &[row]);
        match names.entry(fold::canonical(&name)) {
            Entry::Vacant(slot) => {
                slot.insert((&user.key, at));
            }
            Entry::Occupied(slot) => {
                let (other, place) = slot.get();
                if declared_same(&name, user, row) {
                    continue;
                }
                let message =
                    format!("`{}` and `{other}` both become `{}` at `{}`", user.key, name.escape_debug(), target.name);
                let diagnostic = Diagnostic::new(Code::DuplicateUserName, at, message)
                    .label(*place, format!("`{other}`"))
                    .hint("Change one of them, or the mapping's row for `userName`.");
                found.push(diagnostic);
            }
        }
    }
}

/// Whether the row sends the declared userName as it is: two equal ones are then reported as declared.
fn declared_same(name: &str, user: &User, row: &Row) -> bool {
    let plain = row.expressions().next().and_then(|expression| expression.is_plain_attribute()) == Some("userName");
    plain && user.attributes.get("userName").and_then(Value::as_str) == Some(name)
}
