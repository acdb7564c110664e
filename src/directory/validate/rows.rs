//! Rows against what a target takes: SCIM's schemas and the target's profile. Only rows that the user wrote are
//! judged; those of profiles are tested with the profiles.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::expressions;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::directory::{Directory, Target, WriteRules, Writing, covers, scope};
use crate::mapping::{self, Apply, Context, Expression, ExpressionError, Row, ValueType};
use crate::profile::{Setting, WriteVerb, closest};
use crate::scim::filter::Filter;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Mutability, Schemas};
use crate::scim::{ResourceKind, Value, urn};
use crate::source::{SourceMap, Span};

/// So many people of a binding try every row, so that rows which fail are seen before a plan.
const TRIED: usize = 16;

/// Whom a row is tried on.
struct Tried<'a> {
    kind: ResourceKind,
    key: &'a str,
    origin: Span,
}

/// What is known of a target's attributes.
struct Known<'a> {
    target: &'a Target,
    rules: WriteRules,
    /// Attributes that the profile names, in whatever role.
    named: Vec<AttrPath>,
}

/// Checks the rows of each mapping for each target that it is used for, and tries them.
/// Expressions in `failed` are reported already.
pub(super) fn check(directory: &Directory, sources: &SourceMap, mut failed: BTreeSet<Span>, found: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for binding in directory.bindings.values() {
        let Some(target) = directory.targets.get(&binding.target) else { continue };
        let people = scope::assigned(directory, binding, None).into_keys().filter_map(|key| directory.users.get(key));
        for user in people.take(TRIED) {
            let context = Context::user(&user.attributes);
            let person = Tried { kind: ResourceKind::User, key: user.key.as_str(), origin: user.origin };
            dry_run(&binding.mapping.rows.users, &context, &person, sources, &mut failed, found);
        }
        for group in binding.push.iter().filter_map(|group| directory.groups.get(&group.value)) {
            let context = Context::group(&group.attributes);
            let pushed = Tried { kind: ResourceKind::Group, key: group.key.as_str(), origin: group.origin };
            dry_run(&binding.mapping.rows.groups, &context, &pushed, sources, &mut failed, found);
        }
        if !seen.insert((Arc::as_ptr(&binding.mapping).addr(), &binding.target)) {
            continue;
        }
        let known = Known::of(target);
        for (kind, rows) in binding.mapping.rows.iter() {
            let mut inherited = rows.iter().filter(|row| row.origin.is_none());
            found.extend(inherited.find_map(|row| known.path_filter(&row.path, binding.origin)));
            for (row, place) in rows.iter().filter_map(|row| Some((row, row.origin?))) {
                found.extend(known.judge(kind, row, place));
            }
        }
    }
}

/// Evaluates rows for one resource; each failing row is reported once.
fn dry_run(
    rows: &[Row],
    context: &Context<'_>,
    tried: &Tried<'_>,
    sources: &SourceMap,
    failed: &mut BTreeSet<Span>,
    found: &mut Diagnostics,
) {
    for row in rows {
        let result = row.evaluate(context);
        let why = match &result {
            Err(_) | Ok(None) => None,
            Ok(Some(value)) => ValueType::of(tried.kind, &row.path).and_then(|takes| takes.fault(value)),
        };
        if result.is_ok() && why.is_none() {
            continue;
        }
        let mut spans: Vec<Span> = row.expressions().filter_map(Expression::origin).collect();
        if spans.is_empty() {
            spans.push(row.origin.unwrap_or(tried.origin));
        }
        if spans.iter().any(|span| failed.contains(span)) {
            continue;
        }
        let place = spans.first().copied().unwrap_or(tried.origin);
        failed.insert(place);
        let diagnostic = match (result, why) {
            (Err(error), _) => failing(row, tried, &error, sources),
            (Ok(_), Some(why)) => wrong_type(place, &row.path, &why),
            (Ok(_), None) => continue,
        };
        found.push(diagnostic.label(tried.origin, format!("`{}`", tried.key)));
    }
}

fn failing(row: &Row, tried: &Tried<'_>, error: &ExpressionError, sources: &SourceMap) -> Diagnostic {
    let message = format!("the row `{}` fails for `{}`: {}", row.path, tried.key, error.message);
    let first = row.expressions().next();
    first
        .and_then(|expression| expressions::diagnostic(sources, expression, error, message.clone()))
        .unwrap_or_else(|| Diagnostic::new(Code::Expression, row.origin.unwrap_or(tried.origin), message))
}

