//! Values in the forms that servers show in place of those of RFC 7643.

use super::Value;

/// Words for a flag.
const YES: [&str; 5] = ["true", "1", "yes", "y", "on"];
const NO: [&str; 5] = ["false", "0", "no", "n", "off"];

impl Value {
    /// The flag, in any form: a boolean, `"True"`, `"no"`, 0 or 1 (RFC 7643 section 2.3.2 has the literals only).
    pub fn flag(&self) -> Option<bool> {
        self.flag_among(&[], &[])
    }

    /// The flag, where further words stand for `true` and `false`.
    pub fn flag_among(&self, yes: &[&str], no: &[&str]) -> Option<bool> {
        let word = match self {
            Self::Bool(flag) => return Some(*flag),
            Self::Number(_) => self.number_text()?,
            Self::String(text) => text.trim().to_ascii_lowercase(),
            Self::Null | Self::Array(_) | Self::Object(_) => return None,
        };
        let is_one = |words: &[&str]| words.contains(&word.as_str());
        match (is_one(&YES) || is_one(yes), is_one(&NO) || is_one(no)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// The shortest text of a number: what a text looks like that a server turned into one and that lost nothing by it.
    pub fn number_text(&self) -> Option<String> {
        let Self::Number(number) = self else { return None };
        let text = number.to_string();
        Some(text.strip_suffix(".0").map_or(text.clone(), str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_in_all_forms() {
        for (shown, flag) in [
            (json!(true), Some(true)),
            (json!("TRUE "), Some(true)),
            (json!("No"), Some(false)),
            (json!(1), Some(true)),
            (json!(0.0), Some(false)),
            (json!(2), None),
            (json!("maybe"), None),
            (json!(null), None),
            (json!([true]), None),
        ] {
            assert_eq!(Value::from(shown.clone()).flag(), flag, "{shown}");
        }
        assert_eq!(Value::from("Suspended").flag_among(&[], &["suspended"]), Some(false));
    }

    #[test]
    fn numbers_as_short_as_they_get() {
        for (number, text) in [(json!(701_984), "701984"), (json!(42.0), "42"), (json!(2.5), "2.5"), (json!(-3), "-3")]
        {
            assert_eq!(Value::from(number).number_text().as_deref(), Some(text));
        }
        assert_eq!(Value::from("7").number_text(), None);
    }
}
