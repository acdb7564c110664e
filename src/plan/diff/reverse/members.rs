//! Members on the way back: who was removed comes, who was added goes, by id.

use std::collections::HashSet;

use crate::diag::NoticeCode;
use crate::ledger::Entry;
use crate::live::{LiveResource, Members};
use crate::plan::diff::members;
use crate::plan::diff::notes::{Note, names};
use crate::plan::undo::{Reversal, State};
use crate::plan::{MemberChange, MemberRef, Reason};
use crate::scim::ResourceKind;

use super::Back;

impl<'a> Back<'a> {
    /// The id of a member, which the apply itself may have made.
    pub(super) fn member_id<'m>(&self, member: &'m MemberRef) -> Option<&'m str>
    where
        'a: 'm,
    {
        let made = || self.made.of(member.resource).get(member.key.as_deref()?).copied();
        member.id.as_deref().or_else(made)
    }

    pub(super) fn members(
        &mut self,
        change: &Reversal,
        live: &LiveResource,
        entry: Option<&Entry>,
        notes: &mut Vec<Note>,
    ) -> MemberChange {
        if change.members.is_empty() {
            return MemberChange::default();
        }
        let Some(there) = members::believed(self.matched, live, entry, &change.key, notes) else {
            let text = "its members can't be taken back, since the target does not show who is in it";
            self.problem(change, NoticeCode::NotTakenBack, text);
            return MemberChange::default();
        };
        let there: HashSet<&str> = there.iter().map(|member| member.id.as_str()).collect();
        // Neither the target nor the ledger can tell what came of a request without an answer. To add who is in a group,
        // or take out who is not, does no harm.
        let unsure = live.members == Members::Unknown && matches!(change.state, State::Partly | State::Planned);
        let (mut moves, mut gone) = (MemberChange::default(), Vec::new());
        for member in &change.members.remove {
            let Some(id) = self.member_id(member).filter(|id| unsure || !there.contains(id)) else { continue };
            if self.is_gone(member.resource, id) {
                gone.push(member.key.clone().unwrap_or_else(|| member.name.clone()));
                continue;
            }
            moves.add.push(self.member(member, id));
        }
        for member in &change.members.add {
            let Some(id) = self.member_id(member).filter(|id| unsure || there.contains(id)) else { continue };
            moves.remove.push(self.member(member, id));
        }
        moves.remove = members::unless_forbidden(self.matched, live, &change.key, moves.remove, notes);
        if !gone.is_empty() {
            let text = format!("no longer at the target, so not put back into it: {}", names(&gone));
            self.problem(change, NoticeCode::Gone, text);
        }
        moves
    }

    /// Whether a member is known to be no longer at the target.
    fn is_gone(&self, kind: ResourceKind, id: &str) -> bool {
        let hidden = kind == ResourceKind::User && self.matched.people_may_be_hidden();
        self.matched.find(kind, id).is_none() && self.matched.is_complete(kind) && !hidden
    }

    fn member(&self, member: &MemberRef, id: &str) -> MemberRef {
        let owner = self.matched.owner(Some(member.resource), id).key();
        let key = owner.map(str::to_owned).or_else(|| member.key.clone());
        MemberRef { key, id: Some(id.to_owned()), reason: Some(Reason::TakenBack), origin: None, ..member.clone() }
    }
}
