//! Group commit: a thread that writes and syncs together the lines that came while it wrote and synced others.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use tokio::sync::watch;

/// Whole lines at the end of a file, and what may stand after them.
#[derive(Debug)]
pub(super) struct Tail {
    file: File,
    /// Bytes of whole lines.
    length: u64,
    /// Whether a part of a line may stand after them.
    torn: bool,
}

impl Tail {
    /// The end of a file that has so many bytes of whole lines.
    pub(super) const fn new(file: File, length: u64) -> Self {
        Self { file, length, torn: false }
    }

    /// Writes lines. Where that fails nothing of them stays: a later line must not be joined to a part of these.
    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.torn {
            self.file.set_len(self.length)?;
            self.torn = false;
        }
        // One write, so that a crash tears the last line at most.
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.length += lines.len() as u64,
            Err(_) => self.torn = self.file.set_len(self.length).is_err(),
        }
        written
    }
}

/// How far a writer is.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Lines that were written, or could not be.
    lines: u64,
    /// Why some could not be.
    error: Option<String>,
}

impl Progress {
    fn result(&self) -> io::Result<()> {
        self.error.as_ref().map_or(Ok(()), |why| Err(io::Error::other(why.clone())))
    }
}

/// Hands lines to the thread that writes them; dropping it waits for the last of them.
#[derive(Debug)]
pub(super) struct Writer {
    lines: Option<Sender<Vec<u8>>>,
    sent: u64,
    progress: watch::Receiver<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn new(tail: Tail) -> io::Result<Self> {
        let (lines, waiting) = mpsc::channel();
        let (tell, progress) = watch::channel(Progress::default());
        let work = move || write_groups(tail, &waiting, &tell);
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(work)?;
        Ok(Self { lines: Some(lines), sent: 0, progress, thread: Some(thread) })
    }

    /// Hands over a line. The error is that of any line before it.
    pub(super) fn send(&mut self, line: Vec<u8>) -> io::Result<()> {
        let sent = self.lines.as_ref().is_some_and(|lines| lines.send(line).is_ok());
        self.sent += u64::from(sent);
        self.progress.borrow().result()?;
        if sent { Ok(()) } else { Err(ended()) }
    }

    pub(super) fn durable(&self) -> Durable {
        Durable { progress: self.progress.clone(), lines: self.sent }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.lines = None;
        // A thread that panicked has told what it could not write.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn write_groups(mut tail: Tail, waiting: &Receiver<Vec<u8>>, tell: &watch::Sender<Progress>) {
    while let Ok(mut group) = waiting.recv() {
        let mut lines = 1;
        while let Ok(line) = waiting.try_recv() {
            group.extend(line);
            lines += 1;
        }
        let written = tail.write(&group);
        tell.send_modify(|progress| {
            progress.lines += lines;
            if let Err(error) = written {
                progress.error.get_or_insert_with(|| error.to_string());
            }
        });
    }
}

fn ended() -> io::Error {
    io::Error::other("the thread that writes it has ended")
}

/// Lines of a journal that may not be on disk yet.
#[derive(Clone, Debug)]
pub struct Durable {
    progress: watch::Receiver<Progress>,
    lines: u64,
}

impl Durable {
    /// Waits until the lines are on disk.
    ///
    /// # Errors
    /// Where they, or any before them, could not be written.
    pub async fn wait(mut self) -> io::Result<()> {
        let progress = self.progress.wait_for(|progress| progress.lines >= self.lines).await;
        progress.map_err(|_| ended())?.result()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};

    use super::*;

    #[test]
    fn lines_that_could_not_be_written_leave_nothing_to_join_the_next_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.jsonl");
        let open = || OpenOptions::new().append(true).create(true).open(&path).unwrap();
        let mut tail = Tail::new(open(), 0);
        tail.write(b"one\n").unwrap();
        // A file that is only read stands for a full disk; a part of a line was written.
        tail.file = File::open(&path).unwrap();
        open().write_all(b"tw").unwrap();
        tail.write(b"two\n").unwrap_err();
        tail.write(b"two\n").unwrap_err();
        tail.file = open();
        tail.write(b"three\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\nthree\n");
    }

    #[tokio::test]
    async fn all_that_was_sent_is_on_disk_once_the_writer_is_gone_and_a_failure_is_told_to_who_waits() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.jsonl");
        let mut writer = Writer::new(Tail::new(File::create(&path).unwrap(), 0)).unwrap();
        (0..100).for_each(|_| writer.send(b"line\n".to_vec()).unwrap());
        drop(writer);
        assert_eq!(fs::read(&path).unwrap().len(), 500);
        let mut writer = Writer::new(Tail::new(File::open(&path).unwrap(), 500)).unwrap();
        writer.send(b"line\n".to_vec()).unwrap();
        writer.durable().wait().await.unwrap_err();
        writer.send(b"line\n".to_vec()).unwrap_err();
    }
}
