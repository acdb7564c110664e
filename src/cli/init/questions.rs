//! The questions, at a terminal: only for what is not given, each with what is proposed.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use inquire::validator::Validation;
use inquire::{InquireError, Select, Text};

use super::answers::{self, Given, Place};
use crate::cli::args::Forge;
use crate::cli::error::CommandError;
use crate::profile::{self, Profile};

/// Asks for what is not given.
pub(super) fn ask(mut given: Given, folder: &Path, existing: bool) -> Result<Given, CommandError> {
    // A repository that is there names its targets itself.
    if !existing {
        let profile = match given.profile.take() {
            Some(profile) => profile,
            None => vendor()?,
        };
        if given.target.is_none() {
            let proposed = answers::proposed_target(&profile);
            given.target = Some(text("What should it be called in the files?", &proposed, None, answers::target)?);
        }
        if given.url.is_none() && profile.url.is_none() {
            let form = profile.url_form.as_deref().map(|form| format!("of the form {form}"));
            let question = "What is the base URL of its SCIM API?";
            given.url = Some(text(question, "", form.as_deref(), answers::url)?);
        }
        given.profile = Some(profile);
    }
    if given.variable.is_none() {
        let target = given.target.as_deref().unwrap_or("app");
        let help = "The token itself never stands in a file; CI takes it from its secret store.";
        let question = "Which environment variable holds its token?";
        given.variable = Some(text(question, &answers::proposed_variable(target), Some(help), answers::variable)?);
    }
    if given.forge.is_none() {
        given.forge = Some(forge(folder)?);
    }
    if given.ledger.is_none() && !existing {
        given.ledger = Some(ledger(given.forge)?);
    }
    let workflows = given.forge.is_some_and(|forge| forge != Forge::None);
    if workflows && given.branch.is_none() {
        let question = "From which branch does CI apply?";
        given.branch = Some(text(question, &answers::proposed_branch(folder), None, answers::branch)?);
    }
    if workflows && given.owners.is_empty() {
        let team = |text: &str| {
            if text.is_empty() { Ok(String::new()) } else { answers::owner(text).map(|_| text.to_owned()) }
        };
        let help = "As in @acme/identity; empty to fill in CODEOWNERS later.";
        let team = text("Which team must approve changes?", "", Some(help), team)?;
        if !team.is_empty() {
            given.owners.push(answers::owner(&team).map_err(CommandError::new)?);
        }
    }
    Ok(given)
}

/// One of several, as it is shown.
struct Shown<T>(T, String);

impl<T> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

fn vendor() -> Result<Arc<Profile>, CommandError> {
    let mut known: Vec<Shown<Arc<Profile>>> = profile::names()
        .filter_map(profile::builtin)
        .map(|profile| {
            let shown = format!("{} ({})", profile.title, profile.name);
            Shown(profile, shown)
        })
        .collect();
    known.sort_by_cached_key(|Shown(profile, shown)| (!profile.quirks.is_empty(), shown.to_lowercase()));
    select("What do you want to manage first?", known, 0, Some("↑↓ to move, enter to take it, type to filter"))
}

fn forge(folder: &Path) -> Result<Forge, CommandError> {
    let all = vec![
        Shown(Forge::Github, "GitHub".to_owned()),
        Shown(Forge::Gitlab, "GitLab".to_owned()),
        Shown(Forge::Both, "both".to_owned()),
        Shown(Forge::None, "none of them".to_owned()),
    ];
    let proposed = usize::from(answers::proposed_forge(folder) == Forge::Gitlab);
    select("Where are changes reviewed? Its workflows are written.", all, proposed, None)
}

fn ledger(forge: Option<Forge>) -> Result<Place, CommandError> {
    let mut all = vec![
        Shown(Some(Place::Git), "a ref of this git repository".to_owned()),
        Shown(None, "an object store (S3, Google, Azure)".to_owned()),
    ];
    if forge == Some(Forge::None) {
        all.push(Shown(Some(Place::Directory), "a folder on this machine".to_owned()));
    }
    let help = "It knows which accounts scimform manages; without it nobody who left can be told from a stranger.";
    match select("Where is the ledger kept?", all, 0, Some(help))? {
        Some(place) => Ok(place),
        None => text("Its address?", "", Some("as in s3://bucket/prefix"), |text| match answers::place(text) {
            Ok(Place::Store(_)) => Ok(text.to_owned()),
            Ok(_) => Err("this is no object store; write it as s3://bucket/prefix".to_owned()),
            Err(why) => Err(why),
        })
        .map(Place::Store),
    }
}

fn select<T>(question: &str, all: Vec<Shown<T>>, proposed: usize, help: Option<&str>) -> Result<T, CommandError> {
    let mut select = Select::new(question, all).with_starting_cursor(proposed).with_page_size(10);
    select.help_message = help;
    select.prompt().map(|shown| shown.0).map_err(stopped)
}

fn text(
    question: &str,
    proposed: &str,
    help: Option<&str>,
    check: impl Fn(&str) -> Result<String, String> + Clone + 'static,
) -> Result<String, CommandError> {
    let checked = check.clone();
    let mut text = Text::new(question).with_validator(move |given: &str| {
        Ok(match checked(given.trim()) {
            Ok(_) => Validation::Valid,
            Err(why) => Validation::Invalid(why.into()),
        })
    });
    text.help_message = help;
    if !proposed.is_empty() {
        text = text.with_default(proposed);
    }
    let given = text.prompt().map_err(stopped)?;
    check(given.trim()).map_err(CommandError::new)
}

fn stopped(error: InquireError) -> CommandError {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            CommandError::new("stopped; nothing was written")
        }
        error => CommandError::new(format!("cannot ask: {error}")).hint("Give the flags, and `--yes`."),
    }
}
