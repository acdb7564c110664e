//! A row for each target.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::plan::{Action, LimitUse, Mode, Plan, TargetPlan};
use crate::render::action_word;
use crate::render::view::markdown;
use crate::wording::count;

/// Targets without anything to say that have a row of their own.
const QUIET: usize = 20;

/// The table, no longer than `most` bytes. Of very many targets, those where nothing happens share a row.
pub(super) fn table(plan: &Plan, most: usize) -> String {
    let targets = &plan.targets;
    let used: BTreeSet<Action> = targets.iter().flat_map(|target| target.summary.actions.keys().copied()).collect();
    let mut table = String::from("| target |");
    for action in &used {
        let _ = write!(table, " {} |", action_word(*action));
    }
    table.push_str(" limits used | active users | unchanged | left alone |\n|---|");
    table.push_str(&"---:|".repeat(used.len()));
    table.push_str("---|---|---:|---:|\n");
    let quiet = targets.iter().filter(|target| is_quiet(target)).count();
    let mut left_out = (0_u64, 0_u64);
    for target in targets {
        if is_quiet(target) && quiet > QUIET {
            left_out.0 += 1;
            continue;
        }
        let row = row(target, &used);
        if left_out.1 > 0 || table.len() + row.len() > most {
            left_out.1 += 1;
        } else {
            table.push_str(&row);
        }
    }
    let blank = " |".repeat(used.len() + 4);
    if left_out.1 > 0 {
        let _ = writeln!(table, "| {} |{blank}", count(left_out.1, "more target"));
    }
    if left_out.0 > 0 {
        let _ = writeln!(table, "| {} without changes |{blank}", count(left_out.0, "more target"));
    }
    table.push('\n');
    table
}

fn is_quiet(target: &TargetPlan) -> bool {
    target.changes.is_empty()
        && target.failed.is_none()
        && target.errors.is_empty()
        && target.violations.is_empty()
        && (target.read.complete || target.mode == Mode::Disabled)
}

fn row(target: &TargetPlan, used: &BTreeSet<Action>) -> String {
    let mut row = format!("| {} |", name(target));
    let looked_at = target.failed.is_none() && target.mode != Mode::Disabled;
    for action in used {
        let number = target.summary.actions.get(action).copied().unwrap_or(0);
        let removes = matches!(action, Action::Deactivate | Action::Delete);
        let _ = match number {
            0 => write!(row, " – |"),
            number if removes => write!(row, " **{number}** |"),
            number => write!(row, " {number} |"),
        };
    }
    let limits: Vec<String> = target.limits.iter().map(limit).collect();
    let limits = if limits.is_empty() { "–".to_owned() } else { limits.join("<br>") };
    let kept = &target.summary;
    let alone = match kept.protected {
        0 => kept.unmanaged.to_string(),
        protected => format!("{}, {protected} protected", kept.unmanaged),
    };
    if looked_at {
        let _ = writeln!(row, " {limits} | {} | {} | {alone} |", heads(target), kept.unchanged);
    } else {
        row.push_str(" – | – | – | – |\n");
    }
    row
}

/// The name, and whatever makes the row less than the whole truth.
fn name(target: &TargetPlan) -> String {
    let name = markdown::name(&target.name);
    if target.failed.is_some() {
        return format!("{name}: **could not be read**");
    }
    let mut marks = Vec::new();
    match target.mode {
        Mode::ReadOnly => marks.push("read only, nothing is written"),
        Mode::Disabled => marks.push("disabled"),
        Mode::Sync => {}
    }
    if target.violations.iter().any(|violation| !violation.warn) {
        marks.push("**refused**");
    }
    if !target.read.complete && target.mode != Mode::Disabled {
        marks.push("**read in part**");
    }
    if marks.is_empty() { name } else { format!("{name}: {}", marks.join(", ")) }
}

/// "64 → 61", or one number where it stays so.
fn heads(target: &TargetPlan) -> String {
    let Some(heads) = &target.heads else { return "–".to_owned() };
    let (shown, all) = match heads.active {
        Some(active) => (active, ""),
        None => (heads.users, " accounts"),
    };
    if shown.before == shown.after {
        format!("{}{all}", shown.before)
    } else {
        format!("{} → {}{all}", shown.before, shown.after)
    }
}

/// "removals 3 of 10 (4 % of 64)".
fn limit(limit: &LimitUse) -> String {
    let what = match limit.class.as_str() {
        "memberRemovals" => "members taken out",
        other => other,
    };
    let group = limit.group.as_ref().map(|group| format!(" of {}", markdown::key(group))).unwrap_or_default();
    let most = limit.count.map(|most| format!(" of {most}")).unwrap_or_default();
    let mut share =
        limit.share().filter(|_| limit.used > limit.free).map(|share| format!("{} % of {}", rounded(share), limit.of));
    if let (Some(percent), true) = (limit.percent, limit.used > limit.free) {
        let share = share.get_or_insert_with(String::new);
        let comma = if share.is_empty() { "" } else { ", " };
        let _ = write!(share, "{comma}limit {} %", rounded(percent));
    }
    let share = share.map(|share| format!(" ({share})")).unwrap_or_default();
    let used = format!("{what}{group} {}{most}{share}", limit.used);
    match (limit.tripped, limit.confirmed) {
        (true, true) => format!("{used}, over the limit and confirmed"),
        (true, false) => format!("**{used}: over the limit**"),
        (false, _) => used,
    }
}

/// A share as people write it: 4, 0.4.
pub(in crate::render) fn rounded(share: f64) -> String {
    let text = if share < 10.0 { format!("{share:.1}") } else { format!("{share:.0}") };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
