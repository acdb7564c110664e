//! A report of access as Markdown, with lines for those who sign it.

use std::fmt::Write as _;

use super::{
    assigned_words, basis_words, grant_words, heading_words, kind_word, read_words, standing_word, state_words,
    status_words, summary_words,
};
use crate::access::{Account, Grant, Report, Status, TargetAccess};
use crate::render::escape::{code, markdown as text};
use crate::render::view::markdown::place;
use crate::wording::list;

/// A table for each target: one row per account and one per group, role or entitlement.
pub fn markdown(report: &Report) -> String {
    let mut page = String::from("# Access review\n\n");
    let _ = writeln!(page, "Access {}: {}.\n", text(&basis_words(report)), text(&heading_words(report)));
    if let Some(group) = &report.group {
        let _ = writeln!(page, "Narrowed to the group {}.\n", code(group));
    }
    if !report.only.is_empty() {
        let _ = writeln!(page, "Narrowed to {}.\n", list(report.only.iter().map(|key| code(key))));
    }
    for target in &report.targets {
        one(&mut page, target, report.live);
    }
    page.push_str("## Sign-off\n\n| reviewed by | date | decision |\n|---|---|---|\n|  |  |  |\n");
    page
}

fn one(page: &mut String, target: &TargetAccess, live: bool) {
    let _ = writeln!(page, "## {}\n\n{}.\n", text(&target.name), text(&summary_words(target, live)));
    if let Some(why) = &target.failed {
        let _ = writeln!(page, "**Could not be read**: {}\n", text(why));
    }
    if let Some(read) = &target.read {
        let _ = writeln!(page, "It was {}.\n", read_words(read));
        if let Some(why) = &read.incomplete_because {
            let _ = writeln!(page, "**Not everything was read**: {}\n", text(why));
        }
    }
    if target.accounts.is_empty() {
        return;
    }
    let (head, rule) = if live { (" there |", "---|") } else { ("", "") };
    let _ = writeln!(page, "| who | has | why | declared at | until |{head}\n|---|---|---|---|---|{rule}");
    for account in &target.accounts {
        account_row(page, account, live);
        for grant in &account.grants {
            grant_row(page, account, grant, live);
        }
    }
    page.push('\n');
}

fn who(account: &Account) -> String {
    match &account.key {
        Some(key) if *key == account.name => code(key),
        Some(key) => format!("{} ({})", text(&account.name), code(key)),
        None => text(&account.name),
    }
}

fn account_row(page: &mut String, account: &Account, live: bool) {
    let mut why: Vec<String> =
        assigned_words(account).iter().map(|(binding, why)| format!("{}: {}", code(binding), text(why))).collect();
    if account.key.is_none() {
        why.push("**nobody declared it**".to_owned());
    }
    why.extend(account.problem.as_ref().map(|problem| format!("**can't be planned**: {}", text(problem))));
    let places: Vec<String> = account.assigned.iter().map(|one| place(&one.why.place)).collect();
    let name = account.user_name.as_ref().map(|name| format!(" {}", code(name))).unwrap_or_default();
    let _ = write!(
        page,
        "| **{}** | account{name}, {} | {} | {} | {} |",
        who(account),
        text(&state_words(account)),
        why.join("<br>"),
        places.join("<br>"),
        account.until.map(|day| day.to_string()).unwrap_or_default()
    );
    let standing = account.standing.map(|standing| format!(", {}", standing_word(standing))).unwrap_or_default();
    status(page, account.status, &standing, live);
}

fn grant_row(page: &mut String, account: &Account, grant: &Grant, live: bool) {
    let until = grant.why.as_ref().and_then(|why| why.until);
    let _ = write!(
        page,
        "| {} | {} {} | {} | {} | {} |",
        who(account),
        kind_word(grant.kind),
        text(&grant.name),
        text(&grant_words(grant)),
        grant.why.as_ref().map(|why| place(&why.place)).unwrap_or_default(),
        until.map(|day| day.to_string()).unwrap_or_default()
    );
    status(page, grant.status, "", live);
}

fn status(page: &mut String, status: Option<Status>, more: &str, live: bool) {
    if live {
        let words = status.map(status_words).unwrap_or_default();
        let stress = status.is_some_and(|status| status.is_difference() || status == Status::Undeclared);
        let _ = if stress { write!(page, " **{words}**{more} |") } else { write!(page, " {words}{more} |") };
    }
    page.push('\n');
}
