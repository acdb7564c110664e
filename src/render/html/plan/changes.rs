//! Every change of a target, removals and privileged ones first, and what else is to be said of it.

use maud::{Markup, html};

use super::targets::marks;
use super::{SMALL, View};
use crate::plan::{Action, Adoption, AttributeChange, Change, MemberRef, Mode, Rehearsal, TargetPlan};
use crate::render::html::page::{fold, section};
use crate::render::html::words::{code, found_by, members, moved, path, place, prose, sides, text, who};
use crate::render::plan::markdown::Weight;
use crate::render::plan::rehearsal::told;
use crate::render::{action_word, attribute_reason, member_reason, reason_words};
use crate::wording::count;

/// More changes of a kind than these, and they begin folded.
const FOLDED: usize = 200;

/// The section of a target.
pub(super) fn target(view: &View<'_>, number: usize) -> Markup {
    let Some(target) = view.plan.targets.get(number) else { return html! {} };
    let body = html! {
        p.about { (about(target)) }
        (notices(view, target))
        @if let Some(rehearsal) = &target.rehearsal { (rehearsed(rehearsal)) }
        (classes(view, number, target))
        (adoptions(target))
        @if !target.suppressed.is_empty() {
            (part("Switched off: shown and not made", "keep", target.suppressed.len(), html! {
                @for change in &target.suppressed { (one(view, change, false, None)) }
            }))
        }
    };
    section(&format!("t{number}"), html! { (text(&target.name)) (marks(target)) }, body)
}

fn about(target: &TargetPlan) -> Markup {
    html! {
        "Profile " (code(&target.profile)) ". "
        @match (&target.failed, target.mode) {
            (_, Mode::Disabled) => "Disabled: neither read nor written.",
            (Some(why), _) => { "Could not be read: " (text(why)) },
            (None, Mode::ReadOnly) => "Read only: what differs is shown, and an apply writes nothing here.",
            (None, Mode::Sync) if target.changes.is_empty() => "No changes.",
            (None, Mode::Sync) => {},
        }
    }
}

fn notices(view: &View<'_>, target: &TargetPlan) -> Markup {
    html! {
        @if !target.notices.is_empty() {
            ul.notes aria-label="Notes" {
                @for notice in &target.notices {
                    li {
                        b.label { "Note" } " " (prose(&notice.message)) " " (code(notice.code.name()))
                        @if let Some(origin) = &notice.origin { " " (place(origin, view.links)) }
                    }
                }
            }
        }
    }
}

fn rehearsed(rehearsal: &Rehearsal) -> Markup {
    let told = told(rehearsal);
    html! {
        details.part open[!rehearsal.converges] {
            summary { h3 { "Rehearsal: " (text(&told.verdict)) } }
            p { "On a copy of what was read, at a server that follows the profile; the target may differ." }
            ul { @for line in told.details.iter().chain(&told.unknown) { li { (text(line)) } } }
        }
    }
}

/// A foldable part with a heading.
fn part(title: &str, class: &str, number: usize, body: Markup) -> Markup {
    fold(title, class, number, number <= FOLDED || class == "out", html! { div.changes { (body) } })
}

/// The changes by how much they matter to a reviewer.
fn classes(view: &View<'_>, number: usize, target: &TargetPlan) -> Markup {
    let of = |weights: &'static [Weight]| {
        let chosen = target.changes.iter().enumerate().filter(move |(_, change)| weights.contains(&Weight::of(change)));
        let mut changes: Vec<(usize, &Change)> = chosen.collect();
        changes.sort_by_key(|(_, change)| match change.action {
            Action::Delete => 0,
            Action::Deactivate => 1,
            _ if change.privileged => 2,
            _ => 3,
        });
        changes
    };
    html! {
        @for (title, class, changes) in [
            ("Removals and privileged access", "out", of(&[Weight::Removes])),
            ("Access given", "in", of(&[Weight::Gives])),
            ("Created", "in", of(&[Weight::Creates])),
            ("Values alone", "keep", of(&[Weight::Changes, Weight::Adopts, Weight::NotMade])),
        ] {
            @if !changes.is_empty() {
                // What is taken away is laid open, unless there is too much of it to be read at once.
                @let open = view.small || (class == "out" && changes.len() <= SMALL);
                (part(title, class, changes.len(), html! {
                    @for (place, change) in changes { (one(view, change, open, Some(format!("t{number}-{place}")))) }
                }))
            }
        }
    }
}

