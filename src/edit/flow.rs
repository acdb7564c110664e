//! Edits of lists and mappings within brackets.

use super::emit::WIDTH;
use super::page::{Page, Patch};
use super::shape::{Kind, Shape};

/// Start and end of each entry or item.
pub(super) fn cells(shape: &Shape) -> Vec<(usize, usize)> {
    match &shape.kind {
        Kind::List { items, .. } => items.iter().map(|item| (item.start, item.end)).collect(),
        Kind::Map { entries, .. } => entries.iter().map(|entry| (entry.start, entry.end())).collect(),
        _ => Vec::new(),
    }
}

/// One past the comma behind a cell, if there is one before `limit`.
fn comma(page: &Page<'_>, end: usize, limit: usize) -> Option<usize> {
    let token = page.first_token(end, limit)?;
    page.slice(token, token + 1).starts_with(',').then_some(token + 1)
}

/// Whether a cell has its lines for itself.
fn is_alone(page: &Page<'_>, (start, end): (usize, usize), limit: usize) -> bool {
    let behind = comma(page, end, limit).filter(|behind| page.same_line(end, *behind)).unwrap_or(end);
    let rest = page.slice(behind, page.line_end(behind)).trim_start();
    page.before(start).trim().is_empty() && (rest.is_empty() || rest.starts_with('#'))
}

/// Puts cells at the end.
pub(super) fn push(page: &Page<'_>, shape: &Shape, new: &[String]) -> Vec<Patch> {
    let cells = cells(shape);
    let (Some(first), Some(last)) = (cells.first(), cells.last()) else { return Vec::new() };
    let limit = shape.end.saturating_sub(1);
    let comma = comma(page, last.1, limit);
    let eol = page.eol();
    if is_alone(page, *last, limit) && !page.same_line(shape.start, last.0) {
        let indent = " ".repeat(page.column(last.0));
        let behind = comma.unwrap_or(last.1);
        let mut patches = Vec::new();
        if comma.is_none() {
            patches.push(Patch::at(last.1, ","));
        }
        let joined = new.join(&format!(",{eol}{indent}"));
        let tail = if comma.is_some() { "," } else { "" };
        patches.push(Patch::at(page.line_end(behind), format!("{eol}{indent}{joined}{tail}")));
        return patches;
    }
    let indent = page.column(first.0);
    let mut width = page.slice(page.line_start(last.1), page.line_end(last.1)).chars().count();
    let mut text = String::new();
    for (at, cell) in new.iter().enumerate() {
        if comma.is_none() || at > 0 {
            text.push(',');
        }
        width += cell.chars().count() + 2;
        if width > WIDTH && indent + cell.chars().count() < WIDTH {
            text.push_str(eol);
            text.push_str(&" ".repeat(indent));
            width = indent + cell.chars().count() + 2;
        } else {
            text.push(' ');
        }
        text.push_str(cell);
    }
    if comma.is_some() {
        text.push(',');
    }
    vec![Patch::at(comma.unwrap_or(last.1), text)]
}

/// Takes cells out; at least one stays.
pub(super) fn pull(page: &Page<'_>, shape: &Shape, gone: &[usize]) -> Vec<Patch> {
    let cells = cells(shape);
    let limit = shape.end.saturating_sub(1);
    let mut patches = Vec::new();
    let mut at = 0;
    while let Some(start) = gone.get(at).copied() {
        let mut end = start;
        while gone.get(at + 1) == Some(&(end + 1)) {
            at += 1;
            end += 1;
        }
        at += 1;
        run(page, &cells, start, end, limit, &mut patches);
    }
    patches
}

/// Takes neighbouring cells out.
fn run(page: &Page<'_>, cells: &[(usize, usize)], start: usize, end: usize, limit: usize, patches: &mut Vec<Patch>) {
    let taken = cells.get(start..=end).unwrap_or_default();
    let (Some(first), Some(last)) = (taken.first(), taken.last()) else { return };
    let before = start.checked_sub(1).and_then(|at| cells.get(at));
    let after = cells.get(end + 1);
    if taken.iter().all(|cell| is_alone(page, *cell, limit)) {
        if let (Some(before), None, None) = (before, after, comma(page, last.1, limit))
            && let Some(behind) = comma(page, before.1, limit)
        {
            patches.push(Patch::new(before.1, behind, ""));
        }
        for cell in taken {
            let behind = comma(page, cell.1, limit).filter(|behind| page.same_line(cell.1, *behind)).unwrap_or(cell.1);
            if let Some(above) = page.previous_end(cell.0) {
                patches.push(Patch::new(above, page.line_end(behind), ""));
            }
        }
        return;
    }
    match (before, after) {
        (Some(before), _) => patches.push(Patch::new(before.1, last.1, "")),
        (None, Some(after)) => patches.push(Patch::new(first.0, after.0, "")),
        (None, None) => {}
    }
}
