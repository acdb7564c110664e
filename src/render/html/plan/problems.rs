//! What stands in the way, and the way out.

use maud::{Markup, html};

use super::View;
use crate::plan::{PlanProblem, TargetPlan, Violation};
use crate::render::html::words::{code, place, text};
use crate::render::plan::rehearsal::told;

fn stands_in_the_way(target: &TargetPlan) -> bool {
    target.failed.is_some()
        || target.read.incomplete_because.is_some()
        || target.read.unconfirmed > 0
        || !target.errors.is_empty()
        || !target.violations.is_empty()
        || target.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.converges)
}

/// Whether there is anything to be said here.
pub(super) fn any(view: &View<'_>) -> bool {
    view.plan.targets.iter().any(stands_in_the_way)
}

/// Everything that is wrong, by target.
pub(super) fn problems(view: &View<'_>) -> Markup {
    html! {
        @if any(view) {
            section id="problems" aria-labelledby="problems-h" {
                h2 id="problems-h" { "Problems" }
                @for target in view.plan.targets.iter().filter(|target| stands_in_the_way(target)) {
                    h3 { (text(&target.name)) }
                    ul.problems { (of(view, target)) }
                }
            }
        }
    }
}

fn of(view: &View<'_>, target: &TargetPlan) -> Markup {
    html! {
        @if let Some(why) = &target.failed {
            li.bad { b.label { "Could not be read" } " " (text(why)) }
        }
        @if let Some(why) = &target.read.incomplete_because {
            li.bad { b.label { "Read in part" } " " (text(why)) p.way { "Nothing is removed here." } }
        }
        @if target.read.unconfirmed > 0 && target.read.incomplete_because.is_none() {
            li.bad { b.label { "Held back" } " " (target.read.unconfirmed) " removals that nobody has confirmed" }
        }
        @for violation in &target.violations { (broken(view, violation)) }
        @for problem in &target.errors { (error(view, problem)) }
        @if let Some(rehearsal) = target.rehearsal.as_ref().filter(|rehearsal| !rehearsal.converges) {
            li.bad { b.label { "Rehearsal" } " " (text(&told(rehearsal).verdict)) }
        }
    }
}

fn broken(view: &View<'_>, violation: &Violation) -> Markup {
    html! {
        li.(if violation.warn { "warn" } else { "bad" }) {
            b.label { (if violation.warn { "Warning" } else { "Refused" }) } " "
            (text(&violation.message)) " " (code(&violation.code))
            @if let Some(origin) = &violation.origin { " " (place(origin, view.links)) }
            @if !violation.allow.is_empty() && !violation.warn {
                p.way { b { "To allow it: " } (text(&violation.allow)) }
            }
        }
    }
}

fn error(view: &View<'_>, problem: &PlanProblem) -> Markup {
    html! {
        li.bad {
            b.label { "Error" } " " (problem.resource.to_string()) " " (code(&problem.key)) ": "
            (text(&problem.message)) " " (code(&problem.code))
            @if let Some(origin) = &problem.origin { " " (place(origin, view.links)) }
        }
    }
}
