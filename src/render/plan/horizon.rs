//! What time alone will change, and against which files a plan was held.

use crate::plan::{AccountChange, Action, Base, HorizonEvent};

/// Events shown before the rest is folded.
pub(super) const EVENTS: usize = 30;

/// What an event means for a person, in words: "gains an account and engineering: begins 2027-02-01". Names pass through
/// `escape`.
pub(super) fn what(event: &HorizonEvent, escape: impl Fn(&str) -> String) -> String {
    let mut parts = Vec::new();
    match (event.account, event.action) {
        (Some(AccountChange::Gained), Some(Action::Reactivate)) => parts.push("gets the account back".to_owned()),
        (Some(AccountChange::Gained), _) => parts.push("gains an account".to_owned()),
        (Some(AccountChange::Lost), _) => parts.push("loses the account".to_owned()),
        (None, Some(Action::Delete)) => parts.push("has the account deleted".to_owned()),
        (None, _) => {}
    }
    for (groups, verb) in [(&event.gains, "gains"), (&event.loses, "loses")] {
        if !groups.is_empty() {
            let names: Vec<String> = groups.iter().map(|group| escape(group)).collect();
            parts.push(format!("{verb} {}", names.join(", ")));
        }
    }
    let what = parts.join(", ");
    match (what.is_empty(), event.because.is_empty()) {
        (_, true) => what,
        (true, false) => escape(&event.because),
        (false, false) => format!("{what} ({})", escape(&event.because)),
    }
}

/// The two sides of an offline comparison: "`origin/main` (4f5d7a0c1b2e) and the files here".
pub(super) fn sides(base: &Base, escape: impl Fn(&str) -> String) -> String {
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let before = match &base.revision {
        Some(commit) => format!("{} ({})", escape(&base.name), short(commit)),
        None => format!("{} (no files yet)", escape(&base.name)),
    };
    let after = base.head.as_deref().map_or_else(|| "the files here".to_owned(), short);
    format!("{before} and {after}")
}
