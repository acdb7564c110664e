//! The files as they will be: new ones written, those that are there edited in place.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::{Choice, Choices};
use super::layout::Section;
use super::listing::{Binds, Scope, own_binding};
use super::{File, Layout};
use crate::directory::Directory;
use crate::edit::{self, Edit, EditError, Step};
use crate::mapping::{Expression, Mapping, Row, RowValue};
use crate::scim::{Object, ResourceKey, ResourceKind, Value};
use crate::source::{SourceMap, Span};

/// Where declarations go.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// How they are spread over files.
    pub layout: Layout,
    /// The folder, from the repository's root.
    pub folder: String,
}

/// What the import adds besides people and groups.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// Keys that a binding gives to the target without being named in one.
    pub(super) covered: BTreeSet<ResourceKey>,
    /// New members of groups that are declared.
    pub(super) joins: BTreeMap<String, BTreeSet<String>>,
    /// Whether `externalId` of people is left to creation, and that of groups.
    pub(super) on_create: (bool, bool),
}

/// The texts of changed files by path, and the file of each declaration.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) files: BTreeMap<ResourceKey, String>,
    pub(super) binding: Option<String>,
    /// Whether a mapping is made for the binding.
    pub(super) own_mapping: bool,
}

/// New entries and changes of one file.
#[derive(Default)]
pub(super) struct Page {
    pub(super) entries: BTreeMap<Section, Vec<(String, Value)>>,
    pub(super) edits: Vec<Edit>,
}

/// Draws the files up.
pub(super) fn draft(
    scope: &Scope<'_>,
    directory: &Directory,
    mapping: &Mapping,
    plan: &Plan,
    choices: &Choices<'_>,
    extras: &Extras,
) -> Result<Draft, EditError> {
    let mut desk = Desk { scope, directory, plan, pages: BTreeMap::new(), draft: Draft::default() };
    for (name, choice) in choices.all.iter().filter(|(_, choice)| choice.is_written()) {
        let section = if name.kind == ResourceKind::User { Section::Users } else { Section::Groups };
        let department = choice.declared.get("department").and_then(Value::as_str);
        let path = desk.add(section, &name.key, department, choices.declaration(choice, scope));
        desk.draft.files.insert(name.clone(), path);
    }
    let named = |kind: ResourceKind| -> Vec<Value> {
        let needs = |(name, choice): &(&ResourceKey, &Choice<'_>)| {
            name.kind == kind && choice.bound && choice.left.is_none() && !extras.covered.contains(*name)
        };
        choices.all.iter().filter(needs).map(|(name, _)| Value::from(name.key.as_str())).collect()
    };
    let (users, groups) = (named(ResourceKind::User), named(ResourceKind::Group));
    if !users.is_empty() || !groups.is_empty() {
        desk.bind(users, groups, mapping, extras.on_create);
    }
    for (group, users) in &extras.joins {
        let Some(declared) = directory.groups.get(group.as_str()) else { continue };
        let items = users.iter().map(|user| Value::from(user.as_str())).collect();
        desk.add_items(declared.origin, &["groups", group, "members"], items);
    }
    let Desk { pages, mut draft, .. } = desk;
    for (path, page) in pages {
        let text = page.text(&path, scope.sources)?;
        draft.texts.insert(path, text);
    }
    Ok(draft)
}

/// Where files are drawn up.
struct Desk<'a, 's> {
    scope: &'a Scope<'s>,
    directory: &'a Directory,
    plan: &'a Plan,
    pages: BTreeMap<String, Page>,
    draft: Draft,
}

impl Desk<'_, '_> {
    /// Adds an entry; gives the file that it goes to.
    fn add(&mut self, section: Section, key: &str, department: Option<&str>, value: Value) -> String {
        let path = self.plan.layout.path(&self.plan.folder, section, key, department);
        let page = self.pages.entry(path.clone()).or_default();
        page.entries.entry(section).or_default().push((key.to_owned(), value));
        path
    }

    /// Adds items to a list of a declaration that is there.
    fn add_items(&mut self, origin: Span, way: &[&str], items: Vec<Value>) {
        if items.is_empty() {
            return;
        }
        let file = self.scope.sources.location(origin).file.to_string();
        let path = way.iter().map(|step| Step::from(*step)).collect();
        self.pages.entry(file).or_default().edits.push(Edit::AddItems { path, items });
    }

