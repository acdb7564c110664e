//! What a plan was held against in place of targets, and what time will change.

use crate::plan::{Base, Horizon};
use crate::render::escape::terminal;
use crate::render::plan::outlook::{OFFLINE, gone, happens, head, rest, sides};
use crate::render::view::terminal::{BOLD, DIM, Page, named, rest as more};

/// Events shown before the rest is folded.
const EVENTS: usize = 30;

pub(super) fn base(page: &mut Page<'_>, base: &Base) {
    let head = page.paint(BOLD, "Offline diff");
    let sides = sides(base, &terminal);
    page.prose(&format!("{head} {sides}. {OFFLINE}"), 2);
    for target in &base.gone {
        page.prose(&gone(&format!("`{}`", terminal(target))), 2);
    }
    page.blank();
}

pub(super) fn horizon(page: &mut Page<'_>, horizon: &Horizon) {
    page.line(&page.paint(BOLD, &head(horizon)), 2);
    let shown = page.look.fold(horizon.events.len(), EVENTS);
    for event in horizon.events.iter().take(shown) {
        let key = event.key.as_deref();
        let who = event.name.as_deref().or(key).filter(|name| !name.is_empty());
        let who = who.map(|name| format!("{} ", named(name, key))).unwrap_or_default();
        let because = if event.because.is_empty() { String::new() } else { terminal(&event.because) };
        let place = event.origin.as_ref().map(|origin| page.origin(origin));
        let why: Vec<String> = Some(because).filter(|text| !text.is_empty()).into_iter().chain(place).collect();
        let why = page.paint(DIM, &why.join("  "));
        let happens = happens(event, &terminal);
        page.line(&format!("  {}  {who}{happens}  {why}", event.date), 14);
    }
    if shown < horizon.events.len() {
        let more = more(horizon.events.len() - shown, "");
        page.line(&format!("  {}", page.paint(DIM, &more)), 4);
    }
    if let Some(rest) = rest(horizon) {
        page.line(&format!("  {}", page.paint(DIM, &rest)), 4);
    }
    page.blank();
}
