//! Keyed hashes as the ledger keeps them, and the hashes of one resource by attribute path.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashSet;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A keyed hash of 8 bytes, written as 16 hex digits. The key makes it worthless to who does not hold the ledger; what the
/// length has to stand against is told in `docs/ledger.md`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark([u8; Mark::LENGTH]);

impl Mark {
    /// Bytes of a mark.
    pub const LENGTH: usize = 8;

    /// A mark of these bytes.
    pub const fn new(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Earlier versions wrote 32 digits, of which these are the first 16.
impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        let digits = text.get(..2 * Self::LENGTH).filter(|_| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        number
            .map(|number| Self(number.to_be_bytes()))
            .ok_or_else(|| de::Error::custom("a hash is of 16 hex digits or more"))
    }
}

impl JsonSchema for Mark {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mark".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// Marks by attribute path, in the order of paths. There are some dozens of paths and very many resources, so each path
/// is kept once per process.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Marks(Vec<(&'static str, Mark)>);

impl Marks {
    /// Marks in the strict order of their paths.
    pub(super) const fn sorted(marks: Vec<(&'static str, Mark)>) -> Self {
        Self(marks)
    }

    /// The mark of a path.
    pub fn get(&self, path: &str) -> Option<Mark> {
        self.0.get(self.place(path).ok()?).map(|(_, mark)| *mark)
    }

    /// Notes the mark of a path in place of a former one.
    pub fn insert(&mut self, path: &str, mark: Mark) {
        match self.place(path) {
            Ok(place) => {
                if let Some(slot) = self.0.get_mut(place) {
                    slot.1 = mark;
                }
            }
            Err(place) => self.0.insert(place, (interned(path), mark)),
        }
    }

    /// Takes out a path.
    pub fn remove(&mut self, path: &str) {
        if let Ok(place) = self.place(path) {
            self.0.remove(place);
        }
    }

    /// Whether there is a mark of a path.
    pub fn contains_key(&self, path: &str) -> bool {
        self.place(path).is_ok()
    }

    /// The paths.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().map(|(path, _)| *path)
    }

    /// Paths and marks.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Mark)> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, path: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (*known).cmp(path))
    }
}

impl<P: AsRef<str>> FromIterator<(P, Mark)> for Marks {
    fn from_iter<I: IntoIterator<Item = (P, Mark)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        let mut marks = Self(Vec::with_capacity(pairs.size_hint().0));
        for (path, mark) in pairs {
            marks.insert(path.as_ref(), mark);
        }
        marks
    }
}

impl fmt::Debug for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Marks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, Mark>::deserialize(deserializer).map(Self::from_iter)
    }
}

impl JsonSchema for Marks {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Marks".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, Mark>::json_schema(generator)
    }
}

/// The one copy of a path. It is never freed: names of attributes are few.
pub(super) fn interned(path: &str) -> &'static str {
    static PATHS: Mutex<Option<FxHashSet<&'static str>>> = Mutex::new(None);
    let mut paths = PATHS.lock().unwrap_or_else(PoisonError::into_inner);
    let paths = paths.get_or_insert_default();
    if let Some(known) = paths.get(path) {
        return known;
    }
    let kept: &'static str = Box::leak(path.to_owned().into_boxed_str());
    paths.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_kept_by_path_and_read_from_longer_hashes_too() {
        let text = r#"{"title":"0123456789abcdef0123456789abcdef","active":"fedcba9876543210"}"#;
        let mut marks: Marks = serde_json::from_str(text).unwrap();
        assert_eq!(marks.keys().collect::<Vec<_>>(), ["active", "title"]);
        assert_eq!(marks.get("title").unwrap().to_string(), "0123456789abcdef");
        marks.remove("active");
        marks.insert("title", Mark::new([1; 8]));
        assert_eq!(serde_json::to_string(&marks).unwrap(), r#"{"title":"0101010101010101"}"#);
        for wrong in ["\"01\"", "\"0123456789abcdeg\"", "\"0123456789abcdef-\"", "1"] {
            assert!(serde_json::from_str::<Mark>(wrong).is_err(), "{wrong}");
        }
    }
}
