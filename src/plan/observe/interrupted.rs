//! What an earlier apply set out to create and did not see through: found again by keyed hashes of what it is matched
//! by, since of someone who is declared no more nothing else is known.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::NoticeCode;
use crate::ledger::{Hasher, Mark, Marks, Pending, TargetLedger};
use crate::live::LiveResource;
use crate::live::matching::Matches;
use crate::live::normal::Comparison;
use crate::plan::{PlanInput, PlanNotice};
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// What is known of creations that an earlier apply left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterruptedCreates {
    /// Kind, key and id of what is there, was made by an earlier apply by all signs, and is declared no more.
    pub found: Vec<(ResourceKind, String, String)>,
    /// What is to be said about them.
    pub notices: Vec<PlanNotice>,
}

impl InterruptedCreates {
    /// Enters what was found: it is ours, and not declared.
    pub fn enter(&self, ledger: &mut TargetLedger) {
        for (kind, key, id) in &self.found {
            ledger.record(*kind, key, id);
        }
    }
}

/// The keyed hashes by which a resource is recognised, by match attribute; `rules` are those attributes in order.
pub fn match_marks(hasher: &Hasher, rules: &[Comparison], object: &Object) -> Marks {
    let mark = |rule: &Comparison| Some((rule.path().to_string(), marks(hasher, rule, object).into_iter().next()?));
    rules.iter().filter_map(mark).collect()
}

fn marks(hasher: &Hasher, rule: &Comparison, object: &Object) -> Vec<Mark> {
    let path = rule.path().to_string();
    rule.match_keys(&rule.find(object)).into_iter().map(|key| hasher.hash(&path, &Value::from(key))).collect()
}

/// Looks for creations that were left open and are declared no more. Those that still are, the plan finds by its rules.
pub(super) fn interrupted(input: &PlanInput<'_>, matches: &Matches) -> InterruptedCreates {
    let declared = |one: &Pending| input.desired.find(one.resource, &one.key).is_some();
    let open: Vec<&Pending> = input
        .ledger
        .pending
        .iter()
        .filter(|one| !declared(one) && !input.ledger.of(one.resource).contains_key(&one.key))
        .collect();
    let mut interrupted = InterruptedCreates::default();
    if open.is_empty() {
        return interrupted;
    }
    for kind in ResourceKind::ALL {
        let open: Vec<&Pending> = open.iter().copied().filter(|one| one.resource == kind).collect();
        let entries: BTreeSet<&str> = input.ledger.of(kind).values().map(|entry| entry.id.as_str()).collect();
        let matched = matches.of(kind);
        let (list, whole) = (input.live.of(kind), input.live.trust.of(kind).is_whole());
        let free = |(place, live): (usize, &'_ LiveResource)| {
            let taken = matched.keys.contains_key(&place) || matched.held.contains(&place);
            (!taken && !entries.contains(live.id.as_str())).then_some(place)
        };
        let free: Vec<&LiveResource> =
            list.iter().enumerate().filter_map(free).filter_map(|place| list.get(place)).collect();
        let index = Index::new(input, kind, &open, &free);
        for one in open {
            let hits = index.hits(one);
            interrupted.notices.push(notice(one, &hits, whole));
            if let [id] = hits.as_slice() {
                interrupted.found.push((kind, one.key.clone(), (*id).to_owned()));
            }
        }
    }
    interrupted
}

/// Ids of those who could be meant, by path and keyed hash, and by path alone.
#[derive(Default)]
struct Index<'a> {
    marked: BTreeMap<(&'a str, Mark), BTreeSet<&'a str>>,
    valued: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Index<'a> {
    fn new(input: &PlanInput<'_>, kind: ResourceKind, open: &[&'a Pending], free: &[&'a LiveResource]) -> Self {
        let paths: BTreeSet<&str> = open.iter().flat_map(|one| one.matches.keys()).collect();
        let mut index = Self::default();
        for text in paths {
            let Ok(path) = text.parse::<AttrPath>() else { continue };
            let rule = Comparison::new(&input.target.profile, kind, &path);
            for live in free {
                for mark in marks(input.hasher, &rule, &live.attributes) {
                    index.marked.entry((text, mark)).or_default().insert(&live.id);
                    index.valued.entry(text).or_default().insert(&live.id);
                }
            }
        }
        index
    }

    fn has(&self, path: &'a str, mark: Mark, id: &str) -> bool {
        self.marked.get(&(path, mark)).is_some_and(|ids| ids.contains(id))
    }

    /// The resources that one of the hashes names and none contradicts.
    fn hits(&self, one: &'a Pending) -> Vec<&'a str> {
        let marks = || one.matches.iter();
        let named = marks().filter_map(|mark| self.marked.get(&mark));
        let named: BTreeSet<&str> = named.flatten().copied().collect();
        let other = |id: &str, (path, mark)| {
            self.valued.get(path).is_some_and(|ids| ids.contains(id)) && !self.has(path, mark, id)
        };
        named.into_iter().filter(|id| !marks().any(|mark| other(id, mark))).collect()
    }
}

fn notice(one: &Pending, hits: &[&str], complete: bool) -> PlanNotice {
    let (kind, key) = (one.resource, &one.key);
    let before = format!("an earlier apply set out to create the {kind} `{key}`, which is declared no more");
    let message = match hits {
        [id] => format!("{before}; it is there (id {id}) and taken for ours"),
        [] if complete => format!("{before}; nothing at the target looks like it"),
        [] => format!("{before}; it may be there, but not everything could be read"),
        several => {
            format!("{before}; several at the target look like it and are left alone: ids {}", several.join(", "))
        }
    };
    PlanNotice { code: NoticeCode::UnsettledCreate, message, origin: None }
}
