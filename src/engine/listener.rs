//! Who hears what goes on while the engine works. The command line prints it; a test may ignore it.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use crate::apply::{Event, Observer};
use crate::plan::{Redaction, Redactor};
use crate::target::Reader;

/// Work that is under way.
pub type Work<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// Hears what goes on.
pub trait Listener: Sync {
    /// Something worth knowing that is no part of the result.
    fn say(&self, text: &str);

    /// What is withheld from all that is said.
    fn redaction(&self) -> Redaction;

    /// Does work that reads a target, and may show how far it is.
    fn reading<'a>(&'a self, target: &'a str, reader: &'a Reader, work: Work<'a>) -> Work<'a>;

    /// Does work that writes to a target, and may show how far it is.
    fn applying<'a>(&'a self, target: &'a str, reader: &'a Reader, sent: &'a Sent, work: Work<'a>) -> Work<'a>;

    /// Watches what is written to a target.
    fn watch(&self, target: &str, redactor: &Redactor) -> Box<dyn Observer>;
}

/// Requests that were sent, and how many there are to send.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<Mutex<(u64, u64)>>);

impl Sent {
    /// How many were sent, of how many.
    pub fn get(&self) -> (u64, u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Sent {
    fn event(&mut self, event: &Event) -> std::io::Result<()> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Started { steps, .. } => counts.1 = *steps,
            Event::StepDone { .. } | Event::StepFailed { .. } => counts.0 += 1,
            _ => {}
        }
        Ok(())
    }
}
