//! What a plan was held against in place of targets, and what time will change, in words.

use crate::plan::{AccountChange, Action, Base, Horizon, HorizonEvent};
use crate::wording::{count, few};

/// Names of groups in one line.
const GROUPS: usize = 6;

/// Both sides: "`main` (a1b2c3d4e5f6) to the work tree". `name` writes what others named.
pub(in crate::render) fn sides(base: &Base, name: &dyn Fn(&str) -> String) -> String {
    let short = |commit: &str| name(commit.get(..12).unwrap_or(commit));
    let before = match &base.revision {
        Some(commit) if commit.starts_with(&base.name) => short(commit),
        Some(commit) => format!("{} ({})", name(&base.name), short(commit)),
        None => format!("{}, where there was nothing yet,", name(&base.name)),
    };
    let after = base.head.as_deref().map_or_else(|| "the work tree".to_owned(), short);
    format!("from {before} to {after}")
}

/// A target that is declared no more.
pub(in crate::render) fn gone(target: &str) -> String {
    format!("{target} is no longer a target: nothing is done there, and people keep what they have.")
}

/// What every offline comparison has to say of itself.
pub(in crate::render) const OFFLINE: &str = "This is what the files imply; targets were not read.";

/// "What time alone changes until 2026-12-31".
pub(in crate::render) fn head(horizon: &Horizon) -> String {
    format!("What time alone changes until {}", horizon.until)
}

/// What is said after the events.
pub(in crate::render) fn rest(horizon: &Horizon) -> Option<String> {
    match (horizon.withheld, horizon.events.is_empty()) {
        (0, true) => Some("nothing".to_owned()),
        (0, false) => None,
        (withheld, _) => Some(format!("{} of people withheld", count(withheld, "event"))),
    }
}

/// What a day brings: "gains an account at lattice with Engineering". `name` writes what others named.
pub(in crate::render) fn happens(event: &HorizonEvent, name: &dyn Fn(&str) -> String) -> String {
    let target = name(&event.target);
    if event.key.is_none() {
        return format!("the token of {target} expires");
    }
    let groups = |names: &[String]| few(names.iter().map(|group| name(group)), GROUPS);
    let (gains, loses) = (groups(&event.gains), groups(&event.loses));
    let with = |groups: &str, word: &str| if groups.is_empty() { String::new() } else { format!(" {word} {groups}") };
    let mut parts = Vec::new();
    match (event.account, event.action) {
        (Some(AccountChange::Gained), Some(Action::Reactivate)) => {
            parts.push(format!("gets the account at {target} back{}", with(&gains, "with")));
        }
        (Some(AccountChange::Gained), _) => {
            parts.push(format!("gains an account at {target}{}", with(&gains, "with")));
        }
        (None, _) if !gains.is_empty() => parts.push(format!("gains {gains} at {target}")),
        _ => {}
    }
    match (event.account, event.action) {
        (Some(AccountChange::Lost), _) => {
            parts.push(format!("loses the account at {target}{}", with(&loses, "and with it")));
        }
        (None, Some(Action::Delete)) => parts.push(format!("the account at {target} is deleted")),
        _ if !loses.is_empty() => parts.push(format!("loses {loses} at {target}")),
        _ => {}
    }
    parts.join(", ")
}

/// The verdict of a comparison that found nothing, where targets were not read.
pub(in crate::render) const NOTHING: &str = "No changes. Both sides imply the same.";
