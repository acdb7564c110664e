//! Members that come and go. One that the target refuses must not spoil the others, and what is so already is done.

use rustc_hash::FxHashSet;

use super::check::{Checked, check};
use super::hidden::{self, hides};
use super::job::{Context, Done, Ended, Item, Job, MembersDone};
use super::less;
use super::overlay;
use super::service::{Answer, Fault, Service};
use super::trust;
use super::write::{NOT_AS_READ, Tries, hold};
use crate::plan::Verb;
use crate::profile::MemberRemoval;
use crate::scim::filter::eq;
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value};

/// Sends a batch of members, with changes of the group's own attributes in front.
pub(super) async fn change<S: Service>(
    context: &Context<'_, S>,
    job: &Job,
    attributes: &[PatchOp],
    items: &[Item],
) -> Ended {
    let etag = match hold(context, job, false).await {
        Ok((_, etag)) => etag,
        Err(ended) => return ended,
    };
    let mut batch = Batch {
        context,
        job,
        members: MembersDone::default(),
        answer: Answer::default(),
        first_etag: etag,
        guarded: true,
        halted: false,
    };
    let mut tries = Tries::default();
    let result = loop {
        let result = batch.send(attributes, items).await;
        if !tries.again(&result, context.sends_etags()) {
            break result;
        }
        // Others change a group's members all the time; what we planned on is in the fingerprint.
        let stale = Job { guard: super::job::Guard { etag: None, stale: true, ..job.guard.clone() }, ..job.clone() };
        let fresh = match hold(context, &stale, true).await {
            Ok((_, etag)) => etag,
            Err(ended) => return ended,
        };
        batch.first_etag = fresh.filter(|_| !tries.is_last());
        batch.guarded = !tries.is_last();
    };
    if tries.is_last() && result.is_ok() {
        context.refuses_etags();
    }
    match result {
        Ok(()) => batch.finish().await,
        Err(_) if batch.halted => Ended::Halted,
        Err(fault) if fault.status == Some(412) => Ended::Moved(NOT_AS_READ.to_owned(), Vec::new()),
        Err(fault) if fault.is_refused() || fault.outcome_unknown => batch.one_by_one(attributes, items, fault).await,
        Err(fault) => Ended::failed(fault),
    }
}

struct Batch<'a, 'b, S> {
    context: &'a Context<'b, S>,
    job: &'a Job,
    members: MembersDone,
    answer: Answer,
    first_etag: Option<String>,
    /// Whether a list of all members is sent with the `ETag` of what it is built from.
    guarded: bool,
    /// Whether the target was seen to take out too much, so that nothing more is sent.
    halted: bool,
}

impl<S: Service> Batch<'_, '_, S> {
    /// Sends attributes and members in one request.
    async fn send(&mut self, attributes: &[PatchOp], items: &[Item]) -> Result<(), Fault> {
        let (kind, id) = (self.job.kind, self.job.id.as_str());
        let gate = self.context.trust.gate.lock().await;
        if self.context.trust.is_broken() {
            self.halted = true;
            return Err(Fault::default());
        }
        let form = self.context.form;
        let etag = self.first_etag.take();
        let all = form.sends_all(items.iter().any(|item| !item.comes));
        // What is sent as a whole was read right before.
        let proof = if all { None } else { trust::proof(self.context, self.job, items) };
        let _gate = proof.is_some().then_some(gate);
        let answer = if all {
            let Some(current) = self.context.service.get(kind, id).await? else {
                return Err(Fault { message: "the group is gone".to_owned(), status: Some(404), ..Fault::default() });
            };
            let etag = current.etag.clone().filter(|_| self.guarded && self.context.sends_etags());
            let mut object = current.object;
            if let Some(fault) = overlay::hidden_members(self.context, self.job.change, &object) {
                return Err(fault);
            }
            if let Some(fault) = less::shows_less(self.context, self.job, &object) {
                return Err(fault);
            }
            let add: Vec<Value> = items.iter().filter(|item| item.comes).map(|item| item.element.clone()).collect();
            let remove: FxHashSet<&str> =
                items.iter().filter(|item| !item.comes).map(|item| item.id.as_str()).collect();
            overlay::members(&mut object, &add, &remove);
            if form.verb == Verb::Put {
                let body = overlay::body(&object, kind, attributes);
                self.context.service.replace(kind, id, &body, etag.as_deref()).await?
            } else {
                let mut ops = attributes.to_vec();
                ops.push(PatchOp::replace(members_path(), object.remove("members").unwrap_or_default()));
                self.context.service.patch(kind, id, &ops, etag.as_deref()).await?
            }
        } else {
            let ops = operations(attributes, items, form.removal);
            self.context.service.patch(kind, id, &ops, etag.as_deref()).await?
        };
        self.answer = answer;
        for item in items {
            let list = if item.comes { &mut self.members.done.present } else { &mut self.members.done.absent };
            list.push(item.id.clone());
        }
        if let Some(proof) = proof {
            let lost = trust::prove(self.context, self.job, proof).await;
            self.halted = !lost.is_empty();
            self.members.done.absent.extend(lost.iter().cloned());
            self.members.lost = lost;
        }
        Ok(())
    }

