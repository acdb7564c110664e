//! What a profile says held against what discovery says. The profile wins wherever both speak; the difference is told.

use serde::Serialize;

use super::Discovery;
use crate::mapping::Mapping;
use crate::profile::{Confidence, Paging, Profile};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Mutability, Schemas};

/// One fact of which discovery can speak.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// Its dotted name in a profile, or discovery's own where profiles have none.
    pub name: &'static str,
    /// The profile's word; `None` where it leaves that to the server, or has no such fact.
    pub profile: Option<String>,
    /// The server's word; `None` where it says nothing.
    pub server: Option<String>,
    /// Whether both speak and say what can't both be true.
    pub differs: bool,
    /// Whether the server's word is taken where the profile has none.
    pub taken: bool,
    /// How sure the profile is.
    pub confidence: Confidence,
}

/// Every fact of which discovery can speak, in the order in which people look for them.
pub fn facts(profile: &Profile, discovery: &Discovery) -> Vec<Fact> {
    let known = &profile.capabilities;
    let most = discovery.max_page_size.or(discovery.filter_max_results);
    let filters = !known.filter_users.is_empty();
    let paged = |by: Paging| match known.paging {
        Paging::Auto => None,
        paging => Some(paging == by),
    };
    let table = [
        Row::flag("capabilities.patch", known.patch, discovery.patch),
        Row::flag("bulk", None, discovery.bulk),
        Row::flag("capabilities.filterUsers", Some(filters), discovery.filter),
        Row::most("capabilities.pageSize", known.page_size, most),
        Row::flag("sort", None, discovery.sort),
        Row::flag("capabilities.etag", known.etag, discovery.etag),
        Row::flag("paging by index", paged(Paging::Index), discovery.index),
        Row::flag("paging by cursor", paged(Paging::Cursor), discovery.cursor),
        Row::said("default page size", discovery.default_page_size),
        Row::flag("capabilities.resources.groups", Some(known.resources.groups), discovery.groups),
    ];
    table.into_iter().map(|row| row.judged(profile)).collect()
}

struct Row {
    name: &'static str,
    profile: Option<String>,
    server: Option<String>,
    differs: bool,
}

impl Row {
    fn flag(name: &'static str, profile: Option<bool>, server: Option<bool>) -> Self {
        let word = |flag: bool| if flag { "yes" } else { "no" }.to_owned();
        let differs = matches!((profile, server), (Some(ours), Some(theirs)) if ours != theirs);
        Self { name, profile: profile.map(word), server: server.map(word), differs }
    }

    /// What is asked for may be less than what is allowed.
    fn most(name: &'static str, profile: Option<u64>, server: Option<u64>) -> Self {
        let differs = matches!((profile, server), (Some(ours), Some(most)) if ours > most);
        let server = server.map(|most| format!("at most {most}"));
        Self { name, profile: profile.map(|size| size.to_string()), server, differs }
    }

    fn said(name: &'static str, server: Option<u64>) -> Self {
        Self { name, profile: None, server: server.map(|size| size.to_string()), differs: false }
    }

    fn judged(self, profile: &Profile) -> Fact {
        let confidence = match self.name {
            "paging by index" | "paging by cursor" => profile.confidence("capabilities.paging"),
            name => profile.confidence(name),
        };
        let Self { name, profile, server, differs } = self;
        let taken = name.starts_with("capabilities.") || name.starts_with("paging by ");
        Fact { name, profile, server, differs, taken, confidence }
    }
}

/// One sentence on all facts in which profile and server differ; `None` where they agree.
pub fn disagreement(profile: &Profile, discovery: &Discovery) -> Option<String> {
    let differing: Vec<String> = facts(profile, discovery)
        .into_iter()
        .filter(|fact| fact.differs)
        .map(|fact| {
            let (ours, theirs) = (fact.profile.unwrap_or_default(), fact.server.unwrap_or_default());
            let name = fact.name.strip_prefix("capabilities.").unwrap_or(fact.name);
            format!("`{name}` ({ours} in the profile, {theirs} by the server)")
        })
        .collect();
    let all = differing.join(", ");
    (!differing.is_empty()).then(|| {
        format!(
            "what the server says of itself differs from the profile `{}`, which is followed: {all}. `capabilities:` \
             under the target changes any of it",
            profile.name
        )
    })
}

/// An attribute that a mapping writes and the server's own schemas doubt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Doubt {
    /// Of users or of groups.
    pub resource: ResourceKind,
    /// The attribute.
    pub path: String,
    /// What the schemas say.
    pub says: Says,
}

/// What the server's schemas say of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Says {
    /// They do not name it.
    Unknown,
    /// Only the server decides (RFC 7643 section 2.2).
    ReadOnly,
    /// Taken at creation alone.
    Immutable,
}

/// The rows of a mapping that the server's schemas doubt. A kind of resource whose core schema they do not hold is not
/// judged.
pub fn doubts(mapping: &Mapping, schemas: &Schemas) -> Vec<Doubt> {
    let mut found = Vec::new();
    for (kind, rows) in mapping.rows.iter() {
        let core = format!("core:2.0:{}", kind.name());
        if !schemas.iter().any(|schema| ends_with(&schema.id, &core)) {
            continue;
        }
        let told = rows.iter().filter_map(|row| Some((&row.path, says(schemas, kind, &row.path)?)));
        found.extend(told.map(|(path, says)| Doubt { resource: kind, path: path.to_string(), says }));
    }
    found.sort();
    found
}

