//! `apply`: makes the targets as declared.

use std::path::PathBuf;

use futures::future::join_all;

use super::args::{ApplyOptions, ReportFormat};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::load_valid;
use super::plan::exit as plan_exit;
use super::review;
use super::signals::{cancel, runtime, unless_ended};
use crate::apply::{Report, TargetReport, veiled};
use crate::diag::NoticeCode;
use crate::engine::{self, Engine, Keeping, Runner, Seen, Session, in_ci, saved, take_lock};
use crate::plan::observe::Purpose;
use crate::plan::{self, Mode, Plan, Redactor};
use crate::render::escape::terminal;
use crate::render::plan::human;
use crate::render::{self, action_word, report};
use crate::wording::count;

pub(super) fn run(context: &Context, options: &ApplyOptions) -> Outcome {
    let reviewed = options.plan.as_ref().map(|file| saved::read(&context.directory.join(file))).transpose()?;
    let unasked = options.auto_approve || reviewed.is_some() || options.expect.is_some();
    if !context.interactive && !unasked {
        return Err(CommandError::usage("nobody can be asked here, since this is not a terminal")
            .hint("Give `--auto-approve`, `--expect DIGEST`, or a plan written by `scimform plan --out FILE`."));
    }
    let scope = saved::scope((&options.scope).into(), reviewed.as_ref());
    if let Some(plan) = &reviewed
        && plan.sandbox != scope.sandbox
    {
        let made = if plan.sandbox { "with" } else { "without" };
        return Err(CommandError::new(format!(
            "the plan was made {made} `--sandbox`, so it can only be applied {made} it"
        )));
    }
    let back = way_back(options, reviewed.as_ref())?;
    let (loaded, directory) = load_valid(context)?;
    let mut engine = Engine::open(loaded.root, loaded.sources, directory, scope, context.allow_commands)?;
    if let Some(file) = back {
        engine = engine.undoing(&file, &context.directory)?;
    }
    same_way_back(&engine, reviewed.as_ref())?;
    first_run(&engine, options)?;
    let lock = take_lock(context, &engine.store, &engine.target_names()?, options.lock_timeout)?;
    let outcome = runtime()?.block_on(engine.session(context, Keeping::Journals, async |session, _| {
        go(context, session, options, reviewed.as_ref(), unasked).await
    }));
    drop(lock);
    // The process ends: taking it apart would only take time.
    std::mem::forget(engine);
    outcome
}

/// The file by which an apply is taken back: as given, or as the reviewed plan was made with.
fn way_back(options: &ApplyOptions, reviewed: Option<&Plan>) -> Result<Option<PathBuf>, CommandError> {
    match (&options.undo, reviewed) {
        (Some(_), Some(plan)) if plan.undo.is_none() => {
            Err(CommandError::new("the plan was made without `--undo`, so it can only be applied without it"))
        }
        (Some(file), _) => Ok(Some(file.clone())),
        (None, reviewed) => Ok(reviewed.and_then(|plan| plan.undo.as_ref()).map(|undo| PathBuf::from(&undo.file))),
    }
}

/// A plan that takes an apply back is good for the very file that it was made from.
fn same_way_back(engine: &Engine, reviewed: Option<&Plan>) -> Result<(), CommandError> {
    let (Some(back), Some(undo)) = (&engine.undo, reviewed.and_then(|plan| plan.undo.as_ref())) else {
        return Ok(());
    };
    if back.of.digest == undo.digest {
        return Ok(());
    }
    Err(CommandError::new(format!("{} is not the file that the plan was made from", terminal(&back.of.file)))
        .hint("Plan again with `scimform plan --undo FILE --out PLAN`."))
}

/// In CI a ledger that is not there means that it was lost on the way: leavers would stay unseen.
fn first_run(engine: &Engine, options: &ApplyOptions) -> Result<(), CommandError> {
    let there = || engine.store.targets().map_err(|error| CommandError::new(error.to_string()));
    if !in_ci() || engine.scope.sandbox || options.first_run || !there()?.is_empty() {
        return Ok(());
    }
    Err(CommandError::new(format!("there is no ledger at {}, and `CI` is set", engine.store.place()))
        .hint("Without it nobody who left can be seen. Bring it back, or give `--first-run` to begin a new one."))
}

async fn go(
    context: &Context,
    session: &Session<'_>,
    options: &ApplyOptions,
    reviewed: Option<&Plan>,
    unasked: bool,
) -> Outcome {
    let mut seen: Vec<Seen<'_>> = unless_ended(session.each(&Purpose::Plan, async |seen| seen)).await?;
    let held = reviewed.map(|plan| {
        for line in saved::differences(plan, session.engine, engine::today()) {
            context.say(&line);
        }
        saved::restrict_to_reviewed(session, &mut seen, plan)
    });
    let held = held.unwrap_or_default();
    let mut plan = session.assemble(&seen);
    if let Some(number) = options.confirm_removals {
        plan::confirm_removals(&mut plan, number).map_err(|error| CommandError::refused(error.to_string()))?;
    }
    for one in &mut seen {
        if let Some(planned) = plan.targets.iter().find(|planned| planned.name == one.target.name.as_str()) {
            one.plan = planned.clone();
        }
    }
    let redactor = Redactor::new(context.redact, &session.pseudonyms);
    if options.format == ReportFormat::Human && !(context.quiet && unasked) {
        context.print(&human(&redactor.plan(&plan), &context.look()))?;
        context.print(&render::reviewed::human(&redactor.held(held.clone()), &context.look()))?;
    }
    judge(&plan, options, !unasked, &redactor)?;
    if !unasked && !consent(context, &mut plan, options)? {
        context.say("Nothing was changed.");
        return Ok(Exit::Error);
    }
    let before = plan_exit(&plan, false);
    let runner = Runner::new(session, &plan, &seen, &redactor, cancel(context));
    let (report, saved) = carry_out(&runner, session, &mut seen).await;
    let report = veiled(report.with(held), &redactor);
    let exit = finish(context, options, &report, before)?;
    saved.map(|()| exit)
}

