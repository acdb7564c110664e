//! People of a CSV file.

use std::path::Path;

use super::live::folder;
use super::write;
use crate::cli::args::{ImportFormat, ImportOptions};
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Exit, Outcome, json};
use crate::cli::load::load_valid;
use crate::config::meaning;
use crate::engine::TOOL;
use crate::import::Plan;
use crate::import::sheet::{
    Column, ColumnPlan, ColumnUse, Drafted, Field, SHEET_FORMAT, Sheet, SheetError, SheetImport, columns, draft,
    people, read,
};
use crate::render::import::sheet;

/// Bytes of a sheet that are read at most.
const MOST: u64 = 256 * 1024 * 1024;

pub(super) fn run(context: &Context, options: &ImportOptions, file: &Path) -> Outcome {
    refuse_others(options)?;
    let (loaded, directory) = load_valid(context)?;
    let plan = Plan {
        layout: options.layout.into(),
        folder: folder(options.out.as_deref().unwrap_or(Path::new("")), &loaded.root)?,
    };
    let wrong = |error: SheetError| {
        let name = file.display();
        CommandError::new(format!("nothing was written: {name}: {}", error.message)).hint(error.hint).naming_people()
    };
    let table = read(&bytes(context, file)?, options.sheet.delimiter).map_err(wrong)?;
    let mut said = said(context, options)?;
    if let Some(key) = &options.sheet.key {
        let column = key_column(&table, &said, key).map_err(wrong)?;
        // A column may be the key and an attribute at once.
        if !said.contains_key(&column) && meant(&table, &said, &column).map_err(wrong)?.is_none() {
            said.insert(column, "key".to_owned());
        }
    }
    let found = columns(&table, &said).map_err(wrong)?;
    let (table, found) = with_key(table, found, &said, options.sheet.key.as_deref()).map_err(wrong)?;
    let everyone = people(&table, &found, options.sheet.date_format.as_ref(), &directory).map_err(wrong)?;
    let drafted = draft(&everyone, &directory, &loaded.sources, &plan, !options.users_only).map_err(wrong)?;
    if !options.dry_run && !drafted.texts.is_empty() {
        write::write(&loaded.root, &loaded.sources, &drafted.texts)?;
    }
    let found: Vec<Column> = found.into_iter().take(table.headers.len()).collect();
    let report = report(options, file, &table, &found, drafted, directory.targets.is_empty());
    let text = match options.format {
        ImportFormat::Human => sheet::human(&report, &context.look(), options.new_only),
        ImportFormat::Json => json(&report)?,
    };
    context.print(&text)?;
    Ok(Exit::Done)
}

/// Options that choose among a target's people.
fn refuse_others(options: &ImportOptions) -> Result<(), CommandError> {
    if !options.only.is_empty() || options.rule.is_some() || options.groups_only {
        return Err(CommandError::usage("`--only`, `--where` and `--groups-only` choose among the people of a target")
            .hint("Of a CSV file everyone is taken: take lines out of it, or use `--dry-run` first."));
    }
    Ok(())
}

fn bytes(context: &Context, file: &Path) -> Result<Vec<u8>, CommandError> {
    let path = context.directory.join(file);
    let failed = |error: std::io::Error| CommandError::new(format!("cannot read {}: {error}", file.display()));
    if std::fs::metadata(&path).map_err(failed)?.len() > MOST {
        return Err(CommandError::new(format!("{} is larger than {} MiB", file.display(), MOST / 1024 / 1024))
            .hint("Split it into several files."));
    }
    std::fs::read(&path).map_err(failed)
}

