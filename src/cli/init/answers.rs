//! What a new repository is made of: given, proposed or asked.

use std::path::Path;
use std::sync::Arc;

use crate::cli::args::{Forge, InitOptions};
use crate::cli::error::CommandError;
use crate::profile::{self, AuthForm, Profile};

/// What a new repository is made of.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) target: String,
    pub(super) profile: Arc<Profile>,
    /// The base URL, where the profile has none.
    pub(super) url: Option<String>,
    /// The environment variable with the login's secret.
    pub(super) variable: String,
    pub(super) forge: Forge,
    pub(super) owners: Vec<Owner>,
    pub(super) ledger: Place,
    pub(super) branch: String,
}

/// Who owns what lies below a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Owner {
    /// As in CODEOWNERS; `*` for all.
    pub(super) path: String,
    pub(super) team: String,
}

/// Where the ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Git,
    Directory,
    Store(String),
}

/// What is given, before anything is proposed or asked; each part is checked already.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) target: Option<String>,
    pub(super) profile: Option<Arc<Profile>>,
    pub(super) url: Option<String>,
    pub(super) variable: Option<String>,
    pub(super) forge: Option<Forge>,
    pub(super) owners: Vec<Owner>,
    pub(super) ledger: Option<Place>,
    pub(super) branch: Option<String>,
}

impl Given {
    pub(super) fn new(options: &InitOptions) -> Result<Self, CommandError> {
        let usage = |flag: &'static str| move |why: String| CommandError::usage(format!("`{flag}`: {why}"));
        let given = Self {
            target: options.target.as_deref().map(target).transpose().map_err(usage("--target"))?,
            profile: options.profile.as_deref().map(profile).transpose().map_err(usage("--profile"))?,
            url: options.url.as_deref().map(url).transpose().map_err(usage("--url"))?,
            variable: options.auth.as_deref().map(auth).transpose().map_err(usage("--auth"))?,
            forge: options.ci,
            owners: options
                .owners
                .iter()
                .map(|text| owner(text))
                .collect::<Result<_, _>>()
                .map_err(usage("--owners"))?,
            ledger: options.ledger.as_deref().map(place).transpose().map_err(usage("--ledger"))?,
            branch: options.default_branch.as_deref().map(branch).transpose().map_err(usage("--default-branch"))?,
        };
        lasting(given.ledger.as_ref(), given.forge)?;
        Ok(given)
    }

    /// Everything, what is not given as it is proposed.
    pub(super) fn complete(self, folder: &Path) -> Result<Answers, CommandError> {
        let profile = match self.profile {
            Some(profile) => profile,
            None => profile("generic").map_err(CommandError::new)?,
        };
        let target = self.target.unwrap_or_else(|| proposed_target(&profile));
        let url = match self.url {
            Some(url) => Some(url),
            None if profile.url.is_some() => None,
            None => Some(proposed_url(&profile)),
        };
        let forge = self.forge.unwrap_or_else(|| proposed_forge(folder));
        let ledger = self.ledger.unwrap_or(match forge {
            Forge::None => Place::Directory,
            _ => Place::Git,
        });
        lasting(Some(&ledger), Some(forge))?;
        let variable = self.variable.unwrap_or_else(|| proposed_variable(&target));
        let branch = self.branch.unwrap_or_else(|| proposed_branch(folder));
        Ok(Answers { target, profile, url, variable, forge, owners: self.owners, ledger, branch })
    }
}

/// Refuses a ledger that ends with the machine on which CI runs.
pub(super) fn lasting(ledger: Option<&Place>, forge: Option<Forge>) -> Result<(), CommandError> {
    let lost = ledger == Some(&Place::Directory) && forge.is_some_and(|forge| forge != Forge::None);
    if !lost {
        return Ok(());
    }
    let error = CommandError::usage("a ledger in a directory is gone with the machine on which CI runs");
    Err(error.hint("Keep it in git (`--ledger git`) or in an object store, or write no workflows (`--ci none`)."))
}

/// The vendor's name, where the profile is one's: what is true of any server has nothing odd about it.
pub(super) fn proposed_target(profile: &Profile) -> String {
    if profile.quirks.is_empty() { "app".to_owned() } else { profile.name.clone() }
}

pub(super) fn proposed_url(profile: &Profile) -> String {
    let form = profile.url_form.as_deref().unwrap_or("https://app.example.com/scim/v2");
    form.replace(['{', '}'], "")
}

pub(super) fn proposed_variable(target: &str) -> String {
    let name: String =
        target.chars().map(|letter| if letter == '-' { '_' } else { letter.to_ascii_uppercase() }).collect();
    let digit = name.starts_with(|letter: char| letter.is_ascii_digit());
    if digit { format!("_{name}_TOKEN") } else { format!("{name}_TOKEN") }
}

/// What `origin` says, GitHub where it says nothing.
pub(super) fn proposed_forge(folder: &Path) -> Forge {
    let config = std::fs::read_to_string(folder.join(".git/config")).unwrap_or_default();
    let gitlab = config.lines().any(|line| line.trim_start().starts_with("url") && line.contains("gitlab"));
    if gitlab || folder.join(".gitlab-ci.yml").exists() { Forge::Gitlab } else { Forge::Github }
}

