//! Exit codes, and how failures become them.

pub(super) use crate::engine::Failure as CommandError;
use crate::engine::FailureKind;

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

impl From<FailureKind> for Exit {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::Error => Self::Error,
            FailureKind::Refused => Self::Refused,
            FailureKind::Usage => Self::Usage,
            FailureKind::Interrupted => Self::Interrupted,
        }
    }
}

/// What a command returns.
pub(super) type Outcome = Result<Exit, CommandError>;

/// A document as JSON, in its published format.
pub(super) fn json(document: &impl serde::Serialize) -> Result<String, CommandError> {
    serde_json::to_string_pretty(document).map(|text| text + "\n").map_err(|error| CommandError::new(error.to_string()))
}
