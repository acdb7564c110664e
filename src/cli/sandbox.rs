//! `sandbox`: runs the embedded SCIM server until it is stopped.

use std::str::FromStr as _;
use std::sync::Arc;

use super::args::SandboxOptions;
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::load::load_valid;
use super::signals::{asked_to_end, runtime};
use crate::profile::{self, Profile};
use crate::repo;
use crate::sandbox::{Fault, Faults, Options, Sandbox, Store};

/// A profile that comes with scimform, or one that the repository around us declares.
fn named(context: &Context, name: &str) -> Result<Arc<Profile>, CommandError> {
    if let Some(profile) = profile::builtin(name) {
        return Ok(profile);
    }
    let mut known: Vec<String> = profile::names().map(str::to_owned).collect();
    if repo::find_root(&context.directory).is_some() {
        let (_, directory) = load_valid(context)?;
        if let Some(profile) = directory.profiles.get(name) {
            return Ok(profile.clone());
        }
        known.extend(directory.profiles.into_keys());
    }
    let error = CommandError::usage(format!("there is no profile `{name}`"));
    Err(error.hint(format!("There are {}.", known.join(", "))))
}

pub(super) fn run(context: &Context, options: &SandboxOptions) -> Outcome {
    let profile = match &options.profile {
        None => None,
        Some(name) => Some(named(context, name)?),
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
        asked_to_end().await.map_err(|error| CommandError::new(error.to_string()))?;
        server.shutdown().await;
        Ok(Exit::Done)
    })
}
