//! `explain`: why one person or group is at a target as it is. Holds readers alone, so it can't write to a target.

use std::sync::Arc;

use super::args::{ExplainFormat, ExplainOptions, Scope};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::{engine, load_valid};
use super::signals::{runtime, unless_ended};
use crate::directory::Directory;
use crate::engine::{self, Keeping, Seen, TOOL, unasked};
use crate::explain::{self, AtTarget, Explanation, Subject};
use crate::ledger::{Hasher, TargetLedger};
use crate::plan::observe::{Basis, Observed, Purpose};
use crate::render::explain::{human, markdown};
use crate::scim::ResourceKind;
use crate::source::SourceMap;

pub(super) fn run(context: &Context, options: &ExplainOptions) -> Outcome {
    let scope = Scope {
        targets: options.targets.clone(),
        only: vec![options.key.clone()],
        as_of: options.as_of,
        sandbox: options.sandbox,
    };
    let explanation = if options.offline { offline(context, &scope)? } else { live(context, &scope)? };
    let text = match options.format {
        ExplainFormat::Human => human(&explanation, &context.look()),
        ExplainFormat::Markdown => markdown(&explanation),
        ExplainFormat::Json => json(&explanation)?,
    };
    context.show(&text)?;
    let failed = explanation.subjects.iter().flat_map(|subject| &subject.targets).any(|at| at.failed.is_some());
    Ok(if failed { Exit::Error } else { Exit::Done })
}

/// What a key is explained from.
struct Explained<'a> {
    basis: (&'a Directory, &'a SourceMap, jiff::civil::Date),
    key: &'a str,
}

impl Explained<'_> {
    fn explanation(&self, sandbox: bool, subjects: Vec<Subject>) -> Explanation {
        let as_of = self.basis.2;
        Explanation { format: explain::FORMAT.to_owned(), tool: TOOL.to_owned(), as_of, sandbox, subjects }
    }

    /// The kinds that a key stands for; a person where only the ledger knows it.
    fn kinds(&self, ledgers: &[Arc<TargetLedger>]) -> Vec<ResourceKind> {
        let known = |kind: &ResourceKind| {
            let declared = match kind {
                ResourceKind::User => self.basis.0.users.contains_key(self.key),
                ResourceKind::Group => self.basis.0.groups.contains_key(self.key),
            };
            declared || ledgers.iter().any(|ledger| ledger.of(*kind).contains_key(self.key))
        };
        ResourceKind::ALL.into_iter().filter(known).collect()
    }

    fn subject(&self, resource: ResourceKind, targets: Vec<AtTarget>) -> Subject {
        let declared = explain::declared(self.basis.0, self.basis.1, resource, self.key);
        Subject { resource, key: self.key.to_owned(), declared, targets }
    }
}

fn offline(context: &Context, scope: &Scope) -> Result<Explanation, CommandError> {
    let (loaded, directory) = load_valid(context)?;
    let covered = engine::Scope::from(scope);
    let as_of = scope.as_of.unwrap_or_else(engine::today);
    covered.keys(&directory, |_| false)?;
    let key = scope.only.first().map(String::as_str).unwrap_or_default();
    let targets = covered.targets(&directory)?;
    let hasher = Hasher::new("explain");
    let explained = Explained { basis: (&directory, &loaded.sources, as_of), key };
    let sides: Vec<Observed<'_>> = targets
        .into_iter()
        .map(|target| {
            let sources = &loaded.sources;
            unasked(Basis { target, hasher: &hasher, directory: &directory, sources, as_of, only: None })
        })
        .collect();
    let subject = |kind: ResourceKind| {
        let at = sides.iter().map(|side| explain::at_target(side, kind, key, None));
        explained.subject(kind, at.collect())
    };
    let subjects = explained.kinds(&[]).into_iter().map(subject).collect();
    Ok(explained.explanation(false, subjects))
}

fn live(context: &Context, scope: &Scope) -> Result<Explanation, CommandError> {
    let engine = engine(context, scope)?;
    let key = scope.only.first().map(String::as_str).unwrap_or_default();
    let explained = Explained { basis: (&engine.directory, &engine.sources, engine.as_of), key };
    runtime()?.block_on(engine.session(context, Keeping::Nothing, async |session, _| {
        let ledgers: Vec<_> = session.targets.iter().map(|target| session.entries(target)).collect();
        let kinds = explained.kinds(&ledgers);
        let at = async |seen: Seen<'_>| {
            let read = seen.read.then_some(&seen.plan);
            let at = kinds.iter().map(|kind| {
                let at = explain::at_target(&seen.observed, *kind, key, read);
                AtTarget { failed: seen.plan.failed.clone(), ..at }
            });
            at.collect::<Vec<AtTarget>>()
        };
        let mut targets = unless_ended(session.each(&Purpose::Plan, at)).await?;
        let subjects = kinds.iter().rev().map(|kind| {
            let at = targets.iter_mut().filter_map(Vec::pop).collect();
            explained.subject(*kind, at)
        });
        let mut subjects: Vec<Subject> = subjects.collect();
        subjects.reverse();
        Ok(explained.explanation(engine.scope.sandbox, subjects))
    }))
}
