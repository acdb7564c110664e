//! What is done, folded per target: removals and privileged groups first.

use crate::plan::{Action, Adoption, Change, MemberRef, Mode, Plan, TargetPlan, is_held};
use crate::render::comment::{Comment, Room, clip};
use crate::render::escape::{code, markdown as text, summary};
use crate::render::plan::short_path;
use crate::render::plan::values::sides;
use crate::render::view::markdown::{NAME, fold, key, member, who};
use crate::render::{action_word, attribute_reason, member_reason, reason_words};
use crate::wording::count;

/// Members of a change, and attributes, that are named.
const MEMBERS: usize = 25;
const ATTRIBUTES: usize = 25;
/// Characters of a reason.
const REASON: usize = 200;
/// What a fold costs besides its rows and the name.
const FRAME: usize = 200;

/// How much a change matters to a reviewer. The order is that of the page; what comes last is left out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::render) enum Weight {
    /// Something is taken away, or is privileged.
    Removes,
    /// Access is given to who is there.
    Gives,
    Creates,
    Adopts,
    /// Nothing but values.
    Changes,
    /// It is shown and not made: the target is read only, or its `actions` switch it off.
    NotMade,
}

impl Weight {
    pub(in crate::render) fn of(change: &Change) -> Self {
        let removes = !change.members.remove.is_empty();
        match change.action {
            Action::Delete | Action::Deactivate => Self::Removes,
            _ if change.privileged || removes => Self::Removes,
            Action::Reactivate => Self::Gives,
            Action::Create => Self::Creates,
            _ if !change.members.add.is_empty() => Self::Gives,
            // A role may come or go.
            _ if change.attributes.iter().any(|one| is_held(&one.path)) => Self::Gives,
            Action::Adopt | Action::Update | Action::Forget => Self::Changes,
        }
    }

    /// What is left out, in words.
    fn words(self, number: usize) -> String {
        let changes = count(number, "change");
        match self {
            Self::Removes => format!("{changes} that remove or are privileged"),
            Self::Gives => format!("{changes} that give access"),
            Self::Creates => count(number, "creation"),
            Self::Adopts => count(number, "adoption"),
            Self::Changes => format!("{changes} of values alone"),
            Self::NotMade => format!("{changes} shown and not made"),
        }
    }
}

/// One target's changes by weight.
pub(super) struct Details<'p> {
    target: &'p TargetPlan,
    changes: Vec<(Weight, &'p Change)>,
    rows: Vec<String>,
    not_made: Vec<String>,
    adopted: Vec<String>,
}

/// The changes of all targets.
pub(super) fn of(plan: &Plan) -> Vec<Details<'_>> {
    plan.targets.iter().map(Details::new).collect()
}

impl<'p> Details<'p> {
    fn new(target: &'p TargetPlan) -> Self {
        let made = target.changes.iter().map(|change| match target.mode {
            Mode::Sync => (Weight::of(change), change),
            Mode::ReadOnly | Mode::Disabled => (Weight::NotMade, change),
        });
        let mut changes: Vec<(Weight, &Change)> =
            made.chain(target.suppressed.iter().map(|change| (Weight::NotMade, change))).collect();
        let rank = |change: &Change| match change.action {
            Action::Delete => 0,
            Action::Deactivate => 1,
            _ if change.privileged => 2,
            _ => 3,
        };
        // Sorted before by kind, action and key; that holds within each rank.
        changes.sort_by_key(|(weight, change)| (*weight, rank(change)));
        Self { target, changes, rows: Vec::new(), not_made: Vec::new(), adopted: Vec::new() }
    }

