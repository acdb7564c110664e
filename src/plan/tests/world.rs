//! A small target with people and groups on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::date;

use crate::desired::{Apply, Asserted, Assertion, Desired, DesiredResource, MemberKey, Presence};
use crate::directory::{
    Actions, Binding, BindingName, Directory, Group, GroupKey, LedgerLocation, Limits, Manage, MembershipMode, Mode,
    OnRemove, Places, Protect, Target, TargetName, User, UserKey,
};
use crate::ledger::{Entry, Hasher, TargetLedger};
use crate::live::{ListTrust, Live, LiveMember, LiveResource, Members};
use crate::mapping::{Expression, Mapping};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::observe::{Answer, Basis, Observed, Purpose, needs, shrink};
use crate::plan::{Action, Change, PlanInput, TargetPlan, plan_target};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, PerKind, ResourceKind, Value};
use crate::source::{SourceMap, Span};

pub(in crate::plan) fn path(text: &str) -> AttrPath {
    text.parse().unwrap()
}

pub(in crate::plan) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

pub(in crate::plan) fn span() -> Span {
    Span::default()
}

pub(in crate::plan) fn assertion(at: &str, value: Value) -> Assertion {
    Assertion {
        path: path(at).into(),
        value: Asserted::Value(value),
        apply: Apply::Always,
        origin: span(),
        sensitive: false,
        gives_way: false,
    }
}

/// A declared person with `userName`, `externalId` and `active`.
pub(in crate::plan) fn person(key: &str, presence: Presence, more: Vec<Assertion>) -> DesiredResource {
    let mut assertions = vec![
        assertion("active", Value::Bool(presence == Presence::Active)),
        assertion("externalId", Value::from(key)),
        assertion("userName", Value::from(format!("{key}@acme.example"))),
    ];
    assertions.extend(more);
    assertions.sort_by(|a, b| a.path.cmp(&b.path));
    let kind = ResourceKind::User;
    DesiredResource {
        kind,
        key: key.into(),
        previously: vec![],
        name: key.to_uppercase(),
        origin: span(),
        presence,
        assertions,
        members: None,
        additive: false,
    }
}

pub(in crate::plan) fn pushed(key: &str, members: &[MemberKey]) -> DesiredResource {
    DesiredResource {
        kind: ResourceKind::Group,
        key: key.into(),
        previously: vec![],
        name: key.to_uppercase(),
        origin: span(),
        presence: Presence::Active,
        assertions: vec![assertion("displayName", Value::from(key))],
        members: Some(members.iter().map(|member| (member.clone(), span())).collect()),
        additive: false,
    }
}

pub(in crate::plan) fn account(id: &str, key: &str, active: bool, more: &str) -> LiveResource {
    let mut attributes: Object = [
        ("externalId", Value::from(key)),
        ("userName", Value::from(format!("{key}@acme.example"))),
        ("active", Value::Bool(active)),
    ]
    .into_iter()
    .collect();
    for (name, value) in json(more).as_object().cloned().unwrap() {
        attributes.insert(name, value);
    }
    LiveResource {
        kind: ResourceKind::User,
        id: id.into(),
        version: None,
        attributes,
        members: Members::Unknown,
        by_id: false,
        unkept: crate::live::Unkept::default(),
    }
}

pub(in crate::plan) fn live_group(id: &str, name: &str, members: &[&str]) -> LiveResource {
    let member = |id: &&str| LiveMember { id: (*id).into(), kind: None, display: None };
    LiveResource {
        kind: ResourceKind::Group,
        id: id.into(),
        version: None,
        attributes: [("displayName", Value::from(name))].into_iter().collect(),
        members: Members::Known(members.iter().map(member).collect()),
        by_id: false,
        unkept: crate::live::Unkept::default(),
    }
}

pub(in crate::plan) fn entry(id: &str) -> Entry {
    Entry { id: id.into(), ..Entry::default() }
}

