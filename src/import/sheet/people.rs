//! Rows to people.

use std::collections::{BTreeMap, BTreeSet};

use super::cells::{Sheet, SheetError};
use super::columns::{Column, Field};
use super::dates::{self, NoDate, Order};
use crate::directory::Directory;
use crate::import::key::{self, Keys};
use crate::import::model::Status;
use crate::import::shape::rank;
use crate::scim::{Object, Value, fold};

/// One person of a sheet.
#[derive(Clone, Debug)]
pub struct Person {
    /// The line of the sheet, from 1.
    pub line: u64,
    /// Whether the files declare the person already.
    pub status: Status,
    /// The key, or the one that it gets.
    pub key: String,
    /// `userName`.
    pub user_name: String,
    /// What is declared of a new one.
    pub declared: Object,
    /// Names of groups.
    pub groups: Vec<String>,
    /// What should be known.
    pub notes: Vec<String>,
    manager: Option<String>,
}

/// Everyone of a sheet, in its order.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// The people.
    pub all: Vec<Person>,
}

/// Reads everyone. `order` is that of dates with slashes where the person said it.
///
/// # Errors
/// Rows without a userName, values that are no date or no state, people who stand there twice; each with its line.
pub fn people(
    sheet: &Sheet,
    columns: &[Column],
    order: Option<&Order>,
    directory: &Directory,
) -> Result<People, SheetError> {
    let has = |field: &Field| columns.iter().any(|column| column.field.as_ref() == Some(field));
    let name = Field::Text(vec!["userName".to_owned()]);
    if !has(&name) && !has(&Field::Email("work".to_owned())) {
        return Err(SheetError::new(
            "no column is the `userName` or an e-mail address",
            "Say which one is: `--map COLUMN=userName`, or `--map COLUMN=email`.",
        ));
    }
    let orders: BTreeMap<usize, Order> = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| matches!(column.field, Some(Field::Date(_))))
        .filter_map(|(at, _)| {
            let cells = sheet.rows.iter().filter_map(|(_, cells)| cells.get(at)).map(String::as_str);
            Some((at, order.cloned().or_else(|| dates::order(cells))?))
        })
        .collect();
    let mut all = Vec::with_capacity(sheet.rows.len());
    let mut keys_said = Vec::with_capacity(sheet.rows.len());
    for (line, cells) in &sheet.rows {
        let row = Row { line: *line, columns, orders: &orders };
        let (person, said) = row.person(cells)?;
        all.push(person);
        keys_said.push(said);
    }
    known(&mut all, directory)?;
    once(&all)?;
    give_keys(&mut all, &keys_said, directory)?;
    managers(&mut all, directory);
    Ok(People { all })
}

struct Row<'a> {
    line: u64,
    columns: &'a [Column],
    orders: &'a BTreeMap<usize, Order>,
}

