//! What a person sees on a terminal: width, colours, pager, progress, links, completions.
//!
//! Terminals of a size are played by `script` of util-linux, so those tests are for Linux.

mod completing;
mod layout;
mod piped;
#[cfg(target_os = "linux")]
mod screen;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::folder;

const PROGRAM: &str = env!("CARGO_BIN_EXE_scimform");

/// The program without what the environment of the tests would say to it.
fn program() -> Command {
    let mut command = Command::new(PROGRAM);
    clean(&mut command);
    command
}

fn clean(command: &mut Command) {
    for name in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_HYPERLINK",
        "COLUMNS",
        "LINES",
        "PAGER",
        "SCIMFORM_PAGER",
        "CI",
        "COMPLETE",
        "LESS",
        "SCIMFORM_LINK_FORMAT",
        "TERM_PROGRAM",
        "VTE_VERSION",
    ] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
}

/// Runs a line of shell in a terminal of 60 columns and 20 rows, the program as `scimform`; gives what appeared.
#[cfg(target_os = "linux")]
fn in_terminal(folder: &Path, line: &str) -> String {
    let mut command = Command::new("script");
    clean(&mut command);
    let programs = Path::new(PROGRAM).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(programs.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    command.args(["-qec", &format!("stty cols 60 rows 20; {line}"), "/dev/null"]);
    let ran = command.env("PATH", path.unwrap()).current_dir(folder).stdin(std::process::Stdio::null()).output();
    String::from_utf8_lossy(&ran.expect("this test needs `script`").stdout).replace("\r\n", "\n")
}

fn text(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A repository of so many people at one target with this address, or of the embedded server's.
fn repository(people: usize, url: Option<&str>) -> (tempfile::TempDir, PathBuf) {
    use std::fmt::Write as _;
    let folder = folder();
    let url = url.unwrap_or("https://app.example/scim/v2");
    let mut files = format!("version: 1\ntargets:\n  app: {{ profile: generic, url: \"{url}\" }}\n");
    files += "bindings:\n  staff: { target: app, assign: { groups: [everyone] } }\n";
    files += "groups:\n  everyone: { displayName: Everyone, where: user.userName != \"\" }\nusers:\n";
    for number in 0..people {
        let _ = writeln!(files, "  person-{number:03}: {{ userName: person-{number}@acme.example }}");
    }
    std::fs::write(folder.path().join("scimform.yaml"), files).unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}
