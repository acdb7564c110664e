//! Whether an id that the ledger knows is still the same one's. A server may give the id of a deleted account to somebody
//! else; then everything that we ever sent to it differs at once. One value that is still ours and tells who it is is enough to go
//! on: people are renamed, and servers alter what they keep.

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::desired::{Asserted, DesiredResource, Problem};
use crate::diag::NoticeCode;
use crate::ledger::{Entry, Mark};
use crate::live::matching::Matches;
use crate::live::normal::{Comparison, Handling};
use crate::live::{AccountReader, LiveResource};
use crate::plan::PlanInput;
use crate::scim::{ResourceKind, Value};

use super::notes::names;

/// Values that must all differ before an id is taken to be another's.
const FEWEST: usize = 2;

/// Keeps those out of the plan whose id may be another's by now.
pub(super) fn hold_reused(input: &PlanInput<'_>, matches: &mut Matches) {
    for kind in ResourceKind::ALL {
        let matched = matches.of(kind);
        let known = Known::new(input, kind);
        let of_key = |(key, place): (&String, &usize)| {
            let by_ledger = !matched.by.contains_key(key);
            by_ledger
                .then(|| known.declared(key))
                .flatten()
                .map(|(resource, entry)| (key.clone(), *place, Some(resource), entry))
        };
        let mut ours: Vec<_> = matched.places.iter().filter_map(of_key).collect();
        let places: FxHashMap<&str, usize> =
            known.live.iter().enumerate().map(|(place, live)| (live.id.as_str(), place)).collect();
        let leaves = |(key, entry): (&'_ String, &'_ Entry)| {
            let place = *places.get(entry.id.as_str())?;
            let free = !matched.keys.contains_key(&place) && !matched.held.contains(&place);
            free.then(|| (key.clone(), place))
        };
        let entries = input.ledger.of(kind);
        ours.extend(entries.iter().filter_map(leaves).filter_map(|(key, place)| {
            let entry = entries.get(&key)?;
            Some((key, place, None, entry))
        }));
        let reused: Vec<(String, usize, Problem)> = ours
            .into_par_iter()
            .filter_map(|(key, place, resource, entry)| {
                let live = known.live.get(place)?;
                let problem = known.reused(&key, resource, entry, live)?;
                Some((key, place, problem))
            })
            .collect();
        for (key, place, problem) in reused {
            matches.hold(kind, &key, place);
            matches.errors.push(problem);
        }
    }
    matches.errors.sort();
}

/// What is known of one kind of resource.
struct Known<'a> {
    input: &'a PlanInput<'a>,
    kind: ResourceKind,
    live: &'a [LiveResource],
    accounts: AccountReader,
    /// By the path's text in the ledger.
    comparisons: FxHashMap<&'a str, Comparison>,
}

/// What a value says about whose it is.
#[derive(PartialEq, Eq)]
enum Sign {
    Same,
    /// The same, as many have it.
    Shared,
    Other,
    None,
}

impl<'a> Known<'a> {
    fn new(input: &'a PlanInput<'a>, kind: ResourceKind) -> Self {
        let live = input.live.of(kind);
        let mut comparisons = FxHashMap::default();
        for path in
            input.ledger.of(kind).values().flat_map(|entry| entry.asserted.keys()).filter(|path| *path != "active")
        {
            if !comparisons.contains_key(path)
                && let Ok(parsed) = path.parse()
            {
                comparisons.insert(path, Comparison::new(&input.target.profile, kind, &parsed));
            }
        }
        Self { input, kind, live, accounts: AccountReader::new(&input.target.profile), comparisons }
    }

    /// A declared resource with its entry.
    fn declared(&self, key: &str) -> Option<(&'a DesiredResource, &'a Entry)> {
        let desired = self.input.desired.find(self.kind, key)?;
        let entries = self.input.ledger.of(self.kind);
        let mut keys = std::iter::once(&desired.key).chain(&desired.previously);
        keys.find_map(|key| entries.get(key)).map(|entry| (desired, entry))
    }

