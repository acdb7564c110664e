//! Keys for what has none: stable, readable, safe in YAML, in paths and in shells.

use std::collections::{BTreeMap, BTreeSet};

use crate::mapping::to_ascii;
use crate::scim::fold;

/// Longest key that is made, in characters.
const LONGEST: usize = 60;

/// Digits with which a key may end; more of them are a number of someone's, and no name.
const MOST_DIGITS: usize = 3;

/// A text as small letters and digits, marks taken off, what lies between as single hyphens; dots and underscores inside
/// stay. Letters outside Latin stay where nothing else is left. Empty where nothing readable is.
pub fn slug(text: &str) -> String {
    let plain = joined(&to_ascii(text));
    if plain.is_empty() { joined(text) } else { plain }
}

fn joined(text: &str) -> String {
    let mut slug = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if letter != '\'' && !slug.is_empty() && !slug.ends_with(['.', '-', '_']) {
            slug.push(if matches!(letter, '.' | '_') { letter } else { '-' });
        }
    }
    let short: String = slug.chars().take(LONGEST).collect();
    short.trim_end_matches(['.', '-', '_']).to_owned()
}

/// Whether an `externalId` reads like a key that somebody gave: words of small letters, at most a short number behind.
pub(super) fn is_keylike(text: &str) -> bool {
    let words = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - words.len();
    slug(text) == text
        && digits <= MOST_DIGITS
        && words.starts_with(|c: char| c.is_ascii_lowercase())
        && words.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '-' | '_'))
}

/// Gives out keys, each once.
#[derive(Debug, Default)]
pub(super) struct Keys {
    taken: BTreeSet<String>,
    /// Who has an `externalId`, by its folded text: another one's would be a second match.
    owned: BTreeMap<String, String>,
}

impl Keys {
    /// Keys that are in use, and the `externalId` of each live id.
    pub(super) fn new<'a>(
        taken: impl Iterator<Item = &'a str>,
        external: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self {
            taken: taken.map(fold::canonical).collect(),
            owned: external.map(|(text, id)| (fold::canonical(text), id.to_owned())).collect(),
        }
    }

    /// The first free one of several for a live id, else the first that says something with a number behind.
    pub(super) fn give(&mut self, id: &str, kind: &str, wishes: &[String]) -> String {
        let free = wishes.iter().find(|wish| self.is_free(id, wish)).cloned();
        let key = free.unwrap_or_else(|| {
            let stem = wishes.iter().find(|wish| !wish.is_empty()).cloned();
            let stem = stem.unwrap_or_else(|| format!("{kind}-{}", slug(id)));
            let numbered = (2_u64..).map(|number| format!("{stem}-{number}"));
            std::iter::once(stem.clone()).chain(numbered).find(|key| self.is_free(id, key)).unwrap_or(stem)
        });
        self.taken.insert(fold::canonical(&key));
        key
    }

    fn is_free(&self, id: &str, key: &str) -> bool {
        let text = fold::canonical(key);
        !key.is_empty() && !self.taken.contains(&text) && self.owned.get(&text).is_none_or(|owner| owner == id)
    }
}

/// What a person could be called, best first.
pub(super) fn of_person(user_name: &str, external: &str, names: &[&str]) -> Vec<String> {
    let (local, domain) = user_name.rsplit_once('@').unwrap_or((user_name, ""));
    let mut wishes = Vec::new();
    if is_keylike(external) {
        wishes.push(external.to_owned());
    }
    wishes.push(slug(local));
    let firm = domain.split('.').next().unwrap_or_default();
    if !firm.is_empty() && !slug(local).is_empty() {
        wishes.push(slug(&format!("{local}-{firm}")));
    }
    wishes.extend(names.iter().map(|name| slug(name)));
    wishes.retain(|wish| !wish.is_empty());
    wishes
}

/// What a group could be called, best first.
pub(super) fn of_group(name: &str, external: &str) -> Vec<String> {
    let mut wishes = Vec::new();
    if is_keylike(external) {
        wishes.push(external.to_owned());
    }
    wishes.push(slug(name));
    wishes.retain(|wish| !wish.is_empty());
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain_and_short() {
        let cases = [
            ("Zoë.Müßig", "zoe.mussig"),
            ("Sean O'Brien", "sean-obrien"),
            ("  --R&D // Core--", "r-d-core"),
            ("山田", "山田"),
            ("!!!", ""),
            ("a..b__c", "a.b_c"),
        ];
        for (text, expected) in cases {
            assert_eq!(slug(text), expected, "{text}");
        }
        assert_eq!(slug(&"x".repeat(200)).len(), LONGEST);
    }

    #[test]
    fn an_external_id_is_a_key_where_it_reads_like_one() {
        for yes in ["ada", "ada.lovelace", "data-platform", "ada2"] {
            assert!(is_keylike(yes), "{yes}");
        }
        for no in ["", "Ada", "e-1042", "00u1abcd", "6f1a8f2e-0b1c", "ada@acme.example", "-a", "12"] {
            assert!(!is_keylike(no), "{no}");
        }
    }

    #[test]
    fn keys_are_given_once_and_never_another_ones_external_id() {
        let mut keys = Keys::new(["Grace"].into_iter(), [("ada", "7")].into_iter());
        assert_eq!(keys.give("1", "user", &of_person("ada@acme.example", "", &[])), "ada-acme");
        assert_eq!(keys.give("7", "user", &of_person("countess@acme.example", "ada", &[])), "ada");
        assert_eq!(keys.give("2", "user", &of_person("grace", "", &[])), "grace-2");
        assert_eq!(keys.give("3", "user", &of_person("ADA@acme.example", "", &[])), "ada-2");
        assert_eq!(keys.give("4f", "user", &of_person("!!", "", &[""])), "user-4f");
    }
}
