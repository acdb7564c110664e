//! What stands in the way, and the way out.

use maud::{Markup, html};

use super::View;
use crate::plan::{TargetPlan, Violation};
use crate::render::html::page::section;
use crate::render::html::words::{code, error, place, prose, text};
use crate::render::plan::rehearsal::told;

fn is_wrong(target: &TargetPlan) -> bool {
    target.failed.is_some()
        || target.read.incomplete_because.is_some()
        || target.read.unconfirmed > 0
        || !target.errors.is_empty()
        || target.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.converges)
}

fn stands_in_the_way(target: &TargetPlan) -> bool {
    is_wrong(target) || !target.violations.is_empty()
}

/// Whether there is anything to be said here.
pub(super) fn any(view: &View<'_>) -> bool {
    view.plan.targets.iter().any(stands_in_the_way)
}

/// Warnings alone are no problems.
pub(super) fn title(view: &View<'_>) -> &'static str {
    let only_warns =
        |target: &TargetPlan| !is_wrong(target) && target.violations.iter().all(|violation| violation.warn);
    if view.plan.targets.iter().all(only_warns) { "Warnings" } else { "Problems" }
}

/// Everything that is wrong, by target.
pub(super) fn problems(view: &View<'_>) -> Markup {
    if !any(view) {
        return html! {};
    }
    let body = html! {
        @for target in view.plan.targets.iter().filter(|target| stands_in_the_way(target)) {
            h3 { (text(&target.name)) }
            ul.problems { (of(view, target)) }
        }
    };
    section("problems", html! { (title(view)) }, body)
}

fn of(view: &View<'_>, target: &TargetPlan) -> Markup {
    html! {
        @if let Some(why) = &target.failed {
            li.bad { b.label { "Could not be read" } " " (prose(why)) }
        }
        @if let Some(why) = &target.read.incomplete_because {
            li.bad { b.label { "Read in part" } " " (prose(why)) p.way { "Nothing is removed here." } }
        }
        @if target.read.unconfirmed > 0 && target.read.incomplete_because.is_none() {
            li.bad { b.label { "Held back" } " " (target.read.unconfirmed) " removals that nobody has confirmed" }
        }
        @for violation in &target.violations { (broken(view, violation)) }
        @for problem in &target.errors { (error(problem, view.links)) }
        @if let Some(rehearsal) = target.rehearsal.as_ref().filter(|rehearsal| !rehearsal.converges) {
            li.bad { b.label { "Rehearsal" } " " (text(&told(rehearsal).verdict)) }
        }
    }
}

fn broken(view: &View<'_>, violation: &Violation) -> Markup {
    html! {
        li.(if violation.warn { "warn" } else { "bad" }) {
            b.label { (if violation.warn { "Warning" } else { "Refused" }) } " "
            (prose(&violation.message)) " " (code(violation.code.name()))
            @if let Some(origin) = &violation.origin { " " (place(origin, view.links)) }
            @if !violation.allow.is_empty() && !violation.warn {
                p.way { b { "To allow it: " } (prose(&violation.allow)) }
            }
        }
    }
}
