//! Carries out one step: the write, what its answer leaves open, and the check.

use super::check::{check, is_gone};
use super::disguise;
use super::event::FailureCode;
use super::hidden::hides;
use super::job::{Context, Done, Ended, Expected, Item, Job, MembersDone, Work};
use super::lookup::{Found, look_up, look_up_taken};
use super::membership;
use super::moved::id_after;
use super::overlay;
use super::service::{Answer, Current, Fault, Service};
use super::verify::Verdict;
use crate::live::normal::is_blank;
use crate::plan::schedule::operations;
use crate::plan::{Effect, Verb};
use crate::scim::patch::{self, PatchOp};
use crate::scim::path::AttrPath;
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

/// How often a POST may be sent again after its outcome stayed unknown and a look-up found nothing.
const RESENDS: u32 = 2;

/// POST. Where the answer was lost or the target says that there is such a resource, the match rules look for it. Only
/// an account that a clean look-up does not show is sent again.
async fn create<S: Service>(context: &Context<'_, S>, job: &Job, body: &Object) -> Ended {
    let mut resent = 0;
    loop {
        let fault = match context.service.create(job.kind, body).await {
            Ok(answer) => return created(context, job, body, answer).await,
            Err(fault) => fault,
        };
        if fault.unauthorized {
            return Ended::failed(fault);
        }
        if fault.outcome_unknown {
            return match find_late(context, job, body).await {
                Ok(Found::One(id, current)) => take_over(context, job, body, id, current, false).await,
                Ok(Found::Several(ids)) => several(job, &ids),
                Err(lookup) if lookup.unauthorized => Ended::failed(lookup),
                Ok(Found::Nothing) if resent < RESENDS && is_safe_to_resend(job, body) => {
                    resent += 1;
                    continue;
                }
                Ok(Found::Nothing | Found::Unseen) | Err(_) => {
                    Ended::Failed(FailureCode::OutcomeUnknown, unknown(fault, resent))
                }
            };
        }
        if fault.is_conflict() {
            // After a resend it may be our own from before, which shows late.
            let found = if resent > 0 {
                find_late(context, job, body).await
            } else {
                look_up_taken(context, job.kind, body).await
            };
            return match found {
                Ok(Found::One(id, current)) => take_over(context, job, body, id, current, true).await,
                Ok(Found::Several(ids)) => several(job, &ids),
                Err(lookup) if lookup.unauthorized => Ended::failed(lookup),
                Ok(Found::Nothing | Found::Unseen) | Err(_) => unfindable(job, fault),
            };
        }
        if fault.is_refused() && body.get("members").is_some() {
            return without_members(context, job, body).await;
        }
        return Ended::failed(fault);
    }
}

/// Whether a second POST makes no second resource even where the look-up was behind the target: `userName` is unique
/// there (RFC 7643 section 4.1.1), so the target answers 409. Nothing of a group is unique.
fn is_safe_to_resend(job: &Job, body: &Object) -> bool {
    job.kind == ResourceKind::User && body.get("userName").and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}

/// A group that was refused with its members is made without them; then each member is judged for itself.
async fn without_members<S: Service>(context: &Context<'_, S>, job: &Job, body: &Object) -> Ended {
    let mut bare = body.clone();
    bare.remove("members");
    match Box::pin(create(context, job, &bare)).await {
        Ended::Done(done) => join(context, job, *done, items(body), None).await,
        other => other,
    }
}

async fn created<S: Service>(context: &Context<'_, S>, job: &Job, body: &Object, answer: Answer) -> Ended {
    let named = answer.object.as_ref().and_then(|object| object.get("id")).and_then(Value::as_str).map(str::to_owned);
    let id = match answer.id.or(named) {
        Some(id) if !id.is_empty() => id,
        _ => {
            let Ok(Found::One(id, _)) = find_late(context, job, body).await else {
                let message = "the target accepted the create and did not say which id it gave".to_owned();
                return Ended::Failed(FailureCode::OutcomeUnknown, Fault { message, ..Fault::default() });
            };
            id
        }
    };
    let expected = Expected { present: items(body).into_iter().map(|item| item.id).collect(), absent: Vec::new() };
    let members = (!expected.present.is_empty()).then_some(&expected);
    let checked = check(context, job, &id, members, answer.object.as_ref()).await;
    let members = MembersDone {
        unsettled: checked.members_unsettled,
        unseen: checked.members_unseen,
        done: checked.believed(expected),
        ..MembersDone::default()
    };
    Ended::done(Done {
        id,
        status: answer.status,
        etag: checked.etag.or(answer.etag),
        request: answer.request,
        verdicts: checked.verdicts,
        members,
        unchecked: checked.unchecked,
        ..Done::default()
    })
}

