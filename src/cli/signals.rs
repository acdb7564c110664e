//! Ctrl-C, the end that a CI system or a container asks for (SIGTERM), and a closed terminal (SIGHUP).
//!
//! Whoever holds the ledger's lock must not just vanish: a lock in git or in an object store outlives the process.

use std::io::Write as _;
use std::sync::mpsc;

use super::context::Context;
use super::error::CommandError;
use crate::apply::Cancel;

/// Waits until the end is asked for.
#[cfg(unix)]
pub(super) async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut term, mut hangup) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::select! {
        ended = tokio::signal::ctrl_c() => ended,
        _ = term.recv() => Ok(()),
        _ = hangup.recv() => Ok(()),
    }
}

/// Waits until the end is asked for.
#[cfg(not(unix))]
pub(super) async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// What a future gives, unless the end is asked for before; then it is dropped where it is.
pub(super) async fn unless_ended<T>(future: impl Future<Output = T>) -> Result<T, CommandError> {
    tokio::select! {
        done = future => Ok(done),
        Ok(()) = asked_to_end() => Err(CommandError::interrupted()),
    }
}

/// The same for what waits in a thread of its own, as a question at the terminal does.
pub(super) fn blocking_unless_ended<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CommandError> {
    let (done, first) = mpsc::channel();
    let asked = done.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if runtime.is_ok_and(|runtime| runtime.block_on(asked_to_end()).is_ok()) {
            let _ = asked.send(None);
        }
    });
    std::thread::spawn(move || done.send(Some(work())));
    first.recv().ok().flatten().ok_or_else(CommandError::interrupted)
}

/// Asks an apply to end once the end is asked for: what is in flight is finished, the rest is left.
pub(super) fn cancel(context: &Context) -> Cancel {
    let cancel = Cancel::default();
    let (asked, terminal, bars) = (cancel.clone(), context.err.terminal, context.bars.clone());
    tokio::spawn(async move {
        if asked_to_end().await.is_ok() {
            asked.cancel();
            if terminal {
                bars.suspend(|| {
                    let _ = writeln!(std::io::stderr().lock(), "\nstopping: what is in flight is finished first");
                });
            }
        }
    });
    cancel
}

/// The runtime of one command.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, CommandError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::new(format!("cannot start: {error}")))
}
