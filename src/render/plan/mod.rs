//! A plan for people (terminal, Markdown) and machines (JSON).

pub(in crate::render) mod human;
pub(in crate::render) mod markdown;
pub(in crate::render) mod outlook;
pub(in crate::render) mod rehearsal;
pub(in crate::render) mod values;

pub(super) use human::short_path;
pub use human::{brief, human};
pub use markdown::{DIFF_MARKER, MARKER, markdown};
pub(super) use values::shown;

use crate::plan::{Action, TargetPlan};

use super::action_word;
use crate::wording::{count, some};

/// "2 to create, 1 to deactivate", or `None` where nothing is to be done.
fn totals<'a>(targets: impl IntoIterator<Item = &'a TargetPlan>) -> Option<String> {
    let mut sums: std::collections::BTreeMap<Action, u64> = std::collections::BTreeMap::new();
    for target in targets {
        for (action, number) in &target.summary.actions {
            *sums.entry(*action).or_default() += number;
        }
    }
    let parts =
        some(sums.into_iter().map(|(action, number)| (number > 0, format!("{number} to {}", action_word(action)))));
    (!parts.is_empty()).then_some(parts)
}

/// What was read, in words: "64 users and 21 groups".
pub(in crate::render) fn read_words(target: &TargetPlan) -> String {
    match (target.read.users, target.read.groups) {
        (users, 0) => count(users, "user"),
        (users, groups) => format!("{} and {}", count(users, "user"), count(groups, "group")),
    }
}
