//! From changes to requests, in the order in which they can be done. Pure: ids that an apply makes are placeholders.

mod form;
mod managers;
mod names;
mod ops;
mod room;
mod secrets;
pub mod placeholder;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;

use super::names::taken;
use managers::Managers;
use names::Names;
use room::Room;

pub use form::{MemberForm, can_update, verb};
pub use ops::{effect, operations, sent};
pub use secrets::fill_secrets;

use super::{
    Action, AttributeChange, Change, Cost, Effect, IdRef, MemberRef, Membership, Step, StepBody, StepMember,
    TargetPlan, Verb,
};
use crate::desired::{Asserted, Assertion, Desired, DesiredResource};
use crate::live::normal::{Comparison, Handling, covers};
use crate::live::{Discovery, Live};
use crate::profile::{MemberWrite, Profile};
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKey, ResourceKind, Value};

/// Users are made and changed first, managers before those who name them.
pub const USERS: u8 = 0;
/// Then managers who could not be there before.
pub const MANAGERS: u8 = 1;
/// Then groups are made and renamed.
pub const GROUPS: u8 = 2;
/// Then members come and go.
pub const MEMBERSHIPS: u8 = 3;
/// Then people lose access.
pub const DEACTIVATIONS: u8 = 4;
/// Last comes what can't be undone.
pub const DELETIONS: u8 = 5;

/// The requests of a target's plan, sorted by phase, wave, kind and key; a step refers to earlier ones only.
pub fn schedule(
    plan: &TargetPlan,
    desired: &Desired,
    live: &Live,
    profile: &Profile,
    discovery: &Discovery,
) -> Vec<Step> {
    let names = Names::new(&taken(&plan.changes, live, profile));
    let managers = Managers::new(&plan.changes, desired, &names);
    let (handlings, steps) = (FxHashMap::default(), Vec::new());
    let mut scheduler = Scheduler { desired, live, profile, discovery, managers, names, handlings, steps };
    for (index, change) in plan.changes.iter().enumerate() {
        scheduler.change(index, change);
    }
    let mut steps = scheduler.steps;
    // The sort is stable: the steps of one resource in one phase stay in their order.
    steps.sort_by(|a, b| (a.phase, a.wave, a.kind, &a.key).cmp(&(b.phase, b.wave, b.kind, &b.key)));
    for (id, step) in steps.iter_mut().enumerate() {
        step.id = id;
    }
    steps
}

/// What steps cost: requests that write, and seconds at the vendor's rate limits with the reads that a PUT needs. As many
/// as a limit allows go at once, the next as many a window later, so the last batch begins after all windows but one.
/// Where several limits count a request, the one that takes longest decides.
pub fn cost(steps: &[Step], profile: &Profile) -> Cost {
    let facts = &profile.capabilities;
    let seconds = facts.rates.iter().filter(|rate| rate.requests > 0).map(|rate| {
        let counted = |step: &Step| {
            let endpoint = step.kind.endpoint();
            let reads = step.body.reads_first() && rate.counts("GET", endpoint);
            u64::from(rate.counts(step.body.method(), endpoint)) + u64::from(reads)
        };
        let windows = steps.iter().map(counted).sum::<u64>().div_ceil(rate.requests);
        windows.saturating_sub(1).saturating_mul(rate.seconds)
    });
    Cost { requests: steps.len() as u64, seconds: seconds.max().unwrap_or(0) }
}

impl StepBody {
    /// Whether the resource is read right before the write, because the whole of it or all its members are sent.
    pub const fn reads_first(&self) -> bool {
        match self {
            Self::Put(_) => true,
            Self::Members(members) => members.all,
            Self::Post(_) | Self::Patch(_) | Self::Delete => false,
        }
    }

