//! Limits by risk class.

use crate::diag::NoticeCode;
use crate::directory::{Limit, Manage};
use crate::live::{ListTrust, LiveResource, Members};
use crate::plan::diff::matched_target::{MatchedTarget, Owner};
use crate::plan::diff::notes::names;
use crate::plan::diff::protect;
use crate::plan::{Action, Change, LimitUse, TargetPlan, Violation};
use crate::scim::{ResourceKind, Value};

/// Removals up to this number never trip the default limit, nor a limit in percent of an unknown number.
const FEW: u64 = 3;
/// Above [`FEW`], the default limit on removals by count and in percent.
const DEFAULT: Limit = Limit { count: Some(10), percent: Some(10.0) };

/// Removals in a plan: deactivations, deletions, and groups that lose all their members.
pub(super) fn removals(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> u64 {
    let removes = |change: &&Change| match change.action {
        Action::Deactivate | Action::Delete => true,
        Action::Update => {
            change.resource == ResourceKind::Group
                && left(matched, change) == Some(0)
                && !change.members.remove.is_empty()
        }
        Action::Create | Action::Adopt | Action::Reactivate | Action::Forget => false,
    };
    plan.changes.iter().filter(removes).count() as u64
}

/// Members that a group has before the change, where that is known.
fn members(matched: &MatchedTarget<'_>, change: &Change) -> Option<u64> {
    let live = matched.find(change.resource, change.id.as_deref()?)?;
    match &live.members {
        Members::Known(members) => Some(members.len() as u64),
        Members::Unknown => None,
    }
}

/// Members that a group has after the change, where that is known.
fn left(matched: &MatchedTarget<'_>, change: &Change) -> Option<u64> {
    let (gone, come) = (change.members.remove.len() as u64, change.members.add.len() as u64);
    Some((members(matched, change)? + come).saturating_sub(gone))
}

/// How many resources are managed at a target. Where this repository is the only source that is everything there,
/// protected objects and kinds whose strangers are ignored aside; otherwise what is matched, and what the ledger knows
/// and was seen.
fn managed(matched: &MatchedTarget<'_>) -> u64 {
    ResourceKind::ALL.into_iter().map(|kind| managed_of(matched, kind)).sum()
}

fn managed_of(matched: &MatchedTarget<'_>, kind: ResourceKind) -> u64 {
    let target = matched.input.target;
    let ignored = target.on_remove.ignores(kind);
    let counts = |live: &&LiveResource| {
        if target.manage == Manage::All && !ignored {
            protect::rule(matched, live).is_none()
        } else {
            !matches!(matched.owner(Some(kind), &live.id), Owner::Nobody | Owner::Held(None))
        }
    };
    let there = matched.live(kind).iter().filter(counts).count() as u64;
    let live = matched.input.live;
    if matched.input.only.is_some() && *live.trust.of(kind) == ListTrust::NotAsked {
        // Only some were looked up.
        return there.max(matched.input.ledger.of(kind).len() as u64);
    }
    there
}

/// One risk class.
struct Class<'a> {
    code: NoticeCode,
    key: &'static str,
    what: &'a str,
    count: u64,
    managed: u64,
    /// Whether something is taken away: then a share that can't be computed is not taken for a small one.
    removes: bool,
}

/// The limits that a plan trips, and how much of each it uses.
pub(super) fn check(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> (Vec<Violation>, Vec<LimitUse>) {
    let limits = matched.input.target.limits;
    if plan.changes.is_empty() {
        return (Vec::new(), Vec::new());
    }
    // What is removed was managed, whatever else is known.
    let managed = managed(matched).max(plan.summary.removals);
    let count = |test: &dyn Fn(&Change) -> bool| plan.changes.iter().filter(|change| test(change)).count() as u64;
    let class = |code, key, what, count| Class { code, key, what, count, managed, removes: false };
    let creates = class(NoticeCode::Creates, "creates", "created", count(&|change| change.action == Action::Create));
    let updates = class(
        NoticeCode::Updates,
        "updates",
        "updated",
        count(&|change| matches!(change.action, Action::Update | Action::Reactivate)),
    );
    let renames = class(NoticeCode::Renames, "renames", "renamed", count(&is_rename));
    let removals = Class {
        code: NoticeCode::Removals,
        key: "removals",
        what: "removed",
        count: plan.summary.removals,
        managed,
        removes: true,
    };
    let mut violations = Vec::new();
    let mut uses = Vec::new();
    let default = limits.removals.is_none();
    for (class, limit, free) in [
        (removals, Some(limits.removals.unwrap_or(DEFAULT)), if default { FEW } else { 0 }),
        (creates, limits.creates, 0),
        (updates, limits.updates, 0),
        (renames, limits.renames, 0),
    ] {
        let Some(limit) = limit else { continue };
        let violation = tripped(matched, &class, &limit).filter(|_| class.count > free);
        let default = default && class.code == NoticeCode::Removals;
        uses.push(LimitUse { default, free, tripped: violation.is_some(), ..class.uses(&limit) });
        violations.extend(violation);
    }
    if let Some(limit) = limits.member_removals {
        let (found, most) = member_removals(matched, plan, &limit);
        violations.extend(found);
        uses.push(most);
    }
    (violations, uses)
}

/// Groups of which too many members are taken out, and how far the worst goes.
fn member_removals(matched: &MatchedTarget<'_>, plan: &TargetPlan, limit: &Limit) -> (Vec<Violation>, LimitUse) {
    let mut violations = Vec::new();
    let mut most = LimitUse {
        class: "memberRemovals".to_owned(),
        count: limit.count,
        percent: limit.percent,
        ..LimitUse::default()
    };
    for change in plan.changes.iter().filter(|change| change.resource == ResourceKind::Group) {
        let what = format!("removed from group `{}`", change.key);
        let class = Class {
            code: NoticeCode::MemberRemovals,
            key: "memberRemovals",
            what: &what,
            count: change.members.remove.len() as u64,
            managed: members(matched, change).unwrap_or(0),
            removes: true,
        };
        let violation = tripped(matched, &class, limit);
        let tripped = violation.is_some();
        if (tripped, class.count) > (most.tripped, most.used) {
            most = LimitUse { group: Some(change.key.clone()), tripped, ..class.uses(limit) };
        }
        violations.extend(violation);
    }
    (violations, most)
}

/// Whether a change renames: `userName` of a person, `displayName` of a group.
fn is_rename(change: &Change) -> bool {
    let name = change.resource.name_attribute();
    matches!(change.action, Action::Update | Action::Reactivate)
        && change.attributes.iter().any(|attribute| attribute.path.is(name) && attribute.before != Value::Null)
}

impl Class<'_> {
    /// How much of a limit it uses.
    fn uses(&self, limit: &Limit) -> LimitUse {
        LimitUse {
            class: self.key.to_owned(),
            used: self.count,
            of: self.managed,
            count: limit.count,
            percent: limit.percent,
            ..LimitUse::default()
        }
    }

    /// The share in percent; none of nothing.
    fn share(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of resources are far below 2^52")]
        (self.managed > 0).then(|| self.count as f64 * 100.0 / self.managed as f64)
    }

    /// The bounds of a limit that are passed. A share of nothing is no share: more than a few removals pass any bound
    /// below the whole then.
    fn over(&self, limit: &Limit) -> (Option<u64>, Option<f64>) {
        let share = self.share();
        let passes = |most: f64| share.map_or(self.removes && self.count > FEW && most < 100.0, |share| share > most);
        (limit.count.filter(|most| self.count > *most), limit.percent.filter(|most| self.count > 0 && passes(*most)))
    }
}

