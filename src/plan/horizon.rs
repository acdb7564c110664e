//! What time alone will change: first and last days, memberships that end, tokens that expire, deletions that come due.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::impact::{AccountChange, PersonAtTarget};
use super::offline::{After, compared};
use super::{Action, Change, Origin};
use crate::desired::project;
use crate::directory::{Directory, Membership, Mode, Target};
use crate::ledger::{Hasher, TargetLedger};
use crate::scim::ResourceKind;
use crate::source::SourceMap;

/// What the days after a plan will bring if no file changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Horizon {
    /// The last day that was looked at.
    #[schemars(with = "String")]
    pub until: Date,
    /// What happens, by day, target and key.
    pub events: Vec<HorizonEvent>,
    /// How many events of people are withheld.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub withheld: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "asked so when a plan is written")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Something that a day brings at one target. The first apply on that day or later does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HorizonEvent {
    /// The day, UTC.
    #[schemars(with = "String")]
    pub date: Date,
    /// The target.
    pub target: String,
    /// The person; none where it is about the target itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The readable name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is done to the account, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// Whether access by the account comes or goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountChange>,
    /// Names of groups gained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<String>,
    /// Names of groups lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<String>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
    /// The place in the files that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// What is declared, and from when on.
#[derive(Clone, Copy, Debug)]
pub struct Outlook<'a> {
    /// Everything declared.
    pub directory: &'a Directory,
    /// The files, for places.
    pub sources: &'a SourceMap,
    /// The day from which on.
    pub as_of: Date,
    /// The last day.
    pub until: Date,
    /// Keys to which it is restricted.
    pub only: Option<&'a BTreeSet<String>>,
}

/// What the days will bring at these targets. With a ledger, deletions that come due are told as well.
pub fn horizon<'a>(
    outlook: Outlook<'_>,
    targets: impl IntoIterator<Item = (&'a Target, Option<&'a TargetLedger>)>,
    hasher: &Hasher,
) -> Horizon {
    let days = days(outlook);
    let mut events = Vec::new();
    for (target, ledger) in targets.into_iter().filter(|(target, _)| target.mode == Mode::Sync) {
        people(outlook, target, &days, hasher, &mut events);
        events.extend(ledger.into_iter().flat_map(|ledger| deletions(outlook, target, ledger)));
        events.extend(expiry(outlook, target));
    }
    let rank = |event: &HorizonEvent| (event.date, event.target.clone(), event.key.clone());
    events.sort_by_cached_key(rank);
    Horizon { until: outlook.until, events, withheld: 0 }
}

/// Days on which somebody's access begins, or is over for the first time.
fn days(outlook: Outlook<'_>) -> BTreeSet<Date> {
    let users = outlook.directory.users.values();
    let groups = outlook.directory.groups.values().flat_map(|group| &group.members);
    let starts = users.clone().filter_map(|user| user.starts);
    let lasts = users.filter_map(|user| user.ends).chain(groups.filter_map(|member| member.until));
    let over = lasts.filter_map(|last| last.tomorrow().ok());
    starts.chain(over).filter(|day| *day > outlook.as_of && *day <= outlook.until).collect()
}

fn people(
    outlook: Outlook<'_>,
    target: &Target,
    days: &BTreeSet<Date>,
    hasher: &Hasher,
    events: &mut Vec<HorizonEvent>,
) {
    let Outlook { directory, sources, only, .. } = outlook;
    let causes = Causes::new(outlook);
    let mut before = project(directory, &target.name, outlook.as_of);
    for day in days {
        let desired = project(directory, &target.name, *day);
        let yesterday = day.yesterday().unwrap_or(*day);
        // The former side's accounts are those of the day before.
        let after = After { target, desired: &desired, directory, sources, as_of: *day, only };
        let plan = compared(&before, Some((directory, yesterday)), after, hasher);
        let of_people = plan.changes.iter().filter(|change| change.resource == ResourceKind::User);
        let changes: BTreeMap<&str, &Change> = of_people.map(|change| (change.key.as_str(), change)).collect();
        for person in &plan.people {
            let change = changes.get(person.key.as_str()).copied();
            let moved = person.targets.iter().filter(|at| matters(at));
            let (because, origin) = causes.of(&person.key, *day).unwrap_or_else(|| {
                (
                    change.map(|change| change.because.clone()).unwrap_or_default(),
                    change.and_then(|one| one.origin.clone()),
                )
            });
            events.extend(moved.map(|at| HorizonEvent {
                date: *day,
                target: target.name.to_string(),
                key: Some(person.key.clone()),
                name: Some(person.name.clone()),
                action: at.action.filter(|_| at.account.is_some()),
                account: at.account,
                gains: at.gains.clone(),
                loses: at.loses.clone(),
                because: because.clone(),
                origin: origin.clone(),
            }));
        }
        before = desired;
    }
}

