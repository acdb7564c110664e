//! The program on a terminal.

use super::{in_terminal, program, repository, text};

const PLAN: &str = "scimform plan --sandbox";
const UNPAGED: &str = "scimform plan --sandbox --no-pager";

#[test]
fn a_terminal_gets_colours_and_lines_of_its_width() {
    let (_folder, path) = repository(3, None);
    let shown = in_terminal(&path, UNPAGED);
    assert!(shown.contains("\u{1b}[32m+ create"), "{shown}");
    for (asked, shown) in [
        ("NO_COLOR", in_terminal(&path, &format!("NO_COLOR=1 {UNPAGED}"))),
        ("CLICOLOR", in_terminal(&path, &format!("CLICOLOR=0 {UNPAGED}"))),
        ("dumb", in_terminal(&path, &format!("TERM=dumb {UNPAGED}"))),
        ("never", in_terminal(&path, &format!("{UNPAGED} --color never"))),
    ] {
        assert!(shown.contains("+ create") && !shown.contains("\u{1b}[3"), "{asked}: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 60), "{asked}: {shown}");
    }
    let narrow = in_terminal(&path, &format!("COLUMNS=44 {UNPAGED} --color never"));
    assert!(narrow.lines().filter(|line| !line.contains('\u{1b}')).all(|line| line.chars().count() <= 44), "{narrow}");
}

#[test]
fn a_long_plan_is_paged_and_a_short_one_is_not() {
    let (_folder, long) = repository(30, None);
    let pager = "SCIMFORM_PAGER='sed s/^/PAGED:/'";
    let shown = in_terminal(&long, &format!("{pager} {PLAN} -v"));
    assert!(shown.contains("PAGED:"), "{shown}");
    for line in [
        format!("{pager} {PLAN} -v --no-pager"),
        format!("{pager} CI=1 {PLAN} -v"),
        format!("SCIMFORM_PAGER= PAGER='sed s/^/PAGED:/' {PLAN} -v"),
        format!("{pager} {PLAN} -v | cat"),
        format!("{pager} scimform apply --sandbox --auto-approve -v"),
    ] {
        let shown = in_terminal(&long, &line);
        assert!(!shown.contains("PAGED:") && shown.contains("person-029"), "{line}: {shown}");
    }
    let (_folder, short) = repository(1, None);
    let shown = in_terminal(&short, &format!("{pager} {PLAN}"));
    assert!(!shown.contains("PAGED:") && shown.contains("Plan:"), "{shown}");
}

#[test]
fn a_pager_that_is_not_there_or_is_quit_is_no_error() {
    let (_folder, path) = repository(30, None);
    let shown = in_terminal(&path, &format!("SCIMFORM_PAGER=/not/there {PLAN} -v; echo code $?"));
    assert!(shown.contains("person-029") && shown.contains("code 0"), "{shown}");
    let shown = in_terminal(&path, &format!("SCIMFORM_PAGER='head -1' {PLAN} -v; echo code $?"));
    assert!(!shown.contains("person-029") && shown.contains("code 0"), "{shown}");
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
    let report = std::fs::read_to_string(path.join("report.txt")).unwrap();
    assert!(shown.contains("code 0"), "{shown} {report}");
    assert!(shown.contains("/40") && shown.contains("/s") && shown.contains(" left"), "{shown:?}");
    assert!(shown.contains("slowed to ") && shown.contains("in flight: 429"), "{shown:?}");
    // Whatever was drawn last is cleared before the next line.
    let last = shown.rsplit("/40").next().unwrap();
    assert!(last.contains("\r\u{1b}[2K"), "{last:?}");
    assert!(!text(&plain).1.contains('\u{1b}'), "no terminal, no line that moves");
}
