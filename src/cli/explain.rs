//! `explain`: why one person or group is at a target as it is. Holds readers alone, so it can't write to a target.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::args::{ExplainFormat, ExplainOptions, Scope};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::load::load_valid;
use super::progress;
use super::signals::unless_ended;
use super::survey::{Survey, Surveyed, TOOL, runtime};
use super::{recover, select};
use crate::desired::{Desired, project};
use crate::directory::{Directory, Target};
use crate::explain::{self, AtTarget, Explanation, Subject};
use crate::ledger::{Hasher, Ledger, TargetLedger};
use crate::live::Live;
use crate::plan::PlanInput;
use crate::render::explain::{human, json, markdown};
use crate::scim::ResourceKind;
use crate::source::SourceMap;

/// What the declared side is explained from.
struct Scene<'a> {
    directory: &'a Directory,
    sources: &'a SourceMap,
    as_of: jiff::civil::Date,
    hasher: Hasher,
    key: &'a str,
}

pub(super) fn run(context: &Context, options: &ExplainOptions) -> Outcome {
    let scope = Scope {
        targets: options.targets.clone(),
        only: vec![options.key.clone()],
        as_of: options.as_of,
        sandbox: options.sandbox,
        ..Scope::default()
    };
    let explanation = if options.offline { offline(context, &scope)? } else { live(context, &scope)? };
    let text = match options.format {
        ExplainFormat::Human => human(&explanation, &context.look()),
        ExplainFormat::Markdown => markdown(&explanation),
        ExplainFormat::Json => json(&explanation).map_err(|error| CommandError::new(error.to_string()))?,
    };
    context.show(&text)?;
    let failed = explanation.subjects.iter().flat_map(|subject| &subject.targets).any(|at| at.failed.is_some());
    Ok(if failed { Exit::Error } else { Exit::Done })
}

impl Scene<'_> {
    fn explanation(&self, sandbox: bool, subjects: Vec<Subject>) -> Explanation {
        Explanation { format: explain::FORMAT.to_owned(), tool: TOOL.to_owned(), as_of: self.as_of, sandbox, subjects }
    }

    /// The kinds that a key stands for; a person where only the ledger knows it.
    fn kinds(&self, ledger: &Ledger) -> Vec<ResourceKind> {
        let known = |kind: ResourceKind| {
            let declared = match kind {
                ResourceKind::User => self.directory.users.contains_key(self.key),
                ResourceKind::Group => self.directory.groups.contains_key(self.key),
            };
            declared || ledger.targets.values().any(|target| target.of(kind).contains_key(self.key))
        };
        [ResourceKind::User, ResourceKind::Group].into_iter().filter(|kind| known(*kind)).collect()
    }

    fn subject(&self, resource: ResourceKind, targets: Vec<AtTarget>) -> Subject {
        let declared = explain::declared(self.directory, self.sources, resource, self.key);
        Subject { resource, key: self.key.to_owned(), declared, targets }
    }

    fn at(
        &self,
        target: &Target,
        kind: ResourceKind,
        desired: &Desired,
        ledger: &TargetLedger,
        seen: Option<&Surveyed>,
    ) -> AtTarget {
        let empty = Live::default();
        let live = seen.and_then(|seen| seen.live.as_ref());
        let input = PlanInput {
            target,
            desired,
            live: live.unwrap_or(&empty),
            ledger,
            hasher: &self.hasher,
            directory: self.directory,
            sources: self.sources,
            as_of: self.as_of,
            only: None,
        };
        let read = seen.and_then(|seen| Some((seen.live.as_ref()?, &seen.plan)));
        let mut at = explain::at_target(input, kind, self.key, read);
        at.failed = seen.and_then(|seen| seen.plan.failed.clone());
        at
    }
}

fn offline(context: &Context, scope: &Scope) -> Result<Explanation, CommandError> {
    let (loaded, directory) = load_valid(context)?;
    let as_of = scope.as_of.unwrap_or_else(super::report::today);
    select::keys(&directory, scope, &BTreeSet::new())?;
    let key = scope.only.first().map(String::as_str).unwrap_or_default();
    let targets = select::targets(&directory, scope)?;
    let hasher = Hasher::new("explain");
    let scene = Scene { directory: &directory, sources: &loaded.sources, as_of, hasher, key };
    let desired: Vec<Desired> = targets.iter().map(|target| project(&directory, &target.name, as_of)).collect();
    let ledger = TargetLedger::default();
    let subject = |kind: ResourceKind| {
        let at = targets.iter().zip(&desired).map(|(target, desired)| scene.at(target, kind, desired, &ledger, None));
        scene.subject(kind, at.collect())
    };
    let subjects = scene.kinds(&Ledger::default()).into_iter().map(subject).collect();
    Ok(scene.explanation(false, subjects))
}

fn live(context: &Context, scope: &Scope) -> Result<Explanation, CommandError> {
    let survey = Survey::open(context, scope)?;
    runtime()?.block_on(looked_at(context, &survey, scope))
}

async fn looked_at(context: &Context, survey: &Survey, scope: &Scope) -> Result<Explanation, CommandError> {
    let ledger = recover::load(context, &survey.store)?;
    let hasher = Hasher::new(&ledger.salt);
    let (targets, only) = survey.scope(context, scope, &ledger)?;
    let sandboxes = survey.sandboxes(&targets).await?;
    let looks = targets.iter().map(|target| {
        let entries = ledger.targets.get(target.name.as_str()).cloned().unwrap_or_default();
        let reader = survey.open_target(target, &sandboxes).map(|connection| connection.reader());
        let (hasher, only) = (&hasher, only.as_ref());
        async move {
            let reader = reader.as_ref().map_err(Clone::clone);
            let look = Box::pin(survey.look(target, reader.clone(), &entries, hasher, only));
            (progress::reading(context, target.name.as_str(), reader, look).await, entries)
        }
    });
    let seen = unless_ended(join_all(looks)).await?;
    for server in sandboxes.into_values() {
        server.shutdown().await;
    }
    let key = scope.only.first().map(String::as_str).unwrap_or_default();
    let (directory, sources, as_of) = (&survey.directory, &survey.sources, survey.as_of);
    let scene = Scene { directory, sources, as_of, hasher, key };
    let subject = |kind: ResourceKind| {
        let at = targets.iter().zip(&seen);
        let at = at.map(|(target, (seen, entries))| scene.at(target, kind, &seen.desired, entries, Some(seen)));
        scene.subject(kind, at.collect())
    };
    let subjects = scene.kinds(&ledger).into_iter().map(subject).collect();
    Ok(scene.explanation(survey.sandbox, subjects))
}
