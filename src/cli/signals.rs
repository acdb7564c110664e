//! Ctrl-C, the end that a CI system or a container asks for (SIGTERM), and a closed terminal (SIGHUP).
//!
//! Whoever holds the ledger's lock must not just vanish: a lock in git or in an object store outlives the process.

use std::sync::mpsc;

use super::error::CommandError;

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
