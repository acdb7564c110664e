//! Edits of lists and mappings over lines, and of single values.

use granit_parser::ScalarStyle;

use super::emit::{STEP, WIDTH, below, entries_lines, in_line, is_airy, is_spreadable, item, member};
use super::operation::{Slot, Trouble};
use super::page::{Page, Patch};
use super::shape::{Kind, Member, Shape};
use super::words::{Quotes, key as key_word, scalar};
use crate::scim::Value;

/// Attributes of people and groups in the order in which they are written; others come behind.
const RANKS: [&str; 32] = [
    "userName",
    "externalId",
    "name",
    "displayName",
    "nickName",
    "description",
    "emails",
    "title",
    "department",
    "division",
    "organization",
    "userType",
    "employeeNumber",
    "costCenter",
    "phoneNumbers",
    "addresses",
    "manager",
    "preferredLanguage",
    "locale",
    "timezone",
    "profileUrl",
    "photos",
    "ims",
    "roles",
    "entitlements",
    "active",
    "starts",
    "ends",
    "members",
    "groups",
    "where",
    "custom",
];

/// Patches, or why there are none.
type Patches = Result<Vec<Patch>, Trouble>;

fn rank(key: &str) -> Option<usize> {
    RANKS.iter().position(|known| *known == key)
}

/// Lines put behind a place that is the end of a line.
fn lines_at(page: &Page<'_>, place: usize, lines: &[String]) -> Patch {
    Patch::at(place, broken(page, lines))
}

/// Lines, a line break before each.
fn broken(page: &Page<'_>, lines: &[String]) -> String {
    lines.iter().flat_map(|line| [page.eol(), line.as_str()]).collect()
}

/// Whether a line without text stands between two places.
fn blank_between(page: &Page<'_>, start: usize, end: usize) -> bool {
    let lines: Vec<&str> = page.slice(start, end).split('\n').skip(1).collect();
    lines.split_last().is_some_and(|(_, between)| between.iter().any(|line| line.trim().is_empty()))
}

/// Blanks by which a section's entries are indented in this file.
fn step(root: Option<&Shape>, page: &Page<'_>) -> usize {
    let Some(Kind::Map { entries, .. }) = root.map(|root| &root.kind) else { return STEP };
    let inner = entries.iter().find_map(|entry| match &entry.value.kind {
        Kind::Map { flow: false, entries: inner } => inner.first().map(|inner| (entry.start, inner.start)),
        _ => None,
    });
    let found = inner.map(|(outer, inner)| page.column(inner).saturating_sub(page.column(outer)));
    found.filter(|step| (1..=8).contains(step)).unwrap_or(STEP)
}

/// The step of a file.
pub(super) struct Style {
    step: usize,
}

impl Style {
    pub(super) fn of(root: Option<&Shape>, page: &Page<'_>) -> Self {
        Self { step: step(root, page) }
    }

    /// The first entries of a file without any.
    pub(super) fn begin(&self, page: &Page<'_>, section: &str, entries: &[(String, Value)]) -> Vec<Patch> {
        let mut lines = vec![format!("{}:", key_word(section, false))];
        lines.extend(entries_lines(section, entries, self.step, self.step, is_airy(section)));
        let marker = |line: &&str| line.trim_end() == "..." || line.starts_with("... ");
        let body = match page.text.split_inclusive('\n').find(marker) {
            Some(line) => page.text.find(line).unwrap_or(page.text.len()),
            None => page.text.len(),
        };
        let written = page.slice(0, body).trim_end();
        if written.trim_start_matches('\u{feff}').is_empty() {
            let mut text = lines.join(page.eol());
            text.push_str(page.eol());
            return vec![Patch::new(written.len(), body, text)];
        }
        let mut patches = vec![lines_at(page, written.len(), &lines)];
        if !page.slice(written.len(), page.text.len()).contains('\n') {
            patches.push(Patch::at(page.text.len(), page.eol()));
        }
        patches
    }

