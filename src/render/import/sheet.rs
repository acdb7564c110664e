//! What an import of a CSV file found and did.

use std::fmt::Write as _;

use super::{files, status};
use crate::import::Status;
use crate::import::sheet::{SheetEntry, SheetImport};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::view::terminal::{DIM, YELLOW, padded, widest};
use crate::wording::{count, list, quoted};

/// Widest key and name that columns are set for; longer ones stand out.
const WIDEST: usize = 36;
/// People and groups that are listed before the rest is counted.
const LISTED: usize = 20;

/// For a terminal. `new_only` leaves out who was declared before.
pub fn human(import: &SheetImport, look: &Look, new_only: bool) -> String {
    let mut out = String::new();
    let summary = &import.summary;
    let _ = writeln!(out, "{}: {} New, {} Imported", terminal(&import.file), summary.new, summary.imported);
    columns(&mut out, import, look);
    let shown: Vec<&SheetEntry> =
        import.entries.iter().filter(|entry| !new_only || entry.status == Status::New).collect();
    let listed = shown.get(..LISTED.min(shown.len())).unwrap_or_default();
    let keys = widest(listed.iter().map(|entry| &entry.key), WIDEST);
    let names = widest(listed.iter().map(|entry| &entry.user_name), WIDEST);
    if !listed.is_empty() {
        out.push('\n');
    }
    for entry in listed {
        let (key, name) = (padded(&entry.key, keys), padded(&entry.user_name, names));
        let _ = writeln!(out, "  {}  {key}  {name}  line {}", status(entry.status, look), entry.line);
    }
    if shown.len() > listed.len() {
        let rest = format!("and {} more (`--format json` lists all)", shown.len() - listed.len());
        let _ = writeln!(out, "  {}", look.paint(DIM, &rest));
    }
    groups(&mut out, import, look);
    notes(&mut out, import, look);
    files(&mut out, &import.files, import.dry_run, LISTED);
    let _ = writeln!(out, "\n{}", outcome(import));
    for step in &import.next {
        let _ = writeln!(out, "- {}", terminal(step));
    }
    out
}

fn outcome(import: &SheetImport) -> String {
    let summary = &import.summary;
    if summary.new == 0 {
        return "Everyone is declared already: nothing to write.".to_owned();
    }
    let done = if import.dry_run { "would be imported" } else { "imported" };
    let mut text = count(summary.new, "person");
    if summary.new_groups > 0 {
        let _ = write!(text, " and {}", count(summary.new_groups, "group"));
    }
    let _ = write!(text, " {done}");
    if summary.joins > 0 {
        let _ = write!(text, ", {} in groups that were there", count(summary.joins, "membership"));
    }
    text + "."
}

fn columns(out: &mut String, import: &SheetImport, look: &Look) {
    let used: Vec<(&str, &str)> = import
        .columns
        .iter()
        .filter_map(|column| Some((column.header.as_str(), column.attribute.as_deref()?)))
        .collect();
    let columns = widest(used.iter().map(|(header, _)| header), WIDEST);
    out.push_str("\nColumns:\n");
    for (header, attribute) in used {
        let _ = writeln!(out, "  {}  {}", padded(header, columns), terminal(attribute));
    }
    let left = import.columns.iter().filter(|column| column.attribute.is_none() && !column.header.is_empty());
    let left = list(left.map(|column| quoted(terminal(&column.header))));
    if !left.is_empty() {
        let label = look.paint(YELLOW, "left out");
        let _ = writeln!(out, "  {label}: {left}; `--map COLUMN=custom.NAME` keeps one");
    }
}

fn groups(out: &mut String, import: &SheetImport, look: &Look) {
    if import.groups.is_empty() {
        return;
    }
    out.push_str("\nGroups:\n");
    let listed = import.groups.iter().take(LISTED);
    let keys = widest(listed.clone().map(|group| &group.key), WIDEST);
    for group in listed {
        let key = padded(&group.key, keys);
        let members = count(group.members, "new member");
        let _ = writeln!(out, "  {}  {key}  {} ({members})", status(group.status, look), terminal(&group.name));
    }
    if import.groups.len() > LISTED {
        let _ = writeln!(out, "  and {} more", import.groups.len() - LISTED);
    }
}

fn notes(out: &mut String, import: &SheetImport, look: &Look) {
    let all: Vec<(u64, &String)> =
        import.entries.iter().flat_map(|entry| entry.notes.iter().map(move |note| (entry.line, note))).collect();
    if all.is_empty() {
        return;
    }
    out.push('\n');
    let label = look.paint(YELLOW, "note");
    for (line, note) in all.iter().take(LISTED) {
        let _ = writeln!(out, "{label}: line {line}: {}", terminal(note));
    }
    if all.len() > LISTED {
        let _ = writeln!(out, "and {} more notes (`--format json` lists all)", all.len() - LISTED);
    }
}
