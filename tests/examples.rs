//! The examples and the README hold what they say.

use crate::support::Repo;
use crate::support::golden::{in_repository, read};

/// Fenced blocks of a language in the README, with the heading that each stands under.
fn blocks(language: &str) -> Vec<(String, String)> {
    let page = read("README.md");
    let (mut heading, mut found) = (String::new(), Vec::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            title.clone_into(&mut heading);
        }
        if let Some(fence) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if fence == language {
                found.push((heading.clone(), body.join("\n") + "\n"));
            }
        }
    }
    found
}

/// Rehearses a repository: valid without a warning, applied, and then as declared.
fn rehearse(repo: &Repo) {
    let valid = repo.run(&["validate"]).expect(0);
    assert!(valid.out.starts_with("Valid:"), "{}", valid.out);
    repo.run(&["plan", "--sandbox", "--detailed-exitcode"]).expect(2);
    repo.run(&["apply", "--sandbox", "--auto-approve"]).expect(0);
    repo.run(&["plan", "--sandbox", "--detailed-exitcode"]).expect(0);
}

#[test]
fn the_smallest_example_works() {
    rehearse(&Repo::new(&[("scimform.yaml", &read("examples/minimal/scimform.yaml"))]));
}

#[test]
fn the_repository_of_the_readme_works() {
    let yaml = blocks("yaml");
    assert_eq!(yaml.len(), 1);
    rehearse(&Repo::new(&[("scimform.yaml", &yaml[0].1)]));
}

#[test]
fn the_readme_has_two_commands_and_every_other_one_is_known() {
    let shell = blocks("sh");
    let two: Vec<&str> =
        shell.iter().filter(|(heading, _)| heading == "Two commands").flat_map(|(_, body)| body.lines()).collect();
    assert_eq!(two, ["cargo run --example acme", "cargo test"]);
    let repo = Repo::new(&[("scimform.yaml", &read("examples/minimal/scimform.yaml"))]);
    let mut known = 0;
    for line in shell.iter().flat_map(|(_, body)| body.lines()) {
        let Some(words) = line.split('#').next().unwrap().trim().strip_prefix("scimform ") else { continue };
        let mut words: Vec<&str> = words.split_whitespace().collect();
        words.push("--help");
        repo.run(&words).expect(0);
        known += 1;
    }
    assert!(known >= 4, "{known}");
}

#[test]
fn every_file_of_the_examples_names_the_schema_that_is_there() {
    let root = in_repository("");
    let mut seen = 0;
    for folder in ["examples/minimal", "examples/acme", "examples/acme/people"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let named = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=").unwrap();
            assert!(path.parent().unwrap().join(named).is_file(), "{}: {named}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10);
}
