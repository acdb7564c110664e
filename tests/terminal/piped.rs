//! The program off a terminal.

use super::{program, repository, text};

#[test]
fn a_pipe_gets_whole_lines_without_colours() {
    let (_folder, path) = repository(3, None);
    let run = |set: &[(&str, &str)]| {
        let mut command = program();
        command.args(["plan", "--sandbox"]).current_dir(&path).envs(set.iter().copied());
        text(&command.output().unwrap()).0
    };
    let plain = run(&[("COLUMNS", "40"), ("FORCE_HYPERLINK", "1")]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert!(plain.lines().any(|line| line.len() > 80), "notes are not broken: {plain}");
    assert!(run(&[("CLICOLOR_FORCE", "1")]).contains("\u{1b}["), "colour is forced");
    assert!(!run(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "0")]).contains('\u{1b}'), "any NO_COLOR counts");
}

#[test]
fn links_lead_to_lines_where_they_are_asked_for() {
    let (_folder, path) = repository(1, None);
    let run = |set: &[(&str, &str)]| {
        let mut command = program();
        command.args(["plan", "--sandbox", "--hyperlinks", "always"]).current_dir(&path).envs(set.iter().copied());
        text(&command.output().unwrap())
    };
    let root = path.canonicalize().unwrap();
    let (shown, _) = run(&[("SCIMFORM_LINK_FORMAT", "vscode")]);
    assert!(shown.contains(&format!("\u{1b}]8;;vscode://file{}/scimform.yaml:9\u{1b}\\", root.display())), "{shown:?}");
    let (shown, said) = run(&[("SCIMFORM_LINK_FORMAT", "wrong")]);
    assert!(!shown.contains("\u{1b}]8") && said.contains("SCIMFORM_LINK_FORMAT"), "{shown:?} {said}");
}

#[test]
fn quiet_leaves_results_and_errors() {
    let (_folder, path) = repository(3, None);
    let run = |arguments: &[&str]| {
        let output = program().args(arguments).current_dir(&path).output().unwrap();
        (output.status.code(), text(&output))
    };
    let (_, (out, err)) = run(&["plan", "--sandbox", "-q"]);
    assert_eq!((out.as_str(), err.as_str()), ("Plan: 3 to create, at 1 target.\n", ""));
    let (_, (out, err)) = run(&["apply", "--sandbox", "--auto-approve", "-q"]);
    assert!(out.trim_start().starts_with("app: 3 created") && err.is_empty(), "{out} {err}");
    let (code, (_, err)) = run(&["-q", "plan", "--target", "nowhere"]);
    assert!(code == Some(64) && err.contains("nowhere"), "{err}");
    let (code, (_, err)) = run(&["-v", "plan", "--sandbox", "-q"]);
    assert!(code == Some(64) && err.contains("exclude"), "{err}");
}
