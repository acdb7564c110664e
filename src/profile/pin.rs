//! The one host to which a vendor's credentials may go without being asked.

use super::{Profile, builtin};

impl Profile {
    /// The host of the vendor's API, where the file that comes with scimform names one that all tenants share, and says so
    /// for sure. Nothing that a repository says counts: a profile of the user's own has the host of the one it builds on.
    ///
    /// A host with a part of the tenant's own pins nothing: there anyone may register a tenant and read what it is sent.
    pub fn pinned_host(&self) -> Option<String> {
        let vendor = builtin(self.vendor.as_deref().unwrap_or(&self.name))?;
        let (address, fact) = match (&vendor.url, &vendor.url_form) {
            (Some(url), _) => (url, "url"),
            (None, Some(form)) => (form, "urlForm"),
            (None, None) => return None,
        };
        let host = address.strip_prefix("https://")?.split(['/', '?', '#']).next()?;
        let fixed = !host.is_empty() && !host.contains(['{', '}', '@', ':', '*']);
        (fixed && vendor.is_verified(fact)).then(|| host.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::profile::{builtin, names};

    #[test]
    fn these_hosts_are_pinned_and_no_other() {
        let pinned: Vec<String> =
            names().filter_map(|name| builtin(name)?.pinned_host().map(|host| format!("{name} {host}"))).collect();
        // A host may stand here only if it is the vendor's alone, so that no stranger can register a part of it.
        let expected = [
            "atlassian api.atlassian.com",
            "configcat scim-api.configcat.com",
            "figma www.figma.com",
            "github-enterprise api.github.com",
            "github-organization api.github.com",
            "gitlab gitlab.com",
            "google-cloud-identity cloudidentityscim.googleapis.com",
            "jumpcloud api.jumpcloud.com",
            "lattice api.latticehq.com",
            "notion api.notion.com",
            "sentry sentry.io",
            "slack api.slack.com",
            "tailscale api.tailscale.com",
            "zoom api.zoom.us",
        ];
        assert_eq!(pinned, expected);
    }

    #[test]
    fn what_a_repository_says_moves_no_pin() {
        let slack = builtin("slack").unwrap();
        let own = slack.extended("own", &json!({ "url": "https://evil.example/scim/v2" })).unwrap();
        assert_eq!(own.url.as_deref(), Some("https://evil.example/scim/v2"));
        assert_eq!(own.pinned_host().as_deref(), Some("api.slack.com"));
        let again = own.extended("again", &json!({ "urlForm": "https://evil.example/{tenant}" })).unwrap();
        assert_eq!(again.pinned_host().as_deref(), Some("api.slack.com"));
        let changed = again.with_capabilities(&json!({ "patch": true })).unwrap();
        assert_eq!(changed.pinned_host().as_deref(), Some("api.slack.com"));

        let generic = builtin("generic").unwrap();
        let own = generic.extended("own", &json!({ "url": "https://evil.example" })).unwrap();
        assert_eq!(own.pinned_host(), None);
        // A name that is one of ours gives nothing either.
        let named = generic.extended("slack", &json!({ "url": "https://evil.example" })).unwrap();
        assert_eq!(named.pinned_host(), None);
        // An address that is not sure pins nothing, and a repository can't make it sure.
        let sure = builtin("miro").unwrap().extended("own", &json!({ "confidence": { "url": "verified" } })).unwrap();
        assert_eq!(sure.pinned_host(), None);
    }
}
