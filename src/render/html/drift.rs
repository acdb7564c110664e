//! What moved at the targets, as a page.

use maud::{Markup, html};

use super::chart::{self, Segment};
use super::page::{Page, Part, Tone};
use super::words::{code, path, place, prose, sides_of, text, who};
use crate::plan::{Drift, DriftEvent, Drifted, DriftedAttribute, MemberRef, Mode, TargetDrift};
use crate::render::drift::{BLIND, event_words, others, verdict, whole_applied_and_live};
use crate::render::links::Links;
use crate::scim::ResourceKind;
use crate::wording::count;

/// Everything that moved, by target.
pub fn drift(drift: &Drift, links: Option<&Links>) -> String {
    let (tone, state) = state(drift);
    let body = html! {
        (chart::patterns())
        (targets(drift))
        @for (number, one) in drift.targets.iter().enumerate() { (target(number, one, links)) }
    };
    let name = |one: &TargetDrift| {
        html! { (text(&one.name)) @if !one.is_none() { " (" (one.drifted.len()) ")" } }
    };
    let targets = drift.targets.iter().enumerate();
    let mut parts = vec![Part { id: "targets".to_owned(), name: html! { "Targets" } }];
    parts.extend(targets.map(|(number, one)| Part { id: format!("t{number}"), name: name(one) }));
    Page {
        kind: "scimform drift",
        title: format!("scimform drift: {state}"),
        tone,
        state,
        verdict: html! { (verdict(drift)) },
        lead: None,
        banners: banners(drift),
        facts: facts(drift),
        parts,
        searched: drift.targets.iter().any(|one| !one.is_none()).then_some("what moved"),
        body,
    }
    .render()
}

fn state(drift: &Drift) -> (Tone, &'static str) {
    let any = |test: &dyn Fn(&TargetDrift) -> bool| drift.targets.iter().any(test);
    if any(&|one| one.failed.is_some()) {
        (Tone::Bad, "a target could not be read")
    } else if any(&|one| !one.errors.is_empty()) {
        (Tone::Bad, "with errors")
    } else if any(&|one| one.mode != Mode::Disabled && (!one.read.complete || one.no_ledger || !one.notices.is_empty()))
    {
        (Tone::Bad, "not all is known")
    } else if any(&|one| !one.is_none()) {
        (Tone::Busy, "something moved")
    } else {
        (Tone::Calm, "nothing moved")
    }
}

fn banners(drift: &Drift) -> Vec<Markup> {
    let mut banners = Vec::new();
    if drift.sandbox {
        banners.push(html! { b { "Sandbox." } " Every target is an embedded server; no real one was read." });
    }
    if !drift.only.is_empty() {
        banners.push(html! {
            b { "Narrowed" } " to "
            @for (number, key) in drift.only.iter().enumerate() { @if number > 0 { ", " } (code(key)) }
            "; nothing else was compared."
        });
    }
    banners
}

fn facts(drift: &Drift) -> Vec<(&'static str, Markup)> {
    let mut facts = vec![("As of", html! { (drift.as_of) })];
    if let Some(revision) = &drift.revision {
        facts.push(("Revision", code(revision)));
    }
    facts.push(("Made", html! { (text(&drift.created_at)) " by " (text(&drift.tool)) }));
    facts
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
    html! {
        section id="targets" aria-labelledby="targets-h" {
            h2 id="targets-h" { "Targets" }
            div.wide role="region" aria-label="What moved at each target" tabindex="0" {
                table {
                    caption { "What moved at each target" }
                    thead { tr {
                        th scope="col" { "Target" }
                        @for word in ["gone", "deactivated", "active again", "changed"] { th.number scope="col" { (word) } }
                        th scope="col" { "read" }
                    } }
                    tbody { @for (place, one) in drift.targets.iter().enumerate() { tr {
                        th scope="row" { a href={ "#t" (place) } { (text(&one.name)) } (marks(one)) }
                        @for (event, _) in EVENTS {
                            td.number { @match number(one, event) { 0 => "–", number => (number) } }
                        }
                        td {
                            @if one.failed.is_none() && one.mode != Mode::Disabled {
                                (count(one.read.users, "user")) " and " (count(one.read.groups, "group"))
                            } @else { "nothing" }
                        }
                    } } }
                }
            }
            @if most > 0 {
                h3 id="chart-drift" { "What moved, by target" }
                (chart::legend(&EVENTS.map(|(event, class)| (class, event_words(event)))))
                ul.bars aria-labelledby="chart-drift" {
                    @for one in drift.targets.iter().filter(|one| !one.is_none()) {
                        li {
                            span.name { (text(&one.name)) }
                            (chart::stacked(&EVENTS.map(|(event, class)| Segment { class, number: number(one, event) }), most))
                            span.words { (one.drifted.len()) " moved" }
                        }
                    }
                }
            }
        }
    }
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
    html! {
        section id={ "t" (number) } aria-labelledby={ "t" (number) "-h" } {
            h2 id={ "t" (number) "-h" } { (text(&target.name)) (marks(target)) }
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
                @for problem in &target.errors {
                    li.bad {
                        b.label { "Error" } " " (problem.resource.to_string()) " " (code(&problem.key)) ": "
                        (prose(&problem.message)) " " (code(&problem.code))
                        @if let Some(origin) = &problem.origin { " " (place(origin, links)) }
                    }
                }
            }
            @if !target.is_none() {
                div.changes { @for one in &target.drifted { (drifted(one, links, target.drifted.len() <= 60)) } }
            }
            @if let Some(others) = others(target) { p { (others) } }
        }
    }
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
                    dl.sides { @for attribute in &one.attributes { (moved(attribute, one, links)) } }
                }
                (members(&one.left, "Taken out at the target", "out"))
                (members(&one.joined, "Put in at the target", "in"))
            }
        }
    }
}

fn moved(attribute: &DriftedAttribute, one: &Drifted, links: Option<&Links>) -> Markup {
    let (applied, live) = whole_applied_and_live(attribute);
    let (applied, live) = sides_of(&applied, &live);
    html! {
        dt { (path(&attribute.path)) }
        dd {
            span.before { span.hear { "applied: " } (applied) } " "
            span.arrow aria-hidden="true" { "→" } " "
            span.after { span.hear { "there now: " } (live) }
            @if let Some(origin) = attribute.origin.as_ref().filter(|_| attribute.origin != one.origin) {
                " " (place(origin, links))
            }
        }
    }
}

fn members(members: &[MemberRef], title: &str, class: &str) -> Markup {
    html! {
        @if !members.is_empty() {
            p.moves.(class) { b { (title) " (" (members.len()) ")" } }
            ul.members.(class) {
                @for member in members {
                    li {
                        span.sign aria-hidden="true" { (if class == "in" { "+" } else { "−" }) } " "
                        @if member.resource == ResourceKind::Group { "group " }
                        (who(&member.name, member.key.as_deref().unwrap_or(&member.name)))
                    }
                }
            }
        }
    }
}
