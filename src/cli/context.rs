//! What a command sees of the world: terminal, clock, folder.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};

use super::args::{ColorChoice, Global, LogFormat};
use super::error::CommandError;
use crate::plan::Redaction;
use crate::render::escape;

/// The world of one command.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the terminal")]
pub(super) struct Context {
    /// Where the command runs.
    pub(super) directory: PathBuf,
    /// Whether results are coloured.
    pub(super) color_out: bool,
    /// Whether messages are coloured.
    pub(super) color_err: bool,
    /// How much is shown.
    pub(super) verbose: u8,
    /// Whether messages go to a terminal.
    pub(super) terminal: bool,
    /// Whether questions can be asked.
    pub(super) interactive: bool,
    /// What is withheld from all that is printed.
    pub(super) redact: Redaction,
    /// Whether commands that files name may be run.
    pub(super) allow_commands: bool,
    /// Columns of the terminal, 100 where there is none.
    pub(super) width: usize,
}

/// The folder without `..`, so that its parents are what they seem; as written where it is not there.
fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

impl Context {
    pub(super) fn new(global: &Global, redact: Redaction) -> Self {
        let colored = |terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
                if set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
                    return false;
                }
                terminal || set("CLICOLOR_FORCE")
            }
        };
        let terminal = std::io::stderr().is_terminal();
        Self {
            directory: real(global.directory.as_deref().unwrap_or(Path::new("."))),
            color_out: colored(std::io::stdout().is_terminal()),
            color_err: colored(terminal),
            verbose: global.verbose,
            redact,
            terminal,
            allow_commands: global.allow_commands,
            interactive: terminal && std::io::stdin().is_terminal(),
            width: terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)),
        }
    }

    /// Log lines go to standard error: warnings always, requests with `-vv`, or as `SCIMFORM_LOG` says.
    pub(super) fn start_log(&self, global: &Global) {
        let level = match self.verbose {
            0 | 1 => "warn",
            2 => "scimform=debug,warn",
            _ => "scimform=trace,debug",
        };
        let filter = tracing_subscriber::EnvFilter::try_from_env("SCIMFORM_LOG")
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
        // Log lines tell addresses that were asked for, and those hold names.
        let filter = match self.redact {
            Redaction::None => filter,
            Redaction::Values | Redaction::Names => tracing_subscriber::EnvFilter::new("off"),
        };
        let builder =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(self.color_err);
        // A second run in one process keeps the first one's log.
        let _ = match global.log_format {
            LogFormat::Text => builder.without_time().with_target(false).try_init(),
            LogFormat::Json => builder.json().try_init(),
        };
    }

    /// Prints a result. A closed pipe is no error: `| head` is a normal way to read.
    #[expect(clippy::unused_self, reason = "a command speaks through its context")]
    pub(super) fn print(&self, text: &str) -> Result<(), CommandError> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CommandError::new(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Says something to the person, not part of the result.
    #[expect(clippy::unused_self, reason = "a command speaks through its context")]
    pub(super) fn say(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Says what went wrong and the way out.
    pub(super) fn error(&self, error: &CommandError) {
        if error.message.is_empty() {
            return;
        }
        let label = self.paint(AnsiColor::Red.on_default().bold(), "error");
        if error.names && self.redact == Redaction::Names {
            self.say(&format!("{label}: what is wrong names people and is withheld; run it without `--redact`"));
            return;
        }
        let lines: Vec<String> = error.message.lines().map(escape::terminal).collect();
        self.say(&format!("{label}: {}", lines.join("\n")));
        if let Some(hint) = &error.hint {
            let label = self.paint(AnsiColor::Cyan.on_default(), "hint");
            self.say(&format!("{label}: {}", hint.lines().map(escape::terminal).collect::<Vec<_>>().join("\n")));
        }
    }

    /// Colours a message's word.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.color_err { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
