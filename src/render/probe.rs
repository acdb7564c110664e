//! What a test of a connection found.

use super::escape::terminal;
use super::look::Look;
use super::view::terminal::{BOLD, DIM, GREEN, Page, RED, Style, YELLOW, padded, widest};
use crate::live::disagreement::{Fact, Says};
use crate::probe::{InForce, Left, Outcome, Probe, Written};
use crate::profile::Confidence;
use crate::wording::{count, list};

/// Paths longer than this do not push their neighbours away.
const LONG: usize = 30;

/// For people.
pub fn human(probe: &Probe, look: &Look) -> String {
    let mut page = Page::new(look);
    let sandbox = if probe.sandbox { ", embedded server" } else { "" };
    let head = format!("{} ({}, profile `{}`{sandbox})", probe.target, probe.title, probe.profile);
    page.section(&head);
    steps(&mut page, probe);
    // What keeps a target from being used must not drown in what else is known of it.
    if probe.usable {
        facts(&mut page, &probe.facts);
        doubts(&mut page, probe);
        unverified(&mut page, probe);
    }
    quirks(&mut page, probe);
    for one in probe.mappings.iter().filter(|_| probe.usable) {
        mapping(&mut page, one);
    }
    verdict(&mut page, probe);
    // Last, so that all of it can be marked and copied.
    learned(&mut page, probe);
    page.text
}

/// Text after a head that takes so many columns; further lines begin below its first word.
fn hanging(page: &mut Page<'_>, head: &str, indent: usize, text: &str, style: Option<Style>) {
    let text = terminal(text);
    let text = page.paint(style.unwrap_or_default(), &text);
    page.prose(&format!("{head}{text}"), indent);
}

fn steps(page: &mut Page<'_>, probe: &Probe) {
    let names = widest(probe.steps.iter().map(|step| &step.name), usize::MAX);
    for step in &probe.steps {
        let (word, style) = match step.outcome {
            Outcome::Good => ("ok", GREEN),
            Outcome::Odd => ("note", YELLOW),
            Outcome::Bad => ("failed", RED),
            Outcome::Left => ("left", DIM),
        };
        let word = page.paint(style, &format!("{word:<6}"));
        let head = format!("  {word}  {}  ", padded(&step.name, names));
        hanging(page, &head, 2 + 6 + 2 + names + 2, &step.says, None);
    }
    if let Some(expiry) = &probe.expires {
        let (style, left) = match expiry.days {
            ..0 => (RED, format!("ended {} ago", count(expiry.days.unsigned_abs(), "day"))),
            0 => (YELLOW, "ends today".to_owned()),
            days => {
                let style = if days <= 30 { YELLOW } else { DIM };
                (style, format!("ends in {}", count(days.unsigned_abs(), "day")))
            }
        };
        let text = page.paint(style, &format!("The token {left}, on {}.", expiry.date));
        page.blank();
        page.line(&format!("  {text}"), 4);
    }
}

fn facts(page: &mut Page<'_>, facts: &[Fact]) {
    let told: Vec<&Fact> = facts.iter().filter(|fact| fact.profile.is_some() || fact.server.is_some()).collect();
    if told.is_empty() {
        return;
    }
    page.section("Profile against server");
    let rows: Vec<[String; 4]> = told.iter().map(|fact| fact_row(fact)).collect();
    let titles = ["fact", "profile", "server says", "agrees"].map(str::to_owned);
    let all = || std::iter::once(&titles).chain(&rows);
    let widths = [0, 1, 2, 3].map(|at| widest(all().filter_map(|row| row.get(at)), usize::MAX));
    let line = |row: &[String; 4]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| padded(cell, width)).collect();
        format!("  {}", cells.join("  ")).trim_end().to_owned()
    };
    let head = page.paint(DIM, &line(&titles));
    page.line(&head, 4);
    for (fact, row) in told.iter().zip(&rows) {
        let text = line(row);
        let text = if fact.differs { page.paint(YELLOW, &text) } else { text };
        page.line(&text, 4);
    }
    if told.iter().any(|fact| fact.confidence != Confidence::Verified) {
        let note = page.paint(DIM, "? not verified in the vendor's own text");
        page.line(&format!("  {note}"), 4);
    }
    if facts.iter().any(|fact| fact.differs) {
        let text = "Where both speak and differ the profile is followed; `capabilities:` under the target changes it.";
        hanging(page, "  ", 2, text, Some(YELLOW));
    }
}

