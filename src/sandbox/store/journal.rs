//! The durable side of the store: a thread that writes batches of changes to the file, several requests' batches in one
//! transaction, so that many writers share one wait for the disk.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::record::Joined;
use crate::scim::ResourceKind;

const FORMAT: TableDefinition<&str, u64> = TableDefinition::new("format");
const RESOURCES: TableDefinition<(u8, &str), &[u8]> = TableDefinition::new("resources");
const MEMBERS: TableDefinition<(&str, &str), (u64, u8, Option<&str>)> = TableDefinition::new("members");
const RESERVED: TableDefinition<&str, ()> = TableDefinition::new("reserved");

/// The layout that this code reads and writes.
const VERSION: u64 = 1;

/// How many requests' changes go into one transaction at most.
const BATCHES: usize = 1000;

/// One change of the file.
#[derive(Debug)]
pub(super) enum Change {
    /// A resource's new bytes.
    Put(ResourceKind, Arc<str>, Vec<u8>),
    /// A resource is gone.
    Remove(ResourceKind, Arc<str>),
    /// A member joined a group, at this place.
    Join(Arc<str>, Joined, u64),
    /// A member left a group.
    Leave(Arc<str>, Arc<str>),
    /// A name can never be used again.
    Reserve(String),
}

/// What a file held when it was opened.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// Kind, id, bytes.
    pub(super) resources: Vec<(ResourceKind, String, Vec<u8>)>,
    /// Group, member, place.
    pub(super) members: Vec<(String, Joined, u64)>,
    /// Names that can't be used again.
    pub(super) reserved: Vec<String>,
}

/// Handle of the writing thread.
#[derive(Debug)]
pub(super) struct Journal {
    sender: Option<Sender<Vec<Change>>>,
    submitted: u64,
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

/// How far the thread is.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Progress {
    state: Mutex<(u64, Option<String>)>,
    moved: Condvar,
}

impl Progress {
    /// Waits until a batch is on disk; the error is what the store said.
    pub(in crate::sandbox) fn wait(&self, ticket: u64) -> Result<(), String> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(failure) = &state.1 {
                return Err(failure.clone());
            }
            if state.0 >= ticket {
                return Ok(());
            }
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn advance(&self, batches: u64, failure: Option<String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += batches;
        state.1 = failure;
        drop(state);
        self.moved.notify_all();
    }
}

impl Journal {
    /// Opens or makes a file, and says what it holds.
    pub(super) fn open(path: &Path) -> Result<(Self, Contents), Box<redb::Error>> {
        let database = Database::create(path).map_err(|error| Box::new(error.into()))?;
        let contents = prepare(&database).map_err(Box::new)?;
        let (sender, receiver) = channel();
        let progress = Arc::new(Progress::default());
        let shared = Arc::clone(&progress);
        let thread = std::thread::Builder::new()
            .name("sandbox-store".to_owned())
            .spawn(move || run(&database, &receiver, &shared))
            .map_err(|error| Box::new(redb::Error::Io(error)))?;
        Ok((Self { sender: Some(sender), submitted: 0, progress, thread: Some(thread) }, contents))
    }

    /// Hands over a batch; the number to wait for.
    pub(super) fn submit(&mut self, batch: Vec<Change>) -> u64 {
        self.submitted += 1;
        if let Some(sender) = &self.sender
            && sender.send(batch).is_err()
        {
            self.progress.advance(0, Some("the store's thread has ended".to_owned()));
        }
        self.submitted
    }

    /// What to wait on.
    pub(super) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl Drop for Journal {
    /// Writes what is left and closes the file.
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A panic in there was reported to whoever waited.
            let _ = thread.join();
        }
    }
}

fn run(database: &Database, receiver: &Receiver<Vec<Change>>, progress: &Progress) {
    while let Ok(first) = receiver.recv() {
        let mut batches = vec![first];
        while batches.len() < BATCHES
            && let Ok(next) = receiver.try_recv()
        {
            batches.push(next);
        }
        let count = batches.len() as u64;
        match write(database, batches) {
            Ok(()) => progress.advance(count, None),
            Err(error) => {
                // What is in memory is ahead of the file for good: every later write must fail as well.
                progress.advance(0, Some(error.to_string()));
                return;
            }
        }
    }
}

fn write(database: &Database, batches: Vec<Vec<Change>>) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut resources = transaction.open_table(RESOURCES)?;
        let mut members = transaction.open_table(MEMBERS)?;
        let mut reserved = transaction.open_table(RESERVED)?;
        for change in batches.into_iter().flatten() {
            match change {
                Change::Put(kind, id, bytes) => {
                    resources.insert((code(kind), &*id), bytes.as_slice())?;
                }
                Change::Remove(kind, id) => {
                    resources.remove((code(kind), &*id))?;
                }
                Change::Join(group, member, order) => {
                    let value = (order, code(member.kind), member.display.as_deref());
                    members.insert((&*group, &*member.id), value)?;
                }
                Change::Leave(group, member) => {
                    members.remove((&*group, &*member))?;
                }
                Change::Reserve(name) => {
                    reserved.insert(name.as_str(), ())?;
                }
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Makes the tables of a new file, and reads those of an old one.
fn prepare(database: &Database) -> Result<Contents, redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut format = transaction.open_table(FORMAT)?;
        let known = format.get("version")?.map(|version| version.value());
        match known {
            None => {
                format.insert("version", VERSION)?;
            }
            Some(VERSION) => {}
            Some(other) => {
                return Err(redb::Error::Corrupted(format!("it has version {other}, this program writes {VERSION}")));
            }
        }
        transaction.open_table(RESOURCES)?;
        transaction.open_table(MEMBERS)?;
        transaction.open_table(RESERVED)?;
    }
    transaction.commit()?;
    read(database)
}

fn read(database: &Database) -> Result<Contents, redb::Error> {
    let transaction = database.begin_read()?;
    let mut contents = Contents::default();
    for row in transaction.open_table(RESOURCES)?.iter()? {
        let (key, value) = row?;
        let (kind, id) = key.value();
        contents.resources.push((decode(kind), id.to_owned(), value.value().to_vec()));
    }
    for row in transaction.open_table(MEMBERS)?.iter()? {
        let (key, value) = row?;
        let ((group, id), (order, kind, display)) = (key.value(), value.value());
        let member = Joined { id: id.into(), kind: decode(kind), display: display.map(Arc::from) };
        contents.members.push((group.to_owned(), member, order));
    }
    for row in transaction.open_table(RESERVED)?.iter()? {
        contents.reserved.push(row?.0.value().to_owned());
    }
    Ok(contents)
}

fn code(kind: ResourceKind) -> u8 {
    match kind {
        ResourceKind::User => 0,
        ResourceKind::Group => 1,
    }
}

fn decode(code: u8) -> ResourceKind {
    if code == 0 { ResourceKind::User } else { ResourceKind::Group }
}
