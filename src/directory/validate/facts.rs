//! Facts that the files say of a server, judged where they stand: under `profiles`, and under `capabilities` of a target.

use super::{Check, expressions, rows};
use crate::config::model::Facts;
use crate::diag::{Code, Diagnostic};
use crate::directory::covers;
use crate::profile::{MemberRemoval, MemberWrite, Profile, WriteVerb, closest};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::urn;
use crate::source::Span;

/// Lists of attribute paths.
const LISTS: &[&str] = &[
    "serverOwned",
    "createOnly",
    "derived",
    "ignored",
    "unsupported",
    "resent",
    "singleValued",
    "extensions",
    "disguisedWhenInactive",
];

/// What one place says of a server.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) capabilities: Option<&'a Facts>,
    pub(super) attributes: Option<&'a Facts>,
}

/// Facts that can't be true at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contradiction {
    /// Their names.
    pub(crate) involved: &'static [&'static str],
    what: &'static str,
    hint: &'static str,
}

/// What of a profile can't be true at once.
pub(crate) fn contradictions(profile: &Profile) -> impl Iterator<Item = Contradiction> {
    let facts = &profile.capabilities;
    let (users, groups) = (facts.resources.users, facts.resources.groups);
    let put_groups = facts.put_groups.unwrap_or(facts.put);
    let put = (users && facts.put) || (groups && put_groups);
    let no_patch = facts.patch == Some(false);
    let neither = no_patch && !put;
    let all: [(bool, &'static [&'static str], &'static str, &'static str); 7] = [
        (
            !users && !groups,
            &["resources"],
            "has neither users nor groups",
            "Leave one of `resources.users` and `resources.groups` true.",
        ),
        (
            neither && (users || groups),
            &["patch", "put", "putGroups"],
            "takes neither PATCH nor PUT, so nothing could be changed there",
            "Say which of the two the server takes; to write nothing there, `mode: readOnly` is meant for that.",
        ),
        (
            facts.write == WriteVerb::Put && !put && !neither,
            &["write", "put", "putGroups"],
            "is written by PUT and takes no PUT",
            "Take `write: put` out, or write `put: true`.",
        ),
        (
            facts.write == WriteVerb::Patch && no_patch && !neither,
            &["write", "patch"],
            "is written by PATCH and takes no PATCH",
            "Take `write: patch` out, or write `patch: true`.",
        ),
        (
            !facts.path_filters && groups && !no_patch && facts.member_removal == MemberRemoval::Filter,
            &["pathFilters", "memberRemoval"],
            "takes no filters in paths, and members of groups are removed by one",
            "Write `memberRemoval: value` or `memberRemoval: replace`.",
        ),
        (
            facts.member_write == MemberWrite::Put && groups && !put_groups && !neither,
            &["memberWrite", "put", "putGroups"],
            "changes members by PUT and takes no PUT of groups",
            "Take `memberWrite: put` out, or write `putGroups: true`.",
        ),
        (
            matches!(facts.member_write, MemberWrite::Patch | MemberWrite::Replace) && no_patch && !neither,
            &["memberWrite", "patch"],
            "changes members by PATCH and takes no PATCH",
            "Take `memberWrite` out, or write `patch: true` and `write: put`.",
        ),
    ];
    let wrong = all.into_iter().filter(|(wrong, ..)| *wrong);
    wrong.map(|(_, involved, what, hint)| Contradiction { involved, what, hint })
}

