//! The durable side of the store: a file of JSON Lines, one line for the changes of one call, written before it is answered.

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
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if text.is_empty() {
            text.push_str(HEADER);
            file.write_all(text.as_bytes())?;
        }
        let rest =
            text.strip_prefix(HEADER).ok_or_else(|| Error::new(ErrorKind::InvalidData, "it holds something else"))?;
        // A line that was cut off was never answered.
        let whole = rest.rfind('\n').map_or(0, |end| end + 1);
        let mut changes = Vec::new();
        for line in rest.get(..whole).unwrap_or_default().lines() {
            changes.extend(serde_json::from_str::<Vec<Change>>(line)?);
        }
        file.set_len((HEADER.len() + whole) as u64)?;
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
    /// Gives the file free at once. A child that is being started elsewhere in the process may hold its descriptor for a while.
    fn drop(&mut self) {
        // Closing the file gives it free as well.
        let _ = self.file.unlock();
    }
}