/// A value that the attribute does not take.
pub(super) fn wrong_type(place: Span, path: &AttrPath, why: &str) -> Diagnostic {
    Diagnostic::new(Code::ValueType, place, format!("`{path}` {why}"))
        .hint("Types are kept on their way to the target: change the value, or the attribute that it is for.")
}

impl<'a> Known<'a> {
    fn of(target: &'a Target) -> Self {
        let profile = &target.profile;
        let facts = &profile.attributes;
        let said = facts.aliases.values().chain(facts.named()).cloned();
        let standard = mapping::default_mapping(profile)
            .map(|mapping| mapping.rows.users.into_iter().chain(mapping.rows.groups))
            .into_iter()
            .flatten();
        let named = said.chain(standard.map(|row| row.path)).collect();
        Self { target, rules: WriteRules::of(profile), named }
    }

    fn judge(&self, kind: ResourceKind, row: &Row, place: Span) -> Option<Diagnostic> {
        by_schema(kind, row, place)
            .or_else(|| self.path_filter(&row.path, place))
            .or_else(|| self.by_profile(kind, row, place))
            .or_else(|| self.unknown(kind, &row.path, place))
    }

    /// A filter in a row's path becomes one in the path of a PATCH; a PUT has no paths.
    fn path_filter(&self, path: &AttrPath, place: Span) -> Option<Diagnostic> {
        let facts = &self.target.profile.capabilities;
        let patches = facts.patch != Some(false) && facts.write != WriteVerb::Put;
        if facts.path_filters || !patches || path.filter.is_none() {
            return None;
        }
        let message = format!("`{}` takes no filters in paths, and `{path}` holds one", self.target.name);
        let setting = Setting::new("pathFilters", true).at(Some(self.target.name.as_str()));
        let hint = format!(
            "Give the row of `{}` all values as a list, or set `{setting}` if the target does accept them.",
            path.attribute
        );
        Some(Diagnostic::new(Code::NotWritable, place, message).hint(hint))
    }

    fn by_profile(&self, kind: ResourceKind, row: &Row, place: Span) -> Option<Diagnostic> {
        let name = &self.target.name;
        let path = &row.path;
        let writing = self.rules.writing(kind, path);
        let says = |code| Diagnostic::new(code, place, format!("at `{name}`, `{path}` {}", writing.words()));
        match writing {
            Writing::Unsupported => {
                let rules = &self.target.profile.attributes;
                let setting = rules.without("unsupported", &path.to_string()).at(Some(name.as_str()));
                Some(
                    says(Code::NotWritable).hint(format!("Remove the row, or set `{setting}` if the target knows it.")),
                )
            }
            Writing::ServerOwned | Writing::Ignored => {
                Some(says(Code::WriteLimited).hint("The row is not sent: take it out."))
            }
            Writing::CreateOnly if row.apply == Apply::Always => Some(
                says(Code::WriteLimited).hint("Write `apply: onCreate`; later differences are shown and not sent."),
            ),
            Writing::CreateOnly | Writing::Free => self.aliased(path, place),
        }
    }

    fn aliased(&self, path: &AttrPath, place: Span) -> Option<Diagnostic> {
        let mut aliases = self.target.profile.attributes.aliases.iter();
        let (_, vendors) = aliases.find(|(standard, _)| standard.same(path))?;
        let message = format!("`{}` keeps `{path}` under another name", self.target.name);
        Some(Diagnostic::new(Code::UnknownScimAttribute, place, message).hint(format!("Write the row as `{vendors}`.")))
    }

    fn unknown(&self, kind: ResourceKind, path: &AttrPath, place: Span) -> Option<Diagnostic> {
        let schemas = Schemas::core(kind);
        let extensions = &self.target.profile.attributes.extensions;
        if path.is_bare()
            || self.target.profile.attributes.is_extension(path)
            || self.named.iter().any(|named| covers(named, path) && (named.sub.is_some() || path.sub.is_none()))
        {
            return filtered(schemas, path, place);
        }
        if schemas.attribute(path).is_some() {
            return filtered(schemas, path, place);
        }
        // A vendor's own attribute may have any parts.
        let vendors_own = path.parent();
        if schemas.attribute(&vendors_own).is_none() && self.named.iter().any(|named| covers(named, &vendors_own)) {
            return None;
        }
        let hint = match path.top() {
            (None, name) => core_hint(schemas, name, path),
            (Some(schema), name) if schema.eq_ignore_ascii_case(urn::ENTERPRISE_USER) => {
                let names = schemas.schema(schema).into_iter().flat_map(|schema| &schema.attributes);
                closest(name, names.map(|attribute| attribute.name.as_str()))
                    .map(|near| format!("Did you mean `{schema}:{near}`?"))
            }
            // A vendor's extension that no profile knows is the user's own business, unless it looks like a slip.
            (Some(schema), _) => {
                let known = extensions.iter().map(String::as_str).chain([urn::ENTERPRISE_USER]);
                let near = known
                    .filter(|known| strsim::levenshtein(&known.to_lowercase(), &schema.to_lowercase()) <= 3)
                    .min()?;
                Some(format!("Did you mean the schema `{near}`?"))
            }
        };
        let message = format!("`{}` is not known to have `{path}`", self.target.name);
        let mut diagnostic = Diagnostic::new(Code::UnknownScimAttribute, place, message);
        diagnostic.hint = hint;
        Some(diagnostic)
    }
}

