//! Where the ledger is kept.

use super::Check;
use crate::config::model::Ledger;
use crate::diag::{Code, Diagnostic};
use crate::directory::LedgerLocation;
use crate::source::Span;

/// Kinds of object store that a ledger's URL may name.
const STORES: &[&str] = &["s3", "gs", "az", "azure", "file"];

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
            unsupported(check, git.reference.span, "a git ref");
            (LedgerLocation::GitRef(git.reference.value.clone()), None)
        }
        Ledger::Url(url) => {
            let wrong = store(&url.value);
            if wrong.is_none() {
                unsupported(check, url.span, "an object store");
            }
            (LedgerLocation::Url(url.value.clone()), wrong.map(|why| (url.span, why)))
        }
    };
    if let Some((span, (message, hint))) = wrong {
        let diagnostic = Diagnostic::new(Code::Schema, span, message).hint(hint);
        let login = matches!(&written.value, Ledger::Url(url) if url.value.contains('@'));
        check.found.push(if login { diagnostic.hide(span) } else { diagnostic });
    }
    location
}

fn unsupported(check: &mut Check<'_>, place: Span, what: &str) {
    let message = format!("this version can't keep the ledger in {what}");
    let hint = "Write `dir` with a directory of the repository, or leave `ledger` out.";
    check.found.push(Diagnostic::new(Code::LedgerUnsupported, place, message).hint(hint));
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
