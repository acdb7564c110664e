//! Two targets that are one server: each removes what the other still wants.

use std::collections::BTreeMap;

use url::Url;

use super::Check;
use crate::diag::{Code, Diagnostic, Severity};
use crate::directory::{Mode, Target, TargetName, is_loopback};

/// Warns of targets with the same URL, unless their credentials are known to choose the tenant. Disabled targets and those
/// that are only read take nothing away.
pub(super) fn check(check: &mut Check<'_>, targets: &BTreeMap<TargetName, Target>) {
    let mut seen: BTreeMap<String, Vec<&Target>> = BTreeMap::new();
    for target in targets.values().filter(|target| target.mode == Mode::Sync) {
        let Some(server) = target.url.as_deref().and_then(server) else { continue };
        let others = seen.entry(server).or_default();
        let same = others.iter().find(|other| other.auth == target.auth);
        if let Some(other) = same.or_else(|| others.first().filter(|_| !is_shared(target))) {
            check.found.push(twins(target, other));
        }
        others.push(target);
    }
}

/// A URL as the same server would be reached: host without case and final dot, no default port, no slash at the end. All
/// names of this machine are one.
fn server(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let host = if is_loopback(&url) { "localhost" } else { url.host_str()?.trim_end_matches('.') };
    let port = url.port_or_known_default().unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    Some(format!("{}://{host}:{port}{path}?{}", url.scheme(), url.query().unwrap_or_default()))
}

/// Whether the vendor has one URL for all tenants, so that credentials choose the tenant.
fn is_shared(target: &Target) -> bool {
    let known = |url: &String| server(url) == target.url.as_deref().and_then(server);
    target.profile.url.as_ref().is_some_and(known)
}

fn twins(target: &Target, other: &Target) -> Diagnostic {
    let (one, two) = (&other.name, &target.name);
    let loses = "a person or group that is removed from one of them loses the account that the other one wants";
    let (message, hint) = if target.auth == other.auth {
        (
            format!("`{one}` and `{two}` are the same server with the same credentials: {loses}"),
            format!(
                "Keep one of them and give both bindings to it: `target: {one}`. If they are two tenants, write each one's own \
                 `url` or `auth`."
            ),
        )
    } else {
        (
            format!("`{one}` and `{two}` have the same URL: if their credentials are of one tenant, {loses}"),
            format!("If they are one tenant, keep one of them and give both bindings to it: `target: {one}`."),
        )
    };
    let mut diagnostic = Diagnostic::new(Code::Target, target.places.url, message).hint(hint);
    diagnostic = diagnostic.label(other.places.url, format!("`{one}`"));
    diagnostic.severity = Severity::Warning;
    diagnostic
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_in_all_spellings() {
        let first = server("https://App.example/scim/v2").unwrap();
        for text in
            ["https://app.example:443/scim/v2/", " HTTPS://app.example./scim/v2//", "https://app.example/scim/./v2"]
        {
            assert_eq!(server(text).as_ref(), Some(&first), "{text}");
        }
        for text in [
            "http://app.example/scim/v2",
            "https://app.example/scim/V2",
            "https://app.example:8443/scim/v2",
            "https://app.example/scim/v2?tenant=a",
        ] {
            assert_ne!(server(text).as_ref(), Some(&first), "{text}");
        }
        assert_eq!(server("http://localhost:8080/scim"), server("http://127.0.0.1:8080/scim/"));
        assert_eq!(server("nonsense"), None);
    }
}
