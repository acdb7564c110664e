//! `report access`: who has what, and why. Without `--live` nothing is reached; with it, readers alone are held.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;

use super::args::{AccessFormat, AccessOptions, ReportAction, ReportOptions, Withhold};
use super::comment::found;
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::load::load_valid;
use super::plan::write_out;
use super::progress;
use super::signals::unless_ended;
use super::survey::{Survey, TOOL, describe, runtime};
use super::{read, recover, select};
use crate::access::{self, Report, Seen, Standing, TargetAccess};
use crate::desired::{Desired, project};
use crate::directory::{Directory, Mode, Target};
use crate::ledger::{Hasher, TargetLedger};
use crate::live::matching::{Rules, match_all};
use crate::live::{Live, LiveResource};
use crate::plan::{Action, PlanInput, WITHHELD, match_rules, protected_by};
use crate::render::access::{csv, human, json, markdown};
use crate::render::html;
use crate::repo;
use crate::scim::ResourceKind;
use crate::target::{Reader, TargetError};

pub(super) fn run(context: &Context, options: &ReportOptions) -> Outcome {
    let ReportAction::Access(options) = &options.action;
    let mut report = if options.live { live(context, options)? } else { declared(context, options)? };
    let complete = report
        .targets
        .iter()
        .all(|target| target.failed.is_none() && target.read.as_ref().is_none_or(|read| read.complete));
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
        AccessFormat::Json => json(&report).map_err(|error| failed(&error))?,
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

fn blank(survey: (&std::path::Path, jiff::civil::Date), options: &AccessOptions) -> Report {
    Report {
        format: access::FORMAT.to_owned(),
        tool: TOOL.to_owned(),
        created_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        as_of: survey.1,
        revision: repo::revision(survey.0),
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
    if let Some(keys) = select::keys(directory, &options.scope, &BTreeSet::new())? {
        report.narrow_to_people(&keys);
    }
    if let Some(group) = &options.group {
        select::group(directory, group)?;
        report.narrow_to_group(group);
    }
    Ok(())
}

fn declared(context: &Context, options: &AccessOptions) -> Result<Report, CommandError> {
    if options.scope.sandbox {
        return Err(CommandError::usage("`--sandbox` is of use with `--live` alone: without it no target is asked"));
    }
    let (loaded, directory) = load_valid(context)?;
    let as_of = options.scope.as_of.unwrap_or_else(today);
    let mut report = blank((&loaded.root, as_of), options);
    report.targets = select::targets(&directory, &options.scope)?
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

/// The day it is, UTC.
pub(super) fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn live(context: &Context, options: &AccessOptions) -> Result<Report, CommandError> {
    let survey = Survey::open(context, &options.scope)?;
    let mut report = blank((&survey.root, survey.as_of), options);
    report.targets = runtime()?.block_on(audit(context, &survey, options))?;
    narrow(&mut report, &survey.directory, options)?;
    Ok(report)
}

/// Reads every target in whole and holds it against what is declared.
async fn audit(context: &Context, survey: &Survey, options: &AccessOptions) -> Result<Vec<TargetAccess>, CommandError> {
    let ledger = recover::load(context, &survey.store)?;
    let hasher = Hasher::new(&ledger.salt);
    let targets: Vec<&Target> = select::targets(&survey.directory, &options.scope)?
        .into_iter()
        .filter(|target| target.mode != Mode::Disabled)
        .collect();
    let sandboxes = survey.sandboxes(&targets).await?;
    let looks = targets.iter().map(|target| {
        let entries = ledger.targets.get(target.name.as_str()).cloned().unwrap_or_default();
        let reader = survey.open_target(target, &sandboxes).map(|connection| connection.reader());
        let hasher = &hasher;
        async move {
            let reader = reader.as_ref().map_err(Clone::clone);
            let look = Box::pin(one(survey, target, reader.clone(), &entries, hasher));
            progress::reading(context, target.name.as_str(), reader, look).await
        }
    });
    let found = unless_ended(join_all(looks)).await?;
    for server in sandboxes.into_values() {
        server.shutdown().await;
    }
    Ok(found)
}

async fn one(
    survey: &Survey,
    target: &Target,
    reader: Result<&Reader, String>,
    ledger: &TargetLedger,
    hasher: &Hasher,
) -> TargetAccess {
    let desired = project(&survey.directory, &target.name, survey.as_of);
    let mut found = access::declared(&survey.directory, &survey.sources, target, &desired, survey.as_of);
    let seen = match reader {
        Ok(reader) => held_against(survey, target, &desired, reader, (ledger, hasher), &mut found)
            .await
            .map_err(|error| describe(&error)),
        Err(why) => Err(why),
    };
    found.failed = seen.err();
    found
}

async fn held_against(
    survey: &Survey,
    target: &Target,
    desired: &Desired,
    reader: &Reader,
    (ledger, hasher): (&TargetLedger, &Hasher),
    found: &mut TargetAccess,
) -> Result<(), TargetError> {
    let empty = Live::default();
    let input = PlanInput {
        target,
        desired,
        live: &empty,
        ledger,
        hasher,
        directory: &survey.directory,
        sources: &survey.sources,
        as_of: survey.as_of,
        only: None,
    };
    let mut live = reader.read(&read::whole(&input)).await?;
    let plan = read::refine(input, &mut live, reader).await?;
    let known = &ledger.known();
    let [users, groups] =
        [ResourceKind::User, ResourceKind::Group].map(|kind| match_rules(&survey.directory, target, kind));
    let matches = match_all(desired, &live, known, Rules { users: &users, groups: &groups }, &target.profile);
    let changes = plan.changes.iter().chain(&plan.suppressed);
    let differing = changes.filter(|change| {
        change.resource == ResourceKind::User
            && matches!(change.action, Action::Update)
            && !change.attributes.is_empty()
    });
    let differing: BTreeSet<&str> = differing.map(|change| change.key.as_str()).collect();
    let ours: BTreeSet<&str> = ledger.users.values().map(|entry| entry.id.as_str()).collect();
    let standing = |one: &LiveResource| match protected_by(target, one) {
        Some(_) => Standing::Protected,
        None if ours.contains(one.id.as_str()) => Standing::Managed,
        None => Standing::Unmanaged,
    };
    let seen = Seen {
        live: &live,
        matches: &matches,
        differing: &differing,
        profile: &target.profile,
        deactivated: &|key| ledger.users.get(key).is_some_and(|entry| entry.deactivated.is_some()),
        standing: &standing,
        requests: reader.requests(),
    };
    access::compare(found, seen);
    Ok(())
}
