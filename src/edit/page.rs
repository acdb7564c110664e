//! A text and its lines.

use super::shape::Comment;

/// A text that is edited, with its comments in the order of the text.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) comments: Vec<Comment>,
}

/// Bytes that are replaced.
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

impl Patch {
    pub(super) fn new(start: usize, end: usize, text: impl Into<String>) -> Self {
        Self { start, end, text: text.into() }
    }

    /// Puts text at a place.
    pub(super) fn at(place: usize, text: impl Into<String>) -> Self {
        Self::new(place, place, text)
    }
}

impl Page<'_> {
    /// Text of a range; nothing where there is none.
    pub(super) fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The line break of this file.
    pub(super) fn eol(&self) -> &'static str {
        let first = self.text.find('\n').and_then(|at| at.checked_sub(1)).and_then(|at| self.text.as_bytes().get(at));
        if first == Some(&b'\r') { "\r\n" } else { "\n" }
    }

    /// First byte of the line of a byte; a byte order mark is no part of it.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let start = self.slice(0, at).rfind('\n').map_or(0, |found| found + 1);
        if start == 0 && self.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8().min(at) } else { start }
    }

    /// The end of the line of a byte, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let end = rest.find('\n').map_or(self.text.len(), |found| at + found);
        if end > at && self.text.as_bytes().get(end - 1) == Some(&b'\r') { end - 1 } else { end }
    }

    /// First byte of the next line, if there is one.
    pub(super) fn next_line(&self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        rest.find('\n').map(|found| at + found + 1).filter(|next| *next < self.text.len())
    }

    /// The end of the line before, before its line break; `None` on the first line.
    pub(super) fn previous_end(&self, at: usize) -> Option<usize> {
        let start = self.slice(0, at).rfind('\n')?;
        let end = if start > 0 && self.text.as_bytes().get(start - 1) == Some(&b'\r') { start - 1 } else { start };
        Some(end)
    }

    /// Characters between the start of its line and a byte.
    pub(super) fn column(&self, at: usize) -> usize {
        self.slice(self.line_start(at), at).chars().count()
    }

    /// Text of the line before a byte.
    pub(super) fn before(&self, at: usize) -> &str {
        self.slice(self.line_start(at), at)
    }

    /// Whether two bytes are on one line.
    pub(super) fn same_line(&self, one: usize, other: usize) -> bool {
        !self.slice(one.min(other), one.max(other)).contains('\n')
    }

    /// The whole line of a byte, without its break.
    pub(super) fn line(&self, at: usize) -> &str {
        self.slice(self.line_start(at), self.line_end(at))
    }

    /// Comments that lie within a range.
    pub(super) fn comments_in(&self, start: usize, end: usize) -> impl Iterator<Item = &Comment> {
        let first = self.comments.partition_point(|comment| comment.start < start);
        self.comments.get(first..).unwrap_or_default().iter().take_while(move |comment| comment.end <= end)
    }

    /// First byte of a range that is neither blank nor part of a comment.
    pub(super) fn first_token(&self, start: usize, end: usize) -> Option<usize> {
        let mut at = start;
        loop {
            let rest = self.slice(at, end);
            let next = at + (rest.len() - rest.trim_start().len());
            if next >= end {
                return None;
            }
            match self.comments_in(next, self.text.len()).next().filter(|comment| comment.start == next) {
                Some(comment) => at = comment.end,
                None => return Some(next),
            }
        }
    }

    /// Where something can be put below a block whose last line holds byte `end` and whose entries stand at a column:
    /// behind that line and behind the comments that are indented as far.
    pub(super) fn foot(&self, end: usize, column: usize) -> usize {
        let mut foot = self.line_end(end);
        let mut at = foot;
        while let Some(next) = self.next_line(at) {
            let line = self.line(next);
            let indent = line.len() - line.trim_start_matches(' ').len();
            if line.trim_start_matches(' ').starts_with('#') && indent >= column {
                foot = self.line_end(next);
            } else if !line.trim().is_empty() {
                break;
            }
            at = next;
        }
        foot
    }
}
