//! A plan as a page.

mod changes;
mod coming;
mod people;
mod problems;
mod targets;

use maud::{Markup, html};
use rustc_hash::FxHashMap;

use super::chart;
use super::page::{Page, Part, Tone, facts, narrowed, sandboxed, state};
use super::words::{code, text};
use crate::plan::{Mode, Plan, Redaction, TargetPlan};
use crate::render::escape::terminal;
use crate::render::links::Links;
use crate::render::plan::human;
use crate::render::plan::markdown::{People, verdict};
use crate::render::plan::outlook::{OFFLINE, gone, sides};
use crate::scim::ResourceKind;
use crate::wording::capital;

/// So many changes are laid open.
const SMALL: usize = 60;

/// The whole plan, nothing folded away for good. `kind` says what it is: `scimform plan`.
pub fn plan(plan: &Plan, kind: &'static str, links: Option<&Links>) -> String {
    let view = View::new(plan, links);
    let people = People::of(plan);
    let (tone, state) = verdict_words(plan);
    let body = html! {
        (chart::patterns())
        (problems::problems(&view))
        (targets::targets(&view))
        (people::people(&view, &people))
        (targets::figures(&view))
        (coming::coming(&view))
        @for place in 0..plan.targets.len() { (changes::target(&view, place)) }
    };
    // What can't be applied needs no digest.
    let digest = Some(&plan.digest).filter(|_| plan.base.is_none());
    Page {
        kind,
        title: format!("{kind}: {state}"),
        tone,
        state,
        verdict: html! { (capital(&verdict(plan, &people, terminal))) "." },
        lead: Some(html! { (human::verdict(plan)) }),
        banners: banners(plan),
        facts: facts(plan.as_of, plan.revision.as_ref(), digest, &plan.created_at, &plan.tool),
        parts: parts(&view, &people),
        searched: view.anything().then_some("people and changes"),
        body,
    }
    .render()
}

/// A plan and where its changes stand on the page.
struct View<'p> {
    plan: &'p Plan,
    links: Option<&'p Links>,
    /// Where a target stands in the plan.
    targets: FxHashMap<&'p str, usize>,
    /// Where the change of a user stands, by target and key.
    users: FxHashMap<(usize, &'p str), usize>,
    /// Whether so little changes that it is all laid open.
    small: bool,
}

impl<'p> View<'p> {
    fn new(plan: &'p Plan, links: Option<&'p Links>) -> Self {
        let mut users = FxHashMap::default();
        let mut targets = FxHashMap::default();
        for (place, target) in plan.targets.iter().enumerate() {
            targets.insert(target.name.as_str(), place);
            for (number, change) in target.changes.iter().enumerate() {
                if change.resource == ResourceKind::User {
                    users.insert((place, change.key.as_str()), number);
                }
            }
        }
        let changes: usize = plan.targets.iter().map(|target| target.changes.len()).sum();
        Self { plan, links, targets, users, small: changes <= SMALL }
    }

    fn anything(&self) -> bool {
        let any = |target: &TargetPlan| {
            !(target.changes.is_empty() && target.adoptions.is_empty() && target.suppressed.is_empty())
        };
        !self.plan.people.is_empty() || self.plan.targets.iter().any(any)
    }

    /// The link to what is changed of a person at a target, else to the target.
    fn at(&self, target: &str, key: &str) -> Option<String> {
        let place = *self.targets.get(target)?;
        Some(self.users.get(&(place, key)).map_or_else(|| format!("#t{place}"), |number| format!("#t{place}-{number}")))
    }
}

/// The verdict in a word, for the title and the badge.
fn verdict_words(plan: &Plan) -> (Tone, &'static str) {
    let any = |test: &dyn Fn(&TargetPlan) -> bool| plan.targets.iter().any(test);
    let whole =
        |target: &TargetPlan| target.mode == Mode::Disabled || (target.read.complete && target.read.unconfirmed == 0);
    let rehearsed = |target: &TargetPlan| target.rehearsal.as_ref().is_none_or(|rehearsal| rehearsal.converges);
    state([
        (any(&|target| target.violations.iter().any(|violation| !violation.warn)), Tone::Bad, "refused"),
        (any(&|target| target.failed.is_some()), Tone::Bad, "a target could not be read"),
        (any(&|target| !target.errors.is_empty()), Tone::Bad, "with errors"),
        (any(&|target| !whole(target)), Tone::Bad, "read in part"),
        (any(&|target| !rehearsed(target)), Tone::Bad, "does not converge"),
        (any(&|target| !target.changes.is_empty()), Tone::Busy, "changes"),
        (true, Tone::Calm, "no changes"),
    ])
}

/// What changes how the page is to be read.
fn banners(plan: &Plan) -> Vec<Markup> {
    let mut banners = Vec::new();
    if let Some(base) = &plan.base {
        banners.push(
            html! { b { "Offline." } " A diff " (text(&sides(base, &str::to_owned))) ", not a plan. " (OFFLINE) },
        );
        banners.extend(base.gone.iter().map(|target| html! { (text(&gone(target))) }));
    }
    if plan.sandbox {
        banners.push(sandboxed());
    }
    match plan.redacted {
        Redaction::None => {}
        Redaction::Values => banners.push(html! { b { "Redacted." } " Values are withheld." }),
        Redaction::Names => {
            banners.push(html! { b { "Redacted." } " Values and everything that names a person are withheld." });
        }
    }
    if let Some(undo) = &plan.undo {
        banners.push(html! {
            b { "Takes an apply back:" } " that of " (text(&undo.created_at)) " (" (code(&undo.file)) ")."
        });
    }
    if !plan.only.is_empty() {
        banners.push(narrowed(&plan.only, "; nothing else was compared."));
    }
    banners
}

fn parts(view: &View<'_>, people: &People<'_>) -> Vec<Part> {
    let part = |id: &str, name: Markup| Part { id: id.to_owned(), name };
    let mut parts = Vec::new();
    if problems::any(view) {
        parts.push(part("problems", html! { (problems::title(view)) }));
    }
    parts.push(part("targets", html! { "Targets" }));
    if !view.plan.people.is_empty() {
        let number = people.losers.len() + people.privileged.len() + people.gainers.len() + people.others.len();
        parts.push(part("people", html! { "People (" (number) ")" }));
    }
    if targets::has_figures(view) {
        parts.push(part("figures", html! { "Figures" }));
    }
    if view.plan.horizon.is_some() {
        parts.push(part("coming", html! { "By time alone" }));
    }
    for (place, target) in view.plan.targets.iter().enumerate() {
        parts.push(Part::target(place, &target.name, Some(target.changes.len()).filter(|number| *number > 0)));
    }
    parts
}