fn doubts(page: &mut Page<'_>, probe: &Probe) {
    if probe.doubts.is_empty() {
        return;
    }
    page.section("Mapped attributes against the server's schemas");
    for (says, words) in [
        (Says::ReadOnly, "read-only there"),
        (Says::Immutable, "taken at creation alone there"),
        (Says::Unknown, "not named there"),
    ] {
        let doubts = probe.doubts.iter().filter(|doubt| doubt.says == says);
        let paths = list(doubts.map(|doubt| short(&doubt.path)));
        if !paths.is_empty() {
            hanging(page, &format!("  {words}: "), 4, &paths, None);
        }
    }
}

fn unverified(page: &mut Page<'_>, probe: &Probe) {
    if probe.unverified.is_empty() {
        return;
    }
    page.section("Not verified in the vendor's own text, and so never a reason for a removal");
    let names = widest(probe.unverified.iter().map(|fact| &fact.fact), 44);
    for fact in &probe.unverified {
        let head = format!("  ? {}  ", padded(&fact.fact, names));
        let text = format!("{} ({})", fact.value, confidence(fact.confidence));
        hanging(page, &head, 4 + names + 2, &text, None);
    }
}

/// The block that can be pasted. It is not wrapped: a comment that goes on in a second line would be none.
fn learned(page: &mut Page<'_>, probe: &Probe) {
    let learned = &probe.learned;
    if learned.is_empty() {
        if probe.written {
            page.blank();
            let missing: Vec<String> =
                probe.failed().map(|step| format!("{} ({})", step.name, step.says.trim_end_matches('.'))).collect();
            let text = if missing.is_empty() {
                "Nothing is missing under `capabilities:`: what was tried is as the profile in force says.".to_owned()
            } else {
                format!(
                    "Nothing is missing under `capabilities:` for what worked; this failed or was not tried: {}.",
                    missing.join("; ")
                )
            };
            hanging(page, "", 0, &text, None);
        }
        return;
    }
    page.section("Merge this into scimform.yaml:");
    for line in learned.yaml(&probe.target).lines() {
        page.text.push_str(&terminal(line));
        page.text.push('\n');
    }
}

fn quirks(page: &mut Page<'_>, probe: &Probe) {
    if probe.quirks.is_empty() {
        return;
    }
    page.section("Known of this vendor");
    for quirk in &probe.quirks {
        let source = quirk.source.as_ref().map(|source| format!("{source}, ")).unwrap_or_default();
        let text = format!("{} ({source}{})", quirk.text.trim(), confidence(quirk.confidence));
        hanging(page, "  - ", 4, &text, None);
    }
}

fn mapping(page: &mut Page<'_>, mapping: &InForce) {
    let of = if mapping.bindings.is_empty() {
        "no binding yet".to_owned()
    } else {
        format!("by {}", mapping.bindings.join(", "))
    };
    page.section(&format!("Mapping `{}` ({of})", mapping.mapping));
    for (what, rows, matched) in
        [("people", &mapping.user, &mapping.match_users), ("groups", &mapping.group, &mapping.match_groups)]
    {
        if rows.is_empty() {
            continue;
        }
        let by: Vec<String> = matched.iter().map(|path| short(path)).collect();
        hanging(page, "  ", 4, &format!("{what}, matched by {}:", by.join(", then ")), None);
        let paths = widest(rows.iter().map(|row| short(&row.path)), LONG);
        for row in rows {
            let head = format!("    {}  ", padded(&short(&row.path), paths));
            hanging(page, &head, 4 + paths + 2, &from(row), None);
        }
    }
}

