use super::*;
use crate::ledger::{Hasher, Mark, Witness};

const USER: ResourceKind = ResourceKind::User;
const GROUP: ResourceKind = ResourceKind::Group;

fn line(entry: Entry) -> Line {
    Line { time: "2026-12-01T10:00:00Z".parse().unwrap(), entry }
}

fn subject(key: &str, action: Action) -> Subject {
    Subject { resource: USER, key: key.into(), action }
}

fn started(hashes: &str) -> Line {
    line(Entry::Started {
        format: "scimform.journal/v1".into(),
        target: "app".into(),
        changes: 9,
        steps: 9,
        by: "ada on mill".into(),
        hashes: hashes.to_owned(),
    })
}

fn creating(users: &[&str]) -> Line {
    line(Entry::Creating { users: users.iter().map(|key| (*key).to_owned()).collect(), groups: Vec::new() })
}

fn sending(step: usize, key: &str) -> Line {
    let (subject, method) = (subject(key, Action::Create), "POST".to_owned());
    line(Entry::Sending { step, subject, method, id: None, paths: Vec::new(), add: 0, remove: 0 })
}

fn done(step: usize, subject: Subject, id: &str, ledger: Noted, kept: Option<Kept>) -> Line {
    let (id, kept) = (Some(id.to_owned()), kept.map(Box::new));
    line(Entry::Done { step, subject, id, status: 200, ledger, kept, request: None })
}

fn failed(step: usize, key: &str, code: FailureCode, managed: Option<&str>) -> Line {
    let (subject, managed) = (subject(key, Action::Create), managed.map(Into::into));
    line(Entry::Failed { step: Some(step), subject, code, status: None, managed, kept: None })
}

fn fresh() -> TargetLedger {
    TargetLedger { salt: "salt".into(), ..TargetLedger::default() }
}

fn ids(ledger: &TargetLedger) -> Vec<(&str, &str)> {
    ledger.users.iter().map(|(key, entry)| (key.as_str(), entry.id.as_str())).collect()
}

fn pending(ledger: &TargetLedger) -> Vec<&str> {
    ledger.pending.iter().map(|one| one.key.as_str()).collect()
}

fn pend(ledger: &mut TargetLedger, key: &str) {
    let one =
        Pending { resource: USER, key: key.into(), matches: [("userName", Mark::new([9; 8]))].into_iter().collect() };
    ledger.pending.push(one);
}

#[test]
fn what_was_done_comes_into_the_ledger_once() {
    let mut ledger = fresh();
    ledger.record(USER, "left", "9");
    let lines = [
        started(""),
        sending(0, "ada"),
        sending(1, "grace"),
        done(0, subject("ada", Action::Create), "1", Noted::Managed, None),
        done(2, subject("stranger", Action::Deactivate), "7", Noted::Nothing, None),
        done(3, subject("left", Action::Delete), "9", Noted::Forgotten, None),
    ];
    let recovered = recover(&mut ledger, &lines).unwrap();
    assert_eq!((recovered.changed, recovered.ended, recovered.steps), (2, 3, 9));
    assert_eq!(recovered.by, "ada on mill");
    assert_eq!((ids(&ledger), pending(&ledger)), (vec![("ada", "1")], vec!["grace"]));
    let once = ledger.clone();
    assert_eq!(recover(&mut ledger, &lines).unwrap().changed, 0);
    assert_eq!(ledger, once);
    assert_eq!(recover(&mut ledger, &[]), None, "a journal without its first line tells nothing");
}

#[test]
fn pending_is_what_was_sent_and_not_seen_and_what_earlier_runs_left() {
    let mut ledger = fresh();
    for key in ["earlier", "ada", "bob", "carl", "dora", "never-sent"] {
        pend(&mut ledger, key);
    }
    let lines = [
        started(""),
        creating(&["ada", "bob", "carl", "dora", "never-sent"]),
        sending(0, "ada"),
        sending(1, "bob"),
        sending(2, "carl"),
        sending(3, "dora"),
        done(0, subject("ada", Action::Create), "1", Noted::Managed, None),
        failed(1, "bob", FailureCode::Request, None),
        failed(2, "carl", FailureCode::OutcomeUnknown, None),
    ];
    recover(&mut ledger, &lines);
    assert_eq!(pending(&ledger), ["carl", "dora", "earlier"]);
    assert!(ledger.pending.iter().all(|one| one.matches.len() == 1), "what they are known by stays");
}

#[test]
fn what_was_written_and_not_checked_is_ours_and_what_failed_is_not() {
    let mut ledger = fresh();
    let lines = [
        started(""),
        sending(0, "ada"),
        sending(1, "bob"),
        failed(0, "ada", FailureCode::Request, Some("1")),
        failed(1, "bob", FailureCode::Request, None),
    ];
    assert_eq!(recover(&mut ledger, &lines).unwrap().changed, 1);
    assert_eq!((ids(&ledger), pending(&ledger)), (vec![("ada", "1")], vec![]));
}

#[test]
fn hashes_and_days_come_back_and_those_of_another_ledger_do_not() {
    let [new, old, sent, kept] = [1, 2, 3, 4].map(|number| Mark::new([number; 8]));
    let witness = Witness { sent, kept };
    let kept = Kept {
        asserted: [("title", new)].into_iter().collect(),
        witnesses: BTreeMap::from([("title".into(), witness)]),
        deactivated: Some("2026-11-30".parse().unwrap()),
        ..Kept::default()
    };
    let mark = Hasher::new("salt").mark().to_string();
    for (mark, hashes) in [(mark.as_str(), new), ("of another ledger", old)] {
        let mut ledger = fresh();
        ledger.record(USER, "ada", "1").asserted.insert("title", old);
        let step = done(0, subject("ada", Action::Deactivate), "1", Noted::Managed, Some(kept.clone()));
        recover(&mut ledger, &[started(mark), step]);
        let ada = &ledger.users["ada"];
        assert_eq!(ada.asserted.get("title"), Some(hashes));
        assert_eq!(ada.deactivated.unwrap().to_string(), "2026-11-30");
    }
}

#[test]
fn members_come_back_and_follow_new_ids() {
    let mut ledger = fresh();
    ledger.record(USER, "ada", "1");
    ledger.record(GROUP, "all", "g").members = vec!["1".into(), "2".into()];
    let group = || Subject { resource: GROUP, key: "all".into(), action: Action::Update };
    let some = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
    let kept = Kept { present: some(&["4"]), absent: some(&["2"]), ..Kept::default() };
    let many = Entry::Members { subject: group(), id: "g".into(), present: some(&["3"]), absent: Vec::new() };
    let moved = Kept { former: Some("1".into()), ..Kept::default() };
    let lines = [
        started(""),
        line(many),
        done(0, group(), "g", Noted::Managed, Some(kept)),
        done(1, subject("ada", Action::Update), "1b", Noted::Managed, Some(moved)),
    ];
    for _ in 0..2 {
        recover(&mut ledger, &lines);
        assert_eq!(ledger.groups["all"].members, ["1b", "3", "4"]);
        assert_eq!(ids(&ledger), [("ada", "1b")]);
    }
}