/// The branch that is checked out, `main` where there is none or its name is not one for a workflow.
pub(super) fn proposed_branch(folder: &Path) -> String {
    let head = std::fs::read_to_string(folder.join(".git/HEAD")).unwrap_or_default();
    head.trim().strip_prefix("ref: refs/heads/").and_then(|name| branch(name).ok()).unwrap_or_else(|| "main".to_owned())
}

pub(super) fn target(text: &str) -> Result<String, String> {
    let fine = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    // A name of digits would be a number in YAML.
    let named = text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.contains(|l: char| l.is_ascii_lowercase());
    if named
        && text.chars().all(fine)
        && !matches!(text, "null" | "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
    {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no name for a target; take small letters, digits and `-`"))
}

pub(super) fn profile(text: &str) -> Result<Arc<Profile>, String> {
    profile::builtin(text).ok_or_else(|| match profile::suggest(text) {
        Some(meant) => format!("there is no profile `{text}`; did you mean `{meant}`?"),
        None => {
            format!("there is no profile `{text}`; `scimform profile list` has them, `generic` is for any other server")
        }
    })
}

pub(super) fn url(text: &str) -> Result<String, String> {
    let parsed = url::Url::parse(text).ok().filter(|url| url.host_str().is_some() && url.username().is_empty());
    let local = parsed
        .as_ref()
        .and_then(url::Url::host_str)
        .is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    match parsed {
        Some(url) if url.scheme() == "https" || (url.scheme() == "http" && local) => {
            Ok(String::from(url).trim_end_matches('/').to_owned())
        }
        _ => Err(format!("`{text}` is no base URL; write it as https://app.example.com/scim/v2")),
    }
}

pub(super) fn auth(text: &str) -> Result<String, String> {
    let Some(name) = text.strip_prefix("env:") else {
        return Err("write it as `env:VARIABLE`; a token itself never stands in a file".to_owned());
    };
    variable(name)
}

pub(super) fn variable(name: &str) -> Result<String, String> {
    let fine = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) || !name.chars().all(fine) {
        return Err(format!("`{name}` is no name for a variable; take capital letters, digits and `_`"));
    }
    if ["GITHUB_", "CI_", "SCIMFORM_"].iter().any(|taken| name.starts_with(taken)) {
        return Err(format!("`{name}` is taken: the CI system or scimform sets it"));
    }
    Ok(name.to_owned())
}

pub(super) fn owner(text: &str) -> Result<Owner, String> {
    let (path, team) = text.split_once('=').unwrap_or(("*", text));
    let team = team.trim();
    let name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/' | '@' | '+');
    if !team.contains('@') || team.len() < 3 || !team.chars().all(name) {
        return Err(format!("`{team}` is no team; write it as @acme/identity"));
    }
    if path.is_empty() || path.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '#') {
        return Err(format!("`{path}` is no path for CODEOWNERS"));
    }
    Ok(Owner { path: path.to_owned(), team: team.to_owned() })
}

pub(super) fn place(text: &str) -> Result<Place, String> {
    match text {
        "git" => Ok(Place::Git),
        "dir" => Ok(Place::Directory),
        _ => {
            let store = ["s3://", "gs://", "az://"].iter().find_map(|scheme| text.strip_prefix(scheme));
            let fine = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/');
            if store.is_some_and(|rest| !rest.is_empty() && rest.chars().all(fine)) {
                return Ok(Place::Store(text.to_owned()));
            }
            Err(format!("`{text}` is no place; it is `git`, `dir`, or as in s3://bucket/prefix (gs, az)"))
        }
    }
}

pub(super) fn branch(text: &str) -> Result<String, String> {
    let fine = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/');
    if text.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && text.chars().all(fine) {
        return Ok(text.to_owned());
    }
    Err(format!("`{text}` is no name for a branch here; take letters, digits, `-`, `_`, `.` and `/`"))
}

impl Answers {
    /// `auth:` as the profile wants it, every secret from the environment.
    pub(super) fn auth(&self) -> String {
        let secret = format!("{{ env: {} }}", self.variable);
        match &self.profile.auth {
            AuthForm::Bearer => format!("{{ bearer: {secret} }}"),
            AuthForm::Header(name) => format!("{{ header: {{ name: {name}, value: {secret} }} }}"),
            AuthForm::Basic => format!("{{ basic: {{ username: scimform, password: {secret} }} }}"),
            AuthForm::OAuth2 => format!(
                "{{ oauth2: {{ tokenUrl: https://login.example.com/oauth2/token, clientId: scimform, clientSecret: {secret} }} }}"
            ),
        }
    }

    /// Where the secret may go, as `SCIMFORM_ALLOWED_HOSTS` has it.
    pub(super) fn allowed_hosts(&self) -> String {
        let address = self.url.as_deref().or(self.profile.url.as_deref()).unwrap_or_default();
        let parsed = url::Url::parse(address).ok();
        let host = parsed.as_ref().and_then(url::Url::host_str).unwrap_or("HOST");
        let port = parsed.as_ref().and_then(url::Url::port).map(|port| format!(":{port}")).unwrap_or_default();
        let port = if matches!(host, "localhost" | "127.0.0.1" | "[::1]") { String::new() } else { port };
        format!("{}={host}{port}", self.variable)
    }
}
