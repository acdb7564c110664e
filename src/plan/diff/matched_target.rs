//! What the diff looks up again and again, prepared once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::desired::{DesiredResource, Presence};
use crate::ledger::Entry;
use crate::live::matching::{MatchRules, Matches, match_all};
use crate::live::normal::Comparison;
use crate::live::{AccountReader, ListTrust, LiveResource};
use crate::plan::input::match_rules;
use crate::plan::observe::shrunken;
use crate::plan::schedule::can_update;
use crate::plan::{Action, PlanInput};
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind};
use crate::source::Span;

use super::identity;

/// A comparison with its path's text, under which the ledger knows it.
pub(in crate::plan) struct Prepared {
    pub(in crate::plan) comparison: Comparison,
    pub(in crate::plan) text: String,
}

/// Both sides of a target with their matches and indexes.
pub(in crate::plan) struct MatchedTarget<'a> {
    pub(in crate::plan) input: PlanInput<'a>,
    pub(in crate::plan) matches: Arc<Matches>,
    rules: MatchRules,
    sides: PerKind<Side<'a>>,
    pub(in crate::plan) accounts: AccountReader,
    people_may_be_hidden: bool,
    /// Whether doubts are left aside, to see what they are about.
    trusting: bool,
}

/// The indexes of one kind of resource.
struct Side<'a> {
    /// Places of live resources by id.
    places: HashMap<&'a str, usize>,
    /// Keys of ledger entries by id.
    owners: HashMap<&'a str, &'a str>,
    /// Keys, former ones included, that can't be planned: neither written nor removed.
    held: BTreeSet<String>,
    knows_all_held: bool,
    /// Places of all declarations, by key and by former key.
    declared: HashMap<&'a str, Span>,
    prepared: FxHashMap<AttrPath, Prepared>,
}

