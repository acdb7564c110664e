//! Reads what an undo needs of a target, and plans it.

use std::collections::BTreeSet;

use futures::StreamExt as _;

use super::super::read;
use crate::live::{Completeness, Live};
use crate::plan::undo::{Reversal, State, UndoTarget, goal};
use crate::plan::{self, Action, PlanInput, TargetPlan, Unsettled};
use crate::scim::ResourceKind;
use crate::target::{Reader, TargetError};

/// Look-ups by id in flight at once.
const ABREAST: usize = 8;

/// Reads and plans. Whatever the apply changed and a list does not show is asked for by its id.
pub(in crate::cli) async fn see(
    input: PlanInput<'_>,
    undo: &UndoTarget,
    reader: &Reader,
) -> Result<(Live, TargetPlan, Unsettled), TargetError> {
    let everyone = goal(undo, false);
    let keys: BTreeSet<String> = undo.changes.iter().map(|change| change.key.clone()).collect();
    let whole = PlanInput { desired: &everyone, only: Some(&keys), ..input };
    let mut live = reader.read(&read::request(&whole)).await?;
    let (undo, unsettled) = &made(&PlanInput { live: &live, ..whole }, undo);
    let mut entered = input.ledger.clone();
    unsettled.enter(&mut entered);
    let (whole, input) = (PlanInput { ledger: &entered, ..whole }, PlanInput { ledger: &entered, ..input });
    read::refine(whole, &mut live, reader).await?;
    by_id(&whole, undo, &mut live, reader).await?;
    read::hidden(&whole, &mut live, reader).await?;
    let plan = plan::plan_undo(PlanInput { live: &live, only: None, ..input }, undo);
    Ok((live, plan, unsettled.clone()))
}

/// The way back with the ids of creations whose answers were lost, where what they made is found by its marks.
fn made(input: &PlanInput<'_>, undo: &UndoTarget) -> (UndoTarget, Unsettled) {
    let (mut undo, mut unsettled) = (undo.clone(), plan::unsettled(input));
    unsettled.notices.clear();
    unsettled.found.retain(|(kind, key, id)| {
        let is_it = |change: &&mut Reversal| {
            change.action == Action::Create && change.resource == *kind && change.key == *key && change.id.is_none()
        };
        let change = undo.changes.iter_mut().find(is_it).filter(|change| change.state == State::Partly);
        change.map(|change| change.id = Some(id.clone())).is_some()
    });
    (undo, unsettled)
}

async fn by_id(input: &PlanInput<'_>, undo: &UndoTarget, live: &mut Live, reader: &Reader) -> Result<(), TargetError> {
    let (users, groups) = read::wanted(input);
    for (kind, wanted) in [(ResourceKind::User, &users), (ResourceKind::Group, &groups)] {
        let (list, complete) = match kind {
            ResourceKind::User => (&mut live.users, &live.users_complete),
            ResourceKind::Group => (&mut live.groups, &live.groups_complete),
        };
        let seen: BTreeSet<&str> = list.iter().map(|one| one.id.as_str()).collect();
        let changed = undo.changes.iter().filter(|change| change.resource == kind && change.state != State::NotDone);
        let mut ids: BTreeSet<&str> = changed.filter_map(|change| change.id.as_deref()).collect();
        if *complete != Completeness::Complete {
            // Who comes back into a group must be there.
            let back = undo.changes.iter().flat_map(|change| &change.members.remove);
            ids.extend(back.filter(|member| member.resource == kind).filter_map(|member| member.id.as_deref()));
        }
        ids.retain(|id| !seen.contains(id));
        let mut answers =
            futures::stream::iter(ids).map(|id| reader.get(kind, id, wanted)).buffer_unordered(ABREAST).boxed();
        let mut found = Vec::new();
        while let Some(answer) = answers.next().await {
            found.extend(answer?);
        }
        drop(answers);
        list.extend(found);
        list.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok(())
}
