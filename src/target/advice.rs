//! The way out of a failed request: the vendor's own advice first, then the setting that may lift it, then what is
//! usually so.

use super::error::{ErrorKind, TargetError};
use crate::profile::{Obstacle, Profile};
use crate::scim::ResourceKind;

/// What was asked for.
pub(crate) struct Asked<'a> {
    pub(crate) profile: &'a Profile,
    /// The target's name.
    pub(crate) target: &'a str,
    pub(crate) method: &'a str,
    /// The kind of resource, unless it was an endpoint of discovery.
    pub(crate) kind: Option<ResourceKind>,
    /// Whether the request went to an endpoint and not to one resource, whose 404 says nothing of the base URL.
    pub(crate) endpoint: bool,
    /// Names of the parameters of the query.
    pub(crate) parameters: &'a [&'a str],
}

impl TargetError {
    /// Adds the way out, unless there is one already.
    pub(crate) fn advised(self, asked: &Asked<'_>) -> Self {
        match vendors(&self, asked).or_else(|| setting(&self, asked)) {
            Some(advice) => self.with_hint(advice),
            None => self,
        }
    }
}

fn vendors(error: &TargetError, asked: &Asked<'_>) -> Option<String> {
    let hints = &asked.profile.hints;
    match error.status()? {
        _ if error.kind() == ErrorKind::Limited => None,
        401 => hints.unauthorized.clone(),
        403 => hints.forbidden.clone(),
        404 if asked.endpoint => hints.not_found.clone(),
        _ => None,
    }
}

/// The setting that may lift a refusal, in a sentence.
fn setting(error: &TargetError, asked: &Asked<'_>) -> Option<String> {
    let obstacle = obstacle(error, asked)?;
    let way_out = obstacle.way_out(asked.profile, Some(asked.target));
    if way_out.is_empty() {
        return None;
    }
    let cause = match obstacle {
        Obstacle::RateLimit => "The target limits the rate of requests: ",
        Obstacle::LargeAnswer => "The target's answer is too large: ",
        Obstacle::NoGroups => "Is the base URL right? It usually ends in /scim/v2: ",
        _ => "",
    };
    let probe = match obstacle {
        Obstacle::RefusedMethod(..) | Obstacle::RefusedPatch(_) => {
            format!(". `scimform probe {} --write` finds out what the target accepts", asked.target)
        }
        _ => String::new(),
    };
    Some(format!("{}{probe}.", sentence(&format!("{cause}{way_out}"))))
}

fn obstacle<'a>(error: &'a TargetError, asked: &Asked<'a>) -> Option<Obstacle<'a>> {
    let (reads, kind) = (asked.method == "GET", asked.kind);
    match (error.kind(), error.status()) {
        (ErrorKind::Limited, _) => return Some(Obstacle::RateLimit),
        (ErrorKind::TooLarge, _) if reads => return Some(Obstacle::LargeAnswer),
        (ErrorKind::Status, _) => {}
        _ => return None,
    }
    let (kind, status) = (kind?, error.status()?);
    Some(match status {
        400 if error.scim_type() == Some("tooMany") => Obstacle::LargeAnswer,
        404 if asked.endpoint && kind == ResourceKind::Group => Obstacle::NoGroups,
        400 | 422 | 501 if reads && asked.endpoint => Obstacle::RefusedList(kind, asked.parameters),
        400 if asked.method == "PATCH" && is_of_patch(error) => Obstacle::RefusedPatch(kind),
        404 if !reads && is_of_route(error, asked.method) => Obstacle::RefusedMethod(asked.method, kind),
        405 | 501 if !reads => Obstacle::RefusedMethod(asked.method, kind),
        406 | 415 if !reads => Obstacle::RefusedType,
        412 => Obstacle::RefusedVersion,
        413 if !reads => Obstacle::LargeBody,
        _ => return None,
    })
}

/// Whether it is the PATCH that is refused and not a value in it.
fn is_of_patch(error: &TargetError) -> bool {
    if let Some(known) = error.scim_type() {
        return ["invalidPath", "invalidSyntax", "invalidFilter", "noTarget"].contains(&known);
    }
    let detail = error.detail().to_ascii_lowercase();
    ["patch", "operation", "path"].iter().any(|word| detail.contains(word))
}

/// Whether a 404 is of a server's router, which knows no such method, and not of a resource that is gone.
fn is_of_route(error: &TargetError, method: &str) -> bool {
    let detail = error.detail();
    let names = detail.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == method);
    error.scim_type().is_none() && (names || detail.to_ascii_lowercase().contains("route"))
}

/// With a capital letter, as hints begin.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(
        method: &str,
        endpoint: bool,
        parameters: &[&str],
        status: u16,
        said: &str,
        scim_type: Option<&str>,
    ) -> String {
        let profile = crate::profile::builtin("generic").unwrap();
        let kind = Some(ResourceKind::User);
        let asked = Asked { profile: &profile, target: "app", method, kind, endpoint, parameters };
        let error = TargetError::new(ErrorKind::Status, said).with_status(status);
        error.with_scim_type(scim_type.map(str::to_owned)).advised(&asked).hint().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_refusal_names_the_setting_that_may_lift_it() {
        let hint_of =
            |method, endpoint, parameters: &[&str], status| hint(method, endpoint, parameters, status, "no", None);
        for (shown, setting) in [
            (hint_of("PUT", false, &[], 501), "targets: { app: { capabilities: { put: false, patch: true } } }"),
            (hint_of("PATCH", false, &[], 405), "targets: { app: { capabilities: { patch: false, write: put } } }"),
            (hint_of("DELETE", false, &[], 405), "targets: { app: { capabilities: { deletion: none } } }"),
            (hint_of("POST", true, &[], 501), "targets: { app: { capabilities: { createUsers: false } } }"),
            (hint_of("PATCH", false, &[], 412), "targets: { app: { capabilities: { etag: false } } }"),
            (hint_of("POST", true, &[], 415), "{ contentType: application/json }"),
            (hint_of("PATCH", false, &[], 413), "{ membersPerPatch: 20 }"),
            (hint_of("GET", true, &["startIndex", "count"], 400), "{ countParameter: false }"),
            (hint_of("GET", true, &["count", "filter"], 400), "{ filterUsers: [] }"),
        ] {
            assert!(shown.contains(setting), "{shown} names no {setting}");
        }
        let too_many = hint("GET", true, &["count"], 400, "no", Some("tooMany"));
        assert!(too_many.contains("{ pageSize: 50 }"), "{too_many}");
        let patch = hint("PATCH", false, &[], 400, "Invalid SCIM patch request.", None);
        assert!(patch.contains("pathFilters: false") && patch.contains("`scimform probe app --write`"), "{patch}");
    }

    #[test]
    fn a_404_of_the_router_is_told_from_one_of_a_resource() {
        let hint = |said: &str| hint("PUT", false, &[], 404, said, None);
        for said in ["Route PUT:/Users/:id not found", "Cannot PUT /scim/v2/Users/7", "no Route matched"] {
            assert!(hint(said).contains("`capabilities.patch`"), "{said}");
        }
        assert!(!hint("Resource 7 not found").contains("capabilities"));
    }

    #[test]
    fn a_value_that_is_refused_is_no_matter_of_settings() {
        assert_eq!(hint("PATCH", false, &[], 400, "userName must be an address", None), "");
        assert_eq!(hint("PATCH", false, &[], 400, "patch", Some("invalidValue")), "");
        assert_eq!(hint("POST", true, &[], 409, "taken", Some("uniqueness")), "");
    }
}
