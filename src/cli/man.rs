//! `man`: manual pages, made of what `--help` says.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::{Args, ManOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::wording::count;

pub(super) fn run(context: &Context, options: &ManOptions) -> Outcome {
    let mut command = Args::command();
    command.build();
    let Some(folder) = &options.out else {
        context.print(&page(command)?)?;
        return Ok(Exit::Done);
    };
    let folder = context.directory.join(folder);
    let unwritten = |error: std::io::Error| CommandError::new(format!("cannot write to {}: {error}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(unwritten)?;
    let number = write(command, &folder)?;
    context.say(&format!("{} written to {}.", count(number, "page"), folder.display()));
    Ok(Exit::Done)
}

/// Writes the pages of a command and of all below it; gives their number.
fn write(command: clap::Command, folder: &Path) -> Result<u64, CommandError> {
    let mut number = 1;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        number += write(below.clone(), folder)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let file = folder.join(format!("{name}.1"));
    std::fs::write(&file, page(command)?)
        .map_err(|error| CommandError::new(format!("cannot write {}: {error}", file.display())))?;
    Ok(number)
}

fn page(command: clap::Command) -> Result<String, CommandError> {
    let mut text = Vec::new();
    let source = concat!("scimform ", env!("CARGO_PKG_VERSION"));
    Man::new(command)
        .date(date())
        .source(source)
        .manual("scimform manual")
        .render(&mut text)
        .map_err(|error| CommandError::new(format!("the page can't be made: {error}")))?;
    Ok(plain(&String::from_utf8_lossy(&text)))
}

/// Today, or the day that a build is to be repeated for (reproducible-builds.org/specs/source-date-epoch).
fn date() -> String {
    let given = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let moment = given.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    moment.unwrap_or_else(jiff::Timestamp::now).strftime("%Y-%m-%d").to_string()
}

/// The page without line breaks beside paragraph breaks, which say nothing and which linters complain of.
fn plain(page: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let is_gap = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_some_and(|line| line.is_empty());
    let kept = lines
        .iter()
        .enumerate()
        .filter(|(at, line)| **line != ".br" || !(is_gap(at.checked_sub(1)) || is_gap(Some(at + 1))));
    let kept: Vec<&str> = kept.map(|(_, line)| *line).collect();
    kept.join("\n") + "\n"
}
