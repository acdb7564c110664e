//! What a test of a connection found.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::escape::terminal;
use super::look::Look;
use crate::live::disagreement::{Fact, Says};
use crate::probe::{InForce, Left, Outcome, Probe, Written};
use crate::profile::Confidence;
use crate::wording::{count, list};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();

/// Paths longer than this do not push their neighbours away.
const LONG: usize = 30;

/// As `scimform.probe/v1`.
pub fn json(probe: &Probe) -> serde_json::Result<String> {
    serde_json::to_string_pretty(probe).map(|text| text + "\n")
}

/// For people.
pub fn human(probe: &Probe, look: &Look) -> String {
    let mut page = Page { text: String::new(), look };
    let sandbox = if probe.sandbox { ", embedded server" } else { "" };
    let head = format!("{} ({}, profile `{}`{sandbox})", probe.target, probe.title, probe.profile);
    page.heading(&head);
    page.steps(probe);
    // What keeps a target from being used must not drown in what else is known of it.
    if probe.usable {
        page.facts(&probe.facts);
        page.doubts(probe);
        page.unverified(probe);
    }
    page.quirks(probe);
    for mapping in probe.mappings.iter().filter(|_| probe.usable) {
        page.mapping(mapping);
    }
    page.verdict(probe);
    // Last, so that all of it can be marked and copied.
    page.learned(probe);
    page.text
}

struct Page<'a> {
    text: String,
    look: &'a Look,
}

