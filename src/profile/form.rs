//! Forms in which servers store text, for both who compares and who plays a server.

use std::borrow::Cow;

use super::Form;

impl Form {
    /// The text as a server of this form stores it. The form of a form is itself.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::LowerCase => lower(text),
            Self::Phone => phone(text),
            Self::Handle => handle(text),
            Self::Trimmed => Cow::Borrowed(text.trim()),
        }
    }
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) { Cow::Owned(text.to_lowercase()) } else { Cow::Borrowed(text) }
}

/// A telephone number without `tel:` and visual separators, lower-case, parameters such as `;ext=` kept (RFC 3966). No
/// country code is ever made up: a number without `+` stays one without.
fn phone(text: &str) -> Cow<'_, str> {
    let separates = |letter: char| {
        matches!(letter, '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}') || letter.is_whitespace()
    };
    if !text.contains(|letter: char| separates(letter) || letter.is_uppercase() || letter == ':') {
        return Cow::Borrowed(text);
    }
    let plain: String = text.chars().filter(|letter| !separates(*letter)).flat_map(char::to_lowercase).collect();
    Cow::Owned(plain.trim_start_matches("tel:").to_owned())
}

/// `Ada.Lovelace@acme.example` is `ada-lovelace`.
fn handle(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    let local = trimmed.split_once('@').map_or(trimmed, |(local, _)| local);
    // A letter may lose its case in several characters, some of which are no letters: first small, then plain.
    let lowered = lower(local);
    if lowered.chars().all(|letter| letter.is_alphanumeric() || letter == '-') {
        return lowered;
    }
    Cow::Owned(lowered.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form() {
        assert_eq!(Form::LowerCase.apply("Ada@ACME.example"), "ada@acme.example");
        assert_eq!(Form::Trimmed.apply("  Ada L. "), "Ada L.");
        assert_eq!(Form::Phone.apply("tel:+1-555-(55) 55;ext=7"), "+15555555;ext=7");
        assert_eq!(Form::Phone.apply("030 123/4"), "0301234");
        assert_eq!(Form::Handle.apply("Ada.Lovelace@acme.example"), "ada-lovelace");
        assert_eq!(Form::Handle.apply("o'brien_2"), "o-brien-2");
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(text in "(tel:)?\\PC{0,16}") {
            for form in [Form::LowerCase, Form::Phone, Form::Handle, Form::Trimmed] {
                let once = form.apply(&text).into_owned();
                prop_assert_eq!(form.apply(&once).into_owned(), once, "{:?}", form);
            }
        }
    }
}
