//! What a command sees of the world: terminal, clock, folder.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anstyle::AnsiColor;
use indicatif::{MultiProgress, ProgressDrawTarget};

use super::args::{Global, LogFormat};
use super::canvas::Canvas;
use super::error::CommandError;
use super::progress;
use super::terminal::{self, Stream};
use crate::apply::Observer;
use crate::engine::{Listener, Sent, Work};
use crate::plan::{Redaction, Redactor};
use crate::render::escape;
use crate::render::look::{Links, Look};
use crate::repo;
use crate::target::Reader;

/// The world of one command.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the terminal")]
pub(super) struct Context {
    /// Where the command runs.
    pub(super) directory: PathBuf,
    /// Where results go.
    pub(super) out: Stream,
    /// Where messages go.
    pub(super) err: Stream,
    /// How much is shown.
    pub(super) verbose: u8,
    /// Whether only results and errors are shown.
    pub(super) quiet: bool,
    /// Whether questions can be asked.
    pub(super) interactive: bool,
    /// What is withheld from all that is printed.
    pub(super) redact: Redaction,
    /// Whether commands that files name may be run.
    pub(super) allow_commands: bool,
    /// Whether long results may be shown in a pager.
    pub(super) paging: bool,
    /// Bars of progress; hidden where nobody watches.
    pub(super) bars: MultiProgress,
    /// Whether bars are shown.
    pub(super) progress: bool,
    /// Whether messages about what goes on are JSON.
    pub(super) json_log: bool,
    links: Option<Links>,
}

/// The folder without `..`, so that its parents are what they seem; as written where it is not there.
fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

impl Context {
    pub(super) fn new(global: &Global, redact: Redaction) -> Self {
        let out = Stream::new(&std::io::stdout(), global);
        let err = Stream::new(&std::io::stderr(), global);
        let directory = real(global.directory.as_deref().unwrap_or(Path::new(".")));
        let root = repo::find_root(&directory).unwrap_or_else(|| directory.clone());
        let links = terminal::links(&out, global.hyperlinks, &root);
        let progress = err.terminal && !err.dumb && !global.quiet && global.log_format == LogFormat::Text;
        let target = if progress {
            ProgressDrawTarget::term_like_with_hz(Box::<Canvas>::default(), 20)
        } else {
            ProgressDrawTarget::hidden()
        };
        let context = Self {
            directory,
            out,
            err,
            verbose: global.verbose,
            quiet: global.quiet,
            redact,
            allow_commands: global.allow_commands,
            interactive: err.terminal && std::io::stdin().is_terminal(),
            paging: out.terminal && !out.dumb && !global.no_pager && !crate::engine::in_ci(),
            bars: MultiProgress::with_draw_target(target),
            progress,
            json_log: global.log_format == LogFormat::Json,
            links: links.as_ref().ok().cloned().flatten(),
        };
        if let Err(why) = links {
            context.say(&why);
        }
        context
    }

    /// How results are written: with links to lines of the repository, where they can be.
    pub(super) fn look(&self) -> Look {
        Look { links: self.links.clone(), ..self.out.look(self.verbose > 0) }
    }

    /// How messages are written.
    pub(super) fn look_of_messages(&self) -> Look {
        self.err.look(self.verbose > 0)
    }

    /// Log lines go to standard error: warnings always, requests with `-vv`, or as `SCIMFORM_LOG` says.
    pub(super) fn start_log(&self, global: &Global) {
        let level = match self.verbose {
            0 if self.quiet => "error",
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
        let bars = self.bars.clone();
        let writer = move || LogLine { bars: bars.clone() };
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(self.err.color);
        // A second run in one process keeps the first one's log.
        let _ = match global.log_format {
            LogFormat::Text => builder.without_time().with_target(false).try_init(),
            LogFormat::Json => builder.json().try_init(),
        };
    }

    /// Prints a result. A closed pipe is no error: `| head` is a normal way to read.
    pub(super) fn print(&self, text: &str) -> Result<(), CommandError> {
        let written = self.bars.suspend(|| {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        });
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CommandError::new(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Prints the result of a command that does nothing after it: in a pager where it is taller than the terminal.
    pub(super) fn show(&self, text: &str) -> Result<(), CommandError> {
        if self.paging && self.out.is_taller(text) && super::pager::paged(text) {
            return Ok(());
        }
        self.print(text)
    }

    /// Says something to the person that is no part of the result; not with `--quiet`.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            self.ask(text);
        }
    }

    /// Shows text that is laid out already on standard error.
    pub(super) fn present(&self, text: &str) {
        self.bars.suspend(|| {
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        });
    }

    /// Says what must be read: an error, or a question.
    pub(super) fn ask(&self, text: &str) {
        let look = self.look_of_messages();
        let text: String = text.split('\n').map(|line| look.line(line, indent(line))).collect();
        self.present(&text);
    }

    /// Says what went wrong and the way out.
    pub(super) fn error(&self, error: &CommandError) {
        if error.message.is_empty() {
            return;
        }
        let look = self.look_of_messages();
        let label = look.paint(AnsiColor::Red.on_default().bold(), "error");
        if error.names && self.redact == Redaction::Names {
            self.ask(&format!("{label}: what is wrong names people and is withheld; run it without `--redact`"));
            return;
        }
        self.labelled(&label, "error: ".len(), &error.message);
        if let Some(hint) = &error.hint {
            self.labelled(&look.paint(AnsiColor::Cyan.on_default(), "hint"), "hint: ".len(), hint);
        }
    }

    /// A message below its label: further lines begin where its text does.
    fn labelled(&self, label: &str, width: usize, message: &str) {
        let look = self.look_of_messages();
        let mut text = String::new();
        for (number, line) in message.lines().enumerate() {
            let head = if number == 0 { format!("{label}: ") } else { String::new() };
            text += &look.prose(&format!("{head}{}", escape::terminal(line)), width);
        }
        self.present(&text);
    }
}

/// Where the further lines of a broken line begin: where it begins itself.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Writes log lines between bars.
struct LogLine {
    bars: MultiProgress,
}

impl std::io::Write for LogLine {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.bars.suspend(|| std::io::stderr().lock().write_all(text)).map(|()| text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().lock().flush()
    }
}

impl Listener for Context {
    fn say(&self, text: &str) {
        Self::say(self, text);
    }

    fn redaction(&self) -> Redaction {
        self.redact
    }

    fn reading<'a>(&'a self, target: &'a str, reader: &'a Reader, work: Work<'a>) -> Work<'a> {
        Box::pin(progress::reading(self, target, reader, work))
    }

    fn applying<'a>(&'a self, target: &'a str, reader: &'a Reader, sent: &'a Sent, work: Work<'a>) -> Work<'a> {
        Box::pin(progress::applying(self, target, reader, sent, work))
    }

    fn watch(&self, target: &str, redactor: &Redactor) -> Box<dyn Observer> {
        Box::new(progress::Watch::new(self, redactor, target))
    }
}
