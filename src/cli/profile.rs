//! `profile`: what scimform knows of vendors.

use std::fmt::Write as _;

use super::args::{ProfileAction, ProfileFormat, ProfileOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use crate::profile::{self, Profile};

pub(super) fn run(context: &Context, options: &ProfileOptions) -> Outcome {
    match &options.action {
        ProfileAction::List => list(context),
        ProfileAction::Show { name, format } => show(context, name, *format),
    }
}

fn list(context: &Context) -> Outcome {
    let rows: Vec<[String; 4]> = profile::names().filter_map(profile::builtin).map(|profile| row(&profile)).collect();
    let titles = ["name", "vendor", "groups", "base URL"].map(str::to_owned);
    let mut widths = [0; 4];
    for row in std::iter::once(&titles).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(&rows) {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    context.print(&text)?;
    Ok(Exit::Done)
}

fn row(profile: &Profile) -> [String; 4] {
    let resources = profile.capabilities.resources;
    let groups = if resources.groups { "yes" } else { "no" };
    let url = profile.url.clone().or_else(|| profile.url_form.clone()).unwrap_or_else(|| "your own".to_owned());
    [profile.name.clone(), profile.title.clone(), groups.to_owned(), url]
}

fn show(context: &Context, name: &str, format: ProfileFormat) -> Outcome {
    let Some(profile) = profile::builtin(name) else {
        let error = CommandError::usage(format!("there is no profile `{name}`"));
        return Err(match profile::suggest(name) {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error.hint("`scimform profile list` shows those that there are."),
        });
    };
    let broken = |error: String| CommandError::new(format!("the profile `{name}` can't be shown: {error}"));
    let whole = crate::mapping::with_whole_mapping(&profile).map_err(broken)?;
    let json = serde_json::to_value(&whole).map_err(|error| broken(error.to_string()))?;
    let text = match format {
        ProfileFormat::Yaml => serde_yaml::to_string(&json).map_err(|error| broken(error.to_string()))?,
        ProfileFormat::Json => serde_json::to_string_pretty(&json).map_err(|error| broken(error.to_string()))? + "\n",
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
