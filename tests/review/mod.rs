//! The reviewer's test: ten prepared plans, and whether the first screen of the comment tells who loses access to what.
//! And the comment as such: whatever is in a plan, it fits, says what it leaves out, and nobody's name is more than a name.
//!
//! `tests/review/NAME/` is a world as in `tests/cases`, with `loses.txt`: the answer, written by hand from the files.

mod any_plan;
mod links;
mod screen;
mod size;
mod verdicts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use screen::Screen;

use crate::support::golden::in_repository;

fn cases() -> Vec<PathBuf> {
    let folder = in_repository("tests/review");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// What is wrong with the first screen of a case.
fn check(case: &Path) -> Result<(), String> {
    let page = crate::cases::world::World::of(case).plan("markdown").out;
    let screen = Screen::first(&page);
    let answer = std::fs::read_to_string(case.join("loses.txt")).unwrap();
    let lines: Vec<&str> = answer.lines().filter(|line| !line.starts_with('#')).collect();
    // Of many, the numbers are the answer: `=60 VPN at app`.
    let (numbers, named): (Vec<&str>, Vec<&str>) = lines.into_iter().partition(|line| line.starts_with('='));
    let expected: BTreeSet<String> = named.iter().map(|line| (*line).to_owned()).collect();
    let claimed = screen.claims();
    let told = |what: &str| format!("{what}\n{}\n---\n{}", case.display(), screen.text());
    for line in &expected {
        if !claimed.contains(line) {
            return Err(told(&format!("the first screen does not tell: {line}")));
        }
    }
    if numbers.is_empty() && claimed != expected {
        return Err(told(&format!("claimed, and not so: {:?}", claimed.difference(&expected))));
    }
    for number in &numbers {
        let (count, what) = number.trim_start_matches('=').split_once(' ').unwrap();
        if !screen.counts(what, count) {
            return Err(told(&format!("the first screen does not count: {number}")));
        }
    }
    let people: BTreeSet<&str> = expected.iter().map(|line| line.split_once(": ").unwrap().0).collect();
    let losers = numbers.iter().map(|line| line[1..].split(' ').next().unwrap().parse().unwrap()).max();
    let losers: usize = losers.unwrap_or(people.len());
    let verdict = screen.verdict();
    let right = match losers {
        0 => verdict.contains("nobody loses access"),
        1 => verdict.contains("1 person loses access"),
        more => {
            verdict.contains(&format!("{more} people lose access"))
                || verdict.contains(&format!("{more} people would lose access"))
        }
    };
    if !right {
        return Err(told(&format!("the verdict does not say {losers}: {verdict}")));
    }
    match screen.other_claims() {
        Some(line) => Err(told(&format!("something else claims a loss: {line}"))),
        None => Ok(()),
    }
}

#[test]
fn the_first_screen_tells_who_loses_access_to_what() {
    let cases = cases();
    assert_eq!(cases.len(), 10);
    let (left, right) = cases.split_at(cases.len() / 2);
    let all = |cases: &[PathBuf]| cases.iter().filter_map(|case| check(case).err()).collect::<Vec<_>>();
    let wrong = std::thread::scope(|scope| {
        let other = scope.spawn(|| all(right));
        let mut wrong = all(left);
        wrong.extend(other.join().unwrap());
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
