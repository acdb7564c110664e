//! Finds at the target what a create was to make: by the match rules, each hit re-checked on our side.

use super::job::Context;
use super::service::{Current, Fault, Service};
use crate::live::normal::Comparison;
use crate::scim::{Object, ResourceKind};

/// What a look-up found.
pub(super) enum Found {
    /// Nothing, though the target was asked by every match attribute that it can filter by, and answered.
    Nothing,
    /// Nothing, but it was not asked for, or a question stayed without an answer: it may be there all the same.
    Unseen,
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
    let rules = context.matching.of(kind);
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
                // A question without an answer weighs more than one that the target can't answer.
                refused = refused.filter(|known| !cannot_filter(known)).or(Some(fault));
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
    match refused {
        Some(fault) if !answered => Err(fault),
        // A target may be unable to filter by one of them; anything else leaves the question open.
        Some(fault) if !cannot_filter(&fault) => Ok(Found::Unseen),
        _ if answered => Ok(Found::Nothing),
        _ => Ok(Found::Unseen),
    }
}

/// Looks for whom a conflict speaks of: by the match rules, and where these find nobody and the plan did not see everyone,
/// in a list of all, which some targets fill with accounts that their filters hide.
pub(super) async fn look_up_taken<S: Service>(
    context: &Context<'_, S>,
    kind: ResourceKind,
    body: &Object,
) -> Result<Found, Fault> {
    let found = look_up(context, kind, body).await;
    match &found {
        Ok(Found::One(..) | Found::Several(_)) => return found,
        Err(fault) if fault.unauthorized => return found,
        _ => {}
    }
    let rules = context.matching.of(kind);
    let Some(roster) = context.rosters.of(context.service, kind, rules).await else { return found };
    for rule in rules {
        let comparison = Comparison::new(context.profile, kind, rule);
        let wanted = comparison.find(body).to_value();
        let Some(text) = wanted.as_str() else { continue };
        let mut hits = Vec::new();
        for id in roster.ids(rule, text) {
            let Some(current) = context.service.get(kind, id).await? else { continue };
            if comparison.same(&wanted, &comparison.find(&current.object)) {
                hits.push((id.to_owned(), current));
            }
        }
        if hits.len() > 1 {
            return Ok(Found::Several(hits.into_iter().map(|(id, _)| id).collect()));
        }
        if let Some((id, current)) = hits.pop() {
            return Ok(Found::One(id, current));
        }
    }
    found
}

/// Whether a target says that it does not filter by an attribute (RFC 7644 section 3.4.2.2).
fn cannot_filter(fault: &Fault) -> bool {
    fault.is_refused() || fault.status == Some(501)
}
