//! What moved at the targets, as a page.

use maud::{Markup, html};

use super::chart::{self, Bar, Segment};
use super::page::{Page, Part, Tone, facts, narrowed, sandboxed, section, state, table};
use super::words::{code, error, members, moved, place, prose, sides_of, text, who};
use crate::plan::{Drift, DriftEvent, Drifted, Mode, TargetDrift};
use crate::render::drift::{BLIND, event_words, others, verdict, whole_applied_and_live};
use crate::render::links::Links;
use crate::wording::count;

/// Everything that moved, by target.
pub fn drift(drift: &Drift, links: Option<&Links>) -> String {
    let (tone, state) = verdict_words(drift);
    let body = html! {
        (chart::patterns())
        (targets(drift))
        @for (number, one) in drift.targets.iter().enumerate() { (target(number, one, links)) }
    };
    let mut parts = vec![Part { id: "targets".to_owned(), name: html! { "Targets" } }];
    parts.extend(
        drift
            .targets
            .iter()
            .enumerate()
            .map(|(place, one)| Part::target(place, &one.name, Some(one.drifted.len()).filter(|_| !one.is_none()))),
    );
    Page {
        kind: "scimform drift",
        title: format!("scimform drift: {state}"),
        tone,
        state,
        verdict: html! { (verdict(drift)) },
        lead: None,
        banners: banners(drift),
        facts: facts(drift.as_of, drift.revision.as_ref(), None, &drift.created_at, &drift.tool),
        parts,
        searched: drift.targets.iter().any(|one| !one.is_none()).then_some("what moved"),
        body,
    }
    .render()
}

fn verdict_words(drift: &Drift) -> (Tone, &'static str) {
    let any = |test: &dyn Fn(&TargetDrift) -> bool| drift.targets.iter().any(test);
    let unknown = |one: &TargetDrift| !one.read.complete || one.no_ledger || !one.notices.is_empty();
    state([
        (any(&|one| one.failed.is_some()), Tone::Bad, "a target could not be read"),
        (any(&|one| !one.errors.is_empty()), Tone::Bad, "with errors"),
        (any(&|one| one.mode != Mode::Disabled && unknown(one)), Tone::Bad, "not all is known"),
        (any(&|one| !one.is_none()), Tone::Busy, "something moved"),
        (true, Tone::Calm, "nothing moved"),
    ])
}

fn banners(drift: &Drift) -> Vec<Markup> {
    let narrowed = narrowed(&drift.only, "; nothing else was compared.");
    let all = [(drift.sandbox, sandboxed()), (!drift.only.is_empty(), narrowed)];
    all.into_iter().filter_map(|(said, banner)| said.then_some(banner)).collect()
}

/// Events, worst first, with the class of their part of a bar.
const EVENTS: [(DriftEvent, &str); 4] = [
    (DriftEvent::Gone, "delete"),
    (DriftEvent::Deactivated, "deactivate"),
    (DriftEvent::Reactivated, "reactivate"),
    (DriftEvent::Changed, "update"),
];

fn number(target: &TargetDrift, event: DriftEvent) -> u64 {
    target.drifted.iter().filter(|one| one.event == event).count() as u64
}

