//! Words of an expression.

use std::ops::Range;

use crate::mapping::ExpressionError;

/// A word with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// A name or a word of the language.
    Word,
    /// A number or quoted text.
    Literal,
    /// An operator or bracket.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Longer ones first.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "//", "**", "<", ">", "=", "+", "-", "~", "*", "/", "%", "|", ".", ",", ":", "(", ")", "[",
    "]", "{", "}",
];

/// The words of a text, an `End` last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ExpressionError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let space = rest.len() - rest.trim_start().len();
        if space > 0 {
            at += space;
            continue;
        }
        let after_dot = matches!(found.last(), Some(Token { kind: TokenKind::Sign("."), .. }));
        let (kind, length) = token(rest, at, after_dot)?;
        found.push(Token { kind, range: at..at + length });
        at += length;
    }
    found.push(Token { kind: TokenKind::End, range: text.len()..text.len() });
    Ok(found)
}

fn token(rest: &str, at: usize, after_dot: bool) -> Result<(TokenKind, usize), ExpressionError> {
    let first = rest.chars().next().unwrap_or_default();
    if first.is_ascii_alphabetic() || first == '_' {
        return Ok((TokenKind::Word, span_of(rest, |c| c.is_ascii_alphanumeric() || c == '_')));
    }
    if first == '"' || first == '\'' {
        return quoted(rest, first)
            .map(|length| (TokenKind::Literal, length))
            .ok_or_else(|| ExpressionError::at(at..at + rest.len(), "the quoted text does not end"));
    }
    if first.is_ascii_digit() {
        let length = number(rest, after_dot);
        let next = rest.get(length..).and_then(|rest| rest.chars().next());
        if let Some(next) = next.filter(|c| c.is_alphanumeric() || *c == '_') {
            return Err(ExpressionError::at(at..at + length + next.len_utf8(), "a number can't run into a word"));
        }
        return Ok((TokenKind::Literal, length));
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    sign.map(|sign| (TokenKind::Sign(sign), sign.len())).ok_or_else(|| {
        let error = ExpressionError::at(at..at + first.len_utf8(), format!("unexpected `{first}`"));
        match first {
            '&' => error.hint("Write `and` for both."),
            '!' => error.hint("Write `not`, or `!=` for different."),
            '“' | '”' | '‘' | '’' => error.hint("Use plain quotes, \" or '."),
            _ => error,
        }
    })
}

fn span_of(text: &str, keep: impl Fn(char) -> bool) -> usize {
    text.find(|c| !keep(c)).unwrap_or(text.len())
}

fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Length of a decimal number; after a dot it is an index and has no fraction.
fn number(text: &str, after_dot: bool) -> usize {
    let digits = |from: usize| text.get(from..).map_or(0, |rest| span_of(rest, |c| c.is_ascii_digit()));
    let mut length = digits(0);
    if after_dot {
        return length;
    }
    if text.get(length..).is_some_and(|rest| rest.starts_with('.')) && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if text.get(length..).is_some_and(|rest| rest.starts_with(['e', 'E'])) {
        let sign = usize::from(text.get(length + 1..).is_some_and(|rest| rest.starts_with(['+', '-'])));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    length
}
