//! A report of access as a spreadsheet (RFC 4180, UTF-8): one row per account and one per group, role or entitlement.

use std::borrow::Cow;

use super::{assigned_words, grant_words, kind_word, standing_word};
use crate::access::{Account, Grant, Place, Report, Status, TargetAccess};
use crate::render::escape::terminal;

/// The columns; they only grow, at the end.
pub const HEADER: [&str; 18] = [
    "target",
    "key",
    "name",
    "userName",
    "account",
    "kind",
    "access",
    "accessKey",
    "binding",
    "reason",
    "chain",
    "rule",
    "file",
    "line",
    "since",
    "until",
    "status",
    "standing",
];

/// The report as CSV.
///
/// # Errors
/// None but those of writing to memory.
pub fn csv(report: &Report) -> Result<String, ::csv::Error> {
    let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for target in &report.targets {
        for account in &target.accounts {
            writer.write_record(account_row(target, account).iter().map(|cell| safe(cell).into_owned()))?;
            for grant in &account.grants {
                writer.write_record(grant_row(target, account, grant).iter().map(|cell| safe(cell).into_owned()))?;
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell that no spreadsheet takes for a formula: what begins with one of `= + - @`, a tab or a carriage return gets an
/// apostrophe in front. Control and direction characters are written out.
fn safe(text: &str) -> Cow<'_, str> {
    let formula = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r']);
    let shown = terminal(text);
    if formula { Cow::Owned(format!("'{shown}")) } else { Cow::Owned(shown) }
}

fn account_row(target: &TargetAccess, account: &Account) -> [String; 18] {
    let (bindings, reasons): (Vec<String>, Vec<String>) = assigned_words(account).into_iter().unzip();
    let first = account.assigned.first();
    let (file, line) = first.map(|one| place(&one.why.place)).unwrap_or_default();
    let mut row = row(target, account);
    "account".clone_into(&mut row[5]);
    row[6].clone_from(&target.name);
    row[8] = bindings.join("; ");
    row[9] = if account.key.is_none() { "nobody declared it".to_owned() } else { reasons.join("; ") };
    row[10] = first.map(|one| chain(&one.why)).unwrap_or_default();
    row[11] = first.and_then(|one| one.why.rule.clone()).unwrap_or_default();
    (row[12], row[13]) = (file, line);
    row[15] = account.until.map(|day| day.to_string()).unwrap_or_default();
    row[16] = status(account.status);
    row
}

fn grant_row(target: &TargetAccess, account: &Account, grant: &Grant) -> [String; 18] {
    let (file, line) = grant.why.as_ref().map(|why| place(&why.place)).unwrap_or_default();
    let mut row = row(target, account);
    kind_word(grant.kind).clone_into(&mut row[5]);
    row[6].clone_from(&grant.name);
    row[7] = grant.key.clone().unwrap_or_default();
    row[9] = grant_words(grant);
    row[10] = grant.why.as_ref().map(chain).unwrap_or_default();
    row[11] = grant.why.as_ref().and_then(|why| why.rule.clone()).unwrap_or_default();
    (row[12], row[13]) = (file, line);
    let own = grant.why.as_ref().and_then(|why| why.until);
    let last = [own, account.until].into_iter().flatten().min();
    row[15] = last.map(|day| day.to_string()).unwrap_or_default();
    row[16] = status(grant.status);
    row
}

/// What every row of an account says.
fn row(target: &TargetAccess, account: &Account) -> [String; 18] {
    let mut row: [String; 18] = Default::default();
    row[0].clone_from(&target.name);
    row[1] = account.key.clone().unwrap_or_default();
    row[2].clone_from(&account.name);
    row[3] = account.user_name.clone().unwrap_or_default();
    if account.active { "active" } else { "inactive" }.clone_into(&mut row[4]);
    row[14] = account.since.map(|day| day.to_string()).unwrap_or_default();
    account.standing.map(standing_word).unwrap_or_default().clone_into(&mut row[17]);
    row
}

fn chain(why: &crate::access::Why) -> String {
    why.chain.iter().map(|link| link.group.as_str()).collect::<Vec<_>>().join(" > ")
}

fn place(place: &Place) -> (String, String) {
    if place.file.is_empty() { Default::default() } else { (place.file.clone(), place.line.to_string()) }
}

/// The published word, which is stable.
fn status(status: Option<Status>) -> String {
    let word = match status {
        None => "",
        Some(Status::Present) => "present",
        Some(Status::Differs) => "differs",
        Some(Status::Inactive) => "inactive",
        Some(Status::StillActive) => "still-active",
        Some(Status::Missing) => "missing",
        Some(Status::Absent) => "absent",
        Some(Status::Undeclared) => "undeclared",
        Some(Status::Unknown) => "unknown",
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "  =1"] {
            assert!(safe(text).starts_with('\''), "{text:?}");
        }
        assert_eq!(safe("Ada = Lovelace"), "Ada = Lovelace");
        assert_eq!(safe("O'Hara\n=x"), "O'Hara\\n=x");
    }
}
