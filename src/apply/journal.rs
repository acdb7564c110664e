//! The journal: one line before and one after each write, on disk before the run goes on. It names keys, ids, paths
//! and statuses, never a value and never what a server said.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::event::{Event, Failure, FailureCode, Noted, Observer, SkipCode, Subject};

/// The format's name.
pub const FORMAT: &str = "scimform.journal/v1";

/// Writes a journal of one apply at one target.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When, UTC.
    pub time: jiff::Timestamp,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Entry {
    /// The first line.
    Started {
        /// `scimform.journal/v1`.
        format: String,
        /// The target.
        target: String,
        /// Changes to apply.
        changes: u64,
        /// Requests to send.
        steps: u64,
    },
    /// A request is about to be sent.
    Sending {
        /// Its place in the schedule.
        step: usize,
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The method.
        method: String,
        /// The server's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Attributes that are written.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        paths: Vec<String>,
        /// Members that come.
        #[serde(default)]
        add: usize,
        /// Members that go.
        #[serde(default)]
        remove: usize,
    },
    /// The request was answered and checked.
    Done {
        /// Its place in the schedule.
        step: usize,
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The server's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The HTTP status.
        status: u16,
        /// What it means for the ledger.
        #[serde(default)]
        ledger: Noted,
    },
    /// The request failed.
    Failed {
        /// Its place in the schedule; none for a single member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<usize>,
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// How.
        code: FailureCode,
        /// The HTTP status.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// The server's id, where the resource was written all the same and is managed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        managed: Option<String>,
    },
    /// Something that was there already is managed from now on.
    Adopted {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The server's id.
        id: String,
    },
    /// The target stored a form of its own.
    Normalised {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// The target said yes and did not do it.
    NotConverged {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// Written; the target can't say whether it took.
    Unchecked {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// The attribute.
        path: String,
    },
    /// A step was left.
    Skipped {
        /// About what.
        #[serde(flatten)]
        subject: Subject,
        /// Why.
        code: SkipCode,
    },
    /// All of a change is done.
    Changed {
        /// What.
        #[serde(flatten)]
        subject: Subject,
    },
    /// The last line of a run that was not cut off.
    Finished {
        /// Requests sent.
        requests: u64,
        /// Changes left undone.
        not_run: u64,
    },
    /// The last line of a run that was cut off, written by a later one: what it did stands in the ledger.
    Recovered,
}

impl Journal {
    /// Opens a new journal `<time>-<target>.jsonl` in the directory of journals, which is made if it is missing.
    pub fn create(dir: &Path, target: &str, now: jiff::Timestamp) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
        let target: String = target.chars().map(safe).collect();
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
        Ok(Self { file, path })
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

    /// Notes in a journal that what it tells now stands in the ledger. A line that was cut off is taken away.
    pub fn mark_recovered(path: &Path) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64)?;
        file.seek(SeekFrom::End(0))?;
        Self { file, path: path.to_owned() }.write(Entry::Recovered)
    }

    /// Reads a journal. A last line that was cut off is left out; any other line that can't be read is an error.
    pub fn read(path: &Path) -> io::Result<Vec<Line>> {
        let text = fs::read(path)?;
        // What comes after the last line feed was being written when the run was cut off.
        let whole = text.iter().rposition(|byte| *byte == b'\n').and_then(|end| text.get(..end)).unwrap_or_default();
        whole
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)))
            .collect()
    }

    fn write(&mut self, entry: Entry) -> io::Result<()> {
        let line = Line { time: jiff::Timestamp::now(), entry };
        let mut text = serde_json::to_vec(&line)?;
        text.push(b'\n');
        // One write per line, so that a crash tears the last line at most.
        self.file.write_all(&text)?;
        self.file.sync_data()
    }
}

impl Observer for Journal {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.write(entry(event))
    }
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
    let entry = serde_json::from_slice(last).map(|line: Line| line.entry);
    Ok(matches!(entry, Ok(Entry::Finished { .. } | Entry::Recovered)))
}

