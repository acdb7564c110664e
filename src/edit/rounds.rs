//! Edits in rounds: each takes as many as do not get in each other's way, and reads the file anew.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::block::{Style, lines_of};
use super::emit::{in_line, member_in_line};
use super::operation::{Operation, Trouble, next};
use super::page::{Page, Patch};
use super::shape::{Kind, Shape, read};
use super::{Edit, EditError, Step, flow, intent};
use crate::config::meaning;
use crate::scim::Value;

/// What to do where an edit can't be made.
const BY_HAND: &str = "Make this change by hand.";

pub(super) fn apply(path: &str, text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let refused = |text: &str, at: usize, message: String, hint: &str| EditError {
        file: path.to_owned(),
        line: text.get(..at).unwrap_or(text).matches('\n').count() + 1,
        message,
        hint: hint.to_owned(),
    };
    let mut said = meaning(text).map_err(|problem| {
        let at = problem.span.map_or(0, |span| span.start as usize);
        refused(
            text,
            at,
            problem.message.clone(),
            "Mend the file first; `scimform validate` shows all of its mistakes.",
        )
    })?;
    let mut wanted = said.clone();
    for edit in edits {
        intent::apply(&mut wanted, edit).map_err(|why| refused(text, 0, why, BY_HAND))?;
    }
    let mut current = text.to_owned();
    let mut lost = Vec::new();
    let mut pending: Vec<&Edit> = edits.iter().collect();
    while !pending.is_empty() {
        let (root, comments) =
            read(&current).ok_or_else(|| refused(&current, 0, "the file can't be read as YAML".to_owned(), BY_HAND))?;
        let page = Page { text: &current, comments };
        let mut round = Round::new(&page, root.as_ref(), &said);
        let left = round.take(&pending).map_err(|trouble| refused(&current, trouble.at, trouble.message, BY_HAND))?;
        let stuck = left.len() == pending.len() && round.patches.is_empty();
        let next = round.patched();
        lost.append(&mut round.lost);
        if stuck {
            return Err(refused(&current, 0, "the edits get in each other's way".to_owned(), BY_HAND));
        }
        if left.is_empty() && next == current {
            break;
        }
        said = meaning(&next).map_err(|_| {
            let place = differs_at(&current, &next);
            refused(
                &current,
                place,
                "the way this place is written can't be edited without breaking it".to_owned(),
                BY_HAND,
            )
        })?;
        current = next;
        pending = left;
    }
    check(text, &current, &said, &wanted, &lost).map_err(|(at, message)| refused(text, at, message, BY_HAND))?;
    Ok(current)
}

/// The first byte in which two texts differ.
fn differs_at(one: &str, other: &str) -> usize {
    let at = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    (0..=at).rev().find(|at| one.is_char_boundary(*at)).unwrap_or(0)
}

/// Whether the result says what was meant and keeps every comment that was not about something that went.
fn check(before: &str, after: &str, said: &Json, wanted: &Json, lost: &[String]) -> Result<(), (usize, String)> {
    let same = said == wanted || (said.is_null() && wanted.as_object().is_some_and(serde_json::Map::is_empty));
    if !same {
        let message = "what is written here stands for more than one place (an anchor with aliases, perhaps), or in a \
                       way that can't be edited";
        return Err((differs_at(before, after), message.to_owned()));
    }
    let all = |text: &str| -> Vec<String> {
        let (_, comments) = read(text).unwrap_or_default();
        comments.into_iter().map(|comment| text.get(comment).unwrap_or_default().trim_end().to_owned()).collect()
    };
    let mut count: BTreeMap<String, i64> = BTreeMap::new();
    for comment in all(after).into_iter().chain(lost.iter().cloned()) {
        *count.entry(comment).or_default() += 1;
    }
    for comment in all(before) {
        let left = count.entry(comment.clone()).or_default();
        *left -= 1;
        if *left < 0 {
            let at = before.find(&comment).unwrap_or(0);
            return Err((at, format!("the comment `{comment}` would be lost")));
        }
    }
    Ok(())
}

