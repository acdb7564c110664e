//! Lines at several widths, of plans as they stand in the golden cases.

use scimform::plan::Plan;
use scimform::render::look::{Links, Look};
use scimform::render::plan::human;
use unicode_width::UnicodeWidthStr as _;

use crate::cases::cases;

fn plans() -> impl Iterator<Item = (&'static str, Plan)> {
    cases().iter().map(|case| (case.name.as_str(), case.plan()))
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Without escape sequences.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        bare += before;
        rest = match after.strip_prefix(']') {
            Some(link) => link.split_once("\u{1b}\\").unwrap().1,
            None => after.split_once('m').unwrap().1,
        };
    }
    bare + rest
}

#[test]
fn no_line_is_wider_than_the_terminal_and_no_word_is_lost_or_broken() {
    for (name, plan) in plans() {
        for width in [60, 80, 120, 200] {
            let look = Look { width: Some(width), everything: true, ..Look::default() };
            let shown = human(&plan, &look);
            for line in shown.lines() {
                assert!(line.width() <= width, "{name} at {width}: {line}");
            }
            // Both sides of a value stand in one line or in two, so it is counted by words that are told either way.
            let wide = human(&plan, &Look { everything: true, ..Look::default() });
            let told = words(&shown);
            let whole = |word: &&String| word.width() <= width && !["->", "-", "+"].contains(&word.as_str());
            for word in words(&wide).iter().filter(whole) {
                assert!(told.contains(word), "{name} at {width}: {word} is lost");
            }
        }
    }
}

#[test]
fn colours_and_links_change_nothing_of_the_text() {
    for (name, plan) in plans() {
        let plain = Look { width: Some(80), ..Look::default() };
        let links = Links::new("vscode", "laptop", b"/home/ada").unwrap();
        let rich = Look { color: true, links: Some(links), ..plain.clone() };
        let shown = human(&plan, &rich);
        assert!(shown.contains('\u{1b}'), "{name} is coloured");
        assert_eq!(bare(&shown), human(&plan, &plain), "{name}");
        for line in shown.lines() {
            let opened = line.matches("\u{1b}]8;;v").count();
            assert_eq!(opened, line.matches("\u{1b}]8;;\u{1b}").count(), "{name}: a link ends in its line: {line:?}");
            assert!(!line.contains('\u{1b}') || line.ends_with("\u{1b}[0m") || bare(line).len() < line.len(), "{name}");
        }
    }
}

#[test]
fn what_takes_away_is_never_folded_and_the_rest_is_by_rule() {
    let (_, plan) = plans().find(|(name, _)| *name == "leaver").expect("a case with a leaver");
    let mut plan = plan;
    let target = plan.targets.iter_mut().find(|target| !target.changes.is_empty()).unwrap();
    let gone =
        target.changes.iter().find(|change| change.action == scimform::plan::Action::Deactivate).unwrap().clone();
    let come =
        scimform::plan::Change { action: scimform::plan::Action::Create, attributes: Vec::new(), ..gone.clone() };
    target.changes.clear();
    for number in 0..40 {
        target.changes.push(scimform::plan::Change { key: format!("come-{number}"), ..come.clone() });
        target.changes.push(scimform::plan::Change { key: format!("gone-{number}"), ..gone.clone() });
    }
    let folded = human(&plan, &Look::default());
    assert_eq!(folded.matches("gone-").count(), 40, "{folded}");
    assert_eq!(folded.matches("come-").count(), 10, "{folded}");
    assert!(folded.contains("30 more users to create (-v shows all)"), "{folded}");
    let whole = human(&plan, &Look { everything: true, ..Look::default() });
    assert_eq!(whole.matches("come-").count(), 40);
}
