//! Whatever is in a plan, its comment fits, says what it leaves out, and holds no name that is more than a name.

use proptest::prelude::*;
use scimform::plan::Plan;
use scimform::render::comment::{Comment, LEAST, Place};
use scimform::render::links::Links;
use scimform::render::plan::{MARKER, markdown};

use crate::review::any_plan::Parts;

/// Names as nobody should be called.
const HOSTILE: [&str; 24] = [
    "Ada Lovelace",
    "`a` | **b** | <img src=x onerror=alert(1)>",
    "</details></td></table><script>alert(1)</script>",
    "x\n\n## Approved by @everyone\n- [x] merged\n/close",
    "\u{202e}gnp.exe\u{202c}\u{200b}\u{feff}",
    "@everyone @here a@acme.example",
    "#123 GH-7 acme/people#9 !3 ~bug %1 &4 $x$",
    "https://evil.example/ www.evil.example ftp://x mailto:a@b.example",
    "![i](https://evil.example/i.png) [l](javascript:alert(1))",
    "<!-- scimform:plan --> <!-- scimform:digest 0 -->",
    "--- *** ___ === ~~~",
    "- # > + 1. | a | b |",
    "[x]: https://evil.example \"t\"",
    "\\| \\` \\\\",
    "``` ````` ```",
    "&lt;b&gt; &#64;everyone &commat;",
    "”; loses the account at app “",
    "<b>loses the account at app</b>",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}x\u{1b}]8;;\u{7}",
    "🦀👩‍💻 :tada: Wiśniewska",
    "",
    "   ",
    "a_b_c __x__ *y*",
    "\u{e0041}\u{ad}\u{3164}",
];

fn names() -> impl Strategy<Value = Vec<String>> {
    let hostile = proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned);
    let long =
        (1..2000_usize, proptest::sample::select(HOSTILE.to_vec())).prop_map(|(times, text)| text.repeat(times / 20));
    let any = proptest::collection::vec(any::<char>(), 0..60).prop_map(|characters| characters.into_iter().collect());
    proptest::collection::vec(prop_oneof![4 => hostile, 1 => long, 2 => any], 1..8)
}

/// `PROPTEST_CASES`, 32 if not set.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(32)
}

fn comment(size: usize) -> Comment {
    let links = Links::github("https://github.com/acme/people", &"a".repeat(40), "");
    Comment { place: Place::File, links, full_at: Some("https://ci.acme.example/1".into()), size: Some(size) }
}

/// What holds of every comment.
fn is_sound(plan: &Plan, page: &str, size: usize) {
    assert!(page.len() <= size, "{} of {size}", page.len());
    assert!(page.starts_with(MARKER) && page.ends_with("</sub>\n"));
    assert_eq!(page.matches("<!--").count(), 2, "a name wrote a comment of its own");
    assert!(page.lines().nth(1).unwrap().contains(&plan.digest));
    assert!(page.lines().nth(2).unwrap().starts_with("## scimform plan: "));
    assert!(page.contains("| target |"));
    assert_eq!(page.matches("<details>").count(), page.matches("</details>").count());
    for line in page.lines() {
        let hidden =
            |one: char| matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(!line.chars().any(|one| one.is_control() || hidden(one)), "{line}");
        if line.starts_with('|') {
            let cells = line.matches('|').count();
            assert!(line.ends_with('|') && cells >= 3, "a row is cut: {line}");
        }
        let known = ["<!--", "## ", "### ", "- ", "|", "**", "<details>", "</details>", "<sub>"];
        assert!(line.is_empty() || known.iter().any(|start| line.starts_with(start)), "{line}");
    }
}

