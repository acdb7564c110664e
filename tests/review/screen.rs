//! What a reviewer sees of a comment before scrolling or opening anything.

use std::collections::BTreeSet;

/// Lines and characters of a first screen.
const LINES: usize = 40;
const CHARACTERS: usize = 3_000;

pub struct Screen {
    /// The lines as they are written, folds closed.
    lines: Vec<String>,
}

impl Screen {
    pub fn first(page: &str) -> Self {
        let mut lines = Vec::new();
        let (mut folds, mut seen) = (0, 0);
        for line in page.lines() {
            let opens = line.starts_with("<details>");
            if line.starts_with("</details>") {
                folds -= 1;
                continue;
            }
            folds += usize::from(opens);
            let hidden = line.starts_with("<!--") || line.starts_with("|---") || (folds > 0 && !opens);
            if hidden || line.is_empty() {
                continue;
            }
            seen += shown(line).chars().count();
            if lines.len() == LINES || seen > CHARACTERS {
                break;
            }
            lines.push(line.to_owned());
        }
        Self { lines }
    }

    pub fn text(&self) -> String {
        self.lines.iter().map(|line| shown(line)).collect::<Vec<_>>().join("\n")
    }

    pub fn verdict(&self) -> String {
        shown(&self.lines[0])
    }

    /// `Name: what at target`, one for each thing that somebody is said to lose.
    pub fn claims(&self) -> BTreeSet<String> {
        self.lines.iter().flat_map(|line| claims(line)).collect()
    }

    /// Whether the table of accesses has a row.
    pub fn counts(&self, what: &str, lost: &str) -> bool {
        let row = format!("| {what} | {lost} |");
        self.lines.iter().any(|line| shown(line).starts_with(&row))
    }

    /// A line that speaks of a loss and is no claim, nor a heading.
    pub fn other_claims(&self) -> Option<String> {
        let headings = ["**Lose access**", "### Who loses and who gains access", "| access | people who lose it"];
        let mut lines = self.lines.iter().skip(1).filter(|line| !headings.iter().any(|head| line.starts_with(head)));
        let speaks = |line: &&String| {
            let mut rest = (*line).clone();
            while let Some((before, _, after)) = bold(&rest) {
                rest = format!("{before}{after}");
            }
            let rest = quotations_out(&shown(&rest)).replace("loses nothing", "");
            rest.contains("lose") && !line.starts_with("<details><summary>")
        };
        lines.find(speaks).cloned()
    }
}

/// The first bold part of a line as it is written, what is before and what is after. A `<` of a name is never written so.
fn bold(line: &str) -> Option<(String, String, String)> {
    let (before, rest) = line.split_once("<b>")?;
    let (inside, after) = rest.split_once("</b>")?;
    Some((before.to_owned(), inside.to_owned(), after.to_owned()))
}

fn quotations_out(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('“') {
        out.push_str(before);
        rest = after.split_once('”').map_or("", |(_, after)| after);
    }
    out + rest
}

fn claims(line: &str) -> Vec<String> {
    let mut claims = Vec::new();
    let Some((start, name, mut rest)) = bold(line).filter(|(start, ..)| start == "- ") else { return claims };
    assert_eq!(start, "- ");
    let name = shown(&name);
    while let Some((_, claim, after)) = bold(&rest) {
        let claim = shown(&claim);
        let what = claim.strip_prefix("loses ").unwrap_or_else(|| panic!("{claim}"));
        let (what, with) = what.split_once(" and with it ").unwrap_or((what, ""));
        let (groups, targets) = what.trim_end_matches(" (deleted)").rsplit_once(" at ").unwrap();
        for target in listed(targets) {
            let all = listed(groups).into_iter().chain(listed(with));
            claims.extend(all.map(|group| format!("{name}: {group} at {target}")));
        }
        rest = after;
    }
    claims
}

/// "a, b and c" taken apart.
fn listed(text: &str) -> Vec<String> {
    let parts = text.split(", ").flat_map(|part| part.split(" and "));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A line as it is shown: no marks, no tags, no escapes.
pub fn shown(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let text = text.trim_start_matches("## ").replace("**", "").replace("&#8203;", "").replace("&#124;", "|");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            '`' => {}
            other => plain.push(other),
        }
    }
    plain
}
