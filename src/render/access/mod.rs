//! Who has access to what and why: for people (terminal, Markdown), spreadsheets (CSV) and machines (JSON).

mod csv;
mod human;
mod markdown;

pub use csv::{HEADER, csv};
pub use human::human;
pub use markdown::markdown;

use crate::access::{Account, Cause, Grant, GrantKind, Read, Report, Standing, Status, TargetAccess, Why};
use crate::wording::{count, some};

/// Why someone is given an account or is in a group, as a short phrase. For a group at the target, the chain begins with
/// that group itself, which `own` says.
pub fn why_words(why: &Why, own: bool) -> String {
    let names: Vec<&str> = why.chain.iter().skip(usize::from(own)).map(|link| link.name.as_str()).collect();
    let through = names.join(" › ");
    let rule = why.rule.as_deref().unwrap_or_default();
    match (why.cause, names.is_empty()) {
        (Cause::Listed, _) => "named in `assign.users`".to_owned(),
        (Cause::BindingRule, _) => format!("matches `assign.where`: {rule}"),
        (Cause::Member, true) => "named as a member".to_owned(),
        (Cause::Member, false) if own => format!("member of {through}, nested in it"),
        (Cause::Member, false) => format!("member of {through}"),
        (Cause::GroupRule, true) => format!("matches its rule: {rule}"),
        (Cause::GroupRule, false) => format!("matches the rule of {through}: {rule}"),
        (Cause::Mapping, _) => "given by the mapping".to_owned(),
    }
}

/// Why an account is there, a phrase for each binding that gives it: the binding's name and the reason.
pub fn assigned_words(account: &Account) -> Vec<(String, String)> {
    let each = account.assigned.iter().map(|one| {
        let narrowed = one.narrowed_by.as_ref().map(|rule| format!(", and matches {}", rule.text)).unwrap_or_default();
        (one.binding.clone(), why_words(&one.why, false) + &narrowed)
    });
    each.collect()
}

/// Why something is held: in words, or that nobody declared it.
pub fn grant_words(grant: &Grant) -> String {
    grant
        .why
        .as_ref()
        .map_or_else(|| "nobody declared it".to_owned(), |why| why_words(why, grant.kind == GrantKind::Group))
}

/// The kind as a word.
pub const fn kind_word(kind: GrantKind) -> &'static str {
    match kind {
        GrantKind::Group => "group",
        GrantKind::Role => "role",
        GrantKind::Entitlement => "entitlement",
    }
}

/// What a target says, as a short phrase.
pub const fn status_words(status: Status) -> &'static str {
    match status {
        Status::Present => "present",
        Status::Differs => "differs",
        Status::Inactive => "inactive there",
        Status::StillActive => "still active there",
        Status::Missing => "missing",
        Status::Absent => "not there, as declared",
        Status::Undeclared => "undeclared",
        Status::Unknown => "not known",
    }
}

/// What an account that nobody declared is to us, as a word.
pub const fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Unmanaged => "unmanaged",
        Standing::Protected => "protected",
        Standing::Managed => "managed",
    }
}

/// What stands in the way of access, or its days: `active`, `inactive: ended 2026-06-30`.
pub fn state_words(account: &Account) -> String {
    match &account.inactive_because {
        None => "active".to_owned(),
        Some(why) => format!("inactive: {why}"),
    }
}

/// Counts of a target in words.
pub fn summary_words(target: &TargetAccess, live: bool) -> String {
    let summary = &target.summary;
    let grants = if summary.grants == 1 { "membership or role" } else { "memberships and roles" };
    let seen = live && target.failed.is_none();
    let differing = match summary.differing {
        0 if summary.unknown > 0 => "none seen to differ".to_owned(),
        0 => "all there as declared".to_owned(),
        number => format!("{number} not as declared"),
    };
    some([
        (true, format!("{} with access", count(summary.active, "person"))),
        (summary.inactive > 0, format!("{} without", summary.inactive)),
        (summary.grants > 0, format!("{} {grants}", summary.grants)),
        (seen, differing),
        (seen && summary.unknown > 0, format!("{} not known", summary.unknown)),
        (seen, format!("{} undeclared", summary.undeclared)),
    ])
}

/// What was read, in words.
fn read_words(read: &Read) -> String {
    format!(
        "read {} and {} in {}",
        count(read.users, "user"),
        count(read.groups, "group"),
        count(read.requests, "request")
    )
}

/// What the report is and is not, in words.
pub fn basis_words(report: &Report) -> String {
    let what = if report.live {
        "as declared in the repository, held against what the targets answered"
    } else {
        "as declared in the repository; the targets were not asked"
    };
    let sandbox = if report.sandbox { " (embedded sandbox)" } else { "" };
    format!("{what}{sandbox}")
}

/// Where the report comes from: day, revision, tool.
pub fn heading_words(report: &Report) -> String {
    let revision = report.revision.as_deref().map_or_else(
        || "no git revision".to_owned(),
        |revision| format!("revision {}", revision.get(..12).unwrap_or(revision)),
    );
    format!("as of {}, {revision}, made {} by {}", report.as_of, report.created_at, report.tool)
}
