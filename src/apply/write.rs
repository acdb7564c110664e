//! Carries out one step: the write, what its answer leaves open, and the check.

use super::check::{Checked, check, is_gone};
use super::create::create;
use super::disguise;
use super::event::FailureCode;
use super::job::{Context, Done, Ended, Job, Work};
use super::known::shown;
use super::less;
use super::managed::carried;
use super::membership;
use super::moved::id_after;
use super::overlay;
use super::service::{Answer, Current, Fault, Service};
use super::verify::Verdict;
use crate::plan::Verb;
use crate::plan::schedule::operations;
use crate::scim::patch::{self, PatchOp};
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

/// Carries out a job. Never fails as such: how it ended is the result.
pub(super) async fn carry_out<S: Service>(context: &Context<'_, S>, job: Job) -> (Job, Ended) {
    let ended = match &job.work {
        Work::Post(body) => create(context, &job, body).await,
        Work::Update(ops) => update(context, &job, ops).await,
        Work::Members { attributes, items } => membership::change(context, &job, attributes, items).await,
        Work::Delete => delete(context, &job).await,
    };
    (job, ended)
}

/// What is said where a target answers 412 again and again, and a fresh read finds nothing of the plan changed.
pub(super) const NOT_AS_READ: &str =
    "the target answers 412, as if the resource had changed, though a fresh read shows what the plan is built on";

/// Answers of 412. The object may have changed in what no plan is about, so the second request carries the `ETag` of a fresh
/// read. A target that refuses its own is sent a third one without any.
#[derive(Debug, Default)]
pub(super) struct Tries(u8);

impl Tries {
    /// Whether a result calls for another try, which is counted: of two where `ETag`s are sent, else of one.
    pub(super) fn again<T>(&mut self, result: &Result<T, Fault>, etags: bool) -> bool {
        let refused = result.as_ref().is_err_and(|fault| fault.status == Some(412));
        let again = refused && self.0 < 1 + u8::from(etags);
        self.0 += u8::from(again);
        again
    }

    /// Whether the last request went without `If-Match`.
    pub(super) const fn is_last(&self) -> bool {
        self.0 == 2
    }
}

/// The end of a step after which nobody is there any more, as was wanted.
fn gone(job: &Job, status: u16) -> Ended {
    deleted(job, status, None)
}

fn deleted(job: &Job, status: u16, request: Option<String>) -> Ended {
    Ended::done(Done { id: job.id.clone(), status, request, gone: true, ..Done::default() })
}

/// PATCH or PUT of attributes.
async fn update<S: Service>(context: &Context<'_, S>, job: &Job, ops: &[PatchOp]) -> Ended {
    let leaving = context.is_leaving(job);
    let result = match send(context, job, ops).await {
        Ok(result) => result,
        Err(Ended::Failed(FailureCode::Gone, _)) if leaving && is_gone(context, job.kind, &job.id).await => {
            return gone(job, 404);
        }
        Err(ended) => return ended,
    };
    match result {
        Ok(answer) => updated(context, job, answer).await,
        Err(fault) if fault.status == Some(404) => match is_gone(context, job.kind, &job.id).await {
            true if leaving => gone(job, 404),
            true => Ended::gone(job),
            false => Ended::failed(fault),
        },
        Err(fault) if fault.status == Some(412) => Ended::Moved(NOT_AS_READ.to_owned(), Vec::new()),
        Err(fault) if fault.outcome_unknown => unanswered(context, job, fault).await,
        Err(fault) => Ended::failed(fault),
    }
}

/// Sends an update, again where it is answered 412. The end of the job where the resource is not as planned.
async fn send<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    ops: &[PatchOp],
) -> Result<Result<Answer, Fault>, Ended> {
    let verb = context.verb(job.kind);
    let (mut current, mut etag) = hold(context, job, verb == Verb::Put).await?;
    let live = job.seen.as_ref().or_else(|| shown(context.live, job.kind, &job.id));
    let mut ops = ops.to_vec();
    ops.extend(operations(context.profile, job.kind, verb, &carried(context, job), live));
    let mut tries = Tries::default();
    loop {
        let result = write(context, job, &job.id, &ops, current, etag.as_deref()).await;
        if !tries.again(&result, context.sends_etags()) {
            if tries.is_last() && result.is_ok() {
                context.refuses_etags();
            }
            return Ok(result);
        }
        // Something changed, perhaps nothing that we planned on: the fingerprint tells.
        (current, etag) = reread(context, job).await?;
        etag = etag.filter(|_| !tries.is_last());
    }
}

