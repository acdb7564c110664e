//! `apply`: makes the targets as declared.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::future::join_all;

use super::args::{ApplyOptions, ReportFormat, Scope};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::plan::exit as plan_exit;
use super::progress;
use super::signals::unless_ended;
use super::survey::{Survey, Surveyed, runtime};
use super::undo::Way;
use super::{execute, gate, lock, recover, review, saved};
use crate::apply::{Report, TargetReport, veiled};
use crate::directory::Target;
use crate::ledger::Hasher;
use crate::plan::{self, Mode, Plan, Veil};
use crate::render::escape::terminal;
use crate::render::plan::human;
use crate::render::{self, action_word, count, report};
use crate::sandbox::Running;
use crate::target::Connection;

pub(super) fn run(context: &Context, options: &ApplyOptions) -> Outcome {
    let reviewed = options.plan.as_ref().map(|file| saved::read(context, file)).transpose()?;
    let unasked = options.auto_approve || reviewed.is_some() || options.expect.is_some();
    if !context.interactive && !unasked {
        return Err(CommandError::usage("nobody can be asked here, since this is not a terminal")
            .hint("Give `--auto-approve`, `--expect DIGEST`, or a plan written by `scimform plan --out FILE`."));
    }
    let scope = saved::scope(options, reviewed.as_ref());
    if let Some(plan) = &reviewed
        && plan.sandbox != scope.sandbox
    {
        let made = if plan.sandbox { "with" } else { "without" };
        return Err(CommandError::new(format!(
            "the plan was made {made} `--sandbox`, so it can only be applied {made} it"
        )));
    }
    let back = way_back(options, reviewed.as_ref())?;
    let survey = Survey::open_for(context, &scope, back.as_deref())?;
    same_way_back(&survey, reviewed.as_ref())?;
    first_run(&survey, options)?;
    let lock = lock::take(context, &survey.store, options.lock_timeout)?;
    let outcome = runtime()?.block_on(go(context, &survey, &scope, options, reviewed.as_ref(), unasked));
    drop(lock);
    outcome
}

fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
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
fn same_way_back(survey: &Survey, reviewed: Option<&Plan>) -> Result<(), CommandError> {
    let (Some(back), Some(undo)) = (&survey.take_back, reviewed.and_then(|plan| plan.undo.as_ref())) else {
        return Ok(());
    };
    if back.of.digest == undo.digest {
        return Ok(());
    }
    Err(CommandError::new(format!("{} is not the file that the plan was made from", terminal(&back.of.file)))
        .hint("Plan again with `scimform plan --undo FILE --out PLAN`."))
}

/// In CI a ledger that is not there means that it was lost on the way: leavers would stay unseen.
fn first_run(survey: &Survey, options: &ApplyOptions) -> Result<(), CommandError> {
    let there = || survey.store.load().map_err(|error| CommandError::new(error.to_string()));
    if !gate::in_ci() || survey.sandbox || options.first_run || there()?.is_some() {
        return Ok(());
    }
    Err(CommandError::new(format!("there is no ledger at {}, and `CI` is set", survey.store.place()))
        .hint("Without it nobody who left can be seen. Bring it back, or give `--first-run` to begin a new one."))
}

async fn go(
    context: &Context,
    survey: &Survey,
    scope: &Scope,
    options: &ApplyOptions,
    reviewed: Option<&Plan>,
    unasked: bool,
) -> Outcome {
    let ledger = recover::load_and_keep(context, &survey.store)?;
    let (targets, only) = survey.scope(context, scope, &ledger)?;
    let sandboxes = survey.sandboxes(&targets).await?;
    let hasher = Hasher::new(&ledger.salt);
    let connections = connect(survey, &targets, &sandboxes);
    let looks = targets.iter().zip(&connections).map(|(target, connection)| {
        let entries = ledger.targets.get(target.name.as_str()).cloned().unwrap_or_default();
        let (hasher, only) = (&hasher, only.as_ref());
        async move {
            let reader = connection.as_ref().map(Connection::reader).map_err(Clone::clone);
            let reader = reader.as_ref().map_err(Clone::clone);
            let look = survey.look(target, reader.clone(), &entries, hasher, only);
            Box::pin(progress::reading(context, target.name.as_str(), reader, look)).await
        }
    });
    let mut surveyed: Vec<Surveyed> = unless_ended(join_all(looks)).await?;
    let held = reviewed.map(|plan| {
        for line in saved::differences(plan, survey, today()) {
            context.say(&line);
        }
        saved::hold(survey, &mut surveyed, plan, scope, (&ledger, &hasher), only.as_ref())
    });
    let held = held.unwrap_or_default();
    let mut plan = survey.assemble(&surveyed, only.as_ref());
    if let Some(number) = options.confirm_removals {
        plan::confirm_removals(&mut plan, number).map_err(|error| CommandError::refused(error.to_string()))?;
    }
    for one in &mut surveyed {
        if let Some(planned) = plan.targets.iter().find(|planned| planned.name == one.name) {
            one.plan = planned.clone();
        }
    }
    let veil = Veil::new(context.redact, &hasher);
    if options.format == ReportFormat::Human && !(context.quiet && unasked) {
        context.print(&human(&veil.plan(&plan), &context.look()))?;
        context.print(&render::reviewed::human(&veil.held(held.clone()), &context.look()))?;
    }
    let outcome = match judge(&plan, options, !unasked, &veil) {
        Err(error) => Err(error),
        Ok(()) if unasked || consent(context, &mut plan, options)? => {
            let before = plan_exit(&plan, false);
            let way = Way::new(survey, &plan, &surveyed, &ledger);
            let runner = execute::Runner::new(context, survey, ledger, (&hasher, &veil), only.as_ref(), way);
            let (report, saved) = carry_out(runner, &targets, &connections, &surveyed).await?;
            let report = veiled(report.with(held), &veil);
            let exit = finish(context, options, &report, before)?;
            saved.map(|()| exit)
        }
        Ok(()) => {
            context.say("Nothing was changed.");
            Ok(Exit::Error)
        }
    };
    drop(connections);
    for server in sandboxes.into_values() {
        server.shutdown().await;
    }
    outcome
}

