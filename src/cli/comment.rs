//! Where the lines of a comment lead: asked of the flag, the environment of a CI, and the clone's remote.

use std::path::Path;

use super::args::{CommentOptions, CommentPlace};
use super::error::CommandError;
use crate::render::comment::{Comment, Place};
use crate::render::links::Links;
use crate::repo;

/// How a page becomes a comment. `revision` is that of the files that were read.
pub(super) fn comment(options: &CommentOptions, root: &Path, revision: Option<&str>) -> Result<Comment, CommandError> {
    let links = links(options, root, revision)?;
    let place = match options.place {
        CommentPlace::Github => Place::GitHub,
        CommentPlace::Gitlab => Place::GitLab,
        CommentPlace::GithubSummary => Place::Summary,
        CommentPlace::File => Place::File,
    };
    Ok(Comment { place, links, full_at: options.full_at.clone(), size: None })
}

/// Where lines lead: as asked for, else as found.
pub(super) fn links(
    options: &CommentOptions,
    root: &Path,
    revision: Option<&str>,
) -> Result<Option<Links>, CommandError> {
    let Some(address) = &options.link_base else { return Ok(found(root, revision)) };
    let links = Links::below(address).ok_or_else(|| {
        CommandError::new("`--link-base` is no address of the web")
            .hint("Write it as https://github.com/acme/people/blob/main.")
    })?;
    Ok(Some(links))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Links by the environment, else by the remote.
pub(super) fn found(root: &Path, revision: Option<&str>) -> Option<Links> {
    let folder = repo::folder(root)?;
    let known = |name: &str| revision.map(str::to_owned).or_else(|| variable(name));
    if let (Some(server), Some(project)) = (variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY")) {
        return Links::github(&format!("{server}/{project}"), &known("GITHUB_SHA")?, &folder);
    }
    if let Some(project) = variable("CI_PROJECT_URL") {
        return Links::gitlab(&project, &known("CI_COMMIT_SHA")?, &folder);
    }
    let (host, project) = web(&repo::remote(root)?)?;
    let address = format!("https://{host}/{project}");
    match host.as_str() {
        "github.com" => Links::github(&address, revision?, &folder),
        _ if host.split('.').next() == Some("gitlab") => Links::gitlab(&address, revision?, &folder),
        _ => None,
    }
}

/// Host and project of a remote's address: `https://host/a/b.git`, `ssh://git@host/a/b`, `git@host:a/b.git`. A name or
/// token in it is left out.
fn web(remote: &str) -> Option<(String, String)> {
    let (authority, path) = match remote.split_once("://") {
        Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
        Some(_) => return None,
        None => remote.split_once(':')?,
    };
    let host = authority.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let project = path.trim_matches('/').trim_end_matches(".git");
    (host.contains('.') && !project.is_empty()).then(|| (host, project.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_is_known_in_every_form_and_its_token_is_not() {
        for remote in [
            "https://github.com/acme/people.git",
            "https://ci:secret@github.com/acme/people",
            "ssh://git@GitHub.com:22/acme/people.git",
            "git@github.com:acme/people.git",
        ] {
            assert_eq!(web(remote), Some(("github.com".to_owned(), "acme/people".to_owned())), "{remote}");
        }
        for other in ["/srv/git/people.git", "../people", "file:///srv/people", ""] {
            assert_eq!(web(other), None, "{other}");
        }
    }
}
