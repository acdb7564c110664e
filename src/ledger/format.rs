//! The ledger of a target as texts, `scimform.ledger/v3`: a small head in JSON, and parts with a line per resource.
//!
//! The head names every part with the hash of its text, so it stands for all of it: a part that was altered, lost or only
//! half written is told by its hash, and a seal on the head is one on everything. Resources are spread over the parts by a
//! hash of their key, so that a change rewrites the few parts that it falls into, whatever the size of the whole.
//!
//! A part begins with the list of all attribute paths in it. Then follows a JSON array per resource: key, id, its hashes,
//! and an object with what few have. The hashes are Base64 of a bit per path of the list, from the lowest bit of the first
//! byte on, and 8 bytes per bit that is set.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::marks::interned;
use super::model::Learned;
use super::{Entry, LedgerError, Mark, Marks, Pending, Seen, TargetLedger, Witness};
use crate::scim::ResourceKind;

/// The format that this version writes.
pub const FORMAT: &str = "scimform.ledger/v3";
const FAMILY: &str = "scimform.ledger/v";
/// Bytes of a part, about; twice as many where resources are spread unevenly. A group's members are not split.
const PART: usize = 1 << 20;
/// The most parts of a section.
const MOST: usize = 4096;
/// What can't be read by anyone who wrote it.
const DAMAGED: &str = "a line of it is damaged";

/// The JSON Schema of the head.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Head).to_value()
}

/// What stands for the ledger of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Ledger")]
pub struct Head {
    /// `scimform.ledger/v3`.
    pub format: String,
    /// The target.
    pub target: String,
    /// Hex salt of the hashes, made once.
    pub salt: String,
    /// Proof that it was written by who holds the key of the environment; none without such a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
    /// How many people are managed.
    pub users: u64,
    /// How many groups are managed.
    pub groups: u64,
    /// How much the last whole read showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// What writes showed of the target, kept so that no later run has to find it out again.
    #[serde(default, skip_serializing_if = "Learned::is_empty")]
    pub learned: Learned,
    /// The parts, and the hash of each one's text (BLAKE3, hex).
    pub parts: BTreeMap<String, String>,
}

/// A part by its name in the head and the hash of its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PartName {
    /// The name in the head.
    pub(super) slot: String,
    /// The hash of the text.
    pub(super) hash: String,
}

impl PartName {
    /// A name of its own for each text, so that no text is ever written over another one.
    pub(super) fn file(&self) -> String {
        format!("{}-{}.jsonl", self.slot, self.hash.get(..16).unwrap_or(&self.hash))
    }
}

/// A part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: PartName,
    pub(super) text: Vec<u8>,
}

/// Kinds of parts: what is managed, and what was set out to be created.
const SECTIONS: [(&str, ResourceKind, bool); 4] = [
    ("users", ResourceKind::User, false),
    ("groups", ResourceKind::Group, false),
    ("pending-users", ResourceKind::User, true),
    ("pending-groups", ResourceKind::Group, true),
];

/// Key, id, hashes, and what few have.
#[derive(Serialize, Deserialize)]
struct Line<'a>(
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow)] Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")] Option<Rest<'a>>,
);

/// What few resources have.
#[derive(Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rest<'a> {
    /// What was sent and what was kept, 16 bytes per path.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    witnesses: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "<[String]>::is_empty")]
    members: Cow<'a, [String]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deactivated: Option<Date>,
}

/// A part that was read.
struct Read {
    kind: ResourceKind,
    pending: bool,
    entries: Vec<(String, Entry)>,
}

/// A resource to be written.
struct Record<'a> {
    key: &'a str,
    marks: &'a Marks,
    /// None of what is only to be created.
    entry: Option<&'a Entry>,
}

impl<'a> Record<'a> {
    fn of(ledger: &'a TargetLedger, kind: ResourceKind, pending: bool) -> Vec<Self> {
        if !pending {
            let entries = ledger.of(kind).iter();
            return entries.map(|(key, entry)| Self { key, marks: &entry.asserted, entry: Some(entry) }).collect();
        }
        let ours = ledger.pending.iter().filter(|one| one.resource == kind);
        ours.map(|one| Self { key: &one.key, marks: &one.matches, entry: None }).collect()
    }

