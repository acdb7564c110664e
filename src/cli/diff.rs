//! `diff`: what a change of the files means. No target is reached and no secret is looked at: there is nothing here that
//! could.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::Date;

use super::args::{DiffOptions, PlanFormat};
use super::comment::{comment, links};
use super::context::Context;
use super::error::{CommandError, Outcome, json};
use super::load::{Loaded, load, read, valid};
use crate::desired::{Desired, project};
use crate::diag::Severity;
use crate::directory::{Directory, Mode, Target};
use crate::engine::{self, TOOL};
use crate::ledger::Hasher;
use crate::plan::{self, After, Base, Heading, Horizon, Outlook, Plan, Redactor};
use crate::render::escape::terminal;
use crate::render::plan::{brief, human, markdown};
use crate::render::{self, html};
use crate::repo::{self, HistoryError, Snapshot};
use crate::wording::count;

/// The old side.
struct Before {
    base: Base,
    /// None where there were no files yet.
    directory: Option<Directory>,
}

pub(super) fn run(context: &Context, options: &DiffOptions) -> Outcome {
    let (loaded, directory, head) = new_side(context, options.head.as_deref())?;
    let before = old_side(context, &loaded.root, options.base.as_deref(), head)?;
    let plan = compare(options, &before, &loaded, &directory)?;
    let shown = Redactor::new(context.redact, &hasher()).plan(&plan);
    let text = match options.format {
        PlanFormat::Human if context.quiet => brief(&shown, &context.look()),
        PlanFormat::Human => human(&shown, &context.look()),
        PlanFormat::Markdown => markdown(&shown, &comment(&options.comment, &loaded.root, plan.revision.as_deref())?),
        PlanFormat::Html => html::plan(
            &shown,
            "scimform diff",
            links(&options.comment, &loaded.root, plan.revision.as_deref())?.as_ref(),
        ),
        PlanFormat::Json => json(&shown)?,
    };
    context.show(&text)?;
    Ok(super::plan::exit(&plan, options.detailed_exitcode))
}

/// There is no ledger here whose salt could be used; the digests of values serve this run alone.
fn hasher() -> Hasher {
    Hasher::new("diff")
}

/// The files that are compared, and their commit where it is not the work tree.
fn new_side(context: &Context, revision: Option<&str>) -> Result<(Loaded, Directory, Option<String>), CommandError> {
    let Some(revision) = revision else {
        let (loaded, directory) = valid(context, load(context))?;
        return Ok((loaded, directory, None));
    };
    let root = repo::find_root(&context.directory).unwrap_or_else(|| context.directory.clone());
    let Snapshot { commit, exists, sources, found } = repo::snapshot(&root, revision).map_err(|error| lost(&error))?;
    if !exists {
        return Err(CommandError::new(format!("there is no `scimform.yaml` at `{}`", terminal(revision)))
            .hint("Name a commit that has one, or run it in the folder of the repository (`-C`)."));
    }
    let (loaded, directory) = valid(context, read(root, sources, found))?;
    Ok((loaded, directory, Some(commit)))
}

fn old_side(context: &Context, root: &Path, asked: Option<&str>, head: Option<String>) -> Result<Before, CommandError> {
    let (name, commit) = base(root, asked, head.as_deref()).map_err(|error| lost(&error))?;
    let Snapshot { commit, exists, sources, found } = repo::snapshot(root, &commit).map_err(|error| lost(&error))?;
    if !exists {
        context.say(&format!("there was no `scimform.yaml` at `{}`: everything is new", terminal(&name)));
        return Ok(Before { base: Base { name, revision: None, head, ..Base::default() }, directory: None });
    }
    let mut loaded = read(root.to_owned(), sources, found);
    let Some(directory) = loaded.directory.take() else {
        let errors = loaded.found.iter().filter(|found| found.severity == Severity::Error).count() as u64;
        if context.redact == plan::Redaction::None {
            let text = render::diagnostics::human(&loaded.found, &loaded.sources, &context.look_of_messages());
            context.present(&text);
        }
        let message = format!(
            "the files of `{}` have {} themselves, so nothing can be held against them",
            terminal(&name),
            count(errors.max(1), "error")
        );
        return Err(CommandError::new(message).hint("Name a commit whose files are valid with `--base`."));
    };
    Ok(Before { base: Base { name, revision: Some(commit), head, ..Base::default() }, directory: Some(directory) })
}