fn verdict(page: &mut Page<'_>, probe: &Probe) {
    page.blank();
    for left in &probe.left {
        let Left { kind, id, name, state, because } = left;
        let text = format!("What stayed: the {kind} `{name}`, id {id}, {state}: {because}.");
        hanging(page, "", 0, &text, Some(YELLOW));
    }
    let requests = count(probe.requests, "request");
    if probe.usable {
        let but =
            if probe.deactivation_failed() { ", but nobody was seen to lose access by `active: false`" } else { "" };
        let text = page.paint(BOLD, &format!("`{}` can be used{but}.", terminal(&probe.target)));
        page.line(&format!("{text} {requests}."), 4);
        return;
    }
    let why = probe.reason.as_deref().unwrap_or("it does not answer as it should");
    let text = format!("`{}` can't be used as it is: {}", probe.target, why.trim_end_matches('.'));
    hanging(page, "", 0, &format!("{text}."), Some(RED));
    if let Some(hint) = &probe.hint {
        hanging(page, "", 0, hint, None);
    }
}

fn fact_row(fact: &Fact) -> [String; 4] {
    let name = fact.name.strip_prefix("capabilities.").unwrap_or(fact.name).to_owned();
    let doubt = if fact.confidence == Confidence::Verified { "" } else { " ?" };
    let ours = fact.profile.as_ref().map_or_else(|| format!("-{doubt}"), |word| format!("{word}{doubt}"));
    let theirs = fact.server.clone().unwrap_or_else(|| "-".to_owned());
    let agrees = match (&fact.profile, &fact.server) {
        (Some(_), Some(_)) if fact.differs => "no",
        (Some(_), Some(_)) => "yes",
        (None, Some(_)) if fact.taken => "taken over",
        (None, Some(_)) => "not used",
        (_, None) => "",
    };
    [name, ours, theirs, agrees.to_owned()]
}

fn from(row: &Written) -> String {
    let default = row.default.as_ref().map(|default| format!(", else {default}")).unwrap_or_default();
    let once = if row.on_create { " (at creation alone)" } else { "" };
    format!("{}{default}{once}", row.from)
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Verified => "verified",
        Confidence::Secondary => "from a third party",
        Confidence::Unverified => "unverified",
    }
}

/// The path without its long schema URN, whose kind is told by what follows.
fn short(path: &str) -> String {
    let lower = path.to_ascii_lowercase();
    let at = lower.rfind(":user:").map(|at| at + 6).or_else(|| lower.rfind(":group:").map(|at| at + 7));
    at.and_then(|at| path.get(at..)).map_or_else(|| path.to_owned(), |rest| format!("…:{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::Expiry;
    use crate::scim::ResourceKind;

    #[test]
    fn extensions_are_shown_without_their_urn() {
        assert_eq!(
            short("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value"),
            "…:manager.value"
        );
        assert_eq!(short("name.givenName"), "name.givenName");
    }

    #[test]
    fn hostile_answers_stay_on_their_line() {
        let mut probe = Probe { target: "app".into(), ..Probe::default() };
        probe.tried("users", Outcome::Bad, "\u{1b}[2Jgone\nnext");
        probe.reason = Some("\u{1b}[2Jgone".into());
        let text = human(&probe, &Look::default());
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(text.contains("\\u{1b}[2Jgone\\nnext"), "{text}");
    }

    #[test]
    fn what_stayed_and_when_the_token_ends_is_said() {
        let probe = Probe {
            target: "app".into(),
            usable: true,
            expires: Some(Expiry { date: "2027-01-31".into(), days: -3 }),
            left: vec![Left {
                kind: ResourceKind::User,
                id: "7".into(),
                name: "scimform-probe-1".into(),
                state: "deactivated".into(),
                because: "a DELETE was answered with 405".into(),
            }],
            ..Probe::default()
        };
        let text = human(&probe, &Look::default());
        assert!(text.contains("The token ended 3 days ago, on 2027-01-31."), "{text}");
        assert!(text.contains("What stayed: the user `scimform-probe-1`, id 7, deactivated: a DELETE"), "{text}");
    }
}