/// Manages a resource that was there already (or was made by a create whose answer was lost), and brings what differs
/// to what is wanted.
async fn take_over<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    body: &Object,
    id: String,
    current: Current,
    adopted: bool,
) -> Ended {
    if let Some(owner) = context.owners.get(&(job.kind, id.as_str())).filter(|owner| **owner != job.key) {
        let message = format!("the target has such a {}, but it belongs to `{owner}` (id {id})", job.kind);
        return Ended::Failed(FailureCode::Conflict, Fault { message, status: Some(409), ..Fault::default() });
    }
    let foreign = |effect: &Effect| effect.gives_way && !effect.path.read(&current.object).into_iter().all(is_blank);
    if adopted && !context.profile.capabilities.reactivation && is_denied(job, &current.object) {
        let message = format!("the target has such a {} without access (id {id}), and gives none again", job.kind);
        let hint = Some("Have it deleted or given access at the target, then run again.".to_owned());
        return Ended::Failed(FailureCode::Conflict, Fault { message, hint, status: Some(409), ..Fault::default() });
    }
    let differs = |effect: &&Effect| {
        !foreign(effect)
            && (effect.lasting || !adopted)
            && context.judge(job, effect, &current.object) != Verdict::Settled
    };
    let differing: Vec<Effect> = job.effects.iter().filter(differs).cloned().collect();
    let ops = operations(context.profile, job.kind, context.verb(job.kind), &differing, Some(&current.object));
    let mut answer =
        Answer { status: 200, object: Some(current.object.clone()), etag: current.etag.clone(), ..Answer::default() };
    if !ops.is_empty() {
        let etag = current.etag.clone().filter(|_| context.etags);
        match write(context, job, &id, &ops, Some(current.clone()), etag.as_deref()).await {
            Ok(written) => answer = written,
            Err(fault) => return Ended::failed(fault),
        }
    }
    // What is only sent at creation may differ on something that was there before.
    let judged = Job {
        effects: job.effects.iter().map(|effect| expected(effect, adopted, foreign(effect))).collect(),
        seen: adopted.then(|| current.object.clone()),
        ..job.clone()
    };
    let now = id_after(context, job, &id, &differing, &answer).await;
    let checked = check(context, &judged, &now, None, answer.object.as_ref()).await;
    let verdict = |(effect, verdict)| if foreign(effect) { Verdict::Foreign } else { verdict };
    let done = Done {
        moved: (now != id).then_some(id),
        id: now,
        status: answer.status,
        etag: checked.etag.or(answer.etag),
        request: answer.request,
        adopted,
        verdicts: job.effects.iter().zip(checked.verdicts).map(verdict).collect(),
        unchecked: checked.unchecked,
        ..Done::default()
    };
    let missing = membership::still_to_do(items(body), &current.object, hides(&context.profile.capabilities));
    join(context, job, done, missing, Some(current.object)).await
}

/// What a resource that was taken over is held to.
fn expected(effect: &Effect, adopted: bool, foreign: bool) -> Effect {
    Effect { shown: effect.shown && !foreign && (effect.lasting || !adopted), ..effect.clone() }
}

/// Whether someone who should have access is there without it.
fn is_denied(job: &Job, object: &Object) -> bool {
    let inactive = object.get("active").and_then(Value::as_bool) == Some(false);
    let path = AttrPath::attribute("active");
    inactive && job.effects.iter().any(|effect| effect.path.same(&path) && effect.value == Value::Bool(true))
}

/// Adds members to a group that was just made or taken over.
async fn join<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    mut done: Done,
    items: Vec<Item>,
    seen: Option<Object>,
) -> Ended {
    if items.is_empty() {
        return Ended::done(done);
    }
    let joining = Job {
        id: done.id.clone(),
        effects: Vec::new(),
        guard: super::job::Guard::default(),
        check: Some(Expected::default()),
        seen,
        ..job.clone()
    };
    match membership::change(context, &joining, &[], &items).await {
        Ended::Done(joined) => {
            done.members = joined.members;
            done.unchecked = done.unchecked.or(joined.unchecked);
        }
        Ended::Failed(_, fault) => done.unchecked = Some(fault),
        Ended::Moved(..) | Ended::Halted => {}
    }
    Ended::done(done)
}

/// The members that a body of a POST names.
fn items(body: &Object) -> Vec<Item> {
    let elements = body.get("members").and_then(Value::as_array).unwrap_or_default();
    elements
        .iter()
        .filter_map(|element| {
            let id = overlay::member_id(element)?.to_owned();
            Some(Item { comes: true, name: id.clone(), id, element: element.clone() })
        })
        .collect()
}

