//! Shows a long result page by page.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::terminal;

/// Shows a text in the person's pager; `false` where there is none or it can't be started, and nothing was shown. Who quits
/// early has read enough. Only the environment says which program that is.
pub(super) fn paged(text: &str) -> bool {
    let Some(pager) = terminal::pager() else { return false };
    // Ctrl-C is the pager's, which would else go on without us.
    let Ok(_runtime) = deaf() else { return false };
    let Ok(mut child) = command(&pager).stdin(Stdio::piped()).spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // A pipe that closes early is a reader who has seen enough.
        let _ = input.write_all(text.as_bytes());
    }
    // What the shell answers where it can't find or run the program.
    !matches!(child.wait().map(|status| status.code()), Err(_) | Ok(Some(126 | 127)))
}

/// The pager with options that show colours and leave the text on the screen, unless the person has some of their own.
fn command(pager: &str) -> Command {
    let mut command = if cfg!(windows) {
        let mut words = pager.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("more"));
        command.args(words);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", pager]);
        command
    };
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command
}

/// Takes Ctrl-C from the system and does nothing about it, until the program ends.
fn deaf() -> std::io::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Asked for once, the signal no longer ends the program.
        tokio::select! {
            biased;
            ended = tokio::signal::ctrl_c() => ended,
            () = std::future::ready(()) => Ok(()),
        }
    })?;
    Ok(runtime)
}
