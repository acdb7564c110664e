//! Checks a write: by its answer where that carries what was written, else by reading again.

use rustc_hash::FxHashSet;

use super::hidden::{self, hides};
use super::job::{Context, Expected, Job};
use super::overlay::member_id;
use super::service::{Fault, Service};
use super::verify::Verdict;
use crate::scim::{Object, ResourceKind};

/// What a check found.
#[derive(Debug, Default)]
pub(super) struct Checked {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) members_unsettled: bool,
    pub(super) members_unseen: bool,
    pub(super) unchecked: Option<Fault>,
    /// Whoever was to lose access is not there any more.
    pub(super) gone: bool,
    pub(super) etag: Option<String>,
}

/// Judges all that a job should have done. Servers may be late, so a value that did not take is looked at again after
/// each wait; one that the server made of its own accord needs no waiting, since an old answer would show the old value.
///
/// An answer may repeat what was sent and not what is stored. So the first answer about each attribute is confirmed by
/// a GET, and so is each change of who has access to what; a target that was caught is not taken at its word again. Where
/// the target takes an account away with its access, access has ended.
pub(super) async fn check<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    id: &str,
    members: Option<&Expected>,
    answer: Option<&Object>,
) -> Checked {
    if let Some(expected) = members.filter(|_| hides(&context.profile.capabilities)) {
        let attributes = Box::pin(check(context, job, id, None, answer)).await;
        let held = hidden::holds(context, id, expected).await;
        return Checked { members_unsettled: held == Some(false), members_unseen: held.is_none(), ..attributes };
    }
    let mut best = Checked { verdicts: vec![Verdict::Settled; job.effects.len()], ..Checked::default() };
    let shown = job.effects.iter().any(|effect| effect.shown) || members.is_some();
    if !shown {
        return best;
    }
    if let Some(object) = answer {
        let seen = look(context, job, members, object);
        if seen.is_settled() && job.effects.iter().all(|effect| context.takes_its_word(job, effect)) {
            return seen;
        }
    }
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        match context.service.get(job.kind, id).await {
            Ok(Some(current)) => {
                best = Checked { etag: current.etag, ..look(context, job, members, &current.object) };
                if best.is_settled() && answer.is_some() {
                    context.kept_its_word(job);
                }
                if !best.is_worth_waiting(context, job) {
                    return best;
                }
            }
            Ok(None) if context.is_leaving(job) && is_gone(context, job.kind, id).await => {
                return Checked { gone: true, ..Checked::default() };
            }
            Ok(None) => {
                let message = format!("the target accepted the {} and then did not show it", job.kind);
                best.unchecked = Some(Fault { message, status: Some(404), ..Fault::default() });
            }
            Err(fault) => {
                let unchecked = Fault { message: format!("written, but not checked: {}", fault.message), ..fault };
                return Checked { unchecked: Some(unchecked), ..best };
            }
        }
    }
    for (effect, verdict) in job.effects.iter().zip(&best.verdicts) {
        if *verdict == Verdict::Refused {
            context.refused(&effect.path);
        }
    }
    best
}

/// Whether a resource that was said to be missing is, when asked for once more: a gateway has a 404 of its own, and
/// someone who is taken for gone is not looked after any more.
pub(super) async fn is_gone<S: Service>(context: &Context<'_, S>, kind: ResourceKind, id: &str) -> bool {
    matches!(context.service.get(kind, id).await, Ok(None))
}

impl Checked {
    fn is_settled(&self) -> bool {
        !self.members_unsettled && self.verdicts.iter().all(|verdict| matches!(verdict, Verdict::Settled))
    }

    fn is_worth_waiting<S: Service>(&self, context: &Context<'_, S>, job: &Job) -> bool {
        self.members_unsettled
            || job
                .effects
                .iter()
                .zip(&self.verdicts)
                .any(|(effect, verdict)| *verdict == Verdict::Refused && context.worth_waiting(&effect.path))
    }
}

fn look<S: Service>(context: &Context<'_, S>, job: &Job, members: Option<&Expected>, object: &Object) -> Checked {
    let verdicts = job.effects.iter().map(|effect| context.judge(job, effect, object)).collect();
    let members_unsettled = members.is_some_and(|expected| !holds(expected, object, context.members_hidden));
    Checked { verdicts, members_unsettled, ..Checked::default() }
}

/// Whether a group has the members that it should and none that it should not. A group without `members` is empty,
/// unless the target never shows them.
pub(super) fn holds(expected: &Expected, group: &Object, hidden: bool) -> bool {
    let there: FxHashSet<&str> = match group.get("members") {
        None if hidden => return true,
        None => FxHashSet::default(),
        Some(members) => members.as_array().unwrap_or_default().iter().filter_map(member_id).collect(),
    };
    expected.present.iter().all(|id| there.contains(id.as_str()))
        && !expected.absent.iter().any(|id| there.contains(id.as_str()))
}
