//! `drift --write`: takes what moved at the targets into the files. Holds readers alone.

use std::collections::{BTreeMap, BTreeSet};

use anstyle::{AnsiColor, Style};
use inquire::{Confirm, InquireError, MultiSelect};
use similar::{ChangeTag, TextDiff};

use super::exit;
use crate::accept::{Left, Looked, Proposal, Scene, Settled, propose, settle};
use crate::cli::args::{DriftOptions, PlanFormat};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit, Outcome};
use crate::cli::import::write::write;
use crate::cli::load::engine;
use crate::cli::signals::{runtime, unless_ended};
use crate::engine::{Engine, Keeping, Seen, Session};
use crate::plan::observe::Purpose;
use crate::plan::{Drift, drift};
use crate::render::drift::{accepted, accepted_line, consequences, human, left};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::source::SourceMap;
use crate::wording::count;

/// Rows of the question that are seen at once.
const ROWS: usize = 15;

pub(super) fn run(context: &Context, options: &DriftOptions) -> Outcome {
    if options.format != PlanFormat::Human {
        return Err(CommandError::usage("`--write` shows what it does to people alone")
            .hint("Leave out `--format`; `scimform drift --format json` is for machines."));
    }
    if !options.auto_approve && !context.interactive {
        return Err(CommandError::usage("nobody can be asked here, since this is not a terminal")
            .hint("Give `--auto-approve` to take all of it into the files."));
    }
    let engine = engine(context, &options.scope)?;
    runtime()?.block_on(engine.session(context, Keeping::Nothing, async |session, _| {
        let seen = unless_ended(session.each(&Purpose::Plan, async |seen| seen)).await?;
        accept(context, session, &seen, options)
    }))
}

/// Shows what moved, lets choose, and writes.
fn accept(context: &Context, session: &Session<'_>, seen: &[Seen<'_>], options: &DriftOptions) -> Outcome {
    let engine = session.engine;
    let drift = drift(session.assemble(seen));
    context.print(&human(&drift, &context.look()))?;
    let scene = scene(session, seen, &drift);
    let mut settled = settle(&scene, propose(&scene));
    let told = settled.proposal.left.clone();
    if !told.is_empty() {
        context.print(&format!("\n{}", left(&told, &context.look())))?;
    }
    if !options.auto_approve {
        settled = chosen(&scene, settled)?;
        let more: Vec<Left> = settled.proposal.left.iter().filter(|one| !told.contains(one)).cloned().collect();
        if !more.is_empty() {
            context.print(&format!("\n{}", left(&more, &context.look())))?;
        }
    }
    if settled.texts.is_empty() {
        context.print("\nNothing is written.\n")?;
        return Ok(code(&drift, &settled, options));
    }
    context.print(&format!("\n{}", difference(&engine.sources, &settled.texts, &context.look())))?;
    let follows = consequences(&settled.others, &unseen(engine, &scene));
    if !follows.is_empty() {
        context.print(&format!("\n{follows}"))?;
    }
    if !options.auto_approve && !confirmed()? {
        return Err(CommandError::new("nothing was written"));
    }
    write(&engine.root, &engine.sources, &settled.texts)?;
    let proposal = &settled.proposal;
    let done = accepted(&proposal.accepted, proposal.left.len(), settled.texts.len());
    context.print(&format!("\n{done}Review it with `git diff`, and commit it.\n"))?;
    Ok(code(&drift, &settled, options))
}

fn code(drift: &Drift, settled: &Settled, options: &DriftOptions) -> Exit {
    match exit(drift, false) {
        Exit::Done if options.detailed_exitcode && !settled.proposal.left.is_empty() => Exit::Changes,
        other => other,
    }
}

/// What can be taken over from: targets that were read.
fn scene<'a>(session: &'a Session<'_>, seen: &'a [Seen<'_>], drift: &'a Drift) -> Scene<'a> {
    let looked = |one: &'a Seen<'_>| {
        one.read.then_some(())?;
        let name = one.target.name.as_str();
        Some(Looked {
            target: one.target,
            live: &one.observed.live,
            ledger: &one.observed.ledger,
            hasher: session.hasher(one.target),
            plan: &one.plan,
            drift: drift.targets.iter().find(|drift| drift.name == name)?,
        })
    };
    Scene {
        sources: &session.engine.sources,
        directory: &session.engine.directory,
        as_of: session.engine.as_of,
        only: session.only.as_ref(),
        targets: seen.iter().filter_map(looked).collect(),
    }
}

/// Targets that someone is given to and that were not looked at, or could not be.
fn unseen<'a>(engine: &'a Engine, scene: &Scene<'_>) -> Vec<&'a str> {
    let used = |name: &str| engine.directory.bindings.values().any(|binding| binding.target.as_str() == name);
    let looked = |name: &str| scene.targets.iter().any(|one| one.target.name.as_str() == name);
    engine
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
        .with_formatter(&|rows| count(rows.len(), "change"))
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
fn difference(sources: &SourceMap, texts: &BTreeMap<String, String>, look: &Look) -> String {
    let mut out = String::new();
    let before =
        |path: &str| sources.files().find(|(_, file)| file.path().as_ref() == path).map(|(_, file)| file.text());
    let mut line = |style: Style, sign: &str, text: &str| {
        let shown = terminal(text.trim_end_matches(['\r', '\n']));
        out.push_str(&look.paint(style, format!("{sign}{shown}").trim_end()));
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
