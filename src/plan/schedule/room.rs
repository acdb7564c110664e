//! How much of a group's membership one request takes: members and bytes.

use super::{IdRef, StepMember, member_value};
use crate::profile::{Capabilities, MemberRemoval};
use crate::scim::patch::PatchOp;

/// Bytes of a message around its operations, and of one operation around its value, with some to spare.
const FRAME: u64 = 256;

/// Bytes of a `remove` with a filter around the id.
const REMOVE: u64 = 64;

/// Bytes taken for an id that is not known yet. Ids of servers that are known are shorter.
const ID: u64 = 64;

/// What is left of a request.
pub(super) struct Room {
    members: u64,
    bytes: u64,
    empty: bool,
}

impl Room {
    /// Room for everything.
    pub(super) const ENDLESS: Self = Self { members: u64::MAX, bytes: u64::MAX, empty: true };

    /// The room that a profile gives, less what changes of attributes take.
    pub(super) fn new(capabilities: &Capabilities, attributes: &[PatchOp]) -> Self {
        let taken = || attributes.iter().map(size).sum::<u64>() + FRAME;
        Self {
            members: capabilities.members_per_patch.max(1),
            bytes: capabilities.bytes_per_patch.map_or(u64::MAX, |most| most.saturating_sub(taken())),
            empty: true,
        }
    }

    /// Takes a member that comes, or goes in these words, if there is room. The first one always fits: a smaller
    /// request can't be made.
    pub(super) fn takes(&mut self, member: &StepMember, removal: Option<MemberRemoval>) -> bool {
        let needed = bytes(member, removal);
        if !self.empty && (self.members == 0 || self.bytes < needed) {
            return false;
        }
        self.empty = false;
        self.members = self.members.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(needed);
        true
    }
}

fn bytes(member: &StepMember, removal: Option<MemberRemoval>) -> u64 {
    let element = size(&member_value(member)) + 1;
    let short = match &member.id {
        IdRef::Id(_) => 0,
        IdRef::Created(..) => ID,
    };
    short + element + if removal == Some(MemberRemoval::Filter) { REMOVE } else { 0 }
}

fn size<T: serde::Serialize>(value: &T) -> u64 {
    serde_json::to_vec(value).map_or(0, |text| text.len() as u64)
}