/// Who a live id belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Owner<'s> {
    /// A declared resource of this target.
    Declared(ResourceKind, &'s str),
    /// One that the ledger knows, and that is no longer declared for this target.
    Former(ResourceKind, &'s str),
    /// Someone who can't be planned; must be left as is.
    Held(Option<&'s str>),
    /// Nobody of ours.
    Nobody,
}

impl<'s> Owner<'s> {
    /// The key, where it is known.
    pub(in crate::plan) fn key(self) -> Option<&'s str> {
        match self {
            Self::Declared(_, key) | Self::Former(_, key) => Some(key),
            Self::Held(key) => key,
            Self::Nobody => None,
        }
    }
}

/// The id that a declared resource has at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Resolved<'s> {
    /// It is there.
    Id(&'s str),
    /// It may be there: the ledger knows it, and an error keeps it out of the plan.
    Held(&'s str),
    /// This plan creates it.
    Created,
    /// It is not there and will not be.
    Absent,
}

impl<'a> MatchedTarget<'a> {
    /// Both sides, matched here.
    pub(in crate::plan) fn new(input: PlanInput<'a>) -> Self {
        Self::with(input, Arc::new(matches(&input)))
    }

    /// Both sides with the matches that were made of them.
    pub(in crate::plan) fn with(input: PlanInput<'a>, matches: Arc<Matches>) -> Self {
        let rules = match_rules(input.directory, input.target);
        let sides = PerKind::new(|kind| Side::new(&input, kind, &matches));
        let facts = &input.target.profile;
        let lists_all = facts.capabilities.inactive_listed && facts.is_verified("capabilities.inactiveListed");
        let doubted = matches!(input.live.trust.users, ListTrust::Shrunken { .. });
        let people_may_be_hidden = doubted || !lists_all;
        let accounts = AccountReader::new(facts);
        let mut matched = Self { input, matches, rules, sides, accounts, people_may_be_hidden, trusting: false };
        matched.people_may_be_hidden |= matched.creates_people();
        matched
    }

    /// The same, taking every list at its word.
    pub(in crate::plan) fn trusting(&self) -> Self {
        Self { trusting: true, ..Self::with(self.input, Arc::clone(&self.matches)) }
    }

    /// Whether a list is much shorter than it was.
    pub(in crate::plan) fn is_in_doubt(&self) -> bool {
        !shrunken(self.input.live).is_empty()
    }

    /// Whether a removal may rest on this resource being there, or on its being gone: no list is in doubt, or it was
    /// asked for by its id.
    pub(in crate::plan) fn is_certain(&self, kind: ResourceKind, id: &str, there: bool) -> bool {
        let live = self.input.live;
        let confirmed = if there { live.is_confirmed(kind, id) } else { live.is_gone(kind, id) };
        self.trusting || confirmed || !self.is_in_doubt()
    }

    /// Whether someone who is declared is to be created.
    fn creates_people(&self) -> bool {
        let kind = ResourceKind::User;
        let comes = |user: &DesiredResource| {
            user.presence == Presence::Active
                && self.live_of(kind, &user.key).is_none()
                && !self.is_held(kind, &user.key)
        };
        self.can_create(kind) && self.input.desired.users.values().any(comes)
    }

    /// Whether a declared person may be there under an id that no list showed: the list is not known to show those
    /// without access, or someone is to be created, which may be answered by an account that is there already.
    pub(in crate::plan) fn people_may_be_hidden(&self) -> bool {
        self.people_may_be_hidden
    }

    /// The comparison of a path that is asserted, or of `active`.
    pub(in crate::plan) fn prepared(&self, kind: ResourceKind, path: &AttrPath) -> Option<&Prepared> {
        self.sides.of(kind).prepared.get(path)
    }

    /// The live resources of a kind.
    pub(in crate::plan) fn live(&self, kind: ResourceKind) -> &'a [LiveResource] {
        self.input.live.of(kind)
    }

    /// The live resource that a declared one is.
    pub(in crate::plan) fn live_of(&self, kind: ResourceKind, key: &str) -> Option<&'a LiveResource> {
        self.matches.of(kind).places.get(key).and_then(|place| self.live(kind).get(*place))
    }

    /// The attribute by which a declared resource was found; nothing where the ledger knew it.
    pub(in crate::plan) fn found_by(&self, kind: ResourceKind, key: &str) -> Option<String> {
        let number = self.matches.of(kind).by.get(key)?;
        self.rules.of(kind).get(*number).map(ToString::to_string)
    }

    /// The place of a live id.
    pub(in crate::plan) fn place(&self, kind: ResourceKind, id: &str) -> Option<usize> {
        self.sides.of(kind).places.get(id).copied()
    }

    /// The live resource of an id.
    pub(in crate::plan) fn find(&self, kind: ResourceKind, id: &str) -> Option<&'a LiveResource> {
        self.live(kind).get(self.place(kind, id)?)
    }

    /// The declared resource of a key.
    pub(in crate::plan) fn desired(&self, kind: ResourceKind, key: &str) -> Option<&'a DesiredResource> {
        self.input.desired.find(kind, key)
    }

    /// The ledger's entry of a declared resource, under its key or a former one.
    pub(in crate::plan) fn entry(&self, resource: &DesiredResource) -> Option<&'a Entry> {
        let entries = self.input.ledger.of(resource.kind);
        std::iter::once(&resource.key).chain(&resource.previously).find_map(|key| entries.get(key))
    }

    /// The ledger's entry of a live resource.
    pub(in crate::plan) fn entry_of(&self, live: &LiveResource) -> Option<&'a Entry> {
        let key = self.sides.of(live.kind).owners.get(live.id.as_str())?;
        self.input.ledger.of(live.kind).get(*key)
    }

    /// Whether a key can't be planned.
    pub(in crate::plan) fn is_held(&self, kind: ResourceKind, key: &str) -> bool {
        self.sides.of(kind).held.contains(key)
    }

    /// Whether everyone who can't be planned is known by id, so that whoever is left over is known not to be them.
    pub(in crate::plan) fn knows_all_held(&self, kind: ResourceKind) -> bool {
        self.sides.of(kind).knows_all_held
    }

    /// Where a key is still declared, under its own name or a later one, though maybe not for this target.
    pub(in crate::plan) fn declared(&self, kind: ResourceKind, key: &str) -> Option<Span> {
        self.sides.of(kind).declared.get(key).copied()
    }

    /// Whether a text is a key of ours, of today or of before: an `externalId` made of it is no other client's.
    pub(in crate::plan) fn is_key(&self, kind: ResourceKind, text: &str) -> bool {
        self.declared(kind, text).is_some() || self.input.ledger.of(kind).contains_key(text)
    }

    /// Who a live id of unknown kind belongs to.
    pub(in crate::plan) fn owner(&self, kind: Option<ResourceKind>, id: &str) -> Owner<'_> {
        let kinds = kind.map_or(ResourceKind::ALL.to_vec(), |kind| vec![kind]);
        kinds
            .into_iter()
            .map(|kind| self.owner_of(kind, id))
            .find(|owner| *owner != Owner::Nobody)
            .unwrap_or(Owner::Nobody)
    }

    fn owner_of(&self, kind: ResourceKind, id: &str) -> Owner<'_> {
        let side = self.sides.of(kind);
        let matched = self.matches.of(kind);
        if let Some(place) = side.places.get(id) {
            if let Some(key) = matched.keys.get(place) {
                return if side.held.contains(key) { Owner::Held(Some(key)) } else { Owner::Declared(kind, key) };
            }
            if matched.held.contains(place) {
                return Owner::Held(side.owners.get(id).copied());
            }
        }
        match side.owners.get(id) {
            Some(key) if side.held.contains(*key) => Owner::Held(Some(key)),
            Some(key) if self.desired(kind, key).is_some() => Owner::Declared(kind, key),
            Some(key) => Owner::Former(kind, key),
            None => Owner::Nobody,
        }
    }

    /// The id of a declared resource, or whether it will get one.
    pub(in crate::plan) fn resolve(&self, kind: ResourceKind, key: &str) -> Resolved<'_> {
        if let Some(live) = self.live_of(kind, key) {
            return Resolved::Id(&live.id);
        }
        if self.is_held(kind, key) {
            // The one in question may well be there already: known by the ledger alone.
            let entry = self.input.ledger.of(kind).get(key).filter(|entry| self.find(kind, &entry.id).is_some());
            return entry.map_or(Resolved::Absent, |entry| Resolved::Held(&entry.id));
        }
        match self.desired(kind, key) {
            Some(resource) if resource.presence == Presence::Active && self.can_create(kind) => Resolved::Created,
            _ => Resolved::Absent,
        }
    }

    /// Whether the target offers a request that changes resources of a kind.
    pub(in crate::plan) fn can_update(&self, kind: ResourceKind) -> bool {
        can_update(&self.input.target.profile.capabilities, &self.input.live.discovery, kind)
    }

    /// Whether someone who is inactive at the target can't be given access again there.
    pub(in crate::plan) fn stays_inactive(&self, kind: ResourceKind, key: &str) -> bool {
        let inactive = |live: &LiveResource| !self.accounts.state(&live.attributes).has_access();
        !self.input.target.profile.capabilities.reactivation && self.live_of(kind, key).is_some_and(inactive)
    }

    /// Whether resources of a kind are left out of what is managed at the target.
    pub(in crate::plan) fn leaves_out(&self, kind: ResourceKind) -> bool {
        kind == ResourceKind::User && !self.input.target.profile.capabilities.resources.users
    }

    /// Whether the target lets an action on a kind happen: by `actions`, and as the kind is not left out there. Adopting
    /// and forgetting change nothing there.
    pub(in crate::plan) fn allows(&self, kind: ResourceKind, action: Action) -> bool {
        let actions = self.input.target.actions;
        match action {
            Action::Create | Action::Update | Action::Reactivate | Action::Deactivate | Action::Delete
                if self.leaves_out(kind) =>
            {
                false
            }
            Action::Create => actions.create,
            Action::Update | Action::Reactivate => actions.update,
            Action::Deactivate => actions.deactivate,
            Action::Delete => actions.delete,
            Action::Adopt | Action::Forget => true,
        }
    }

    /// Whether a resource of a kind comes to be by a create of ours.
    pub(in crate::plan) fn can_create(&self, kind: ResourceKind) -> bool {
        self.allows(kind, Action::Create) && self.takes_new(kind)
    }

    /// Whether the target makes resources of a kind by SCIM.
    pub(in crate::plan) fn takes_new(&self, kind: ResourceKind) -> bool {
        let facts = &self.input.target.profile.capabilities;
        match kind {
            ResourceKind::User => facts.create_users,
            ResourceKind::Group => facts.create_groups,
        }
    }

    /// The name that people read of a declared member.
    pub(in crate::plan) fn name_of(&self, kind: ResourceKind, key: &str) -> String {
        self.desired(kind, key).map_or_else(|| key.to_owned(), |resource| resource.name.clone())
    }

    /// Whether what was read can justify a removal (the law of honesty).
    pub(in crate::plan) fn may_remove(&self) -> bool {
        ResourceKind::ALL.into_iter().all(|kind| self.input.live.trust.of(kind).short().is_none())
    }

    /// Whether a kind of resource is not read at all at the target.
    pub(in crate::plan) fn leaves_unread(&self, kind: ResourceKind) -> bool {
        kind == ResourceKind::Group && !self.input.target.profile.capabilities.resources.groups
    }

    /// Whether what is known by its id and was not seen is not there: the list holds everything, or each id that the
    /// ledger knows was asked for.
    pub(in crate::plan) fn absence_is_known(&self, kind: ResourceKind) -> bool {
        self.may_remove() && self.input.live.trust.of(kind).short().is_none()
    }

    /// Whether a listing holds everything of a kind.
    pub(in crate::plan) fn is_complete(&self, kind: ResourceKind) -> bool {
        self.may_remove() && self.input.live.trust.of(kind).is_whole()
    }
}

