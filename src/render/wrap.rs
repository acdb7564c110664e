//! Breaks a line between words. Colours and links are closed at the end of each line and opened again in the next one, so
//! that a pager or a terminal that reads line by line shows them right.

use textwrap::core::display_width;
use unicode_width::UnicodeWidthChar as _;

/// A word with the spaces before it.
struct Word<'a> {
    spaces: usize,
    text: &'a str,
    width: usize,
}

/// Lines of at most `width` columns. Further lines begin at the column `hanging`, or as far left as a long word needs; a
/// word is broken only where it is longer than a whole line.
pub(super) fn wrapped(text: &str, width: usize, hanging: usize) -> Vec<String> {
    let width = width.max(20);
    if display_width(text) <= width {
        return vec![text.to_owned()];
    }
    let hanging = hanging.min(width / 2);
    let mut all = Lines { ended: Vec::new(), line: String::new(), column: 0, empty: true, open: Open::default() };
    for word in words(text) {
        if word.width > 0 && !all.empty && all.column + word.spaces + word.width > width {
            all.next(hanging.min(width.saturating_sub(word.width)));
            all.word(&word, width, hanging);
        } else {
            all.spaces(word.spaces);
            all.word(&word, width, hanging);
        }
    }
    all.ended.push(all.line);
    all.ended
}

struct Lines<'a> {
    ended: Vec<String>,
    line: String,
    column: usize,
    /// Whether no word stands in the line yet.
    empty: bool,
    open: Open<'a>,
}

impl<'a> Lines<'a> {
    fn spaces(&mut self, number: usize) {
        self.line.extend(std::iter::repeat_n(' ', number));
        self.column += number;
    }

    fn next(&mut self, indent: usize) {
        let mut ended = std::mem::take(&mut self.line);
        ended.truncate(ended.trim_end_matches(' ').len());
        self.open.close(&mut ended);
        self.ended.push(ended);
        self.column = 0;
        self.empty = true;
        self.spaces(indent);
        self.open.again(&mut self.line);
    }

    fn word(&mut self, word: &Word<'a>, width: usize, hanging: usize) {
        for part in parts(word.text) {
            if part.starts_with('\u{1b}') {
                self.open.saw(part);
                self.line.push_str(part);
                continue;
            }
            for sign in part.chars() {
                let wide = sign.width().unwrap_or(0);
                if self.column + wide > width && !self.empty {
                    self.next(hanging);
                }
                self.line.push(sign);
                self.column += wide;
                self.empty = false;
            }
        }
    }
}

/// What is open at a place: colours and a link.
#[derive(Default)]
struct Open<'a> {
    styles: Vec<&'a str>,
    link: Option<&'a str>,
}

const LINK: &str = "\u{1b}]8;;";
const LINK_END: &str = "\u{1b}]8;;\u{1b}\\";
const RESET: &str = "\u{1b}[0m";

impl<'a> Open<'a> {
    fn saw(&mut self, sequence: &'a str) {
        if sequence == RESET {
            self.styles.clear();
        } else if sequence.starts_with(LINK) {
            self.link = (sequence != LINK_END).then_some(sequence);
        } else {
            self.styles.push(sequence);
        }
    }

    fn close(&self, line: &mut String) {
        if self.link.is_some() {
            line.push_str(LINK_END);
        }
        if !self.styles.is_empty() {
            line.push_str(RESET);
        }
    }

    fn again(&self, line: &mut String) {
        self.styles.iter().chain(&self.link).for_each(|sequence| line.push_str(sequence));
    }
}

/// Escape sequences and what stands between them.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = match rest.strip_prefix('\u{1b}') {
            None if rest.is_empty() => return None,
            None => rest.find('\u{1b}').unwrap_or(rest.len()),
            Some(sequence) => 1 + sequence_length(sequence),
        };
        let (part, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(part)
    })
}

/// How long an escape sequence is after its first sign.
fn sequence_length(after: &str) -> usize {
    if after.starts_with(']') {
        return after.find("\u{1b}\\").map_or(after.len(), |end| end + 2);
    }
    after.find(|sign: char| sign.is_ascii_alphabetic()).map_or(after.len(), |end| end + 1)
}

/// Words and the spaces before each.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let trimmed = rest.trim_start_matches(' ');
        let spaces = rest.len() - trimmed.len();
        let end = trimmed.find(' ').unwrap_or(trimmed.len());
        let (word, after) = trimmed.split_at_checked(end).unwrap_or((trimmed, ""));
        words.push(Word { spaces, text: word, width: display_width(word) });
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, width: usize, hanging: usize) -> Vec<String> {
        wrapped(text, width, hanging)
    }

    #[test]
    fn lines_are_broken_between_words_and_hang_below_their_text() {
        let text = "  note  the quick brown fox jumps over the lazy dog";
        assert_eq!(plain(text, 24, 8), ["  note  the quick brown", "        fox jumps over", "        the lazy dog"]);
        assert_eq!(plain(text, 80, 8), [text]);
    }

    #[test]
    fn a_long_word_moves_left_before_it_is_broken() {
        let text = format!("          a {}", "x".repeat(18));
        assert_eq!(plain(&text, 20, 10), ["          a".to_owned(), format!("  {}", "x".repeat(18))]);
        let longer = plain(&format!("ab {}", "x".repeat(30)), 20, 4);
        assert_eq!(longer, ["ab".to_owned(), "x".repeat(20), format!("    {}", "x".repeat(10))]);
    }

    #[test]
    fn wide_signs_count_as_two_columns() {
        let lines = plain("名前 名前 名前 名前 名前 名前", 20, 2);
        assert_eq!(lines, ["名前 名前 名前 名前", "  名前 名前"]);
    }

    #[test]
    fn colours_and_links_are_closed_and_opened_again() {
        let text = "\u{1b}[2m\u{1b}]8;;x://y\u{1b}\\one two three four five six\u{1b}]8;;\u{1b}\\\u{1b}[0m end";
        let lines = plain(text, 20, 2);
        assert_eq!(lines[0], "\u{1b}[2m\u{1b}]8;;x://y\u{1b}\\one two three four\u{1b}]8;;\u{1b}\\\u{1b}[0m");
        assert_eq!(lines[1], "  \u{1b}[2m\u{1b}]8;;x://y\u{1b}\\five six\u{1b}]8;;\u{1b}\\\u{1b}[0m end");
    }
}