/// The old side's name and commit: as asked for, else where this branch began, else what was committed last.
fn base(root: &Path, asked: Option<&str>, head: Option<&str>) -> Result<(String, String), HistoryError> {
    let head = head.unwrap_or("HEAD");
    match asked {
        Some(asked) => match asked.strip_suffix("...") {
            Some(other) => Ok((asked.to_owned(), repo::common_commit(root, other, head)?)),
            None => Ok((asked.to_owned(), asked.to_owned())),
        },
        None => match repo::default_branch(root)? {
            Some(branch) => {
                let commit = repo::common_commit(root, &branch, head)?;
                Ok((branch, commit))
            }
            None => Ok(("HEAD".to_owned(), "HEAD".to_owned())),
        },
    }
}

fn lost(error: &HistoryError) -> CommandError {
    CommandError::new(error.to_string()).hint(error.hint())
}

fn compare(
    options: &DiffOptions,
    before: &Before,
    loaded: &Loaded,
    directory: &Directory,
) -> Result<Plan, CommandError> {
    let as_of = options.as_of.unwrap_or_else(engine::today);
    let scope =
        engine::Scope { targets: options.targets.clone(), only: options.only.clone(), ..engine::Scope::default() };
    let targets = scope.targets(directory)?;
    let former = before.directory.as_ref();
    let gone: BTreeSet<String> = former.iter().flat_map(|former| keys(former)).collect();
    let only = scope.keys(directory, |key| gone.contains(key))?;
    let lost = former.into_iter().flat_map(|former| former.targets.keys());
    let lost = lost.filter(|name| !directory.targets.contains_key(*name) && options.targets.is_empty());
    let base = Base { gone: lost.map(|name| name.as_str().to_owned()).collect(), ..before.base.clone() };
    let hasher = hasher();
    let sides = targets.iter().map(|target| {
        if target.mode == Mode::Disabled {
            return plan::disabled_target(target);
        }
        let then = match former {
            Some(former) if former.targets.contains_key(&target.name) => project(former, &target.name, as_of),
            _ => Desired::default(),
        };
        let desired = project(directory, &target.name, as_of);
        let (sources, only) = (&loaded.sources, only.as_ref());
        let after = After { target, desired: &desired, directory, sources, as_of, only };
        plan::offline(&then, former.map(|former| (former, as_of)), after, &hasher)
    });
    let plans = sides.collect();
    let outlook = options.horizon.map(|days| (days, as_of));
    let horizon = outlook.map(|(days, as_of)| ahead(days, as_of, directory, loaded, &targets, only.as_ref()));
    let heading = Heading {
        created_at: engine::now(),
        as_of,
        revision: base.head.clone().or_else(|| repo::revision(&loaded.root)),
        configuration: Some(plan::configuration(&loaded.sources)),
        tool: TOOL.to_owned(),
        sandbox: false,
        only: only.into_iter().flatten().collect(),
        undo: None,
        base: Some(base),
        horizon,
    };
    Ok(plan::assemble(plans, heading))
}

fn ahead(
    days: u32,
    as_of: Date,
    directory: &Directory,
    loaded: &Loaded,
    targets: &[&Target],
    only: Option<&BTreeSet<String>>,
) -> Horizon {
    let outlook = Outlook { directory, sources: &loaded.sources, as_of, until: last_day(as_of, days), only };
    plan::horizon(outlook, targets.iter().map(|target| (*target, None)), &hasher())
}

/// The day so many days later, as far as the calendar goes.
pub(super) fn last_day(as_of: Date, days: u32) -> Date {
    as_of.saturating_add(jiff::Span::new().days(i64::from(days)))
}

fn keys(directory: &Directory) -> impl Iterator<Item = String> {
    let users = directory.users.keys().map(|key| key.as_str().to_owned());
    users.chain(directory.groups.keys().map(|key| key.as_str().to_owned()))
}