/// Asks. Where something is removed the answer is how much, and the right number lifts the limit on removals as
/// `--confirm-removals` does.
fn consent(context: &Context, plan: &mut Plan, options: &ApplyOptions) -> Result<bool, CommandError> {
    if plan.targets.iter().all(|target| target.changes.is_empty() || !target.is_written()) {
        return Ok(true);
    }
    let removals = plan::removals(plan);
    if removals == 0 || options.confirm_removals.is_some() {
        return review::approved(context, "Do you want to make these changes?");
    }
    let limited = refusals(plan).next().is_some();
    if !review::counted(context, removals, limited)? {
        return Ok(false);
    }
    plan::confirm_removals(plan, removals).map_err(|error| CommandError::refused(error.to_string()))?;
    Ok(true)
}

/// What stands against the plan.
fn refusals(plan: &Plan) -> impl Iterator<Item = &plan::Violation> {
    plan.targets.iter().flat_map(|target| &target.violations).filter(|violation| !violation.warn)
}

/// The plan is not the one that was expected. Of that one only the digest is known, so what differs can be named only
/// where it is one change too many.
fn unexpected(plan: &Plan, expected: &str, options: &ApplyOptions, redactor: &Redactor) -> CommandError {
    let error =
        CommandError::refused(format!("the plan's digest is {}, not {expected}; nothing was changed", plan.digest));
    if let Some((target, change)) = plan::unexpected(plan, expected) {
        let what = format!(
            "{} {} {}",
            action_word(change.action),
            change.resource,
            redactor.key(change.resource, &change.key)
        );
        return error.hint(format!("One change is new, all else is as expected: {target}: {what}. Review it."));
    }
    let day = if options.scope.as_of.is_some() { "" } else { " for another day (then give `--as-of`)," };
    let changes: usize = plan.targets.iter().map(|target| target.changes.len()).sum();
    error.hint(format!(
        "It was reviewed{day} or the files or a target changed since. It has {} now; plan and review again. A plan saved \
         with `plan --out FILE` is applied as far as it still holds.",
        count(changes, "change")
    ))
}

/// Whether the plan may run at all. A person who is asked can lift the limit on removals, and nothing else.
fn judge(plan: &Plan, options: &ApplyOptions, asked: bool, redactor: &Redactor) -> Result<(), CommandError> {
    if let Some(expected) = &options.expect
        && *expected != plan.digest
    {
        return Err(unexpected(plan, expected, options, redactor));
    }
    if refusals(plan).any(|violation| !(asked && violation.code == NoticeCode::Removals)) {
        return Err(CommandError::refused("the plan is refused; nothing was changed"));
    }
    let mut asked = plan.targets.iter().filter(|target| target.mode != Mode::Disabled).peekable();
    if asked.peek().is_some() && asked.all(|target| target.failed.is_some()) {
        return Err(CommandError::new("no target could be read; nothing was changed"));
    }
    Ok(())
}

async fn carry_out(
    runner: &Runner<'_>,
    session: &Session<'_>,
    seen: &mut [Seen<'_>],
) -> (Report, Result<(), CommandError>) {
    let runs = seen.iter_mut().filter(|one| one.read && one.plan.is_written());
    let runs = runs.filter_map(|one| Some(runner.apply(session.connection(one.target)?, one)));
    let mut reports: Vec<TargetReport> = join_all(runs).await;
    // Whatever became of one target, what was done at the others is told all the same.
    let saved = runner.saved();
    let undo = runner.undo();
    let name = |one: &Seen<'_>| one.target.name.as_str().to_owned();
    reports.extend(seen.iter().filter_map(|one| {
        let stopped = Some(format!("could not be read: {}", one.plan.failed.as_ref()?));
        Some(TargetReport { name: name(one), stopped, ..TargetReport::default() })
    }));
    let unwritten = seen.iter().filter(|one| !one.plan.is_written() && one.plan.failed.is_none());
    reports.extend(unwritten.map(|one| TargetReport {
        name: name(one),
        mode: one.plan.mode,
        ..TargetReport::default()
    }));
    (Report { undo, ..Report::new(reports) }, saved)
}

fn finish(context: &Context, options: &ApplyOptions, report: &Report, before: Exit) -> Outcome {
    let text = match options.format {
        ReportFormat::Human => format!("\n{}", report::human(report, &context.look())),
        ReportFormat::Json => json(report)?,
    };
    context.print(&text)?;
    let clean = report.is_clean() && before == Exit::Done;
    Ok(if clean { Exit::Done } else { Exit::Unfinished })
}
