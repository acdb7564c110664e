//! Files to directory, with every problem told.

use std::path::PathBuf;

use super::args::Scope;
use super::context::Context;
use super::error::CommandError;
use crate::diag::{Diagnostic, Diagnostics, Severity};
use crate::directory::Directory;
use crate::engine::Engine;
use crate::plan::Redaction;
use crate::source::SourceMap;
use crate::wording::count;
use crate::{directory, render, repo};

/// A repository as read.
#[derive(Debug)]
pub(super) struct Loaded {
    /// Folder of `scimform.yaml`.
    pub(super) root: PathBuf,
    /// Every file.
    pub(super) sources: SourceMap,
    /// The model; `None` where a file is wrong.
    pub(super) directory: Option<Directory>,
    /// Every problem, sorted.
    pub(super) found: Vec<Diagnostic>,
}

/// Reads and checks everything.
pub(super) fn load(context: &Context) -> Loaded {
    let root = repo::find_root(&context.directory).unwrap_or_else(|| context.directory.clone());
    let (sources, found) = repo::load(&root);
    read(root, sources, found)
}

/// Checks files that were read.
pub(super) fn read(root: PathBuf, sources: SourceMap, mut found: Diagnostics) -> Loaded {
    let broken = found.has_errors();
    let (directory, problems) = directory::compile(&sources);
    found.append(problems);
    let directory = directory.filter(|_| !broken);
    Loaded { root, sources, directory, found: found.into_sorted() }
}

/// A repository for a run at its targets.
pub(super) fn engine(context: &Context, scope: &Scope) -> Result<Engine, CommandError> {
    let (loaded, directory) = load_valid(context)?;
    Engine::open(loaded.root, loaded.sources, directory, scope.into(), context.allow_commands)
}

/// Reads everything for a command that needs it right; problems go to standard error.
pub(super) fn load_valid(context: &Context) -> Result<(Loaded, Directory), CommandError> {
    valid(context, load(context))
}

/// The model of files that were read, for a command that needs it right; problems go to standard error.
pub(super) fn valid(context: &Context, mut loaded: Loaded) -> Result<(Loaded, Directory), CommandError> {
    let errors = loaded.found.iter().filter(|found| found.severity == Severity::Error).count();
    // Problems are shown with the lines in which they stand.
    let open = context.redact == Redaction::None;
    let shown: Vec<Diagnostic> =
        if open && (errors > 0 || context.verbose > 0) { loaded.found.clone() } else { Vec::new() };
    if !shown.is_empty() {
        let text = render::diagnostics::human(&shown, &loaded.sources, &context.look_of_messages());
        context.present(&text);
    } else if errors == 0 && !loaded.found.is_empty() {
        let warnings = count(loaded.found.len(), "warning");
        context.say(&format!("{warnings} (`scimform validate` shows them)"));
    }
    match loaded.directory.take() {
        Some(directory) => Ok((loaded, directory)),
        None => Err(CommandError::new(format!(
            "the repository has {}; nothing was read from or written to a target",
            count(errors.max(1), "error")
        ))),
    }
}
