//! The journal: one line before and one after each write, on disk before the run goes on. It names keys, ids, paths,
//! statuses and the ledger's keyed hashes, never a value and never what a server said.

mod line;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

pub use line::{Entry, FORMAT, Line, Opening};

use super::event::{Event, Observer};

/// Writes a journal of one apply at one target.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    opening: Opening,
    /// Bytes of whole lines.
    length: u64,
    /// Whether a part of a line may stand after them.
    torn: bool,
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
        Ok(Self { file, path, opening, length: 0, torn: false })
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
        let mut journal = Self { file, path: path.to_owned(), opening: Opening::default(), length, torn: false };
        journal.write(Entry::Recovered)
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

    /// Writes a line. Where that fails nothing of it stays: a later line must not be joined to a part of this one.
    fn write(&mut self, entry: Entry) -> io::Result<()> {
        let line = Line { time: jiff::Timestamp::now(), entry };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        if self.torn {
            self.file.set_len(self.length)?;
            self.torn = false;
        }
        // One write per line, so that a crash tears the last line at most.
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += text.len() as u64,
            Err(_) => self.torn = self.file.set_len(self.length).is_err(),
        }
        written
    }
}

impl Observer for Journal {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        line::entries(event, &self.opening).into_iter().try_for_each(|entry| self.write(entry))
    }
}

/// The whole lines of a journal. What comes after the last line feed was being written when the run was cut off; so
/// was a last line that is no JSON, since a power cut can leave a line's end and lose its beginning.
fn whole(text: &[u8]) -> &[u8] {
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