/// Why a day brings something to someone, as far as a date of theirs says it.
struct Causes<'a> {
    outlook: Outlook<'a>,
    /// Memberships by person and the first day after them.
    over: BTreeMap<(&'a str, Date), &'a Membership>,
}

impl<'a> Causes<'a> {
    fn new(outlook: Outlook<'a>) -> Self {
        let members = outlook.directory.groups.values().flat_map(|group| &group.members);
        let over = members.filter_map(|member| Some(((member.user.as_str(), member.until?.tomorrow().ok()?), member)));
        Self { outlook, over: over.collect() }
    }

    fn of(&self, key: &str, day: Date) -> Option<(String, Option<Origin>)> {
        let user = self.outlook.directory.users.get(key)?;
        let (because, place) = if user.starts == Some(day) {
            (format!("begins {day}"), user.places.get("starts"))
        } else if let Some(ends) = user.ends.filter(|ends| ends.tomorrow().ok() == Some(day)) {
            (format!("ended {ends}"), user.places.get("ends"))
        } else {
            let member = self.over.get(&(key, day))?;
            (format!("membership ended {}", member.until?), Some(member.origin))
        };
        let location = self.outlook.sources.location(place.unwrap_or(user.origin));
        let origin =
            (!location.file.is_empty()).then(|| Origin { file: location.file.to_string(), line: location.line });
        Some((because, origin))
    }
}

fn matters(at: &PersonAtTarget) -> bool {
    at.account.is_some() || !at.gains.is_empty() || !at.loses.is_empty()
}

/// Accounts of leavers whose `deleteAfter` is over.
fn deletions(outlook: Outlook<'_>, target: &Target, ledger: &TargetLedger) -> Vec<HorizonEvent> {
    let Some(after) = target.on_remove.delete_after else { return Vec::new() };
    let undeclared = ledger.users.iter().filter(|(key, _)| !outlook.directory.users.contains_key(key.as_str()));
    let covered = undeclared.filter(|(key, _)| outlook.only.is_none_or(|only| only.contains(*key)));
    let due = covered.filter_map(|(key, entry)| {
        let date = entry.deactivated?.checked_add(jiff::Span::new().days(i64::from(after))).ok()?;
        (date > outlook.as_of && date <= outlook.until).then_some((key, date))
    });
    due.map(|(key, date)| HorizonEvent {
        date,
        target: target.name.to_string(),
        key: Some(key.clone()),
        name: None,
        action: Some(Action::Delete),
        account: None,
        gains: Vec::new(),
        loses: Vec::new(),
        because: format!("{after} days after the deactivation"),
        origin: None,
    })
    .collect()
}

fn expiry(outlook: Outlook<'_>, target: &Target) -> Option<HorizonEvent> {
    let expires = target.expires.as_ref()?;
    let (date, location) = (expires.value, outlook.sources.location(expires.span));
    (date >= outlook.as_of && date <= outlook.until).then(|| HorizonEvent {
        date,
        target: target.name.to_string(),
        key: None,
        name: None,
        action: None,
        account: None,
        gains: Vec::new(),
        loses: Vec::new(),
        because: "the last day of the token".to_owned(),
        origin: (!location.file.is_empty()).then(|| Origin { file: location.file.to_string(), line: location.line }),
    })
}