    /// After a refusal: what is so already is done, the rest is halved until the members that spoil it stand alone.
    async fn one_by_one(mut self, attributes: &[PatchOp], items: &[Item], fault: Fault) -> Ended {
        let lost = fault.outcome_unknown;
        let group = match self.context.service.get(self.job.kind, &self.job.id).await {
            Ok(Some(current)) => current.object,
            Ok(None) => return Ended::gone(self.job),
            Err(_) => return Ended::failed(fault),
        };
        let rest = self.open(items, &group).await;
        for item in items.iter().filter(|item| !rest.contains(item)) {
            let list = if item.comes { &mut self.members.done.present } else { &mut self.members.done.absent };
            list.push(item.id.clone());
        }
        // The same request again would fail in the same way or wait as long.
        if lost && !rest.is_empty() {
            return Ended::failed(fault);
        }
        if !attributes.is_empty()
            && let Err(fault) = self.send(attributes, &[]).await
        {
            return Ended::failed(fault);
        }
        let mut open: Vec<&[Item]> = Vec::new();
        match rest.as_slice() {
            [] => {}
            // All of these were refused together just now.
            [item] if items.len() == 1 && attributes.is_empty() => self.members.failed.push((item.name.clone(), fault)),
            several if several.len() == items.len() && attributes.is_empty() => halve(several, &mut open),
            some => open.push(some),
        }
        while let Some(part) = open.pop() {
            match self.send(&[], part).await {
                Ok(()) => {}
                Err(_) if self.halted => break,
                Err(fault) if fault.is_refused() => match part {
                    [item] => self.refused(item, fault).await,
                    several => halve(several, &mut open),
                },
                Err(fault) => return self.broken_off(fault),
            }
        }
        self.finish().await
    }

    /// Those who are not yet as wanted. Of members that are hidden one alone is asked for.
    async fn open(&mut self, items: &[Item], group: &Object) -> Vec<Item> {
        if let [item] = items
            && hides(&self.context.profile.capabilities)
            && self.is_settled(item).await
        {
            return Vec::new();
        }
        still_to_do(items.to_vec(), group, self.context.members_hidden)
    }

    async fn is_settled(&self, item: &Item) -> bool {
        let there = hidden::present(self.context, &self.job.id, &[item.id.as_str()]).await;
        there.is_some_and(|there| there.contains(&item.id) == item.comes)
    }

    /// A member that was refused alone. Who is hidden and already as wanted was not seen to be so before.
    async fn refused(&mut self, item: &Item, fault: Fault) {
        if hides(&self.context.profile.capabilities) && self.is_settled(item).await {
            let list = if item.comes { &mut self.members.done.present } else { &mut self.members.done.absent };
            list.push(item.id.clone());
        } else {
            self.members.failed.push((item.name.clone(), fault));
        }
    }

