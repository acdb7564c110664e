//! `docs/requirements.md`: every fact with the test that shows it. `UPDATE=1 cargo test --test suite requirements` writes it
//! anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// One fact that must hold.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fact {
    id: String,
    #[serde(rename = "fact")]
    text: String,
    how: String,
    /// What it waits for.
    later: Option<String>,
    /// Why it can't apply.
    because: Option<String>,
}

/// Files of facts; those that are not there are left out.
const FACTS: [&str; 3] =
    ["tests/requirements/vendors.yaml", "tests/requirements/equality.yaml", "tests/awkward/cases.yaml"];

/// Starts of ids, and what they are about.
const SECTIONS: [(&str, &str); 7] = [
    ("S0", "Lattice, filled in JumpCloud's way"),
    ("S1", "JumpCloud's SCIM API"),
    ("S2", "Lattice, filled in Entra's way"),
    ("S3", "Scalekit"),
    ("C", "Where the vendors' instructions contradict each other"),
    ("E", "Equality: what is no difference"),
    ("T", "Awkward cases"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn facts() -> Vec<Fact> {
    let there = FACTS.iter().filter_map(|file| Some((file, std::fs::read_to_string(root().join(file)).ok()?)));
    there
        .flat_map(|(file, text)| {
            serde_yaml::from_str::<Vec<Fact>>(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
        })
        .collect()
}

/// Every Rust file below these folders.
fn sources() -> Vec<PathBuf> {
    let mut folders = vec![root().join("tests"), root().join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The ids with which a test's name starts: `s0_03_s1_09_every_body` has S0-03 and S1-09.
fn ids(name: &str) -> Vec<String> {
    let mut words = name.split('_').peekable();
    let mut ids = Vec::new();
    while let Some(word) = words.next() {
        let Some((letter, number)) = word.split_at_checked(1) else { break };
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(number) {
            break;
        }
        match letter {
            "s" => match words.next_if(|next| next.len() == 2 && is_number(next)) {
                Some(row) => ids.push(format!("S{number}-{row}")),
                None => break,
            },
            // Rules of equality are numbered without a zero in front.
            "e" => ids.push(format!("E{}", number.trim_start_matches('0'))),
            "c" | "t" => ids.push(word.to_uppercase()),
            _ => break,
        }
    }
    ids
}

/// Tests by id: file and name.
fn tests() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let mut found: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let mut marked = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                marked = true;
                continue;
            }
            let name = line.trim_start_matches("async ").strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            let Some(name) = name else { continue };
            if std::mem::take(&mut marked) {
                for id in ids(name) {
                    found.entry(id).or_default().insert((file.clone(), name.to_owned()));
                }
            }
        }
    }
    found
}

fn is_of(id: &str, section: &str) -> bool {
    id.strip_prefix(section).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
}

/// Ids in the order of their numbers.
fn order(id: &str) -> (usize, u32) {
    let section = SECTIONS.iter().position(|(section, _)| is_of(id, section)).unwrap_or(SECTIONS.len());
    let number = id.rsplit(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    (section, number.unwrap_or(0))
}

fn reason(fact: &Fact) -> Option<String> {
    let later = fact.later.as_ref().map(|what| format!("waits for `{what}`"));
    later.or_else(|| fact.because.clone())
}

fn shown_by(tests: Option<&BTreeSet<(String, String)>>, fact: &Fact) -> String {
    match tests {
        Some(tests) => {
            let links: Vec<String> = tests.iter().map(|(file, name)| format!("[`{name}`](../../{file})")).collect();
            links.join("<br>")
        }
        None => format!("*{}*", reason(fact).unwrap_or_default()),
    }
}

#[test]
fn every_fact_has_a_test_and_every_id_is_known() {
    let (facts, tests) = (facts(), tests());
    let known: BTreeSet<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
    assert_eq!(known.len(), facts.len(), "an id stands twice");
    let missing: Vec<&str> = facts
        .iter()
        .filter(|fact| !tests.contains_key(&fact.id) && reason(fact).is_none())
        .map(|fact| fact.id.as_str())
        .collect();
    // Only sections whose facts are listed can have unknown ids.
    let listed = |id: &str| {
        SECTIONS.iter().any(|(section, _)| is_of(id, section) && known.iter().any(|one| is_of(one, section)))
    };
    let unknown: Vec<&String> = tests.keys().filter(|id| listed(id) && !known.contains(id.as_str())).collect();
    let needless: Vec<&str> = facts
        .iter()
        .filter(|fact| tests.contains_key(&fact.id) && reason(fact).is_some())
        .map(|fact| fact.id.as_str())
        .collect();
    assert!(
        missing.is_empty() && unknown.is_empty() && needless.is_empty(),
        "without a test or a reason: {missing:?}; unknown ids of tests: {unknown:?}; a test and yet a reason: {needless:?}"
    );
}

#[test]
fn the_page_is_fresh() {
    let (mut facts, tests) = (facts(), tests());
    facts.sort_by_key(|fact| order(&fact.id));
    let covered = facts.iter().filter(|fact| tests.contains_key(&fact.id)).count();
    let left = facts.iter().filter(|fact| !tests.contains_key(&fact.id));
    let names: Vec<&str> = left.map(|fact| fact.id.as_str()).collect();
    let mut page = format!(
        "# What must hold, and where it is shown\n\nFacts of the vendors, cases that servers make awkward, and rules of \
         equality, each with the tests that carry its id.\nThis page is generated.\n\n{} facts; {covered} are shown by \
         tests, {} are left with a reason{}.\n",
        facts.len(),
        names.len(),
        if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
    );
    for (section, title) in SECTIONS {
        let rows: Vec<&Fact> = facts.iter().filter(|fact| is_of(&fact.id, section)).collect();
        if rows.is_empty() {
            continue;
        }
        let shown = rows.iter().filter(|fact| tests.contains_key(&fact.id)).count();
        let _ = write!(
            page,
            "\n## {title}\n\n{shown} of {} shown.\n\n| id | fact | by | tests |\n|---|---|---|---|\n",
            rows.len()
        );
        for fact in rows {
            let cell = |text: &str| text.replace('|', "\\|");
            let tests = shown_by(tests.get(&fact.id), fact);
            let _ = writeln!(page, "| {} | {} | {} | {tests} |", fact.id, cell(&fact.text), cell(&fact.how));
        }
    }
    let path = root().join("docs/dev/requirements.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
        return;
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(there == page, "docs/requirements.md is out of date: run `UPDATE=1 cargo test --test suite requirements`");
}

#[test]
fn ids_are_read_off_names() {
    let read = |name: &str| ids(name).join(" ");
    assert_eq!(read("s0_03_s1_09_every_body"), "S0-03 S1-09");
    assert_eq!(read("t05_t100_e07_e10_c1_and_so_on"), "T05 T100 E7 E10 C1");
    assert_eq!(read("every_body_s0_03"), "");
    assert_eq!(read("s0_every_1"), "");
    assert!(order("E9") < order("E10") && order("S0-37") < order("S1-01") && order("T99") < order("T100"));
}
