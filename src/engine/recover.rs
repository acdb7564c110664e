//! Opens the ledger together with what a run that was cut off left in its journal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Failure, Listener};
use crate::apply::{Journal, JournalLine, Recovered, recover};
use crate::ledger::{Ledger, Pending, Store};
use crate::plan::Redaction;
use crate::render::escape::terminal;
use crate::repo;
use crate::scim::ResourceKind;
use crate::wording::{count, few, list, quoted};

/// Keys that are named one by one.
const MOST_NAMED: usize = 20;

/// The ledger, or a new one, with all that unfinished journals tell. Nothing is written.
///
/// # Errors
/// Where the ledger or a journal can't be read.
pub fn load(listener: &dyn Listener, store: &Store) -> Result<Ledger, Failure> {
    let journals = unfinished(store)?;
    let running: Vec<&Unfinished> = journals.iter().filter(|journal| journal.running).collect();
    let ledger = read(listener, store, &journals)?;
    for journal in &running {
        let began = journal.lines.first().map(|line| format!(" since {}", moment(line.time))).unwrap_or_default();
        listener.say(&format!(
            "an apply is running{began} ({}): what it has done so far is taken in, and what follows is not",
            journal.path.display()
        ));
    }
    if running.is_empty() {
        interrupted_creates(listener, &ledger);
    }
    Ok(ledger)
}

/// The same, saved, and the journals marked as taken in. The lock must be held.
///
/// # Errors
/// Where the ledger or a journal can't be read or written, or another apply is running.
pub fn load_and_keep(listener: &dyn Listener, store: &Store) -> Result<Ledger, Failure> {
    let journals = unfinished(store)?;
    if let Some(journal) = journals.iter().find(|journal| journal.running) {
        let message = format!("another apply is still running: it writes {}", journal.path.display());
        return Err(Failure::new(message)
            .hint("Wait for it to end, or stop it. Its lock was freed too early (`scimform ledger unlock`)."));
    }
    let ledger = read(listener, store, &journals)?;
    store.savable(&ledger).map_err(|error| Failure::new(error.to_string()))?;
    if !journals.is_empty() {
        store.save(&ledger).map_err(|error| Failure::new(error.to_string()))?;
    }
    // Only after the save: a journal that is taken in twice does no harm, one that is lost does.
    for Unfinished { path, .. } in journals {
        Journal::mark_recovered(&path)
            .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?;
    }
    interrupted_creates(listener, &ledger);
    Ok(ledger)
}

/// A journal that does not end with its run.
struct Unfinished {
    path: PathBuf,
    lines: Vec<JournalLine>,
    /// Whether its run goes on.
    running: bool,
}

/// The unfinished journals by name. There is more than one of a target only where files were copied: each apply takes in
/// what it finds before it begins one of its own. So it does no harm that a clock may jump, and names with it.
fn unfinished(store: &Store) -> Result<Vec<Unfinished>, Failure> {
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
            Ok(Unfinished { path, lines, running })
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

fn read(listener: &dyn Listener, store: &Store, journals: &[Unfinished]) -> Result<Ledger, Failure> {
    let found = store.load().map_err(|error| Failure::new(error.to_string()))?;
    if found.is_none() && journals.is_empty() && ran_before(&store.journals()) {
        listener.say(&format!(
            "there is no ledger at {}, although an apply ran here: it was lost. Whoever is declared is matched and \
             adopted again; who is no longer declared stays, and cannot be told from a stranger",
            store.place()
        ));
    }
    let mut ledger = found.unwrap_or_else(|| store.new_ledger());
    if ledger.seal.is_some() && !store.has_key() {
        listener.say("the ledger is sealed, and SCIMFORM_LEDGER_KEY is not set: its seal was not checked");
    }
    for journal in journals {
        if let Some(recovered) = recover(&mut ledger, &journal.lines)
            && !journal.running
        {
            listener.say(&told(&recovered));
        }
    }
    Ok(ledger)
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
fn interrupted_creates(listener: &dyn Listener, ledger: &Ledger) {
    for (target, entries) in ledger.targets.iter().filter(|(_, entries)| !entries.pending.is_empty()) {
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
