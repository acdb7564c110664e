//! The plan of one target.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::NoticeCode;
use crate::directory::{self, Manage, Target};
use crate::live::disagreement::disagreement;

use super::diff::matched_target::MatchedTarget;
use super::diff::{Diff, diff, harmful, likely, reversed};
use super::observe::shrunken;
use super::undo::UndoTarget;
use super::{Cost, Mode, PlanInput, PlanNotice, PlanProblem, ReadSummary, Summary, TargetPlan, expiry, guard, impact};

/// Plans one target: matches, compares, applies limits and policies. Costs are filled in by the schedule.
pub fn plan_target(input: PlanInput<'_>) -> TargetPlan {
    let matched = MatchedTarget::new(input);
    let found = diff(&matched, &BTreeSet::new());
    planned(&matched, found)
}

/// Plans the way back at one target. `desired` of the input is what the undo wants ([`goal`](super::undo::goal)). What
/// can't be taken back and what moved since are errors of those people and groups; the others go on.
pub fn plan_undo(input: PlanInput<'_>, undo: &UndoTarget) -> TargetPlan {
    let matched = MatchedTarget::new(input);
    let found = reversed(&matched, undo);
    let mut plan = planned(&matched, found);
    if !plan.changes.is_empty() {
        let message = "this takes an apply back and leaves the files as they are: unless the commit is reverted too, the \
                       next apply does it all again";
        plan.notices.push(PlanNotice { code: NoticeCode::Undo, message: message.to_owned(), origin: None });
        plan.notices.sort();
    }
    plan
}

pub(super) fn planned(matched: &MatchedTarget<'_>, mut found: Diff) -> TargetPlan {
    let input = matched.input;
    let mut plan = blank(input.target);
    plan.read = read_summary(&input);
    plan.errors = errors(matched);
    plan.summary = summary(&found);
    plan.changes = std::mem::take(&mut found.changes);
    found.problems.retain(|problem| matched.input.only.is_none_or(|keys| keys.contains(&problem.key)));
    plan.errors.append(&mut found.problems);
    plan.errors.sort();
    plan.read.unconfirmed = plan.errors.iter().filter(|error| error.code == NoticeCode::Unconfirmed).count() as u64;
    plan.suppressed = std::mem::take(&mut found.suppressed);
    plan.adoptions = std::mem::take(&mut found.adoptions);
    // Policies look at what is privileged.
    impact::fill(matched, &mut plan);
    guard::check(matched, &mut plan, &found.refusals);
    if !plan.is_written() {
        // Nothing is done here that could be refused, and nothing here may hold up the other targets.
        plan.violations.iter_mut().for_each(|violation| violation.warn = true);
    }
    plan.notices = notices(matched, &plan, found);
    plan
}

/// The plan of a target that could not be read.
pub fn failed_target(target: &Target, message: impl Into<String>) -> TargetPlan {
    TargetPlan { failed: Some(message.into()), ..blank(target) }
}

/// The plan of a target with `mode: disabled`: nothing was read, nothing is done.
pub fn disabled_target(target: &Target) -> TargetPlan {
    blank(target)
}

/// The plan of a target without an address at which nothing is managed yet: set up later, and no matter till then.
pub fn unconfigured_target(target: &Target) -> TargetPlan {
    let message = "no `url` is declared yet, so it is neither read nor written".to_owned();
    let notice = PlanNotice { code: NoticeCode::NotConfigured, message, origin: None };
    TargetPlan { mode: Mode::Disabled, notices: vec![notice], ..blank(target) }
}

fn blank(target: &Target) -> TargetPlan {
    TargetPlan {
        name: target.name.to_string(),
        profile: target.profile.name.clone(),
        mode: match target.mode {
            directory::Mode::Sync => Mode::Sync,
            directory::Mode::ReadOnly => Mode::ReadOnly,
            directory::Mode::Disabled => Mode::Disabled,
        },
        read: ReadSummary::default(),
        summary: Summary::default(),
        cost: Cost::default(),
        changes: Vec::new(),
        suppressed: Vec::new(),
        adoptions: Vec::new(),
        errors: Vec::new(),
        violations: Vec::new(),
        limits: Vec::new(),
        heads: None,
        people: Vec::new(),
        notices: Vec::new(),
        rehearsal: None,
        failed: None,
    }
}

