//! Effective membership, for reports.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::directory::{Directory, GroupKey, UserKey, scope};
use crate::source::Span;

/// One person's membership of one group on a day, and what causes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveMember {
    /// The nested group that holds the person, where the group itself does not.
    pub through: Option<GroupKey>,
    /// The entry that names the person, or the rule that matches.
    pub origin: Span,
    /// Whether a rule matched, and not a name.
    pub by_rule: bool,
    /// Last day, UTC.
    pub until: Option<Date>,
}

/// Members of every group on a day: named, matched by rules and nested. Whether a person has access at all on that
/// day (`starts`, `ends`, `active`) is not looked at.
pub fn effective_members(directory: &Directory, as_of: Date) -> BTreeMap<GroupKey, BTreeMap<UserKey, EffectiveMember>> {
    let of_group = |key: &GroupKey| {
        let content =
            scope::expand(directory, directory.groups.get_key_value(key).map(|(key, _)| key), Some(as_of), |_| false);
        content.users.into_iter().map(|(user, cause)| (user.clone(), member(key, cause))).collect()
    };
    directory.groups.keys().map(|key| (key.clone(), of_group(key))).collect()
}

fn member(group: &GroupKey, cause: scope::Cause<'_>) -> EffectiveMember {
    EffectiveMember {
        through: cause.group.filter(|through| *through != group).cloned(),
        origin: cause.origin,
        by_rule: cause.rule,
        until: cause.until,
    }
}
