//! `validate`: every problem of every file, offline.

use super::args::{ValidateFormat, ValidateOptions};
use super::context::Context;
use super::error::{Exit, Outcome};
use super::load::load;
use crate::diag::Severity;
use crate::render::diagnostics;
use crate::wording::count;

pub(super) fn run(context: &Context, options: &ValidateOptions) -> Outcome {
    let loaded = load(context);
    let (found, sources) = (&loaded.found, &loaded.sources);
    match options.format {
        ValidateFormat::Human if found.is_empty() => {}
        ValidateFormat::Human => {
            context.show(&diagnostics::human(found, sources, &context.look()))?;
        }
        ValidateFormat::Json => context.print(&diagnostics::json(found, sources))?,
        ValidateFormat::Github => context.print(&diagnostics::github(found, sources))?,
        ValidateFormat::Sarif => context.print(&diagnostics::sarif(found, sources))?,
    }
    if found.iter().any(|found| found.severity == Severity::Error) {
        return Ok(Exit::Error);
    }
    if let (Some(directory), ValidateFormat::Human) = (&loaded.directory, options.format) {
        let parts = [
            count(directory.users.len(), "person"),
            count(directory.groups.len(), "group"),
            count(directory.bindings.len(), "binding"),
            count(directory.targets.len(), "target"),
        ];
        context.print(&format!("Valid: {} in {}.\n", parts.join(", "), count(sources.files().len(), "file")))?;
    }
    Ok(Exit::Done)
}
