//! Takes the locks of targets, waiting for them where that was asked for.

use std::time::{Duration, Instant};

use super::{Failure, Listener};
use crate::ledger::{LedgerError, Lock, Store};
use crate::render::escape::terminal;

/// Between two tries: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// The locks of these targets, all at once, or within `patience`. Who holds one is said once. Time is measured by a clock
/// that never jumps.
///
/// # Errors
/// Where one stays taken, or can't be asked for.
pub fn take(listener: &dyn Listener, store: &Store, targets: &[String], patience: Duration) -> Result<Lock, Failure> {
    let begun = Instant::now();
    let (mut pause, longest) = PAUSES;
    let mut told = false;
    loop {
        let error = match store.lock(targets, jiff::Timestamp::now()) {
            Ok(lock) => return Ok(lock),
            Err(error) => error,
        };
        let left = patience.saturating_sub(begun.elapsed());
        let LedgerError::Locked { target, holder, now, .. } = &error else {
            return Err(Failure::new(error.to_string()));
        };
        if left.is_zero() {
            return Err(Failure::new(error.to_string()));
        }
        if !told {
            let holder = holder.as_ref().map_or_else(|| "another run".to_owned(), |holder| holder.describe(*now));
            listener.say(&format!(
                "waiting up to {} for the lock of `{}`, held by {holder}",
                span(patience),
                terminal(target)
            ));
            told = true;
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(longest);
    }
}

fn span(patience: Duration) -> String {
    let seconds = patience.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
