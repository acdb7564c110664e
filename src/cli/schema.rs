//! `schema`: the JSON Schemas of our files and formats.

use super::args::{Draft, SchemaKind, SchemaOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};

pub(super) fn run(context: &Context, options: &SchemaOptions) -> Outcome {
    let schema = match (options.which, options.draft) {
        (SchemaKind::Files, Draft::Latest) => crate::config::json_schema(),
        (SchemaKind::Files, Draft::Seven) => crate::config::json_schema_draft07(),
        (SchemaKind::Plan, Draft::Latest) => crate::plan::json_schema(),
        (SchemaKind::Drift, Draft::Latest) => crate::plan::drift_schema(),
        (SchemaKind::Profile, Draft::Latest) => crate::profile::json_schema(),
        (SchemaKind::Import, Draft::Latest) => crate::import::json_schema(),
        (SchemaKind::ImportCsv, Draft::Latest) => crate::import::sheet::json_schema(),
        (SchemaKind::Undo, Draft::Latest) => crate::plan::undo::json_schema(),
        (SchemaKind::Journal, Draft::Latest) => crate::apply::journal_schema(),
        (SchemaKind::Report, Draft::Latest) => crate::apply::report_schema(),
        (SchemaKind::Access, Draft::Latest) => crate::access::json_schema(),
        (SchemaKind::Explain, Draft::Latest) => crate::explain::json_schema(),
        (SchemaKind::Ledger, Draft::Latest) => crate::ledger::json_schema(),
        (_, Draft::Seven) => {
            return Err(CommandError::usage("but for the YAML files, schemas are published as 2020-12 alone"));
        }
    };
    let text = json(&schema)?;
    context.print(&text)?;
    Ok(Exit::Done)
}