/// Looks for a resource that a lost answer may have made; servers may be late.
async fn find_late<S: Service>(context: &Context<'_, S>, job: &Job, body: &Object) -> Result<Found, Fault> {
    let mut last = Ok(Found::Nothing);
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        last = look_up(context, job.kind, body).await;
        if !matches!(last, Ok(Found::Nothing | Found::Unseen)) {
            break;
        }
    }
    last
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
    let held = match hold(context, job, context.verb(job.kind) == Verb::Put).await {
        Ok(held) => held,
        Err(Ended::Failed(FailureCode::Gone, _)) if leaving && is_gone(context, job.kind, &job.id).await => {
            return gone(job, 404);
        }
        Err(ended) => return ended,
    };
    let (current, etag) = held;
    let mut result = write(context, job, &job.id, ops, current, etag.as_deref()).await;
    if result.as_ref().is_err_and(|fault| fault.status == Some(412)) {
        // Something changed, perhaps nothing that we planned on: the fingerprint tells.
        let (current, etag) = match reread(context, job).await {
            Ok(fresh) => fresh,
            Err(ended) => return ended,
        };
        result = write(context, job, &job.id, ops, current, etag.as_deref()).await;
    }
    match result {
        Ok(answer) => {
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
                ..Done::default()
            })
        }
        Err(fault) if fault.status == Some(404) => match is_gone(context, job.kind, &job.id).await {
            true if leaving => gone(job, 404),
            true => Ended::gone(job),
            false => Ended::failed(fault),
        },
        Err(fault) if fault.status == Some(412) => {
            Ended::Moved("the target says that it changed meanwhile".to_owned(), Vec::new())
        }
        Err(fault) if fault.outcome_unknown => {
            let id = id_after(context, job, &job.id, &job.effects, &Answer::default()).await;
            let checked = check(context, job, &id, None, None).await;
            if checked.gone {
                return gone(job, 404);
            }
            let settled = checked.unchecked.is_none()
                && !checked.verdicts.is_empty()
                && checked.verdicts.iter().all(|verdict| *verdict != Verdict::Refused);
            if settled && job.effects.iter().any(|effect| effect.shown) {
                let moved = (id != job.id).then(|| job.id.clone());
                let (verdicts, etag) = (checked.verdicts, checked.etag);
                Ended::done(Done { id, etag, moved, verdicts, ..Done::default() })
            } else {
                Ended::failed(fault)
            }
        }
        Err(fault) => Ended::failed(fault),
    }
}

/// Makes sure that the resource still is as planned, and reads it where a PUT needs it. Gives the live object, where
/// it was read, and the `ETag` for `If-Match`.
pub(super) async fn hold<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    read: bool,
) -> Result<(Option<Current>, Option<String>), Ended> {
    let planned = job.guard.etag.clone().filter(|_| context.etags);
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
        let why = "it changed at the target after the plan was made".to_owned();
        return Err(Ended::Moved(why, context.sides(change, &job.id, &current.object)));
    }
    let etag = current.etag.clone().filter(|_| context.etags);
    Ok((Some(current), etag))
}

/// Sends operations by the run's verb. A PUT is laid over `current`.
async fn write<S: Service>(
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
    // A DELETE carries no `If-Match`, so that where the plan has an `ETag` the object is looked at instead.
    let planned = context.etags && job.guard.etag.is_some();
    match hold(context, job, job.guard.stale || planned).await {
        Ok(_) => {}
        Err(Ended::Failed(FailureCode::Gone, _)) if is_gone(context, job.kind, &job.id).await => return gone(job, 404),
        Err(ended) => return ended,
    }
    let Answer { status, request, .. } = match context.service.delete(job.kind, &job.id).await {
        Ok(answer) => answer,
        Err(fault) if fault.outcome_unknown || fault.status == Some(404) => {
            return if is_gone(context, job.kind, &job.id).await { gone(job, 404) } else { Ended::failed(fault) };
        }
        Err(fault) => return Ended::failed(fault),
    };
    for wait in context.waits {
        if !wait.is_zero() {
            tokio::time::sleep(*wait).await;
        }
        match context.service.get(job.kind, &job.id).await {
            Ok(None) => return deleted(job, status, request),
            // Many vendors keep the account and take the access away.
            Ok(Some(current)) if current.object.get("active").and_then(Value::as_bool) == Some(false) => {
                return deleted(job, status, request);
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

fn several(job: &Job, ids: &[String]) -> Ended {
    let message = format!("several {}s at the target match: ids {}", job.kind, ids.join(", "));
    let hint = Some("Make the match attribute unique at the target, then run again.".to_owned());
    Ended::Failed(FailureCode::Conflict, Fault { message, hint, status: Some(409), ..Fault::default() })
}

fn unfindable(job: &Job, fault: Fault) -> Ended {
    let message = format!("the {} exists but is not visible to us: {}", job.kind, fault.message);
    let hint =
        "The target keeps the name, most likely for a deleted or hidden account: have it restored or removed for good \
                there, or declare another name. It is not tried again before the next run."
            .to_owned();
    Ended::Failed(FailureCode::Conflict, Fault { message, hint: Some(hint), ..fault })
}

fn unknown(fault: Fault, resent: u32) -> Fault {
    let sent = match resent {
        0 => "so it was not sent again".to_owned(),
        _ => format!("though it was sent {} times", resent + 1),
    };
    let message = format!("it is not known whether the target made it, {sent}: {}", fault.message);
    Fault { message, hint: Some("Run again: the next plan sees whether it is there.".to_owned()), ..fault }
}
