//! A plan that was saved for review: read, held against how things are now, told how they differ.

use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use super::session::{Seen, Session};
use super::{Engine, Failure, Saved, Scope, TOOL};
use crate::plan::reviewed::{self, Held, Now};
use crate::plan::schedule::{cost, schedule};
use crate::plan::{FORMAT, Plan, Redaction, verify};
use crate::render::escape::terminal;
use crate::wording::count;

/// A plan's day so many days ago is worth a word.
const OLD: i32 = 30;
const AGAIN: &str = "Write one with `scimform plan --out FILE`.";

/// Reads a plan that `plan --out` wrote.
///
/// # Errors
/// Where it is no such plan, was changed, or can't be applied.
pub fn read(path: &Path) -> Result<Plan, Failure> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        #[serde(default)]
        tool: String,
        #[serde(default)]
        redacted: Redaction,
    }
    let name = path.display();
    let text = std::fs::read(path)
        .map_err(|error| Failure::new(format!("cannot read the plan {name}: {error}")).hint(AGAIN))?;
    let damaged = |error: &serde_json::Error| match error.classify() {
        serde_json::error::Category::Eof => {
            Failure::new(format!("{name} ends in the middle: it was cut off, and nothing was done")).hint(AGAIN)
        }
        _ => Failure::new(format!("{name} is not a plan: {error}")).hint(AGAIN),
    };
    let head: Head = serde_json::from_slice(&text).map_err(|error| damaged(&error))?;
    if head.format != FORMAT {
        let error = Failure::new(format!("{name} has the format `{}`, not `{FORMAT}`", head.format));
        let later = head.format.strip_prefix("scimform.plan/v").is_some_and(|number| number.parse::<u32>().is_ok());
        return Err(if later {
            error.hint("A later version wrote it. Apply it with that version, or plan anew with this one.")
        } else {
            error.hint(
                "A part of a plan is done with `--target` or `--only`. For another one, `scimform plan --out FILE`.",
            )
        });
    }
    if head.redacted != Redaction::None {
        return Err(Failure::new(format!("{name} is what was printed with `--redact`, so it can't be applied"))
            .hint("Apply the file that `scimform plan --out FILE` writes: it is whole, whatever is printed."));
    }
    let plan: Plan = serde_json::from_slice(&text).map_err(|error| {
        let failure = damaged(&error);
        if head.tool == TOOL { failure } else { failure.hint(format!("It was made by {}. {AGAIN}", head.tool)) }
    })?;
    if plan.base.is_some() {
        return Err(Failure::new(format!("{name} is a `diff`, for which no target was asked, so it can't be applied"))
            .hint(AGAIN));
    }
    verify(&plan).map_err(|why| {
        let error = Failure::new(format!("{name} was changed by hand: {}", terminal(&why))).naming_people();
        if head.tool == TOOL {
            error.hint(AGAIN)
        } else {
            error.hint(format!("Or its digests are those of another version: it was made by {}. {AGAIN}", head.tool))
        }
    })?;
    Ok(plan)
}

/// What a run covers: a saved plan's own scope, unless the call narrows it further.
pub fn scope(given: Scope, reviewed: Option<&Plan>) -> Scope {
    let Some(plan) = reviewed else { return given };
    let saved = Saved { targets: given.targets.is_empty(), only: given.only.is_empty() && !plan.only.is_empty() };
    Scope {
        targets: if saved.targets { names(plan) } else { given.targets },
        only: if saved.only { plan.only.clone() } else { given.only },
        as_of: given.as_of.or(Some(plan.as_of)),
        sandbox: given.sandbox,
        saved,
    }
}

fn names(plan: &Plan) -> Vec<String> {
    plan.targets.iter().map(|target| target.name.clone()).collect()
}

/// What is other than when the plan was reviewed; each is shown and none is enforced.
pub fn differences(plan: &Plan, engine: &Engine, today: Date) -> Vec<String> {
    let now = engine.heading(None);
    let mut lines = Vec::new();
    if plan.revision != now.revision {
        let short = |revision: &Option<String>| {
            revision.as_deref().map_or_else(|| "no revision".to_owned(), |hash| hash.chars().take(12).collect())
        };
        lines.push(format!("reviewed at {}, now {}", terminal(&short(&plan.revision)), short(&now.revision)));
    }
    if plan.configuration.is_some() && plan.configuration != now.configuration {
        lines.push("the files are not as they were reviewed; what comes out of them is compared one by one".to_owned());
    }
    if plan.tool != now.tool {
        lines.push(format!("reviewed with {}, this is {}", terminal(&plan.tool), now.tool));
    }
    let days = engine.as_of.until(today).map_or(0, |span| span.get_days());
    if days > OLD {
        lines.push(format!(
            "the plan is for {}, {days} days ago: who came or left since is not seen. Plan anew, or give `--as-of`",
            engine.as_of
        ));
    } else if days < -1 {
        lines.push(format!(
            "the plan is for {}, which is {} ahead",
            engine.as_of,
            count(u64::from(days.unsigned_abs()), "day")
        ));
    }
    lines
}

/// Keeps of what is planned what was reviewed, and judges limits and policies on that alone.
pub fn restrict_to_reviewed(session: &Session<'_>, seen: &mut [Seen<'_>], reviewed: &Plan) -> Held {
    let mut held = Held::default();
    for one in seen {
        let name = one.target.name.as_str();
        let (observed, profile) = (&one.observed, &one.target.profile);
        let known = reviewed.targets.iter().find(|known| known.name == name);
        let live = &observed.live;
        let now = Now::new(&observed.desired, live, profile, &observed.ledger, &one.computed.adoptions);
        held.extend(reviewed::hold(&mut one.plan, known, &now));
        if !one.read || !one.plan.is_written() {
            continue;
        }
        reviewed::rejudge(observed, &mut one.plan);
        one.plan.cost = cost(&schedule(&one.plan, &observed.desired, live, profile, &live.discovery), profile);
    }
    let engine = session.engine;
    let gone = |known: &&crate::plan::TargetPlan| {
        engine.scope.saved.targets && !engine.directory.targets.contains_key(known.name.as_str())
    };
    let left = reviewed.targets.iter().filter(gone).flat_map(reviewed::undeclared).collect();
    held.extend(Held { left, ..Held::default() });
    held
}
