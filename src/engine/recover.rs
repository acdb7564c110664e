//! Opens the ledger together with what a run that was cut off left in its journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Failure, Listener};
use crate::apply::{Journal, JournalLine, Recovered, recover};
use crate::ledger::{LedgerError, Pending, Store, TargetLedger};
use crate::plan::Redaction;
use crate::render::escape::terminal;
use crate::repo;
use crate::scim::ResourceKind;
use crate::wording::{count, few, list, quoted};

/// Keys that are named one by one.
const MOST_NAMED: usize = 20;

/// Ledgers by target.
pub type Ledgers = BTreeMap<String, TargetLedger>;

/// The ledgers of these targets, or new ones, with all that unfinished journals tell. Nothing is written.
///
/// # Errors
/// Where a ledger or a journal can't be read.
pub fn load(listener: &dyn Listener, store: &Store, targets: &[String]) -> Result<Ledgers, Failure> {
    let journals = unfinished(store, targets)?;
    let running: Vec<&Unfinished> = journals.iter().filter(|journal| journal.running).collect();
    let ledgers = read(listener, store, targets, &journals)?;
    for journal in &running {
        let began = journal.lines.first().map(|line| format!(" since {}", moment(line.time))).unwrap_or_default();
        listener.say(&format!(
            "an apply is running{began} ({}): what it has done so far is taken in, and what follows is not",
            journal.path.display()
        ));
    }
    if running.is_empty() {
        interrupted_creates(listener, &ledgers);
    }
    Ok(ledgers)
}

/// The same, saved, and the journals marked as taken in. The locks of the targets must be held.
///
/// # Errors
/// Where a ledger or a journal can't be read or written, or another apply of a target is running.
pub fn load_and_keep(listener: &dyn Listener, store: &Store, targets: &[String]) -> Result<Ledgers, Failure> {
    let failed = |error: LedgerError| Failure::new(error.to_string());
    let journals = unfinished(store, targets)?;
    if let Some(journal) = journals.iter().find(|journal| journal.running) {
        let message = format!("another apply is still running: it writes {}", journal.path.display());
        return Err(Failure::new(message)
            .hint("Wait for it to end, or stop it. Its lock was freed too early (`scimform ledger unlock`)."));
    }
    store.take_over_former().map_err(failed)?;
    let ledgers = read(listener, store, targets, &journals)?;
    for (target, ledger) in &ledgers {
        store.savable(target, ledger).map_err(failed)?;
        if journals.iter().any(|journal| &journal.target == target) {
            store.save(target, ledger).map_err(failed)?;
        }
    }
    // Only after the save: a journal that is taken in twice does no harm, one that is lost does.
    for Unfinished { path, .. } in journals {
        Journal::mark_recovered(&path)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    interrupted_creates(listener, &ledgers);
    Ok(ledgers)
}

/// A journal that does not end with its run.
struct Unfinished {
    path: PathBuf,
    /// Blank where not even that was written.
    target: String,
    lines: Vec<JournalLine>,
    /// Whether its run goes on.
    running: bool,
}

/// The unfinished journals of some targets by name. There is more than one of a target only where files were copied: each apply takes in
/// what it finds before it begins one of its own. So it does no harm that a clock may jump, and names with it.
fn unfinished(store: &Store, targets: &[String]) -> Result<Vec<Unfinished>, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(format!("cannot read the journal {}: {error}", path.display())).hint(
            "It tells what an apply that was cut off did. Mend it, or move it away to do without: what that apply made is \
             then matched and adopted like anything else that is there already.",
        )
    };
    let folder = store.journals();
    let paths = Journal::unfinished(&folder).map_err(|error| failed(&folder, error))?;
    paths
        .into_iter()
        .map(|path| {
            // Whoever may change files could else write into the ledger, past its seal.
            if repo::is_committed(&path) {
                let message = format!("the journal {} is under version control, so it is not believed", path.display());
                return Err(Failure::new(message)
                    .hint("A journal belongs to the machine that wrote it. Take it out of git, and keep it ignored."));
            }
            let running = Journal::is_running(&path).map_err(|error| failed(&path, error))?;
            let lines = Journal::read(&path).map_err(|error| failed(&path, error))?;
            let target = lines.iter().find_map(JournalLine::target).unwrap_or_default().to_owned();
            Ok(Unfinished { path, target, lines, running })
        })
        // Others may be written just now by a run at other targets, and so may one without a line.
        .filter(|journal| {
            journal
                .as_ref()
                .map_or(true, |one| targets.contains(&one.target) || (one.target.is_empty() && !one.running))
        })
        // A run may have come to its end just now.
        .filter(|journal| !journal.as_ref().is_ok_and(|journal| journal.lines.last().is_some_and(JournalLine::ends)))
        .collect()
}