fn read_summary(input: &PlanInput<'_>) -> ReadSummary {
    let live = input.live;
    let short = live.short_because();
    ReadSummary {
        users: live.users.len() as u64,
        groups: live.groups.len() as u64,
        complete: short.is_none(),
        incomplete_because: short,
        unconfirmed: 0,
        requests: live.requests,
    }
}

fn summary(found: &Diff) -> Summary {
    let mut actions = BTreeMap::new();
    for change in &found.changes {
        *actions.entry(change.action).or_insert(0) += 1;
    }
    Summary {
        actions,
        unchanged: found.unchanged,
        unmanaged: found.unmanaged,
        protected: found.protected,
        adopted: found.adoptions.len() as u64,
        removals: 0,
        suppressed: found.suppressed.len() as u64,
    }
}

/// Who can't be projected and who can't be matched, sorted.
fn errors(matched: &MatchedTarget<'_>) -> Vec<PlanProblem> {
    let input = &matched.input;
    let wanted = |key: &str| input.only.is_none_or(|keys| keys.contains(key));
    let mut errors: Vec<PlanProblem> = input
        .desired
        .problems
        .iter()
        .chain(&matched.matches.errors)
        .filter(|problem| wanted(&problem.key))
        .map(|problem| PlanProblem {
            resource: problem.kind,
            key: problem.key.clone(),
            code: problem.code,
            message: problem.message.clone(),
            origin: problem.origin.and_then(|span| input.origin(span)),
        })
        .collect();
    errors.sort();
    errors.dedup();
    errors
}

fn notices(matched: &MatchedTarget<'_>, plan: &TargetPlan, found: Diff) -> Vec<PlanNotice> {
    let input = &matched.input;
    let say = |code: NoticeCode, message: String| PlanNotice { code, message, origin: None };
    let mut notices: Vec<PlanNotice> = expiry(input.target, input.sources, input.as_of).into_iter().collect();
    notices.extend(likely::renames(matched, &plan.changes));
    if let Some(why) = &plan.read.incomplete_because {
        notices.push(say(NoticeCode::IncompleteRead, format!("not everything was read ({why}): nothing is removed")));
    }
    notices.extend(doubted(matched, plan));
    notices.extend(guard::unknown_identity(matched));
    let empty = input.ledger.users.is_empty() && input.ledger.groups.is_empty();
    if empty && input.target.manage == Manage::Owned {
        let text =
            "the ledger knows nothing of this target yet: removals cannot be detected until an apply has filled it";
        notices.push(say(NoticeCode::NoLedger, text.to_owned()));
    }
    match plan.summary.adopted {
        0 => {}
        1 => notices.push(say(
            NoticeCode::Adopts,
            "1 resource that is already there is matched and managed from now on".to_owned(),
        )),
        count => notices.push(say(
            NoticeCode::Adopts,
            format!("{count} resources that are already there are matched and managed from now on"),
        )),
    }
    notices.extend(input.live.discovery.notices.iter().map(|text| say(NoticeCode::Discovery, text.clone())));
    let differs = disagreement(&input.target.profile, &input.live.discovery);
    notices.extend(differs.map(|text| say(NoticeCode::DiscoveryDisagrees, text)));
    notices.extend(input.desired.notices.iter().map(|notice| PlanNotice {
        code: notice.code,
        message: notice.message.clone(),
        origin: notice.origin.and_then(|span| input.origin(span)),
    }));
    notices.extend(harmful::notice(input, &plan.errors));
    notices.extend(found.notes.into_notices(input.target));
    notices.sort();
    notices.dedup();
    notices
}

/// Lists that are in doubt, what becomes of it, and the way out.
fn doubted(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> Option<PlanNotice> {
    if !plan.read.complete {
        return None;
    }
    let doubts = shrunken(matched.input.live);
    let out = format!(
        "An apply makes what was confirmed, and the next plan asks for the rest; if `{0}` really shrank and can't be \
         asked by id, run `scimform ledger forget {0} --counts`",
        plan.name
    );
    let then = match plan.read.unconfirmed {
        0 => "each removal planned here was confirmed by its id, and the next apply takes the new count".to_owned(),
        1 => format!("1 removal was not confirmed by its id and is held back. {out}"),
        held => format!("{held} removals were not confirmed by their ids and are held back. {out}"),
    };
    (!doubts.is_empty()).then(|| PlanNotice {
        code: NoticeCode::ShrunkenRead,
        message: format!("{}: {then}", doubts.join("; ")),
        origin: None,
    })
}