    /// Entries at the end of a section.
    pub(super) fn append(&self, page: &Page<'_>, map: &Shape, section: &str, new: &[(String, Value)]) -> Vec<Patch> {
        let Kind::Map { entries, .. } = &map.kind else { return Vec::new() };
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Vec::new() };
        let airy = match entries.as_slice() {
            [.., before, last] => blank_between(page, before.end(), last.start),
            _ => is_airy(section) && !page.same_line(last.start, last.end()),
        };
        let column = page.column(first.start);
        let mut lines = if airy { vec![String::new()] } else { Vec::new() };
        lines.extend(entries_lines(section, new, column, self.step, airy));
        vec![lines_at(page, page.foot(last.end(), column), &lines)]
    }

    /// A section at the end of a file.
    pub(super) fn section(&self, page: &Page<'_>, map: &Shape, section: &str, new: &[(String, Value)]) -> Vec<Patch> {
        let Kind::Map { entries, .. } = &map.kind else { return Vec::new() };
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Vec::new() };
        let column = page.column(first.start);
        let mut lines = vec![String::new(), format!("{}{}:", " ".repeat(column), key_word(section, false))];
        lines.extend(entries_lines(section, new, column + self.step, self.step, is_airy(section)));
        vec![lines_at(page, page.foot(last.end(), column), &lines)]
    }

    /// The first entries of a section that is empty.
    pub(super) fn fill(&self, page: &Page<'_>, slot: Slot<'_>, section: &str, new: &[(String, Value)]) -> Patches {
        let (key, colon) = colon(slot)?;
        let column = page.column(key.start) + self.step;
        let lines = entries_lines(section, new, column, self.step, is_airy(section));
        Ok(spread(page, colon, slot.node, &lines))
    }

    /// An entry of a mapping over lines, behind those that usually stand before it.
    pub(super) fn put(&self, page: &Page<'_>, map: &Shape, key: &str, value: &Value) -> Vec<Patch> {
        let Kind::Map { entries, .. } = &map.kind else { return Vec::new() };
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Vec::new() };
        let column = page.column(first.start);
        let mut lines = Vec::new();
        member(&mut lines, column, self.step, key, value);
        let earlier = |entry: &&Member| rank(&entry.key).zip(rank(key)).is_some_and(|(entry, new)| entry < new);
        let behind = rank(key).and_then(|_| entries.iter().rev().find(earlier)).unwrap_or(last);
        let is_last = behind.start == last.start;
        let place = if is_last { page.foot(behind.end(), column) } else { page.line_end(behind.end()) };
        vec![lines_at(page, place, &lines)]
    }

    /// Items at the end of a list over lines.
    pub(super) fn push(&self, page: &Page<'_>, list: &Shape, new: &[Value]) -> Vec<Patch> {
        let Kind::List { items, .. } = &list.kind else { return Vec::new() };
        let Some(last) = items.last() else { return Vec::new() };
        let column = page.column(list.start);
        let mut lines = Vec::new();
        for one in new {
            item(&mut lines, column, self.step, one);
        }
        vec![lines_at(page, page.foot(last.end, column), &lines)]
    }

    /// Another value behind a colon or a dash.
    pub(super) fn replace(&self, page: &Page<'_>, slot: Slot<'_>, value: &Value) -> Patches {
        let node = slot.node;
        let Some(member) = slot.member else {
            if node.is_block() || node.is_blank() {
                return Err(Trouble::new(node.start, "an item over lines would become another one"));
            }
            return Ok(vec![Patch::new(node.start, node.end, written(node, value, None, slot.flow))]);
        };
        let (_, colon) = colon(slot)?;
        let short = written(node, value, Some(&member.key), slot.flow);
        let column = page.column(member.start);
        let wide = column + key_word(&member.key, false).chars().count() + 2 + short.chars().count() > WIDTH;
        if wide && !slot.flow && is_spreadable(value) {
            let mut lines = Vec::new();
            below(&mut lines, column + self.step, self.step, value);
            return Ok(spread(page, colon, node, &lines));
        }
        if node.is_block() {
            let mut patches = spread(page, colon, node, &[]);
            patches.insert(0, Patch::at(colon, format!(" {short}")));
            return Ok(patches);
        }
        let start = content_start(page, colon, node);
        let blank = if start == colon { " " } else { "" };
        Ok(vec![Patch::new(start, node.end.max(start), format!("{blank}{short}"))])
    }
}