    fn weighing(&self, weight: Weight) -> &[(Weight, &'p Change)] {
        let start = self.changes.partition_point(|(other, _)| *other < weight);
        let end = self.changes.partition_point(|(other, _)| *other <= weight);
        self.changes.get(start..end).unwrap_or_default()
    }

    /// Writes the folds.
    pub(super) fn write(&self, page: &mut String) {
        let name = summary(&clip(&self.target.name, NAME));
        let head = "| | who | what | why | where |\n|---|---|---|---|---|\n";
        let made = if self.target.is_written() { self.target.changes.len() } else { 0 };
        let what = format!("{name}: {}", shown(self.rows.len(), made, "change"));
        fold(page, &what, head, &self.rows);
        let all = self.weighing(Weight::NotMade).len();
        fold(page, &format!("{name}: {}, not made", shown(self.not_made.len(), all, "change")), head, &self.not_made);
        let adopted = self.target.adoptions.len();
        let what = format!("{name}: {adopted} adopted{}", part(self.adopted.len(), adopted));
        fold(page, &what, "| who | found by |\n|---|---|\n", &self.adopted);
    }
}

fn shown(rows: usize, all: usize, noun: &str) -> String {
    format!("{}{}", count(all, noun), part(rows, all))
}

fn part(rows: usize, all: usize) -> String {
    if rows == all { String::new() } else { format!(" ({rows} shown)") }
}

/// Makes the rows of a weight, as far as they fit, and says in words what does not.
pub(super) fn fit(all: &mut [Details<'_>], weight: Weight, comment: &Comment, room: &mut Room) -> Option<String> {
    let mut left_out = 0;
    for details in all {
        let fold = FRAME + summary(&clip(&details.target.name, NAME)).len();
        let (rows, number) = if weight == Weight::Adopts {
            let adoptions = &details.target.adoptions;
            (room.rows(fold, adoptions, adoption), adoptions.len())
        } else {
            let changes = details.weighing(weight);
            let frame = if details.rows.is_empty() || weight == Weight::NotMade { fold } else { 0 };
            (room.rows(frame, changes, |(_, change)| row(change, comment)), changes.len())
        };
        left_out += number - rows.len();
        match weight {
            Weight::Adopts => details.adopted = rows,
            Weight::NotMade => details.not_made = rows,
            _ => details.rows.extend(rows),
        }
    }
    (left_out > 0).then(|| weight.words(left_out))
}

fn adoption(adoption: &Adoption) -> String {
    let by = adoption.by.as_ref().map(|by| code(by)).unwrap_or_default();
    format!("| {} {} | {by} |", adoption.resource, who(&adoption.name, &adoption.key))
}

fn row(change: &Change, comment: &Comment) -> String {
    let removes = matches!(change.action, Action::Deactivate | Action::Delete);
    let action = action_word(change.action);
    let action = if removes { format!("**{action}**") } else { action.to_owned() };
    let privileged = if change.privileged { ", privileged" } else { "" };
    let because = if change.because.is_empty() {
        reason_words(change.reason).to_owned()
    } else {
        text(&clip(&change.because, REASON))
    };
    let adopted = if change.adopted && change.action != Action::Adopt { ", adopted" } else { "" };
    let origin = change.origin.as_ref().map(|origin| comment.line(origin)).unwrap_or_default();
    let who = who(&change.name, &change.key);
    let what = what(change, comment);
    format!("| {action} | {} {who}{privileged} | {what} | {because}{adopted} | {origin} |", change.resource)
}

fn what(change: &Change, comment: &Comment) -> String {
    let mut parts: Vec<String> = Vec::new();
    members(&change.members.remove, "−", change, comment, &mut parts);
    if change.action == Action::Create {
        parts.push(count(change.attributes.len(), "attribute"));
    } else {
        for attribute in change.attributes.iter().take(ATTRIBUTES) {
            let (before, after) = sides(attribute);
            let path = key(short_path(&attribute.path.to_string()));
            let why = attribute_reason(attribute);
            // What is said of the whole change need not be said again.
            let why = if attribute.reason == change.reason { String::new() } else { format!(" ({why})") };
            parts.push(format!("{path} {} → {}{why}", code(&before), code(&after)));
        }
        let more = change.attributes.len().saturating_sub(ATTRIBUTES);
        if more > 0 {
            parts.push(format!("and {}", count(more, "more attribute")));
        }
    }
    members(&change.members.add, "+", change, comment, &mut parts);
    parts.join("<br>")
}

fn members(members: &[MemberRef], sign: &str, change: &Change, comment: &Comment, parts: &mut Vec<String>) {
    let comes = sign == "+";
    let mut said = change.origin.as_ref();
    for one in members.iter().take(MEMBERS) {
        let why = one.reason.filter(|reason| change.action != Action::Create && *reason != change.reason);
        let why = why.map(|reason| format!(" ({})", member_reason(reason, comes))).unwrap_or_default();
        let origin = one.origin.as_ref().filter(|origin| said != Some(origin));
        said = origin.or(said);
        parts.push(format!("{sign} {}{why}{}", member(one), comment.at(origin)));
    }
    let more = members.len().saturating_sub(MEMBERS);
    if more > 0 {
        parts.push(format!("{sign} {}", count(more, "more member")));
    }
}