/// Whether a journal of any earlier apply lies there.
fn ran_before(folder: &Path) -> bool {
    let is_journal = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "jsonl");
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(is_journal)))
}

fn read(
    listener: &dyn Listener,
    store: &Store,
    targets: &[String],
    journals: &[Unfinished],
) -> Result<Ledgers, Failure> {
    let failed = |error: LedgerError| Failure::new(error.to_string());
    let mut ledgers = store.load(targets.iter().map(String::as_str)).map_err(failed)?;
    let lost = || Ok(ran_before(&store.journals()) && store.targets().map_err(failed)?.is_empty());
    if ledgers.is_empty() && journals.is_empty() && lost()? {
        listener.say(&format!(
            "there is no ledger at {}, although an apply ran here: it was lost. Whoever is declared is matched and \
             adopted again; who is no longer declared stays, and cannot be told from a stranger",
            store.place()
        ));
    }
    if ledgers.values().any(|ledger| ledger.sealed) && !store.has_key() {
        listener.say("the ledger is sealed, and SCIMFORM_LEDGER_KEY is not set: its seal was not checked");
    }
    // One salt for all as far as can be, since pseudonyms hang on it.
    let salt = ledgers.values().next().map(|ledger| ledger.salt.clone());
    let new = TargetLedger { salt: salt.unwrap_or_else(|| store.new_ledger().salt), ..TargetLedger::default() };
    for target in targets {
        ledgers.entry(target.clone()).or_insert_with(|| new.clone());
    }
    for journal in journals {
        if let Some(ledger) = ledgers.get_mut(&journal.target)
            && let Some(recovered) = recover(ledger, &journal.lines)
            && !journal.running
        {
            listener.say(&told(&recovered));
        }
    }
    Ok(ledgers)
}

/// What happened to a run that was cut off.
fn told(recovered: &Recovered) -> String {
    let began = recovered.began.map(|began| format!(" of {}", moment(began))).unwrap_or_default();
    let by = if recovered.by.is_empty() { String::new() } else { format!(" by {}", terminal(&recovered.by)) };
    let taken = match recovered.changed {
        0 => "all that it did stands in the ledger".to_owned(),
        changed => format!("{} taken from its journal", count(changed, "resource")),
    };
    format!(
        "an earlier apply{began}{by} ended early at `{}`, after {} of {}: {taken}",
        terminal(&recovered.target),
        recovered.ended,
        count(recovered.steps, "request")
    )
}

fn moment(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Names what may be there without an entry.
fn interrupted_creates(listener: &dyn Listener, ledgers: &Ledgers) {
    for (target, entries) in ledgers.iter().filter(|(_, entries)| !entries.pending.is_empty()) {
        let mut named: BTreeMap<ResourceKind, Vec<&Pending>> = BTreeMap::new();
        for one in &entries.pending {
            named.entry(one.resource).or_default().push(one);
        }
        let parts = named.into_iter().map(|(kind, all)| match listener.redaction() {
            Redaction::Names => count(all.len(), kind.name()),
            Redaction::None | Redaction::Values => listed(kind, &all),
        });
        listener.say(&format!(
            "it is not known whether an earlier apply created these at `{}`: {}. They are looked up before anything is created",
            terminal(target),
            list(parts)
        ));
    }
}

fn listed(kind: ResourceKind, all: &[&Pending]) -> String {
    let word = if all.len() == 1 { kind.to_string() } else { format!("{kind}s") };
    format!("{word} {}", few(all.iter().map(|one| quoted(terminal(&one.key))), MOST_NAMED))
}
