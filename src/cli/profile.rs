//! `profile`: what scimform knows of vendors, and what the repository adds to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use super::args::{ProfileAction, ProfileFormat, ProfileOptions};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::load::load;
use crate::profile::{self, Profile};
use crate::render::escape::terminal;
use crate::{mapping, repo};

pub(super) fn run(context: &Context, options: &ProfileOptions) -> Outcome {
    let known = known(context);
    match &options.action {
        ProfileAction::List => list(context, &known),
        ProfileAction::Show { name, format } => show(context, &known, name, *format),
    }
}

/// The built-in profiles, and inside a repository its own. What else is wrong in the files does not matter here.
fn known(context: &Context) -> BTreeMap<String, Arc<Profile>> {
    let builtin = profile::names().filter_map(|name| Some((name.to_owned(), profile::builtin(name)?)));
    let mut known: BTreeMap<String, Arc<Profile>> = builtin.collect();
    if repo::find_root(&context.directory).is_some() {
        match load(context).directory {
            Some(directory) => known.extend(directory.profiles),
            None => context.say("the repository has errors, so only the built-in profiles are known here"),
        }
    }
    known
}

fn list(context: &Context, known: &BTreeMap<String, Arc<Profile>>) -> Outcome {
    let rows: Vec<[String; 4]> = known.iter().map(|(name, profile)| row(name, profile)).collect();
    let titles = ["name", "vendor", "groups", "base URL"].map(str::to_owned);
    let mut widths = [0; 4];
    for row in std::iter::once(&titles).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let look = context.look();
    let mut text = String::new();
    for row in std::iter::once(&titles).chain(&rows) {
        let pad = |(cell, width): (&String, usize)| cell.clone() + &" ".repeat(width.saturating_sub(cell.width()));
        let cells: Vec<String> = row.iter().zip(widths).map(pad).collect();
        text += &look.line(&cells.join("  "), 4);
    }
    context.show(&text)?;
    Ok(Exit::Done)
}

fn row(name: &str, profile: &Profile) -> [String; 4] {
    let groups = if profile.capabilities.resources.groups { "yes" } else { "no" };
    let url = profile.url.clone().or_else(|| profile.url_form.clone()).unwrap_or_else(|| "your own".to_owned());
    let own = if profile::builtin(name).is_some() { "" } else { " (of this repository)" };
    [name.to_owned(), terminal(&profile.title) + own, groups.to_owned(), terminal(&url)]
}

fn show(context: &Context, known: &BTreeMap<String, Arc<Profile>>, name: &str, format: ProfileFormat) -> Outcome {
    let Some(profile) = known.get(name) else {
        let error = CommandError::usage(format!("there is no profile `{name}`"));
        return Err(match profile::closest(name, known.keys().map(String::as_str)) {
            Some(near) => error.hint(format!("Did you mean `{near}`?")),
            None => error.hint("`scimform profile list` shows those that there are."),
        });
    };
    let broken = |error: String| CommandError::new(format!("the profile `{name}` can't be shown: {error}"));
    let whole = mapping::with_whole_mapping(profile).map_err(broken)?;
    let json = serde_json::to_value(&whole).map_err(|error| broken(error.to_string()))?;
    let text = match format {
        ProfileFormat::Yaml => serde_yaml::to_string(&json).map_err(|error| broken(error.to_string()))?,
        ProfileFormat::Json => serde_json::to_string_pretty(&json).map_err(|error| broken(error.to_string()))? + "\n",
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
