//! The journal: one line before and one after each write. It names keys, ids, paths, statuses and the ledger's keyed
//! hashes, never a value and never what a server said.
//!
//! Lines are written by a thread of the journal's own: those that wait while others are being synced are written and
//! synced together. Whoever needs a line on disk, such as the request that it announces, waits for it by
//! [`Observer::durable`].

mod line;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

pub use line::{Entry, FORMAT, Line, Opening};
pub use writer::Durable;

use super::event::{Event, Observer};
use writer::{Tail, Writer};

/// Writes a journal of one apply at one target.
#[derive(Debug)]
pub struct Journal {
    writer: Writer,
    path: PathBuf,
    opening: Opening,
}

impl Journal {
    /// Opens a new journal `<time>-<target>.jsonl` in the directory of journals, which is made if it is missing. It is
    /// locked as long as this process lives, so that others can tell a run that goes on from one that was cut off.
    pub fn create(dir: &Path, opening: Opening, now: jiff::Timestamp) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
        let target: String = opening.target.chars().map(safe).collect();
        let time = now.strftime("%Y%m%dT%H%M%SZ");
        let mut path = dir.join(format!("{time}-{target}.jsonl"));
        let mut again = 1;
        let file = loop {
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && again < 1000 => {
                    again += 1;
                    path = dir.join(format!("{time}-{target}-{again}.jsonl"));
                }
                other => break other?,
            }
        };
        // Not every file system can lock; then a run that goes on looks like one that was cut off.
        let _ = file.try_lock();
        // A file that no directory names after a power cut tells nothing.
        sync_dir(dir)?;
        dir.parent().map_or(Ok(()), sync_dir)?;
        Ok(Self { writer: Writer::new(Tail::new(file, 0))?, path, opening })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journals in a directory that neither end with their run nor were taken into a ledger since, by name.
    /// Only their ends are read.
    pub fn unfinished(dir: &Path) -> io::Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "jsonl") && !has_ended(&path)? {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }

    /// Whether the run that writes a journal goes on, on this machine.
    pub fn is_running(path: &Path) -> io::Result<bool> {
        match File::open(path)?.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Ok(true),
            // Where nothing can be locked, nothing is known to run.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(false),
        }
    }

    /// Notes in a journal that what it tells now stands in the ledger. A line that was cut off is taken away.
    pub fn mark_recovered(path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let length = whole(&text).len() as u64;
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Tail::new(file, length).write(&text_of(Entry::Recovered)?)
    }

    /// Reads a journal. A last line that was cut off is left out; any other line that can't be read is an error.
    pub fn read(path: &Path) -> io::Result<Vec<Line>> {
        let damaged = |line: usize, why: String| {
            io::Error::new(io::ErrorKind::InvalidData, format!("line {line} can't be read: {why}"))
        };
        let text = fs::read(path)?;
        let lines = whole(&text).split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        let lines: Vec<Line> = lines
            .map(|(at, line)| serde_json::from_slice(line).map_err(|error| damaged(at + 1, error.to_string())))
            .collect::<io::Result<_>>()?;
        match lines.first().map(|line| &line.entry) {
            Some(Entry::Started { format, .. }) if format != FORMAT => {
                Err(damaged(1, format!("it has the format `{}`, not `{FORMAT}`", format.escape_debug())))
            }
            _ => Ok(lines),
        }
    }
}

/// A line as it stands in the file.
fn text_of(entry: Entry) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(&Line { time: jiff::Timestamp::now(), entry })?;
    text.push(b'\n');
    Ok(text)
}

impl Observer for Journal {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        let entries = line::entries(event, &self.opening);
        entries.into_iter().try_for_each(|entry| self.writer.send(text_of(entry)?))
    }

    fn durable(&self) -> Option<Durable> {
        Some(self.writer.durable())
    }
}

/// The whole lines of a journal. What comes after the last line feed was being written when the run was cut off; so
/// was a last line that is no JSON, since a power cut can leave a line's end and lose its beginning. A block that was
/// never written reads as zeros: it and all after it belong to lines that were not yet synced.
fn whole(text: &[u8]) -> &[u8] {
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let Some(end) = text.iter().rposition(|byte| *byte == b'\n') else { return &[] };
    let (lines, _) = text.split_at(end + 1);
    let before = text.get(..end).unwrap_or_default();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let last = before.get(start..).unwrap_or_default();
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(last).is_ok();
    if is_json || last.is_empty() { lines } else { lines.get(..start).unwrap_or_default() }
}

/// Makes a new name in a directory durable; only needed and only possible where directories can be opened.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// Whether the last whole line says that nothing is to be taken from the journal any more.
fn has_ended(path: &Path) -> io::Result<bool> {
    /// Longer than any last line.
    const END: u64 = 1024;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    let Some(whole) = end.strip_suffix(b"\n") else { return Ok(false) };
    let last = whole.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(serde_json::from_slice(last).is_ok_and(|line: Line| line.ends()))
}
