//! What the pages for people say is true: links lead somewhere, YAML is valid, commands run.

mod page;
mod shell;

use std::collections::BTreeMap;
use std::process::Command;

use page::{Page, all, root};
use scimform::source::SourceMap;

/// Nothing may be left to be claimed: what fails is listed whole.
#[track_caller]
fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{}\n", wrong.join("\n"));
}

#[test]
fn blocks_say_what_they_are() {
    let known = ["console", "csv", "json", "sh", "text", "yaml"];
    let mut wrong = Vec::new();
    for page in all() {
        for fence in page.fences.iter().filter(|fence| !known.contains(&fence.language.as_str())) {
            wrong.push(format!("{}:{}: `{}`", page.path, fence.line, fence.language));
        }
        // A console shows what a program said: only a test that runs it can know.
        let told = std::fs::read_to_string(root().join("tests/transcript/mod.rs")).unwrap();
        for fence in page.fences.iter().filter(|fence| fence.language == "console") {
            if !told.contains(&page.path) {
                wrong.push(format!("{}:{}: no transcript makes this", page.path, fence.line));
            }
        }
    }
    none(wrong);
}

/// Problems of one piece of YAML: with `version` it is a whole repository, without it a part of one, which may name what
/// stands elsewhere.
fn problems(text: &str) -> Vec<String> {
    if let Some(other) = text.lines().next().filter(|line| line.starts_with("# .") || line.starts_with("# yamllint")) {
        let parsed: Result<serde_yaml::Value, _> = serde_yaml::from_str(text);
        return parsed.err().map(|error| format!("{other}: {error}")).into_iter().collect();
    }
    let whole = text.lines().any(|line| line.starts_with("version:"));
    let mut sources = SourceMap::default();
    if !whole {
        sources.add("scimform.yaml", "version: 1\n");
    }
    sources.add(if whole { "scimform.yaml" } else { "part.yaml" }, text);
    let (config, found) = scimform::config::parse(&sources);
    let mut all = found.into_sorted();
    if whole {
        all.extend(scimform::directory::validate(config, &sources).1.into_sorted());
    }
    let errors = all.into_iter().filter(|one| one.severity == scimform::diag::Severity::Error);
    errors.map(|one| one.message).collect()
}

#[test]
fn yaml_is_valid() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in all() {
        for fence in page.fences.iter().filter(|fence| fence.language == "yaml") {
            seen += 1;
            let told = problems(&fence.text);
            wrong.extend(told.iter().map(|problem| format!("{}:{}: {problem}", page.path, fence.line)));
        }
    }
    assert!(seen > 5);
    none(wrong);
}

#[test]
fn json_is_json() {
    for page in all() {
        for fence in page.fences.iter().filter(|fence| fence.language == "json") {
            for part in fence.text.split("\n\n").filter(|part| !part.trim().is_empty()) {
                let read: Result<serde_json::Value, _> = serde_json::from_str(part);
                assert!(read.is_ok(), "{}:{}: {read:?}", page.path, fence.line);
            }
        }
    }
}

/// Commands that stand in the prose have the subcommands and options that they name.
#[test]
fn commands_in_the_prose_exist() {
    let mut wrong = Vec::new();
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    for page in all() {
        for (line, code) in page.code() {
            let Some(words) = code.strip_prefix("scimform ").filter(|words| !words.contains(['…', '>', '|'])) else {
                continue;
            };
            let ok = *known.entry(words.to_owned()).or_insert_with(|| {
                let stand_in = |word: &str| match word {
                    "N" => "1".to_owned(),
                    "DATE" => "2027-01-31".to_owned(),
                    "DIR" => ".".to_owned(),
                    "SHELL" => "bash".to_owned(),
                    word => word.to_owned(),
                };
                let words: Vec<String> = words.split(' ').map(stand_in).collect();
                // What comes before `--help` is read, and refused where it does not exist; an option may lack its value.
                ["", "generic", "1"].iter().any(|last| {
                    let last = Some(last).filter(|last| !last.is_empty());
                    let mut run = Command::new(env!("CARGO_BIN_EXE_scimform"));
                    run.args(&words).args(last).arg("--help").output().unwrap().status.success()
                })
            });
            if !ok {
                wrong.push(format!("{}:{line}: scimform {words}", page.path));
            }
        }
    }
    assert!(known.len() > 20);
    none(wrong);
}

#[test]
fn links_lead_somewhere() {
    let pages: BTreeMap<String, Page> = all().into_iter().map(|page| (page.path.clone(), page)).collect();
    let mut wrong = Vec::new();
    for page in pages.values() {
        for link in page.links().iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = std::path::Path::new(&page.path).parent().unwrap();
            let full = if path.is_empty() { root().join(&page.path) } else { root().join(folder).join(path) };
            let Ok(real) = full.canonicalize() else {
                wrong.push(format!("{}: {link}", page.path));
                continue;
            };
            let name = real.strip_prefix(root().canonicalize().unwrap()).unwrap().to_string_lossy().into_owned();
            let target = pages.get(&name);
            if !anchor.is_empty() && !target.is_some_and(|target| target.anchors().iter().any(|one| one == anchor)) {
                wrong.push(format!("{}: {link}: no such heading", page.path));
            }
        }
    }
    none(wrong);
}

/// A page that the table of contents does not name is no part of the book.
#[test]
fn every_page_is_in_the_book() {
    let contents = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let pages = all();
    let missing = pages
        .iter()
        .filter_map(|page| page.path.strip_prefix("docs/"))
        .filter(|name| *name != "SUMMARY.md" && !contents.contains(&format!("({name})")));
    none(missing.map(|name| format!("docs/{name} is not in docs/SUMMARY.md")).collect());
}

/// Each page's commands run one after the other in a repository of their own.
#[test]
fn commands_run() {
    let world = shell::World::new();
    let pages = all();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = pages.iter().map(|page| scope.spawn(|| world.run(page))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    none(wrong);
}
