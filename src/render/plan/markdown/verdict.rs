//! What a reviewer must know in ten seconds.

use super::people::People;
use crate::plan::{Mode, Plan, TargetPlan};
use crate::render::comment::clip;
use crate::render::plan::totals;
use crate::render::view::markdown::NAME;
use crate::wording::{capital, count};

/// Targets named in the verdict.
const NAMED: usize = 3;

/// Makes names of targets harmless where the verdict is shown.
type Escape = fn(&str) -> String;

/// The verdict, without its mark of a heading: what is wrong first, then who loses and gains.
pub(in crate::render) fn verdict(plan: &Plan, people: &People<'_>, text: Escape) -> String {
    let mut states = states(plan, text);
    let refused = states.iter().any(|state| state.starts_with("refused"));
    let consequence = consequence(plan, people, refused);
    if states.is_empty() {
        return consequence;
    }
    let last = states.pop().unwrap_or_default();
    states.push(format!("{last}. {}", capital(&consequence)));
    states.join("; ")
}

/// What stands against the plan, worst first.
fn states(plan: &Plan, text: Escape) -> Vec<String> {
    let those = |test: &dyn Fn(&TargetPlan) -> bool| -> Vec<&TargetPlan> {
        plan.targets.iter().filter(|target| test(target)).collect()
    };
    let mut states = Vec::new();
    let mut state = |targets: Vec<&TargetPlan>, what: &str, of: &str| {
        if !targets.is_empty() {
            states.push(format!("{what}{of}{}", names(&targets, text)));
        }
    };
    state(those(&|one| one.violations.iter().any(|violation| !violation.warn)), "refused", " at ");
    let errors: usize = plan.targets.iter().map(|target| target.errors.len()).sum();
    state(those(&|one| !one.errors.is_empty()), &count(errors, "error"), " at ");
    state(those(&|one| one.failed.is_some()), "could not read", " ");
    let read = |one: &TargetPlan| one.failed.is_none() && one.mode != Mode::Disabled;
    state(those(&|one| read(one) && !one.read.complete), "read only in part", ": ");
    let held: u64 = plan.targets.iter().map(|target| target.read.unconfirmed).sum();
    state(those(&|one| one.read.unconfirmed > 0), &format!("{} held back", count(held, "removal")), " at ");
    let rehearsal = |one: &TargetPlan| one.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.converges);
    state(those(&rehearsal), "does not converge in a rehearsal", " at ");
    states
}

fn names(targets: &[&TargetPlan], text: Escape) -> String {
    let shown: Vec<String> = targets.iter().take(NAMED).map(|target| text(&clip(&target.name, NAME))).collect();
    let more = targets.len() - shown.len();
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {}", count(more, "more target")) }
}

/// "3 people lose access, 2 others gain access, 14 more change details".
fn consequence(plan: &Plan, people: &People<'_>, refused: bool) -> String {
    let gainers = people.privileged.len() + people.gainers.len();
    let privileged = |number: usize, of: usize| match number {
        0 => String::new(),
        all if all == of => " (privileged)".to_owned(),
        some => format!(" ({some} privileged)"),
    };
    let would = if refused { "would " } else { "" };
    let verb = |number: usize, one: &str, many: &str| match (number, refused) {
        (1, false) => one.to_owned(),
        _ => format!("{would}{many}"),
    };
    let mut parts: Vec<String> = Vec::new();
    for (number, one, many, privileged) in [
        (
            people.losers.len(),
            "loses access",
            "lose access",
            privileged(people.privileged_losses(), people.losers.len()),
        ),
        (gainers, "gains access", "gain access", privileged(people.privileged.len(), gainers)),
    ] {
        if number > 0 {
            let who = match (parts.is_empty(), number) {
                (true, _) => count(number, "person"),
                (false, 1) => "1 other".to_owned(),
                (false, _) => format!("{number} others"),
            };
            parts.push(format!("{who} {}{privileged}", verb(number, one, many)));
        }
    }
    let others = people.others.len();
    if parts.is_empty() {
        return without_access(plan, others, would);
    }
    if people.losers.is_empty() {
        parts.insert(0, format!("nobody {}", verb(1, "loses access", "lose access")));
    }
    match others {
        0 => {}
        1 => parts.push(format!("1 more {}", verb(1, "changes details", "change details"))),
        others => parts.push(format!("{others} more {would}change details")),
    }
    parts.join(", ")
}

/// The same where nobody gains or loses access.
fn without_access(plan: &Plan, people: usize, would: &str) -> String {
    let adopted: u64 = plan.targets.iter().map(|target| target.summary.adopted).sum();
    let unknown = plan.targets.iter().any(|one| one.failed.is_some() || !one.errors.is_empty() || !one.read.complete);
    let mut text = if people > 0 {
        let verb = if people == 1 && would.is_empty() { "changes" } else { "change" };
        format!("nobody loses or gains access, {} {would}{verb} details", count(people, "person"))
    } else if let Some(totals) = totals(plan.targets.iter().filter(|target| target.is_written())) {
        format!("nobody loses or gains access ({totals})")
    } else if unknown {
        "nothing else is known to change".to_owned()
    } else if plan.targets.iter().all(|target| target.mode == Mode::Disabled) {
        "no changes, every target is disabled".to_owned()
    } else {
        "no changes".to_owned()
    };
    if adopted > 0 {
        text = format!("{text}, {} adopted", count(adopted, "resource"));
    }
    text
}