    /// About the bytes of its line.
    fn size(&self) -> usize {
        let entry = |entry: &Entry| {
            let members: usize = entry.members.iter().map(|member| member.len() + 3).sum();
            entry.id.len() + members + entry.witnesses.len() * 22
        };
        self.key.len() + self.marks.len() * 11 + self.entry.map_or(0, entry) + 12
    }

    fn paths(&self) -> impl Iterator<Item = &'a str> {
        let witnesses = self.entry.into_iter().flat_map(|entry| entry.witnesses.keys().map(String::as_str));
        self.marks.keys().map(|path| -> &'a str { path }).chain(witnesses)
    }

    fn line(&self, paths: &[&str]) -> Line<'a> {
        let marks = packed(paths, self.marks.iter().map(|(path, mark)| (path, *mark.bytes())));
        let rest = self.entry.map(|entry| Rest {
            witnesses: witnesses(paths, entry).into(),
            members: entry.members.as_slice().into(),
            deactivated: entry.deactivated,
        });
        let id = self.entry.map_or("", |entry| &entry.id);
        Line(self.key.into(), id.into(), marks.into(), rest.filter(|rest| *rest != Rest::default()))
    }
}

fn witnesses(paths: &[&str], entry: &Entry) -> String {
    if entry.witnesses.is_empty() {
        return String::new();
    }
    let both = |witness: &Witness| {
        let mut both = [0; 2 * Mark::LENGTH];
        let (sent, kept) = both.split_at_mut(Mark::LENGTH);
        sent.copy_from_slice(witness.sent.bytes());
        kept.copy_from_slice(witness.kept.bytes());
        both
    };
    packed(paths, entry.witnesses.iter().map(|(path, witness)| (path.as_str(), both(witness))))
}

/// A ledger as head and parts; the same ledger gives the same bytes. The head has no seal yet.
pub(super) fn encode(target: &str, ledger: &TargetLedger) -> Result<(Head, Vec<Part>), serde_json::Error> {
    let mut parts = Vec::new();
    for (section, kind, pending) in SECTIONS {
        let spread = spread(Record::of(ledger, kind, pending)).into_par_iter().enumerate();
        let written = spread.filter(|(_, records)| !records.is_empty()).map(|(slot, records)| {
            let text = text(records)?;
            let hash = blake3::hash(&text).to_hex().to_string();
            Ok(Part { name: PartName { slot: format!("{section}-{slot:03x}"), hash }, text })
        });
        parts.extend(written.collect::<Result<Vec<Part>, serde_json::Error>>()?);
    }
    let head = Head {
        format: FORMAT.to_owned(),
        target: target.to_owned(),
        salt: ledger.salt.clone(),
        seal: None,
        users: ledger.users.len() as u64,
        groups: ledger.groups.len() as u64,
        seen: ledger.seen,
        learned: ledger.learned.clone(),
        parts: parts.iter().map(|part| (part.name.slot.clone(), part.name.hash.clone())).collect(),
    };
    Ok((head, parts))
}