fn by_schema(kind: ResourceKind, row: &Row, place: Span) -> Option<Diagnostic> {
    let path = &row.path;
    let refuse = |why: &str, hint: &str| {
        Some(
            Diagnostic::new(Code::NotWritable, place, format!("`{path}` can't be written: {why}"))
                .hint(hint.to_owned()),
        )
    };
    if kind == ResourceKind::Group && path.is_core() && path.attribute.eq_ignore_ascii_case("members") {
        return refuse(
            "members come from the groups that a binding pushes",
            "Take the row out and name the group under `push`.",
        );
    }
    if path.is_core() && path.attribute.eq_ignore_ascii_case("schemas") {
        return refuse("scimform writes it as the other rows need it", "Take the row out.");
    }
    let schemas = Schemas::core(kind);
    let (extension, name) = path.top();
    let whole = schemas.top_attribute(extension, name)?;
    let part = path.sub.as_deref().and_then(|sub| whole.sub(sub)).unwrap_or(whole);
    if [whole, part].iter().any(|attribute| attribute.mutability == Mutability::ReadOnly) {
        return refuse("SCIM leaves it to the server (RFC 7643)", "Take the row out.");
    }
    None
}

/// A value filter over parts that the elements do not have.
fn filtered(schemas: &Schemas, path: &AttrPath, place: Span) -> Option<Diagnostic> {
    let (extension, name) = path.top();
    let whole = schemas.top_attribute(extension, name).filter(|whole| !whole.sub_attributes.is_empty())?;
    let mut names = Vec::new();
    let mut open: Vec<&Filter> = path.filter.iter().collect();
    while let Some(filter) = open.pop() {
        match filter {
            Filter::Or(parts) | Filter::And(parts) => open.extend(parts),
            Filter::Not(inner) => open.push(inner),
            Filter::Compare(comparison) => names.push(&comparison.path),
            Filter::Present(path) | Filter::Element(path) => names.push(path),
        }
    }
    let wrong = names.into_iter().map(|path| path.attribute.as_str()).filter(|name| whole.sub(name).is_none()).min()?;
    let message = format!("`{}` has no `{wrong}`, by which `{path}` chooses", whole.name);
    let mut diagnostic = Diagnostic::new(Code::UnknownScimAttribute, place, message);
    let known = whole.sub_attributes.iter().map(|sub| sub.name.as_str());
    diagnostic.hint = closest(wrong, known).map(|near| format!("Did you mean `{near}`?"));
    Some(diagnostic)
}

/// The attribute that was probably meant.
pub(super) fn core_hint(schemas: &Schemas, name: &str, path: &AttrPath) -> Option<String> {
    let enterprise = schemas.schema(urn::ENTERPRISE_USER);
    if let Some(attribute) = enterprise.and_then(|schema| schema.attribute(name)) {
        return Some(format!(
            "Enterprise attributes stand under their schema: `{}:{}`.",
            urn::ENTERPRISE_USER,
            attribute.name
        ));
    }
    if let Some(whole) = schemas.top_attribute(None, name) {
        let near = closest(path.sub.as_deref()?, whole.sub_attributes.iter().map(|sub| sub.name.as_str()))?;
        return Some(format!("Did you mean `{}.{near}`?", whole.name));
    }
    let names = schemas.iter().flat_map(|schema| {
        let shown = urn::is_core(&schema.id);
        schema.attributes.iter().filter(move |_| shown).map(|attribute| attribute.name.as_str())
    });
    closest(name, names).map(|near| format!("Did you mean `{near}`?"))
}

/// Whether a value says anything: not `null`, not empty.
pub(super) fn says_something(value: &Value) -> bool {
    !value.is_unassigned() && value.as_str().is_none_or(|text| !text.trim().is_empty())
}