    /// Gives the target to these.
    fn bind(&mut self, users: Vec<Value>, groups: Vec<Value>, mapping: &Mapping, on_create: (bool, bool)) {
        let name = binding_name(self.scope);
        if let Some(known) = self.directory.bindings.get(name.as_str()) {
            self.add_items(known.origin, &["bindings", &name, "assign", "users"], users);
            self.add_items(known.origin, &["bindings", &name, "push"], groups);
        } else {
            let own = own_mapping(mapping, on_create);
            let default = self.directory.targets.get(self.scope.target).map(|target| target.profile.name.as_str());
            let inherited = (default != Some(mapping.name.as_str())).then(|| mapping.name.clone());
            let used = if own.is_some() { Some(name.clone()) } else { inherited };
            self.add(Section::Bindings, &name, None, binding(self.scope, users, groups, used));
            self.draft.own_mapping = own.is_some();
            if let Some(own) = own {
                self.add(Section::Mappings, &name, None, own);
            }
        }
        self.draft.binding = Some(name);
    }
}

/// The binding that is made or added to.
pub(super) fn binding_name(scope: &Scope<'_>) -> String {
    match scope.binds {
        Binds::Named(name) => name.clone(),
        Binds::AsNeeded | Binds::Nobody => own_binding(scope.target),
    }
}

fn binding(scope: &Scope<'_>, users: Vec<Value>, groups: Vec<Value>, mapping: Option<String>) -> Value {
    let mut value = Object::new();
    value.insert("target", Value::from(scope.target.as_str()));
    if let Some(mapping) = mapping {
        value.insert("mapping", Value::from(mapping.as_str()));
    }
    if !users.is_empty() {
        value.insert("assign", Value::Object([("users", Value::Array(users))].into_iter().collect()));
    }
    if !groups.is_empty() {
        value.insert("push", Value::Array(groups));
    }
    Value::Object(value)
}

/// A mapping that sends `externalId` to new accounts alone, so that those without one stay as they are.
fn own_mapping(base: &Mapping, on_create: (bool, bool)) -> Option<Value> {
    let row = |rows: &[Row]| {
        let path = crate::scim::path::AttrPath::attribute("externalId");
        let row = rows.iter().find(|row| row.path.same(&path))?;
        let RowValue::Expression(value) = &row.value else { return None };
        let mut written = Object::new();
        written.insert("value", Value::from(value.text().trim()));
        if let Some(default) = row.default.as_ref().map(Expression::text) {
            written.insert("default", Value::from(default.trim()));
        }
        written.insert("apply", Value::from("onCreate"));
        Some(Value::Object([("externalId", Value::Object(written))].into_iter().collect()))
    };
    let mut mapping = Object::new();
    mapping.insert("extends", Value::from(base.name.as_str()));
    let user = row(&base.rows.users).filter(|_| on_create.0);
    let group = row(&base.rows.groups).filter(|_| on_create.1);
    if user.is_none() && group.is_none() {
        return None;
    }
    for (name, rows) in [("user", user), ("group", group)] {
        if let Some(rows) = rows {
            mapping.insert(name, rows);
        }
    }
    Some(Value::Object(mapping))
}

impl Page {
    /// The text of the file: a new one, or the one that is there with the changes.
    pub(super) fn text(self, path: &str, sources: &SourceMap) -> Result<String, EditError> {
        let there = sources.files().find(|(_, file)| file.path().as_ref() == path);
        let Some((_, file)) = there else {
            let sections: Vec<(&str, Vec<(String, Value)>)> =
                self.entries.into_iter().map(|(section, entries)| (section.name(), entries)).collect();
            return Ok(edit::file(schema(path, sources).as_deref(), &sections));
        };
        let inserts = self
            .entries
            .into_iter()
            .map(|(section, entries)| Edit::Insert { section: section.name().to_owned(), entries });
        let edits: Vec<Edit> = inserts.chain(self.edits).collect();
        edit::apply(path, file.text(), &edits)
    }
}

/// Where the schema is, as `scimform.yaml` tells editors, seen from a new file.
fn schema(path: &str, sources: &SourceMap) -> Option<String> {
    let root = sources.files().find(|(_, file)| file.path().as_ref() == crate::config::ROOT_FILE)?.1;
    let place = root.text().lines().find_map(|line| line.trim().strip_prefix("# yaml-language-server: $schema="))?;
    if place.contains("://") || place.starts_with('/') {
        return Some(place.to_owned());
    }
    let place = place.strip_prefix("./").unwrap_or(place);
    Some(format!("{}{place}", "../".repeat(path.matches('/').count())))
}

/// The files of a draft.
pub(super) fn files(draft: &Draft, sources: &SourceMap) -> Vec<File> {
    let known: BTreeSet<&str> = sources.files().map(|(_, file)| file.path().as_ref()).collect();
    let file = |path: &String| File { path: path.clone(), existed: known.contains(path.as_str()) };
    draft.texts.keys().map(file).collect()
}