/// What `--map-file` and `--map` say, the latter last.
fn said(context: &Context, options: &ImportOptions) -> Result<ColumnPlan, CommandError> {
    let mut said = ColumnPlan::new();
    if let Some(file) = &options.sheet.map_file {
        let path = context.directory.join(file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| CommandError::new(format!("cannot read {}: {error}", file.display())))?;
        let form = || {
            CommandError::new(format!("{} is no list of columns", file.display()))
                .hint("Write a line for each: `Work Email: email`.")
        };
        let read = meaning(&text).map_err(|_| form())?;
        for (column, attribute) in read.as_object().ok_or_else(form)? {
            said.insert(column.clone(), attribute.as_str().ok_or_else(form)?.to_owned());
        }
    }
    for pair in &options.sheet.map {
        let (column, attribute) = pair.rsplit_once('=').ok_or_else(|| {
            CommandError::usage(format!("`--map {pair}` names no attribute")).hint("Write `--map COLUMN=ATTRIBUTE`.")
        })?;
        said.insert(column.trim().to_owned(), attribute.trim().to_owned());
    }
    Ok(said)
}

/// The column that `--key` names, itself or by what it is.
fn key_column(table: &Sheet, said: &ColumnPlan, key: &str) -> Result<String, SheetError> {
    if table.headers.iter().any(|header| header == key) {
        return Ok(key.to_owned());
    }
    let found = columns(table, said)?;
    let column = found.iter().find(|column| column.field.as_ref().is_some_and(|field| names(field, key)));
    column.map(|column| column.header.clone()).ok_or_else(|| SheetError {
        message: format!("`--key {key}` is neither a column nor an attribute of one"),
        hint: "Name a header as it is written in the file.".to_owned(),
    })
}

fn names(field: &Field, word: &str) -> bool {
    field.to_string() == word || (word == "email" && *field == Field::Email("work".to_owned()))
}

fn meant(table: &Sheet, said: &ColumnPlan, column: &str) -> Result<Option<Field>, SheetError> {
    Ok(columns(table, said)?.into_iter().find(|one| one.header == column).and_then(|one| one.field))
}

/// The sheet with a copy of the column that is both the key and an attribute.
fn with_key(
    mut table: Sheet,
    mut found: Vec<Column>,
    said: &ColumnPlan,
    key: Option<&str>,
) -> Result<(Sheet, Vec<Column>), SheetError> {
    let Some(key) = key.filter(|_| !found.iter().any(|column| column.field == Some(Field::Key))) else {
        return Ok((table, found));
    };
    let header = key_column(&table, said, key)?;
    let Some(at) = table.headers.iter().position(|one| *one == header) else { return Ok((table, found)) };
    let width = table.headers.len();
    for (_, cells) in &mut table.rows {
        cells.resize(width, String::new());
        let copy = cells.get(at).cloned().unwrap_or_default();
        cells.push(copy);
    }
    found.push(Column { header, field: Some(Field::Key) });
    Ok((table, found))
}

fn report(
    options: &ImportOptions,
    file: &Path,
    table: &Sheet,
    found: &[Column],
    drafted: Drafted,
    no_target: bool,
) -> SheetImport {
    let column = |column: &Column| ColumnUse {
        header: column.header.clone(),
        attribute: column.field.as_ref().map(ToString::to_string),
    };
    let mut next = Vec::new();
    if options.dry_run && !drafted.texts.is_empty() {
        next.push("Nothing was written; the same command without `--dry-run` writes it.".to_owned());
    } else if !drafted.texts.is_empty() {
        next.push("Read the files, run `scimform validate`, and commit them.".to_owned());
        if no_target {
            next.push("Declare a target in scimform.yaml, and a binding that gives it to people.".to_owned());
        } else if !drafted.bound {
            next.push(
                "No binding gives anybody to a target yet. For everyone: `bindings: { everyone: { target: NAME, assign: { \
                 where: user.userName is defined } } }`."
                    .to_owned(),
            );
        }
        if drafted.summary.new_groups > 0 {
            next.push("A group comes to a target where a binding pushes it: `push: [KEY]`.".to_owned());
        }
        next.push(
            "See what a target would get: `scimform plan`, or `scimform plan --sandbox` with no account.".to_owned(),
        );
    }
    SheetImport {
        format: SHEET_FORMAT.to_owned(),
        tool: TOOL.to_owned(),
        file: file.display().to_string(),
        delimiter: table.delimiter.to_string(),
        dry_run: options.dry_run,
        columns: found.iter().map(column).collect(),
        summary: drafted.summary,
        entries: drafted.entries,
        groups: drafted.groups,
        files: drafted.files,
        next,
    }
}
