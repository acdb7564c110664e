//! Creates: the POST, what its answer leaves open, and what is there already.

use super::check::check;
use super::event::FailureCode;
use super::hidden::hides;
use super::job::{Context, Done, Ended, Expected, Item, Job, MembersDone};
use super::lookup::{Found, look_up, look_up_taken};
use super::membership;
use super::moved::id_after;
use super::overlay;
use super::ownership::{claim, claim_new};
use super::service::{Answer, Current, Fault, Service};
use super::verify::Verdict;
use super::write::write;
use crate::live::normal::{Handling, is_blank};
use crate::plan::Effect;
use crate::plan::schedule::operations;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// How often a POST may be sent again after its outcome stayed unknown and a look-up found nothing.
const RESENDS: u32 = 2;

/// POST. Where the answer was lost or the target says that there is such a resource, the match rules look for it. Only
/// an account that a clean look-up does not show is sent again.
pub(super) async fn create<S: Service>(context: &Context<'_, S>, job: &Job, body: &Object) -> Ended {
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
                Ok(Found::One(id, current)) => take_over(context, job, body, id, current, Origin::Late).await,
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
                Ok(Found::One(id, current)) => take_over(context, job, body, id, current, Origin::Taken).await,
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
    let id = match answer.id.clone().or(named) {
        Some(id) if !id.is_empty() => id,
        _ => {
            let Ok(Found::One(id, _)) = find_late(context, job, body).await else {
                let message = "the target accepted the create and did not say which id it gave".to_owned();
                return Ended::Failed(FailureCode::OutcomeUnknown, Fault { message, ..Fault::default() });
            };
            id
        }
    };
    if let Err(ended) = claim_new(context, job, &id, (body, answer.object.as_ref())) {
        return ended;
    }
    let expected = Expected { present: items(body).into_iter().map(|item| item.id).collect(), absent: Vec::new() };
    let members = (!expected.present.is_empty()).then_some(&expected);
    let checked = check(context, job, &id, members, answer.object.as_ref()).await;
    if let Some(fault) = checked.unchecked.as_ref().filter(|fault| fault.status == Some(404)) {
        // Nothing may be built on it: it may never have been made, and would be looked for in vain.
        return Ended::Failed(FailureCode::OutcomeUnknown, fault.clone());
    }
    let differs = |(effect, verdict): (&Effect, &Verdict)| {
        matches!(verdict, Verdict::Own(_) | Verdict::Refused) && is_writable(context, job, effect)
    };
    let differs = job.effects.iter().zip(&checked.verdicts).any(differs);
    if (differs || checked.members_unsettled)
        && context.can_update(job.kind)
        && let Ok(Some(current)) = context.service.get(job.kind, &id).await
    {
        // What the target made of it may be what it made of an account that it had before.
        return take_over(context, job, body, id, current, Origin::Made(answer)).await;
    }
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
        believed: checked.believed,
        shown: checked.shown,
        ..Done::default()
    })
}

/// Whether an attribute can be written after the creation.
fn is_writable<S>(context: &Context<'_, S>, job: &Job, effect: &Effect) -> bool {
    let comparison = context.comparisons.get(&(job.kind, effect.path.clone()));
    comparison.is_some_and(|comparison| comparison.handling() == Handling::Compared)
}

/// Where a resource comes from that is managed from now on.
#[derive(Debug)]
enum Origin {
    /// It was there already when it should be made.
    Taken,
    /// It was made by a create whose answer was lost.
    Late,
    /// It was made by a create that was answered so, and is not as it was sent.
    Made(Answer),
}

impl Origin {
    /// What the target answered so far, with the resource as it is.
    fn answer(self, current: &Current) -> Answer {
        let object = Some(current.object.clone());
        match self {
            Self::Made(answer) => Answer { object, ..answer },
            Self::Taken | Self::Late => Answer { status: 200, object, etag: current.etag.clone(), ..Answer::default() },
        }
    }
}

/// Manages a resource that was there already (or was made by a create), and brings what differs to what is wanted.
async fn take_over<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    body: &Object,
    id: String,
    current: Current,
    origin: Origin,
) -> Ended {
    let (adopted, made) = (matches!(origin, Origin::Taken), matches!(origin, Origin::Made(_)));
    if let Err(ended) = claim(context, job, &id) {
        return ended;
    }
    let foreign =
        |effect: &Effect| !made && effect.gives_way && !effect.path.read(&current.object).into_iter().all(is_blank);
    if adopted && !context.profile.capabilities.reactivation && is_denied(context, job, &current.object) {
        let message = format!("the target has such a {} without access (id {id}), and gives none again", job.kind);
        let hint = Some("Have it deleted or given access at the target, then run again.".to_owned());
        return Ended::Failed(FailureCode::Conflict, Fault { message, hint, status: Some(409), ..Fault::default() });
    }
    let differs = |effect: &&Effect| {
        !foreign(effect)
            && (effect.lasting || !adopted)
            && (!made || is_writable(context, job, effect))
            && context.judge(job, effect, &current.object) != Verdict::Settled
    };
    let differing: Vec<Effect> = job.effects.iter().filter(differs).cloned().collect();
    let ops = operations(context.profile, job.kind, context.verb(job.kind), &differing, Some(&current.object));
    let mut answer = origin.answer(&current);
    if !ops.is_empty() {
        let etag = current.etag.clone().filter(|_| context.sends_etags());
        match write(context, job, &id, &ops, Some(current.clone()), etag.as_deref()).await {
            Ok(written) => answer = written,
            // It exists, and the check reports what was refused.
            Err(fault) if made && !fault.unauthorized => {}
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
    let mut done = Done {
        moved: (now != id).then_some(id),
        id: now,
        status: answer.status,
        etag: checked.etag.or(answer.etag),
        request: answer.request,
        adopted,
        verdicts: job.effects.iter().zip(checked.verdicts).map(verdict).collect(),
        unchecked: checked.unchecked,
        believed: checked.believed,
        lost: checked.lost,
        shown: checked.shown,
        judged: checked.believed.then(|| Box::new(judged)),
        ..Done::default()
    };
    let missing = membership::still_to_do(items(body), &current.object, hides(&context.profile.capabilities));
    if made {
        let there = items(body).into_iter().filter(|item| !missing.contains(item));
        done.members.done.present.extend(there.map(|item| item.id));
    }
    join(context, job, done, missing, Some(current.object)).await
}

/// What a resource that was taken over is held to.
fn expected(effect: &Effect, adopted: bool, foreign: bool) -> Effect {
    Effect { shown: effect.shown && !foreign && (effect.lasting || !adopted), ..effect.clone() }
}

/// Whether someone who should have access is there without it.
fn is_denied<S>(context: &Context<'_, S>, job: &Job, object: &Object) -> bool {
    let inactive = !context.disguise.accounts.state(object).has_access();
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
            let there = std::mem::replace(&mut done.members, joined.members).done.present;
            done.members.done.present.extend(there);
            done.unchecked = done.unchecked.or(joined.unchecked);
        }
        Ended::Failed(_, fault) => done.unchecked = Some(fault),
        Ended::Moved(..) | Ended::Halted | Ended::Unwritten(_) => {}
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
