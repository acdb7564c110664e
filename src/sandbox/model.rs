//! The schemas that the server knows: those of the RFC, and with a profile the vendor's own names.

use std::collections::{BTreeMap, BTreeSet};

use super::seed::{self, Seed};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Schema, Schemas};
use crate::scim::{PerKind, ResourceKind, urn};

/// The schemas of both kinds of resource.
#[derive(Clone, Debug)]
pub(super) struct Model(PerKind<Kind>);

/// The schemas of one kind.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    /// Core and extensions, in the vendor's spelling.
    pub(super) schemas: Schemas,
    /// The URN of the core schema.
    pub(super) core: &'static str,
    /// Vendors' names whose type nobody wrote down, in lower case; below a URN they are `urn:name`.
    loose: BTreeSet<String>,
}

impl Model {
    /// The model of a profile, with all that the seeds have.
    pub(super) fn new(profile: Option<&Profile>, seeds: &[Seed]) -> Self {
        let (mut user_paths, mut group_paths) = (Vec::new(), Vec::new());
        let mut urns = Vec::new();
        if let Some(profile) = profile {
            let rules = &profile.attributes;
            let paths = rules.aliases.values().chain(&rules.server_owned).chain(&rules.create_only);
            let paths =
                paths.chain(&rules.derived).chain(&rules.ignored).chain(&rules.resent).chain(&rules.single_valued);
            let paths = paths.chain(rules.rules.iter().map(|rule| &rule.path));
            let paths = paths.chain(rules.coupled.iter().flat_map(|pair| [&pair.path, &pair.to]));
            let paths = paths.chain(rules.normalised.iter().map(|rule| &rule.path));
            let paths = paths.chain(rules.defaults.keys()).chain(rules.placeholders.keys());
            user_paths = paths.cloned().chain(parse(profile.mapping.user.keys())).collect();
            group_paths = parse(profile.mapping.group.keys());
            urns.clone_from(&rules.extensions);
        }
        user_paths.extend(seed::names(seeds, ResourceKind::User));
        group_paths.extend(seed::names(seeds, ResourceKind::Group));
        Self(PerKind {
            users: Kind::new(ResourceKind::User, &user_paths, &urns),
            groups: Kind::new(ResourceKind::Group, &group_paths, &[]),
        })
    }

    /// The schemas of a kind.
    pub(super) fn kind(&self, kind: ResourceKind) -> &Kind {
        self.0.of(kind)
    }
}

fn parse<'a>(names: impl Iterator<Item = &'a String>) -> Vec<AttrPath> {
    names.filter_map(|name| name.parse().ok()).collect()
}

impl Kind {
    fn new(kind: ResourceKind, paths: &[AttrPath], urns: &[String]) -> Self {
        let known = Schemas::core(kind);
        // A vendor's spelling of a URN goes before ours.
        let mut spelled: BTreeMap<String, String> = BTreeMap::new();
        let mentioned = paths.iter().filter_map(|path| path.top().0);
        for urn in urns.iter().map(String::as_str).chain(mentioned) {
            spelled.entry(urn.to_ascii_lowercase()).or_insert_with(|| urn.to_owned());
        }
        let mut schemas: Vec<Schema> = known.iter().cloned().collect();
        for schema in &mut schemas {
            if let Some(spelling) = spelled.remove(&schema.id.to_ascii_lowercase()) {
                schema.id = spelling;
            }
        }
        for urn in spelled.into_values() {
            schemas.push(Schema { name: last(&urn), id: urn, ..Schema::default() });
        }
        let mut loose = BTreeSet::new();
        for path in paths {
            if path.is_bare() || is_common(&path.attribute) || Schemas::attribute(known, &path.parent()).is_some() {
                continue;
            }
            let (extension, name) = path.top();
            let home = extension.unwrap_or(kind.urn());
            if let Some(schema) = schemas.iter_mut().find(|schema| schema.id.eq_ignore_ascii_case(home))
                && schema.attribute(name).is_none()
            {
                schema.attributes.push(Attribute { name: name.to_owned(), ..Attribute::default() });
                loose.insert(loose_key(extension, name));
            }
        }
        Self { schemas: Schemas::new(schemas), core: kind.urn(), loose }
    }

    /// The definition of an attribute at the top, or below a URN.
    pub(super) fn attribute(&self, extension: Option<&str>, name: &str) -> Option<&Attribute> {
        self.schemas.schema(extension.unwrap_or(self.core))?.attribute(name)
    }

    /// Whether an attribute's type is unknown, so that it can't be checked.
    pub(super) fn is_loose(&self, extension: Option<&str>, name: &str) -> bool {
        self.loose.contains(&loose_key(extension, name))
    }

    /// The extensions' schemas.
    pub(super) fn extensions(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter().filter(|schema| schema.id != self.core && !urn::is_core(&schema.id))
    }
}

/// Whether it is an attribute of every resource (RFC 7643 section 3.1), which no schema defines.
pub(super) fn is_common(name: &str) -> bool {
    ["schemas", "id", "externalId", "meta"].iter().any(|common| common.eq_ignore_ascii_case(name))
}

fn loose_key(extension: Option<&str>, name: &str) -> String {
    format!("{}:{name}", extension.unwrap_or_default()).to_ascii_lowercase()
}

fn last(urn: &str) -> String {
    urn.rsplit(':').next().unwrap_or(urn).to_owned()
}
