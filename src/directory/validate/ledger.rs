//! Where the ledger is kept.

use super::Check;
use crate::config::model::Ledger;
use crate::diag::{Code, Diagnostic};
use crate::directory::LedgerLocation;

/// Kinds of object store that a ledger's URL may name.
const STORES: &[&str] = &["s3", "gs", "az", "azure", "file"];

/// The location, `.scimform` where none is written. A directory has to stay below the repository root.
pub(super) fn check(check: &mut Check<'_>) -> LedgerLocation {
    let Some(written) = &check.config.ledger else {
        return LedgerLocation::Directory(".scimform".to_owned());
    };
    let (location, wrong) = match &written.value {
        Ledger::Dir(path) => {
            (LedgerLocation::Directory(path.value.clone()), directory(&path.value).map(|why| (path.span, why)))
        }
        Ledger::Git(git) => (LedgerLocation::GitRef(git.reference.value.clone()), None),
        Ledger::Url(url) => (LedgerLocation::Url(url.value.clone()), store(&url.value).map(|why| (url.span, why))),
    };
    if let Some((span, (message, hint))) = wrong {
        check.found.push(Diagnostic::new(Code::Schema, span, message).hint(hint));
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

fn store(text: &str) -> Option<Wrong> {
    let hint = "Write an object store's URL, such as `s3://bucket/prefix`.";
    let Ok(url) = url::Url::parse(text) else {
        return Some(("the ledger's URL can't be read".to_owned(), hint));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Some(("the ledger's URL holds a login".to_owned(), "Take it out: logins come from the environment."));
    }
    let known = STORES.contains(&url.scheme());
    (!known).then(|| (format!("`{}` is no object store that a ledger can be kept in", url.scheme()), hint))
}
