//! Keys for what has none: stable, readable, safe in YAML, in paths and in shells.

use crate::mapping::to_ascii;

/// Longest key that is made, in characters.
const LONGEST: usize = 60;

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
}
