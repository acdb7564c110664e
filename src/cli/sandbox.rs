//! `sandbox`: runs the embedded SCIM server until it is stopped.

use std::str::FromStr as _;

use super::args::SandboxOptions;
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::survey::runtime;
use crate::profile;
use crate::sandbox::{Fault, Faults, Options, Sandbox, Store};

pub(super) fn run(context: &Context, options: &SandboxOptions) -> Outcome {
    let profile = match &options.profile {
        None => None,
        Some(name) => Some(profile::builtin(name).ok_or_else(|| {
            let known: Vec<&str> = profile::names().collect();
            CommandError::usage(format!("there is no profile `{name}`"))
                .hint(format!("There are {}.", known.join(", ")))
        })?),
    };
    if options.token.is_none() && !options.listen.ip().is_loopback() {
        return Err(CommandError::usage("a sandbox that others can reach needs a token").hint("Give `--token`."));
    }
    let mut faults = Vec::new();
    for text in &options.faults {
        faults.push(Fault::from_str(text).map_err(|error| CommandError::usage(format!("`--fault {text}`: {error}")))?);
    }
    let store = match &options.store {
        Some(file) => Store::File(context.directory.join(file)),
        None => Store::Memory,
    };
    let options = Options {
        listen: options.listen,
        store,
        token: options.token.clone().map(Into::into),
        profile,
        faults: Faults::new(faults, 0),
        ..Options::default()
    };
    runtime()?.block_on(async {
        let server = Sandbox::start(options).await.map_err(|error| CommandError::new(error.to_string()))?;
        context.print(&format!("{}\n", server.base_url))?;
        context.say("The sandbox runs until you press Ctrl-C.");
        asked_to_stop().await.map_err(|error| CommandError::new(error.to_string()))?;
        server.shutdown().await;
        Ok(Exit::Done)
    })
}

/// Waits for Ctrl-C, or for the signal by which service managers and containers stop a program.
#[cfg(unix)]
async fn asked_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed,
        _ = terminated.recv() => Ok(()),
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
async fn asked_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