/// The key and the place behind its colon.
fn colon(slot: Slot<'_>) -> Result<(&Member, usize), Trouble> {
    let member = slot.member.ok_or_else(|| Trouble::new(slot.node.start, "the place has no key"))?;
    let colon =
        member.colon.ok_or_else(|| Trouble::new(member.start, "the key is written in the long form (`? key`)"))?;
    Ok((member, colon))
}

/// Where a value starts: its anchor, tag or `|` included.
fn content_start(page: &Page<'_>, colon: usize, node: &Shape) -> usize {
    if node.is_blank() {
        return colon;
    }
    page.first_token(colon, node.start).unwrap_or(node.start)
}

/// Writes lines where a value stood behind a colon; a comment behind the colon stays.
fn spread(page: &Page<'_>, colon: usize, node: &Shape, lines: &[String]) -> Vec<Patch> {
    let start = content_start(page, colon, node);
    let new = broken(page, lines);
    let end = node.end.max(start);
    if page.same_line(colon, start) && !node.is_block() {
        let blank = page.slice(colon, start).len() - page.slice(colon, start).trim_end().len();
        return vec![Patch::new(start - blank, end, ""), Patch::at(page.line_end(end), new)];
    }
    let head = page.line_end(colon);
    vec![Patch::new(head, page.line_end(end).max(head), new)]
}

/// A value in one line, quoted like the one before.
fn written(node: &Shape, value: &Value, key: Option<&str>, flow: bool) -> String {
    let quotes = match node.kind {
        Kind::Scalar(ScalarStyle::SingleQuoted) => Quotes::Single,
        Kind::Scalar(ScalarStyle::DoubleQuoted) => Quotes::Double,
        _ => Quotes::Least,
    };
    match value {
        Value::Array(_) | Value::Object(_) => in_line(value, key, flow),
        scalar_value => scalar(scalar_value, key, flow, quotes),
    }
}

/// Lines that go: those of an entry, with the comment that is its alone and one of the blank lines around it.
pub(super) fn lines_of(page: &Page<'_>, start: usize, end: usize, neighbours: [bool; 2]) -> Result<Patch, Trouble> {
    let lead = page.before(start);
    if !lead.trim_start_matches(' ').trim_start_matches('-').trim().is_empty() || lead.matches('-').count() > 1 {
        return Err(Trouble::new(start, "it starts in the middle of a line"));
    }
    let [has_before, has_after] = neighbours;
    let mut end = page.line_end(end);
    let blank = |end: Option<usize>| end.is_some_and(|end| page.line(end).trim().is_empty());
    let ends_paragraph = page.next_line(end).is_none_or(|next| page.line(next).trim().is_empty()) || !has_after;
    let mut before = page.previous_end(start);
    if ends_paragraph {
        // Comments between a blank line and this entry alone are about it.
        let mut above = before;
        while above.is_some_and(|above| page.line(above).trim_start().starts_with('#')) {
            above = above.and_then(|above| page.previous_end(above));
        }
        if blank(above) && has_before {
            before = above;
        }
        if blank(before) && (has_before || page.next_line(end).is_none()) {
            while blank(before) {
                before = before.and_then(|before| page.previous_end(before));
            }
        } else if has_after {
            while let Some(next) = page.next_line(end).filter(|next| page.line(*next).trim().is_empty()) {
                end = page.line_end(next);
            }
        }
    }
    Ok(match before {
        Some(before) => Patch::new(before, end, ""),
        None => Patch::new(page.line_start(start), page.next_line(end).unwrap_or(end), ""),
    })
}
