//! Keeps what is of this machine alone out of the repository's history.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use crate::ledger::LedgerError;

/// Nothing in the folder is for others.
const ALL: &str = "# Made by scimform: what lies here is of this machine alone.\n*\n";
/// The ledger may be committed on purpose.
const BUT_THE_LEDGER: &str = "# Made by scimform. The ledger may be committed; the rest is of this machine alone.\n\
    /journal/\n/undo/\n/sandbox/\n/ledger/*/lock\n/ledger/*/lock.json\n/ledger/*/saving\n/ledger/*/.ledger-*.tmp\n";

/// Makes the folder with a `.gitignore`, unless it has one.
pub(super) fn keep(folder: &Path, all: bool) -> Result<(), LedgerError> {
    let path = folder.join(".gitignore");
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(if all { ALL } else { BUT_THE_LEDGER }.as_bytes()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    };
    write().map_err(|source| LedgerError::Io { what: "write", path: path.clone(), source })
}
