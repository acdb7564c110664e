//! A document for a terminal: lines in colours, broken between words where they are wider than it.

use anstyle::AnsiColor;
pub(in crate::render) use anstyle::Style;
use unicode_width::UnicodeWidthStr as _;

use crate::access::Place;
use crate::plan::{MemberRef, Origin};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::scim::ResourceKind;

pub(in crate::render) const BOLD: Style = Style::new().bold();
pub(in crate::render) const DIM: Style = Style::new().dimmed();
pub(in crate::render) const RED: Style = AnsiColor::Red.on_default();
pub(in crate::render) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(in crate::render) const GREEN: Style = AnsiColor::Green.on_default();
pub(in crate::render) const CYAN: Style = AnsiColor::Cyan.on_default();

/// The text so far, and how it is written.
pub(in crate::render) struct Page<'a> {
    pub(in crate::render) text: String,
    pub(in crate::render) look: &'a Look,
}

impl<'a> Page<'a> {
    pub(in crate::render) fn new(look: &'a Look) -> Self {
        Self { text: String::new(), look }
    }

    /// Text in a style, where colours are written.
    pub(in crate::render) fn paint(&self, style: Style, text: &str) -> String {
        self.look.paint(style, text)
    }

    /// A line whose further lines begin at a column.
    pub(in crate::render) fn line(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.line(text, hanging));
    }

    /// The same for sentences.
    pub(in crate::render) fn prose(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.prose(text, hanging));
    }

    /// A sentence whose further lines are moved in by two.
    pub(in crate::render) fn said(&mut self, text: &str) {
        let indent = text.len() - text.trim_start_matches(' ').len();
        self.prose(text, indent + 2);
    }

    /// The head of a part, after an empty line where something stands before it.
    pub(in crate::render) fn section(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.blank();
        }
        self.line(&self.paint(BOLD, &terminal(title)), 4);
    }

    /// An empty line.
    pub(in crate::render) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A place of the repository, a link where there are links; nothing where places are withheld.
    pub(in crate::render) fn place(&self, place: &Place) -> String {
        if place.file.is_empty() { String::new() } else { self.paint(DIM, &self.look.place(&place.file, place.line)) }
    }

    /// The same of a plan's.
    pub(in crate::render) fn origin(&self, origin: &Origin) -> String {
        self.look.place(&origin.file, origin.line)
    }
}

/// How many more there are of what is shown only in part.
pub(in crate::render) fn rest(more: usize, what: &str) -> String {
    format!("and {more} more{what} (-v shows all)")
}

/// The name of a member with its key.
pub(in crate::render) fn member(member: &MemberRef) -> String {
    let nested = if member.resource == ResourceKind::Group { "group " } else { "" };
    format!("{nested}{}", named(&member.name, member.key.as_deref()))
}

/// `Ada Byron (ada)`; the name alone where the key says the same.
pub(in crate::render) fn named(name: &str, key: Option<&str>) -> String {
    let key = key.filter(|key| *key != name).map(|key| format!(" ({})", terminal(key)));
    format!("{}{}", terminal(name), key.unwrap_or_default())
}

/// The columns that text takes once it is made harmless.
fn width(text: &str) -> usize {
    terminal(text).width()
}

/// The columns of the widest of some cells, as far as it does not push its neighbours away.
pub(in crate::render) fn widest<T: AsRef<str>>(cells: impl IntoIterator<Item = T>, most: usize) -> usize {
    cells.into_iter().map(|cell| width(cell.as_ref())).max().unwrap_or(0).min(most)
}

/// Harmless text, filled with spaces up to a column.
pub(in crate::render) fn padded(text: &str, columns: usize) -> String {
    format!("{}{}", terminal(text), " ".repeat(columns.saturating_sub(width(text))))
}