fn says(schemas: &Schemas, kind: ResourceKind, path: &AttrPath) -> Option<Says> {
    let path = schemas.resolve(path);
    let core = format!("core:2.0:{}", kind.name());
    let (extension, name) = path.top();
    let whole = match extension {
        Some(urn) => schemas.schema(urn).and_then(|schema| schema.attribute(name)),
        None => schemas.iter().filter(|schema| ends_with(&schema.id, &core)).find_map(|schema| schema.attribute(name)),
    };
    // Common attributes (RFC 7643 section 3.1) need not stand in any schema.
    if whole.is_none() && extension.is_none() && name.eq_ignore_ascii_case("externalId") {
        return None;
    }
    let Some(whole) = whole else { return Some(Says::Unknown) };
    let part = match path.sub.as_deref() {
        Some(sub) if !whole.sub_attributes.is_empty() => match whole.sub(sub) {
            Some(part) => part,
            None => return Some(Says::Unknown),
        },
        _ => whole,
    };
    let strictest = [whole.mutability, part.mutability];
    if strictest.contains(&Mutability::ReadOnly) {
        Some(Says::ReadOnly)
    } else if part.mutability == Mutability::Immutable && path.sub.is_none() {
        Some(Says::Immutable)
    } else {
        None
    }
}

fn ends_with(urn: &str, end: &str) -> bool {
    urn.to_ascii_lowercase().ends_with(&end.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mapping::default_mapping;
    use crate::profile::builtin;
    use crate::scim::Value;

    fn generic(overrides: &serde_json::Value) -> Profile {
        builtin("generic").unwrap().with_capabilities(overrides).unwrap()
    }

    #[test]
    fn where_one_side_is_silent_nothing_differs() {
        let said = Discovery { patch: Some(true), etag: Some(true), cursor: Some(true), ..Discovery::default() };
        assert_eq!(disagreement(&generic(&json!({})), &said), None);
        let silent = Discovery::default();
        assert_eq!(disagreement(&generic(&json!({ "patch": true, "etag": true, "pageSize": 5 })), &silent), None);
    }

    #[test]
    fn where_both_speak_the_difference_is_named_and_the_profile_is_followed() {
        let said = Discovery {
            patch: Some(false),
            groups: Some(false),
            cursor: Some(false),
            filter_max_results: Some(50),
            ..Discovery::default()
        };
        let text =
            disagreement(&generic(&json!({ "patch": true, "pageSize": 100, "paging": "cursor" })), &said).unwrap();
        for part in [
            "`patch` (yes in the profile, no by the server)",
            "`pageSize` (100 in the profile, at most 50 by the server)",
            "`paging by cursor` (yes in the profile, no by the server)",
            "`resources.groups` (yes in the profile, no by the server)",
            "the profile `generic`, which is followed",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
        assert!(!text.contains("etag"), "{text}");
    }

    #[test]
    fn a_page_smaller_than_allowed_is_no_difference() {
        let said = Discovery { max_page_size: Some(1000), ..Discovery::default() };
        assert_eq!(disagreement(&generic(&json!({ "pageSize": 100 })), &said), None);
    }

    #[test]
    fn unverified_facts_say_so() {
        let mut profile = generic(&json!({ "patch": true }));
        profile.confidence.insert("capabilities.patch".into(), Confidence::Unverified);
        let facts = facts(&profile, &Discovery::default());
        let patch = facts.iter().find(|fact| fact.name == "capabilities.patch").unwrap();
        assert_eq!((patch.confidence, patch.differs), (Confidence::Unverified, false));
        assert!(facts.iter().filter(|fact| fact.confidence != Confidence::Verified).count() == 1);
    }

    #[test]
    fn rows_that_the_schemas_do_not_let_us_write_are_found() {
        let mapping = default_mapping(&builtin("generic").unwrap()).unwrap();
        let attributes = |names: &[&str]| -> Vec<serde_json::Value> {
            names.iter().map(|name| json!({ "name": name, "mutability": "readWrite" })).collect()
        };
        let mut users = attributes(&["userName", "title", "emails"]);
        users.push(json!({ "name": "displayName", "mutability": "readOnly" }));
        users.push(json!({ "name": "name", "subAttributes": [{ "name": "givenName" }] }));
        let answer = json!({ "Resources": [
            { "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": users },
        ]});
        let found = doubts(&mapping, &Schemas::read(&Value::from(answer)));
        let of = |path: &str| found.iter().find(|doubt| doubt.path == path).map(|doubt| doubt.says);
        assert_eq!(of("displayName"), Some(Says::ReadOnly));
        assert_eq!(of("name.familyName"), Some(Says::Unknown));
        assert_eq!(of("nickName"), Some(Says::Unknown));
        for path in ["userName", "title", "emails", "name.givenName", "externalId"] {
            assert_eq!(of(path), None, "{path}");
        }
        assert!(found.iter().all(|doubt| doubt.resource == ResourceKind::User), "no schema of groups was given");
        assert!(doubts(&mapping, &Schemas::default()).is_empty());
    }
}
