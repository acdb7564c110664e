//! Targets whose `id` is the `externalId`: a new `externalId` makes a new `id` (E52).

use super::job::{Context, Job};
use super::service::{Answer, Service};
use crate::plan::Effect;
use crate::scim::Value;
use crate::scim::path::AttrPath;

/// The id of a resource after a write: the one that the answer names, else the new `externalId` once there is something
/// under it. Everywhere else an id stays for good (RFC 7643 section 3.1).
pub(super) async fn id_after<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    id: &str,
    effects: &[Effect],
    answer: &Answer,
) -> String {
    if !context.profile.attributes.id_is_external_id {
        return id.to_owned();
    }
    let shown = answer.object.as_ref().and_then(|object| object.get("id")).and_then(Value::as_str);
    if let Some(named) = shown.or(answer.id.as_deref()).filter(|named| !named.is_empty() && *named != id) {
        return named.to_owned();
    }
    let external = AttrPath::attribute("externalId");
    let written = effects.iter().find(|effect| effect.path.same(&external)).and_then(|effect| effect.value.as_str());
    let Some(written) = written.filter(|written| *written != id) else { return id.to_owned() };
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        if matches!(context.service.get(job.kind, written).await, Ok(Some(_))) {
            return written.to_owned();
        }
    }
    id.to_owned()
}