    /// The method of the request (RFC 7644 section 3.2).
    pub const fn method(&self) -> &'static str {
        match self {
            Self::Post(_) => "POST",
            Self::Put(_) | Self::Members(Membership { verb: Verb::Put, .. }) => "PUT",
            Self::Patch(_) | Self::Members(Membership { verb: Verb::Patch, .. }) => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

struct Scheduler<'a> {
    desired: &'a Desired,
    live: &'a Live,
    profile: &'a Profile,
    discovery: &'a Discovery,
    managers: Managers<'a>,
    names: Names,
    handlings: FxHashMap<(ResourceKind, AttrPath), Handling>,
    steps: Vec<Step>,
}

impl<'a> Scheduler<'a> {
    fn change(&mut self, index: usize, change: &'a Change) {
        let phase = match (change.action, change.resource) {
            (Action::Adopt | Action::Forget, _) => return,
            // What frees a name goes before who takes it, in the phase of these.
            (Action::Delete | Action::Deactivate, kind) if self.names.frees.contains(&index) => match kind {
                ResourceKind::User => USERS,
                ResourceKind::Group => GROUPS,
            },
            (Action::Delete, _) => DELETIONS,
            (Action::Deactivate, _) => DEACTIVATIONS,
            (_, ResourceKind::User) => USERS,
            (_, ResourceKind::Group) => GROUPS,
        };
        match change.action {
            Action::Create => self.create(index, change, phase),
            Action::Delete => self.push(index, change, phase, StepBody::Delete, Vec::new()),
            _ => self.update(index, change, phase),
        }
    }

    fn push(&mut self, index: usize, change: &Change, phase: u8, body: StepBody, effects: Vec<Effect>) {
        let made_here = change.action == Action::Create;
        let on = match &body {
            StepBody::Post(_) => None,
            _ if made_here => Some(IdRef::Created(ResourceKey::new(change.resource, &*change.key))),
            _ => change.id.clone().map(IdRef::Id),
        };
        let (id, kind, key) = (self.steps.len(), change.resource, change.key.clone());
        let (mut wave, frees_first) = match phase {
            USERS | GROUPS => self.names.before(index),
            _ => (0, Vec::new()),
        };
        if phase == USERS {
            let managers = effects.iter().filter_map(|effect| match &effect.asserted {
                Asserted::User(manager) => self.managers.wave_after(manager.as_str()),
                Asserted::Value(_) | Asserted::Secret(_) => None,
            });
            wave = managers.fold(wave, u32::max);
        }
        self.steps.push(Step { id, change: index, kind, key, on, phase, wave, frees_first, body, effects });
    }

    fn resource(&self, change: &Change) -> Option<&'a DesiredResource> {
        self.desired.find(change.resource, &change.key)
    }

    fn create(&mut self, index: usize, change: &'a Change, phase: u8) {
        let (mut now, later) = self.effects(index, change);
        // What is to have no value has none in a new resource.
        now.retain(|effect| !effect.value.is_unassigned() || matches!(effect.asserted, Asserted::Secret(_)));
        let mut body = ops::body(change.resource, &now);
        let members: Vec<StepMember> = change.members.add.iter().map(member).collect();
        let known = |member: &StepMember| member.kind == ResourceKind::User || matches!(member.id, IdRef::Id(_));
        let updatable = can_update(&self.profile.capabilities, self.discovery, change.resource);
        let apart = updatable && self.profile.capabilities.member_write == MemberWrite::Patch;
        let together = !apart && (!updatable || self.fits(&[], &members, &[])) && members.iter().all(known);
        if together && !members.is_empty() {
            body.insert("members", Value::Array(members.iter().map(member_value).collect()));
        }
        self.push(index, change, phase, StepBody::Post(body), now);
        if !together {
            self.members(index, change, Vec::new(), members, Vec::new());
        }
        self.attributes(index, change, MANAGERS, later, None);
    }