/// What is done to one reading of the file.
struct Round<'a> {
    page: &'a Page<'a>,
    root: Option<&'a Shape>,
    said: &'a Json,
    style: Style,
    /// By start; they touch nowhere.
    patches: BTreeMap<usize, Patch>,
    /// Lists and mappings that get or lose something, by their first byte.
    containers: BTreeSet<usize>,
    /// Comments that go with what they are about.
    lost: Vec<String>,
}

impl<'a> Round<'a> {
    fn new(page: &'a Page<'a>, root: Option<&'a Shape>, said: &'a Json) -> Self {
        let style = Style::of(root, page);
        Self { page, root, said, style, patches: BTreeMap::new(), containers: BTreeSet::new(), lost: Vec::new() }
    }

    /// Takes what can be done now and gives back the rest.
    fn take<'e>(&mut self, pending: &[&'e Edit]) -> Result<Vec<&'e Edit>, Trouble> {
        let mut left = Vec::new();
        let mut busy: BTreeSet<&[Step]> = BTreeSet::new();
        for edit in pending {
            let entry = entry(edit);
            let section = entry.get(..1).unwrap_or(entry);
            if busy.contains(entry) || (!entry.is_empty() && busy.contains(section)) {
                busy.insert(entry);
                left.push(*edit);
                continue;
            }
            let Some(operation) = next(self.root, self.said, edit)? else { continue };
            let (patches, container, gone) = self.patches_of(&operation)?;
            busy.insert(entry);
            let free = container.is_none_or(|container| !self.containers.contains(&container));
            if !free || patches.iter().any(|patch| self.touches(patch)) {
                left.push(*edit);
                continue;
            }
            self.containers.extend(container);
            for (start, end) in gone {
                let comments = self.page.comments_in(start, end);
                self.lost.extend(comments.map(|one| self.page.slice(one.start, one.end).trim_end().to_owned()));
            }
            for patch in patches {
                self.patches.insert(patch.start, patch);
            }
            if matches!(edit, Edit::Set { .. }) {
                left.push(*edit);
            }
        }
        Ok(left)
    }

    fn touches(&self, patch: &Patch) -> bool {
        let before = self.patches.range(..=patch.start).next_back();
        let after = self.patches.range(patch.start..).next();
        before.is_some_and(|(_, other)| other.end >= patch.start) || after.is_some_and(|(start, _)| *start <= patch.end)
    }

    fn patched(&self) -> String {
        let mut out = String::with_capacity(self.page.text.len() + 256);
        let mut at = 0;
        for patch in self.patches.values() {
            out.push_str(self.page.slice(at, patch.start));
            out.push_str(&patch.text);
            at = patch.end;
        }
        out.push_str(self.page.slice(at, self.page.text.len()));
        out
    }

    /// Patches, the list or mapping that they change, and the places whose comments may go.
    #[expect(clippy::type_complexity, reason = "taken apart at once")]
    fn patches_of(
        &self,
        operation: &Operation<'_>,
    ) -> Result<(Vec<Patch>, Option<usize>, Vec<(usize, usize)>), Trouble> {
        let (page, style) = (self.page, &self.style);
        let one = |key: &str, value: &Value| vec![member_in_line(key, value)];
        let (patches, container, gone) = match operation {
            Operation::Begin { section, entries } => (style.begin(page, section, entries), Some(0), Vec::new()),
            Operation::Put { map, key, value } if is_flow(map) => {
                (flow::push(page, map, &one(key, value)), Some(map.start), Vec::new())
            }
            Operation::Put { map, key, value } => (style.put(page, map, key, value), Some(map.start), Vec::new()),
            Operation::Append { map, entries, .. } if is_flow(map) => {
                let cells: Vec<String> = entries.iter().map(|(key, value)| member_in_line(key, value)).collect();
                (flow::push(page, map, &cells), Some(map.start), Vec::new())
            }
            Operation::Append { map, section, entries } => {
                (style.append(page, map, section, entries), Some(map.start), Vec::new())
            }
            Operation::Section { map, section, entries } if is_flow(map) => {
                let value = Value::Object(entries.iter().cloned().collect());
                (flow::push(page, map, &one(section, &value)), Some(map.start), Vec::new())
            }
            Operation::Section { map, section, entries } => {
                (style.section(page, map, section, entries), Some(map.start), Vec::new())
            }
            Operation::Fill { slot, entries, .. } if slot.flow => {
                let value = Value::Object(entries.iter().cloned().collect());
                (style.replace(page, *slot, &value)?, Some(slot.node.start), Vec::new())
            }
            Operation::Fill { slot, section, entries } => {
                (style.fill(page, *slot, section, entries)?, Some(slot.node.start), Vec::new())
            }
            Operation::Push { list, items } if is_flow(list) => {
                let cells: Vec<String> = items.iter().map(|item| in_line(item, None, true)).collect();
                (flow::push(page, list, &cells), Some(list.start), Vec::new())
            }
            Operation::Push { list, items } => (style.push(page, list, items), Some(list.start), Vec::new()),
            Operation::Drop { map, at } => self.pulled(map, &[*at])?,
            Operation::Pull { list, at } => self.pulled(list, at)?,
            Operation::Replace { slot, value } => {
                let gone = if value.is_unassigned() && !matches!(value, Value::Null) {
                    cell_lines(page, slot.node)
                } else {
                    Vec::new()
                };
                (style.replace(page, *slot, value)?, Some(slot.node.start), gone)
            }
        };
        Ok((merged(patches), container, gone))
    }

    #[expect(clippy::type_complexity, reason = "taken apart at once")]
    fn pulled(
        &self,
        shape: &Shape,
        gone: &[usize],
    ) -> Result<(Vec<Patch>, Option<usize>, Vec<(usize, usize)>), Trouble> {
        let page = self.page;
        if is_flow(shape) {
            let patches = flow::pull(page, shape, gone);
            let lines = patches.iter().map(|patch| (patch.start, patch.end)).collect();
            // Only whole lines take their comments along.
            let whole = |(start, end): &(usize, usize)| page.slice(*start, *end).starts_with(['\r', '\n']);
            let lines: Vec<(usize, usize)> = Vec::into_iter(lines).filter(whole).collect();
            return Ok((merged(patches), Some(shape.start), lines));
        }
        let cells = flow::cells(shape);
        let mut patches: Vec<Patch> = Vec::new();
        for at in gone {
            let Some((start, end)) = cells.get(*at) else { continue };
            let neighbours = [*at > 0, *at + 1 < cells.len()];
            patches.push(lines_of(page, *start, *end, neighbours)?);
        }
        let lines = patches.iter().map(|patch| (patch.start, patch.end)).collect();
        Ok((merged(patches), Some(shape.start), lines))
    }
}

