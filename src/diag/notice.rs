//! Stable names of what a plan says beside its changes, and what may be told of each.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a code marks. A name may stand for a remark and for a problem, with a text of its own each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// What a reviewer should know.
    Remark,
    /// Why a person or group can't be planned.
    Problem,
    /// A limit or policy that the plan breaks.
    Violation,
}

/// What the texts of a code may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Counts, names of targets, dates of tokens.
    Nothing,
    /// Keys, ids and names of people.
    Names,
    /// Values of attributes, or words of a server, of a policy or of a row.
    Values,
}

/// What stays open after an apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    Undone,
    Unknown,
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $kind:ident, $holds:ident $(, $leaves:ident)?;)+) => {
        /// Code of a remark, a problem or a violation. Its name is stable: scripts may look for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NoticeCode { $(#[doc = concat!("`", $name, "`")] $variant,)+ }

        impl NoticeCode {
            /// Every code, by name.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable kebab-case name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it marks.
            pub const fn kind(self) -> NoticeKind {
                match self { $(Self::$variant => NoticeKind::$kind,)+ }
            }

            const fn holds(self) -> Holds {
                match self { $(Self::$variant => Holds::$holds,)+ }
            }

            const fn leaves(self) -> Option<Leaves> {
                match self { $($(Self::$variant => Some(Leaves::$leaves),)?)+ _ => None }
            }
        }
    };
}

// By name, so that lists which are sorted by code are sorted by name.
codes! {
    AccessNotShown = "access-not-shown", Remark, Values, Unknown;
    Adopts = "adopts", Remark, Nothing;
    Ambiguous = "ambiguous", Problem, Names;
    AnotherId = "another-id", Problem, Values;
    AnotherKey = "another-key", Problem, Values;
    BelongsToAnother = "belongs-to-another", Problem, Names;
    CannotCreate = "cannot-create", Remark, Names, Undone;
    CannotDeactivate = "cannot-deactivate", Problem, Names;
    CannotDelete = "cannot-delete", Remark, Names, Undone;
    CannotReactivate = "cannot-reactivate", Remark, Names, Undone;
    CannotRename = "cannot-rename", Remark, Names, Undone;
    CannotUndo = "cannot-undo", Remark, Values;
    NotTakenBack = "cannot-undo", Problem, Values;
    CannotUpdate = "cannot-update", Problem, Names;
    ConflictingMatch = "conflicting-match", Problem, Names;
    Coupled = "coupled", Remark, Names, Undone;
    CreateOnly = "create-only", Remark, Names, Undone;
    Creates = "creates", Violation, Nothing;
    Defaulted = "defaulted", Remark, Names;
    DeletesLater = "deletes-later", Remark, Names;
    Derived = "derived", Remark, Names, Undone;
    Discovery = "discovery", Remark, Names;
    DiscoveryDisagrees = "discovery-disagrees", Remark, Nothing;
    Expression = "expression", Problem, Values;
    ForeignExternalId = "foreign-external-id", Remark, Names, Undone;
    Gone = "gone", Problem, Values;
    GroupsUnsupported = "groups-unsupported", Remark, Values;
    IdReused = "id-reused", Problem, Names;
    InConflict = "in-conflict", Problem, Names;
    InactiveAbsent = "inactive-absent", Remark, Names;
    IncompleteRead = "incomplete-read", Remark, Names;
    Irreversible = "irreversible", Remark, Names;
    LastMember = "last-member", Violation, Values;
    LeftOut = "left-out", Remark, Names;
    LikelyRename = "likely-rename", Remark, Names;
    Lockout = "lockout", Violation, Values;
    ManagerNotAssigned = "manager-not-assigned", Remark, Values;
    MayBeActive = "may-be-active", Remark, Names, Undone;
    MemberRemovals = "member-removals", Violation, Nothing;
    MembersAbsent = "members-absent", Remark, Names, Undone;
    MembersByLedger = "members-by-ledger", Remark, Names, Unknown;
    MembersKept = "members-kept", Remark, Names;
    MembersNotShown = "members-not-shown", Remark, Values, Unknown;
    MembersUnknown = "members-unknown", Problem, Names;
    MembersUnlisted = "members-unlisted", Remark, Names;
    MembershipForm = "membership-held", Remark, Values;
    MembershipHeld = "membership-held", Problem, Values;
    MovedSince = "moved-since", Problem, Values;
    MovedTarget = "moved-target", Remark, Nothing;
    NameTaken = "name-taken", Problem, Names;
    NamesExchanged = "names-exchanged", Problem, Names;
    NoLedger = "no-ledger", Remark, Nothing;
    Normalised = "normalised", Remark, Names;
    NotConfigured = "not-configured", Remark, Nothing;
    NotLookedUp = "not-looked-up", Problem, Names;
    NotRead = "not-read", Remark, Names;
    ReadFailed = "not-read", Problem, Values;
    NotRehearsed = "not-rehearsed", Remark, Nothing;
    NotSeen = "not-seen", Problem, Names;
    NotSent = "not-sent", Remark, Values;
    OutcomeUnknown = "outcome-unknown", Problem, Values;
    PendingPassword = "pending-password", Remark, Names;
    PeopleLeftOut = "people-left-out", Remark, Names;
    Policy = "policy", Violation, Values;
    Protected = "protected", Remark, Values;
    ProtectedRemoval = "protected", Violation, Values;
    Removals = "removals", Violation, Nothing;
    RemovalsOff = "removals-off", Problem, Names;
    Renames = "renames", Violation, Nothing;
    SelfNotFound = "self-not-found", Remark, Values;
    SharedMatch = "shared-match", Problem, Names;
    ShrunkenRead = "shrunken-read", Remark, Nothing;
    Suppressed = "suppressed", Remark, Names, Undone;
    TokenExpires = "token-expires", Remark, Nothing;
    Unaccounted = "unaccounted", Problem, Names;
    Unconfirmed = "unconfirmed", Problem, Names;
    Undo = "undo", Remark, Nothing;
    UnknownPeople = "unknown-people", Problem, Names;
    UnresolvedReference = "unresolved-reference", Remark, Names, Undone;
    UnsettledCreate = "unsettled-create", Remark, Values;
    Updates = "updates", Violation, Nothing;
    ValueType = "value-type", Problem, Values;
    ValuesExchanged = "values-exchanged", Remark, Names;
    Vanished = "vanished", Violation, Names;
}