/// Puts resources into as many parts as they need, by a hash of the key.
fn spread(records: Vec<Record<'_>>) -> Vec<Vec<Record<'_>>> {
    let bytes: usize = records.iter().map(Record::size).sum();
    let slots = bytes.div_ceil(PART).clamp(1, MOST).next_power_of_two();
    let mut spread: Vec<Vec<Record<'_>>> = std::iter::repeat_with(Vec::new).take(slots).collect();
    for record in records {
        let [first, second, ..] = *blake3::hash(record.key.as_bytes()).as_bytes();
        let slot = usize::from(u16::from_le_bytes([first, second])) & (slots - 1);
        if let Some(part) = spread.get_mut(slot) {
            part.push(record);
        }
    }
    spread
}

fn text(mut records: Vec<Record<'_>>) -> Result<Vec<u8>, serde_json::Error> {
    records.sort_unstable_by_key(|record| record.key);
    let paths: BTreeSet<&str> = records.iter().flat_map(Record::paths).collect();
    let paths: Vec<&str> = paths.into_iter().collect();
    let mut text = serde_json::to_vec(&paths)?;
    text.push(b'\n');
    for record in records {
        serde_json::to_writer(&mut text, &record.line(&paths))?;
        text.push(b'\n');
    }
    Ok(text)
}

/// Bytes of some paths: which of all these are, and what they have. Both in the order of paths.
fn packed<'p, const N: usize>(paths: &[&str], values: impl Iterator<Item = (&'p str, [u8; N])>) -> String {
    let mut bytes = vec![0; paths.len().div_ceil(8)];
    for (path, value) in values {
        let Ok(place) = paths.binary_search(&path) else { continue };
        if let Some(bits) = bytes.get_mut(place / 8) {
            *bits |= 1 << (place % 8);
        }
        bytes.extend(value);
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

fn unpacked<const N: usize>(paths: &[&'static str], text: &str) -> Result<Vec<(&'static str, [u8; N])>, String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| DAMAGED.to_owned())?;
    let (bits, values) = bytes.split_at_checked(paths.len().div_ceil(8)).ok_or(DAMAGED)?;
    let is_set = |place: usize| bits.get(place / 8).is_some_and(|byte| byte & (1 << (place % 8)) != 0);
    let named = paths.iter().enumerate().filter(|(place, _)| is_set(*place)).map(|(_, path)| *path);
    let (values, left) = values.as_chunks::<N>();
    let pairs: Vec<(&str, [u8; N])> = named.clone().zip(values.iter().copied()).collect();
    let fits = left.is_empty() && pairs.len() == values.len() && named.count() == values.len();
    if fits { Ok(pairs) } else { Err(DAMAGED.to_owned()) }
}

/// Reads a head; `place` is only named in errors. A format of a later version and a damaged text are errors.
pub(super) fn head(text: &[u8], target: &str, place: &str) -> Result<Head, LedgerError> {
    let corrupt = |why: String| LedgerError::Corrupt { place: place.to_owned(), why };
    check_format(text, FORMAT, 3, place)?;
    let head: Head = serde_json::from_slice(text).map_err(|error| corrupt(error.to_string()))?;
    if head.salt.is_empty() {
        return Err(corrupt("its salt is empty".to_owned()));
    }
    if head.target != target {
        return Err(corrupt(format!("it is of the target `{}`, not `{target}`", head.target.escape_debug())));
    }
    // Both become parts of file names.
    match head.parts.iter().find(|(slot, hash)| section(slot).is_none() || !is_hex(hash, 64)) {
        Some((slot, _)) => Err(corrupt(format!("it has a part `{}`", slot.escape_debug()))),
        None => Ok(head),
    }
}

/// The kind of resources in a part of this name.
fn section(slot: &str) -> Option<(ResourceKind, bool)> {
    let (name, _) = slot.rsplit_once('-').filter(|(_, number)| is_hex(number, 3))?;
    let (_, kind, pending) = SECTIONS.into_iter().find(|(known, ..)| *known == name)?;
    Some((kind, pending))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Refuses a text of another format, and one of a later version by name.
pub(super) fn check_format(text: &[u8], wanted: &str, newest: u64, place: &str) -> Result<String, LedgerError> {
    #[derive(Deserialize)]
    struct Named {
        format: String,
    }
    let corrupt = |why: String| LedgerError::Corrupt { place: place.to_owned(), why };
    let Named { format } = serde_json::from_slice(text).map_err(|error| corrupt(error.to_string()))?;
    match format.strip_prefix(FAMILY).and_then(|version| version.parse::<u64>().ok()) {
        Some(version) if version > newest => Err(LedgerError::Newer { place: place.to_owned(), found: format }),
        Some(_) => Ok(format),
        None => Err(corrupt(format!("its format is `{}`, not `{wanted}`", format.escape_debug()))),
    }
}

impl Head {
    /// The text; the same head gives the same bytes.
    pub(super) fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// The parts that belong to it.
    pub(super) fn names(&self) -> Vec<PartName> {
        self.parts.iter().map(|(slot, hash)| PartName { slot: slot.clone(), hash: hash.clone() }).collect()
    }

    /// Whether these are the texts of its parts.
    pub(super) fn fits(&self, texts: &[Vec<u8>]) -> bool {
        let same = |(hash, text): (&String, &Vec<u8>)| {
            blake3::Hash::from_hex(hash.as_bytes()).is_ok_and(|hash| hash == blake3::hash(text))
        };
        self.parts.len() == texts.len() && self.parts.values().zip(texts).par_bridge().all(same)
    }

    /// The ledger, with the texts of its parts in their order. The error says what is wrong with them.
    pub(super) fn decode(self, texts: &[Vec<u8>]) -> Result<TargetLedger, String> {
        let slots: Vec<&String> = self.parts.keys().collect();
        let read = slots.into_par_iter().zip(texts).map(|(slot, text)| {
            let (kind, pending) = section(slot).ok_or(DAMAGED)?;
            Ok(Read { kind, pending, entries: entries(text)? })
        });
        let read: Vec<Read> = read.collect::<Result<_, String>>()?;
        let mut ledger = TargetLedger {
            salt: self.salt,
            sealed: self.seal.is_some(),
            seen: self.seen,
            learned: self.learned,
            ..TargetLedger::default()
        };
        let mut pending = Vec::new();
        let mut managed: [Vec<(String, Entry)>; 2] = Default::default();
        let [users, groups] = &mut managed;
        for Read { kind, pending: begun, entries } in read {
            match (begun, kind) {
                (true, _) => pending.extend(entries.into_iter().map(|(key, entry)| (kind, key, entry))),
                (false, ResourceKind::User) => users.extend(entries),
                (false, ResourceKind::Group) => groups.extend(entries),
            }
        }
        let [users, groups] = managed;
        (ledger.users, ledger.groups) = (users.into_iter().collect(), groups.into_iter().collect());
        // What got an entry since it was set out to be created is settled.
        pending.retain(|(kind, key, _)| !ledger.of(*kind).contains_key(key));
        pending.sort_by(|(kind, key, _), (other, of, _)| (kind, key).cmp(&(other, of)));
        let begun = |(resource, key, entry): (_, _, Entry)| Pending { resource, key, matches: entry.asserted };
        ledger.pending = pending.into_iter().map(begun).collect();
        Ok(ledger)
    }
}

/// The resources of a part.
fn entries(text: &[u8]) -> Result<Vec<(String, Entry)>, String> {
    let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let first: Vec<Cow<'_, str>> =
        serde_json::from_slice(lines.next().ok_or(DAMAGED)?).map_err(|error| error.to_string())?;
    let paths: Vec<&'static str> = first.iter().map(|path| interned(path)).collect();
    if !paths.is_sorted_by(|one, next| one < next) {
        return Err(DAMAGED.to_owned());
    }
    lines.map(|line| entry(line, &paths)).collect()
}

fn entry(line: &[u8], paths: &[&'static str]) -> Result<(String, Entry), String> {
    let Line(key, id, marks, rest) = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let rest = rest.unwrap_or_default();
    let marks = unpacked(paths, &marks)?.into_iter().map(|(path, bytes)| (path, Mark::new(bytes)));
    let mut entry = Entry {
        id: id.into_owned(),
        asserted: Marks::sorted(marks.collect()),
        members: rest.members.into_owned(),
        deactivated: rest.deactivated,
        ..Entry::default()
    };
    if !rest.witnesses.is_empty() {
        let witness = |both: [u8; 2 * Mark::LENGTH]| {
            let (sent, kept) = both.as_chunks::<{ Mark::LENGTH }>().0.split_first()?;
            Some(Witness { sent: Mark::new(*sent), kept: Mark::new(*kept.first()?) })
        };
        let found = unpacked(paths, &rest.witnesses)?.into_iter();
        entry.witnesses = found.filter_map(|(path, both)| Some((path.to_owned(), witness(both)?))).collect();
    }
    Ok((key.into_owned(), entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(number: u8) -> Mark {
        Mark::new([number; Mark::LENGTH])
    }

    fn ledger(people: usize) -> TargetLedger {
        let mut ledger = TargetLedger { salt: "0a".into(), ..TargetLedger::default() };
        for number in 0..people {
            let entry = ledger.record(ResourceKind::User, &format!("person-{number:06}"), &format!("id-{number:030}"));
            entry.asserted =
                (0..16).filter(|path| number % 7 != *path).map(|path| (format!("p{path}"), mark(9))).collect();
            if number % 5 == 0 {
                entry.witnesses.insert("odd\"path".into(), Witness { sent: mark(1), kept: mark(2) });
                entry.deactivated = Some("2026-11-30".parse().unwrap());
            }
        }
        ledger.record(ResourceKind::Group, "all", "g").members = vec!["a".into(), "b".into()];
        ledger.pending.push(Pending {
            resource: ResourceKind::Group,
            key: "new".into(),
            matches: [("displayName", mark(3))].into_iter().collect(),
        });
        ledger.seen = Some(Seen { users: 7, groups: 1 });
        ledger
    }

    fn texts(parts: &[Part]) -> Vec<Vec<u8>> {
        let mut parts: Vec<&Part> = parts.iter().collect();
        parts.sort_by_key(|part| &part.name);
        parts.into_iter().map(|part| part.text.clone()).collect()
    }

    #[test]
    fn survives_a_round_trip_and_is_the_same_each_time() {
        let ledger = ledger(20_000);
        let (head, parts) = encode("app", &ledger).unwrap();
        assert!(parts.len() > 4, "{}", parts.len());
        let read = super::head(&head.to_json().unwrap(), "app", "x").unwrap();
        assert!(read.fits(&texts(&parts)));
        let again = read.decode(&texts(&parts)).unwrap();
        assert_eq!(again, ledger);
        assert_eq!(encode("app", &again).unwrap().0, head);
    }

    #[test]
    fn a_person_takes_less_than_300_bytes_and_a_change_rewrites_one_part() {
        let mut ledger = ledger(20_000);
        let (_, parts) = encode("app", &ledger).unwrap();
        let bytes: usize = parts.iter().map(|part| part.text.len()).sum();
        assert!(bytes < 300 * 20_000, "{bytes}");
        ledger.record(ResourceKind::User, "person-000007", "moved");
        let (_, after) = encode("app", &ledger).unwrap();
        let names: BTreeSet<&PartName> = parts.iter().map(|part| &part.name).collect();
        assert_eq!(after.iter().filter(|part| !names.contains(&part.name)).count(), 1);
    }

    #[test]
    fn what_was_set_out_and_has_an_entry_is_settled() {
        let mut ledger = ledger(1);
        ledger.record(ResourceKind::Group, "new", "g2");
        let (head, parts) = encode("app", &ledger).unwrap();
        assert!(head.decode(&texts(&parts)).unwrap().pending.is_empty());
    }

    #[test]
    fn damage_is_found_whatever_is_damaged() {
        let (head, parts) = encode("app", &ledger(3)).unwrap();
        for part in 0..parts.len() {
            let whole = texts(&parts);
            for place in 0..whole[part].len() {
                let mut texts = whole.clone();
                texts[part][place] ^= 1;
                assert!(!head.fits(&texts));
                // Shown to a person all the same, and never a panic.
                let _ = head.clone().decode(&texts);
            }
            let mut texts = whole;
            texts.remove(part);
            assert!(!head.fits(&texts));
        }
    }

    #[test]
    fn a_head_of_another_target_or_version_says_so() {
        let text = encode("app", &ledger(1)).unwrap().0.to_json().unwrap();
        let error = super::head(&text, "other", "x").unwrap_err();
        assert!(error.to_string().contains("of the target `app`"), "{error}");
        let later = String::from_utf8(text).unwrap().replace("ledger/v3", "ledger/v4");
        let error = super::head(later.as_bytes(), "app", "x").unwrap_err();
        assert!(matches!(&error, LedgerError::Newer { .. }) && error.to_string().contains("v4"), "{error}");
        for text in ["", "{", "[]", r#"{"format":"other/v1"}"#] {
            let error = super::head(text.as_bytes(), "app", "x").unwrap_err();
            assert!(error.to_string().contains("move it away"), "{error}");
        }
    }
}
