//! What a run that was cut off did and could no longer write into the ledger, taken from its journal.

use std::collections::BTreeMap;

use super::event::{Noted, Subject};
use super::journal::{Entry, Line};
use crate::ledger::{Ledger, TargetLedger};
use crate::plan::Action;
use crate::scim::ResourceKind;

/// What was taken from a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Entries of the ledger that are other than before.
    pub changed: usize,
    /// Keys that were being created when the run was cut off: whether they exist shows the next read alone.
    pub in_flight: Vec<String>,
}

/// Takes what the journal of an unfinished run tells into the ledger: keys and ids of what it made, changed, adopted
/// or gave up. Of attributes and members it knows nothing; the next plan compares them anew. Doing it twice is doing it
/// once.
pub fn recover(ledger: &mut Ledger, lines: &[Line]) -> Recovered {
    let target = lines.iter().find_map(|line| match &line.entry {
        Entry::Started { target, .. } => Some(target.clone()),
        _ => None,
    });
    let Some(target) = target else { return Recovered::default() };
    let entries = ledger.targets.entry(target).or_default();
    let before = entries.clone();
    let mut flying: BTreeMap<usize, &str> = BTreeMap::new();
    for line in lines {
        match &line.entry {
            Entry::Sending { step, subject, method, .. } if method == "POST" => {
                flying.insert(*step, &subject.key);
            }
            Entry::Done { step, .. } | Entry::Failed { step: Some(step), .. } => {
                flying.remove(step);
            }
            _ => {}
        }
        take(entries, line);
    }
    let changed = [ResourceKind::User, ResourceKind::Group].into_iter().map(|kind| {
        let (old, new) = (before.of(kind), entries.of(kind));
        let gone = old.keys().filter(|key| !new.contains_key(*key)).count();
        gone + new.iter().filter(|(key, entry)| old.get(*key) != Some(entry)).count()
    });
    Recovered { changed: changed.sum(), in_flight: flying.into_values().map(str::to_owned).collect() }
}

fn take(entries: &mut TargetLedger, line: &Line) {
    match &line.entry {
        Entry::Done { subject, id: Some(id), ledger: Noted::Managed, .. }
        | Entry::Failed { subject, managed: Some(id), .. }
        | Entry::Adopted { subject, id } => {
            entries.record(subject.resource, &subject.key, id);
        }
        Entry::Done { subject, ledger: Noted::Forgotten, .. }
        | Entry::Changed { subject: subject @ Subject { action: Action::Forget, .. } } => {
            entries.forget(subject.resource, &subject.key);
        }
        Entry::Changed { subject } if subject.resource == ResourceKind::User => {
            let Some(entry) = entries.users.get_mut(&subject.key) else { return };
            match subject.action {
                // The journal does not name the day of the plan; that of the line is the nearest. An earlier day is
                // that of an earlier deactivation: the grace begins anew.
                Action::Deactivate => {
                    let day = line.time.to_zoned(jiff::tz::TimeZone::UTC).date();
                    entry.deactivated = entry.deactivated.max(Some(day));
                }
                Action::Create | Action::Reactivate => entry.deactivated = None,
                _ => {}
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: ResourceKind = ResourceKind::User;

    fn line(entry: Entry) -> Line {
        Line { time: "2026-12-01T10:00:00Z".parse().unwrap(), entry }
    }

    fn subject(key: &str, action: Action) -> Subject {
        Subject { resource: USER, key: key.into(), action }
    }

    fn started() -> Line {
        line(Entry::Started { format: "scimform.journal/v1".into(), target: "app".into(), changes: 9, steps: 9 })
    }

    fn sending(step: usize, key: &str) -> Line {
        let (subject, method) = (subject(key, Action::Create), "POST".to_owned());
        line(Entry::Sending { step, subject, method, id: None, paths: Vec::new(), add: 0, remove: 0 })
    }

    fn done(step: usize, key: &str, action: Action, id: &str, ledger: Noted) -> Line {
        line(Entry::Done { step, subject: subject(key, action), id: Some(id.into()), status: 200, ledger })
    }

    fn ids(ledger: &Ledger) -> Vec<(&str, &str)> {
        ledger.targets["app"].users.iter().map(|(key, entry)| (key.as_str(), entry.id.as_str())).collect()
    }

    #[test]
    fn what_was_done_comes_into_the_ledger_once() {
        let mut ledger = Ledger::new("salt");
        ledger.targets.entry("app".into()).or_default().record(USER, "left", "9");
        let lines = [
            started(),
            sending(0, "ada"),
            sending(1, "grace"),
            done(0, "ada", Action::Create, "1", Noted::Managed),
            done(2, "stranger", Action::Deactivate, "7", Noted::Nothing),
            done(3, "left", Action::Delete, "9", Noted::Forgotten),
        ];
        let recovered = recover(&mut ledger, &lines);
        assert_eq!(recovered, Recovered { changed: 2, in_flight: vec!["grace".into()] });
        assert_eq!(ids(&ledger), [("ada", "1")]);
        assert_eq!(recover(&mut ledger, &lines).changed, 0);
    }

    #[test]
    fn what_was_written_and_not_checked_is_ours_and_what_failed_is_not() {
        let mut ledger = Ledger::new("salt");
        let failed = |step, key: &str, managed: Option<&str>| {
            line(Entry::Failed {
                step: Some(step),
                subject: subject(key, Action::Create),
                code: crate::apply::FailureCode::Request,
                status: None,
                managed: managed.map(Into::into),
            })
        };
        let lines =
            [started(), sending(0, "ada"), sending(1, "bob"), failed(0, "ada", Some("1")), failed(1, "bob", None)];
        assert_eq!(recover(&mut ledger, &lines), Recovered { changed: 1, in_flight: vec![] });
        assert_eq!(ids(&ledger), [("ada", "1")]);
    }

    #[test]
    fn what_the_ledger_knows_of_a_resource_stays() {
        let mut ledger = Ledger::new("salt");
        let entries = ledger.targets.entry("app".into()).or_default();
        entries.record(USER, "ada", "1").asserted.insert("title".into(), "hash".into());
        let changed = line(Entry::Changed { subject: subject("ada", Action::Deactivate) });
        recover(&mut ledger, &[started(), done(0, "ada", Action::Deactivate, "1", Noted::Managed), changed]);
        let ada = &ledger.targets["app"].users["ada"];
        assert_eq!(ada.asserted.len(), 1);
        assert_eq!(ada.deactivated.unwrap().to_string(), "2026-12-01");
        let entries = ledger.targets.get_mut("app").unwrap();
        entries.users.get_mut("ada").unwrap().deactivated = Some("2026-01-01".parse().unwrap());
        let again = line(Entry::Changed { subject: subject("ada", Action::Deactivate) });
        recover(&mut ledger, &[started(), again]);
        let day = ledger.targets["app"].users["ada"].deactivated.unwrap();
        assert_eq!(day.to_string(), "2026-12-01", "the grace begins with the latest deactivation");
        assert_eq!(recover(&mut ledger, &[]).changed, 0, "a journal without its first line tells nothing");
    }
}
