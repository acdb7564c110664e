//! Memberships at a target that took out members which were to stay: held back until they are sent in another form. An
//! apply stops at the first such request; without a memory the next one would begin with it again.

use crate::diag::NoticeCode;
use crate::ledger::TargetLedger;
use crate::live::Discovery;
use crate::plan::schedule::MemberForm;
use crate::plan::{Change, MemberChange, PlanInput, PlanNotice, PlanProblem, Verb};
use crate::profile::{Capabilities, MemberWrite, Obstacle};
use crate::scim::ResourceKind;

use super::matched_target::MatchedTarget;

/// The form that the capabilities come to, where the ledger knows it to be harmful.
fn harmful_form(ledger: &TargetLedger, capabilities: &Capabilities, discovery: &Discovery) -> Option<MemberForm> {
    let form = MemberForm::new(capabilities, discovery);
    ledger.learned.harmful_member_forms.contains(&form.to_string()).then_some(form)
}

/// The `memberWrite` to try next: all members in one PATCH, else in one PUT, else those alone who come and go.
fn way_out(ledger: &TargetLedger, capabilities: &Capabilities, discovery: &Discovery) -> Option<&'static str> {
    let all = [("replace", MemberWrite::Replace), ("put", MemberWrite::Put), ("patch", MemberWrite::Patch)];
    let untried = all.into_iter().find(|(_, write)| {
        let form = MemberForm::new(&Capabilities { member_write: *write, ..capabilities.clone() }, discovery);
        let offered = form.verb != Verb::Patch || capabilities.patch.or(discovery.patch) != Some(false);
        offered && form.write == *write && !ledger.learned.harmful_member_forms.contains(&form.to_string())
    });
    untried.map(|(name, _)| name)
}

/// Takes the members out of a change of a group that is there, where the form of the request is known to be harmful.
pub(super) fn hold_back(matched: &MatchedTarget<'_>, change: &mut Change) -> Option<PlanProblem> {
    let touches_members = change.resource == ResourceKind::Group && change.id.is_some() && !change.members.is_empty();
    let input = &matched.input;
    let facts = &input.target.profile.capabilities;
    if !touches_members || harmful_form(input.ledger, facts, &input.live.discovery).is_none() {
        return None;
    }
    change.members = MemberChange::default();
    Some(PlanProblem {
        resource: ResourceKind::Group,
        key: change.key.clone(),
        code: NoticeCode::MembershipHeld,
        message: "its members differ and are not changed: the target takes out members that are to stay".to_owned(),
        origin: change.origin.clone(),
    })
}

/// What happened and which setting helps, once for all groups.
pub(in crate::plan) fn notice(input: &PlanInput<'_>, problems: &[PlanProblem]) -> Option<PlanNotice> {
    let (facts, discovery) = (&input.target.profile.capabilities, &input.live.discovery);
    let form = harmful_form(input.ledger, facts, discovery)?;
    if !problems.iter().any(|problem| problem.code == NoticeCode::MembershipHeld) {
        return None;
    }
    let name = &input.target.name;
    let way_out = match way_out(input.ledger, facts, discovery) {
        Some(write) => Obstacle::HarmfulMembers(write).way_out(&input.target.profile, Some(name.as_str())),
        None => format!(
            "every form of `memberWrite` was tried; change these members at the target, and ask its vendor. \
             `scimform probe {name} --write` shows which requests it understands"
        ),
    };
    let message = format!(
        "an earlier apply changed members in the form \"{form}\", and the target took out members that were to stay, \
         so no membership is changed in this form again; {way_out}"
    );
    Some(PlanNotice { code: NoticeCode::MembershipForm, message, origin: None })
}
