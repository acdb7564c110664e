//! What moved at the targets, for people (terminal, Markdown) and machines (JSON).

mod accept;
mod human;
mod markdown;

pub use accept::{accepted, accepted_line, consequences, left};
pub use human::{brief, human};
pub use markdown::{MARKER, markdown};

use crate::plan::{AttributeChange, Drift, DriftEvent, DriftedAttribute, Mode, Reason, TargetDrift};

use super::plan::values::{sides, whole_sides};
use crate::wording::{count, some};

/// What became of a user or group.
pub(super) const fn event_words(event: DriftEvent) -> &'static str {
    match event {
        DriftEvent::Changed => "changed at the target",
        DriftEvent::Gone => "gone from the target",
        DriftEvent::Deactivated => "deactivated at the target",
        DriftEvent::Reactivated => "active again at the target",
    }
}

/// What we applied and what is there, as short text.
fn applied_and_live(attribute: &DriftedAttribute) -> (String, String) {
    let (live, applied) = sides(&as_change(attribute));
    (applied, live)
}

/// The same, however long.
pub(super) fn whole_applied_and_live(attribute: &DriftedAttribute) -> (String, String) {
    let (live, applied) = whole_sides(&as_change(attribute));
    (applied, live)
}

fn as_change(attribute: &DriftedAttribute) -> AttributeChange {
    AttributeChange {
        path: attribute.path.clone(),
        before: attribute.live.clone(),
        after: attribute.applied.clone(),
        reference: attribute.reference.clone(),
        sensitive: attribute.sensitive,
        reason: Reason::ChangedAtTarget,
        origin: None,
    }
}

/// Why nothing can be said of a target.
pub(super) const BLIND: &str =
    "the ledger knows nothing of what is declared here, so nobody can say what moved: it is known after an apply";

/// Differences that are no drift, in words; `None` where there are none.
pub(super) fn others(target: &TargetDrift) -> Option<String> {
    let parts = some([
        (target.both > 0, format!("{} moved on both sides", target.both)),
        (target.repository > 0, format!("{} from the repository or a date", target.repository)),
        (target.unknown > 0, format!("{} of which no earlier apply is known", target.unknown)),
    ]);
    (!parts.is_empty()).then(|| format!("other differences: {parts}; `scimform plan` shows them"))
}

/// What is there and, in the same breath, what is not known.
pub(super) fn verdict(drift: &Drift) -> String {
    let number = |test: &dyn Fn(&&TargetDrift) -> bool| drift.targets.iter().filter(test).count() as u64;
    let failed = number(&|target| target.failed.is_some());
    let looked_at = |target: &TargetDrift| target.failed.is_none() && target.mode != Mode::Disabled;
    let incomplete = number(&|target| looked_at(target) && !target.read.complete);
    let errors: u64 = drift.targets.iter().map(|target| target.errors.len() as u64).sum();
    let blind = number(&|target| target.no_ledger);
    let unseen = number(&|target| !target.notices.is_empty());
    let doubts = some([
        (failed > 0, format!("{} could not be read", count(failed, "target"))),
        (incomplete > 0, format!("{} read in part", count(incomplete, "target"))),
        (blind > 0, format!("{} that no apply is known of", count(blind, "target"))),
        (unseen > 0, format!("not everything can be seen at {} (see its notes)", count(unseen, "target"))),
        (errors > 0, count(errors, "error")),
    ]);
    let moved: u64 = drift.targets.iter().map(|target| target.drifted.len() as u64).sum();
    let places = number(&|target| !target.is_none());
    match (moved, doubts.is_empty()) {
        (0, true) => "No drift.".to_owned(),
        (0, false) => format!("No drift, as far as can be told: {doubts}."),
        (1, true) => "Drift: 1 user or group moved outside the repository.".to_owned(),
        (_, true) => {
            format!("Drift: {moved} users and groups moved outside the repository, at {}.", count(places, "target"))
        }
        (_, false) => format!("Drift: {moved} of users and groups moved outside the repository; {doubts}."),
    }
}
