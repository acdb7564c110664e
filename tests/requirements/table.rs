//! `docs/dev/requirements.md`: every fact with the test that shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::support::files;
use crate::support::golden::{golden, in_repository, read};

/// One fact that must hold.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fact {
    id: String,
    #[serde(rename = "fact")]
    text: String,
    how: String,
    /// What pages, or sections as `PAGE#HEADING`, say of it.
    #[serde(default)]
    documented: BTreeMap<String, Vec<String>>,
    /// What it waits for.
    later: Option<String>,
    /// Why it can't apply.
    because: Option<String>,
}

/// Files of facts.
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

fn facts() -> Vec<Fact> {
    FACTS
        .iter()
        .flat_map(|file| {
            serde_yaml::from_str::<Vec<Fact>>(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
        })
        .collect()
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
    for (path, text) in files(&in_repository("tests")).into_iter().chain(files(&in_repository("src"))) {
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = String::from_utf8(text).unwrap();
        let file = path.strip_prefix(in_repository("")).unwrap().to_string_lossy().replace('\\', "/");
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
                    // A word in a page shows nothing of the program: that is what `documented` is for.
                    assert!(!text.contains("read(\"docs/"), "{file}: `{name}` stands beside a look at pages");
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

/// Links to what shows a fact: tests of behaviour, else pages.
fn shown_by(tests: Option<&BTreeSet<(String, String)>>, fact: &Fact) -> String {
    let link = |page: &String| format!("[{page}]({})", page.to_lowercase());
    let pages: Vec<String> = fact.documented.keys().map(link).collect();
    match tests {
        Some(tests) => {
            let links: Vec<String> = tests.iter().map(|(file, name)| format!("[`{name}`](../../{file})")).collect();
            links.join("<br>")
        }
        None if pages.is_empty() => format!("*{}*", reason(fact).unwrap_or_default()),
        None => format!("documented: {}", pages.join(", ")),
    }
}

/// The words of a page, or of one of its sections.
fn words(place: &str) -> String {
    let (page, heading) = place.split_once('#').map_or((place, None), |(page, heading)| (page, Some(heading)));
    let text = read(format!("docs/{page}"));
    let part = heading.map_or(text.as_str(), |heading| {
        let (_, rest) = text.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {place}"));
        rest.split("\n## ").next().unwrap()
    });
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_documented_stands_in_the_pages() {
    for fact in facts() {
        for (place, phrases) in &fact.documented {
            let words = words(place);
            let missing: Vec<&String> = phrases.iter().filter(|phrase| !words.contains(phrase.as_str())).collect();
            assert!(missing.is_empty(), "{}: {missing:?} is not in {place}", fact.id);
        }
    }
}

#[test]
fn every_fact_has_a_test_a_page_or_a_reason_and_every_id_is_known() {
    let (facts, tests) = (facts(), tests());
    let known: BTreeSet<&str> = facts.iter().map(|fact| fact.id.as_str()).collect();
    assert_eq!(known.len(), facts.len(), "an id stands twice");
    let missing: Vec<&str> = facts
        .iter()
        .filter(|fact| !tests.contains_key(&fact.id) && fact.documented.is_empty() && reason(fact).is_none())
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
    let (covered, rest): (Vec<&Fact>, Vec<&Fact>) = facts.iter().partition(|fact| tests.contains_key(&fact.id));
    let (documented, left): (Vec<&Fact>, Vec<&Fact>) = rest.into_iter().partition(|fact| !fact.documented.is_empty());
    let names = |facts: &[&Fact]| facts.iter().map(|fact| fact.id.as_str()).collect::<Vec<_>>().join(", ");
    let mut page = format!(
        "# What must hold, and where it is shown\n\nFacts of the vendors, cases that servers make awkward, and rules of \
         equality, each with the tests that carry its id.\nThis page is generated.\n\n{} facts; {} are shown by \
         tests, {} are documented, {} are left with a reason ({}).\n",
        facts.len(),
        covered.len(),
        documented.len(),
        left.len(),
        names(&left)
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
    golden("docs/dev/requirements.md", &page);
}