fn sign(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Create => ("+", "in"),
        Action::Adopt => ("=", "keep"),
        Action::Update => ("~", "keep"),
        Action::Reactivate => ("^", "in"),
        Action::Deactivate => ("!", "out"),
        Action::Delete => ("−", "out"),
        Action::Forget => ("/", "keep"),
    }
}

fn one(view: &View<'_>, change: &Change, open: bool, id: Option<String>) -> Markup {
    let (sign, class) = sign(change.action);
    let creates = change.action == Action::Create;
    html! {
        details.change.(class) data-item open[open && !creates] {
            summary {
                span.sign aria-hidden="true" { (sign) } " "
                b.act { (action_word(change.action)) } " " (change.resource.to_string()) " "
                (who(&change.name, &change.key))
                @if change.privileged { " " span.badge.privileged { "privileged" } }
                @if change.adopted && change.action != Action::Adopt { " " span.badge { "adopted" } }
                " " span.why {
                    @if change.because.is_empty() { (reason_words(change.reason)) } @else { (prose(&change.because)) }
                }
            }
            div.body id=[id] {
                @if let Some(origin) = &change.origin { p { "Declared at " (place(origin, view.links)) } }
                (moves(view, change, &change.members.remove, false))
                @if creates { (values(&change.attributes)) } @else { (attributes(view, change)) }
                (moves(view, change, &change.members.add, true))
            }
        }
    }
}

/// What a creation consists of.
fn values(attributes: &[AttributeChange]) -> Markup {
    html! {
        @if !attributes.is_empty() {
            dl.values { @for one in attributes { dt { (path(&one.path.to_string())) } dd { (sides(one).1) } } }
        }
    }
}

fn attributes(view: &View<'_>, change: &Change) -> Markup {
    html! {
        @if !change.attributes.is_empty() {
            dl.sides {
                @for one in &change.attributes {
                    (moved(&one.path, ["before: ", "after: "], sides(one), html! {
                        @if one.reason != change.reason || one.origin != change.origin {
                            " " span.why {
                                @if one.reason != change.reason { (attribute_reason(one)) " " }
                                @if let Some(origin) = one.origin.as_ref().filter(|_| one.origin != change.origin) {
                                    (place(origin, view.links))
                                }
                            }
                        }
                    }))
                }
            }
        }
    }
}

fn moves(view: &View<'_>, change: &Change, moved: &[MemberRef], comes: bool) -> Markup {
    let creates = change.action == Action::Create;
    members(moved, if comes { "Joins" } else { "Leaves" }, comes, |member| {
        html! {
            @if let Some(reason) = member.reason.filter(|_| !creates) {
                " " span.why { (member_reason(reason, comes)) }
            }
            @if let Some(origin) = member.origin.as_ref().filter(|_| member.origin != change.origin) {
                " " (place(origin, view.links))
            }
        }
    })
}

fn adoptions(target: &TargetPlan) -> Markup {
    let row = |adoption: &Adoption| {
        html! {
            li data-item { (adoption.resource.to_string()) " " (who(&adoption.name, &adoption.key)) (found_by(adoption)) }
        }
    };
    html! {
        @if !target.adoptions.is_empty() {
            (fold("Adopted", "keep", target.adoptions.len(), false, html! {
                p { (count(target.adoptions.len(), "resource")) " there already and managed from now on. No request is made for it." }
                ul.adopted { @for adoption in &target.adoptions { (row(adoption)) } }
            }))
        }
    }
}
