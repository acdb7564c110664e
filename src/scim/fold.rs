//! Comparing text without case (RFC 7643 section 2.2, `caseExact`) and as user names are compared (RFC 7644
//! section 5, which points to RFC 8265).

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// Full case folding of Unicode: texts that differ only in case have one folding. `ß` and `ss` fold alike; the Turkish
/// dotless `ı` stays what it is.
pub fn case_fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    CaseMapper::new().fold_string(text)
}

/// The form in which user names and names used as keys are compared: without spaces around it, full-width and
/// half-width forms mapped (RFC 8265 section 3.3.1), case folded, composed (NFC). Two texts that are canonically
/// equivalent or differ only in case have one form, and the form of a form is itself.
pub fn canonical(text: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_ascii() {
        return trimmed.to_ascii_lowercase();
    }
    // Decomposed before it is folded: Unicode's canonical caseless match (D145).
    let widened: String = trimmed.chars().map(plain_width).collect();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&widened).into_owned();
    let folded = case_fold(&decomposed).into_owned();
    ComposingNormalizerBorrowed::new_nfc().normalize(&folded).trim().to_owned()
}

/// The ordinary form of full-width ASCII and of the ideographic space.
fn plain_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn full_folding() {
        assert_eq!(case_fold("Straße"), case_fold("STRASSE"));
        assert_eq!(case_fold("ΣΊΣΥΦΟΣ"), case_fold("σίσυφος"));
        assert!(matches!(case_fold("ada@acme.example"), Cow::Borrowed(_)));
        assert_eq!(case_fold("Ada@Acme.Example"), "ada@acme.example");
    }

    #[test]
    fn turkish_letters_are_not_english_ones() {
        assert_ne!(case_fold("ı"), case_fold("I"));
        assert_ne!(case_fold("İ"), case_fold("i"));
        assert_eq!(canonical("İ"), canonical("i\u{307}"));
    }

    #[test]
    fn canonical_composes_and_trims() {
        assert_eq!(canonical(" Jose\u{301} "), canonical("JOSÉ"));
        assert_eq!(canonical("ＡＤＡ＠acme.example"), "ada@acme.example");
        assert_eq!(canonical("\u{3000}ada"), "ada");
        assert_ne!(canonical("jose"), canonical("josé"));
    }

    proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(text in "\\PC{0,12}") {
            let once = canonical(&text);
            prop_assert_eq!(canonical(&once), once);
        }

        #[test]
        fn case_and_composition_do_not_matter(text in "[a-zA-Zäöüßéñçα-ωа-я@.]{0,16}") {
            let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
            prop_assert_eq!(canonical(&decomposed), canonical(&text));
            prop_assert_eq!(canonical(&text.to_uppercase()), canonical(&text.to_lowercase()));
        }
    }
}
