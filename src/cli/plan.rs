//! `plan`: what an apply would change. Holds readers alone, so it can't write to a target; a rehearsal writes to a server
//! of its own.

use std::io::Write as _;
use std::path::Path;

use super::args::{PlanFormat, PlanOptions};
use super::comment::{comment, links};
use super::context::Context;
use super::diff::last_day;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::engine;
use super::signals::{runtime, unless_ended};
use crate::engine::{Engine, Keeping, Seen, rehearsed};
use crate::plan::observe::Purpose;
use crate::plan::{self, Outlook, Plan, Redactor, TargetPlan};
use crate::render::html;
use crate::render::plan::{brief, human, markdown};

pub(super) fn run(context: &Context, options: &PlanOptions) -> Outcome {
    let mut engine = engine(context, &options.scope)?;
    if let Some(file) = &options.undo {
        engine = engine.undoing(file, &context.directory)?;
    }
    engine.horizon = options.horizon;
    let (mut plan, redactor) = runtime()?.block_on(compare(context, &engine, options.rehearse))?;
    if let Some(number) = options.confirm_removals {
        plan::confirm_removals(&mut plan, number).map_err(|error| CommandError::refused(error.to_string()))?;
    }
    let shown = redactor.plan(&plan);
    let text = match options.format {
        PlanFormat::Human if context.quiet => brief(&shown, &context.look()),
        PlanFormat::Human => human(&shown, &context.look()),
        PlanFormat::Markdown => markdown(&shown, &comment(&options.comment, &engine.root, plan.revision.as_deref())?),
        PlanFormat::Html => html::plan(
            &shown,
            "scimform plan",
            links(&options.comment, &engine.root, plan.revision.as_deref())?.as_ref(),
        ),
        PlanFormat::Json => json(&shown)?,
    };
    context.show(&text)?;
    if let Some(file) = &options.out {
        // Whatever was withheld from the print: this is what an apply needs, and private.
        let text = json(&plan)?;
        write_out(context, file, &text, "plan")?;
        context.say(&format!(
            "Plan written to {}. `scimform apply {}` does what stands in it.",
            file.display(),
            file.display()
        ));
    }
    let exit = exit(&plan, options.detailed_exitcode);
    // The process ends: taking all of it apart would only take time.
    std::mem::forget(shown);
    std::mem::forget((engine, plan));
    Ok(exit)
}

/// Reads and compares every target, and rehearses its plan where that is asked for.
pub(super) async fn compare(
    context: &Context,
    engine: &Engine,
    rehearse: bool,
) -> Result<(Plan, Redactor), CommandError> {
    engine
        .session(context, Keeping::Nothing, async |session, _| {
            // Both sides are given up as soon as they are compared: a large target's take much room.
            let planned = async |seen| {
                if rehearse { Box::pin(rehearsed(session, seen)).await } else { plan_of(seen) }
            };
            let plans = unless_ended(session.each(&Purpose::Plan, planned)).await?;
            let mut plan = engine.join(plans, session.only.as_ref());
            plan.horizon = engine.horizon.map(|days| {
                let until = last_day(engine.as_of, days);
                let (directory, sources, as_of) = (&engine.directory, &engine.sources, engine.as_of);
                let outlook = Outlook { directory, sources, as_of, until, only: session.only.as_ref() };
                let ledgers: Vec<_> = session.targets.iter().map(|target| session.entries(target)).collect();
                let known = session.targets.iter().zip(&ledgers).map(|(target, ledger)| (*target, Some(&**ledger)));
                plan::horizon(outlook, known, &session.pseudonyms)
            });
            Ok((plan, Redactor::new(context.redact, &session.pseudonyms)))
        })
        .await
}

fn plan_of(seen: Seen<'_>) -> TargetPlan {
    seen.plan
}

/// The exit code that a plan deserves, worst first.
pub(super) fn exit(plan: &Plan, detailed: bool) -> Exit {
    let any = |test: &dyn Fn(&plan::TargetPlan) -> bool| plan.targets.iter().any(test);
    let whole = |target: &plan::TargetPlan| target.read.complete && target.read.unconfirmed == 0;
    let read = |target: &plan::TargetPlan| whole(target) || target.mode == plan::Mode::Disabled;
    if any(&|target| target.failed.is_some() || !target.errors.is_empty() || !read(target)) {
        Exit::Error
    } else if any(&|target| target.violations.iter().any(|violation| !violation.warn)) {
        Exit::Refused
    } else if any(&|target| target.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.converges)) {
        Exit::Unfinished
    } else if detailed && any(&|target| !target.changes.is_empty()) {
        Exit::Changes
    } else {
        Exit::Done
    }
}

/// Writes a result to a file of the person's choice.
pub(super) fn write_out(context: &Context, file: &Path, text: &str, what: &str) -> Result<(), CommandError> {
    let path = context.directory.join(file);
    write_private(&path, text).map_err(|error| unwritten(what, &path, &error))
}

fn unwritten(what: &str, path: &Path, error: &std::io::Error) -> CommandError {
    let folder = path.parent().filter(|folder| !folder.is_dir());
    match folder {
        Some(folder) => {
            CommandError::new(format!("the {what} was not written: there is no folder {}", folder.display()))
                .hint("Make it first, or give another place to `--out`.")
        }
        None => CommandError::new(format!("cannot write {}: {error}", path.display())),
    }
}

/// Writes a file that only its owner can read: a plan holds people's data.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is made with mode 0600, and stays so when it takes its place.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}