/// Which declared resource is which live one.
pub fn matches(input: &PlanInput<'_>) -> Matches {
    let rules = match_rules(input.directory, input.target);
    let mut matches = match_all(input.desired, input.live, &input.ledger.known(), &rules, &input.target.profile);
    identity::hold_reused(input, &mut matches);
    matches
}

/// Former keys of a declared resource.
fn formers(input: &PlanInput<'_>, kind: ResourceKind, key: &str) -> Vec<String> {
    let directory = input.directory;
    let formers = match kind {
        ResourceKind::User => {
            directory.users.get(key).map(|user| user.previously.iter().map(ToString::to_string).collect())
        }
        ResourceKind::Group => {
            directory.groups.get(key).map(|group| group.previously.iter().map(ToString::to_string).collect())
        }
    };
    formers.unwrap_or_default()
}

impl<'a> Side<'a> {
    fn new(input: &PlanInput<'a>, kind: ResourceKind, matches: &Matches) -> Self {
        let live = input.live.of(kind);
        let mut held: BTreeSet<String> = matches.of(kind).failed.clone();
        held.extend(
            input.desired.problems.iter().filter(|problem| problem.kind == kind).map(|problem| problem.key.clone()),
        );
        let former: Vec<String> = held.iter().flat_map(|key| formers(input, kind, key)).collect();
        held.extend(former);
        let mut places = HashMap::with_capacity(live.len());
        for (place, resource) in live.iter().enumerate() {
            places.entry(resource.id.as_str()).or_insert(place);
        }
        let entries = input.ledger.of(kind);
        let mut problems = input.desired.problems.iter().filter(|problem| problem.kind == kind);
        let knows_all_held = problems.all(|problem| {
            let formers = formers(input, kind, &problem.key);
            entries.contains_key(&problem.key) || formers.iter().any(|key| entries.contains_key(key))
        });
        Self {
            knows_all_held,
            declared: declared(input, kind),
            places,
            owners: entries.iter().map(|(key, entry)| (entry.id.as_str(), key.as_str())).collect(),
            held,
            prepared: prepared(input, kind),
        }
    }
}

