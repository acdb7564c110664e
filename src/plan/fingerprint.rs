//! What must still hold when a change is applied.

use crate::desired::DesiredResource;
use crate::live::LiveResource;
use crate::live::normal::Comparison;
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind};

use super::diff::matched_target::MatchedTarget;
use super::digest;
use super::{Change, Precondition};

/// The precondition of a change: the `ETag` where the server honours `If-Match`, and the fingerprint.
pub(super) fn precondition(matched: &MatchedTarget<'_>, change: &Change, live: &LiveResource) -> Precondition {
    let capabilities = &matched.input.target.profile.capabilities;
    let honoured = capabilities.etag.or(matched.input.live.discovery.etag).unwrap_or(false);
    let paths = fingerprint_paths(change.resource, matched.desired(change.resource, &change.key));
    let values = paths.iter().map(|path| match matched.prepared(change.resource, path) {
        Some(prepared) => value(&prepared.comparison, &live.attributes),
        None => value(&Comparison::new(&matched.input.target.profile, change.resource, path), &live.attributes),
    });
    Precondition { etag: live.version.clone().filter(|_| honoured), fingerprint: Some(joined(values)) }
}

/// The attributes whose live values a fingerprint covers: those that are asserted, of a person `active` too; without
/// a declaration `active` and `userName`, of a group `displayName`. Members are not among them: adding who is there
/// and removing who is not does no harm.
pub fn fingerprint_paths(kind: ResourceKind, desired: Option<&DesiredResource>) -> Vec<AttrPath> {
    let mut paths: Vec<AttrPath> = match desired {
        Some(desired) => desired.assertions.iter().map(|assertion| assertion.path.as_ref().clone()).collect(),
        None => vec![AttrPath::attribute(kind.name_attribute())],
    };
    let active = AttrPath::attribute("active");
    if kind == ResourceKind::User && !paths.iter().any(|path| path.same(&active)) {
        paths.push(active);
    }
    paths.sort();
    paths
}

/// Hash of the live values at some paths: equal as long as nothing we manage moved. `attributes` is a resource as read,
/// whole or cut to what is managed.
pub fn fingerprint(profile: &Profile, kind: ResourceKind, paths: &[AttrPath], attributes: &Object) -> String {
    joined(paths.iter().map(|path| value(&Comparison::new(profile, kind, path), attributes)))
}

fn value(comparison: &Comparison, attributes: &Object) -> String {
    let found = comparison.find(attributes);
    let value = if found.is_blank() { "null".to_owned() } else { digest::canonical(&found.value()) };
    format!("{}={value}\n", comparison.path().key())
}

fn joined(values: impl Iterator<Item = String>) -> String {
    digest::hash(values.collect::<String>().as_bytes())
}
