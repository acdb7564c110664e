//! Where the ledger is kept.

use super::Check;
use crate::config::model::Ledger;
use crate::diag::{Code, Diagnostic};
use crate::directory::LedgerLocation;

/// Kinds of object store that a ledger's URL may name.
const STORES: &[&str] = &["s3", "gs", "az", "azure"];
/// The remote where none is written.
const REMOTE: &str = "origin";

/// The location, `.scimform` where none is written. A directory has to stay below the repository root.
pub(super) fn check(check: &mut Check<'_>) -> LedgerLocation {
    let config = check.config;
    let Some(written) = &config.ledger else {
        return LedgerLocation::Directory(".scimform".to_owned());
    };
    let (location, wrong) = match &written.value {
        Ledger::Dir(path) => {
            (LedgerLocation::Directory(path.value.clone()), directory(&path.value).map(|why| (path.span, why)))
        }
        Ledger::Git(git) => {
            let remote = git.remote.as_ref().map_or(REMOTE, |remote| &remote.value).to_owned();
            let reference = git.reference.value.clone();
            let wrong = reference_name(&reference).map(|why| (git.reference.span, why));
            (LedgerLocation::GitRef { reference, remote }, wrong)
        }
        Ledger::Url(url) => (LedgerLocation::Url(url.value.clone()), store(&url.value).map(|why| (url.span, why))),
    };
    if let Some((span, (message, hint))) = wrong {
        let diagnostic = Diagnostic::new(Code::Schema, span, message).hint(hint);
        let login = matches!(&written.value, Ledger::Url(url) if url.value.contains('@'));
        check.found.push(if login { diagnostic.hide(span) } else { diagnostic });
    }
    location
}

type Wrong = (String, &'static str);

fn directory(path: &str) -> Option<Wrong> {
    let drive = path.chars().nth(1) == Some(':');
    let outside = path.starts_with(['/', '\\']) || drive || path.split(['/', '\\']).any(|part| part == "..");
    outside.then(|| {
        (
            format!("the ledger's directory `{path}` is not below the repository root"),
            "Write a relative path, such as `.scimform`.",
        )
    })
}

/// What git-check-ref-format(1) forbids beyond single characters, which the schema looks at.
fn reference_name(name: &str) -> Option<Wrong> {
    let part = |part: &str| {
        let wrong = part.is_empty() || part.starts_with('.') || part.to_ascii_lowercase().ends_with(".lock");
        wrong || part.ends_with('.')
    };
    let wrong = name.split('/').count() < 3
        || name.split('/').any(part)
        || name.contains("..")
        || name.contains("@{")
        || name.chars().any(char::is_control);
    wrong.then(|| {
        (
            format!("`{}` can't be the name of a ref", name.escape_debug()),
            "Write a name such as `refs/scimform/ledger`.",
        )
    })
}

fn store(text: &str) -> Option<Wrong> {
    let hint = "Write an object store's URL, such as `s3://bucket/prefix`.";
    let Ok(url) = url::Url::parse(text) else {
        return Some(("the ledger's URL can't be read".to_owned(), hint));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some(("the ledger's URL holds a login".to_owned(), "Take it out: logins come from the environment."));
    }
    if url.scheme() == "file" {
        let message = "a ledger on this machine is no object store".to_owned();
        return Some((message, "Write `dir` with a directory of the repository, such as `dir: .scimform`."));
    }
    if !STORES.contains(&url.scheme()) {
        return Some((format!("`{}` is no object store that a ledger can be kept in", url.scheme()), hint));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Some(("the ledger's URL names no bucket".to_owned(), hint));
    }
    if url.query().is_some() || url.fragment().is_some() {
        let hint = "Settings of a store come from the environment, such as `AWS_REGION`.";
        return Some(("the ledger's URL has a query or fragment".to_owned(), hint));
    }
    None
}
