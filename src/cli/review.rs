//! Holds a plan against what was reviewed, and asks.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use super::context::Context;
use super::error::CommandError;
use crate::plan::{Change, Plan};
use crate::render::{action_word, count, escape::terminal};
use crate::scim::ResourceKind;

/// Reads a plan that `plan --out` wrote.
pub(super) fn read(context: &Context, file: &Path) -> Result<Plan, CommandError> {
    let path = context.directory.join(file);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| CommandError::new(format!("cannot read the plan {}: {error}", path.display())))?;
    let plan: Plan = serde_json::from_str(&text).map_err(|error| {
        CommandError::new(format!("{} is not a plan: {error}", path.display()))
            .hint("Write one with `scimform plan --out FILE`.")
    })?;
    if plan.format != crate::plan::FORMAT {
        return Err(CommandError::new(format!(
            "{} has the format `{}`, not `{}`",
            path.display(),
            plan.format,
            crate::plan::FORMAT
        )));
    }
    crate::plan::verify(&plan).map_err(|why| {
        CommandError::new(format!("{} was changed by hand: {}", path.display(), terminal(&why)))
            .hint("Write a new one with `scimform plan --out FILE`.")
    })?;
    Ok(plan)
}

/// How a plan differs from the reviewed one, a line each.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// Planned now, but not what was reviewed: left.
    pub(super) left: Vec<String>,
    /// Reviewed, and in effect already.
    pub(super) done: Vec<String>,
}

/// Keeps what stands in the reviewed plan with the same digest.
pub(super) fn narrow(plan: &mut Plan, reviewed: &Plan) -> Differences {
    let mut differences = Differences::default();
    for target in &mut plan.targets {
        // What was shown of a target that is not written to was not reviewed as to be done.
        let known = reviewed.targets.iter().find(|known| known.name == target.name && known.mode == target.mode);
        let known: &[Change] = known.map_or(&[], |known| &known.changes);
        let digests: BTreeSet<&str> = known.iter().map(|change| change.digest.as_str()).collect();
        let places: BTreeSet<(ResourceKind, &str)> =
            known.iter().map(|change| (change.resource, change.key.as_str())).collect();
        let (kept, others): (Vec<Change>, Vec<Change>) = std::mem::take(&mut target.changes)
            .into_iter()
            .partition(|change| digests.contains(change.digest.as_str()));
        for change in &others {
            let was = places.contains(&(change.resource, change.key.as_str()));
            let why = if was { "is not as it was reviewed" } else { "was not in the reviewed plan" };
            differences.left.push(line(&target.name, change, why));
        }
        let now: BTreeSet<(ResourceKind, &str)> =
            kept.iter().chain(&others).map(|change| (change.resource, change.key.as_str())).collect();
        for change in known.iter().filter(|change| !now.contains(&(change.resource, change.key.as_str()))) {
            differences.done.push(line(&target.name, change, "is no longer needed"));
        }
        target.changes = kept;
    }
    differences
}

fn line(target: &str, change: &Change, why: &str) -> String {
    let what = format!("{} {} {}", action_word(change.action), change.resource, terminal(&change.key));
    format!("{}: {what}: {why}", terminal(target))
}

/// Asks on the terminal; only `yes` is a yes.
pub(super) fn approved(context: &Context, question: &str) -> Result<bool, CommandError> {
    Ok(answer(context, &format!("\n{question} Only `yes` is a yes."))? == "yes")
}

/// Asks for the number of removals, which nobody types without having looked.
pub(super) fn counted(context: &Context, removals: u64, limited: bool) -> Result<bool, CommandError> {
    let limit = if limited { " That is more than the limit, which the right number lifts." } else { "" };
    let what = count(removals, "removal");
    let question = format!("\nThe plan has {what}.{limit}\nType the number of removals to make all changes.");
    Ok(answer(context, &question)?.parse() == Ok(removals))
}

/// Asks for the number of entries that the ledger is to forget.
pub(super) fn forgotten(context: &Context, target: &str, managed: &str, number: u64) -> Result<bool, CommandError> {
    let question = format!(
        "\nThe ledger knows {managed} at `{}`. Type how many entries these are to forget them all.",
        terminal(target)
    );
    Ok(answer(context, &question)?.parse() == Ok(number))
}

/// Asks for a number, which nobody types without having looked.
pub(super) fn number(context: &Context, question: &str, wanted: u64) -> Result<bool, CommandError> {
    Ok(answer(context, &format!("\n{question}"))?.parse() == Ok(wanted))
}

fn answer(context: &Context, question: &str) -> Result<String, CommandError> {
    context.say(question);
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "  > ").and_then(|()| err.flush());
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| CommandError::new(format!("cannot read the answer: {error}")))?;
    Ok(answer.trim().to_owned())
}