    /// The end where a request failed after others were done: those are noted.
    fn broken_off(mut self, fault: Fault) -> Ended {
        let done = std::mem::take(&mut self.members.done);
        if done.present.is_empty() && done.absent.is_empty() {
            return Ended::failed(fault);
        }
        let checked = Checked { unchecked: Some(fault), ..Checked::default() };
        self.members.done = if self.job.check.is_some() { checked.believed(done) } else { done };
        self.end(checked)
    }

    /// Checks, at the last batch of a change, all that its batches did.
    async fn finish(mut self) -> Ended {
        let Some(earlier) = &self.job.check else {
            // Only what a batch itself sets is looked at here; reading a large group after each batch costs too much.
            let checked = if self.job.effects.is_empty() {
                Checked::default()
            } else {
                check(self.context, self.job, &self.job.id, None, self.answer.object.as_ref()).await
            };
            return self.end(checked);
        };
        let mut expected = earlier.clone();
        expected.present.extend(self.members.done.present.iter().cloned());
        expected.absent.extend(self.members.done.absent.iter().cloned());
        let checked = check(self.context, self.job, &self.job.id, Some(&expected), self.answer.object.as_ref()).await;
        self.members.unsettled = checked.members_unsettled;
        self.members.unseen = checked.members_unseen;
        self.members.done = checked.believed(expected);
        self.end(checked)
    }

    fn end(mut self, mut checked: Checked) -> Ended {
        let lost = std::mem::take(&mut checked.lost.members);
        let lost: Vec<String> = lost.into_iter().filter(|id| !self.members.lost.contains(id)).collect();
        if !lost.is_empty() {
            trust::broken(self.context);
            self.members.done.absent.extend(lost.iter().cloned());
            self.members.lost.extend(lost);
        }
        Ended::done(Done {
            id: self.job.id.clone(),
            status: self.answer.status,
            etag: checked.etag.or(self.answer.etag),
            request: self.answer.request,
            verdicts: checked.verdicts,
            members: self.members,
            unchecked: checked.unchecked,
            believed: checked.believed,
            lost: checked.lost,
            shown: checked.shown,
            ..Done::default()
        })
    }
}

fn halve<'a>(items: &'a [Item], open: &mut Vec<&'a [Item]>) {
    let (left, right) = items.split_at(items.len() / 2);
    open.push(right);
    if !left.is_empty() {
        open.push(left);
    }
}

/// Those of the members that are not as wanted. Where a target hides members, nothing can be said to be done.
pub(super) fn still_to_do(items: Vec<Item>, group: &Object, hidden: bool) -> Vec<Item> {
    if hidden && group.get("members").is_none_or(Value::is_unassigned) {
        return items;
    }
    let there: FxHashSet<&str> = group
        .get("members")
        .and_then(Value::as_array)
        .unwrap_or_default()
        .iter()
        .filter_map(overlay::member_id)
        .collect();
    items.into_iter().filter(|item| there.contains(item.id.as_str()) != item.comes).collect()
}

/// The operations for members in the profile's words (RFC 7644 section 3.5.2).
fn operations(attributes: &[PatchOp], items: &[Item], removal: MemberRemoval) -> Vec<PatchOp> {
    let mut ops = attributes.to_vec();
    let of = |comes: bool| items.iter().filter(move |item| item.comes == comes);
    let add: Vec<Value> = of(true).map(|item| item.element.clone()).collect();
    if !add.is_empty() {
        ops.push(PatchOp::add(members_path(), Value::Array(add)));
    }
    match removal {
        MemberRemoval::Value => {
            let gone: Vec<Value> = of(false).map(|item| item.element.clone()).collect();
            if !gone.is_empty() {
                ops.push(PatchOp { value: Some(Value::Array(gone)), ..PatchOp::remove(members_path()) });
            }
        }
        MemberRemoval::Filter | MemberRemoval::Replace => ops.extend(
            of(false)
                .map(|item| PatchOp::remove(members_path().with_filter(eq(AttrPath::attribute("value"), &item.id)))),
        ),
    }
    ops
}

fn members_path() -> AttrPath {
    AttrPath::attribute("members")
}
