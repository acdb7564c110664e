//! What the environment allows: to which hosts credentials may go, and where secrets may be looked for. No file of the
//! repository has a say in it.

use std::path::PathBuf;

use super::Failure;
use crate::directory::{LedgerLocation, Mode, Target};
use crate::render::escape::terminal;
use crate::source::{SourceMap, Span};
use crate::target::{Denied, Elsewhere, Pins, Sources};

/// Hosts that may be sent credentials.
const HOSTS: &str = "SCIMFORM_ALLOWED_HOSTS";
/// Files, and folders of files, that secrets may be read from.
const FILES: &str = "SCIMFORM_ALLOWED_FILES";
/// Whether commands may be run for secrets.
const COMMANDS: &str = "SCIMFORM_ALLOW_COMMANDS";

/// Where the ledger has to be.
const LEDGER: &str = "SCIMFORM_LEDGER_LOCATION";

/// What the environment allows.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    pub(super) pins: Pins,
    pub(super) sources: Sources,
    /// What makes the pins hold, in words.
    why: &'static str,
}

/// Whether this is a run without a person beside it.
pub fn in_ci() -> bool {
    variable("CI").is_some_and(|value| is_yes(&value))
}

fn is_yes(value: &str) -> bool {
    !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "false")
}

/// A variable that is set to something.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.trim().is_empty()).then_some(value)
}

/// Refuses a ledger that is not where the environment says. One that somebody else keeps would name other people's
/// accounts.
///
/// # Errors
/// Where they differ.
pub fn check_ledger(declared: &LedgerLocation) -> Result<(), Failure> {
    let Some(pinned) = variable(LEDGER) else { return Ok(()) };
    let written = match declared {
        LedgerLocation::Directory(folder) => folder.clone(),
        LedgerLocation::GitRef { reference, remote } => format!("{remote}:{reference}"),
        LedgerLocation::Url(url) => url.clone(),
    };
    let plain = |text: &str| text.trim().trim_end_matches('/').to_owned();
    if plain(&written) == plain(&pinned) {
        return Ok(());
    }
    let message = format!("the files keep the ledger at {written}, and {LEDGER} has it at {pinned}; it was not read");
    Err(Failure::new(message).hint(
        "If it was moved, change the variable where scimform runs. It is written as `.scimform`, \
         `origin:refs/scimform/ledger` or `s3://bucket/prefix`.",
    ))
}

impl Gate {
    /// Reads the environment. With `CI` everything is pinned; without it, what a variable names.
    pub(super) fn read(commands: bool) -> Result<Self, Failure> {
        let (ci, hosts) = (in_ci(), variable(HOSTS));
        let why = if ci { "`CI` is set" } else { "SCIMFORM_ALLOWED_HOSTS is set" };
        let pins = match hosts {
            None if !ci => Pins::none(),
            hosts => Pins::allowing(hosts.as_deref().unwrap_or_default()).map_err(|wrong| {
                Failure::new(format!("{HOSTS} can't be read: {wrong}")).hint(
                    "Write `host`, `host:port` or `*.host`, each with `VARIABLE=` in front where it is for one secret \
                     alone, separated by commas.",
                )
            })?,
        };
        let files = match std::env::var_os(FILES).filter(|value| !value.is_empty()) {
            None if !ci => None,
            given => Some(given.iter().flat_map(std::env::split_paths).collect::<Vec<PathBuf>>()),
        };
        // It could be meant from any folder, the repository's own as well.
        if let Some(path) = files.iter().flatten().find(|path| !path.is_absolute()) {
            let message = format!("{FILES} can't be read: `{}` is not an absolute path", path.display());
            return Err(Failure::new(message).hint("Write paths from the root on, separated as those of PATH are."));
        }
        let commands = commands || variable(COMMANDS).is_some_and(|value| is_yes(&value));
        Ok(Self { pins, sources: Sources { commands, files }, why })
    }

    /// Refuses the run where any target is at an address that may not be sent its credentials: nothing is looked up then,
    /// and nobody is contacted.
    pub(super) fn check(&self, targets: &[&Target], sources: &SourceMap) -> Result<(), Failure> {
        let mut refused: Vec<Elsewhere> = Vec::new();
        let mut lines = Vec::new();
        for target in targets.iter().filter(|target| target.mode != Mode::Disabled) {
            let Some(url) = &target.url else { continue };
            // An address that is no use at all is told of when it is used.
            let Err(Denied::Elsewhere(why)) = self.pins.permit(url, target.auth.as_ref(), &target.profile) else {
                continue;
            };
            let place = if why.token_url { target.places.token_url } else { Some(target.places.url) };
            let place = place.map_or_else(String::new, |span| format!(" ({})", shown(sources, span)));
            lines.push(format!("`{}`: {why}{place}", terminal(target.name.as_str())));
            refused.push(why);
        }
        let Some(first) = refused.first() else { return Ok(()) };
        let what = if lines.len() == 1 { "this target is" } else { "these targets are" };
        let message = format!(
            "no secret was looked up and nobody was contacted, for {}, and {what} at a host that is neither pinned by a \
             profile of scimform nor allowed:\n{}",
            self.why,
            lines.join("\n")
        );
        Err(Failure::new(message).hint(format!(
            "If that is right, allow the host where scimform runs (the repository can't): {}. Several stand there separated \
             by commas; docs/credentials.md tells more.",
            first.way_out()
        )))
    }
}

fn shown(sources: &SourceMap, span: Span) -> String {
    let place = sources.location(span);
    format!("{}:{}", place.file, place.line)
}
