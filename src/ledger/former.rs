//! The ledger of earlier versions: one JSON document for all targets, `scimform.ledger/v1` and `v2`. It is read where a
//! target has no ledger of its own yet, and put into ledgers of their own by the first run that may write.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::format::check_format;
use super::{LedgerError, SealKey, TargetLedger};

const FORMAT: &str = "scimform.ledger/v2";

/// What an earlier version left.
#[derive(Debug, Default)]
pub(super) struct Former {
    /// The ledgers by target.
    pub(super) targets: BTreeMap<String, TargetLedger>,
    /// What is wrong with the seal, where there is a key.
    pub(super) wrong: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    #[serde(rename = "format")]
    _format: String,
    salt: String,
    #[serde(default)]
    seal: Option<String>,
    targets: BTreeMap<String, TargetLedger>,
}

impl Former {
    /// Reads the text; `place` is only named in errors.
    pub(super) fn read(text: &[u8], key: Option<&SealKey>, place: &str) -> Result<Self, LedgerError> {
        let corrupt = |why: String| LedgerError::Corrupt { place: place.to_owned(), why };
        check_format(text, FORMAT, 2, place)?;
        let Document { salt, seal, mut targets, .. } =
            serde_json::from_slice(text).map_err(|error| corrupt(error.to_string()))?;
        if salt.is_empty() {
            return Err(corrupt("its salt is empty".to_owned()));
        }
        for ledger in targets.values_mut() {
            ledger.salt.clone_from(&salt);
            ledger.sealed = seal.is_some();
        }
        Ok(Self { targets, wrong: key.and_then(|key| key.refuses(seal.as_deref(), unsealed(text).as_deref())) })
    }
}

/// The text as it was sealed.
fn unsealed(text: &[u8]) -> Option<Vec<u8>> {
    let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text).ok()?;
    value.shift_remove("seal");
    let mut text = serde_json::to_vec_pretty(&value).ok()?;
    text.push(b'\n');
    Some(text)
}