fn entry(event: &Event) -> Entry {
    match event.clone() {
        Event::Started { target, changes, steps } => {
            Entry::Started { format: FORMAT.to_owned(), target, changes, steps }
        }
        Event::StepStarted(sending) => Entry::Sending {
            step: sending.step,
            subject: sending.subject,
            method: sending.method.to_owned(),
            id: sending.id,
            paths: sending.paths,
            add: sending.add,
            remove: sending.remove,
        },
        Event::StepDone { step, subject, id, status, ledger } => Entry::Done { step, subject, id, status, ledger },
        Event::StepFailed { step, failure, managed } => failed(Some(step), failure, managed),
        Event::MemberFailed(failure) => failed(None, failure, None),
        Event::Adopted { subject, id } => Entry::Adopted { subject, id },
        Event::Normalised { subject, path } => Entry::Normalised { subject, path },
        Event::NotConverged { subject, path } => Entry::NotConverged { subject, path },
        Event::Unchecked { subject, path } => Entry::Unchecked { subject, path },
        Event::Skipped { subject, code, .. } => Entry::Skipped { subject, code },
        Event::ChangeDone { subject } => Entry::Changed { subject },
        Event::Finished { requests, not_run, .. } => Entry::Finished { requests, not_run },
    }
}

fn failed(step: Option<usize>, failure: Failure, managed: Option<String>) -> Entry {
    Entry::Failed { step, subject: failure.subject, code: failure.code, status: failure.status, managed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Action;
    use crate::scim::ResourceKind;

    fn subject() -> Subject {
        Subject { resource: ResourceKind::User, key: "ada".into(), action: Action::Create }
    }

    fn journal(dir: &Path) -> Journal {
        Journal::create(dir, "a/../b", "2026-12-01T10:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn lines_are_there_at_once_and_a_torn_one_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = journal(dir.path());
        assert!(first.path().ends_with("20261201T100000Z-a____b.jsonl"), "{:?}", first.path());
        assert_ne!(journal(dir.path()).path(), first.path());
        first.event(&Event::Started { target: "t".into(), changes: 1, steps: 1 }).unwrap();
        first
            .event(&Event::StepDone {
                step: 0,
                subject: subject(),
                id: Some("1".into()),
                status: 201,
                ledger: Noted::Managed,
            })
            .unwrap();
        let lines = Journal::read(first.path()).unwrap();
        assert_eq!(lines.len(), 2);
        first.file.write_all(b"{\"time\":\"2026").unwrap();
        assert_eq!(Journal::read(first.path()).unwrap(), lines);
        first.file.write_all(b"\n").unwrap();
        first.event(&Event::ChangeDone { subject: subject() }).unwrap();
        assert!(Journal::read(first.path()).is_err(), "damage in the middle is no torn end");
    }

    #[test]
    fn unfinished_ones_are_found_until_they_are_taken_in() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Journal::unfinished(&dir.path().join("none")).unwrap().is_empty());
        let mut ended = journal(dir.path());
        let mut cut = journal(dir.path());
        let done =
            Event::StepDone { step: 0, subject: subject(), id: Some("1".into()), status: 201, ledger: Noted::Managed };
        for journal in [&mut ended, &mut cut] {
            journal.event(&Event::Started { target: "t".into(), changes: 1, steps: 1 }).unwrap();
            (0..50).for_each(|_| journal.event(&done).unwrap());
        }
        ended.event(&Event::Finished { requests: 1, milliseconds: 1, stopped: None, not_run: 0 }).unwrap();
        cut.file.write_all(b"{\"time\":\"2026").unwrap();
        assert_eq!(Journal::unfinished(dir.path()).unwrap(), [cut.path()]);
        let before = Journal::read(cut.path()).unwrap();
        Journal::mark_recovered(cut.path()).unwrap();
        assert!(Journal::unfinished(dir.path()).unwrap().is_empty());
        let after = Journal::read(cut.path()).unwrap();
        assert_eq!((&after[..51], &after[51].entry), (&before[..], &Entry::Recovered));
    }

    #[test]
    fn what_a_server_said_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = journal(dir.path());
        let failure = Failure {
            subject: subject(),
            at: Some("emails".into()),
            code: FailureCode::Request,
            message: "ada@acme.example is taken".into(),
            hint: None,
            status: Some(400),
        };
        journal.event(&Event::StepFailed { step: 3, failure, managed: None }).unwrap();
        let text = fs::read_to_string(journal.path()).unwrap();
        assert!(!text.contains("acme.example") && text.contains("\"request\"") && text.contains("400"), "{text}");
    }
}
