//! Checks a write: by its answer where that carries what was written, else by reading again.

use rustc_hash::FxHashSet;

use super::hidden::{self, hides};
use super::job::{Context, Expected, Job};
use super::managed::{Lost, Standing};
use super::overlay::member_id;
use super::service::{Fault, Service};
use super::verify::Verdict;
use crate::scim::{Object, ResourceKind};

/// What a check found.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a finding of its own")]
pub(super) struct Checked {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) members_unsettled: bool,
    /// Members that are other than they should be, as they are: `present` those who should be gone. Empty where some are
    /// unsettled and it is not known who.
    pub(super) members_off: Expected,
    pub(super) members_unseen: bool,
    pub(super) unchecked: Option<Fault>,
    /// Whoever was to lose access is not there any more.
    pub(super) gone: bool,
    pub(super) etag: Option<String>,
    /// Whether the answer was taken at its word.
    pub(super) believed: bool,
    /// What the write took away of what it was not about.
    pub(super) lost: Lost,
    /// The object that was looked at, for a job after which more is written.
    pub(super) shown: Option<Object>,
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
    let standing = Standing::of(context, job);
    let shown = job.effects.iter().any(|effect| effect.shown) || members.is_some() || !standing.is_empty();
    if !shown {
        return best;
    }
    // Who is in a group is never taken from an answer.
    if let Some(object) = answer.filter(|_| members.is_none()) {
        let seen = look(context, job, (members, &standing), object);
        if seen.is_settled() && job.effects.iter().all(|effect| context.takes_its_word(job, effect)) {
            return Checked { believed: true, ..seen };
        }
    }
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        match context.service.get(job.kind, id).await {
            Ok(Some(current)) => {
                best = Checked { etag: current.etag, ..look(context, job, (members, &standing), &current.object) };
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
    context.drops(job.kind, &best.lost.paths);
    best
}

/// Whether a resource that was said to be missing is, when asked for once more: a gateway has a 404 of its own, and
/// someone who is taken for gone is not looked after any more.
pub(super) async fn is_gone<S: Service>(context: &Context<'_, S>, kind: ResourceKind, id: &str) -> bool {
    matches!(context.service.get(kind, id).await, Ok(None))
}

impl Checked {
    /// What may be taken for done of a group's members. A member that was not seen to be gone stays ours, so that the next plan
    /// takes them out.
    pub(super) fn believed(&self, expected: Expected) -> Expected {
        if self.unchecked.is_some() || (self.members_unsettled && self.members_off == Expected::default()) {
            return Expected { absent: Vec::new(), ..expected };
        }
        let but = |ids: Vec<String>, these: &[String], others: &[String]| {
            let these: FxHashSet<&String> = these.iter().collect();
            ids.into_iter().filter(|id| !these.contains(id)).chain(others.iter().cloned()).collect()
        };
        let Expected { present, absent } = &self.members_off;
        Expected { present: but(expected.present, absent, present), absent: but(expected.absent, present, absent) }
    }

    /// Whether all is as it was sent, as far as it can be seen.
    pub(super) fn is_settled(&self) -> bool {
        !self.members_unsettled
            && self.lost.is_empty()
            && self.verdicts.iter().all(|verdict| matches!(verdict, Verdict::Settled | Verdict::Unseen))
    }

    fn is_worth_waiting<S: Service>(&self, context: &Context<'_, S>, job: &Job) -> bool {
        self.members_unsettled
            || !self.lost.members.is_empty()
            || self.lost.paths.iter().any(|path| context.worth_waiting(path))
            || job
                .effects
                .iter()
                .zip(&self.verdicts)
                .any(|(effect, verdict)| *verdict == Verdict::Refused && context.worth_waiting(&effect.path))
    }
}

fn look<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    (members, standing): (Option<&Expected>, &Standing<'_>),
    object: &Object,
) -> Checked {
    let verdicts = job.effects.iter().map(|effect| context.judge(job, effect, object)).collect();
    let hidden = context.members_hidden;
    let members_off = members.map(|expected| off(expected, object, hidden)).unwrap_or_default();
    Checked {
        verdicts,
        members_unsettled: members_off != Expected::default(),
        members_off,
        members_unseen: members.is_some() && hidden && object.get("members").is_none(),
        lost: standing.lost(object, hidden),
        shown: Some(object.clone()),
        ..Checked::default()
    }
}

/// Who is in a group and should not be, and who should be and is not. A group without `members` is empty, unless the
/// target never shows them.
fn off(expected: &Expected, group: &Object, hidden: bool) -> Expected {
    let there: FxHashSet<&str> = match group.get("members") {
        None if hidden => return Expected::default(),
        None => FxHashSet::default(),
        Some(members) => members.as_array().unwrap_or_default().iter().filter_map(member_id).collect(),
    };
    let those =
        |ids: &[String], wanted: bool| ids.iter().filter(|id| there.contains(id.as_str()) != wanted).cloned().collect();
    Expected { present: those(&expected.absent, false), absent: those(&expected.present, true) }
}
