//! A row for each target, and bars of what changes.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::View;
use crate::plan::{Action, Heads, LimitUse, Mode, Plan, TargetPlan};
use crate::render::action_word;
use crate::render::html::chart::{self, Bar, Segment};
use crate::render::html::page::{section, table};
use crate::render::html::words::{code, difference, text};
use crate::render::plan::markdown::rounded;
use crate::render::plan::read_words;
use crate::wording::{count, some};

/// The table.
pub(super) fn targets(view: &View<'_>) -> Markup {
    section("targets", html! { "Targets" }, overview(view))
}

/// Whether there is anything to draw.
pub(super) fn has_figures(view: &View<'_>) -> bool {
    view.plan.targets.iter().any(|target| !target.summary.actions.is_empty() || !target.limits.is_empty())
}

/// The charts. They come after the people: what they lose matters more than how many changes it takes.
pub(super) fn figures(view: &View<'_>) -> Markup {
    if !has_figures(view) {
        return html! {};
    }
    let body = html! { (by_class(view.plan)) (head_counts(view.plan)) (limits(view.plan)) };
    section("figures", html! { "Figures" }, body)
}

/// Actions that any target has.
fn used(plan: &Plan) -> Vec<Action> {
    let used: BTreeSet<Action> =
        plan.targets.iter().flat_map(|target| target.summary.actions.keys().copied()).collect();
    used.into_iter().collect()
}

fn looked_at(target: &TargetPlan) -> bool {
    target.failed.is_none() && target.mode != Mode::Disabled
}

fn overview(view: &View<'_>) -> Markup {
    let used = used(view.plan);
    let protected = view.plan.targets.iter().any(|target| target.summary.protected > 0);
    let head = html! {
        th scope="col" { "Target" }
        @for action in &used { th.number scope="col" { (action_word(*action)) } }
        th.number scope="col" { "unchanged" }
        th.number scope="col" { "left alone" }
        @if protected { th.number scope="col" { "protected" } }
        th scope="col" { "read" }
        th scope="col" { "cost" }
    };
    let rows = html! {
        @for (place, target) in view.plan.targets.iter().enumerate() {
            tr {
                th scope="row" { a href={ "#t" (place) } { (text(&target.name)) } (marks(target)) }
                @for action in &used { (cell(target, *action)) }
                td.number { @if looked_at(target) { (target.summary.unchanged) } @else { "–" } }
                td.number { @if looked_at(target) { (target.summary.unmanaged) } @else { "–" } }
                @if protected { td.number { (target.summary.protected) } }
                td { @if looked_at(target) { (read_words(target)) } @else { "nothing" } }
                td { (cost(target)) }
            }
        }
    };
    table("What happens at each target", head, rows)
}

fn cell(target: &TargetPlan, action: Action) -> Markup {
    let removes = matches!(action, Action::Deactivate | Action::Delete);
    html! {
        @match target.summary.actions.get(&action).copied().unwrap_or(0) {
            0 => td.number { "–" },
            number if removes => td.number { b.out { (number) } },
            number => td.number { (number) },
        }
    }
}

/// Whatever makes the row less than the whole truth.
pub(super) fn marks(target: &TargetPlan) -> Markup {
    let refused = target.violations.iter().any(|violation| !violation.warn);
    html! {
        @if target.failed.is_some() { " " span.badge.bad { "could not be read" } }
        @match target.mode {
            Mode::ReadOnly => { " " span.badge { "read only" } },
            Mode::Disabled => { " " span.badge { "disabled" } },
            Mode::Sync => {},
        }
        @if refused { " " span.badge.bad { "refused" } }
        @if looked_at(target) && !target.read.complete { " " span.badge.bad { "read in part" } }
        @if !target.errors.is_empty() { " " span.badge.bad { (count(target.errors.len(), "error")) } }
    }
}

fn cost(target: &TargetPlan) -> Markup {
    html! {
        @match target.cost.requests { 0 => "–", requests => (count(requests, "request")) }
        @if target.cost.seconds > 0 { ", about " (target.cost.seconds) " s" }
    }
}

/// The kind of pattern of an action's part of a bar.
const fn class(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Adopt => "adopt",
        Action::Update => "update",
        Action::Reactivate => "reactivate",
        Action::Deactivate => "deactivate",
        Action::Delete => "delete",
        Action::Forget => "forget",
    }
}

/// Worst first, so that what is taken away always begins at the left.
const ORDER: [Action; 7] = [
    Action::Delete,
    Action::Deactivate,
    Action::Reactivate,
    Action::Create,
    Action::Update,
    Action::Adopt,
    Action::Forget,
];

