//! What is said where a target does not do what it is asked, each with the setting that may lift it.

use super::job::{Context, Job, Work};
use super::service::Fault;
use crate::plan::Verb;
use crate::profile::Obstacle;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// The setting that may lift what stands in the way, as a sentence, with the command that finds out which one does.
pub(super) fn way_out<S>(context: &Context<'_, S>, obstacle: &Obstacle<'_>) -> String {
    let target = context.target;
    let ways = obstacle.way_out(context.profile, Some(target));
    let mut letters = ways.chars();
    let sentence: String =
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    let probe = format!("`scimform probe {target} --write` finds out what the target accepts.");
    if sentence.is_empty() { probe } else { format!("{sentence}. {probe}") }
}

/// What is said of something that an update took away. `None` for a member.
pub(super) fn lost<S>(context: &Context<'_, S>, kind: ResourceKind, path: Option<&AttrPath>) -> Fault {
    let (message, obstacle) = match path {
        Some(_) => (
            "the update took it away: it was as declared before, and the target dropped or changed it with a write that was \
             about something else",
            None,
        ),
        None => (
            "the update took it out of the group: it was a member before the write, which was not about members",
            Some(Obstacle::MembersLostByUpdate(context.verb(kind) == Verb::Put)),
        ),
    };
    let text = path.map(ToString::to_string).unwrap_or_default();
    let way_out = way_out(context, &obstacle.unwrap_or(Obstacle::LostByUpdate(&text)));
    Fault {
        message: message.to_owned(),
        hint: Some(format!("The next plan brings it back. {way_out}")),
        ..Fault::default()
    }
}

/// What is said once where a write only came through without `If-Match`.
pub(super) fn etags_refused<S>(context: &Context<'_, S>) -> String {
    format!(
        "the target answers 412 to its own `ETag` of an object that did not change, so writes go without `If-Match`; {}",
        Obstacle::RefusedVersion.way_out(context.profile, Some(context.target))
    )
}

/// The setting that fits a target which does not keep an attribute, members or a resource's end (`id`).
pub(super) fn not_kept<S>(context: &Context<'_, S>, job: &Job, path: &str) -> String {
    let obstacle = match path {
        "members" => Obstacle::MembersNotKept,
        "id" => Obstacle::NotDeleted(job.kind),
        // Never that it may be left as it is: somebody keeps access.
        "active" if context.is_leaving(job) => {
            return format!(
                "If only a deletion ends access there: `targets: {{ {}: {{ onRemove: {{ users: delete }} }} }}`.",
                context.target
            );
        }
        "active" => Obstacle::StillInactive,
        path => Obstacle::NotKept(path),
    };
    way_out(context, &obstacle)
}

/// A failed request with the setting that may help, where the target refuses the request as such: a 404 too, since what
/// is not there was looked for and not found; or where it refuses that an attribute changes.
pub(super) fn of_refusal<S>(context: &Context<'_, S>, job: &Job, fault: Fault) -> Fault {
    if let Some(path) = refused_change(job, &fault) {
        return Fault { hint: Some(way_out(context, &Obstacle::RefusedChange(job.kind, &path))), ..fault };
    }
    if !matches!(fault.status, Some(404 | 405 | 501)) {
        return fault;
    }
    let put = |verb: Verb| if verb == Verb::Put { "PUT" } else { "PATCH" };
    let obstacle = match &job.work {
        Work::Members { .. } => Obstacle::RefusedMembers(context.form.verb == Verb::Put),
        Work::Update(_) => Obstacle::RefusedMethod(put(context.verb(job.kind)), job.kind),
        Work::Post(_) | Work::Delete => return fault,
    };
    Fault { hint: Some(way_out(context, &obstacle)), ..fault }
}

/// The attribute that may not change: nothing else was to, and the target says so (RFC 7644 section 3.12) or it is the name of
/// a group.
fn refused_change(job: &Job, fault: &Fault) -> Option<String> {
    let Work::Update(ops) = &job.work else { return None };
    let [op] = ops.as_slice() else { return None };
    let path = op.path.as_ref()?.to_string();
    let is_name = job.kind == ResourceKind::Group && path.eq_ignore_ascii_case("displayName");
    let is_final = fault.scim_type.as_deref() == Some("mutability");
    (matches!(fault.status, Some(400 | 403 | 422)) && (is_name || is_final)).then_some(path)
}
