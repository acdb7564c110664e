//! Who has what and why, as a page for those who have to confirm it.

use maud::{Markup, html};

use super::chart::{self, Bar, Segment};
use super::page::{Page, Part, Tone, facts, fold, narrowed, sandboxed, section, state};
use super::words::{code, place, prose, text, who};
use crate::access::{Account, Grant, Place, Report, Status, Summary, TargetAccess};
use crate::plan::Origin;
use crate::render::access::{
    assigned_words, basis_words, grant_words, kind_word, standing_word, state_words, status_words, summary_words,
};
use crate::render::links::Links;
use crate::wording::{count, some};

/// Every account at every target and what it holds; what is not as declared first.
pub fn access(report: &Report, links: Option<&Links>) -> String {
    let (tone, state) = verdict_words(report);
    let body = html! {
        (chart::patterns())
        (targets(report))
        @for (number, one) in report.targets.iter().enumerate() { (target(number, one, report.live, links)) }
        (sign_off())
    };
    let part = |id: &str, name: &str| Part { id: id.to_owned(), name: html! { (name) } };
    let targets = report.targets.iter().enumerate();
    let targets = targets.map(|(place, one)| Part::target(place, &one.name, Some(one.accounts.len())));
    let parts = std::iter::once(part("targets", "Targets")).chain(targets);
    Page {
        kind: "scimform report access",
        title: format!("Access review, {}", report.as_of),
        tone,
        state,
        verdict: html! { "Access review: " (verdict(report)) "." },
        lead: Some(html! { "Access " (basis_words(report)) "." }),
        banners: banners(report),
        facts: facts(report.as_of, report.revision.as_ref(), None, &report.created_at, &report.tool),
        parts: parts.chain([part("sign-off", "Sign-off")]).collect(),
        searched: report.targets.iter().any(|one| !one.accounts.is_empty()).then_some("accounts and what they hold"),
        body,
    }
    .render()
}

fn sum(report: &Report, of: impl Fn(&TargetAccess) -> u64) -> u64 {
    report.targets.iter().map(of).sum()
}

fn verdict_words(report: &Report) -> (Tone, &'static str) {
    let whole = |one: &TargetAccess| one.failed.is_none() && one.read.as_ref().is_none_or(|read| read.complete);
    let differs = sum(report, |one| one.summary.differing + one.summary.undeclared) > 0;
    state([
        (report.targets.iter().any(|one| one.failed.is_some()), Tone::Bad, "a target could not be read"),
        (!report.targets.iter().all(whole), Tone::Bad, "not everything was read"),
        (differs, Tone::Bad, "not all is as declared"),
        (sum(report, |one| one.summary.unknown) > 0, Tone::Bad, "not everything can be seen"),
        (report.live, Tone::Calm, "as declared"),
        (true, Tone::Calm, "declared"),
    ])
}

fn verdict(report: &Report) -> String {
    let of = |number: fn(&Summary) -> u64| sum(report, |one| number(&one.summary));
    let (differing, undeclared) = (of(|one| one.differing), of(|one| one.undeclared));
    let unknown = of(|one| one.unknown);
    let (accounts, targets) = (count(of(|one| one.active), "account"), count(report.targets.len(), "target"));
    some([
        (true, format!("{accounts} with access at {targets}")),
        (report.live, format!("{differing} not as declared, {undeclared} that nobody declared")),
        (report.live && unknown > 0, format!("{unknown} not known")),
    ])
}

fn banners(report: &Report) -> Vec<Markup> {
    let mut banners = Vec::new();
    if report.sandbox {
        banners.push(sandboxed());
    }
    if report.redacted {
        banners.push(html! { b { "Redacted." } " Everything that names a person is withheld." });
    }
    if let Some(group) = &report.group {
        banners.push(html! { b { "Narrowed" } " to the group " (code(group)) "." });
    }
    if !report.only.is_empty() {
        banners.push(narrowed(&report.only, "."));
    }
    banners
}

fn targets(report: &Report) -> Markup {
    let total = |one: &TargetAccess| one.accounts.len() as u64;
    let most = report.targets.iter().map(total).max().unwrap_or(0);
    let strangers = |one: &TargetAccess| one.accounts.iter().filter(|account| account.key.is_none()).count() as u64;
    let bars = report.targets.iter().map(|one| {
        let segments = [
            Segment { class: "create", number: one.summary.active },
            Segment { class: "before", number: one.summary.inactive },
            Segment { class: "deactivate", number: strangers(one) },
        ];
        Bar {
            name: html! { (text(&one.name)) @if one.failed.is_some() { " " span.badge.bad { "could not be read" } } },
            chart: chart::stacked(&segments, most),
            words: html! { (summary_words(one, report.live)) },
        }
    });
    let body = html! {
        @if most > 0 {
            (chart::legend(&[("create", "with access"), ("before", "without access"), ("deactivate", "nobody declared it")]))
        }
        (chart::bars("targets-h", bars))
    };
    section("targets", html! { "Targets" }, body)
}

