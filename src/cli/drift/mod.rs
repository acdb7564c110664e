//! `drift`: what moved at the targets since the last apply while the repository did not. Holds readers alone.

mod write;

use super::args::{DriftOptions, PlanFormat};
use super::comment::{comment, links};
use super::context::Context;
use super::error::{Exit, Outcome, json};
use super::load::engine;
use super::plan::compare;
use super::signals::runtime;
use crate::plan::{Drift, Mode, TargetDrift, drift};
use crate::render::drift::{brief, human, markdown};
use crate::render::html;

pub(super) fn run(context: &Context, options: &DriftOptions) -> Outcome {
    if options.write {
        return write::run(context, options);
    }
    let engine = engine(context, &options.scope)?;
    let (plan, redactor) = runtime()?.block_on(compare(context, &engine, false))?;
    let found = drift(plan);
    let shown = redactor.drift(&found);
    let text = match options.format {
        PlanFormat::Human if context.quiet => brief(&shown, &context.look()),
        PlanFormat::Human => human(&shown, &context.look()),
        PlanFormat::Markdown => markdown(&shown, &comment(&options.comment, &engine.root, found.revision.as_deref())?),
        PlanFormat::Html => {
            html::drift(&shown, links(&options.comment, &engine.root, found.revision.as_deref())?.as_ref())
        }
        PlanFormat::Json => json(&shown)?,
    };
    context.show(&text)?;
    Ok(exit(&found, options.detailed_exitcode))
}

/// What was not all read may hide drift, which is worse than some that is shown.
fn exit(found: &Drift, detailed: bool) -> Exit {
    let any = |test: &dyn Fn(&TargetDrift) -> bool| found.targets.iter().any(test);
    let read = |target: &TargetDrift| target.read.complete || target.mode == Mode::Disabled;
    if any(&|target| target.failed.is_some() || !target.errors.is_empty() || target.no_ledger || !read(target)) {
        Exit::Error
    } else if detailed && any(&|target| !target.is_none()) {
        Exit::Changes
    } else {
        Exit::Done
    }
}
