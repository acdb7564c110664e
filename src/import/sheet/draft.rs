//! The files as they will be.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::SheetError;
use super::model::{Entry, GroupUse, SheetSummary};
use super::people::{People, Person};
use crate::config;
use crate::diag::Severity;
use crate::directory::{self, Directory};
use crate::edit::{Edit, Step};
use crate::import::draft::{Page, Plan};
use crate::import::key::{self, Keys};
use crate::import::layout::Section;
use crate::import::model::{File, Status};
use crate::import::settle::merged;
use crate::scim::{Object, Value, fold};
use crate::source::SourceMap;

/// Mistakes of the result that are told at most.
const MOST_FAULTS: usize = 5;

/// What an import of a sheet comes to.
#[derive(Debug, Default)]
pub struct Drafted {
    /// The new texts of files, by path from the repository's root.
    pub texts: BTreeMap<String, String>,
    /// The same, for the report.
    pub files: Vec<File>,
    /// Everyone, New first.
    pub entries: Vec<Entry>,
    /// Groups, by key.
    pub groups: Vec<GroupUse>,
    /// Counts.
    pub summary: SheetSummary,
    /// Whether some binding gives a target to one of the new people.
    pub bound: bool,
}

/// Draws the files up and checks them as they will be.
///
/// # Errors
/// Files that can't be edited, and a result that is not valid, with the lines of the sheet.
pub fn draft(
    people: &People,
    directory: &Directory,
    sources: &SourceMap,
    plan: &Plan,
    groups: bool,
) -> Result<Drafted, SheetError> {
    let mut drafted = Drafted::default();
    let mut pages: BTreeMap<String, Page> = BTreeMap::new();
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for person in people.all.iter().filter(|person| person.status == Status::New) {
        let department = person.declared.get("department").and_then(Value::as_str);
        let path = plan.layout.path(&plan.folder, Section::Users, &person.key, department);
        let page = pages.entry(path.clone()).or_default();
        let entry = (person.key.clone(), Value::Object(person.declared.clone()));
        page.entries.entry(Section::Users).or_default().push(entry);
        files.insert(&person.key, path);
    }
    if groups {
        drafted.groups = group_entries(people, directory, sources, plan, &mut pages);
    }
    let there: BTreeSet<&str> = sources.files().map(|(_, file)| file.path().as_ref()).collect();
    for (path, page) in pages {
        let text = page.text(&path, sources).map_err(|error| SheetError::new(error.to_string(), error.hint.clone()))?;
        drafted.files.push(File { existed: there.contains(path.as_str()), path: path.clone() });
        drafted.texts.insert(path, text);
    }
    drafted.bound = check(people, &merged(sources, &drafted.texts))?;
    let entry = |person: &Person| Entry {
        status: person.status,
        key: person.key.clone(),
        user_name: person.user_name.clone(),
        line: person.line,
        file: files.get(person.key.as_str()).cloned(),
        notes: if person.status == Status::New { person.notes.clone() } else { Vec::new() },
    };
    drafted.entries = people.all.iter().map(entry).collect();
    drafted.entries.sort_by_key(|entry| entry.status);
    let count = |status: Status| drafted.entries.iter().filter(|entry| entry.status == status).count() as u64;
    let known = drafted.groups.iter().filter(|group| group.status == Status::Imported);
    drafted.summary = SheetSummary {
        new: count(Status::New),
        imported: count(Status::Imported),
        new_groups: drafted.groups.iter().filter(|group| group.status == Status::New).count() as u64,
        joins: known.map(|group| group.members).sum(),
    };
    Ok(drafted)
}

/// Groups by name: new ones with their members, and new members of those that are declared.
fn group_entries(
    people: &People,
    directory: &Directory,
    sources: &SourceMap,
    plan: &Plan,
    pages: &mut BTreeMap<String, Page>,
) -> Vec<GroupUse> {
    let mut members: BTreeMap<String, (&str, Vec<&str>)> = BTreeMap::new();
    for person in people.all.iter().filter(|person| person.status == Status::New) {
        for name in &person.groups {
            let group = members.entry(fold::canonical(name)).or_insert_with(|| (name, Vec::new()));
            group.1.push(&person.key);
        }
    }
    let mut declared: BTreeMap<String, &directory::Group> = BTreeMap::new();
    for group in directory.groups.values() {
        declared.insert(fold::canonical(group.key.as_str()), group);
    }
    for group in directory.groups.values() {
        declared.insert(fold::canonical(&group.display_name), group);
    }
    let mut keys = Keys::new(directory.groups.keys().map(crate::directory::GroupKey::as_str), std::iter::empty());
    let mut uses = Vec::new();
    for (folded, (name, keys_of)) in members {
        let values: Vec<Value> = keys_of.iter().map(|key| Value::from(*key)).collect();
        let number = values.len() as u64;
        if let Some(group) = declared.get(&folded) {
            let path = ["groups", group.key.as_str(), "members"].into_iter().map(Step::from).collect();
            let file = sources.location(group.origin).file.to_string();
            pages.entry(file).or_default().edits.push(Edit::AddItems { path, items: values });
            let key = group.key.to_string();
            uses.push(GroupUse { status: Status::Imported, key, name: name.to_owned(), members: number });
            continue;
        }
        let key = keys.give(&folded, "group", &key::of_group(name, ""));
        let mut object = Object::new();
        object.insert("displayName", Value::from(name));
        object.insert("members", Value::Array(values));
        let path = plan.layout.path(&plan.folder, Section::Groups, &key, None);
        let page = pages.entry(path).or_default();
        page.entries.entry(Section::Groups).or_default().push((key.clone(), Value::Object(object)));
        uses.push(GroupUse { status: Status::New, key, name: name.to_owned(), members: number });
    }
    uses.sort_by(|a, b| (a.status, &a.key).cmp(&(b.status, &b.key)));
    uses
}

/// Checks the files as they will be; whether a binding reaches someone new.
fn check(people: &People, sources: &SourceMap) -> Result<bool, SheetError> {
    let (config, _) = config::parse(sources);
    let places: Vec<(crate::source::Span, String)> =
        config.users.iter().map(|(key, user)| (user.span, key.clone())).collect();
    let (directory, found) = directory::compile(sources);
    if let Some(directory) = directory {
        let bound = directory
            .bindings
            .values()
            .any(|binding| !binding.matching.is_empty() || !binding.groups.is_empty() || !binding.users.is_empty());
        return Ok(bound);
    }
    let lines: BTreeMap<&str, u64> = people.all.iter().map(|person| (person.key.as_str(), person.line)).collect();
    let mut told = Vec::new();
    let errors = found.into_sorted().into_iter().filter(|found| found.severity == Severity::Error);
    for error in errors.take(MOST_FAULTS) {
        let span = error.span.unwrap_or_default();
        let holds =
            |place: &crate::source::Span| place.file == span.file && place.start <= span.start && span.end <= place.end;
        let person = places.iter().find(|(place, _)| holds(place)).and_then(|(_, key)| lines.get(key.as_str()));
        told.push(match person {
            Some(line) => format!("line {line}: {}", error.message),
            None => error.message,
        });
    }
    Err(SheetError::new(
        format!("the files would not be valid: {}", told.join("; ")),
        "Mend the cells, or leave the column out: `--map COLUMN=-`.",
    ))
}