impl Said<'_> {
    /// Reports attribute paths that are none; gives back whether all are paths.
    pub(super) fn paths(&self, check: &mut Check<'_>) -> bool {
        let mut sound = true;
        for (text, place) in self.places() {
            let Err(error) = text.parse::<AttrPath>() else { continue };
            sound = false;
            let at = expressions::place(check.sources, place, text, Some(&(0..text.len())));
            let message = format!("`{text}` is not a SCIM attribute path: {}", error.message);
            check
                .found
                .push(Diagnostic::new(Code::AttributePath, at, message).hint("Write one such as `name.givenName`."));
        }
        sound
    }

    /// Reports what can't be true at once, and what is probably a slip. `profile` holds the facts, `base` those that it
    /// was made of.
    pub(super) fn judge(&self, check: &mut Check<'_>, name: &str, profile: &Profile, base: &Profile) {
        self.contradictions(check, name, profile);
        self.unknown(check, name, profile, base);
        let endpoint = &profile.capabilities.config_endpoint;
        if !is_segment(endpoint)
            && let Some(place) = self.place("configEndpoint")
        {
            let shown = endpoint.escape_debug();
            let message = format!("`configEndpoint` of `{name}` is not one part of a path: `{shown}`");
            let diagnostic = Diagnostic::new(Code::Profile, place, message)
                .hint("Write the name after the base URL, such as `ServiceProviderConfig`.");
            check.found.push(diagnostic);
        }
    }

    /// Where a capability is said.
    fn place(&self, fact: &str) -> Option<Span> {
        Some(self.capabilities?.get(fact)?.span)
    }

    fn contradictions(&self, check: &mut Check<'_>, name: &str, profile: &Profile) {
        for Contradiction { involved, what, hint } in contradictions(profile) {
            // Where nothing of it is said here, it is reported where it is.
            let Some(place) = involved.iter().find_map(|fact| self.place(fact)) else { continue };
            check.found.push(Diagnostic::new(Code::Profile, place, format!("`{name}` {what}")).hint(hint));
        }
    }

    /// Warns of attributes of users that neither SCIM nor the vendor is known to have.
    fn unknown(&self, check: &mut Check<'_>, name: &str, profile: &Profile, base: &Profile) {
        let Some(attributes) = self.attributes else { return };
        let named = named(profile, base);
        let extensions = &profile.attributes.extensions;
        let schemas = Schemas::core(ResourceKind::User);
        for list in LISTS.iter().filter(|list| **list != "extensions") {
            let listed = attributes.get(list).into_iter().flat_map(|list| texts(&list.value));
            for (text, place) in listed {
                let Ok(path) = text.parse::<AttrPath>() else { continue };
                if path.is_bare()
                    || profile.attributes.is_extension(&path)
                    || schemas.attribute(&path).is_some()
                    || named.iter().any(|known| covers(known, &path))
                {
                    continue;
                }
                let message = format!("`{name}` is not known to have `{path}`, which `{list}` names");
                let mut diagnostic = Diagnostic::new(Code::UnknownScimAttribute, place, message);
                diagnostic.hint = Some(near(schemas, &path, extensions));
                check.found.push(diagnostic);
            }
        }
    }

    /// Every attribute path of the facts, with its place.
    fn places(&self) -> Vec<(&str, Span)> {
        let mut found = Vec::new();
        let (capabilities, attributes) = (self.capabilities, self.attributes);
        for name in ["filterUsers", "filterGroups"] {
            found
                .extend(capabilities.and_then(|facts| facts.get(name)).into_iter().flat_map(|list| texts(&list.value)));
        }
        let Some(attributes) = attributes else { return found };
        for name in LISTS {
            found.extend(attributes.get(name).into_iter().flat_map(|list| texts(&list.value)));
        }
        for name in ["aliases", "defaults", "placeholders"] {
            let Some(Facts::Mapping(entries)) = attributes.get(name).map(|fact| &fact.value) else { continue };
            for (path, entry) in entries {
                found.push((path, entry.key));
                found.extend(text(&entry.value).filter(|_| name == "aliases").map(|text| (text, entry.span)));
            }
        }
        for name in ["rules", "normalised", "coupled"] {
            let Some(Facts::Sequence(items)) = attributes.get(name).map(|fact| &fact.value) else { continue };
            for item in items {
                let fields = ["path", "to"].into_iter().filter_map(|field| item.value.get(field));
                found.extend(fields.filter_map(|field| Some((text(&field.value)?, field.span))));
            }
        }
        found
    }
}

/// Attributes that the vendor has of its own, as far as they are known.
fn named(profile: &Profile, base: &Profile) -> Vec<AttrPath> {
    let rows = profile.mapping.user.keys().filter_map(|path| path.parse().ok());
    base.attributes.named().chain(profile.attributes.aliases.values()).cloned().chain(rows).collect()
}

/// What was probably meant.
fn near(schemas: &Schemas, path: &AttrPath, extensions: &[String]) -> String {
    let meant = match path.top() {
        (None, name) => rows::core_hint(schemas, name, path),
        (Some(schema), name) => match schemas.schema(schema) {
            Some(known) => {
                let names = known.attributes.iter().map(|attribute| attribute.name.as_str());
                closest(name, names).map(|near| format!("Did you mean `{schema}:{near}`?"))
            }
            None => closest(schema, extensions.iter().map(String::as_str).chain([urn::ENTERPRISE_USER]))
                .map(|near| format!("Did you mean the schema `{near}`?")),
        },
    };
    meant.unwrap_or_else(|| {
        "If it is the vendor's own, name it in a row, under `attributes.aliases` or under `attributes.extensions`."
            .to_owned()
    })
}

/// Whether a text is one part of a URL's path that needs no encoding (RFC 3986 section 2.3).
fn is_segment(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_' | '~');
    !text.is_empty() && text.chars().all(plain) && text.chars().any(|letter| letter != '.')
}

/// Whether a text can be the name of a header (RFC 9110 section 5.6.2).
pub(super) fn is_header_name(text: &str) -> bool {
    let token = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
    !text.is_empty() && text.chars().all(token)
}

fn text(fact: &Facts) -> Option<&str> {
    if let Facts::Scalar(value) = fact { value.as_str() } else { None }
}

fn texts(list: &Facts) -> Vec<(&str, Span)> {
    let Facts::Sequence(items) = list else { return Vec::new() };
    items.iter().filter_map(|item| Some((text(&item.value)?, item.span))).collect()
}