/// The violation, where either bound is passed.
fn tripped(matched: &MatchedTarget<'_>, class: &Class<'_>, limit: &Limit) -> Option<Violation> {
    let &Class { code, key, what, count, managed, .. } = class;
    let share = class.share();
    let bound = match class.over(limit) {
        (None, None) => return None,
        (Some(most), None) => format!("the limit is {most}"),
        (None, Some(most)) => format!("the limit is {most} percent"),
        (Some(most), Some(percent)) => format!("the limit is {most} and {percent} percent"),
    };
    let target = &matched.input.target.name;
    let of = share.map_or_else(String::new, |share| format!(" of {managed} ({share:.1} percent)"));
    Some(Violation {
        code,
        message: format!("{count}{of} would be {what} at `{target}`; {bound}"),
        allow: format!("if that is meant, raise `limits.{key}` of target `{target}`"),
        warn: false,
        origin: matched.input.origin(matched.input.target.origin),
    })
}

/// None of the people or groups that we manage is there, or many of the people are gone at once from a list that is said
/// to be whole: a wrong address, or an answer that is cut, not a hundred leavers. The plan would make them all again, or
/// forget them.
pub(super) fn vanished(matched: &MatchedTarget<'_>) -> Option<Violation> {
    let ledger = matched.input.ledger;
    let kinds = ResourceKind::ALL.into_iter();
    let lost = kinds.filter_map(|kind| {
        let entries = ledger.of(kind);
        let gone = entries.len() as u64 > FEW && entries.values().all(|entry| matched.find(kind, &entry.id).is_none());
        gone.then(|| format!("{} {}s", entries.len(), kind))
    });
    let lost: Vec<String> = lost.collect();
    let target = &matched.input.target.name;
    if lost.is_empty() {
        return gone(matched);
    }
    let known = ledger.users.len() + ledger.groups.len();
    Some(Violation {
        code: NoticeCode::Vanished,
        message: format!("none of the {} that the ledger knows at `{target}` was found", lost.join(" and ")),
        allow: format!(
            "check the address and the credentials of `{target}`; if it was really emptied, set `mode: disabled`, run `scimform ledger forget {target} --all --confirm {known}`, and take the mode out again"
        ),
        warn: false,
        origin: matched.input.origin(matched.input.target.origin),
    })
}

/// More people than the default limit on removals allows are gone at once. Whom we deactivated may well be: some targets
/// delete or hide them.
fn gone(matched: &MatchedTarget<'_>) -> Option<Violation> {
    let kind = ResourceKind::User;
    if !matched.is_complete(kind) {
        return None;
    }
    let kept = || matched.input.ledger.users.iter().filter(|(_, entry)| entry.deactivated.is_none());
    let lost: Vec<&String> =
        kept().filter(|(_, entry)| matched.find(kind, &entry.id).is_none()).map(|(key, _)| key).collect();
    let (count, known) = (lost.len() as u64, kept().count() as u64);
    let class = Class { code: NoticeCode::Vanished, key: "", what: "gone", count, managed: known, removes: true };
    if count <= FEW || class.over(&DEFAULT) == (None, None) {
        return None;
    }
    let target = &matched.input.target.name;
    Some(Violation {
        code: NoticeCode::Vanished,
        message: format!(
            "{count} of the {known} people that the ledger knows at `{target}` were not found, neither in the list nor by their ids: {}",
            names(lost)
        ),
        allow: format!(
            "check whether `{target}` answers with everyone; if they were really deleted there, run `scimform ledger forget {target} KEY...` with their keys, and who is declared is made again"
        ),
        warn: false,
        origin: matched.input.origin(matched.input.target.origin),
    })
}