/// Places of all declarations of a kind, by key and by former key; a key in use counts more than a former one.
fn declared<'a>(input: &PlanInput<'a>, kind: ResourceKind) -> HashMap<&'a str, Span> {
    let mut declared = HashMap::new();
    match kind {
        ResourceKind::User => {
            let users = input.directory.users.values();
            declared.extend(
                users.clone().flat_map(|user| user.previously.iter().map(|former| (former.as_str(), user.origin))),
            );
            declared.extend(users.map(|user| (user.key.as_str(), user.origin)));
        }
        ResourceKind::Group => {
            let groups = input.directory.groups.values();
            declared.extend(
                groups.clone().flat_map(|group| group.previously.iter().map(|former| (former.as_str(), group.origin))),
            );
            declared.extend(groups.map(|group| (group.key.as_str(), group.origin)));
        }
    }
    declared
}

/// The comparisons of all paths that are asserted, and of `active`.
fn prepared(input: &PlanInput<'_>, kind: ResourceKind) -> FxHashMap<AttrPath, Prepared> {
    let profile = &input.target.profile;
    let mut prepared = FxHashMap::default();
    let mut add = |path: &AttrPath| {
        if !prepared.contains_key(path) {
            let comparison = Comparison::new(profile, kind, path);
            prepared.insert(path.clone(), Prepared { comparison, text: path.to_string() });
        }
    };
    if kind == ResourceKind::User {
        add(&AttrPath::attribute("active"));
    }
    add(&AttrPath::attribute(kind.name_attribute()));
    input.desired.of(kind).flat_map(|one| &one.assertions).for_each(|assertion| add(&assertion.path));
    prepared
}