/// Everything that a plan is made from.
pub(in crate::plan) struct World {
    pub(in crate::plan) directory: Directory,
    pub(in crate::plan) target: Target,
    pub(in crate::plan) desired: Desired,
    pub(in crate::plan) live: Live,
    pub(in crate::plan) ledger: TargetLedger,
    pub(in crate::plan) hasher: Hasher,
    pub(in crate::plan) sources: SourceMap,
    pub(in crate::plan) only: Option<BTreeSet<String>>,
}

pub(in crate::plan) fn profile() -> Profile {
    serde_json::from_str(r#"{"name":"generic","title":"Generic"}"#).unwrap()
}

impl World {
    /// An empty target, listed completely.
    pub(in crate::plan) fn new() -> Self {
        let name = TargetName::from("app");
        let target = Target {
            name: name.clone(),
            origin: span(),
            profile: Arc::new(profile()),
            url: None,
            auth: None,
            places: Places::default(),
            manage: Manage::Owned,
            mode: Mode::Sync,
            actions: Actions::default(),
            expires: None,
            on_remove: OnRemove::default(),
            limits: Limits::default(),
            protect: Protect::default(),
        };
        let mapping = Mapping {
            name: "m".into(),
            rows: PerKind::default(),
            matching: PerKind { users: vec![path("externalId"), path("userName")], groups: vec![path("displayName")] },
        };
        let binding = Binding {
            name: BindingName::from("b"),
            origin: span(),
            target: name,
            groups: vec![],
            users: vec![],
            rule: None,
            matching: BTreeSet::default(),
            push: vec![],
            membership: MembershipMode::Exact,
            mapping: Arc::new(mapping),
        };
        let mut sources = SourceMap::default();
        sources.add("people.yaml", "users:\n");
        let directory = Directory {
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            targets: BTreeMap::new(),
            bindings: [(binding.name.clone(), binding)].into(),
            profiles: BTreeMap::new(),
            policies: vec![],
            ledger: LedgerLocation::Directory(".scimform".into()),
        };
        let live = Live { trust: PerKind { users: ListTrust::Whole, groups: ListTrust::Whole }, ..Live::default() };
        let (desired, ledger) = (Desired::default(), TargetLedger::default());
        Self { directory, target, desired, live, ledger, hasher: Hasher::new("00"), sources, only: None }
    }

    pub(in crate::plan) fn profile(&mut self) -> &mut Profile {
        Arc::make_mut(&mut self.target.profile)
    }

    /// Declares a person, with the target and in the directory.
    pub(in crate::plan) fn declare(&mut self, resource: DesiredResource) {
        self.known(&resource.key);
        if let Some(user) = self.directory.users.get_mut(resource.key.as_str()) {
            user.previously = resource.previously.iter().map(|key| UserKey::from(key.as_str())).collect();
        }
        self.desired.users.insert(UserKey::from(resource.key.as_str()), resource);
    }

    /// Declares a person who is not assigned to the target.
    pub(in crate::plan) fn known(&mut self, key: &str) {
        let user = User {
            key: UserKey::from(key),
            origin: span(),
            attributes: json(&format!(r#"{{"key":"{key}","userName":"{key}@acme.example"}}"#)),
            places: crate::config::model::AttributePlaces::default(),
            active: None,
            starts: None,
            ends: None,
            previously: vec![],
        };
        self.directory.users.insert(user.key.clone(), user);
    }

    pub(in crate::plan) fn push(&mut self, resource: DesiredResource) {
        let key = GroupKey::from(resource.key.as_str());
        let group = Group {
            key: key.clone(),
            origin: span(),
            attributes: json("{}"),
            display_name: resource.name.clone(),
            members: vec![],
            groups: vec![],
            rule: None,
            matching: BTreeSet::default(),
            privileged: false,
            previously: vec![],
        };
        self.directory.groups.insert(key.clone(), group);
        self.desired.groups.insert(key, resource);
    }

    pub(in crate::plan) fn own(&mut self, key: &str, id: &str) {
        self.ledger.users.insert(key.into(), entry(id));
    }

    pub(in crate::plan) fn protect_users(&mut self, text: &str) {
        self.target.protect.rules.users.push(Expression::compile(text, None).unwrap());
    }

    pub(in crate::plan) fn plan(&self) -> TargetPlan {
        plan_target(PlanInput { live: &self.judged(), ..self.input() })
    }

    pub(in crate::plan) fn basis(&self) -> Basis<'_> {
        let PlanInput { target, hasher, directory, sources, as_of, only, .. } = self.input();
        Basis { target, hasher, directory, sources, as_of, only }
    }

    /// The target once its lists were read.
    pub(in crate::plan) fn observed(&self) -> Observed<'_> {
        let mut observed = Observed::new(self.basis(), self.desired.clone(), self.ledger.clone().into(), Purpose::Plan);
        observed.take(Answer::Lists(Box::new(self.live.clone())));
        observed
    }

    /// What is live, its lists held against the counts of the last apply.
    pub(in crate::plan) fn judged(&self) -> Live {
        let mut live = self.live.clone();
        shrink::judge(&self.ledger, &mut live);
        live
    }

    /// What is asked for by id because a list shrank.
    pub(in crate::plan) fn suspects(&self) -> Vec<(ResourceKind, String)> {
        let live = self.judged();
        let matched = MatchedTarget::new(PlanInput { live: &live, ..self.input() });
        needs::suspects(&matched).items().map(|(kind, id)| (kind, id.clone())).collect()
    }

    /// Notes that a resource was read by its id.
    pub(in crate::plan) fn confirm(&mut self, kind: ResourceKind, id: &str) {
        self.live.of_mut(kind).iter_mut().filter(|one| one.id == id).for_each(|one| one.by_id = true);
    }

    /// Notes that an id was answered by 404.
    pub(in crate::plan) fn deny(&mut self, kind: ResourceKind, id: &str) {
        self.live.gone.of_mut(kind).insert(id.to_owned());
    }

    pub(in crate::plan) fn input(&self) -> PlanInput<'_> {
        PlanInput {
            target: &self.target,
            desired: &self.desired,
            live: &self.live,
            ledger: &self.ledger,
            hasher: &self.hasher,
            directory: &self.directory,
            sources: &self.sources,
            as_of: date(2026, 7, 1),
            only: self.only.as_ref(),
        }
    }
}