/// A bar of what changes at each target.
fn by_class(plan: &Plan) -> Markup {
    let total = |target: &TargetPlan| target.summary.actions.values().sum::<u64>();
    let most = plan.targets.iter().map(total).max().unwrap_or(0);
    let used = used(plan);
    let legend: Vec<_> =
        ORDER.iter().filter(|one| used.contains(one)).map(|one| (class(*one), action_word(*one))).collect();
    html! {
        @if most > 0 {
            h3 id="chart-changes" { "Changes by target and kind" }
            (chart::legend(&legend))
            (chart::bars("chart-changes", plan.targets.iter().filter(|target| total(target) > 0).map(|target| Bar {
                name: text(&target.name),
                chart: chart::stacked(&ORDER.map(|action| Segment { class: class(action), number: number(target, action) }), most),
                words: html! { (in_words(target)) },
            })))
        }
    }
}

fn number(target: &TargetPlan, action: Action) -> u64 {
    target.summary.actions.get(&action).copied().unwrap_or(0)
}

fn in_words(target: &TargetPlan) -> String {
    some(
        ORDER.map(|action| (number(target, action) > 0, format!("{} {}", number(target, action), action_word(action)))),
    )
}

/// How many there are at each target, before and after.
fn head_counts(plan: &Plan) -> Markup {
    let counted = || plan.targets.iter().filter_map(|target| Some((target, target.heads.as_ref()?)));
    let shown = |heads: &crate::plan::HeadCounts| heads.active.unwrap_or(heads.users);
    let most = counted().map(|(_, heads)| shown(heads).before.max(shown(heads).after)).max().unwrap_or(0);
    html! {
        @if most > 0 {
            h3 id="chart-heads" { "Head-counts before and after" }
            (chart::legend(&[("before", "before"), ("after", "after")]))
            (chart::bars("chart-heads", counted().map(|(target, heads)| Bar {
                name: text(&target.name),
                chart: chart::before_after(shown(heads).before, shown(heads).after, most),
                words: html! {
                    (heads_words(if heads.active.is_some() { "with access" } else { "users" }, shown(heads)))
                    @if let Some(groups) = heads.groups.filter(|groups| groups.before != groups.after) {
                        "; " (heads_words("groups", groups))
                    }
                },
            })))
        }
    }
}

fn heads_words(what: &str, heads: Heads) -> String {
    if heads.before == heads.after {
        return format!("{} {what}, no change", heads.before);
    }
    format!("{} → {} {what} ({})", heads.before, heads.after, difference(heads.before, heads.after))
}

/// How much of each limit is used.
fn limits<'p>(plan: &'p Plan) -> Markup {
    let each = |target: &'p TargetPlan| target.limits.iter().map(move |limit| (target, limit));
    let all: Vec<(&TargetPlan, &LimitUse)> = plan.targets.iter().flat_map(each).collect();
    html! {
        @if !all.is_empty() {
            h3 id="chart-limits" { "Limits used" }
            (chart::bars("chart-limits", all.into_iter().map(|(target, limit)| limit_row(target, limit))))
        }
    }
}

/// The highest number that a limit lets through.
fn allowed(limit: &LimitUse) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a bar's width"
    )]
    let share = limit.percent.map(|percent| (limit.of as f64 * percent / 100.0).max(0.0) as u64);
    let lowest = limit.count.into_iter().chain(share).min().unwrap_or(u64::MAX);
    lowest.max(limit.free)
}

fn limit_row(target: &TargetPlan, limit: &LimitUse) -> Bar {
    let what = if limit.class == "memberRemovals" { "members taken out" } else { limit.class.as_str() };
    let allowed = allowed(limit);
    Bar {
        name: html! {
            (text(&target.name)) ": " (text(what))
            @if let Some(group) = &limit.group { " of " (code(group)) }
        },
        chart: chart::meter(limit.used, allowed, limit.tripped),
        words: html! {
                (limit.used)
                @if allowed < u64::MAX { " of " (allowed) " allowed" }
                @if let (Some(share), true) = (limit.share(), limit.used > 0) { ", " (rounded(share)) " % of " (limit.of) }
                @if let Some(percent) = limit.percent { ", limit " (rounded(percent)) " %" }
                @if limit.tripped {
                    " "
                    @if limit.confirmed { span.badge { "over the limit, confirmed" } } @else { span.badge.bad { "over the limit" } }
                }
        },
    }
}
