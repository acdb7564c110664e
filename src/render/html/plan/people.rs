//! Who loses and gains what, over all targets.

use maud::{Markup, html};

use super::View;
use crate::plan::{AccountChange, Action, Person, PersonAtTarget, is_held, is_value};
use crate::render::html::page::{fold, section};
use crate::render::html::words::{each, path, text, who};
use crate::render::plan::markdown::People;
use crate::wording::count;

/// More people than these who gain access, and their list begins folded.
const GAINERS: usize = 60;
/// The same of those whose details change.
const OTHERS: usize = 10;

/// Everyone, losses first.
pub(super) fn people(view: &View<'_>, people: &People<'_>) -> Markup {
    if view.plan.people.is_empty() {
        return html! {};
    }
    let body = html! {
        (list(view, "Lose access", "out", &people.losers, usize::MAX))
        (list(view, "Gain privileged access", "in", &people.privileged, usize::MAX))
        (list(view, "Gain access", "in", &people.gainers, GAINERS))
        (list(view, "Details change", "keep", &people.others, OTHERS))
    };
    section("people", html! { "Who loses and who gains access" }, body)
}

/// A list of people. Who loses something, or gains what is privileged, is never folded.
fn list(view: &View<'_>, title: &str, class: &str, people: &[&Person], open: usize) -> Markup {
    html! {
        @if !people.is_empty() {
            (fold(title, class, people.len(), people.len() <= open, html! {
                ul.people { @for person in people { (one(view, person)) } }
            }))
        }
    }
}

fn one(view: &View<'_>, person: &Person) -> Markup {
    html! {
        li data-item {
            p.who {
                (who(&person.name, &person.key))
                @if person.stranger { " " span.badge { "not declared here" } }
                @if person.targets.iter().any(|at| !at.inactive && !at.privileged.is_empty()) {
                    " " span.badge.privileged { "privileged" }
                }
            }
            ul {
                @for (targets, impact) in alike(person) {
                    li {
                        span.at {
                            (each(targets.into_iter().map(|target| match view.at(target, &person.key) {
                                Some(link) => html! { a href=(link) { (text(target)) } },
                                None => text(target),
                            })))
                        }
                        " " span { (impact) }
                    }
                }
            }
        }
    }
}

/// What happens to a person, each thing once, with the targets at which it does: in the order of the first of them.
fn alike(person: &Person) -> Vec<(Vec<&str>, Markup)> {
    let mut all: Vec<(Vec<&str>, Markup)> = Vec::new();
    for at in &person.targets {
        let impact = impact(at);
        match all.iter_mut().find(|(_, known)| known.0 == impact.0) {
            Some((targets, _)) => targets.push(&at.target),
            None => all.push((vec![&at.target], impact)),
        }
    }
    all
}

/// What happens to a person at a target, losses first.
fn impact(at: &PersonAtTarget) -> Markup {
    let mut parts: Vec<Markup> = Vec::new();
    match (at.account, at.action) {
        (Some(AccountChange::Lost), action) => parts.push(html! {
            b.out {
                (if action == Some(Action::Delete) { "loses the account (deleted)" } else { "loses the account" })
                @if !at.loses.is_empty() { ", and with it " (groups(&at.loses, at)) }
            }
        }),
        _ if at.loses.is_empty() => {}
        _ if at.inactive => {
            parts.push(html! { "is taken out of " (groups(&at.loses, at)) ", where the account has no access" });
        }
        _ => parts.push(html! { b.out { "loses " (groups(&at.loses, at)) } }),
    }
    let with = |at: &PersonAtTarget| html! { @if !at.gains.is_empty() { " with " (groups(&at.gains, at)) } };
    match (at.account, at.action) {
        (Some(AccountChange::Gained), Some(Action::Reactivate)) if at.adopted => {
            parts.push(html! { span.in { "is given an account that was there without access" (with(at)) } });
        }
        (Some(AccountChange::Gained), Some(Action::Reactivate)) => {
            parts.push(html! { span.in { "gets the account back" (with(at)) } });
        }
        (Some(AccountChange::Gained), _) => parts.push(html! { span.in { "gains an account" (with(at)) } }),
        _ if at.gains.is_empty() => {}
        _ if at.inactive => {
            parts.push(html! { "is put into " (groups(&at.gains, at)) ", where the account has no access" });
        }
        _ => parts.push(html! { span.in { "gains " (groups(&at.gains, at)) } }),
    }
    parts.extend(account(at));
    parts.extend(details(at));
    html! { @for (number, part) in parts.iter().enumerate() { @if number > 0 { "; " } (part) } }
}

/// What becomes of an account besides access.
fn account(at: &PersonAtTarget) -> Option<Markup> {
    Some(match at.action? {
        Action::Forget => html! { "is no longer managed" },
        Action::Adopt => html! { "is managed from now on" },
        Action::Delete if at.account.is_none() => html! { "the account, which has no access, is deleted" },
        Action::Deactivate if at.account.is_none() => html! { "the account, which has no access, is deactivated" },
        _ => return None,
    })
}

fn details(at: &PersonAtTarget) -> Option<Markup> {
    // What is said of the account says it already.
    let told = at.gains.iter().chain(&at.loses).any(|name| is_value(name));
    let paths = at
        .changes
        .iter()
        .filter(|path| !(path.eq_ignore_ascii_case("active") || told && path.parse().is_ok_and(|path| is_held(&path))));
    let paths: Vec<&String> = paths.collect();
    (!paths.is_empty() && at.action != Some(Action::Create)).then(|| {
        html! {
            (each(paths.iter().map(|one| path(one))))
            (if paths.len() == 1 { " changes" } else { " change" })
        }
    })
}

fn groups(names: &[String], at: &PersonAtTarget) -> Markup {
    let (privileged, others): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| at.privileged.contains(name));
    let privileged = privileged.into_iter().map(|name| html! { (text(name)) " (privileged)" });
    html! {
        @if names.len() > 3 && !names.iter().any(|name| is_value(name)) { (count(names.len(), "group")) ": " }
        (each(privileged.chain(others.into_iter().map(|name| text(name)))))
    }
}