/// The tags of a page outside of code, each once.
fn tags(page: &str) -> Vec<String> {
    let outside = crate::cases::world::outside_code(page);
    let mut tags: Vec<String> =
        outside.split('<').skip(1).map(|rest| rest.split(['>', ' ']).next().unwrap().to_owned()).collect();
    tags.sort();
    tags.dedup();
    tags
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_comment_fits_and_holds_nothing_of_a_name_but_the_name(
        names in names(),
        targets in 1..6_usize,
        people in 0..80_usize,
        changes in 0..80_usize,
        problems in 0..12_usize,
        size in LEAST..70_000_usize,
    ) {
        let parts = |reversed| Parts { names: &names, targets, people, changes, problems, reversed };
        let plan = parts(false).plan();
        let whole = markdown(&plan, &comment(usize::MAX));
        let page = markdown(&plan, &comment(size));
        is_sound(&plan, &page, size);
        is_sound(&plan, &whole, usize::MAX);
        if whole.len() > size {
            assert!(page.contains("**Too long for one comment.** Left out: "), "nothing is said of what was cut");
            assert!(page.contains("All of it: <https://ci.acme.example/1>."));
        }
        assert!(!whole.contains("**Too long for one comment.**"));
        let ours = ["!--", "/b", "/code", "/details", "/span", "/sub", "/summary", "b", "br", "code", "details", "https://ci.acme.example/1", "span", "sub", "summary"];
        for tag in tags(&page) {
            assert!(ours.contains(&tag.as_str()), "<{tag}> in {page}");
        }
        // In whatever order the targets and their people come.
        assert!(markdown(&parts(true).plan(), &comment(size)) == page, "another order, another page");
    }
}

/// What is left out first is what matters least.
#[test]
fn the_least_is_left_out_first() {
    let names = vec!["Ada Lovelace".to_owned()];
    let plan = Parts { names: &names, targets: 1, people: 400, changes: 400, problems: 2, reversed: false }.plan();
    let page = |size: usize| markdown(&plan, &comment(size));
    let mut before: Option<Vec<bool>> = None;
    for size in (LEAST..400_000).step_by(4_000) {
        let page = page(size);
        let cut = page.lines().find(|line| line.starts_with("**Too long")).unwrap_or_default();
        // From what is left out last to what is left out first.
        let order = [
            "who lose access",
            "that remove or are privileged",
            "who gain access",
            "that give access",
            "of whom details change",
            "creation",
            "adoption",
            "of values alone",
            "shown and not made",
        ];
        let left_out: Vec<bool> = order.iter().map(|what| cut.contains(what)).collect();
        let first = left_out.iter().position(|cut| *cut).unwrap_or(order.len());
        // Privileged gains are told with the others who gain.
        let rest = left_out.iter().enumerate().skip(first).filter(|(place, cut)| !**cut && *place != 7);
        assert_eq!(rest.count(), 0, "at {size}: {cut}");
        if let Some(before) = &before {
            assert!(
                left_out.iter().zip(before).all(|(now, before)| !now || *before),
                "more room, and more left out: {cut}"
            );
        }
        before = Some(left_out);
    }
    assert_eq!(before.map(|cut| cut.iter().any(|one| *one)), Some(false));
}

#[test]
fn a_hundred_thousand_changes_make_one_comment() {
    let names = vec!["Ada Lovelace".to_owned(), "Grace Hopper".to_owned()];
    let plan =
        Parts { names: &names, targets: 1, people: 100_000, changes: 100_000, problems: 0, reversed: false }.plan();
    for place in [Place::GitHub, Place::GitLab, Place::Summary] {
        let page = markdown(&plan, &Comment { place, ..Comment::default() });
        is_sound(&plan, &page, place.size());
        assert!(page.len() > place.size() / 2, "room is wasted: {}", page.len());
        assert!(page.contains("people who lose access") && page.contains("`scimform plan` shows all of it."));
    }
}

#[test]
fn very_many_targets_still_fit() {
    let names = vec!["x".repeat(300)];
    let plan = Parts { names: &names, targets: 3_000, people: 1, changes: 1, problems: 1, reversed: false }.plan();
    is_sound(&plan, &markdown(&plan, &comment(65_000)), 65_000);
    let quiet = Parts { names: &names, targets: 3_000, people: 0, changes: 0, problems: 0, reversed: false }.plan();
    let page = markdown(&quiet, &comment(65_000));
    is_sound(&quiet, &page, 65_000);
    assert!(page.contains("3000 more targets without changes"), "{page}");
}
