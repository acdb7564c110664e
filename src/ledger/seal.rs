//! The seal of a ledger: proof that it was saved by someone who holds the key, so that whoever can write to the
//! ledger's place can't point a key at another person's id.

use super::LedgerError;
use super::format::Head;

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

    /// Puts the seal on a head, and with it on all parts. The same head gets the same seal.
    pub(super) fn seal(&self, head: &mut Head) -> Result<(), serde_json::Error> {
        head.seal = None;
        head.seal = Some(blake3::keyed_hash(&self.0, &head.to_json()?).to_hex().to_string());
        Ok(())
    }

    /// Why the seal of a head is not one of this key's; `None` where it is.
    pub(super) fn wrong(&self, head: &Head) -> Option<&'static str> {
        let unsealed = Head { seal: None, ..head.clone() };
        self.refuses(head.seal.as_deref(), unsealed.to_json().ok().as_deref())
    }

    /// Why a seal is not this key's of a text; `None` where it is.
    pub(super) fn refuses(&self, seal: Option<&str>, text: Option<&[u8]>) -> Option<&'static str> {
        let Some(seal) = seal else { return Some("has no seal") };
        // The comparison of two hashes takes the same time wherever they differ.
        let mark = |text: &[u8]| blake3::keyed_hash(&self.0, text);
        let same =
            blake3::Hash::from_hex(seal.as_bytes()).is_ok_and(|hash| text.is_some_and(|text| mark(text) == hash));
        (!same).then_some(MISFIT)
    }
}

/// What is wrong with a seal that is there.
pub(super) const MISFIT: &str = "has a seal that does not fit its content or the key";

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "0123456789abcdef0123456789abcdef";

    fn key(text: &str) -> SealKey {
        SealKey::new(text).unwrap().unwrap()
    }

    #[test]
    fn a_seal_is_of_one_key_and_of_all_that_stands_in_the_head() {
        let mut sealed = Head { target: "app".into(), ..Head::default() };
        assert_eq!(key(TEXT).wrong(&sealed), Some("has no seal"));
        key(TEXT).seal(&mut sealed).unwrap();
        assert_eq!(key(TEXT).wrong(&sealed), None);
        let mut again = sealed.clone();
        key(TEXT).seal(&mut again).unwrap();
        assert_eq!(again, sealed);
        let mut moved = sealed.clone();
        moved.parts.insert("users-000".into(), "another hash".into());
        assert!(key(TEXT).wrong(&moved).unwrap().contains("does not fit"));
        assert!(key("another key that is long enough too").wrong(&sealed).is_some());
    }

    #[test]
    fn a_short_key_is_refused_and_a_blank_one_is_none() {
        assert!(SealKey::new(" \n").unwrap().is_none());
        assert!(matches!(SealKey::new("hunter2"), Err(LedgerError::WeakKey { .. })));
        assert!(!format!("{:?}", key(TEXT)).contains('0'));
    }
}