/// `action key` of each change, attributes and members behind it.
pub(in crate::plan) fn lines(plan: &TargetPlan) -> Vec<String> {
    plan.changes.iter().map(line).collect()
}

fn line(change: &Change) -> String {
    let mut parts = vec![action(change.action), change.key.clone()];
    for attribute in change.attributes.iter().filter(|_| change.action != Action::Create) {
        parts.push(format!("{}:{}>{}", attribute.path, attribute.before, attribute.after));
    }
    for (sign, members) in [('+', &change.members.add), ('-', &change.members.remove)] {
        for member in members {
            parts.push(format!("{sign}{}", member.key.as_ref().or(member.id.as_ref()).unwrap()));
        }
    }
    parts.join(" ")
}

fn action(action: Action) -> String {
    serde_json::to_value(action).unwrap().as_str().unwrap().to_owned()
}

pub(in crate::plan) fn codes(plan: &TargetPlan) -> Vec<&str> {
    plan.notices.iter().map(|notice| notice.code.name()).collect()
}

/// Key and code of each error.
pub(in crate::plan) fn errors(plan: &TargetPlan) -> Vec<(&str, &str)> {
    plan.errors.iter().map(|error| (error.key.as_str(), error.code.name())).collect()
}

pub(in crate::plan) fn violations(plan: &TargetPlan) -> Vec<&str> {
    plan.violations.iter().map(|violation| violation.code.name()).collect()
}
