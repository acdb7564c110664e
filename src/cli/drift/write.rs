//! `drift --write`: takes what moved at the targets into the files. Holds readers alone.

use std::collections::{BTreeMap, BTreeSet};

use anstyle::{AnsiColor, Style};
use futures::future::join_all;
use inquire::{Confirm, InquireError, MultiSelect};
use similar::{ChangeTag, TextDiff};

use super::exit;
use crate::accept::{Left, Looked, Proposal, Scene, Settled, propose, settle};
use crate::cli::args::{DriftOptions, PlanFormat};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit, Outcome};
use crate::cli::import::write::write;
use crate::cli::progress::reading;
use crate::cli::recover;
use crate::cli::signals::unless_ended;
use crate::cli::survey::{Survey, Surveyed, runtime};
use crate::ledger::{Hasher, TargetLedger};
use crate::plan::{Drift, drift};
use crate::render::count;
use crate::render::drift::{accepted, accepted_line, consequences, human, left};
use crate::render::escape::terminal;
use crate::source::SourceMap;

/// Rows of the question that are seen at once.
const ROWS: usize = 15;

/// What was seen at the targets.
struct Seen {
    hasher: Hasher,
    entries: BTreeMap<String, TargetLedger>,
    surveyed: Vec<Surveyed>,
    only: Option<BTreeSet<String>>,
    drift: Drift,
}

pub(super) fn run(context: &Context, options: &DriftOptions) -> Outcome {
    if options.format != PlanFormat::Human {
        return Err(CommandError::usage("`--write` shows what it does to people alone")
            .hint("Leave out `--format`; `scimform drift --format json` is for machines."));
    }
    if !options.auto_approve && !context.interactive {
        return Err(CommandError::usage("nobody can be asked here, since this is not a terminal")
            .hint("Give `--auto-approve` to take all of it into the files."));
    }
    let survey = Survey::open(context, &options.scope)?;
    let seen = runtime()?.block_on(look(context, &survey, options))?;
    context.print(&human(&seen.drift, &context.look()))?;
    let scene = scene(&survey, &seen);
    let mut settled = settle(&scene, propose(&scene));
    let told = settled.proposal.left.clone();
    if !told.is_empty() {
        context.print(&format!("\n{}", left(&told, context.out.color)))?;
    }
    if !options.auto_approve {
        settled = chosen(&scene, settled)?;
        let more: Vec<Left> = settled.proposal.left.iter().filter(|one| !told.contains(one)).cloned().collect();
        if !more.is_empty() {
            context.print(&format!("\n{}", left(&more, context.out.color)))?;
        }
    }
    if settled.texts.is_empty() {
        context.print("\nNothing is written.\n")?;
        return Ok(code(&seen.drift, &settled, options));
    }
    context.print(&format!("\n{}", difference(&survey.sources, &settled.texts, context.out.color)))?;
    let follows = consequences(&settled.others, &unseen(&survey, &scene));
    if !follows.is_empty() {
        context.print(&format!("\n{follows}"))?;
    }
    if !options.auto_approve && !confirmed()? {
        return Err(CommandError::new("nothing was written"));
    }
    write(&survey.root, &survey.sources, &settled.texts)?;
    let proposal = &settled.proposal;
    let done = accepted(&proposal.accepted, proposal.left.len(), settled.texts.len());
    context.print(&format!("\n{done}Review it with `git diff`, and commit it.\n"))?;
    Ok(code(&seen.drift, &settled, options))
}

fn code(drift: &Drift, settled: &Settled, options: &DriftOptions) -> Exit {
    match exit(drift, false) {
        Exit::Done if options.detailed_exitcode && !settled.proposal.left.is_empty() => Exit::Changes,
        other => other,
    }
}

async fn look(context: &Context, survey: &Survey, options: &DriftOptions) -> Result<Seen, CommandError> {
    let ledger = recover::load(context, &survey.store)?;
    let hasher = Hasher::new(&ledger.salt);
    let (targets, only) = survey.scope(context, &options.scope, &ledger)?;
    let sandboxes = survey.sandboxes(&targets).await?;
    let looks = targets.iter().map(|target| {
        let entries = ledger.targets.get(target.name.as_str()).cloned().unwrap_or_default();
        let reader = survey.open_target(target, &sandboxes).map(|connection| connection.reader());
        let (hasher, only) = (&hasher, only.as_ref());
        async move {
            let reader = reader.as_ref().map_err(Clone::clone);
            let look = survey.look(target, reader.clone(), &entries, hasher, only);
            let surveyed = Box::pin(reading(context, target.name.as_str(), reader, look)).await;
            (entries, surveyed)
        }
    });
    let (mut entries, mut surveyed) = (BTreeMap::new(), Vec::new());
    for (known, one) in unless_ended(join_all(looks)).await? {
        entries.insert(one.name.clone(), known);
        surveyed.push(one);
    }
    for server in sandboxes.into_values() {
        server.shutdown().await;
    }
    let drift = drift(survey.assemble(&surveyed, only.as_ref()));
    Ok(Seen { hasher, entries, surveyed, only, drift })
}

