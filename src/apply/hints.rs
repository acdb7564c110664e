//! Which setting helps where a target does not do what it is asked: the lines to add, in words that can be pasted.

use super::job::{Context, Job, Work};
use super::service::Fault;
use crate::plan::Verb;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// What is said of something that an update took away. `None` for a member.
pub(super) fn lost<S>(context: &Context<'_, S>, kind: ResourceKind, path: Option<&AttrPath>) -> Fault {
    let target = context.target;
    let (message, hint) = match path {
        Some(path) => (
            "the update took it away: it was as declared before, and the target dropped or changed it with a write that was \
             about something else"
                .to_owned(),
            format!(
                "The next plan brings it back. If the target does so with every update, add to `targets.{target}`: \
                 `capabilities: {{ attributes: {{ resent: [{}] }} }}`",
                quoted(path)
            ),
        ),
        None => (
            "the update took it out of the group: it was a member before the write, which was not about members".to_owned(),
            match context.verb(kind) {
                Verb::Put => format!(
                    "The next plan brings back who is declared. If the target takes PATCH, add to `targets.{target}`: \
                     `capabilities: {{ patch: true }}`"
                ),
                Verb::Patch => format!(
                    "The next plan brings back who is declared. If the target takes PUT of groups, add to \
                     `targets.{target}`: `capabilities: {{ write: put }}`"
                ),
            },
        ),
    };
    Fault { message, hint: Some(hint), ..Fault::default() }
}

/// What is said once where a write only came through without `If-Match`.
pub(super) fn etags_refused<S>(context: &Context<'_, S>) -> String {
    format!(
        "the target answers 412 to its own `ETag` of an object that did not change, so writes go without `If-Match`. To send \
         none from the start, add to `targets.{}`: `capabilities: {{ etag: false }}`",
        context.target
    )
}

/// A path as YAML: quoted where it holds more than letters and dots.
fn quoted(path: &AttrPath) -> String {
    let text = path.to_string();
    if text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '.') { text } else { format!("'{text}'") }
}

/// The setting that fits a target which does not keep an attribute, or a resource's end.
pub(super) fn not_kept<S>(context: &Context<'_, S>, job: &Job, path: &str) -> String {
    let lines = match (path, job.kind) {
        ("members", _) => {
            "If the target takes members in another form: `capabilities: { memberWrite: patch }` (or `replace`, `put`). If it \
             never shows them: `capabilities: { members: never }`"
                .to_owned()
        }
        ("id", ResourceKind::User) => "If it deletes no users: `capabilities: { deletion: none }`".to_owned(),
        ("id", ResourceKind::Group) => "If it deletes no groups: `capabilities: { groupDeletion: none }`".to_owned(),
        // Never that it may be left as it is: somebody keeps access.
        ("active", _) if context.is_leaving(job) => {
            "If only a deletion ends access there: `onRemove: { users: delete }`".to_owned()
        }
        ("active", _) => {
            "If the target computes it: `capabilities: { attributes: { derived: [active] } }`".to_owned()
        }
        (path, _) => {
            let path = path.parse().map_or_else(|_| path.to_owned(), |path| quoted(&path));
            format!(
                "If the target decides it by itself: `capabilities: {{ attributes: {{ serverOwned: [{path}] }} }}` (or \
                 `createOnly`, `ignored`)"
            )
        }
    };
    format!(
        "Lines to add to `targets.{0}`. {lines}. `scimform probe {0} --write` shows what the target keeps.",
        context.target
    )
}

/// A failed request with the setting that may help, where the target refuses the request as such.
pub(super) fn of_refusal<S>(context: &Context<'_, S>, job: &Job, fault: Fault) -> Fault {
    let Some((case, name, line)) = setting(context, job, &fault) else { return fault };
    let hint = format!(
        "If the target {case}, set `{name}`: add `capabilities: {{ {line} }}` to `targets.{0}`. \
         `scimform probe {0} --write` shows what it takes.",
        context.target
    );
    Fault { hint: Some(hint), ..fault }
}

/// When a setting helps, its name, and the line that sets it.
fn setting<S>(
    context: &Context<'_, S>,
    job: &Job,
    fault: &Fault,
) -> Option<(&'static str, &'static str, &'static str)> {
    let verb = match &job.work {
        Work::Members { .. } => context.form.verb,
        _ => context.verb(job.kind),
    };
    let refused = matches!(fault.status, Some(405 | 501));
    // What is not there was looked for and not found, so a 404 of an update is of the request.
    let unknown = refused || fault.status == Some(404);
    let group = job.kind == ResourceKind::Group;
    match (&job.work, verb) {
        (Work::Post(_), _) if refused && group => Some(("creates no groups", "createGroups", "createGroups: false")),
        (Work::Post(_), _) if refused => Some(("creates no users", "createUsers", "createUsers: false")),
        (Work::Delete, _) if refused && group => Some(("deletes no groups", "groupDeletion", "groupDeletion: none")),
        (Work::Delete, _) if refused => Some(("deletes no users", "deletion", "deletion: none")),
        (Work::Members { .. }, Verb::Put) if unknown => {
            Some(("takes PATCH of members in place of PUT", "memberWrite", "memberWrite: patch"))
        }
        (Work::Members { .. }, Verb::Patch) if unknown => {
            Some(("takes PUT of groups in place of PATCH", "memberWrite", "memberWrite: put"))
        }
        (Work::Update(_), Verb::Put) if unknown => Some(("takes PATCH in place of PUT", "patch", "patch: true")),
        (Work::Update(_), Verb::Patch) if unknown => Some(("takes PUT in place of PATCH", "write", "write: put")),
        _ => None,
    }
}
