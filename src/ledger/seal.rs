//! The seal of a ledger: proof that it was saved by someone who holds the key, so that whoever can write to the
//! ledger's place can't point a key at another person's id.

use super::{Ledger, LedgerError};

/// Fewer characters could be guessed by who can read the ledger.
const LEAST: usize = 32;

/// The key of the environment.
#[derive(Clone)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// The key that a text stands for; none where the text is blank, as of a secret that is not set. Error: a text of
    /// fewer than 32 characters.
    pub fn new(text: &str) -> Result<Option<Self>, LedgerError> {
        match text.trim() {
            "" => Ok(None),
            text if text.chars().count() < LEAST => Err(LedgerError::WeakKey { least: LEAST }),
            text => Ok(Some(Self(blake3::derive_key("scimform ledger v2 seal", text.as_bytes())))),
        }
    }

    /// Puts the seal on. The same ledger gets the same seal.
    pub(super) fn seal(&self, ledger: &mut Ledger) -> Result<(), serde_json::Error> {
        ledger.seal = None;
        ledger.seal = Some(self.mark(ledger)?.to_hex().to_string());
        Ok(())
    }

    /// Why the seal is not one of this key's; `None` where it is.
    pub(super) fn wrong(&self, ledger: &mut Ledger) -> Option<&'static str> {
        let Some(seal) = ledger.seal.take() else { return Some("has no seal") };
        let mark = self.mark(ledger);
        // The comparison of two hashes takes the same time wherever they differ.
        let same = blake3::Hash::from_hex(seal.as_bytes()).is_ok_and(|hash| mark.is_ok_and(|mark| mark == hash));
        ledger.seal = Some(seal);
        (!same).then_some("has a seal that does not fit its content or the key")
    }

    /// Over the text without the seal.
    fn mark(&self, ledger: &Ledger) -> Result<blake3::Hash, serde_json::Error> {
        Ok(blake3::keyed_hash(&self.0, &ledger.to_json()?))
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::ResourceKind;

    const TEXT: &str = "0123456789abcdef0123456789abcdef";

    fn key(text: &str) -> SealKey {
        SealKey::new(text).unwrap().unwrap()
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::new("0a");
        ledger.targets.entry("app".into()).or_default().record(ResourceKind::User, "ada", "1");
        ledger
    }

    #[test]
    fn a_key_that_points_elsewhere_breaks_the_seal() {
        let mut sealed = ledger();
        key(TEXT).seal(&mut sealed).unwrap();
        assert_eq!(key(TEXT).wrong(&mut sealed), None);
        let mut moved = sealed.clone();
        moved.targets.get_mut("app").unwrap().users.get_mut("ada").unwrap().id = "2".into();
        assert!(key(TEXT).wrong(&mut moved).unwrap().contains("does not fit"));
        assert!(key("another key that is long enough too").wrong(&mut sealed).is_some());
        sealed.seal = None;
        assert_eq!(key(TEXT).wrong(&mut sealed), Some("has no seal"));
    }

    #[test]
    fn the_seal_survives_the_text_and_is_the_same_each_time() {
        let mut sealed = ledger();
        key(TEXT).seal(&mut sealed).unwrap();
        let mut read = Ledger::from_json(&sealed.to_json().unwrap(), "x").unwrap();
        assert_eq!(key(TEXT).wrong(&mut read), None);
        assert_eq!(read, sealed);
        key(TEXT).seal(&mut read).unwrap();
        assert_eq!(read.seal, sealed.seal);
    }

    #[test]
    fn a_short_key_is_refused_and_a_blank_one_is_none() {
        assert!(SealKey::new(" \n").unwrap().is_none());
        assert!(matches!(SealKey::new("hunter2"), Err(LedgerError::WeakKey { .. })));
        assert!(!format!("{:?}", key(TEXT)).contains('0'));
    }
}
