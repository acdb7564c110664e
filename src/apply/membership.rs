//! Members that come and go. One that the target refuses must not spoil the others, and what is so already is done.

use rustc_hash::FxHashSet;

use super::check::{Checked, check};
use super::job::{Context, Done, Ended, Item, Job, MembersDone};
use super::overlay;
use super::service::{Answer, Fault, Service};
use super::write::hold;
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
    let mut batch =
        Batch { context, job, members: MembersDone::default(), answer: Answer::default(), first_etag: etag };
    let mut result = batch.send(attributes, items).await;
    if result.as_ref().is_err_and(|fault| fault.status == Some(412)) {
        // Others change a group's members all the time; what we planned on is in the fingerprint.
        batch.first_etag = None;
        let stale = Job { guard: super::job::Guard { etag: None, stale: true, ..job.guard.clone() }, ..job.clone() };
        batch.first_etag = match hold(context, &stale, true).await {
            Ok((_, etag)) => etag,
            Err(ended) => return ended,
        };
        result = batch.send(attributes, items).await;
    }
    match result {
        Ok(()) => batch.finish().await,
        Err(fault) if fault.status == Some(412) => {
            Ended::Moved("the target says that the group changed meanwhile".to_owned())
        }
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
}

impl<S: Service> Batch<'_, '_, S> {
    /// Sends attributes and members in one request.
    async fn send(&mut self, attributes: &[PatchOp], items: &[Item]) -> Result<(), Fault> {
        let (kind, id) = (self.job.kind, self.job.id.as_str());
        let removal = self.context.profile.capabilities.member_removal;
        let removes = items.iter().any(|item| !item.comes);
        let etag = self.first_etag.take();
        let whole = self.context.verb == Verb::Put || (removes && removal == MemberRemoval::Replace);
        let answer = if whole {
            let Some(current) = self.context.service.get(kind, id).await? else {
                return Err(Fault { message: "the group is gone".to_owned(), status: Some(404), ..Fault::default() });
            };
            let etag = current.etag.clone().filter(|_| self.context.etags);
            let mut object = current.object;
            let add: Vec<Value> = items.iter().filter(|item| item.comes).map(|item| item.element.clone()).collect();
            let remove: FxHashSet<&str> =
                items.iter().filter(|item| !item.comes).map(|item| item.id.as_str()).collect();
            overlay::members(&mut object, &add, &remove);
            if self.context.verb == Verb::Put {
                let body = overlay::body(&object, kind, attributes);
                self.context.service.replace(kind, id, &body, etag.as_deref()).await?
            } else {
                let mut ops = attributes.to_vec();
                ops.push(PatchOp::replace(members_path(), object.remove("members").unwrap_or_default()));
                self.context.service.patch(kind, id, &ops, etag.as_deref()).await?
            }
        } else {
            let ops = operations(attributes, items, removal);
            self.context.service.patch(kind, id, &ops, etag.as_deref()).await?
        };
        self.answer = answer;
        for item in items {
            let list = if item.comes { &mut self.members.done.present } else { &mut self.members.done.absent };
            list.push(item.id.clone());
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
        let rest = still_to_do(items.to_vec(), &group, self.context.members_hidden);
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
                Err(fault) if fault.is_refused() => match part {
                    [item] => self.members.failed.push((item.name.clone(), fault)),
                    several => halve(several, &mut open),
                },
                Err(fault) => return Ended::failed(fault),
            }
        }
        self.finish().await
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
        self.end(checked)
    }

    fn end(self, checked: Checked) -> Ended {
        Ended::done(Done {
            id: self.job.id.clone(),
            status: self.answer.status,
            etag: checked.etag.or(self.answer.etag),
            verdicts: checked.verdicts,
            members: self.members,
            unchecked: checked.unchecked,
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
    if hidden && group.get("members").is_none() {
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
