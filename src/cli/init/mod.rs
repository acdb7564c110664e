//! `init`: a repository to start from. It never writes over a file.

mod answers;
mod files;
mod questions;

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use answers::{Answers, Given, Place};
use files::Written;

use super::args::{Forge, InitOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::render::escape;
use crate::wording::count;

pub(super) fn run(context: &Context, options: &InitOptions) -> Outcome {
    let given = Given::new(options)?;
    let folder =
        options.folder.as_ref().map_or_else(|| context.directory.clone(), |named| context.directory.join(named));
    let existing = folder.join("scimform.yaml").exists();
    let given = if context.interactive && !options.yes { questions::ask(given, &folder, existing)? } else { given };
    let answers = given.complete(&folder)?;
    let (mut made, mut kept) = (Vec::new(), Vec::new());
    for file in files::files(&answers)?.into_iter().filter(|file| !(existing && file.example)) {
        if write(&folder, &file)? { made.push(file.path) } else { kept.push(file.path) }
    }
    context.print(&told(&folder, &answers, &made, &kept, existing))?;
    Ok(Exit::Done)
}

/// Writes a file that is not there; no if there is one.
fn write(folder: &Path, file: &Written) -> Result<bool, CommandError> {
    let path = folder.join(&file.path);
    let failed = |error: std::io::Error| CommandError::new(format!("cannot write {}: {error}", path.display()));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(mut opened) => opened.write_all(file.text.as_bytes()).map(|()| true).map_err(failed),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

/// What was made, what was left, and what to do next.
fn told(folder: &Path, answers: &Answers, made: &[String], kept: &[String], existing: bool) -> String {
    let mut lines = Vec::new();
    let name = escape::terminal(&folder.display().to_string());
    if made.is_empty() {
        lines.push(format!("Nothing to make in {name}: every file is there."));
    } else {
        lines.push(format!("Made {} in {name}:", count(made.len(), "file")));
        lines.extend(folded(made));
    }
    if !made.is_empty() && !kept.is_empty() {
        lines.push(format!(
            "Left as {}, {}:",
            if kept.len() == 1 { "it is" } else { "they are" },
            count(kept.len(), "file")
        ));
        lines.extend(kept.iter().map(|path| format!("  {path}{}", missing(folder, path))));
    }
    if existing {
        lines.push(
            "scimform.yaml was there, so no examples were made; see that the workflows name its secrets.".to_owned(),
        );
    }
    if !made.is_empty() {
        lines.push(String::new());
        lines.extend(next(folder, answers, existing));
    }
    lines.join("\n") + "\n"
}

/// Files, a folder of many told by their number.
fn folded(paths: &[String]) -> Vec<String> {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let mut lines = Vec::new();
    for same in paths.chunk_by(|a, b| folder(a) == folder(b)) {
        let name = same.first().map(|path| folder(path)).unwrap_or_default();
        if same.len() > 3 && !name.is_empty() {
            lines.push(format!("  {name}  ({})", count(same.len(), "file")));
        } else {
            lines.extend(same.iter().map(|path| format!("  {path}")));
        }
    }
    lines
}

/// What a file that was there needs, where it may lack it.
fn missing(folder: &Path, path: &str) -> &'static str {
    let holds = |word: &str| std::fs::read_to_string(folder.join(path)).is_ok_and(|text| text.contains(word));
    match path {
        ".gitignore" if !holds(".scimform") => "   add `/.scimform/` to it: it will hold people's data",
        ".gitlab-ci.yml" if !holds(".gitlab/scimform/") => {
            "   add `include: [{ local: .gitlab/scimform/scimform.yml }]` to it"
        }
        _ => "",
    }
}

fn next(folder: &Path, answers: &Answers, existing: bool) -> Vec<String> {
    let mut steps = Vec::new();
    if !folder.ancestors().any(|above| above.join(".git").exists()) {
        steps.push((format!("git init -b {}", answers.branch), "the history of who changed what"));
    }
    steps.push(("scimform plan --sandbox".to_owned(), "what the files mean, with no account and no network"));
    if !existing {
        steps.push((format!("export {}=…", answers.variable), "the target's token"));
        steps.push((format!("scimform probe {}", answers.target), "whether it is reached; reads only"));
        steps.push((format!("scimform import {}", answers.target), "who is there already, in place of the examples"));
        steps.push(("scimform plan".to_owned(), "what would change there; never writes"));
    }
    let width = steps.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0);
    let mut lines = vec!["Next:".to_owned()];
    lines.extend(steps.iter().map(|(line, why)| format!("  {line:width$}   # {why}")));
    if answers.forge != Forge::None {
        lines.push(String::new());
        if folder.ancestors().skip(1).any(|above| above.join(".git").exists()) && !folder.join(".git").exists() {
            lines.push(
                "This is a folder inside a git repository: no forge finds workflows here. Run `init` at its top,"
                    .to_owned(),
            );
            lines.push("or move what it wrote for CI there.".to_owned());
            lines.push(String::new());
        }
        lines.extend(in_ci(answers));
    }
    lines
}

/// What is set in the forge by hand, since no file can.
fn in_ci(answers: &Answers) -> Vec<String> {
    let secrets = files::secrets(answers).join(", ");
    let hosts = answers.allowed_hosts();
    let mut lines = vec!["Then, once, since no file can do it:".to_owned()];
    if answers.forge.github() {
        lines.extend([
            "  GitHub, Settings, Environments:".to_owned(),
            format!("    scimform-plan    required reviewers; secrets {secrets} with read rights"),
            format!("    scimform-drift   branch {} alone; the same secrets", answers.branch),
            format!("    scimform-apply   branch {} alone; secrets {secrets} with write rights, and", answers.branch),
            "                     SCIMFORM_LEDGER_KEY (openssl rand -hex 32); required reviewers as".to_owned(),
            "                     well, unless you trust all who may push a branch".to_owned(),
            format!("    in each          variable SCIMFORM_ALLOWED_HOSTS = {hosts}"),
            format!("  and a rule for {}: pull requests alone, approved by code owners.", answers.branch),
        ]);
    }
    if answers.forge.gitlab() {
        lines.extend([
            "  GitLab, Settings, CI/CD, Variables, as .gitlab/scimform/scimform.yml lists them:".to_owned(),
            format!("    {secrets}, SCIMFORM_ALLOWED_HOSTS = {hosts},"),
            "    SCIMFORM_API_TOKEN, SCIMFORM_LEDGER_KEY; and a pipeline schedule for drift.".to_owned(),
        ]);
    }
    let first = if answers.ledger == Place::Git { ", which makes the ledger" } else { "" };
    lines.push(format!("  The first apply is run by hand, with the digest of its plan and `first_run`{first}."));
    lines
}
