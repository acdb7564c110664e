//! The ledger as text: `scimform.ledger/v2`, JSON with keys in order, so that it reads well in a diff.

use serde::Deserialize;

use super::{Ledger, LedgerError};

/// The format that this version reads and writes.
pub const FORMAT: &str = "scimform.ledger/v2";
/// Earlier formats that are read: v2 added `seal`, `seen` and `pending`, and all else stayed.
const EARLIER: &[&str] = &["scimform.ledger/v1"];
const FAMILY: &str = "scimform.ledger/v";

/// The JSON Schema of the format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Ledger).to_value()
}

impl Ledger {
    /// An empty ledger with a salt of 256 random bits in hex, made by the caller.
    pub fn new(salt: impl Into<String>) -> Self {
        Self { format: FORMAT.to_owned(), salt: salt.into(), ..Self::default() }
    }

    /// Reads a ledger's text; `place` is only named in errors. A format of a later version and a damaged text are errors.
    pub fn from_json(text: &[u8], place: &str) -> Result<Self, LedgerError> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        let corrupt = |why: String| LedgerError::Corrupt { place: place.to_owned(), why };
        let head: Head = serde_json::from_slice(text).map_err(|error| corrupt(error.to_string()))?;
        if head.format != FORMAT && !EARLIER.contains(&head.format.as_str()) {
            return match head.format.strip_prefix(FAMILY).and_then(|version| version.parse::<u64>().ok()) {
                Some(version) if version > 2 => Err(LedgerError::Newer { place: place.to_owned(), found: head.format }),
                _ => Err(corrupt(format!("its format is `{}`, not `{FORMAT}`", head.format.escape_debug()))),
            };
        }
        let mut ledger: Self = serde_json::from_slice(text).map_err(|error| corrupt(error.to_string()))?;
        if ledger.salt.is_empty() {
            return Err(corrupt("its salt is empty".to_owned()));
        }
        FORMAT.clone_into(&mut ledger.format);
        Ok(ledger)
    }

    /// The text of a ledger: the same ledger gives the same bytes.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Ledger, LedgerError> {
        Ledger::from_json(text.as_bytes(), "ledger.json")
    }

    #[test]
    fn survives_a_round_trip() {
        let mut ledger = Ledger::new("0a");
        let target = ledger.targets.entry("lattice".into()).or_default();
        target.record(crate::scim::ResourceKind::User, "ada", "u1").asserted.insert("title".into(), "aa".into());
        let text = ledger.to_json().unwrap();
        assert_eq!(Ledger::from_json(&text, "x").unwrap(), ledger);
        assert_eq!(ledger.to_json().unwrap(), text);
    }

    #[test]
    fn a_later_version_says_so() {
        let error = read(r#"{"format":"scimform.ledger/v3","what":1}"#).unwrap_err();
        assert!(matches!(error, LedgerError::Newer { .. }));
        assert!(error.to_string().contains("scimform.ledger/v3"), "{error}");
    }

    #[test]
    fn damage_is_said_with_the_way_out() {
        for text in
            ["", "{", "[]", r#"{"format":"other/v1"}"#, r#"{"format":"scimform.ledger/v1","salt":"","targets":{}}"#]
        {
            let error = read(text).unwrap_err();
            assert!(matches!(error, LedgerError::Corrupt { .. }), "{text}");
            assert!(error.to_string().contains("move it away"), "{error}");
        }
    }
}
