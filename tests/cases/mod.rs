//! Golden cases: a small repository and what a target holds, and the plan of it in every format.
//!
//! `tests/cases/NAME/` holds `repo/` (the files as people write them) and, where wanted, `live.json` (what is at the
//! targets beforehand), `before/` (a repository applied first), `meanwhile.json` (requests sent past scimform after that)
//! and `arguments` (of `plan`). The golden files are `plan.txt` and `plan.md`, and for two cases `plan.json`. What the others
//! are in JSON nobody would read: `digests.txt` has a hash of it, and the digest of each change.

mod html;
pub mod world;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use scimform::plan::Plan;
use serde_json::Value;
use world::World;

use crate::support::golden::{difference, in_repository};
use crate::support::plan::kinds;

/// The cases whose JSON is reviewed: one of people alone, and one with groups in each other.
const FULL: [&str; 2] = ["leaver", "member-changes"];

/// A case and its plan in each format, with ids and times put in place.
pub struct Case {
    folder: PathBuf,
    pub name: String,
    human: String,
    markdown: String,
    json: String,
}

impl Case {
    fn play(folder: &Path) -> Self {
        let world = World::of(folder);
        let mut normal = world::Normal::default();
        // JSON first: it tells which digests hang on a server's ids.
        normal.learn(&world.plan("json").out);
        let [human, markdown, json] = ["human", "markdown", "json"].map(|format| world.plan(format));
        Self {
            folder: folder.to_owned(),
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            human: format!("{}\nexit code {}\n", normal.apply(&human.out), human.code),
            markdown: normal.apply(&markdown.out),
            json: normal.apply(&json.out),
        }
    }

    pub fn plan(&self) -> Plan {
        serde_json::from_str(&self.json).unwrap()
    }

    /// A hash of the plan in JSON, its digest, and those of its changes that do not hang on ids.
    fn digests(&self) -> String {
        let plan: Value = serde_json::from_str(&self.json).unwrap();
        let hash = blake3::hash(self.json.as_bytes()).to_hex();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        let mut text = format!("{}: JSON {}, digest {}\n", self.name, hash.split_at(32).0, word(&plan["digest"]));
        for target in plan["targets"].as_array().unwrap() {
            for (change, action) in target["changes"].as_array().unwrap().iter().zip(kinds(target)) {
                if !word(&change["digest"]).trim_matches('0').is_empty() {
                    let _ = writeln!(text, "  {action} {}", word(&change["digest"]));
                }
            }
        }
        text
    }
}

/// All cases, played once.
pub fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let entries = std::fs::read_dir(in_repository("tests/cases")).unwrap().map(|entry| entry.unwrap().path());
        let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
        folders.sort();
        std::thread::scope(|scope| {
            let parts = folders.chunks(folders.len().div_ceil(4));
            let play = |part: &[PathBuf]| part.iter().map(|folder| Case::play(folder)).collect::<Vec<_>>();
            let threads: Vec<_> = parts.map(|part| scope.spawn(move || play(part))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        })
    })
}

#[test]
fn every_plan_is_as_it_was_reviewed() {
    assert!(cases().len() >= 12, "{}", cases().len());
    let mut found: Vec<String> = Vec::new();
    for case in cases() {
        found.extend(difference(case.folder.join("plan.txt"), &case.human));
        found.extend(difference(case.folder.join("plan.md"), &case.markdown));
        if FULL.contains(&case.name.as_str()) {
            found.extend(difference(case.folder.join("plan.json"), &case.json));
        }
    }
    found.extend(difference("tests/cases/digests.txt", &cases().iter().map(Case::digests).collect::<String>()));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn t98_no_plan_shows_anything_hostile() {
    let hostile = |character: &char| {
        (character.is_control() && *character != '\n')
            || ('\u{202a}'..='\u{202e}').contains(character)
            || ('\u{200b}'..='\u{200f}').contains(character)
    };
    for case in cases() {
        // JSON's own escapes are the machine's business; what a person reads must be harmless.
        for text in [&case.human, &case.markdown] {
            assert_eq!(text.chars().find(hostile), None, "{}", case.name);
        }
        let outside = world::outside_code(&case.markdown);
        assert!(!outside.replace("@&#8203;", "").contains('@'), "a mention in {}", case.name);
        assert!(!outside.contains("://"), "a link in {}", case.name);
        assert!(!outside.contains("<script") && !outside.contains("<img"), "HTML in {}", case.name);
    }
}