/// The end of an update that was accepted.
async fn updated<S: Service>(context: &Context<'_, S>, job: &Job, answer: Answer) -> Ended {
    let id = id_after(context, job, &job.id, &job.effects, &answer).await;
    let checked = check(context, job, &id, None, answer.object.as_ref()).await;
    if checked.gone {
        return gone(job, answer.status);
    }
    Ended::done(Done {
        moved: (id != job.id).then(|| job.id.clone()),
        id,
        status: answer.status,
        etag: checked.etag.or(answer.etag),
        request: answer.request,
        verdicts: checked.verdicts,
        unchecked: checked.unchecked,
        believed: checked.believed,
        lost: checked.lost,
        shown: checked.shown,
        ..Done::default()
    })
}

/// The end of an update whose answer was lost: done where all that it sets is so.
async fn unanswered<S: Service>(context: &Context<'_, S>, job: &Job, fault: Fault) -> Ended {
    let id = id_after(context, job, &job.id, &job.effects, &Answer::default()).await;
    let checked = check(context, job, &id, None, None).await;
    if checked.gone {
        return gone(job, 404);
    }
    let settled = checked.unchecked.is_none()
        && !checked.verdicts.is_empty()
        && checked.verdicts.iter().all(|verdict| *verdict != Verdict::Refused);
    if !settled || !job.effects.iter().any(|effect| effect.shown) {
        return Ended::failed(fault);
    }
    let moved = (id != job.id).then(|| job.id.clone());
    let Checked { verdicts, etag, lost, shown, .. } = checked;
    Ended::done(Done { id, etag, moved, verdicts, lost, shown, ..Done::default() })
}

/// Makes sure that the resource still is as planned, and reads it where a PUT needs it. Gives the live object, where
/// it was read, and the `ETag` for `If-Match`.
pub(super) async fn hold<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    read: bool,
) -> Result<(Option<Current>, Option<String>), Ended> {
    let planned = job.guard.etag.clone().filter(|_| context.sends_etags());
    if !read && (planned.is_some() || !job.guard.stale || job.guard.fingerprint.is_none()) {
        return Ok((None, planned));
    }
    reread(context, job).await
}

async fn reread<S: Service>(context: &Context<'_, S>, job: &Job) -> Result<(Option<Current>, Option<String>), Ended> {
    let current = match context.service.get(job.kind, &job.id).await {
        Ok(Some(current)) => current,
        Ok(None) => return Err(Ended::gone(job)),
        Err(fault) => return Err(Ended::failed(fault)),
    };
    if let (Some(planned), Some(change)) = (&job.guard.fingerprint, context.change(job))
        && context.fingerprint(change, &current.object) != *planned
    {
        let sides = context.sides(change, &job.id, &current.object);
        let hidden = less::hidden(context, job, &current.object);
        if !hidden.is_empty() && sides.iter().all(|side| side.live.is_unassigned()) {
            // What is merely not shown has not changed.
            return Err(Ended::failed(less::doubt(context, &hidden)));
        }
        return Err(Ended::Moved("it changed at the target after the plan was made".to_owned(), sides));
    }
    let etag = current.etag.clone().filter(|_| context.sends_etags());
    Ok((Some(current), etag))
}