impl Row<'_> {
    fn wrong(&self, at: usize, cell: &str, why: &str, hint: &str) -> SheetError {
        let column = self.columns.get(at).map_or("", |column| &column.header);
        SheetError::new(format!("line {}, column `{column}`: `{cell}` {why}", self.line), hint)
    }

    /// The person, and the key that the sheet gives.
    fn person(&self, cells: &[String]) -> Result<(Person, Option<String>), SheetError> {
        let mut declared = Object::new();
        let (mut emails, mut phones, mut address) = (BTreeMap::new(), BTreeMap::new(), Object::new());
        let (mut groups, mut manager, mut key) = (Vec::new(), None, None);
        for (at, (cell, column)) in cells.iter().zip(self.columns).enumerate() {
            let Some(field) = column.field.as_ref().filter(|_| !cell.is_empty()) else { continue };
            match field {
                Field::Key => key = Some(cell.clone()),
                Field::Text(path) => put(&mut declared, path, Value::from(cell.as_str())),
                Field::Email(kind) => drop(emails.insert(kind.as_str(), cell.as_str())),
                Field::Phone(kind) => drop(phones.insert(kind.as_str(), cell.as_str())),
                Field::Address(part) => drop(address.insert(part.as_str(), Value::from(cell.as_str()))),
                Field::Active => {
                    if !self.active(at, cell)? {
                        declared.insert("active", Value::Bool(false));
                    }
                }
                Field::Manager => manager = Some(cell.clone()),
                Field::Date(name) => {
                    let date = self.date(at, cell)?;
                    declared.insert(*name, Value::from(date.to_string()));
                }
                Field::Groups => add_groups(&mut groups, cell),
            }
        }
        let work = emails.get("work").copied();
        let user_name = declared.get("userName").and_then(Value::as_str).or(work).unwrap_or_default().to_owned();
        if user_name.is_empty() {
            let message = format!("line {} has neither a userName nor an e-mail address", self.line);
            return Err(SheetError::new(message, "Give it one, or take the line out."));
        }
        declared.insert("userName", Value::from(user_name.as_str()));
        if let Some(emails) = labelled(&emails, true) {
            declared.insert("emails", emails);
        }
        if let Some(phones) = labelled(&phones, false) {
            declared.insert("phoneNumbers", phones);
        }
        if !address.is_empty() {
            address.insert("type", Value::from("work"));
            declared.insert("addresses", Value::Array(vec![Value::Object(address)]));
        }
        let mut entries: Vec<_> = declared.into_iter().collect();
        entries.sort_by_key(|(name, _)| rank(name));
        let person = Person {
            line: self.line,
            status: Status::New,
            key: String::new(),
            user_name,
            declared: entries.into_iter().collect(),
            groups,
            notes: Vec::new(),
            manager,
        };
        Ok((person, key))
    }

    fn active(&self, at: usize, cell: &str) -> Result<bool, SheetError> {
        match cell.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "active" | "enabled" | "employed" | "current" | "activated" | "staged" => {
                Ok(true)
            }
            "false" | "no" | "n" | "0" | "inactive" | "disabled" | "suspended" | "terminated" | "deactivated"
            | "deprovisioned" | "left" | "archived" | "blocked" => Ok(false),
            _ => Err(self.wrong(
                at,
                cell,
                "does not say whether the person may log in",
                "Write true or false; or leave the column out: `--map COLUMN=-`.",
            )),
        }
    }

    fn date(&self, at: usize, cell: &str) -> Result<jiff::civil::Date, SheetError> {
        dates::read(cell, self.orders.get(&at)).map_err(|why| match (why, dates::of_serial(cell)) {
            (NoDate::Ambiguous, _) => self.wrong(
                at,
                cell,
                "may be a day and a month or a month and a day",
                "Say which: `--date-format dmy` or `--date-format mdy`.",
            ),
            (NoDate::Unreadable, Some(day)) => self.wrong(
                at,
                cell,
                &format!("is the number of a day ({day})"),
                "Format the column as a date, as 2026-12-31, and save it anew.",
            ),
            (NoDate::Unreadable, None) => self.wrong(
                at,
                cell,
                "is no date",
                "Write it as 2026-12-31, or say how it is written: `--date-format '%d.%m.%y'`.",
            ),
        })
    }
}

