//! People without access, who may be shown in disguise (E48).

use super::job::{Context, Job};
use crate::desired::{Asserted, Assertion, DesiredResource, Presence};
use crate::live::AccountReader;
use crate::live::normal::{Comparison, Handling};
use crate::profile::Profile;
use crate::scim::patch::PatchOp;
use crate::scim::{Object, ResourceKind};

/// Which attributes a plan compares.
pub(super) struct Disguise<'a> {
    profile: &'a Profile,
    /// Tells who has access.
    pub(super) accounts: AccountReader,
}

impl<'a> Disguise<'a> {
    pub(super) fn new(profile: &'a Profile) -> Self {
        Self { profile, accounts: AccountReader::new(profile) }
    }

    /// Whether the plan compares an asserted attribute: of someone who is declared inactive `active` alone, of someone
    /// who is inactive at the target nothing that is in disguise.
    pub(super) fn compares(&self, resource: &DesiredResource, assertion: &Assertion, live: Option<&Object>) -> bool {
        if resource.kind != ResourceKind::User || self.accounts.reads(&assertion.path) {
            return true;
        }
        if matches!(resource.presence, Presence::Inactive(_)) {
            return false;
        }
        let disguises = !self.profile.attributes.disguised_when_inactive.is_empty();
        let hidden = || Comparison::new(self.profile, resource.kind, &assertion.path).is_disguised();
        !(disguises && live.is_some_and(|live| !self.accounts.state(live).has_access()) && hidden())
    }
}

/// Operations that put what is declared in the place of a disguise, for a PUT that is laid over what an inactive person
/// shows: sent back as it is shown, the disguise would be stored.
pub(super) fn uncovered<S>(context: &Context<'_, S>, job: &Job, live: &Object) -> Vec<PatchOp> {
    let disguises = !context.profile.attributes.disguised_when_inactive.is_empty();
    if job.kind != ResourceKind::User || !disguises || context.disguise.accounts.state(live).has_access() {
        return Vec::new();
    }
    let Some(resource) = context.desired.find(job.kind, &job.key) else { return Vec::new() };
    let own = |assertion: &Assertion| {
        let Asserted::Value(value) = &assertion.value else { return None };
        let comparison = Comparison::new(context.profile, job.kind, &assertion.path);
        let writable = matches!(comparison.handling(), Handling::Compared | Handling::Derived);
        let path = (*assertion.path).clone();
        (comparison.is_disguised() && writable).then(|| PatchOp::replace(path, value.clone()))
    };
    resource.assertions.iter().filter_map(own).collect()
}
