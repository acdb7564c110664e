//! A repository and a target, planned by the real planner.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::fake::Fake;
use crate::apply::{Cancel, Due, Event, Known, Observer, Run, TargetReport, Timing, apply};
use crate::desired::{Apply, Asserted, Assertion, Desired, DesiredResource, MemberKey, Presence};
use crate::directory::{
    Actions, Binding, Directory, LedgerLocation, Limit, Limits, Manage, MembershipMode, Mode, OnRemove, Places,
    Protect, RemoveGroups, RemoveUsers, Target, UserKey,
};
use crate::ledger::{Hasher, TargetLedger};
use crate::live::Live;
use crate::mapping::Mapping;
use crate::plan::schedule::schedule;
use crate::plan::{Action, PlanInput, TargetPlan, match_rules, matches, plan_target};
use crate::profile;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind, Value};
use crate::source::{SourceMap, Span};

pub(super) const USER: ResourceKind = ResourceKind::User;
pub(super) const GROUP: ResourceKind = ResourceKind::Group;
/// The salt of the ledger.
pub(super) const SALT: &str = "salt";
pub(super) const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";

pub(super) struct World {
    pub(super) fake: Fake,
    pub(super) desired: Desired,
    pub(super) ledger: TargetLedger,
    pub(super) cancel: Cancel,
    pub(super) read_age: Duration,
    pub(super) directory: Directory,
    pub(super) hasher: Hasher,
    pub(super) sources: SourceMap,
}

#[derive(Default)]
pub(super) struct Watch {
    pub(super) events: Vec<Event>,
    pub(super) checkpoints: Vec<TargetLedger>,
    pub(super) breaks_at: Option<usize>,
}

impl Observer for Watch {
    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        self.events.push(event.clone());
        if self.breaks_at == Some(self.events.len()) { Err(std::io::Error::other("disk full")) } else { Ok(()) }
    }

    fn checkpoint(&mut self, _: &str, ledger: &TargetLedger, _: Due) -> std::io::Result<()> {
        self.checkpoints.push(ledger.clone());
        Ok(())
    }
}

pub(super) fn assertion(path: &str, asserted: Asserted) -> Assertion {
    Assertion {
        path: std::sync::Arc::new(path.parse().unwrap()),
        value: asserted,
        apply: Apply::Always,
        origin: Span::default(),
        sensitive: false,
        gives_way: false,
    }
}

impl World {
    pub(super) fn new(capabilities: serde_json::Value) -> Self {
        let profile = profile::builtin("generic").unwrap().with_capabilities(&capabilities).unwrap();
        let open = Some(Limit { count: Some(1000), percent: Some(100.0) });
        let target = Target {
            name: "t".into(),
            origin: Span::default(),
            profile: Arc::new(profile),
            url: None,
            auth: None,
            places: Places::default(),
            manage: Manage::Owned,
            mode: Mode::Sync,
            actions: Actions::default(),
            expires: None,
            on_remove: OnRemove::default(),
            limits: Limits { removals: open, ..Limits::default() },
            protect: Protect::default(),
        };
        let path = |name: &str| AttrPath::attribute(name);
        let mapping = Mapping {
            name: "m".into(),
            rows: PerKind::default(),
            matching: PerKind {
                users: vec![path("externalId"), path("userName")],
                groups: vec![path("externalId"), path("displayName")],
            },
        };
        let binding = Binding {
            name: "b".into(),
            origin: Span::default(),
            target: "t".into(),
            groups: Vec::new(),
            users: Vec::new(),
            rule: None,
            matching: std::collections::BTreeSet::new(),
            push: Vec::new(),
            membership: MembershipMode::Exact,
            mapping: Arc::new(mapping),
        };
        let directory = Directory {
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            targets: BTreeMap::from([("t".into(), target)]),
            bindings: BTreeMap::from([("b".into(), binding)]),
            profiles: BTreeMap::new(),
            policies: Vec::new(),
            ledger: LedgerLocation::Directory(".".into()),
        };
        Self {
            fake: Fake::default(),
            desired: Desired::default(),
            ledger: TargetLedger::default(),
            cancel: Cancel::default(),
            read_age: Duration::ZERO,
            directory,
            hasher: Hasher::new(SALT),
            sources: SourceMap::default(),
        }
    }

    pub(super) fn patching() -> Self {
        Self::new(serde_json::json!({ "patch": true }))
    }

    pub(super) fn putting() -> Self {
        Self::new(serde_json::json!({ "patch": false }))
    }

    /// Adds capabilities to those of the target.
    pub(super) fn capabilities(&mut self, capabilities: serde_json::Value) {
        let profile = self.target().profile.with_capabilities(&capabilities).unwrap();
        self.target_mut().profile = Arc::new(profile);
    }