/// What can be taken over from: targets that were read.
fn scene<'a>(survey: &'a Survey, seen: &'a Seen) -> Scene<'a> {
    let looked = |one: &'a Surveyed| {
        Some(Looked {
            target: survey.directory.targets.get(one.name.as_str())?,
            live: one.live.as_ref()?,
            ledger: seen.entries.get(&one.name)?,
            plan: &one.plan,
            drift: seen.drift.targets.iter().find(|drift| drift.name == one.name)?,
        })
    };
    Scene {
        sources: &survey.sources,
        directory: &survey.directory,
        hasher: &seen.hasher,
        as_of: survey.as_of,
        only: seen.only.as_ref(),
        targets: seen.surveyed.iter().filter_map(looked).collect(),
    }
}

/// Targets that someone is given to and that were not looked at, or could not be.
fn unseen<'a>(survey: &'a Survey, scene: &Scene<'_>) -> Vec<&'a str> {
    let used = |name: &str| survey.directory.bindings.values().any(|binding| binding.target.as_str() == name);
    let looked = |name: &str| scene.targets.iter().any(|one| one.target.name.as_str() == name);
    survey
        .directory
        .targets
        .values()
        .map(|target| target.name.as_str())
        .filter(|name| used(name) && !looked(name))
        .collect()
}

/// Asks which changes are taken over.
fn chosen(scene: &Scene<'_>, settled: Settled) -> Result<Settled, CommandError> {
    let Proposal { accepted, left } = settled.proposal;
    if accepted.is_empty() {
        return Ok(Settled { proposal: Proposal { accepted, left }, ..Settled::default() });
    }
    let rows: Vec<String> = accepted.iter().map(accepted_line).collect();
    let answer = MultiSelect::new("What is taken into the files?", rows)
        .with_all_selected_by_default()
        .with_page_size(ROWS)
        .with_help_message("type to filter, space chooses, → all, ← none, enter goes on, esc stops")
        .with_formatter(&|rows| count(rows.len() as u64, "change"))
        .raw_prompt()
        .map_err(stopped)?;
    let wanted: BTreeSet<usize> = answer.iter().map(|row| row.index).collect();
    let some = accepted.into_iter().enumerate().filter(|(at, _)| wanted.contains(at)).map(|(_, one)| one).collect();
    Ok(settle(scene, Proposal { accepted: some, left }))
}

fn confirmed() -> Result<bool, CommandError> {
    Confirm::new("Write this?").with_default(false).prompt().map_err(stopped)
}

fn stopped(error: InquireError) -> CommandError {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            CommandError::new("nothing was written")
        }
        other => CommandError::new(format!("can't ask: {other}")),
    }
}

/// What changes in the files, as git shows it.
fn difference(sources: &SourceMap, texts: &BTreeMap<String, String>, color: bool) -> String {
    let paint = |style: Style, text: &str| if color { format!("{style}{text}{style:#}") } else { text.to_owned() };
    let mut out = String::new();
    let before =
        |path: &str| sources.files().find(|(_, file)| file.path().as_ref() == path).map(|(_, file)| file.text());
    let mut line = |style: Style, sign: &str, text: &str| {
        let shown = terminal(text.trim_end_matches(['\r', '\n']));
        out.push_str(&paint(style, format!("{sign}{shown}").trim_end()));
        out.push('\n');
    };
    for (path, after) in texts {
        let diff = TextDiff::from_lines(before(path).unwrap_or_default(), after);
        let head = Style::new().bold();
        line(head, "--- ", path);
        line(head, "+++ ", path);
        for hunk in diff.unified_diff().context_radius(2).iter_hunks() {
            line(AnsiColor::Cyan.on_default(), "", &hunk.header().to_string());
            for change in hunk.iter_changes() {
                match change.tag() {
                    ChangeTag::Equal => line(Style::new(), " ", change.value()),
                    ChangeTag::Delete => line(AnsiColor::Red.on_default(), "-", change.value()),
                    ChangeTag::Insert => line(AnsiColor::Green.on_default(), "+", change.value()),
                }
            }
        }
    }
    out
}
