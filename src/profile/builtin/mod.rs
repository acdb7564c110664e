//! The profiles that come with scimform.

use std::sync::{Arc, OnceLock};

use super::Profile;

const FILES: &[(&str, &str)] = &[
    ("1password", include_str!("1password.yaml")),
    ("atlassian", include_str!("atlassian.yaml")),
    ("aws-iam-identity-center", include_str!("aws-iam-identity-center.yaml")),
    ("cloudflare", include_str!("cloudflare.yaml")),
    ("configcat", include_str!("configcat.yaml")),
    ("databricks", include_str!("databricks.yaml")),
    ("entra-style", include_str!("entra-style.yaml")),
    ("figma", include_str!("figma.yaml")),
    ("generic", include_str!("generic.yaml")),
    ("github-enterprise", include_str!("github-enterprise.yaml")),
    ("github-organization", include_str!("github-organization.yaml")),
    ("gitlab", include_str!("gitlab.yaml")),
    ("gitlab-self-managed", include_str!("gitlab-self-managed.yaml")),
    ("google-cloud-identity", include_str!("google-cloud-identity.yaml")),
    ("grafana", include_str!("grafana.yaml")),
    ("hcp-terraform", include_str!("hcp-terraform.yaml")),
    ("ibm-verify", include_str!("ibm-verify.yaml")),
    ("jumpcloud", include_str!("jumpcloud.yaml")),
    ("keycloak", include_str!("keycloak.yaml")),
    ("lattice", include_str!("lattice.yaml")),
    ("miro", include_str!("miro.yaml")),
    ("notion", include_str!("notion.yaml")),
    ("salesforce", include_str!("salesforce.yaml")),
    ("scalekit", include_str!("scalekit.yaml")),
    ("sentry", include_str!("sentry.yaml")),
    ("slack", include_str!("slack.yaml")),
    ("snowflake", include_str!("snowflake.yaml")),
    ("tailscale", include_str!("tailscale.yaml")),
    ("workos", include_str!("workos.yaml")),
    ("zitadel", include_str!("zitadel.yaml")),
    ("zoom", include_str!("zoom.yaml")),
    ("zscaler", include_str!("zscaler.yaml")),
];

/// One cell per file: a run uses few profiles, and reading all of them is most of the time of a short one.
static PROFILES: [OnceLock<Option<Arc<Profile>>>; FILES.len()] = [const { OnceLock::new() }; FILES.len()];

/// Reads a profile file. It goes through JSON, since in YAML an enum with content would have to be a tag.
fn read(text: &str) -> Result<Profile, String> {
    let json: serde_json::Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    serde_json::from_value(json).map_err(|error| error.to_string())
}

/// The built-in profile of a name.
pub fn builtin(name: &str) -> Option<Arc<Profile>> {
    let mut files = FILES.iter().zip(&PROFILES);
    let ((_, text), profile) = files.find(|((file, _), _)| *file == name)?;
    profile.get_or_init(|| read(text).ok().map(Arc::new)).clone()
}

/// Names of the built-in profiles, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The profile that a wrong name was probably meant to be.
pub fn suggest(wrong: &str) -> Option<&'static str> {
    super::closest(wrong, names())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{AuthForm, Deletion, WriteVerb};

    #[test]
    fn every_file_is_a_profile_of_its_name() {
        for (name, text) in FILES {
            let profile = read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(profile.name, *name);
            assert_eq!(builtin(name).as_deref(), Some(&profile));
        }
        assert!(names().is_sorted());
        assert_eq!(builtin("Lattice"), None);
    }

    #[test]
    fn a_wrong_name_is_mended() {
        assert_eq!(suggest("latice"), Some("lattice"));
        assert_eq!(suggest("JumpCloud"), Some("jumpcloud"));
        assert_eq!(suggest("aws-identity-center"), Some("aws-iam-identity-center"));
        assert_eq!(suggest("okta"), None);
    }

    #[test]
    fn vendors_say_what_their_documents_say() {
        let path = crate::scim::path::AttrPath::attribute;
        let jumpcloud = builtin("jumpcloud").unwrap();
        assert_eq!(jumpcloud.auth, AuthForm::Header("x-api-key".into()));
        assert_eq!(jumpcloud.url.as_deref(), Some("https://api.jumpcloud.com/scim/v2"));
        assert!(!jumpcloud.capabilities.resources.groups);
        assert_eq!(jumpcloud.attributes.derived, [path("active")]);
        let rule = jumpcloud.attributes.rules.iter().find(|rule| rule.path == path("userName")).unwrap();
        assert_eq!((rule.required, rule.forbid.as_deref(), rule.max_length), (true, Some("@"), Some(1024)));

        let lattice = builtin("lattice").unwrap();
        assert!(!lattice.capabilities.resources.groups);
        assert_eq!(lattice.capabilities.deletion, Deletion::None);
        assert_eq!(lattice.capabilities.write, WriteVerb::Auto);
        assert_eq!(lattice.attributes.server_owned, [path("displayName")]);
        assert_eq!(lattice.mapping.match_users, ["userName", "externalId"]);
        assert!(lattice.attributes.rules.iter().any(|rule| rule.path == path("userName") && rule.email));

        let scalekit = builtin("scalekit").unwrap();
        assert!(scalekit.capabilities.resources.groups && scalekit.capabilities.resources.users);
        assert_eq!((scalekit.url.as_deref(), &scalekit.auth), (None, &AuthForm::Bearer));
    }
}