/// Sends operations by the run's verb. A PUT is laid over `current`.
pub(super) async fn write<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    id: &str,
    ops: &[PatchOp],
    current: Option<Current>,
    etag: Option<&str>,
) -> Result<Answer, Fault> {
    let kind = job.kind;
    match (context.verb(kind), current) {
        (Verb::Put, Some(current)) => {
            if kind == ResourceKind::Group
                && let Some(fault) = overlay::hidden_members(context, job.change, &current.object)
            {
                return Err(fault);
            }
            if let Some(fault) = less::shows_less(context, job, &current.object) {
                return Err(fault);
            }
            let mut all = disguise::uncovered(context, job, &current.object);
            all.extend_from_slice(ops);
            let body = overlay::body(&at_one_place(context, kind, &current.object, &all), kind, &all);
            context.service.replace(kind, id, &body, etag).await
        }
        (Verb::Put, None) => {
            let message = format!("the {kind} can't be read before it is replaced");
            Err(Fault { message, ..Fault::default() })
        }
        (Verb::Patch, _) => context.service.patch(kind, id, ops, etag).await,
    }
}

/// A live object without the values that the target shows at another place than the one written: left there, a former
/// value would outlive its removal. What is to go is said to go, since a server may keep what a PUT leaves out.
fn at_one_place<S: Service>(context: &Context<'_, S>, kind: ResourceKind, live: &Object, ops: &[PatchOp]) -> Object {
    let mut object = live.clone();
    for op in ops {
        let Some(comparison) = op.path.clone().and_then(|path| context.comparisons.get(&(kind, path))) else {
            continue;
        };
        let clears = op.value.as_ref().is_none_or(Value::is_unassigned);
        for place in comparison.elsewhere().iter().filter(|place| !place.read(live).is_empty()) {
            // What can't be taken out stays: the check tells.
            let _ = patch::apply(&mut object, &[PatchOp::remove(place.clone())], Schemas::core(kind));
            if clears && place.filter.is_none() {
                place.assign(&mut object, Value::Null);
            }
        }
    }
    object
}

/// DELETE. What is gone already is done.
async fn delete<S: Service>(context: &Context<'_, S>, job: &Job) -> Ended {
    // Many a server takes no notice of `If-Match` in a DELETE, so that where the plan has an `ETag` the object is looked at too.
    let planned = context.sends_etags() && job.guard.etag.is_some();
    let mut tries = Tries::default();
    let mut held = hold(context, job, job.guard.stale || planned).await;
    let result = loop {
        let etag = match held {
            Ok((_, etag)) => etag.filter(|_| !tries.is_last()),
            Err(Ended::Failed(FailureCode::Gone, _)) if is_gone(context, job.kind, &job.id).await => {
                return gone(job, 404);
            }
            Err(ended) => return ended,
        };
        let result = context.service.delete(job.kind, &job.id, etag.as_deref()).await;
        if !tries.again(&result, context.sends_etags()) {
            break result;
        }
        held = reread(context, job).await;
    };
    if tries.is_last() && result.is_ok() {
        context.refuses_etags();
    }
    let Answer { status, request, .. } = match result {
        Ok(answer) => answer,
        Err(fault) if fault.outcome_unknown || fault.status == Some(404) => {
            return if is_gone(context, job.kind, &job.id).await { gone(job, 404) } else { Ended::failed(fault) };
        }
        Err(fault) if fault.status == Some(412) => return Ended::Moved(NOT_AS_READ.to_owned(), Vec::new()),
        Err(fault) => return Ended::failed(fault),
    };
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        match context.service.get(job.kind, &job.id).await {
            Ok(None) => return deleted(job, status, request),
            // Many vendors keep the account and take the access away.
            Ok(Some(current)) if !context.disguise.accounts.state(&current.object).has_access() => {
                return Ended::done(Done {
                    id: job.id.clone(),
                    status,
                    request,
                    switched_off: true,
                    ..Done::default()
                });
            }
            Ok(Some(_)) => {}
            Err(fault) if fault.unauthorized => return Ended::failed(fault),
            Err(fault) => {
                let done = Done { id: job.id.clone(), status, request, unchecked: Some(fault), ..Done::default() };
                return Ended::done(done);
            }
        }
    }
    let verdicts = vec![Verdict::Refused];
    Ended::done(Done { id: job.id.clone(), status, request, verdicts, ..Done::default() })
}
