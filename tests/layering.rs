//! The direction of dependencies: a module uses only modules above it, pure ones see no world, files stay small.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use crate::support::files;
use crate::support::golden::in_repository;

/// Every module, dependencies first, and whether it is pure.
const ORDER: [(&str, Kind); 25] = [
    ("wording", Kind::Pure),
    ("source", Kind::Pure),
    ("diag", Kind::Pure),
    ("scim", Kind::Pure),
    ("profile", Kind::Pure),
    ("config", Kind::Pure),
    ("edit", Kind::Pure),
    ("mapping", Kind::Pure),
    ("directory", Kind::Pure),
    ("desired", Kind::Pure),
    ("live", Kind::Pure),
    ("access", Kind::Pure),
    ("ledger", Kind::Edge),
    ("plan", Kind::Pure),
    ("explain", Kind::Pure),
    ("import", Kind::Pure),
    ("accept", Kind::Pure),
    ("repo", Kind::Edge),
    ("target", Kind::Edge),
    ("apply", Kind::Edge),
    ("probe", Kind::Edge),
    ("render", Kind::Pure),
    ("sandbox", Kind::Edge),
    ("engine", Kind::Edge),
    ("cli", Kind::Edge),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pure,
    Edge,
}

/// What a pure module must not name: files, clock, environment, network, terminal.
const WORLD: [&str; 9] = [
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "std::io::std",
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "tokio::",
];

/// Lines of a file.
const CEILING: usize = 500;

/// Every Rust file below a folder.
fn rust_files(folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let all = files(&in_repository(folder)).into_iter();
    all.filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

fn sources() -> Vec<(String, PathBuf, String)> {
    let source = |(path, text): (PathBuf, Vec<u8>)| {
        let inside = path.strip_prefix(in_repository("src")).unwrap().to_owned();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.strip_suffix(".rs").unwrap_or(first).to_owned();
        // The two roots only say what there is.
        (!["lib", "main"].contains(&module.as_str())).then(|| (module, inside, String::from_utf8(text).unwrap()))
    };
    rust_files("src").into_iter().filter_map(source).collect()
}

/// The code without comments and without the tests at its end.
fn product_code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Modules of ours that a code names as `crate::NAME` or in `crate::{NAME…, NAME…}`.
fn used(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut start = true;
            let mut name = String::new();
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    other if depth == 0 && start && (other.is_alphanumeric() || other == '_') => name.push(other),
                    other if start && !other.is_whitespace() => start = false,
                    _ => {}
                }
                if (!start || character == ',') && !name.is_empty() {
                    names.insert(std::mem::take(&mut name));
                }
            }
            names.insert(name);
            names.remove("");
        } else {
            names.insert(
                part.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect(),
            );
        }
    }
    names
}