/// The section and key that an edit is about.
fn entry(edit: &Edit) -> &[Step] {
    match edit {
        Edit::Insert { .. } => &[],
        Edit::Set { path, .. }
        | Edit::Remove { path }
        | Edit::AddItems { path, .. }
        | Edit::RemoveItems { path, .. } => path.get(..2).unwrap_or(path),
    }
}

fn is_flow(shape: &Shape) -> bool {
    matches!(shape.kind, Kind::List { flow: true, .. } | Kind::Map { flow: true, .. })
}

/// Whole lines of the entries of a list or mapping that becomes empty.
fn cell_lines(page: &Page<'_>, shape: &Shape) -> Vec<(usize, usize)> {
    let lines = |(start, end): (usize, usize)| (page.line_start(start), page.line_end(end));
    flow::cells(shape).into_iter().map(lines).collect()
}

/// Patches in order, those that touch or overlap as one.
fn merged(mut patches: Vec<Patch>) -> Vec<Patch> {
    patches.sort_by_key(|patch| (patch.start, patch.end));
    let mut out: Vec<Patch> = Vec::new();
    for patch in patches {
        match out.last_mut() {
            Some(last) if patch.start <= last.end => {
                last.text.push_str(&patch.text);
                last.end = last.end.max(patch.end);
            }
            _ => out.push(patch),
        }
    }
    out
}
