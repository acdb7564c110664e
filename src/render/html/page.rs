//! The frame of every page: one file that loads nothing, with its own style and script and a policy that allows no other.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::words::{code, each, text};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// How a page's verdict is meant. Each has a word, so that colour is not needed to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing is to be done, nothing is wrong.
    Calm,
    /// Something changes.
    Busy,
    /// Something is wrong or not known.
    Bad,
}

impl Tone {
    /// The class of the style.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Busy => "busy",
            Self::Bad => "bad",
        }
    }
}

/// The first verdict that holds; the last always does.
pub(super) fn state<const N: usize>(all: [(bool, Tone, &'static str); N]) -> (Tone, &'static str) {
    let found = all.into_iter().find(|(holds, ..)| *holds);
    found.map_or((Tone::Calm, ""), |(_, tone, words)| (tone, words))
}

/// A link to a part of the page.
pub(super) struct Part {
    /// The `id` of the part.
    pub(super) id: String,
    /// Its name.
    pub(super) name: Markup,
}

impl Part {
    /// The link to the section of a target, with how many rows it has; the targets themselves are counted from 0.
    pub(super) fn target(place: usize, name: &str, rows: Option<usize>) -> Self {
        Self { id: format!("t{place}"), name: html! { (text(name)) @if let Some(rows) = rows { " (" (rows) ")" } } }
    }
}

/// A part of the page that a link leads to.
pub(super) fn section(id: &str, title: Markup, body: Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-h" } {
            h2 id={ (id) "-h" } { (title) }
            (body)
        }
    }
}

/// A table that is moved sideways where the window is narrow.
pub(super) fn table(caption: &str, head: Markup, rows: Markup) -> Markup {
    html! {
        div.wide role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr { (head) } }
                tbody { (rows) }
            }
        }
    }
}

/// Rows that can be folded away.
pub(super) fn fold(title: &str, class: &str, number: usize, open: bool, body: Markup) -> Markup {
    html! {
        details.part.(class) open[open] {
            summary { h3 { (title) " (" (number) ")" } }
            (body)
        }
    }
}

/// That no real target was read.
pub(super) fn sandboxed() -> Markup {
    html! { b { "Sandbox." } " Every target is an embedded server; no real one was read." }
}

/// That a document is about some people and groups only.
pub(super) fn narrowed(keys: &[String], end: &str) -> Markup {
    html! { b { "Narrowed" } " to " (each(keys.iter().map(|key| code(key)))) (end) }
}

/// Where a document comes from.
pub(super) fn facts(
    as_of: impl Display,
    revision: Option<&String>,
    digest: Option<&String>,
    created_at: &str,
    tool: &str,
) -> Vec<(&'static str, Markup)> {
    let mut facts = vec![("As of", html! { (as_of.to_string()) })];
    facts.extend(revision.map(|revision| ("Revision", code(revision))));
    facts.extend(digest.map(|digest| ("Digest", code(digest))));
    facts.push(("Made", html! { (text(created_at)) " by " (text(tool)) }));
    facts
}

/// Everything that a page shows.
pub(super) struct Page {
    /// What the page is, as "scimform plan".
    pub(super) kind: &'static str,
    /// The title of the window, without names of others.
    pub(super) title: String,
    pub(super) tone: Tone,
    /// The verdict in a word or two.
    pub(super) state: &'static str,
    /// The verdict in a sentence: the heading of the page.
    pub(super) verdict: Markup,
    /// What else is said at once.
    pub(super) lead: Option<Markup>,
    /// What changes how all of it is to be read: it is redacted, of the sandbox, narrowed.
    pub(super) banners: Vec<Markup>,
    /// Revision, day, digest.
    pub(super) facts: Vec<(&'static str, Markup)>,
    pub(super) parts: Vec<Part>,
    /// What can be searched, as "people and changes"; nothing where there is nothing to look for.
    pub(super) searched: Option<&'static str>,
    pub(super) body: Markup,
}

/// A source of a policy, named by its hash as CSP level 3 section 2.3.1 writes it.
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// The policy of a page: nothing but its own style and script, by their hashes.
fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    )
}

impl Page {
    /// The page as a file.
    pub(super) fn render(self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy());
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta name="robots" content="noindex, nofollow, noarchive";
                    title { (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { "Skip to the report" }
                    (self.head())
                    (self.bar())
                    main id="main" tabindex="-1" { (self.body) }
                    footer { p { "Made by scimform. This file is complete: it loads nothing and sends nothing." } }
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        };
        let mut text = page.into_string();
        text.push('\n');
        text
    }

    fn head(&self) -> Markup {
        html! {
            header.(self.tone.class()) {
                p.kind { (self.kind) " " span.state { (self.state) } }
                h1 { (self.verdict) }
                @if let Some(lead) = &self.lead { p.lead { (lead) } }
                @for banner in &self.banners { p.banner { (banner) } }
                dl.facts {
                    @for (name, value) in &self.facts { div { dt { (name) } dd { (value) } } }
                }
            }
        }
    }

    fn bar(&self) -> Markup {
        html! {
            @if !self.parts.is_empty() {
                div.bar {
                    nav aria-label="Parts of this report" {
                        ul { @for part in &self.parts { li { a href={ "#" (part.id) } { (part.name) } } } }
                    }
                    // Only a script can search, so it is the script that shows it.
                    @if let Some(what) = self.searched {
                        div.search id="search" role="search" hidden {
                            label for="query" { "Search " (what) }
                            input id="query" type="search" autocomplete="off" spellcheck="false" placeholder="name, key, group, target …";
                            button id="fold" type="button" { "Open all" }
                            output id="found" for="query" aria-live="polite" {}
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn the_policy_names_the_style_and_the_script_as_they_stand_in_the_page() {
        let page = Page {
            kind: "scimform plan",
            title: "scimform plan: no changes".to_owned(),
            tone: Tone::Calm,
            state: "no changes",
            verdict: html! { "No changes." },
            lead: None,
            banners: Vec::new(),
            facts: Vec::new(),
            parts: Vec::new(),
            searched: None,
            body: html! {},
        }
        .render();
        let between = |start: &str, end: &str| page.split_once(start).unwrap().1.split_once(end).unwrap().0;
        let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\"");
        for (name, start, end) in [("style", "<style>", "</style>"), ("script", "<script>", "</script>")] {
            let own = format!("{name}-src '{}'", source(between(start, end)));
            assert!(policy.contains(&own), "{policy} has no {own}");
        }
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    }
    /// The digest of nothing (FIPS 180-4), in base64.
    #[test]
    fn a_source_reads_as_a_policy_wants_it() {
        assert_eq!(source(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
