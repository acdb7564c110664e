//! Keyed hashes of asserted values: equal values of one path can be recognised, none can be read back.

use super::Mark;
use crate::scim::Value;

/// Makes the hashes of one ledger. The ledger's salt is the key, so hashes of different ledgers can't be compared.
#[derive(Clone)]
pub struct Hasher {
    key: [u8; 32],
}

impl Hasher {
    /// A hasher for a ledger's salt; any text serves, a new ledger makes 256 random bits in hex.
    pub fn new(salt: &str) -> Self {
        Self { key: blake3::derive_key("scimform ledger v1 asserted value", salt.as_bytes()) }
    }

    /// Hash of a value at an attribute path. The order and spelling of sub-attribute names, the
    /// notation of numbers and sub-attributes without a value (RFC 7643 section 2.5) make no difference; the order
    /// of array elements makes none either, since SCIM gives it no meaning (section 2.4). The path's case makes
    /// none (section 2.1).
    pub fn hash(&self, path: &str, value: &Value) -> Mark {
        let mut text = String::new();
        canonical(value, &mut text);
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(path.to_ascii_lowercase().as_bytes());
        hasher.update(&[0]);
        hasher.update(text.as_bytes());
        let mut mark = [0; Mark::LENGTH];
        hasher.finalize_xof().fill(&mut mark);
        Mark::new(mark)
    }

    /// By this hashes made by the same ledger are known.
    pub fn mark(&self) -> Mark {
        self.hash("", &Value::Null)
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher")
    }
}

/// Appends a text that is the same for all values of the same meaning.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(number)),
        Value::String(text) => quoted(text, out),
        // `null` and `[]` both mean "no value".
        Value::Array(items) if items.is_empty() => out.push_str("null"),
        Value::Array(items) => {
            let mut texts: Vec<String> = items.iter().map(canonical_text).collect();
            texts.sort_unstable();
            out.push('[');
            out.push_str(&texts.join(","));
            out.push(']');
        }
        Value::Object(object) => {
            let mut fields: Vec<(String, String)> = object
                .iter()
                .filter(|(_, value)| !value.is_unassigned())
                .map(|(name, value)| (name.to_ascii_lowercase(), canonical_text(value)))
                .collect();
            fields.sort_unstable();
            if fields.is_empty() {
                out.push_str("null");
                return;
            }
            out.push('{');
            for (place, (name, value)) in fields.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                quoted(name, out);
                out.push(':');
                out.push_str(value);
            }
            out.push('}');
        }
    }
}

fn canonical_text(value: &Value) -> String {
    let mut out = String::new();
    canonical(value, &mut out);
    out
}

/// Integers as such, `1.0` and `1e0` too.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

fn quoted(text: &str, out: &mut String) {
    // The debug form of serde_json strings can't fail; the fallback keeps the function total.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn meaning_counts_not_notation() {
        let hasher = Hasher::new("00ff");
        let same = [
            (r#"{"value":"a","type":"work"}"#, r#"{"TYPE":"work","value":"a","display":null}"#),
            (r#"[{"value":"a"},{"value":"b"}]"#, r#"[{"value":"b"},{"value":"a"}]"#),
            ("1.0", "1"),
            ("null", "[]"),
            ("{}", "null"),
        ];
        for (left, right) in same {
            assert_eq!(hasher.hash("emails", &value(left)), hasher.hash("Emails", &value(right)), "{left} {right}");
        }
        let different = [("true", "\"true\""), ("\"a\"", "\"A\""), ("[1,2]", "[1]"), ("null", "\"\""), ("1", "\"1\"")];
        for (left, right) in different {
            assert_ne!(hasher.hash("title", &value(left)), hasher.hash("title", &value(right)), "{left} {right}");
        }
    }

    #[test]
    fn path_and_salt_count() {
        let name = value("\"Ada\"");
        let hasher = Hasher::new("00ff");
        assert_ne!(hasher.hash("title", &name), hasher.hash("nickName", &name));
        assert_ne!(hasher.hash("title", &name), Hasher::new("00fe").hash("title", &name));
    }
}