#[test]
fn modules_use_only_what_stands_above_them() {
    let rank: BTreeMap<&str, usize> = ORDER.iter().enumerate().map(|(index, (name, _))| (*name, index)).collect();
    let mut table: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = String::new();
    for (module, path, text) in sources() {
        let own = *rank.get(module.as_str()).unwrap_or_else(|| panic!("`{module}` is not in the order of modules"));
        for name in used(&product_code(&text)) {
            let Some(other) = rank.get(name.as_str()) else { continue };
            if *other > own {
                let _ = writeln!(wrong, "{} uses `{name}`, which stands below `{module}`", path.display());
            }
            if *other != own {
                table.entry(own).or_default().insert(name);
            }
        }
    }
    println!("| module | uses |\n|---|---|");
    for (index, (module, _)) in ORDER.iter().enumerate() {
        let uses = table.get(&index).map(|uses| uses.iter().cloned().collect::<Vec<_>>().join(" ")).unwrap_or_default();
        println!("| {module} | {uses} |");
    }
    assert!(table.len() > 8, "the search for uses found next to nothing");
    assert!(!table.contains_key(&rank["scim"]), "`scim` depends on nothing of ours");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn pure_modules_see_no_world() {
    let pure: BTreeSet<&str> = ORDER.iter().filter(|(_, kind)| *kind == Kind::Pure).map(|(name, _)| *name).collect();
    let mut wrong = String::new();
    for (module, path, text) in sources() {
        let code = product_code(&text);
        for word in WORLD.iter().filter(|word| pure.contains(module.as_str()) && code.contains(**word)) {
            let _ = writeln!(wrong, "{} names `{word}`", path.display());
        }
        if module != "cli" && (code.contains("println!") || code.contains("eprint")) {
            let _ = writeln!(wrong, "{} prints; only `cli` does", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The command line keeps arguments, words and exit codes: what is read, matched and compared is the engine's and the
/// plan's own business.
#[test]
fn the_command_line_uses_no_internals_of_the_plan() {
    let internals = ["PlanInput", "plan_target", "plan_undo", "match_all", "match_rules", "schedule(", "Reader"];
    let mut wrong = String::new();
    for (module, path, text) in sources().into_iter().filter(|(module, _, _)| module == "cli") {
        let code = product_code(&text);
        // Progress shows how fast a target answers.
        let shows_progress = path.ends_with("progress.rs") || path.ends_with("context.rs");
        for word in internals.iter().filter(|word| code.contains(**word) && !(shows_progress && **word == "Reader")) {
            let _ = writeln!(wrong, "{module}: {} names `{word}`", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Whoever opens a connection has asked whether the credentials may go there.
#[test]
fn connections_are_opened_in_two_places_only() {
    // A target, judged by the pins; and the rehearsal's own server, with a token of its own.
    let known = ["engine/rehearse/mod.rs", "engine/mod.rs"];
    for call in ["Connection::open(", "Pins::none(", "Lookup::new("] {
        let found: BTreeSet<String> = sources()
            .into_iter()
            .filter(|(_, _, text)| product_code(text).contains(call))
            .map(|(_, path, _)| path.to_str().unwrap().replace('\\', "/"))
            .collect();
        let more = if call == "Pins::none(" {
            vec!["engine/gate.rs", "target/pins/mod.rs", "target/pins/tests.rs"]
        } else {
            Vec::new()
        };
        let wrong: Vec<&String> =
            found.iter().filter(|path| !known.contains(&path.as_str()) && !more.contains(&path.as_str())).collect();
        assert!(wrong.is_empty() && !found.is_empty(), "{call}: {wrong:?}");
    }
}

/// A file that no module names is not compiled, and its tests never run.
#[test]
fn every_test_file_is_part_of_the_suite() {
    let (mut left, mut open) = (rust_files("tests"), vec![in_repository("tests/main.rs")]);
    while let Some(file) = open.pop() {
        let text = String::from_utf8(left.remove(&file).unwrap()).unwrap();
        let names =
            text.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
        for name in names {
            let folder = file.parent().unwrap();
            let places = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
            open.extend(places.into_iter().filter(|place| place.exists()));
        }
    }
    assert!(left.is_empty(), "{:?}", left.into_keys());
}

#[test]
fn files_stay_small() {
    let all = ["src", "tests"].into_iter().flat_map(rust_files);
    let mut lengths: Vec<(usize, PathBuf)> =
        all.map(|(path, text)| (String::from_utf8(text).unwrap().lines().count(), path)).collect();
    lengths.sort();
    let (largest, path) = lengths.last().unwrap();
    println!("median file: {} lines; largest: {largest} lines ({})", lengths[lengths.len() / 2].0, path.display());
    assert!(*largest <= CEILING, "{} has {largest} lines, more than {CEILING}", path.display());
}

#[test]
fn the_search_for_uses_reads_every_form() {
    let code = "use crate::{plan::{Change, step::Step}, scim, source::Span}; let x = crate::live::Live::default();";
    let names: Vec<String> = used(code).into_iter().collect();
    assert_eq!(names, ["live", "plan", "scim", "source"]);
}