fn put(declared: &mut Object, path: &[String], value: Value) {
    let Some((top, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        declared.insert(top.clone(), value);
        return;
    }
    put(declared.entry_or(top, Value::Object(Object::new())).make_object(), rest, value);
}

/// Values by kind, those for work first; an address is the primary one.
fn labelled(values: &BTreeMap<&str, &str>, primary: bool) -> Option<Value> {
    let mut kinds: Vec<(&str, &str)> = values.iter().map(|(kind, value)| (*kind, *value)).collect();
    kinds.sort_by_key(|(kind, _)| *kind != "work");
    let one = |(at, (kind, value)): (usize, (&str, &str))| {
        let mut object = Object::new();
        object.insert("value", Value::from(value));
        object.insert("type", Value::from(kind));
        if primary && at == 0 {
            object.insert("primary", Value::Bool(true));
        }
        Value::Object(object)
    };
    let all: Vec<Value> = kinds.into_iter().enumerate().map(one).collect();
    (!all.is_empty()).then_some(Value::Array(all))
}

/// The marks by which a person is told from others: what it is, and the folded text.
fn marks(declared: &Value) -> Vec<(&'static str, String)> {
    let text =
        |value: Option<&Value>| value.and_then(Value::as_str).map(fold::canonical).filter(|text| !text.is_empty());
    let mut marks = Vec::new();
    marks.extend(text(declared.get("userName")).map(|text| ("userName", text)));
    let emails = declared.get("emails").and_then(Value::as_array).unwrap_or_default();
    marks.extend(emails.iter().filter_map(|email| text(email.get("value"))).map(|text| ("e-mail address", text)));
    marks.extend(text(declared.get("employeeNumber")).map(|text| ("employeeNumber", text)));
    marks
}

/// Finds out who is declared already.
fn known(all: &mut [Person], directory: &Directory) -> Result<(), SheetError> {
    let mut by_mark: BTreeMap<(&'static str, String), &str> = BTreeMap::new();
    for (key, user) in &directory.users {
        by_mark.extend(marks(&user.attributes).into_iter().map(|mark| (mark, key.as_str())));
    }
    for person in all {
        let own = marks(&Value::Object(person.declared.clone()));
        let keys: BTreeSet<&str> = own.iter().filter_map(|mark| by_mark.get(mark).copied()).collect();
        let mut keys = keys.into_iter();
        match (keys.next(), keys.next()) {
            (Some(key), None) => {
                person.status = Status::Imported;
                key.clone_into(&mut person.key);
            }
            (Some(one), Some(other)) => {
                let message =
                    format!("line {}: {} is both `{one}` and `{other}` of the files", person.line, person.user_name);
                return Err(SheetError::new(message, "Mend the userName, the addresses or the number."));
            }
            (None, _) => {}
        }
    }
    Ok(())
}

/// Nobody may stand there twice.
fn once(all: &[Person]) -> Result<(), SheetError> {
    let mut seen: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for person in all {
        let own: BTreeSet<(&str, String)> = marks(&Value::Object(person.declared.clone())).into_iter().collect();
        for (what, text) in own {
            if let Some(first) = seen.insert((what, text.clone()), person.line) {
                let message = format!("lines {first} and {} have the same {what}, `{text}`", person.line);
                return Err(SheetError::new(message, "Take one of them out, or mend it."));
            }
        }
    }
    Ok(())
}

fn give_keys(all: &mut [Person], said: &[Option<String>], directory: &Directory) -> Result<(), SheetError> {
    let former = directory.users.values().flat_map(|user| &user.previously);
    let taken = directory.users.keys().chain(former).map(crate::directory::UserKey::as_str);
    let mut keys = Keys::new(taken, std::iter::empty());
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let taken: BTreeSet<String> = directory.users.keys().map(|key| fold::canonical(key.as_str())).collect();
    for (person, said) in all.iter_mut().zip(said) {
        if person.status == Status::Imported {
            continue;
        }
        let Some(said) = said.as_deref().map(key::slug).filter(|key| !key.is_empty()) else { continue };
        if taken.contains(&said) {
            let message = format!("line {}: the key `{said}` is someone else's in the files", person.line);
            return Err(SheetError::new(message, "Choose another column for `--key`, or mend the cell."));
        }
        if let Some(first) = lines.insert(said.clone(), person.line) {
            let message = format!("lines {first} and {} have the same key, `{said}`", person.line);
            return Err(SheetError::new(message, "Choose another column for `--key`, or mend the cells."));
        }
        person.key = keys.give("", "user", &[said]);
    }
    for person in all.iter_mut().filter(|person| person.key.is_empty()) {
        let part = |name: &str| person.declared.get("name").and_then(|all| all.get(name)).and_then(Value::as_str);
        let whole = format!("{} {}", part("givenName").unwrap_or_default(), part("familyName").unwrap_or_default());
        person.key = keys.give(&person.line.to_string(), "user", &key::of_person(&person.user_name, "", &[&whole]));
    }
    Ok(())
}

/// Finds managers by key, userName, address, number, then by a name that is one person's alone.
fn managers(all: &mut [Person], directory: &Directory) {
    let mut sure: BTreeMap<String, String> = BTreeMap::new();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut learn = |key: &str, declared: &Value| {
        for (_, text) in marks(declared) {
            sure.insert(text, key.to_owned());
        }
        let part =
            |name: &str| declared.get("name").and_then(|all| all.get(name)).and_then(Value::as_str).unwrap_or_default();
        let (given, family) = (part("givenName"), part("familyName"));
        let shown = declared.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned();
        for name in [shown, format!("{given} {family}"), format!("{family}, {given}")] {
            if name.len() > 2 {
                names.entry(fold::canonical(&name)).or_default().insert(key.to_owned());
            }
        }
    };
    for (key, user) in &directory.users {
        learn(key.as_str(), &user.attributes);
    }
    for person in all.iter() {
        learn(&person.key, &Value::Object(person.declared.clone()));
    }
    // A key is meant where it is written as it is; other letters may be a first name.
    let keys: BTreeSet<String> =
        all.iter().map(|person| person.key.clone()).chain(directory.users.keys().map(ToString::to_string)).collect();
    for person in all {
        let Some(text) = person.manager.take() else { continue };
        let folded = fold::canonical(&text);
        let by_name = || names.get(&folded).filter(|keys| keys.len() == 1).and_then(|keys| keys.first());
        match sure.get(&folded).or_else(|| keys.get(&text)).or_else(by_name) {
            Some(key) if *key == person.key => {
                person.notes.push("is said to be their own manager: left out".to_owned());
            }
            Some(key) => {
                let mut entries: Vec<_> = std::mem::take(&mut person.declared).into_iter().collect();
                entries.push(("manager".into(), Value::from(key.as_str())));
                entries.sort_by_key(|(name, _)| rank(name));
                person.declared = entries.into_iter().collect();
            }
            None => {
                let several = names.get(&folded).is_some_and(|keys| keys.len() > 1);
                let why =
                    if several { "is the name of several people" } else { "is nobody of the sheet or of the files" };
                person.notes.push(format!("the manager `{text}` {why}: left out"));
            }
        }
    }
}

/// Adds the groups that a cell names, each once.
fn add_groups(groups: &mut Vec<String>, cell: &str) {
    let split = if cell.contains(';') { [';'; 2] } else { [',', '|'] };
    for name in cell.split(split).map(str::trim).filter(|name| !name.is_empty()) {
        if !groups.iter().any(|known| known == name) {
            groups.push(name.to_owned());
        }
    }
}
