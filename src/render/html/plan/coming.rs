//! What time alone will change, if no file does.

use maud::{Markup, html};

use super::View;
use crate::render::html::page::{section, table};
use crate::render::html::words::{place, text, who};
use crate::render::plan::outlook::{happens, head as title, rest};

/// A row for each thing that a day brings.
pub(super) fn coming(view: &View<'_>) -> Markup {
    let Some(horizon) = &view.plan.horizon else { return html! {} };
    let head = html! {
        th scope="col" { "Day" } th scope="col" { "Who" } th scope="col" { "Target" }
        th scope="col" { "What" } th scope="col" { "Declared at" }
    };
    let rows = html! {
        @for event in &horizon.events { tr data-item {
            td { (event.date) }
            td {
                @match (&event.key, &event.name) {
                    (Some(key), name) => (who(name.as_deref().unwrap_or(key), key)),
                    (None, Some(name)) => (text(name)),
                    (None, None) => "the target itself",
                }
            }
            td { (text(&event.target)) }
            td {
                (text(&happens(event, &str::to_owned)))
                @if !event.because.is_empty() { " (" (text(&event.because)) ")" }
            }
            td { @if let Some(origin) = &event.origin { (place(origin, view.links)) } }
        } }
    };
    let body = html! {
        @if let Some(rest) = rest(horizon) { p { (rest) } }
        @if !horizon.events.is_empty() { (table("What time alone changes", head, rows)) }
    };
    section("coming", html! { (title(horizon)) }, body)
}
