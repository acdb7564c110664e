//! Telephone numbers (RFC 3966; RFC 7643 section 4.1.2).

use std::borrow::Cow;

/// The number without `tel:` and visual separators, lower-case, parameters such as `;ext=` kept. No country code is
/// ever made up: a number without `+` only equals another without (E18).
pub(super) fn canonical(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let number = match trimmed.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => trimmed.get(4..).unwrap_or_default(),
        _ => trimmed,
    };
    let separates = |letter: char| matches!(letter, '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}') || letter.is_whitespace();
    if !number.contains(|letter: char| separates(letter) || letter.is_uppercase()) {
        return Cow::Borrowed(number);
    }
    Cow::Owned(number.chars().filter(|letter| !separates(*letter)).flat_map(char::to_lowercase).collect())
}
