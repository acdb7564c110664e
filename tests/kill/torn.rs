//! What a power cut may leave of a journal and a ledger, and clocks that jump.

use std::fs;
use std::path::PathBuf;

use scimform::apply::{Journal, JournalEntry, recover};

use crate::kill::world::{Instant, Start, World};
use crate::support::LEDGER;

/// A world whose apply was killed at this line of its journal.
fn cut(start: &Start, line: u64) -> (World, PathBuf) {
    for _ in 0..20 {
        let mut world = World::of(start);
        if world.kill(Instant::Line(line)) {
            let journal = world.journals().remove(0);
            return (world, journal);
        }
    }
    panic!("the apply was never caught in the middle");
}

#[test]
fn a_journal_cut_at_every_byte_gives_back_all_whole_lines() {
    let start = Start::new();
    let (world, path) = cut(&start, 30);
    let text = fs::read(&path).unwrap();
    let ledger = world.repo.ledger();
    let all = Journal::read(&path).unwrap();
    let file = world.repo.path().join("cut.jsonl");
    let most = text.len().min(12_000);
    let mut before = 0;
    for length in (0..=most).chain(text.len().saturating_sub(2000)..text.len()) {
        fs::write(&file, &text[..length]).unwrap();
        let lines = Journal::read(&file).unwrap();
        assert_eq!(lines, all[..lines.len()]);
        assert_eq!(lines.len(), text[..length].split(|byte| *byte == b'\n').count() - 1);
        if lines.len() == before {
            continue;
        }
        before = lines.len();
        let mut taken = ledger.clone();
        recover(&mut taken, &lines);
        for line in &lines {
            if let JournalEntry::Done { subject, id: Some(id), .. } = &line.entry {
                let entry = taken.of(subject.resource).get(&subject.key);
                assert_eq!(entry.map(|entry| &entry.id), Some(id), "at {length}");
            }
        }
    }
}

/// What a power cut does to a repository and its journal.
type Leave = fn(&World, &PathBuf);

#[test]
fn whatever_a_power_cut_leaves_the_next_apply_finishes() {
    let start = Start::new();
    let whole = start.undisturbed();
    let leave: [(&str, Leave); 5] = [
        ("zeros at the end", |_, path| {
            let mut text = fs::read(path).unwrap();
            text.extend([0; 4000]);
            fs::write(path, text).unwrap();
        }),
        ("half a line", |_, path| {
            let text = fs::read(path).unwrap();
            fs::write(path, &text[..text.len() - 40]).unwrap();
        }),
        ("an empty journal beside it", |world, _| {
            world.repo.write(".scimform/journal/20990101T000000Z-app.jsonl", "");
        }),
        ("what a save was writing", |world, _| {
            world.repo.write(&format!("{LEDGER}/.ledger-Ab12Cd.tmp"), "{\"format\":");
            world.repo.write(&format!("{LEDGER}/users-000-0123456789abcdef.jsonl"), "[]\n[\"old0\",");
        }),
        ("a clock that was far ahead", |_, path| {
            let text = fs::read_to_string(path).unwrap().replace("\"time\":\"20", "\"time\":\"21");
            fs::write(path.with_file_name("21990101T000000Z-app.jsonl"), text).unwrap();
            fs::remove_file(path).unwrap();
        }),
    ];
    for (what, leave) in leave {
        let (world, path) = cut(&start, 40);
        leave(&world, &path);
        let problems = world.finish(&whole);
        assert!(problems.is_empty(), "{what}: {}", problems.join("\n"));
    }
}

#[test]
fn journals_and_ledgers_keep_to_their_schemas() {
    let start = Start::new();
    let (world, path) = cut(&start, 30);
    let valid = |schema: &serde_json::Value, text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        jsonschema::validate(schema, &value).unwrap_or_else(|error| panic!("{error}: {text}"));
    };
    let ledger = || fs::read_to_string(world.repo.path().join(LEDGER).join("head.json")).unwrap();
    assert!(ledger().contains("\"pending-users-000\""));
    valid(&scimform::ledger::json_schema(), &ledger());
    let report = world.repo.run(&["apply", "--auto-approve", "--format", "json"]).expect(0);
    valid(&scimform::apply::report_schema(), &report.out);
    valid(&scimform::ledger::json_schema(), &ledger());
    let schema = scimform::apply::journal_schema();
    let mut lines = 0;
    for journal in world.journals().iter().chain([&path]) {
        for line in fs::read_to_string(journal).unwrap().lines() {
            valid(&schema, line);
            lines += 1;
        }
    }
    assert!(lines > 60);
}

#[test]
fn a_clock_that_goes_back_between_two_kills_does_no_harm() {
    let start = Start::new();
    let whole = start.undisturbed();
    let (mut world, path) = cut(&start, 25);
    let later = fs::read_to_string(&path).unwrap().replace("\"time\":\"20", "\"time\":\"21");
    fs::write(path.with_file_name("21260101T000000Z-app.jsonl"), later).unwrap();
    fs::remove_file(&path).unwrap();
    world.kill(Instant::Line(20));
    world.kill(Instant::Request(30));
    let problems = world.finish(&whole);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_journal_without_its_ledger_still_tells_what_is_ours() {
    let start = Start::new();
    let (world, _) = cut(&start, 40);
    fs::remove_dir_all(world.repo.path().join(LEDGER)).unwrap();
    let apply = world.repo.apply();
    assert!(apply.err.contains("taken from its journal"), "{}", apply.err);
    assert!(world.sane("without a ledger").is_empty());
    let ledger = world.ledger();
    let users = ledger["users"].as_object().unwrap();
    assert_eq!(users.keys().filter(|key| key.starts_with("new")).count(), 12);
}

#[test]
fn damage_in_the_middle_is_an_error_with_the_way_out() {
    let start = Start::new();
    let whole = start.undisturbed();
    let (world, path) = cut(&start, 30);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let damaged = lines.iter().enumerate().map(|(at, line)| format!("{}\n", if at == 7 { "~~~" } else { line }));
    fs::write(&path, damaged.collect::<String>()).unwrap();
    world.server.running().forget_requests();
    let ran = world.repo.apply().expect(1);
    assert!(ran.err.contains("line 8 can't be read") && ran.err.contains("move it away"), "{}", ran.err);
    assert_eq!(world.server.running().request_count(), 0);
    // The way out.
    fs::rename(&path, world.repo.path().join("old.jsonl")).unwrap();
    let problems = world.finish(&whole);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_journal_that_was_committed_is_not_believed() {
    let start = Start::new();
    let (world, _) = cut(&start, 30);
    let git = |words: &[&str]| {
        let run = std::process::Command::new("git").arg("-C").arg(world.repo.path()).args(words).output().unwrap();
        assert!(run.status.success(), "{run:?}");
    };
    git(&["init", "-q"]);
    assert!(world.repo.run(&["plan"]).err.contains("ended early"));
    git(&["add", "-f", ".scimform/journal"]);
    let ran = world.repo.run(&["plan"]).expect(1);
    assert!(ran.err.contains("is under version control"), "{}", ran.err);
}