fn connect(
    survey: &Survey,
    targets: &[&Target],
    sandboxes: &BTreeMap<String, Running>,
) -> Vec<Result<Connection, String>> {
    targets.iter().map(|target| survey.open_target(target, sandboxes)).collect()
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
fn unexpected(plan: &Plan, expected: &str, options: &ApplyOptions, veil: &Veil) -> CommandError {
    let error =
        CommandError::refused(format!("the plan's digest is {}, not {expected}; nothing was changed", plan.digest));
    if let Some((target, change)) = plan::unexpected(plan, expected) {
        let what =
            format!("{} {} {}", action_word(change.action), change.resource, veil.key(change.resource, &change.key));
        return error.hint(format!("One change is new, all else is as expected: {target}: {what}. Review it."));
    }
    let day = if options.scope.as_of.is_some() { "" } else { " for another day (then give `--as-of`)," };
    let changes: usize = plan.targets.iter().map(|target| target.changes.len()).sum();
    error.hint(format!(
        "It was reviewed{day} or the files or a target changed since. It has {} now; plan and review again. A plan saved \
         with `plan --out FILE` is applied as far as it still holds.",
        count(changes as u64, "change")
    ))
}

/// Whether the plan may run at all. A person who is asked can lift the limit on removals, and nothing else.
fn judge(plan: &Plan, options: &ApplyOptions, asked: bool, veil: &Veil) -> Result<(), CommandError> {
    if let Some(expected) = &options.expect
        && *expected != plan.digest
    {
        return Err(unexpected(plan, expected, options, veil));
    }
    if refusals(plan).any(|violation| !(asked && violation.code == plan::REMOVALS)) {
        return Err(CommandError::refused("the plan is refused; nothing was changed"));
    }
    let mut asked = plan.targets.iter().filter(|target| target.mode != Mode::Disabled).peekable();
    if asked.peek().is_some() && asked.all(|target| target.failed.is_some()) {
        return Err(CommandError::new("no target could be read; nothing was changed"));
    }
    Ok(())
}

async fn carry_out(
    runner: execute::Runner<'_>,
    targets: &[&Target],
    connections: &[Result<Connection, String>],
    surveyed: &[Surveyed],
) -> Result<(Report, Result<(), CommandError>), CommandError> {
    let runs = targets.iter().zip(connections).zip(surveyed).filter_map(|((target, connection), one)| {
        let (connection, live) = (connection.as_ref().ok()?, one.live.as_ref()?);
        one.plan.is_written().then_some(())?;
        Some(runner.one(target, connection, one, live))
    });
    let ended = join_all(runs).await;
    // Whatever became of one target, what was done at the others is kept, and told all the same.
    let saved = runner.save();
    let mut reports = ended.into_iter().collect::<Result<Vec<TargetReport>, CommandError>>()?;
    let undo = runner.way_back();
    reports.extend(surveyed.iter().filter_map(|one| {
        let why = one.plan.failed.as_ref()?;
        let stopped = Some(format!("could not be read: {why}"));
        Some(TargetReport { name: one.name.clone(), stopped, ..TargetReport::default() })
    }));
    let unwritten = surveyed.iter().filter(|one| !one.plan.is_written() && one.plan.failed.is_none());
    reports.extend(unwritten.map(|one| TargetReport {
        name: one.name.clone(),
        mode: one.plan.mode,
        ..TargetReport::default()
    }));
    Ok((Report { undo, ..Report::new(reports) }, saved))
}

fn finish(context: &Context, options: &ApplyOptions, report: &Report, before: Exit) -> Outcome {
    let text = match options.format {
        ReportFormat::Human => format!("\n{}", report::human(report, &context.look())),
        ReportFormat::Json => report::json(report).map_err(|error| CommandError::new(error.to_string()))?,
    };
    context.print(&text)?;
    let clean = report.is_clean() && before == Exit::Done;
    Ok(if clean { Exit::Done } else { Exit::Unfinished })
}
