//! What ends a run: what is wrong, and what to do about it.

/// Kind of a failure; the command line makes an exit code of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// An error.
    Error,
    /// Refused by a policy or limit.
    Refused,
    /// A wrong call.
    Usage,
    /// Ended from outside before anything was changed.
    Interrupted,
}

/// Ends a run.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Of which kind it is.
    pub kind: FailureKind,
    /// Whether the message names people or groups.
    pub names: bool,
}

impl Failure {
    /// An error.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, kind: FailureKind::Error, names: false }
    }

    /// A wrong call.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Usage, ..Self::new(message) }
    }

    /// Something that a policy or limit refuses.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, ..Self::new(message) }
    }

    /// The end that was asked for before anything was changed.
    pub fn interrupted() -> Self {
        Self { kind: FailureKind::Interrupted, ..Self::new("interrupted; nothing was changed") }
    }

    /// Notes that the message names people, so that it is not shown where names are withheld.
    #[must_use]
    pub fn naming_people(self) -> Self {
        Self { names: true, ..self }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