impl Page<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        self.look.paint(style, text)
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(&self.look.line(text, 4));
    }

    fn heading(&mut self, text: &str) {
        let text = self.paint(BOLD, &terminal(text));
        self.line(&text);
    }

    /// Text after a head that takes so many columns; further lines begin below its first word.
    fn hanging(&mut self, head: &str, indent: usize, text: &str, style: Option<Style>) {
        let text = terminal(text);
        let text = style.map_or_else(|| text.clone(), |style| self.paint(style, &text));
        self.text.push_str(&self.look.prose(&format!("{head}{text}"), indent));
    }

    fn steps(&mut self, probe: &Probe) {
        let names = probe.steps.iter().map(|step| step.name.width()).max().unwrap_or(0);
        for step in &probe.steps {
            let (word, style) = match step.outcome {
                Outcome::Good => ("ok", GREEN),
                Outcome::Odd => ("note", YELLOW),
                Outcome::Bad => ("failed", RED),
                Outcome::Left => ("left", DIM),
            };
            let word = self.paint(style, &format!("{word:<6}"));
            let head = format!("  {word}  {}  ", pad(&terminal(&step.name), names));
            self.hanging(&head, 2 + 6 + 2 + names + 2, &step.says, None);
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
            let text = self.paint(style, &format!("The token {left}, on {}.", expiry.date));
            self.line("");
            self.line(&format!("  {text}"));
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        let told: Vec<&Fact> = facts.iter().filter(|fact| fact.profile.is_some() || fact.server.is_some()).collect();
        if told.is_empty() {
            return;
        }
        self.line("");
        self.heading("Profile against server");
        let rows: Vec<[String; 4]> = told.iter().map(|fact| fact_row(fact)).collect();
        let titles = ["fact", "profile", "server says", "agrees"].map(str::to_owned);
        let mut widths = [0; 4];
        for row in std::iter::once(&titles).chain(&rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let line = |row: &[String; 4]| {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| pad(cell, width)).collect();
            format!("  {}", cells.join("  ")).trim_end().to_owned()
        };
        let head = self.paint(DIM, &line(&titles));
        self.line(&head);
        for (fact, row) in told.iter().zip(&rows) {
            let text = line(row);
            let text = if fact.differs { self.paint(YELLOW, &text) } else { text };
            self.line(&text);
        }
        if told.iter().any(|fact| fact.confidence != Confidence::Verified) {
            let note = self.paint(DIM, "? not verified in the vendor's own text");
            self.line(&format!("  {note}"));
        }
        if facts.iter().any(|fact| fact.differs) {
            let text =
                "Where both speak and differ the profile is followed; `capabilities:` under the target changes it.";
            self.hanging("  ", 2, text, Some(YELLOW));
        }
    }

    fn doubts(&mut self, probe: &Probe) {
        if probe.doubts.is_empty() {
            return;
        }
        self.line("");
        self.heading("Mapped attributes against the server's schemas");
        for (says, words) in [
            (Says::ReadOnly, "read-only there"),
            (Says::Immutable, "taken at creation alone there"),
            (Says::Unknown, "not named there"),
        ] {
            let doubts = probe.doubts.iter().filter(|doubt| doubt.says == says);
            let paths = list(doubts.map(|doubt| short(&doubt.path)));
            if !paths.is_empty() {
                self.hanging(&format!("  {words}: "), 4, &paths, None);
            }
        }
    }

    fn unverified(&mut self, probe: &Probe) {
        if probe.unverified.is_empty() {
            return;
        }
        self.line("");
        self.heading("Not verified in the vendor's own text, and so never a reason for a removal");
        let names = probe.unverified.iter().map(|fact| fact.fact.width()).max().unwrap_or(0).min(44);
        for fact in &probe.unverified {
            let head = format!("  ? {}  ", pad(&terminal(&fact.fact), names));
            let text = format!("{} ({})", fact.value, confidence(fact.confidence));
            self.hanging(&head, 4 + names + 2, &text, None);
        }
    }

    /// The block that can be pasted. It is not wrapped: a comment that goes on in a second line would be none.
    fn learned(&mut self, probe: &Probe) {
        let learned = &probe.learned;
        if learned.is_empty() {
            if probe.written {
                self.line("");
                let missing: Vec<String> =
                    probe.failed().map(|step| format!("{} ({})", step.name, step.says.trim_end_matches('.'))).collect();
                let text = if missing.is_empty() {
                    "Nothing is missing under `capabilities:`: what was tried is as the profile in force says."
                        .to_owned()
                } else {
                    format!(
                        "Nothing is missing under `capabilities:` for what worked; this failed or was not tried: {}.",
                        missing.join("; ")
                    )
                };
                self.hanging("", 0, &text, None);
            }
            return;
        }
        self.line("");
        self.heading("Merge this into scimform.yaml:");
        for line in learned.yaml(&probe.target).lines() {
            self.text.push_str(&terminal(line));
            self.text.push('\n');
        }
    }

    fn quirks(&mut self, probe: &Probe) {
        if probe.quirks.is_empty() {
            return;
        }
        self.line("");
        self.heading("Known of this vendor");
        for quirk in &probe.quirks {
            let source = quirk.source.as_ref().map(|source| format!("{source}, ")).unwrap_or_default();
            let text = format!("{} ({source}{})", quirk.text.trim(), confidence(quirk.confidence));
            self.hanging("  - ", 4, &text, None);
        }
    }

    fn mapping(&mut self, mapping: &InForce) {
        self.line("");
        let of = if mapping.bindings.is_empty() {
            "no binding yet".to_owned()
        } else {
            format!("by {}", mapping.bindings.join(", "))
        };
        self.heading(&format!("Mapping `{}` ({of})", mapping.mapping));
        for (what, rows, matched) in
            [("people", &mapping.user, &mapping.match_users), ("groups", &mapping.group, &mapping.match_groups)]
        {
            if rows.is_empty() {
                continue;
            }
            let by: Vec<String> = matched.iter().map(|path| short(path)).collect();
            self.hanging("  ", 4, &format!("{what}, matched by {}:", by.join(", then ")), None);
            let paths = rows.iter().map(|row| short(&row.path).width()).max().unwrap_or(0).min(LONG);
            for row in rows {
                let head = format!("    {}  ", pad(&terminal(&short(&row.path)), paths));
                self.hanging(&head, 4 + paths + 2, &from(row), None);
            }
        }
    }

    fn verdict(&mut self, probe: &Probe) {
        self.line("");
        for left in &probe.left {
            let Left { kind, id, name, state, because } = left;
            let text = format!("What stayed: the {kind} `{name}`, id {id}, {state}: {because}.");
            self.hanging("", 0, &text, Some(YELLOW));
        }
        let requests = count(probe.requests, "request");
        if probe.usable {
            let but = if probe.deactivation_failed() {
                ", but nobody was seen to lose access by `active: false`"
            } else {
                ""
            };
            let text = self.paint(BOLD, &format!("`{}` can be used{but}.", terminal(&probe.target)));
            self.line(&format!("{text} {requests}."));
            return;
        }
        let why = probe.reason.as_deref().unwrap_or("it does not answer as it should");
        let text = format!("`{}` can't be used as it is: {}", probe.target, why.trim_end_matches('.'));
        self.hanging("", 0, &format!("{text}."), Some(RED));
        if let Some(hint) = &probe.hint {
            self.hanging("", 0, hint, None);
        }
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

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
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
