//! From a range in a YAML scalar's text to the characters in the file that wrote it.

use std::ops::Range;

use super::{SourceMap, Span};

impl SourceMap {
    /// Where some bytes of a scalar's text stand, for a scalar at `span` in any of YAML's styles: escapes, doubled
    /// quotation marks, indentation and folded lines are stepped over. The whole scalar if its text can't be followed.
    pub fn within(&self, span: Span, text: &str, range: &Range<usize>) -> Span {
        let raw = self.text(span);
        let Some(found) = align(raw, text, range) else { return span };
        let at = |offset: usize| {
            u32::try_from(offset).map_or(span.end, |offset| span.start.saturating_add(offset).min(span.end))
        };
        Span { file: span.file, start: at(found.start), end: at(found.end) }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Single,
    Double,
}

fn align(raw: &str, text: &str, range: &Range<usize>) -> Option<Range<usize>> {
    let (style, mut at) = match raw.as_bytes().first()? {
        b'"' => (Style::Double, 1),
        b'\'' => (Style::Single, 1),
        b'|' | b'>' => (Style::Plain, raw.find('\n')? + 1),
        _ => (Style::Plain, 0),
    };
    let mut start = None;
    let mut end = None;
    for (offset, sign) in text.char_indices() {
        if offset >= range.end {
            break;
        }
        let here = skip(raw, at, sign, style);
        at = here + width(raw.get(here..)?, sign, style)?;
        if offset >= range.start {
            start.get_or_insert(here);
            end = Some(at);
        }
    }
    // A range at the end of the text, such as "something is missing here".
    let start = start.unwrap_or(at);
    Some(start..end.unwrap_or(start))
}

/// Steps over what stands in the file and not in the text: indentation, folded line breaks, escaped line breaks.
fn skip(raw: &str, mut at: usize, sign: char, style: Style) -> usize {
    if sign.is_whitespace() {
        return at;
    }
    loop {
        let rest = raw.get(at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let folded = style == Style::Double && (rest.starts_with("\\\n") || rest.starts_with("\\\r\n"));
        match (blank, folded) {
            (_, true) => at += 1,
            (0, false) => return at,
            (blank, false) => at += blank,
        }
    }
}

/// Bytes in the file that stand for one character of the text; `None` if it is another one.
fn width(rest: &str, sign: char, style: Style) -> Option<usize> {
    if style == Style::Double && rest.starts_with('\\') {
        return Some(match rest.as_bytes().get(1)? {
            b'x' => 4,
            b'u' => 6,
            b'U' => 10,
            _ => 2,
        });
    }
    if style == Style::Single && sign == '\'' {
        return rest.starts_with("''").then_some(2);
    }
    if rest.starts_with(sign) {
        return Some(sign.len_utf8());
    }
    // A blank may be a folded line break, which is stepped over with the next word.
    sign.is_whitespace().then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn words_of_a_text_are_found_in_every_style() {
        let table = [
            ("user.titel == 1", "user.titel == 1", "titel", "titel"),
            ("'it''s user.titel'", "it's user.titel", "titel", "titel"),
            ("\"a \\\"b\\\" \\u00e9 titel\"", "a \"b\" é titel", "titel", "titel"),
            ("\"a \\\"b\\\" \\u00e9 titel\"", "a \"b\" é titel", "é", "\\u00e9"),
            ("|\n    not (\n      user.titel)\n", "not (\n  user.titel)\n", "titel", "titel"),
            (">-\n    not (user.ä\n    or user.titel)", "not (user.ä or user.titel)", "titel", "titel"),
            ("one\n      titel three", "one titel three", "titel", "titel"),
            ("\"one \\\n   titel\"", "one titel", "titel", "titel"),
        ];
        for (raw, text, word, written) in table {
            let mut sources = SourceMap::default();
            let file = sources.add("a.yaml", format!("key: {raw}"));
            let span = Span { file, start: 5, end: u32::try_from(5 + raw.len()).unwrap() };
            let start = text.find(word).unwrap();
            let found = sources.within(span, text, &(start..start + word.len()));
            assert_eq!(sources.text(found), written, "{raw}");
            let end = sources.within(span, text, &(text.len()..text.len()));
            assert!(end.start <= span.end && end.start == end.end, "{raw}");
        }
    }

    #[test]
    fn a_text_that_is_not_there_is_pointed_at_as_a_whole() {
        let mut sources = SourceMap::default();
        sources.add("a.yaml", "abc");
        let span = Span { file: FileId::new(0), start: 0, end: 3 };
        assert_eq!(sources.within(span, "xyz", &(1..2)), span);
    }
}
