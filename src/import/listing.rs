//! Who is there, who of them is declared, and how the others would be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

use super::inverse::Inverse;
use super::key::{self, Keys};
use super::model::Status;
use super::shape::standard;
use crate::desired::project;
use crate::directory::{self, Binding, Directory, GroupKey, MembershipMode, Target, TargetName, UserKey};
use crate::ledger::{Hasher, TargetLedger};
use crate::live::matching::{Matches, match_all};
use crate::live::{Live, LiveResource, Members};
use crate::mapping::{Context, Expression, Mapping, default_mapping};
use crate::plan::match_rules;
use crate::plan::observe::{Names, attributes_to_read, names_of};
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, fold};
use crate::source::{SourceMap, Spanned};
use crate::wording::{self, quoted};

/// How those who are imported get to be managed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Binds {
    /// By the bindings that are there, else by one that the import makes.
    #[default]
    AsNeeded,
    /// By this one, which is made if it is not there.
    Named(String),
    /// Not at all.
    Nobody,
}

/// What an import works on.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The files.
    pub sources: &'a SourceMap,
    /// The target.
    pub target: &'a TargetName,
    /// What it answered.
    pub live: &'a Live,
    /// What is managed there.
    pub ledger: &'a TargetLedger,
    /// Makes the ledger's hashes.
    pub hasher: &'a Hasher,
    /// The day.
    pub as_of: Date,
    /// How those who are imported get to be managed.
    pub binds: &'a Binds,
}

/// One live person or group.
#[derive(Clone, Debug)]
pub struct Entry {
    /// User or group.
    pub kind: ResourceKind,
    /// Its index in the live list of its kind.
    pub place: usize,
    /// The server's id.
    pub id: String,
    /// Its key, or the one that it would have.
    pub key: String,
    /// `userName`, or `displayName` of a group.
    pub name: String,
    /// Whether it is declared.
    pub status: Status,
    /// Whether a binding gives it to the target already.
    pub bound: bool,
    /// What would be declared of it, manager and members aside.
    pub declared: Object,
    /// The live id of the manager.
    pub manager: Option<String>,
    /// Why it can't be declared.
    pub left: Option<String>,
}

/// Everyone and every group, New before Imported, people before groups, by name.
#[derive(Debug)]
pub struct Listing {
    /// All of them.
    pub entries: Vec<Entry>,
    /// The mapping by which they are read backwards.
    pub mapping: Arc<Mapping>,
}

/// The name of the binding that an import makes.
pub fn own_binding(target: &TargetName) -> String {
    format!("{target}-imported")
}

/// The mapping by which those who are imported are sent.
///
/// # Errors
/// A binding of another target, or bindings with several mappings, of which one must be named; as a message.
pub fn mapping_for(directory: &Directory, target: &Target, binds: &Binds) -> Result<Arc<Mapping>, String> {
    let named = match binds {
        Binds::Named(name) => name.clone(),
        Binds::AsNeeded | Binds::Nobody => own_binding(&target.name),
    };
    let bindings: Vec<&Binding> = directory.bindings.values().filter(|binding| binding.target == target.name).collect();
    if let Some(binding) = directory.bindings.get(named.as_str()) {
        if binding.target != target.name {
            return Err(format!("the binding `{named}` is one of the target `{}`", binding.target));
        }
        return Ok(binding.mapping.clone());
    }
    let mut known: Vec<&Arc<Mapping>> = bindings.iter().map(|binding| &binding.mapping).collect();
    known.dedup_by(|a, b| a.name == b.name);
    match known.as_slice() {
        [] => Ok(Arc::new(default_mapping(&target.profile)?)),
        [only] => Ok((*only).clone()),
        _ => Err(format!(
            "the bindings {} have several mappings: say which one is meant by `--binding`",
            wording::list(bindings.iter().map(|binding| quoted(&binding.name)))
        )),
    }
}

