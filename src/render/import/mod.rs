//! What an import found and did, for people and for machines.

pub mod sheet;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::import::{Difference, File, Import, Item, Status};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::view::terminal::{DIM, GREEN, YELLOW, padded, widest};
use crate::scim::Value;
use crate::wording::few;

/// Widest key and name that columns are set for; longer ones stand out.
const WIDEST: usize = 32;

/// Entries with one note that are each shown with it; of more the note is told once.
const MOST_ALIKE: usize = 3;

/// For a terminal. A dry run lists everyone; else only those are listed of whom there is something to
/// say. `new_only` leaves out who was declared before.
pub fn human(import: &Import, look: &Look, new_only: bool) -> String {
    let mut out = String::new();
    let summary = &import.summary;
    let _ = writeln!(
        out,
        "{}{}: {} New, {} Imported{}",
        terminal(&import.target),
        if import.sandbox { " (sandbox)" } else { "" },
        summary.new,
        summary.imported,
        if import.complete { "" } else { ", and more that was not read" }
    );
    let shown: Vec<&Item> = import.entries.iter().filter(|item| is_shown(item, import, new_only)).collect();
    let keys = widest(shown.iter().map(|item| &item.key), WIDEST);
    let names = widest(shown.iter().map(|item| &item.name), WIDEST);
    let mut shared: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (item, note) in shown.iter().flat_map(|item| item.notes.iter().map(move |note| (item, note))) {
        shared.entry(note).or_default().push(&item.key);
    }
    shared.retain(|_, keys| keys.len() > MOST_ALIKE);
    for item in &shown {
        row(&mut out, item, import, (keys, names), look);
        for note in item.notes.iter().filter(|note| !shared.contains_key(note.as_str())) {
            let _ = writeln!(out, "                   {}", terminal(note));
        }
    }
    for (note, keys) in &shared {
        let text = format!("  {}: {}", few(keys.iter().map(|key| terminal(key)), MOST_ALIKE), terminal(note));
        out.push('\n');
        out.push_str(&look.prose(&text, 2));
    }
    files(&mut out, &import.files, import.dry_run, usize::MAX);
    let label = |text: &str| look.paint(YELLOW, text);
    if let Some(why) = &import.incomplete_because {
        let _ = writeln!(
            out,
            "\n{}: not everything was read ({}): run it again for the rest",
            label("warning"),
            terminal(why)
        );
    }
    for notice in &import.notices {
        out.push('\n');
        out.push_str(&look.prose(&format!("{}: {}", label("note"), terminal(notice)), 2));
    }
    let _ = writeln!(out, "\n{}", outcome(import));
    for step in &import.next {
        out.push_str(&look.prose(&format!("- {}", terminal(step)), 2));
    }
    out
}

/// The files that are written, so many at most.
fn files(out: &mut String, files: &[File], dry_run: bool, most: usize) {
    if files.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}:", if dry_run { "Would be written" } else { "Written" });
    for file in files.iter().take(most) {
        let _ = writeln!(out, "  {}{}", terminal(&file.path), if file.existed { " (added to)" } else { "" });
    }
    if files.len() > most {
        let _ = writeln!(out, "  and {} more", files.len() - most);
    }
}

fn status(status: Status, look: &Look) -> String {
    match status {
        Status::New => look.paint(GREEN, "New     "),
        Status::Imported => look.paint(DIM, "Imported"),
    }
}

fn is_shown(item: &Item, import: &Import, new_only: bool) -> bool {
    let says = item.written || item.left.is_some() || !item.notes.is_empty() || !item.differs.is_empty();
    (!new_only || item.status == Status::New) && (import.dry_run || says)
}

fn outcome(import: &Import) -> String {
    let summary = &import.summary;
    let done = if import.dry_run { "would be imported" } else { "imported" };
    let mut text = format!("{} {done}", summary.written);
    if summary.written > 0 {
        let rest = match summary.differing {
            0 => ", and the plan has no changes for them".to_owned(),
            differing => format!(", of whom {differing} differ from what the plan would send"),
        };
        text.push_str(&rest);
    }
    if summary.left > 0 {
        let _ = write!(text, "; {} could not be declared", summary.left);
    }
    text + "."
}

fn row(out: &mut String, item: &Item, import: &Import, (keys, names): (usize, usize), look: &Look) {
    let becomes = match (&item.file, &item.left) {
        (_, Some(why)) => format!("left: {}", terminal(why)),
        (Some(_), None) if item.managed => if import.dry_run { "would be managed" } else { "managed" }.to_owned(),
        (Some(_), None) => "declared, unmanaged".to_owned(),
        (None, None) if item.status == Status::New => "not chosen".to_owned(),
        (None, None) if item.managed => "managed".to_owned(),
        (None, None) => "unmanaged".to_owned(),
    };
    let line = format!(
        "  {}  {:<5}  {}  {}  {becomes}",
        status(item.status, look),
        item.resource.to_string(),
        padded(&item.key, keys),
        padded(&item.name, names),
    );
    let _ = writeln!(out, "{}", line.trim_end());
    for Difference { path, live, sent } in &item.differs {
        let _ = writeln!(
            out,
            "                   {}: target has {}, the mapping will send {}",
            terminal(path),
            told(live),
            told(sent)
        );
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("\"{}\"", terminal(text)),
        other => terminal(&other.to_string()),
    }
}
