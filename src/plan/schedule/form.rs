//! In which form a target is written: the verb of updates, and the request in which members come and go.

use std::fmt;

use super::Verb;
use crate::live::Discovery;
use crate::profile::{Capabilities, MemberRemoval, MemberWrite, MembersShown, WriteVerb};
use crate::scim::ResourceKind;

/// The verb of updates of a kind: the profile's choice, else what discovery says, else PUT; never found out by trial. A
/// group whose members are hidden is patched where that may work, since a PUT sends back what was read.
pub fn verb(capabilities: &Capabilities, discovery: &Discovery, kind: ResourceKind) -> Verb {
    let patches = capabilities.patch.or(discovery.patch);
    let hidden = kind == ResourceKind::Group && capabilities.members == MembersShown::Never;
    match capabilities.write {
        _ if !puts(capabilities, kind) || (hidden && patches != Some(false)) => Verb::Patch,
        WriteVerb::Patch => Verb::Patch,
        WriteVerb::Auto if patches == Some(true) => Verb::Patch,
        WriteVerb::Put | WriteVerb::Auto => Verb::Put,
    }
}

/// Whether resources of a kind can be changed at all once they are made.
pub fn can_update(capabilities: &Capabilities, discovery: &Discovery, kind: ResourceKind) -> bool {
    puts(capabilities, kind) || capabilities.patch.or(discovery.patch) != Some(false)
}

fn puts(capabilities: &Capabilities, kind: ResourceKind) -> bool {
    match kind {
        ResourceKind::User => capabilities.put,
        ResourceKind::Group => capabilities.put_groups.unwrap_or(capabilities.put),
    }
}

/// The request in which members of a target's groups come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberForm {
    /// The verb.
    pub verb: Verb,
    /// How members are removed by PATCH.
    pub removal: MemberRemoval,
    /// What the capabilities ask for; `Replace` only where all members may be replaced and can be read.
    pub write: MemberWrite,
}

impl MemberForm {
    /// The form that the capabilities come to. All members are only replaced by PATCH where the profile allows it and they
    /// can be read before; else the words of the RFC are used.
    pub fn new(capabilities: &Capabilities, discovery: &Discovery) -> Self {
        let replaces = capabilities.replace_members && capabilities.members != MembersShown::Never;
        let removal = match capabilities.member_removal {
            MemberRemoval::Replace if !replaces => MemberRemoval::Filter,
            said => said,
        };
        let write = match capabilities.member_write {
            MemberWrite::Replace if !replaces => MemberWrite::Patch,
            said => said,
        };
        let verb = match write {
            MemberWrite::Auto => verb(capabilities, discovery, ResourceKind::Group),
            MemberWrite::Patch | MemberWrite::Replace => Verb::Patch,
            MemberWrite::Put => Verb::Put,
        };
        Self { verb, removal, write }
    }

    /// Whether a request sends all members of the group, and not only those who come and go.
    pub fn sends_all(self, removes: bool) -> bool {
        self.verb == Verb::Put
            || self.write == MemberWrite::Replace
            || (removes && self.removal == MemberRemoval::Replace)
    }

    /// Whether members can come and go without that the others are known.
    pub fn is_by_name(self) -> bool {
        !self.sends_all(true)
    }
}

/// The name under which the ledger remembers a form.
impl fmt::Display for MemberForm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = match self.write {
            MemberWrite::Auto => "auto",
            MemberWrite::Patch => "patch",
            MemberWrite::Replace => "replace",
            MemberWrite::Put => "put",
        };
        let removal = match self.removal {
            MemberRemoval::Filter => "filter",
            MemberRemoval::Value => "value",
            MemberRemoval::Replace => "replace",
        };
        let verb = if self.verb == Verb::Put { "PUT" } else { "PATCH" };
        write!(out, "{verb}, memberWrite: {write}, memberRemoval: {removal}")
    }
}
