//! What a plan was held against in place of targets, and what time will change.

use super::{BOLD, DIM, Page};
use crate::plan::{Base, Horizon};
use crate::render::escape::terminal;
use crate::render::plan::outlook::{OFFLINE, gone, happens, head, rest, sides};

/// Events shown before the rest is folded.
const EVENTS: usize = 30;

impl Page<'_> {
    pub(super) fn base(&mut self, base: &Base) {
        let head = self.paint(BOLD, "Offline diff");
        let sides = sides(base, &terminal);
        self.prose(&format!("{head} {sides}. {OFFLINE}"), 2);
        for target in &base.gone {
            self.prose(&gone(&format!("`{}`", terminal(target))), 2);
        }
        self.line("", 0);
    }

    pub(super) fn horizon(&mut self, horizon: &Horizon) {
        let head = self.paint(BOLD, &head(horizon));
        self.line(&head, 2);
        let shown = self.look.fold(horizon.events.len(), EVENTS);
        for event in horizon.events.iter().take(shown) {
            let who = event.name.as_deref().or(event.key.as_deref()).map(terminal).unwrap_or_default();
            let key = event.key.as_deref().filter(|key| Some(*key) != event.name.as_deref() && event.name.is_some());
            let key = key.map(|key| format!(" ({})", terminal(key))).unwrap_or_default();
            let who = if who.is_empty() { who } else { format!("{who}{key} ") };
            let because = if event.because.is_empty() { String::new() } else { terminal(&event.because) };
            let place = event.origin.as_ref().map(|origin| self.look.place(&origin.file, origin.line));
            let why: Vec<String> = Some(because).filter(|text| !text.is_empty()).into_iter().chain(place).collect();
            let why = self.paint(DIM, &why.join("  "));
            let happens = happens(event, &terminal);
            self.line(&format!("  {}  {who}{happens}  {why}", event.date), 14);
        }
        if shown < horizon.events.len() {
            let more = format!("and {} more (-v shows all)", horizon.events.len() - shown);
            let more = self.paint(DIM, &more);
            self.line(&format!("  {more}"), 4);
        }
        if let Some(rest) = rest(horizon) {
            let rest = self.paint(DIM, &rest);
            self.line(&format!("  {rest}"), 4);
        }
        self.line("", 0);
    }
}
