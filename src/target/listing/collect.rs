//! Gathers the pages of one round of a list.

use std::collections::{BTreeMap, HashSet};

use super::{Listing, Page};
use crate::live::{ListTrust, LiveResource};

/// Pages gathered so far, in their order in the list, whatever order they came in.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pages: BTreeMap<u64, Vec<LiveResource>>,
    ids: HashSet<String>,
    nameless: u64,
    bare: bool,
    first_total: Option<u64>,
    changed: Option<u64>,
}

/// What is wrong with a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It may be mended by reading once more.
    Moved(String),
    /// The server does not know `startIndex`, and its one page may be cut.
    Repeats(String),
    /// Reading again would not help.
    Lasting(String),
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
            return Some(Flaw::Moved(format!("the server promised {promised} and gave {count}")));
        }
        if self.nameless > 0 {
            return Some(Flaw::Lasting(format!("{} entries came without an id", self.nameless)));
        }
        if self.bare && !self.promise_kept() {
            return Some(Flaw::Lasting("an answer holds neither `totalResults` nor `Resources`".to_owned()));
        }
        // Totals below what came were never totals (some servers count the page): their changes mean nothing.
        match (self.first_total, self.changed) {
            (Some(first), Some(now)) if promised >= count => {
                Some(Flaw::Moved(format!("the total went from {first} to {now} while listing")))
            }
            _ => None,
        }
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
    pub(super) fn into_listing(self) -> Listing {
        let trust = match self.flaw {
            None => ListTrust::Whole,
            Some(Flaw::Moved(why) | Flaw::Repeats(why) | Flaw::Lasting(why)) => ListTrust::Short(why),
        };
        Listing { resources: self.resources, trust }
    }
}