/// What is to be looked at first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Undeclared,
    Differs,
    Active,
    Inactive,
}

fn kind(account: &Account) -> Kind {
    let bad =
        |status: Option<Status>| status.is_some_and(|status| status.is_difference() || status == Status::Undeclared);
    if account.key.is_none() {
        Kind::Undeclared
    } else if bad(account.status) || account.problem.is_some() || account.grants.iter().any(|grant| bad(grant.status)) {
        Kind::Differs
    } else if account.active {
        Kind::Active
    } else {
        Kind::Inactive
    }
}

fn target(number: usize, target: &TargetAccess, live: bool, links: Option<&Links>) -> Markup {
    let body = html! {
        p.about { "Profile " (code(&target.profile)) ": " (summary_words(target, live)) "." }
        ul.problems {
            @if let Some(why) = &target.failed { li.bad { b.label { "Could not be read" } " " (prose(why)) } }
            @if let Some(why) = target.read.as_ref().and_then(|read| read.incomplete_because.as_ref()) {
                li.bad { b.label { "Not everything was read" } " " (prose(why)) }
            }
        }
        @for (wanted, title, class) in [
            (Kind::Undeclared, "Nobody declared them", "out"),
            (Kind::Differs, "Not as declared", "out"),
            (Kind::Active, "With access", "in"),
            (Kind::Inactive, "Without access", "keep"),
        ] {
            @let accounts: Vec<&Account> = target.accounts.iter().filter(|one| kind(one) == wanted).collect();
            @if !accounts.is_empty() {
                (fold(title, class, accounts.len(), true, html! {
                    ul.people { @for account in accounts { (one(account, links)) } }
                }))
            }
        }
    };
    section(&format!("t{number}"), text(&target.name), body)
}

fn where_at(at: &Place, links: Option<&Links>) -> Markup {
    html! {
        @if !at.file.is_empty() { " " (place(&Origin { file: at.file.clone(), line: at.line }, links)) }
    }
}

fn one(account: &Account, links: Option<&Links>) -> Markup {
    html! {
        li data-item {
            p.who {
                (who(&account.name, account.key.as_deref().unwrap_or(&account.name)))
                @if let Some(at) = &account.declared { (where_at(at, links)) }
                @if let Some(standing) = account.standing { " " span.badge { (standing_word(standing)) } }
                (status(account.status))
            }
            @if let Some(problem) = &account.problem { p { b.out { "Can't be planned: " } (prose(problem)) } }
            ul.grants {
                li {
                    span.at { "account" @if let Some(name) = &account.user_name { " " (code(name)) } }
                    " " span {
                        (text(&state_words(account)))
                        @for (given, (binding, why)) in account.assigned.iter().zip(assigned_words(account)) {
                            "; " (code(&binding)) ": " (prose(&why)) (where_at(&given.why.place, links))
                        }
                        @if account.key.is_none() { "; " b.out { "nobody declared it" } }
                        (days(account))
                    }
                }
                @for grant in &account.grants { (held(grant, links)) }
            }
        }
    }
}

fn days(account: &Account) -> Markup {
    html! {
        @if let Some(day) = account.since { ", since " (day) }
        @if let Some(day) = account.until { ", until " (day) }
    }
}

fn held(grant: &Grant, links: Option<&Links>) -> Markup {
    html! {
        li {
            span.at { (kind_word(grant.kind)) " " b { (text(&grant.name)) } }
            " " span {
                (prose(&grant_words(grant)))
                @if let Some(why) = &grant.why {
                    (where_at(&why.place, links))
                    @if let Some(day) = why.until { ", until " (day) }
                }
                (status(grant.status))
            }
        }
    }
}

/// What the target says, where it says more than that all is as it should be.
fn status(status: Option<Status>) -> Markup {
    html! {
        @match status {
            None | Some(Status::Present | Status::Absent) => {},
            Some(Status::Unknown) => { " " span.badge { (status_words(Status::Unknown)) } },
            Some(other) => { " " span.badge.bad { (status_words(other)) } },
        }
    }
}

/// Lines for those who sign it, on paper.
fn sign_off() -> Markup {
    let body = html! {
        div.wide role="region" aria-label="Lines to sign" tabindex="0" {
            table {
                caption { "Sign-off" }
                thead { tr { th scope="col" { "Reviewed by" } th scope="col" { "Date" } th scope="col" { "Decision" } } }
                tbody { tr { td.blank { "\u{a0}" } td.blank {} td.blank {} } }
            }
        }
    };
    section("sign-off", html! { "Sign-off" }, body)
}
