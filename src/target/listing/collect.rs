//! Gathers the pages of one round of a list.

use std::collections::{BTreeMap, HashSet};

use super::{Listing, Page};
use crate::live::{ListTrust, LiveResource};
use crate::profile::Obstacle;
use crate::target::getter::Getter;

/// Pages gathered so far, in their order in the list, whatever order they came in.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pages: BTreeMap<u64, Vec<LiveResource>>,
    ids: HashSet<String>,
    /// Entries, those that came before included.
    entries: u64,
    nameless: u64,
    bare: bool,
    first_total: Option<u64>,
    changed: Option<u64>,
}

/// What is wrong with a round.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flaw {
    /// It may be mended by reading once more.
    Moved(Doubt),
    /// The server does not know `startIndex`, and its one page may be cut.
    Repeats(Doubt),
    /// Reading again would not help.
    Lasting(Doubt),
}

/// Why a list may not be all there is, and what could be said of the target that settles it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Doubt {
    why: String,
    obstacle: Option<Obstacle<'static>>,
}

impl Doubt {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), obstacle: None }
    }

    pub(super) fn with(why: impl Into<String>, obstacle: Obstacle<'static>) -> Self {
        Self { why: why.into(), obstacle: Some(obstacle) }
    }

    fn text(self, getter: &Getter) -> String {
        match self.obstacle.map(|obstacle| getter.way_out(&obstacle)) {
            Some(way_out) if !way_out.is_empty() => format!("{}; {way_out}", self.why),
            _ => self.why,
        }
    }
}

/// One whole pass over a list.
#[derive(Debug)]
pub(super) struct Round {
    resources: Vec<LiveResource>,
    flaw: Option<Flaw>,
}

impl Collector {
    /// Adds a page that stands at a place in the list; says how many of its ids are new.
    pub(super) fn take(&mut self, place: u64, page: Page) -> usize {
        self.nameless += page.nameless;
        self.entries += page.received();
        self.bare |= page.bare;
        match (self.first_total, page.total) {
            (None, total) => self.first_total = total,
            (Some(first), Some(now)) if now != first => self.changed = self.changed.max(Some(now)),
            _ => {}
        }
        let known = self.ids.len();
        self.ids.extend(page.resources.iter().map(|resource| resource.id.clone()));
        self.pages.entry(place).or_default().extend(page.resources);
        self.ids.len() - known
    }

    /// How many different resources came; those without an id count as different.
    pub(super) fn count(&self) -> u64 {
        self.ids.len() as u64 + self.nameless
    }

    /// Whether there was a promise and as much came.
    pub(super) fn promise_kept(&self) -> bool {
        self.first_total.is_some_and(|total| self.count() >= total)
    }

    /// Ends the round: it is complete if nothing is missing of what was promised and the promise did not change.
    pub(super) fn finish(self, flaw: Option<Flaw>) -> Round {
        let flaw = flaw.or_else(|| self.doubt());
        let mut resources: Vec<LiveResource> = Vec::with_capacity(self.ids.len());
        resources.extend(self.pages.into_values().flatten());
        Round { resources: settle(resources), flaw }
    }

    fn doubt(&self) -> Option<Flaw> {
        let count = self.count();
        let promised = self.changed.max(self.first_total).unwrap_or_default();
        if count < promised {
            return Some(Flaw::Moved(self.short(promised, count)));
        }
        if self.nameless > 0 {
            return Some(Flaw::Lasting(Doubt::new(format!("{} entries came without an id", self.nameless))));
        }
        if self.bare && !self.promise_kept() {
            return Some(Flaw::Lasting(Doubt::new("an answer holds neither `totalResults` nor `Resources`")));
        }
        // Totals below what came were never totals (some servers count the page): their changes mean nothing.
        match (self.first_total, self.changed) {
            (Some(first), Some(now)) if promised >= count => {
                let why = format!("the total went from {first} to {now} while listing");
                Some(Flaw::Moved(Doubt::with(why, Obstacle::MovingTotal)))
            }
            _ => None,
        }
    }

    /// Fewer came than were promised. As many entries as promised may be the whole list, shown with repeats, or one whose
    /// order changed from page to page, so that some were shown twice and others never.
    fn short(&self, promised: u64, count: u64) -> Doubt {
        let why = format!("the server promised {promised} and gave {count}");
        if self.entries >= promised {
            return Doubt::with(format!("{why}, some of them several times"), Obstacle::RepeatingList);
        }
        Doubt::with(why, Obstacle::ShortList)
    }
}

/// Sorts by id; of several with one id the one that came last in the list stays.
fn settle(mut resources: Vec<LiveResource>) -> Vec<LiveResource> {
    resources.reverse();
    resources.sort_by(|a, b| a.id.cmp(&b.id));
    resources.dedup_by(|later, kept| later.id == kept.id);
    resources
}

impl Round {
    /// Whether it is worth reading once more.
    pub(super) fn moved(&self) -> bool {
        matches!(self.flaw, Some(Flaw::Moved(_)))
    }

    /// Whether indexes lead nowhere.
    pub(super) fn repeats(&self) -> bool {
        matches!(self.flaw, Some(Flaw::Repeats(_)))
    }

    /// Whether it is all there is.
    pub(super) fn is_complete(&self) -> bool {
        self.flaw.is_none()
    }

    /// Adds what an earlier round saw and this one did not.
    pub(super) fn over(self, earlier: Self) -> Self {
        let mut resources = earlier.resources;
        resources.extend(self.resources);
        Self { resources: settle(resources), flaw: self.flaw }
    }

    /// The list as callers see it.
    pub(super) fn into_listing(self, getter: &Getter) -> Listing {
        let trust = match self.flaw {
            None => ListTrust::Whole,
            Some(Flaw::Moved(doubt) | Flaw::Repeats(doubt) | Flaw::Lasting(doubt)) => {
                ListTrust::Short(doubt.text(getter))
            }
        };
        Listing { resources: self.resources, trust }
    }
}
