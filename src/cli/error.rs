//! Exit codes, and errors that end a command.

/// How a command ended; the numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// An error.
    Error = 1,
    /// The plan has changes (only with `--detailed-exitcode`).
    Changes = 2,
    /// Refused by a policy or limit.
    Refused = 3,
    /// The apply finished with failures or did not converge.
    Unfinished = 4,
    /// A wrong call.
    Usage = 64,
    /// Ended by Ctrl-C before anything was changed.
    Interrupted = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Ends a command: what is wrong, and the way out.
#[derive(Debug)]
pub(super) struct CommandError {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    pub(super) exit: Exit,
    /// Whether the message names people or groups.
    pub(super) names: bool,
}

impl CommandError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, exit: Exit::Error, names: false }
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { exit: Exit::Refused, ..Self::new(message) }
    }

    pub(super) fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, ..Self::new("interrupted; nothing was changed") }
    }

    /// Notes that the message names people, so that it is not shown where names are withheld.
    pub(super) fn naming_people(self) -> Self {
        Self { names: true, ..self }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// What a command returns.
pub(super) type Outcome = Result<Exit, CommandError>;