    fn update(&mut self, index: usize, change: &'a Change, phase: u8) {
        let (mut now, mut later) = self.effects(index, change);
        if change.action == Action::Deactivate && now.is_empty() {
            let path = AttrPath::attribute("active");
            let asserted = Asserted::Value(Value::Bool(false));
            now.push(Effect {
                path,
                value: Value::Bool(false),
                asserted,
                lasting: true,
                shown: true,
                gives_way: false,
            });
        }
        let live = change.id.as_deref().and_then(|id| self.live_object(change.resource, id));
        let add: Vec<StepMember> = change.members.add.iter().map(member).collect();
        let remove: Vec<StepMember> = change.members.remove.iter().map(member).collect();
        self.resend(change, &mut now);
        self.resend(change, &mut later);
        if !self.names.moves(index) && self.one_request(change.resource, &now, &add, &remove) {
            self.members(index, change, now, add, remove);
        } else {
            self.attributes(index, change, phase, now, live);
            self.members(index, change, Vec::new(), add, remove);
        }
        self.attributes(index, change, MANAGERS, later, live);
    }

    /// What a change's attributes come to: in its own phase, and once those are created whom they refer to.
    fn effects(&mut self, index: usize, change: &Change) -> (Vec<Effect>, Vec<Effect>) {
        let effects: Vec<Effect> = change.attributes.iter().map(|attribute| self.effect(change, attribute)).collect();
        effects.into_iter().partition(|effect| match &effect.asserted {
            Asserted::User(key) => self.can_wait(index, change) || self.managers.precedes(key.as_str(), &change.key),
            Asserted::Value(_) | Asserted::Secret(_) => true,
        })
    }

    /// Whether a change can wait for everyone who is created, as nobody waits for it.
    fn can_wait(&self, index: usize, change: &Change) -> bool {
        match change.action {
            Action::Create => change.resource == ResourceKind::Group,
            Action::Deactivate | Action::Delete => false,
            _ => !self.names.frees.contains(&index),
        }
    }

    /// What a changed attribute comes to. The value is the asserted one, since a plan may withhold it; where nothing
    /// is asserted any more, the plan's.
    fn effect(&mut self, change: &Change, attribute: &AttributeChange) -> Effect {
        let path = &attribute.path;
        // Someone who leaves may still be asserted active by a row of the mapping.
        let leaves = change.action == Action::Deactivate && path.is("active");
        let resource = self.resource(change).filter(|_| !leaves);
        let assertion = resource.and_then(|resource| resource.assertions.iter().find(|known| known.path.same(path)));
        if let Some(assertion) = assertion {
            return ops::effect(assertion, self.handling(change.resource, assertion));
        }
        let asserted = match &attribute.reference {
            Some(key) => Asserted::User(key.as_str().into()),
            None => Asserted::Value(attribute.after.clone()),
        };
        let value = sent(path, &asserted);
        let (path, shown) = (path.as_ref().clone(), !attribute.sensitive);
        Effect { path, value, asserted, lasting: true, shown, gives_way: false }
    }

    /// Adds what the target drops with any update that leaves it out. What is to be empty has nothing to lose.
    fn resend(&mut self, change: &Change, effects: &mut Vec<Effect>) {
        let rules = &self.profile.attributes.resent;
        let silent = effects.is_empty() || rules.is_empty() || change.action == Action::Deactivate;
        let Some(resource) = self.resource(change).filter(|_| !silent) else { return };
        for assertion in &resource.assertions {
            let named = rules.iter().any(|rule| covers(rule, &assertion.path));
            if !named || effects.iter().any(|effect| effect.path.same(&assertion.path)) {
                continue;
            }
            let handling = self.handling(change.resource, assertion);
            let effect = ops::effect(assertion, handling);
            if effect.lasting && handling == Handling::Compared && !effect.value.is_unassigned() {
                effects.push(effect);
            }
        }
    }

    fn handling(&mut self, kind: ResourceKind, assertion: &Assertion) -> Handling {
        let comparison = || Comparison::new(self.profile, kind, &assertion.path).handling();
        *self.handlings.entry((kind, assertion.path.as_ref().clone())).or_insert_with(comparison)
    }