/// What must be read of a target to import from it.
pub fn wanted(directory: &Directory, target: &Target, mapping: &Mapping, as_of: Date) -> Names {
    let mut names = attributes_to_read(directory, &project(directory, &target.name, as_of), target);
    let paths = |rows: &[crate::mapping::Row], matched: &[AttrPath]| -> Vec<AttrPath> {
        let reads = rows.iter().flat_map(crate::mapping::Row::expressions).flat_map(Expression::references);
        let own = reads.filter_map(|reference| standard(reference.path.get(1)?));
        own.chain(rows.iter().map(|row| row.path.clone())).chain(matched.iter().cloned()).collect()
    };
    let external = AttrPath::attribute("externalId");
    let users = paths(&mapping.rows.users, &mapping.matching.users);
    names.users.extend(names_of(&target.profile, users.iter().chain([&external])));
    let groups = paths(&mapping.rows.groups, &mapping.matching.groups);
    names.groups.extend(names_of(&target.profile, groups.iter().chain([&external])));
    names
}

/// Lists what is live.
///
/// # Errors
/// As for [`mapping_for`].
pub fn list(scope: &Scope<'_>) -> Result<Listing, String> {
    let (directory, _) = directory::compile(scope.sources);
    let mut directory = directory.ok_or("the files have errors")?;
    let target = directory.targets.get(scope.target).ok_or("there is no such target")?;
    let mapping = mapping_for(&directory, target, scope.binds)?;
    let profile = target.profile.clone();
    let bound = project(&directory, scope.target, scope.as_of);
    let matches = matched(&mut directory, scope, &mapping);
    let mut entries = Vec::new();
    for kind in ResourceKind::ALL {
        let inverse = Inverse::new(&profile, kind, &mapping);
        let live = scope.live.of(kind);
        let known = matches.of(kind);
        let external: Vec<String> = live.iter().map(|one| inverse.external_id(one)).collect();
        let owned = external.iter().zip(live).filter(|(text, _)| !text.is_empty());
        let mut keys = Keys::new(
            taken(&directory, kind).iter().map(String::as_str),
            owned.map(|(text, one)| (text.as_str(), one.id.as_str())),
        );
        let mut order: Vec<(String, usize)> =
            live.iter().enumerate().map(|(place, one)| (inverse.name(one), place)).collect();
        order.sort_by_cached_key(|(name, place)| (fold::canonical(name), name.clone(), *place));
        let given: Vec<(String, usize, String)> = order
            .into_iter()
            .filter_map(|(name, place)| {
                let one = live.get(place)?;
                let external = external.get(place).map_or("", String::as_str);
                let key = match known.keys.get(&place) {
                    Some(key) => key.clone(),
                    None => keys.give(&one.id, &kind.to_string(), &wishes(kind, one, &name, external)),
                };
                Some((name, place, key))
            })
            .collect();
        let one = |(name, place, key): (String, usize, String)| {
            let one = live.get(place)?;
            let status = if known.keys.contains_key(&place) { Status::Imported } else { Status::New };
            let is_bound = bound.find(kind, &key).is_some();
            let is_read = status == Status::New || !is_bound;
            let left = known.held.contains(&place).then(|| held(&matches, &one.id));
            Some(Entry {
                kind,
                place,
                id: one.id.clone(),
                status,
                bound: is_bound,
                declared: if is_read { inverse.declare(one, &key) } else { Object::new() },
                manager: is_read.then(|| inverse.manager(one)).flatten(),
                left: left.or_else(|| unknown_members(kind, one)),
                name,
                key,
            })
        };
        entries.extend(given.into_par_iter().filter_map(one).collect::<Vec<_>>());
    }
    entries.sort_by_key(|entry| (entry.status, entry.kind));
    Ok(Listing { entries, mapping })
}

/// A group whose members nobody can see is not declared: it would look as if it had none.
fn unknown_members(kind: ResourceKind, live: &LiveResource) -> Option<String> {
    (kind == ResourceKind::Group && live.members == Members::Unknown)
        .then(|| "its members can't be seen, and without them it would look empty".to_owned())
}

