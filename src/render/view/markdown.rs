//! A document as Markdown: names are cut to what a line can hold, rows stand open or behind a fold.

use crate::access::Place;
use crate::plan::MemberRef;
use crate::render::comment::clip;
use crate::render::escape::{code, markdown as text};
use crate::scim::ResourceKind;

/// Characters of a name, a key or a path.
pub(in crate::render) const NAME: usize = 80;

/// A name of others.
pub(in crate::render) fn name(name: &str) -> String {
    text(&clip(name, NAME))
}

/// A key or a path.
pub(in crate::render) fn key(key: &str) -> String {
    code(&clip(key, NAME))
}

/// A name with its key.
pub(in crate::render) fn who(named: &str, by: &str) -> String {
    format!("<b>{}</b> ({})", name(named), key(by))
}

/// A member, by name.
pub(in crate::render) fn member(member: &MemberRef) -> String {
    let nested = if member.resource == ResourceKind::Group { "group " } else { "" };
    format!("{nested}{}", name(&member.name))
}

/// A place of the repository; nothing where places are withheld.
pub(in crate::render) fn place(place: &Place) -> String {
    if place.file.is_empty() { String::new() } else { code(&place.to_string()) }
}

/// Rows of a list, or of a table whose head comes first; nothing where there are none.
pub(in crate::render) fn rows(page: &mut String, head: &str, rows: &[String]) {
    if !rows.is_empty() {
        page.push_str(head);
        for row in rows {
            page.extend([row, "\n"]);
        }
        page.push('\n');
    }
}

/// The same behind a fold.
pub(in crate::render) fn fold(page: &mut String, title: &str, head: &str, folded: &[String]) {
    if !folded.is_empty() {
        page.extend(["<details><summary>", title, "</summary>\n\n"]);
        rows(page, head, folded);
        page.push_str("</details>\n\n");
    }
}

/// Rows that stand open, and those behind a fold. What would only be hidden to save a line or two stands open.
pub(in crate::render) fn split(rows: &[String], open: usize) -> (&[String], &[String]) {
    rows.split_at_checked(open).filter(|(_, rest)| rest.len() > 2).unwrap_or((rows, &[]))
}
