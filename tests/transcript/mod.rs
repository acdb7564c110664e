//! `examples/acme/README.md`, `docs/saved-plans.md` and `docs/import-csv.md` show what really happens.

#[path = "../../examples/acme/demo.rs"]
mod demo;
mod csv;
mod saved;

use std::process::Command;

use demo::{Act, LAST, STORY, arguments_in, copy, edit, prompt};

use crate::support::folder;
use crate::support::golden::{golden, in_repository, read};

const START: &str = "```console\n";
const END: &str = "```\n";
const UNDO: &str = "to take this back: scimform apply --undo ";
const TAKES_BACK: &str = "takes back the apply of ";

/// How long an apply took differs from run to run, and so does how many answers it had checked by a read before others
/// came in.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" in ") {
        _ if line.starts_with(UNDO) => format!("{UNDO}{LAST}\n"),
        _ if line.starts_with(TAKES_BACK) => format!("{TAKES_BACK}…: {LAST}\n"),
        Some((head, time)) if time.ends_with(" s") => {
            let done = head.rsplit_once("; ").map_or(head, |(done, _)| done);
            format!("{done}; … requests in … s\n")
        }
        // The servers' ids, new each time, are part of it.
        _ if line.starts_with("as of ") => {
            format!("{}digest …\n", line.split_once("digest ").map_or(line, |(head, _)| head))
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn story() -> String {
    let folder = folder();
    copy(&in_repository("examples/acme"), folder.path()).unwrap();
    let mut told = Vec::new();
    for act in STORY {
        let mut part = prompt(&act) + "\n";
        match act {
            Act::Edit(file, before, after) => edit(folder.path(), file, before, after).unwrap(),
            Act::Run(words) => {
                let output = Command::new(env!("CARGO_BIN_EXE_scimform"))
                    .arg("-C")
                    .arg(folder.path())
                    .args(arguments_in(folder.path(), words))
                    .env_clear()
                    .output()
                    .unwrap();
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{words:?} ended with {:?}: {errors}", output.status.code());
                part += &String::from_utf8(output.stdout).unwrap();
            }
        }
        told.push(without_times(&part));
    }
    told.join("\n")
}

#[test]
fn the_transcript_is_what_really_happens() {
    hold("examples/acme/README.md", &story());
}

#[test]
fn a_stale_plan_and_a_mass_removal_go_as_the_page_tells() {
    hold("docs/saved-plans.md", &saved::story());
}

#[test]
fn a_spreadsheet_of_500_people_becomes_a_plan_without_changes() {
    hold("docs/import-csv.md", &csv::story());
}

/// Holds a page's transcript against the real one.
fn hold(page: &str, real: &str) {
    let text = read(page);
    let (head, rest) = text.split_once(START).unwrap();
    let (_, tail) = rest.split_once(END).unwrap();
    golden(page, &format!("{head}{START}{real}{END}{tail}"));
}