/// Matches everyone who is declared, bound or not.
fn matched(directory: &mut Directory, scope: &Scope<'_>, mapping: &Arc<Mapping>) -> Matches {
    let everyone = Binding {
        // Last of all, so that bindings that are there count first.
        name: "\u{10ffff}".into(),
        origin: crate::source::Span::default(),
        target: scope.target.clone(),
        groups: Vec::new(),
        users: directory.users.values().map(|user| Spanned::new(user.key.clone(), user.origin)).collect(),
        rule: None,
        matching: BTreeSet::new(),
        push: directory.groups.values().map(|group| Spanned::new(group.key.clone(), group.origin)).collect(),
        membership: MembershipMode::Exact,
        mapping: mapping.clone(),
    };
    directory.bindings.insert(everyone.name.clone(), everyone);
    let Some(target) = directory.targets.get(scope.target) else { return Matches::default() };
    let desired = project(directory, scope.target, scope.as_of);
    let known = &scope.ledger.known();
    match_all(&desired, scope.live, known, &match_rules(directory, target), &target.profile)
}

fn held(matches: &Matches, id: &str) -> String {
    let named = format!("`{id}`");
    let why = matches.errors.iter().find(|problem| problem.message.contains(&named));
    why.map_or_else(|| "it can't be told whether it is declared".to_owned(), |problem| problem.message.clone())
}

/// Keys that are in use, former ones included.
fn taken(directory: &Directory, kind: ResourceKind) -> Vec<String> {
    match kind {
        ResourceKind::User => {
            let of = |(key, user): (&UserKey, &directory::User)| {
                std::iter::once(key).chain(&user.previously).map(ToString::to_string).collect::<Vec<_>>()
            };
            directory.users.iter().flat_map(of).collect()
        }
        ResourceKind::Group => {
            let of = |(key, group): (&GroupKey, &directory::Group)| {
                std::iter::once(key).chain(&group.previously).map(ToString::to_string).collect::<Vec<_>>()
            };
            directory.groups.iter().flat_map(of).collect()
        }
    }
}

fn wishes(kind: ResourceKind, live: &LiveResource, name: &str, external: &str) -> Vec<String> {
    if kind == ResourceKind::Group {
        return key::of_group(name, external);
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let attributes = &live.attributes;
    let part = |sub: &str| text(attributes.get("name").and_then(|name| name.get(sub)));
    let whole = format!("{} {}", part("givenName"), part("familyName"));
    key::of_person(name, external, &[&text(attributes.get("displayName")), &whole])
}

impl Entry {
    /// What an expression sees of it.
    fn visible(&self) -> Value {
        let mut attributes = self.declared.clone();
        attributes.insert("key", Value::from(self.key.as_str()));
        let name = self.kind.name_attribute();
        if attributes.get(name).is_none() {
            attributes.insert(name, Value::from(self.name.as_str()));
        }
        Value::Object(attributes)
    }

    /// Whether an expression over `user` or `group` holds for what would be declared.
    ///
    /// # Errors
    /// As for [`Expression::test`].
    pub fn test(&self, rule: &Expression) -> Result<bool, crate::mapping::ExpressionError> {
        let visible = self.visible();
        let context = Context::resource(self.kind, &visible);
        rule.test(&context)
    }

    /// Whether a word of the command line means it: key, name or id.
    pub fn is(&self, word: &str) -> bool {
        self.id == word || self.key == word || fold::canonical(&self.name) == fold::canonical(word)
    }
}

/// The keys that live ids have, or would have.
pub(super) fn keys_by_id(entries: &[Entry], kind: ResourceKind) -> BTreeMap<&str, &Entry> {
    entries.iter().filter(|entry| entry.kind == kind).map(|entry| (entry.id.as_str(), entry)).collect()
}
