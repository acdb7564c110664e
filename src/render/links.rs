//! Links to a file and line at a revision, where the files are kept on a server that people look at.

use crate::plan::Origin;
use crate::scim::percent::{self, AsciiSet};

/// Where the repository's files are shown. The address comes from the environment or a flag, and is only used where it is
/// one of the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// What stands before a path; ends with `/`.
    base: String,
}

impl Links {
    /// Links below an address, to which a path and `#L3` are added; `None` where it is no `http` or `https` address.
    pub fn below(address: &str) -> Option<Self> {
        let (scheme, rest) = address.trim().split_once("://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let scheme = scheme.to_ascii_lowercase();
        // What stands before an `@` is somebody's name and token.
        let host = authority.rsplit('@').next().unwrap_or_default();
        let known = matches!(scheme.as_str(), "http" | "https") && !host.is_empty();
        let path = path.trim_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("{}/", encoded(path)) };
        known.then(|| Self { base: format!("{scheme}://{}/{path}", encoded(host)) })
    }

    /// Links to files at a revision on GitHub: `project` is the address of the repository's page.
    pub fn github(project: &str, revision: &str, folder: &str) -> Option<Self> {
        Self::at(project, "blob", revision, folder)
    }

    /// The same on GitLab.
    pub fn gitlab(project: &str, revision: &str, folder: &str) -> Option<Self> {
        Self::at(project, "-/blob", revision, folder)
    }

    fn at(project: &str, blob: &str, revision: &str, folder: &str) -> Option<Self> {
        let hash = !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        let folder = folder.trim_matches('/');
        let project = project.trim().trim_end_matches('/');
        hash.then(|| Self::below(&format!("{project}/{blob}/{revision}/{folder}")))?
    }

    /// The address of a line.
    pub fn to(&self, origin: &Origin) -> String {
        format!("{}{}#L{}", self.base, encoded(&origin.file), origin.line)
    }
}

/// A path, in which a port's colon stays as well.
fn encoded(path: &str) -> impl std::fmt::Display {
    const COLON: &AsciiSet = &percent::PATH.remove(b':');
    percent::encode(path, COLON)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    fn to(links: Option<Links>, file: &str) -> String {
        links.unwrap().to(&Origin { file: file.to_owned(), line: 3 })
    }

    #[test]
    fn each_server_has_its_own_form() {
        let github = Links::github("https://github.com/acme/people", "abc123", "");
        assert_eq!(to(github, "a.yaml"), "https://github.com/acme/people/blob/abc123/a.yaml#L3");
        let gitlab = Links::gitlab("https://git.acme.example:8443/it/people/", "abc123", "iam/scim");
        assert_eq!(to(gitlab, "a.yaml"), "https://git.acme.example:8443/it/people/-/blob/abc123/iam/scim/a.yaml#L3");
        assert_eq!(to(Links::below("http://acme.example"), "a.yaml"), "http://acme.example/a.yaml#L3");
    }

    #[test]
    fn a_path_cannot_leave_its_link() {
        let file = "a b](javascript:1) \"#?%/ü.yaml";
        let link = to(Links::below("https://acme.example/x"), file);
        assert_eq!(link, "https://acme.example/x/a%20b%5D%28javascript:1%29%20%22%23%3F%25/%C3%BC.yaml#L3");
    }

    #[test]
    fn no_token_and_no_other_scheme_gets_into_a_link() {
        let named = Links::github("https://ci:secret@github.com/acme/people", "abc123", "");
        assert_eq!(to(named, "a"), "https://github.com/acme/people/blob/abc123/a#L3");
        for wrong in ["javascript:alert(1)", "file:///etc", "ssh://git@github.com/a/b", "", "https://"] {
            assert_eq!(Links::below(wrong), None, "{wrong}");
        }
        assert_eq!(Links::github("https://github.com/a/b", "main\"", ""), None);
    }
}
