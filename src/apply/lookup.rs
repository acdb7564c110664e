//! Finds at the target what a create was to make: by the match rules, each hit re-checked on our side.

use super::job::Context;
use super::service::{Current, Fault, Service};
use crate::live::normal::Comparison;
use crate::scim::{Object, ResourceKind};

/// What a look-up found.
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// Exactly one resource.
    One(String, Current),
    /// Several, which can't be told apart; their ids.
    Several(Vec<String>),
}

/// Looks for the resource that a body describes; the first rule with a hit decides. A rule that the target refuses to
/// answer is passed over, unless none is answered.
pub(super) async fn look_up<S: Service>(
    context: &Context<'_, S>,
    kind: ResourceKind,
    body: &Object,
) -> Result<Found, Fault> {
    let rules = match kind {
        ResourceKind::User => &context.matching.users,
        ResourceKind::Group => &context.matching.groups,
    };
    let mut refused = None;
    let mut answered = false;
    for rule in rules {
        let comparison = Comparison::new(context.profile, kind, rule);
        let wanted = comparison.find(body).to_value();
        let Some(text) = wanted.as_str() else { continue };
        let ids = match context.service.find(kind, rule, text).await {
            Ok(ids) => ids,
            Err(fault) if fault.unauthorized => return Err(fault),
            Err(fault) => {
                refused = Some(fault);
                continue;
            }
        };
        let mut hits = Vec::new();
        for id in ids {
            let Some(current) = context.service.get(kind, &id).await? else { continue };
            let same = comparison.same(&wanted, &comparison.find(&current.object));
            if same && !hits.iter().any(|(known, _)| *known == id) {
                hits.push((id, current));
            }
        }
        if hits.len() > 1 {
            return Ok(Found::Several(hits.into_iter().map(|(id, _)| id).collect()));
        }
        if let Some((id, current)) = hits.pop() {
            return Ok(Found::One(id, current));
        }
        answered = true;
    }
    refused.filter(|_| !answered).map_or(Ok(Found::Nothing), Err)
}
