//! The durable side of the store: a file of JSON Lines, one line for the changes of one call, written before it is answered.
//! It only grows; who deletes it starts afresh.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::MemberChange;
use super::record::{Joined, Record, Stored};
use crate::scim::ResourceKind;

/// The first line, which names the format and its version.
const HEADER: &str = "\"scimform sandbox 1\"\n";

/// One change of the store.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Change {
    /// A version of a resource, and who leaves and joins it.
    Put { kind: ResourceKind, id: String, stored: Stored, leave: Vec<String>, join: Vec<Joined> },
    /// A resource is gone.
    Remove(ResourceKind, String),
    /// A name can never be used again.
    Reserve(String),
}

impl Change {
    /// That a version of a resource is put.
    pub(super) fn put(kind: ResourceKind, record: &Record, members: &MemberChange) -> Self {
        let leave = members.leave.iter().map(ToString::to_string).collect();
        Self::Put { kind, id: record.id.to_string(), stored: record.into(), leave, join: members.join.clone() }
    }
}

/// The open file. Nobody else can open it meanwhile.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    /// Why a write failed. Memory is ahead of the file from then on, so nothing more is written.
    pub(super) failure: Option<String>,
}

impl Journal {
    /// Opens or makes a file, and says what it holds, oldest first.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Change>), Error> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Error::new(ErrorKind::WouldBlock, "another server has it open"),
            TryLockError::Error(error) => error,
        })?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        // What was cut off while it was written was never answered.
        let mut whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if whole == 0 && HEADER.as_bytes().starts_with(&bytes) {
            file.set_len(0)?;
            file.write_all(HEADER.as_bytes())?;
            bytes = HEADER.into();
            whole = bytes.len();
        }
        let lines = bytes.get(..whole).and_then(|lines| lines.strip_prefix(HEADER.as_bytes()));
        let lines = lines.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidData,
                "it holds something else, or another version wrote it; name another file",
            )
        })?;
        let mut changes = Vec::new();
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            changes.extend(serde_json::from_slice::<Vec<Change>>(line)?);
        }
        file.set_len(whole as u64)?;
        Ok((Self { file, failure: None }, changes))
    }

    /// Writes the changes of one call: after a crash, all of them are there or none.
    pub(super) fn write(&mut self, changes: &[Change]) {
        if self.failure.is_none() && !changes.is_empty() {
            self.failure = self.append(changes).err().map(|error| error.to_string());
        }
    }

    fn append(&mut self, changes: &[Change]) -> Result<(), Error> {
        let mut line = serde_json::to_vec(changes)?;
        line.push(b'\n');
        self.file.write_all(&line)
    }
}

impl Drop for Journal {
    /// Releases the lock at once: a child that is just being started may hold a copy of the descriptor for a while.
    fn drop(&mut self) {
        // Closing the file releases it as well.
        let _ = self.file.unlock();
    }
}
