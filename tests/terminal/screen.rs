//! The program on a terminal and off it.

use super::{in_terminal, program, repository, text};

const PLAN: &str = "scimform plan --sandbox";
const UNPAGED: &str = "scimform plan --sandbox --no-pager";

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
fn a_terminal_gets_colours_and_lines_of_its_width() {
    let (_folder, path) = repository(3, None);
    let Some(shown) = in_terminal(&path, UNPAGED) else { return };
    assert!(shown.contains("\u{1b}[32m+ create"), "{shown}");
    for (asked, shown) in [
        ("NO_COLOR", in_terminal(&path, &format!("NO_COLOR=1 {UNPAGED}"))),
        ("CLICOLOR", in_terminal(&path, &format!("CLICOLOR=0 {UNPAGED}"))),
        ("dumb", in_terminal(&path, &format!("TERM=dumb {UNPAGED}"))),
        ("never", in_terminal(&path, &format!("{UNPAGED} --color never"))),
    ] {
        let shown = shown.unwrap();
        assert!(shown.contains("+ create") && !shown.contains("\u{1b}[3"), "{asked}: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 60), "{asked}: {shown}");
    }
    let narrow = in_terminal(&path, &format!("COLUMNS=44 {UNPAGED} --color never")).unwrap();
    assert!(narrow.lines().filter(|line| !line.contains('\u{1b}')).all(|line| line.chars().count() <= 44), "{narrow}");
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
fn a_long_plan_is_paged_and_a_short_one_is_not() {
    let (_folder, long) = repository(30, None);
    let pager = "SCIMFORM_PAGER='sed s/^/PAGED:/'";
    let Some(shown) = in_terminal(&long, &format!("{pager} {PLAN} -v")) else { return };
    assert!(shown.contains("PAGED:"), "{shown}");
    for line in [
        format!("{pager} {PLAN} -v --no-pager"),
        format!("{pager} CI=1 {PLAN} -v"),
        format!("SCIMFORM_PAGER= PAGER='sed s/^/PAGED:/' {PLAN} -v"),
        format!("{pager} {PLAN} -v | cat"),
        format!("{pager} scimform apply --sandbox --auto-approve -v"),
    ] {
        let shown = in_terminal(&long, &line).unwrap();
        assert!(!shown.contains("PAGED:") && shown.contains("person-029"), "{line}: {shown}");
    }
    let (_folder, short) = repository(1, None);
    let shown = in_terminal(&short, &format!("{pager} {PLAN}")).unwrap();
    assert!(!shown.contains("PAGED:") && shown.contains("Plan:"), "{shown}");
}

#[test]
fn a_pager_that_is_not_there_or_is_quit_is_no_error() {
    let (_folder, path) = repository(30, None);
    let Some(shown) = in_terminal(&path, &format!("SCIMFORM_PAGER=/not/there {PLAN} -v; echo code $?")) else { return };
    assert!(shown.contains("person-029") && shown.contains("code 0"), "{shown}");
    let shown = in_terminal(&path, &format!("SCIMFORM_PAGER='head -1' {PLAN} -v; echo code $?")).unwrap();
    assert!(!shown.contains("person-029") && shown.contains("code 0"), "{shown}");
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

#[test]
fn progress_tells_how_far_it_is_and_leaves_nothing_behind() {
    use std::io::BufRead as _;
    let mut server = program();
    server.args([
        "sandbox",
        "--listen",
        "127.0.0.1:0",
        "--fault",
        "latency=150ms,on=POST",
        "--fault",
        "429,every=9,on=POST",
    ]);
    let mut server = server.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut url = String::new();
    std::io::BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let (_folder, path) = repository(40, Some(url.trim()));
    let shown = in_terminal(&path, "scimform apply --auto-approve --no-pager >report.txt; echo code $?");
    let plain = program().args(["plan"]).current_dir(&path).output().unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let Some(shown) = shown else { return };
    let report = std::fs::read_to_string(path.join("report.txt")).unwrap();
    assert!(shown.contains("code 0"), "{shown} {report}");
    assert!(shown.contains("/40") && shown.contains("/s") && shown.contains(" left"), "{shown:?}");
    assert!(shown.contains("slowed to ") && shown.contains("in flight: 429"), "{shown:?}");
    // Whatever was drawn last is cleared before the next line.
    let last = shown.rsplit("/40").next().unwrap();
    assert!(last.contains("\r\u{1b}[2K"), "{last:?}");
    assert!(!text(&plain).1.contains('\u{1b}'), "no terminal, no line that moves");
}
