use std::io::Write as _;

use super::*;
use crate::apply::event::{Failure, FailureCode, Kept, Noted, Subject};
use crate::plan::Action;
use crate::scim::ResourceKind;

fn subject() -> Subject {
    Subject { resource: ResourceKind::User, key: "ada".into(), action: Action::Create }
}

fn done() -> Event {
    Event::StepDone {
        step: 0,
        subject: subject(),
        id: Some("1".into()),
        status: 201,
        ledger: Noted::Managed,
        kept: None,
        request: None,
    }
}

fn journal(dir: &Path) -> Journal {
    let opening = Opening { target: "a/../b".into(), ..Opening::default() };
    Journal::create(dir, opening, "2026-12-01T10:00:00Z".parse().unwrap()).unwrap()
}

/// Tells a journal of an event and waits for its lines.
fn tell(journal: &mut Journal, event: &Event) -> io::Result<()> {
    journal.event(event)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(journal.durable().unwrap().wait())
}

fn append(path: &Path, text: &[u8]) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(text).unwrap();
}

#[test]
fn lines_are_there_at_once_and_a_torn_one_is_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = journal(dir.path());
    assert!(first.path().ends_with("20261201T100000Z-a____b.jsonl"), "{:?}", first.path());
    assert_ne!(journal(dir.path()).path(), first.path());
    tell(&mut first, &Event::Started { target: "t".into(), changes: 1, steps: 1 }).unwrap();
    tell(&mut first, &done()).unwrap();
    let lines = Journal::read(first.path()).unwrap();
    assert_eq!(lines.len(), 2);
    append(first.path(), b"{\"time\":\"2026");
    assert_eq!(Journal::read(first.path()).unwrap(), lines);
    append(first.path(), b"\n");
    assert_eq!(Journal::read(first.path()).unwrap(), lines, "a power cut may leave the end of a line alone");
    tell(&mut first, &Event::ChangeDone { subject: subject() }).unwrap();
    assert!(Journal::read(first.path()).is_err(), "damage in the middle is no torn end");
}

#[test]
fn unfinished_ones_are_found_until_they_are_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Journal::unfinished(&dir.path().join("none")).unwrap().is_empty());
    let mut ended = journal(dir.path());
    let mut cut = journal(dir.path());
    for journal in [&mut ended, &mut cut] {
        tell(journal, &Event::Started { target: "t".into(), changes: 1, steps: 1 }).unwrap();
        (0..50).for_each(|_| tell(journal, &done()).unwrap());
    }
    tell(&mut ended, &Event::Finished { requests: 1, milliseconds: 1, stopped: None, not_run: 0, saved: true })
        .unwrap();
    append(cut.path(), b"{\"time\":\"2026");
    assert_eq!(Journal::unfinished(dir.path()).unwrap(), [cut.path()]);
    let before = Journal::read(cut.path()).unwrap();
    Journal::mark_recovered(cut.path()).unwrap();
    assert!(Journal::unfinished(dir.path()).unwrap().is_empty());
    let after = Journal::read(cut.path()).unwrap();
    assert_eq!((&after[..51], &after[51].entry), (&before[..], &Entry::Recovered));
}

#[test]
fn what_a_server_said_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    let failure = Failure {
        subject: subject(),
        at: Some("emails".into()),
        code: FailureCode::Request,
        message: "ada@acme.example is taken".into(),
        hint: None,
        status: Some(400),
    };
    tell(&mut journal, &Event::StepFailed { step: 3, failure, managed: None, kept: None }).unwrap();
    let text = fs::read_to_string(journal.path()).unwrap();
    assert!(!text.contains("acme.example") && text.contains("\"request\"") && text.contains("400"), "{text}");
}

#[test]
fn a_journal_cut_at_any_byte_loses_no_whole_line() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    tell(&mut journal, &Event::Started { target: "t".into(), changes: 1, steps: 1 }).unwrap();
    tell(&mut journal, &done()).unwrap();
    tell(&mut journal, &Event::ChangeDone { subject: subject() }).unwrap();
    let (text, all) = (fs::read(journal.path()).unwrap(), Journal::read(journal.path()).unwrap());
    let cut = dir.path().join("cut.jsonl");
    for length in 0..=text.len() {
        let whole = text[..length].split(|byte| *byte == b'\n').count() - 1;
        // What was cut off, never written (zeros), or written at its end alone.
        for tail in [&b""[..], &[0; 700], &b"\0\0\0\0ada\"}\n"[..], &b"\0\0\0\0ada\"}\n{\"time\":1}\n"[..]] {
            // The rest of a line joined to the end of another one is no state that a file can be in.
            if tail.ends_with(b"\n") && !text[..length].is_empty() && text[length - 1] != b'\n' {
                continue;
            }
            fs::write(&cut, [&text[..length], tail].concat()).unwrap();
            assert_eq!(Journal::read(&cut).unwrap(), all[..whole], "{length} {tail:?}");
            assert_eq!(Journal::unfinished(dir.path()).unwrap(), [journal.path(), &cut]);
            Journal::mark_recovered(&cut).unwrap();
            let lines = Journal::read(&cut).unwrap();
            assert_eq!((&lines[..whole], &lines[whole].entry), (&all[..whole], &Entry::Recovered));
            assert_eq!(Journal::unfinished(dir.path()).unwrap(), [journal.path()]);
        }
    }
}

#[test]
fn a_run_whose_ledger_was_not_saved_has_not_ended() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    tell(&mut journal, &Event::Finished { requests: 1, milliseconds: 1, stopped: None, not_run: 0, saved: false })
        .unwrap();
    assert_eq!(Journal::unfinished(dir.path()).unwrap(), [journal.path()]);
}

#[test]
fn a_run_that_goes_on_can_be_told_from_one_that_was_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    let journal = journal(dir.path());
    let path = journal.path().to_owned();
    assert!(Journal::is_running(&path).unwrap());
    drop(journal);
    assert!(!Journal::is_running(&path).unwrap());
}

#[test]
fn a_later_format_and_unknown_lines_are_errors_and_no_torn_ends() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.jsonl");
    for line in [
        r#"{"time":"2026-12-01T10:00:00Z","event":"started","format":"scimform.journal/v9","target":"t","changes":1,"steps":1}"#,
        r#"{"time":"2026-12-01T10:00:00Z","event":"danced"}"#,
    ] {
        fs::write(&path, format!("{line}\n")).unwrap();
        let error = Journal::read(&path).unwrap_err().to_string();
        assert!(error.starts_with("line 1 can't be read"), "{error}");
    }
}

#[test]
fn many_members_take_several_lines() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = journal(dir.path());
    let Event::StepDone { step, subject, id, status, ledger, request, .. } = done() else { panic!() };
    let kept = Some(Box::new(Kept { present: (0..1200).map(|n| format!("id-{n}")).collect(), ..Kept::default() }));
    tell(&mut journal, &Event::StepDone { step, subject, id, status, ledger, kept, request }).unwrap();
    let lines = Journal::read(journal.path()).unwrap();
    let sizes: Vec<usize> = lines
        .iter()
        .map(|line| match &line.entry {
            Entry::Members { present, .. } => present.len(),
            Entry::Done { kept: Some(kept), .. } => kept.present.len(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sizes, [500, 500, 200, 0]);
}