    pub(super) fn on_remove(&mut self, users: RemoveUsers, groups: RemoveGroups) {
        self.target_mut().on_remove = OnRemove { users, groups, ..OnRemove::default() };
    }

    pub(super) fn delete_after(&mut self, days: u32) {
        self.target_mut().on_remove.delete_after = Some(days);
    }

    pub(super) fn target(&self) -> &Target {
        self.directory.targets.get("t").unwrap()
    }

    pub(super) fn target_mut(&mut self) -> &mut Target {
        self.directory.targets.get_mut("t").unwrap()
    }

    /// Declares a person with a userName and some attributes; `manager` takes a key.
    pub(super) fn user(&mut self, key: &str, attributes: &[(&str, serde_json::Value)]) {
        let mut assertions = vec![
            assertion("active", Asserted::Value(Value::Bool(true))),
            assertion("userName", Asserted::Value(Value::from(format!("{key}@acme.example")))),
        ];
        for (path, value) in attributes {
            assertions.retain(|known| known.path.to_string() != *path);
            assertions.push(match (*path, value.as_str()) {
                ("manager", Some(key)) => assertion(MANAGER, Asserted::User(UserKey::from(key))),
                _ => assertion(path, Asserted::Value(Value::from(value.clone()))),
            });
        }
        assertions.sort_by(|a, b| a.path.cmp(&b.path));
        let resource = resource(USER, key, assertions, None);
        self.desired.users.insert(key.into(), resource);
    }

    pub(super) fn group(&mut self, key: &str, name: &str, members: &[&str]) {
        let members = members.iter().map(|key| (MemberKey::user(*key), Span::default())).collect();
        let assertions = vec![assertion("displayName", Asserted::Value(Value::from(name)))];
        self.desired.groups.insert(key.into(), resource(GROUP, key, assertions, Some(members)));
    }

    pub(super) fn nest(&mut self, group: &str, child: &str) {
        let members = self.desired.groups.get_mut(group).unwrap().members.as_mut().unwrap();
        members.insert(MemberKey::group(child), Span::default());
    }

    pub(super) fn plan(&self, live: &Live) -> TargetPlan {
        plan_target(self.input(live))
    }

    /// The plan of another day.
    pub(super) fn plan_on(&self, day: &str) -> TargetPlan {
        plan_target(PlanInput { as_of: day.parse().unwrap(), ..self.input(&self.fake.live()) })
    }

    pub(super) fn input<'a>(&'a self, live: &'a Live) -> PlanInput<'a> {
        PlanInput {
            target: self.target(),
            desired: &self.desired,
            live,
            ledger: &self.ledger,
            hasher: &self.hasher,
            directory: &self.directory,
            sources: &self.sources,
            as_of: "2026-12-01".parse().unwrap(),
            only: None,
        }
    }

    /// What the next plan would do.
    pub(super) fn remaining(&self) -> Vec<(Action, String)> {
        self.plan(&self.fake.live()).changes.into_iter().map(|change| (change.action, change.key)).collect()
    }

    pub(super) async fn apply(&mut self) -> TargetReport {
        self.apply_watched(&mut Watch::default()).await
    }

    pub(super) async fn apply_watched(&mut self, watch: &mut Watch) -> TargetReport {
        let live = self.fake.live();
        let plan = self.plan(&live);
        assert!(plan.errors.is_empty() && plan.violations.is_empty(), "{:?} {:?}", plan.errors, plan.violations);
        self.apply_plan(&live, &plan, watch).await
    }

    pub(super) async fn apply_plan(&mut self, live: &Live, plan: &TargetPlan, watch: &mut Watch) -> TargetReport {
        let profile = self.target().profile.clone();
        let steps = schedule(plan, &self.desired, live, &profile, &live.discovery);
        let matching = match_rules(&self.directory, self.target());
        let known = Known::new(&matches(&self.input(live)), live, plan, None);
        let run = Run {
            target: "t",
            service: &self.fake,
            plan,
            steps: &steps,
            desired: &self.desired,
            live,
            profile: &profile,
            ledger: &mut self.ledger,
            hasher: &self.hasher,
            known: &known,
            matching: &matching,
            as_of: "2026-12-01".parse().unwrap(),
            timing: Timing { read_age: self.read_age, waits: vec![Duration::ZERO; 3], ..Timing::default() },
            cancel: self.cancel.clone(),
        };
        apply(run, watch).await
    }
}

fn resource(
    kind: ResourceKind,
    key: &str,
    assertions: Vec<Assertion>,
    members: Option<BTreeMap<MemberKey, Span>>,
) -> DesiredResource {
    DesiredResource {
        kind,
        key: key.into(),
        previously: Vec::new(),
        name: key.into(),
        origin: Span::default(),
        presence: Presence::Active,
        assertions,
        members,
        additive: false,
    }
}