fn targets(drift: &Drift) -> Markup {
    let most = drift.targets.iter().map(|one| one.drifted.len() as u64).max().unwrap_or(0);
    let head = html! {
        th scope="col" { "Target" }
        @for word in ["gone", "deactivated", "active again", "changed"] { th.number scope="col" { (word) } }
        th scope="col" { "read" }
    };
    let rows = html! {
        @for (place, one) in drift.targets.iter().enumerate() { tr {
            th scope="row" { a href={ "#t" (place) } { (text(&one.name)) } (marks(one)) }
            @for (event, _) in EVENTS {
                td.number { @match number(one, event) { 0 => "–", number => (number) } }
            }
            td {
                @if one.failed.is_none() && one.mode != Mode::Disabled {
                    (count(one.read.users, "user")) " and " (count(one.read.groups, "group"))
                } @else { "nothing" }
            }
        } }
    };
    let chart = html! {
        @if most > 0 {
            h3 id="chart-drift" { "What moved, by target" }
            (chart::legend(&EVENTS.map(|(event, class)| (class, event_words(event)))))
            (chart::bars("chart-drift", drift.targets.iter().filter(|one| !one.is_none()).map(|one| Bar {
                name: text(&one.name),
                chart: chart::stacked(&EVENTS.map(|(event, class)| Segment { class, number: number(one, event) }), most),
                words: html! { (one.drifted.len()) " moved" },
            })))
        }
    };
    section("targets", html! { "Targets" }, html! { (table("What moved at each target", head, rows)) (chart) })
}

fn marks(target: &TargetDrift) -> Markup {
    html! {
        @if target.failed.is_some() { " " span.badge.bad { "could not be read" } }
        @else if target.mode == Mode::Disabled { " " span.badge { "disabled" } }
        @else if !target.read.complete { " " span.badge.bad { "read in part" } }
        @if target.no_ledger { " " span.badge.bad { "no apply is known" } }
        @if !target.errors.is_empty() { " " span.badge.bad { (count(target.errors.len(), "error")) } }
    }
}

fn target(number: usize, target: &TargetDrift, links: Option<&Links>) -> Markup {
    let body = html! {
        p.about {
            "Profile " (code(&target.profile)) ". "
            @if let Some(why) = &target.failed { "Could not be read: " (text(why)) }
            @else if target.mode == Mode::Disabled { "Disabled: not looked at." }
            @else if target.is_none() && !target.no_ledger { "Nothing moved here alone." }
        }
        ul.problems {
            @if let Some(why) = &target.read.incomplete_because {
                li.bad { b.label { "Read in part" } " " (text(why)) p.way { "Who is gone can't be told." } }
            }
            @if target.no_ledger { li.bad { b.label { "Not known" } " " (BLIND) } }
            @for notice in &target.notices { li.bad { b.label { "Not known" } " " (prose(&notice.message)) } }
            @for problem in &target.errors { (error(problem, links)) }
        }
        @if !target.is_none() {
            div.changes { @for one in &target.drifted { (drifted(one, links, target.drifted.len() <= 60)) } }
        }
        @if let Some(others) = others(target) { p { (others) } }
    };
    section(&format!("t{number}"), html! { (text(&target.name)) (marks(target)) }, body)
}

fn drifted(one: &Drifted, links: Option<&Links>, open: bool) -> Markup {
    let (sign, class) = match one.event {
        DriftEvent::Changed => ("~", "keep"),
        DriftEvent::Gone => ("−", "out"),
        DriftEvent::Deactivated => ("!", "out"),
        DriftEvent::Reactivated => ("^", "in"),
    };
    html! {
        details.change.(class) data-item open[open] {
            summary {
                span.sign aria-hidden="true" { (sign) } " "
                (one.resource.to_string()) " " (who(&one.name, &one.key)) " " b.act { (event_words(one.event)) }
            }
            div.body {
                @if let Some(origin) = &one.origin { p { "Declared at " (place(origin, links)) } }
                @if !one.attributes.is_empty() {
                    dl.sides {
                        @for attribute in &one.attributes {
                            @let (applied, live) = whole_applied_and_live(attribute);
                            @let origin = attribute.origin.as_ref().filter(|_| attribute.origin != one.origin);
                            (moved(&attribute.path, ["applied: ", "there now: "], sides_of(&applied, &live), html! {
                                @if let Some(origin) = origin { " " (place(origin, links)) }
                            }))
                        }
                    }
                }
                (members(&one.left, "Taken out at the target", false, |_| html! {}))
                (members(&one.joined, "Put in at the target", true, |_| html! {}))
            }
        }
    }
}
