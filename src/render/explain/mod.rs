//! An explanation for people (terminal, Markdown) and machines (JSON).

mod human;
mod markdown;

pub use human::human;
pub use markdown::markdown;

use crate::explain::{AtTarget, Declared, Found, Matched, State, ValueRow};
use crate::render::action_word;
use crate::wording::list;

/// How a value stands to the live one, as a short phrase.
const fn state_words(state: State) -> &'static str {
    match state {
        State::Undefined => "undefined: asserts nothing",
        State::NotCompared => "",
        State::Same => "same",
        State::Normalised => "same, written another way",
        State::Differs => "differs",
        State::Witness => "differs, and is left: the target keeps it so",
        State::Left => "differs, and is left",
        State::ServerOwned => "never sent: the target decides",
        State::Hidden => "can't be read there",
    }
}

/// The row's expression with what it is for.
fn expression(row: &ValueRow) -> String {
    let create = if row.on_create { ", at creation alone" } else { "" };
    format!("{}{create}", row.source.expression)
}

/// The days and switches of a declaration, in words.
fn days(declared: &Declared) -> String {
    let since = declared.since.map(|day| format!("starts {day}"));
    let until = declared.until.map(|day| format!("ends {day}"));
    let active = declared.active.map(|active| format!("active: {active}"));
    let before = &declared.previously;
    let before = (!before.is_empty()).then(|| format!("previously {}", list(before)));
    list([since, until, active, before].into_iter().flatten())
}

/// What was found, in words.
fn matched_words(matched: Option<&Matched>, failed: Option<&str>) -> String {
    match matched {
        Some(found) => match (&found.id, found.found) {
            (Some(id), _) => format!("id {id}, by {}", found.words),
            (None, Found::Error) => found.words.clone(),
            (None, _) => format!("not found: {}", found.words),
        },
        None => match failed {
            Some(why) => format!("not known: the target could not be read: {why}"),
            None => "not known: the target was not asked (`--offline`)".to_owned(),
        },
    }
}

/// What would be done, in words.
fn outcome_words(at: &AtTarget) -> String {
    match (at.matched.is_some(), &at.nothing_because, at.action) {
        (false, _, _) => "not known: it takes a look at the target".to_owned(),
        (_, Some(why), Some(action)) => {
            format!("nothing ({}: {}): {why}", action_word(action), at.because.as_deref().unwrap_or_default())
        }
        (_, Some(why), None) => format!("nothing: {why}"),
        (_, None, Some(action)) => format!("{}: {}", action_word(action), at.because.as_deref().unwrap_or_default()),
        (_, None, None) => "the requests below".to_owned(),
    }
}