impl NoticeCode {
    /// Whether its texts may hold the value of an attribute, or words that are not ours.
    pub fn holds_values(self) -> bool {
        self.holds() == Holds::Values
    }

    /// Whether its texts may name people.
    pub fn names_people(self) -> bool {
        self.holds() != Holds::Nothing
    }

    /// Whether it says that something declared is not so and stays so.
    pub fn leaves_undone(self) -> bool {
        self.leaves() == Some(Leaves::Undone)
    }

    /// Whether it says that something can't be seen, so that nobody knows whether it is as declared.
    pub fn leaves_unknown(self) -> bool {
        self.leaves() == Some(Leaves::Unknown)
    }

    /// Reads the code of a remark by its name.
    pub fn remark<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::named(deserializer, NoticeKind::Remark)
    }

    /// Reads the code of a problem by its name.
    pub fn problem<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::named(deserializer, NoticeKind::Problem)
    }

    /// Reads the code of a violation by its name.
    pub fn violation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::named(deserializer, NoticeKind::Violation)
    }

    fn named<'de, D: Deserializer<'de>>(deserializer: D, kind: NoticeKind) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|code| code.kind() == kind && code.name() == name);
        known.copied().ok_or_else(|| serde::de::Error::custom(format!("this version knows no code `{name}` here")))
    }
}

impl fmt::Display for NoticeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for NoticeCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_the_order_of_their_names_and_no_two_of_a_kind_have_one() {
        let marks = |code: &NoticeCode| (code.name(), code.kind() as u8);
        assert!(NoticeCode::ALL.is_sorted_by(|a, b| marks(a) < marks(b)));
    }

    #[test]
    fn a_name_is_read_as_what_it_marks_and_an_unknown_one_is_named() {
        let read = |kind: NoticeKind, name: &str| {
            let deserializer = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
            NoticeCode::named(deserializer, kind).map_err(|error| error.to_string())
        };
        assert_eq!(read(NoticeKind::Remark, "not-read"), Ok(NoticeCode::NotRead));
        assert_eq!(read(NoticeKind::Problem, "not-read"), Ok(NoticeCode::ReadFailed));
        let unknown = read(NoticeKind::Violation, "tomorrow");
        assert_eq!(unknown, Err("this version knows no code `tomorrow` here".to_owned()));
    }

    #[test]
    fn what_stays_open_is_a_remark() {
        let open = NoticeCode::ALL.iter().filter(|code| code.leaves().is_some());
        assert!(open.clone().all(|code| code.kind() == NoticeKind::Remark) && open.count() > 1);
    }
}
