//! What a page needs to know to be a comment: where it goes, how much fits, where its lines lead.

use super::escape::{code, markdown as text};
use super::links::Links;
use crate::plan::Origin;

/// Where a page goes, which says how large it may be. All are counted in bytes, of which no text has fewer than
/// characters, and leave some room for what the one who posts it puts around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// A comment on GitHub: 65,536 characters at most.
    #[default]
    GitHub,
    /// A note on GitLab: 1,000,000 characters at most.
    GitLab,
    /// The summary of a step on GitHub: 1 MiB at most.
    Summary,
    /// A file: as much as there is.
    File,
}

impl Place {
    /// The most bytes of a page.
    pub const fn size(self) -> usize {
        match self {
            Self::GitHub => 65_000,
            Self::GitLab => 990_000,
            Self::Summary => 1_040_000,
            Self::File => usize::MAX,
        }
    }
}

/// How a page becomes a comment.
#[derive(Clone, Debug, Default)]
pub struct Comment {
    /// Where it goes.
    pub place: Place,
    /// Where its lines lead; names of files alone where it is not known.
    pub links: Option<Links>,
    /// Where all of it is to be had, if some of it is left out: an address or the name of an artifact.
    pub full_at: Option<String>,
    /// Fewer bytes than the place takes; not under [`LEAST`].
    pub size: Option<usize>,
}

/// The fewest bytes in which a page still says what matters.
pub const LEAST: usize = 12_000;

impl Comment {
    /// The most bytes of the page.
    pub fn most(&self) -> usize {
        self.size.map_or(self.place.size(), |size| size.max(LEAST))
    }

    /// A place in the files: a link where it is known whereto.
    pub(super) fn line(&self, origin: &Origin) -> String {
        let name = format!("{}:{}", clip(&origin.file, 120), origin.line);
        match &self.links {
            Some(links) => format!("[{}]({})", text(&name), links.to(origin)),
            None => code(&name),
        }
    }

    /// The same after a space; nothing where it is not known.
    pub(super) fn at(&self, origin: Option<&Origin>) -> String {
        origin.map(|origin| format!(" {}", self.line(origin))).unwrap_or_default()
    }

    /// Where all of it is, in words.
    pub(super) fn whole(&self, command: &str) -> String {
        match &self.full_at {
            Some(at) if at.starts_with("https://") || at.starts_with("http://") => {
                let plain =
                    at.len() < 500 && at.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"`|\\".contains(&byte));
                if plain { format!("All of it: <{at}>.") } else { format!("All of it: {}.", text(&clip(at, 300))) }
            }
            Some(at) => format!("All of it: {}.", text(&clip(at, 300))),
            None => format!("`{command}` shows all of it."),
        }
    }
}

/// Text of others, cut where it is long.
pub(super) fn clip(text: &str, most: usize) -> String {
    let mut characters = text.char_indices();
    match characters.nth(most) {
        None => text.trim().to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim()),
    }
}

/// How much still fits. What is asked for first counts most: once something does not fit, nothing after it is taken, so
/// that what is left out is always the least important.
#[derive(Debug)]
pub(super) struct Room {
    left: usize,
    full: bool,
}

impl Room {
    pub(super) fn new(bytes: usize) -> Self {
        Self { left: bytes, full: false }
    }

    /// As many rows as fit, each made only when its turn comes. `frame` is what the first of them costs besides.
    pub(super) fn rows<T>(&mut self, frame: usize, items: &[T], row: impl Fn(&T) -> String) -> Vec<String> {
        let mut rows = Vec::new();
        for item in items {
            if self.full {
                break;
            }
            let row = row(item);
            let cost = row.len() + 1 + if rows.is_empty() { frame } else { 0 };
            if cost > self.left {
                self.full = true;
                break;
            }
            self.left -= cost;
            rows.push(row);
        }
        rows
    }
}
