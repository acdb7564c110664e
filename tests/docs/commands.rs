//! The page about commands: what `--help` prints for each.

use std::fmt::Write as _;
use std::process::Command;

const HEAD: &str = "# Commands

What `--help` prints for each command. This page is generated. `-h` is shorter; `scimform completions` makes a shell
complete all of it, names of targets and keys included.

Results go to standard output, everything else to standard error. Without a terminal nothing is coloured, no bar is drawn
and nothing is asked.

";

fn help(words: &[String]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_scimform"));
    let output = program.args(words).arg("--help").env_clear().output().unwrap();
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n")
}

/// The names under `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let names = listed.lines().take_while(|line| !line.is_empty()).filter(|line| line.starts_with("  "));
    let names = names.filter_map(|line| line.get(2..)?.split(' ').next()).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn part(page: &mut String, words: &[String]) {
    let help = help(words);
    let title = format!("scimform {}", words.join(" "));
    let _ = writeln!(page, "## {}\n\n```text", title.trim_end());
    for line in help.trim_end().lines() {
        let _ = writeln!(page, "{}", line.trim_end());
    }
    page.push_str("```\n\n");
    for name in subcommands(&help) {
        part(page, &[words, &[name]].concat());
    }
}

pub(crate) fn page() -> String {
    let mut page = HEAD.to_owned();
    part(&mut page, &[]);
    page.trim_end().to_owned() + "\n"
}