    fn attributes(&mut self, index: usize, change: &Change, phase: u8, effects: Vec<Effect>, live: Option<&Object>) {
        let verb = self.verb(change.resource);
        let ops = ops::operations(self.profile, change.resource, verb, &effects, live);
        if ops.is_empty() {
            return;
        }
        let body = match verb {
            Verb::Patch => StepBody::Patch(ops),
            Verb::Put => StepBody::Put(ops),
        };
        self.push(index, change, phase, body, effects);
    }

    fn members(
        &mut self,
        index: usize,
        change: &Change,
        mut effects: Vec<Effect>,
        add: Vec<StepMember>,
        remove: Vec<StepMember>,
    ) {
        let form = self.form();
        let live = change.id.as_deref().and_then(|id| self.live_object(change.resource, id));
        let all = form.sends_all(!remove.is_empty());
        let (mut add, mut remove) = (add.into_iter().peekable(), remove.into_iter().peekable());
        // Who comes goes first, so that a group is never empty in between.
        while add.peek().is_some() || remove.peek().is_some() {
            let effects = std::mem::take(&mut effects);
            let attributes = ops::operations(self.profile, change.resource, form.verb, &effects, live);
            let mut room = if all { Room::ENDLESS } else { self.room(&attributes) };
            let comes: Vec<StepMember> = std::iter::from_fn(|| add.next_if(|one| room.takes(one, None))).collect();
            let goes: Vec<StepMember> =
                std::iter::from_fn(|| remove.next_if(|one| room.takes(one, Some(form.removal)))).collect();
            let body = StepBody::Members(Membership { verb: form.verb, all, attributes, add: comes, remove: goes });
            self.push(index, change, MEMBERSHIPS, body, effects);
        }
    }

    /// Whether there are members to change and one request holds them all, attributes included.
    fn one_request(&self, kind: ResourceKind, effects: &[Effect], add: &[StepMember], remove: &[StepMember]) -> bool {
        let (form, verb) = (self.form(), self.verb(kind));
        let any = !add.is_empty() || !remove.is_empty();
        let attributes = ops::operations(self.profile, kind, verb, effects, None);
        let together = attributes.is_empty() || form.verb == verb;
        any && together && (form.sends_all(!remove.is_empty()) || self.fits(&attributes, add, remove))
    }

    fn fits(&self, attributes: &[PatchOp], add: &[StepMember], remove: &[StepMember]) -> bool {
        let mut room = self.room(attributes);
        let removal = self.form().removal;
        add.iter().all(|one| room.takes(one, None)) && remove.iter().all(|one| room.takes(one, Some(removal)))
    }

    fn form(&self) -> MemberForm {
        MemberForm::new(&self.profile.capabilities, self.discovery)
    }

    fn room(&self, attributes: &[PatchOp]) -> Room {
        Room::new(&self.profile.capabilities, attributes)
    }

    fn verb(&self, kind: ResourceKind) -> Verb {
        verb(&self.profile.capabilities, self.discovery, kind)
    }

    fn live_object(&self, kind: ResourceKind, id: &str) -> Option<&'a Object> {
        self.live.find(kind, id).map(|resource| &resource.attributes)
    }
}

fn member(member: &MemberRef) -> StepMember {
    let id = match (&member.id, &member.key) {
        (Some(id), _) => IdRef::Id(id.clone()),
        (None, key) => IdRef::Created(ResourceKey::new(member.resource, key.clone().unwrap_or_default())),
    };
    StepMember { kind: member.resource, id, name: member.key.clone().unwrap_or_else(|| member.name.clone()) }
}

/// The element of `members` for a member (RFC 7643 section 4.2). `type` is only given for groups: the target would
/// look for a user else.
pub fn member_value(member: &StepMember) -> Value {
    let id = match &member.id {
        IdRef::Id(id) => id.clone(),
        IdRef::Created(of) => placeholder::placeholder(of.as_ref()),
    };
    let mut element: Object = [("value", Value::from(id))].into_iter().collect();
    if member.kind == ResourceKind::Group {
        element.insert("type", Value::from("Group"));
    }
    Value::Object(element)
}
