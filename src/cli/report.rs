//! `report access`: who has what, and why. Without `--live` nothing is reached; with it, readers alone are held.

use std::collections::{BTreeMap, BTreeSet};

use super::args::{AccessFormat, AccessOptions, ReportAction, ReportOptions, Withhold};
use super::comment::found;
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::{engine, load_valid};
use super::plan::write_out;
use super::signals::{runtime, unless_ended};
use crate::access::{self, Report};
use crate::desired::project;
use crate::directory::{Directory, Mode};
use crate::engine::{self, Keeping, TOOL, audited};
use crate::plan::WITHHELD;
use crate::plan::observe::{Names, Purpose};
use crate::render::access::{csv, human, markdown};
use crate::render::html;
use crate::repo;

pub(super) fn run(context: &Context, options: &ReportOptions) -> Outcome {
    let ReportAction::Access(options) = &options.action;
    let mut report = if options.live { live(context, options)? } else { declared(context, options)? };
    let complete = report.targets.iter().all(|target| {
        let whole = target.read.as_ref().is_none_or(|read| read.complete);
        target.failed.is_none() && whole && target.summary.unknown == 0
    });
    if options.redact == Withhold::Names {
        let names = pseudonyms(&report);
        report = report.without_names(&|key| names.get(key).cloned().unwrap_or_else(|| WITHHELD.to_owned()));
    }
    let failed = |error: &dyn std::fmt::Display| CommandError::new(error.to_string());
    let text = match options.format {
        AccessFormat::Human => human(&report, &context.look()),
        AccessFormat::Csv => csv(&report).map_err(|error| failed(&error))?,
        AccessFormat::Markdown => markdown(&report),
        AccessFormat::Html => {
            let root = repo::find_root(&context.directory).unwrap_or_else(|| context.directory.clone());
            html::access(&report, found(&root, report.revision.as_deref()).as_ref())
        }
        AccessFormat::Json => json(&report)?,
    };
    match &options.out {
        Some(file) => {
            write_out(context, file, &text, "report")?;
            context.say(&format!("The report is in {}.", file.display()));
        }
        None => context.show(&text)?,
    }
    Ok(if complete { Exit::Done } else { Exit::Error })
}

/// A number for each key and id, in their order: nothing can be guessed from it.
fn pseudonyms(report: &Report) -> BTreeMap<String, String> {
    let accounts = report.targets.iter().flat_map(|target| &target.accounts);
    let keys: BTreeSet<&str> = accounts.clone().filter_map(|account| account.key.as_deref()).collect();
    let others = accounts.filter(|account| account.key.is_none()).filter_map(|account| account.id.as_deref());
    let others: BTreeSet<&str> = others.collect();
    let keys = keys.into_iter().zip(1_u64..).map(|(key, number)| (key.to_owned(), format!("person-{number}")));
    let others = others.into_iter().zip(1_u64..).map(|(id, number)| (id.to_owned(), format!("account-{number}")));
    others.chain(keys).collect()
}

fn blank((root, as_of): (&std::path::Path, jiff::civil::Date), options: &AccessOptions) -> Report {
    Report {
        format: access::FORMAT.to_owned(),
        tool: TOOL.to_owned(),
        created_at: engine::now(),
        as_of,
        revision: repo::revision(root),
        sandbox: options.scope.sandbox,
        live: options.live,
        redacted: false,
        only: Vec::new(),
        group: None,
        targets: Vec::new(),
    }
}

/// Cuts the report down to what was asked for.
fn narrow(report: &mut Report, directory: &Directory, options: &AccessOptions) -> Result<(), CommandError> {
    if let Some(keys) = engine::Scope::from(&options.scope).keys(directory, |_| false)? {
        report.narrow_to_people(&keys);
    }
    if let Some(group) = &options.group {
        engine::Scope::group(directory, group)?;
        report.narrow_to_group(group);
    }
    Ok(())
}

fn declared(context: &Context, options: &AccessOptions) -> Result<Report, CommandError> {
    if options.scope.sandbox {
        return Err(CommandError::usage("`--sandbox` is of use with `--live` alone: without it no target is asked"));
    }
    let (loaded, directory) = load_valid(context)?;
    let as_of = options.scope.as_of.unwrap_or_else(engine::today);
    let mut report = blank((&loaded.root, as_of), options);
    report.targets = engine::Scope::from(&options.scope)
        .targets(&directory)?
        .into_iter()
        .filter(|target| target.mode != Mode::Disabled)
        .map(|target| {
            let desired = project(&directory, &target.name, as_of);
            access::declared(&directory, &loaded.sources, target, &desired, as_of)
        })
        .collect();
    narrow(&mut report, &directory, options)?;
    Ok(report)
}

fn live(context: &Context, options: &AccessOptions) -> Result<Report, CommandError> {
    let engine = engine(context, &options.scope)?;
    let mut report = blank((&engine.root, engine.as_of), options);
    let everything = Purpose::Everything(Names::default());
    report.targets = runtime()?.block_on(engine.session(context, Keeping::Nothing, async |session, _| {
        unless_ended(session.each(&everything, async |seen| audited(seen))).await
    }))?;
    let enabled = |name: &str| engine.directory.targets.get(name).is_some_and(|one| one.mode != Mode::Disabled);
    report.targets.retain(|target| enabled(&target.name));
    narrow(&mut report, &engine.directory, options)?;
    Ok(report)
}