    fn reused(
        &self,
        key: &str,
        resource: Option<&DesiredResource>,
        entry: &Entry,
        live: &LiveResource,
    ) -> Option<Problem> {
        let is_inactive = !self.accounts.state(&live.attributes).has_access();
        // A server may blank and rename whom we deactivated, and nothing more is taken from them.
        if is_inactive && entry.deactivated.is_some() {
            return None;
        }
        let (mut others, mut shared) = (Vec::new(), false);
        for (path, hash) in entry.asserted.iter() {
            match self.sign(key, resource, (path, hash, entry), live) {
                Sign::Same => return None,
                Sign::Shared => shared = true,
                Sign::Other => others.push(path),
                Sign::None => {}
            }
        }
        if shared {
            others.retain(|path| tells_apart(path));
        }
        (others.len() >= FEWEST).then(|| self.problem(key, resource, live, &names(others)))
    }

    fn sign(
        &self,
        key: &str,
        resource: Option<&DesiredResource>,
        (path, sent, entry): (&str, Mark, &Entry),
        live: &LiveResource,
    ) -> Sign {
        let hash = |value: &Value| self.input.hasher.hash(path, value);
        let Some(comparison) = self.comparisons.get(path) else { return Sign::None };
        let found = comparison.find(&live.attributes);
        let is_seen = matches!(comparison.handling(), Handling::Compared | Handling::CreateOnly);
        // What is not shown is not another value, and what the target makes up says nothing.
        if !is_seen || comparison.leader().is_some() || found.is_blank() || sent == hash(&Value::Null) {
            return Sign::None;
        }
        let value = found.to_value();
        let kept = entry.witnesses.get(path).map(|witness| witness.kept);
        let as_noted = |value: &Value| {
            let hash = hash(value);
            hash == sent || kept == Some(hash)
        };
        let lowered = || value.as_str().is_some_and(|text| text == key || as_noted(&Value::from(text.to_lowercase())));
        let same = if tells_apart(path) { Sign::Same } else { Sign::Shared };
        if as_noted(&value) || lowered() {
            return same;
        }
        let assertion = resource.and_then(|one| one.assertions.iter().find(|one| one.path.to_string() == path));
        match assertion.map(|assertion| &assertion.value) {
            Some(Asserted::Value(wanted)) if comparison.same(wanted, &found) => same,
            Some(Asserted::Value(wanted)) if as_noted(&comparison.project(wanted, &found)) => same,
            Some(Asserted::Value(_)) => Sign::Other,
            // Without the shape that was sent, only a plain text can be told from another.
            None if value.as_str().is_some() => Sign::Other,
            _ => Sign::None,
        }
    }

    fn problem(&self, key: &str, resource: Option<&DesiredResource>, live: &LiveResource, paths: &str) -> Problem {
        let (thing, other) = match self.kind {
            ResourceKind::User => ("account", "person"),
            ResourceKind::Group => ("group", "group"),
        };
        let (id, target) = (&live.id, &self.input.target.name);
        let message = format!(
            "the {thing} with its id `{id}` has none of the values that were last sent and tell who it is ({paths} all differ), so it may be another {other}'s by now, and nothing is done to it. If it is still `{key}`, set one of these back at the target; if it is not, run `scimform ledger forget {target} {key}`"
        );
        let origin = resource.map(|resource| resource.origin);
        Problem { kind: self.kind, key: key.to_owned(), code: NoticeCode::IdReused, message, origin }
    }
}

/// Whether a value is seldom two people's or two groups'. Family names, titles and departments often are.
fn tells_apart(path: &str) -> bool {
    let name = path.rsplit(':').next().unwrap_or(path);
    let attribute = name.split(['.', '[']).next().unwrap_or(name);
    let alone = ["userName", "externalId", "displayName", "emails", "phoneNumbers", "employeeNumber"];
    alone.iter().any(|one| one.eq_ignore_ascii_case(attribute))
        || ["name", "name.givenName", "name.formatted"].iter().any(|one| one.eq_ignore_ascii_case(name))
}
