//! Golden cases: a small repository and what a target holds, and the plan of it in every format.
//!
//! `tests/cases/NAME/` holds `repo/` (the files as people write them) and, where wanted, `live.json` (what is at the
//! targets beforehand), `before/` (a repository applied first), `meanwhile.json` (requests sent past scimform after that)
//! and `arguments` (of `plan`). The golden files are `plan.txt`, `plan.md` and `plan.json`.

mod html;
pub mod world;

use std::path::{Path, PathBuf};

use world::World;

use crate::support::golden::{difference, in_repository};

const FORMATS: [(&str, &str); 3] = [("human", "plan.txt"), ("markdown", "plan.md"), ("json", "plan.json")];

fn cases_folder() -> PathBuf {
    in_repository("tests/cases")
}

fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(cases_folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn check(case: &Path) -> Vec<String> {
    let world = World::of(case);
    let mut normal = world::Normal::default();
    // JSON first: it tells which digests hang on a server's ids.
    let json = world.plan("json");
    normal.learn(&json.out);
    FORMATS
        .iter()
        .filter_map(|(format, file)| {
            let again = world.plan(format);
            let real = normal.apply(&again.out);
            let real = if *format == "human" { format!("{real}\nexit code {}\n", again.code) } else { real };
            difference(case.join(file), &real)
        })
        .collect()
}

#[test]
fn every_plan_is_as_it_was_reviewed() {
    let cases = cases();
    assert!(cases.len() >= 12, "{}", cases.len());
    let (left, right) = cases.split_at(cases.len() / 2);
    let all = |cases: &[PathBuf]| cases.iter().flat_map(|case| check(case)).collect::<Vec<_>>();
    let found = std::thread::scope(|scope| {
        let other = scope.spawn(|| all(right));
        let mut found = all(left);
        found.extend(other.join().unwrap());
        found
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_golden_plan_holds_anything_hostile() {
    for case in cases() {
        for (_, file) in FORMATS {
            let text = std::fs::read_to_string(case.join(file)).unwrap();
            let hostile = |character: &char| {
                (character.is_control() && *character != '\n')
                    || ('\u{202a}'..='\u{202e}').contains(character)
                    || ('\u{200b}'..='\u{200f}').contains(character)
            };
            // JSON's own escapes are the machine's business; what a person reads must be harmless.
            if file != "plan.json" {
                assert_eq!(text.chars().find(hostile), None, "{} {file}", case.display());
            }
            if file == "plan.md" {
                let outside = world::outside_code(&text);
                let called = outside.replace("@&#8203;", "");
                assert!(!called.contains('@'), "a mention in {}", case.display());
                assert!(!outside.contains("://"), "a link in {}", case.display());
                assert!(!outside.contains("<script") && !outside.contains("<img"), "HTML in {}", case.display());
            }
        }
    }
}
