//! How text for people is written: colours, columns, links, folding. What a terminal can is told by the caller.

use std::fmt::Write as _;

use anstyle::Style;

use super::escape::terminal;
use super::wrap::wrapped;
use crate::scim::percent::{self, AsciiSet};
use crate::wording::list;

/// How text for people is written. The default is for a file or a pipe: no colour, no links, lines as long as they are.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Whether ANSI colours are written. They only stress what the words say.
    pub color: bool,
    /// Whether nothing is folded.
    pub everything: bool,
    /// Columns at which lines are broken between words; none where they are not broken, so that one can search them.
    pub width: Option<usize>,
    /// Where places in files lead; none where they are plain text.
    pub links: Option<Links>,
}

/// Prose is broken at this many columns after its first word, however wide the terminal is: longer lines are hard to read.
const MEASURE: usize = 100;

impl Look {
    /// Text in a style, where colours are written.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.color && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// A place of the repository as `file:line`, harmless, and a link to it where there are links.
    pub fn place(&self, file: &str, line: u32) -> String {
        let shown = format!("{}:{line}", terminal(file));
        match &self.links {
            Some(links) => links.around(file, line, &shown),
            None => shown,
        }
    }

    /// How many of a row of things are shown, where so many are the most. What would only be hidden to save a line or two
    /// is shown.
    pub fn fold(&self, number: usize, most: usize) -> usize {
        if self.everything || number <= most + 2 { number } else { most }
    }

    /// A line, broken between words where it is wider than the terminal; further lines begin at the column `hanging`. Text
    /// may hold colours and links of this module, and must be escaped otherwise.
    pub fn line(&self, text: &str, hanging: usize) -> String {
        let text = text.trim_end();
        match self.width {
            Some(width) => wrapped(text, width, hanging).join("\n") + "\n",
            None => format!("{text}\n"),
        }
    }

    /// The same for prose, whose lines are never very long.
    pub fn prose(&self, text: &str, hanging: usize) -> String {
        let narrowed = self.width.map(|width| width.min(hanging + MEASURE));
        Self { width: narrowed, links: None, ..*self }.line(text, hanging)
    }

    /// Columns that a table may take; very many where lines are not broken.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(usize::MAX)
    }
}

/// Makes `file:line` a link (OSC 8), by a format as ripgrep's `--hyperlink-format` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    format: String,
    host: String,
    root: String,
}

/// Formats by name, as ripgrep names them.
const NAMED: &[(&str, &str)] = &[
    ("cursor", "cursor://file{path}:{line}"),
    ("default", "file://{host}{path}"),
    ("file", "file://{host}{path}"),
    ("grep+", "grep+://{path}:{line}"),
    ("kitty", "file://{host}{path}#{line}"),
    ("macvim", "mvim://open?url=file://{path}&line={line}"),
    ("textmate", "txmt://open?url=file://{path}&line={line}"),
    ("vscode", "vscode://file{path}:{line}"),
    ("vscode-insiders", "vscode-insiders://file{path}:{line}"),
    ("vscodium", "vscodium://file{path}:{line}"),
    ("zed", "zed://file{path}:{line}"),
];

impl Links {
    /// Links to files under `root`, an absolute path. `format` is a name (`default`, `vscode`, `kitty`, …) or an address
    /// with `{path}` and, if wanted, `{host}`, `{line}` and `{column}`. Says why where it is neither.
    pub fn new(format: &str, host: &str, root: &[u8]) -> Result<Self, String> {
        let named = NAMED.iter().find(|(name, _)| *name == format).map(|(_, format)| *format);
        let format = named.unwrap_or(format);
        if !format.contains("{path}") {
            let names = list(NAMED.iter().map(|(name, _)| name));
            return Err(format!("`{}` has no `{{path}}` and is none of {names}", terminal(format)));
        }
        // What is no part of an address would end the escape sequence early.
        if format.chars().any(|sign| !sign.is_ascii_graphic()) {
            return Err(format!("`{}` holds signs that no address has", terminal(format)));
        }
        let mut root = encoded(root);
        if !root.starts_with('/') {
            root.insert(0, '/');
        }
        let root = root.trim_end_matches('/').to_owned();
        Ok(Self { format: format.to_owned(), host: encoded(host.as_bytes()), root })
    }

    /// The address of a place, from the repository's root on.
    pub fn address(&self, file: &str, line: u32) -> String {
        let path = format!("{}/{}", self.root, encoded(file.as_bytes()));
        let mut address = String::new();
        let mut rest = self.format.as_str();
        // From left to right, so that nothing in a path is taken for a placeholder.
        while let Some((before, after)) = rest.split_once('{') {
            address.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                address.push('{');
                rest = after;
                continue;
            };
            match name {
                "host" => address.push_str(&self.host),
                "path" => address.push_str(&path),
                "line" => drop(write!(address, "{line}")),
                "column" => address.push('1'),
                _ => {}
            }
            rest = after;
        }
        address + rest
    }

    /// Text that leads to a place.
    pub fn around(&self, file: &str, line: u32, shown: &str) -> String {
        format!("\u{1b}]8;;{}\u{1b}\\{shown}\u{1b}]8;;\u{1b}\\", self.address(file, line))
    }
}

/// A path as part of an address.
fn encoded(path: &[u8]) -> String {
    if cfg!(windows) {
        const COLON: &AsciiSet = &percent::PATH.remove(b':');
        let path: Vec<u8> = path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect();
        return percent::encode(&path, COLON).to_string();
    }
    percent::encode(path, percent::PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(format: &str) -> Links {
        Links::new(format, "laptop", b"/home/ada/repo").unwrap()
    }

    #[test]
    fn a_place_leads_to_its_file_as_editors_write_it() {
        assert_eq!(links("default").address("people/ada.yaml", 7), "file://laptop/home/ada/repo/people/ada.yaml");
        assert_eq!(links("vscode").address("a.yaml", 7), "vscode://file/home/ada/repo/a.yaml:7");
        assert_eq!(links("x://{path}?{line},{column}").address("a.yaml", 7), "x:///home/ada/repo/a.yaml?7,1");
    }

    #[test]
    fn a_hostile_path_cannot_leave_its_link() {
        let look = Look { links: Some(links("default")), ..Look::default() };
        let place = look.place("a\u{1b}\\\u{7}{line} ü.yaml", 3);
        assert_eq!(place.matches('\u{1b}').count(), 4, "{place:?}");
        assert!(place.contains("a%1B%5C%07%7Bline%7D%20%C3%BC.yaml"), "{place:?}");
        assert!(!place.contains('\u{7}'), "{place:?}");
    }

    #[test]
    fn a_wrong_format_is_told() {
        assert!(Links::new("emacs", "", b"/").unwrap_err().contains("vscode"));
        assert!(Links::new("x:{path}\u{7}", "", b"/").is_err());
    }
}
