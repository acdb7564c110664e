//! Lists all resources of a kind and says whether it is all of them (RFC 7644 section 3.4.2.4, RFC 9865).
//! Only a complete list can justify a removal, so every doubt makes it incomplete.

mod collect;
mod cursor;
mod index;

use std::sync::Arc;

use super::decode::{self, Page};
use super::error::TargetError;
use super::getter::Getter;
use super::wanted::Wanted;
use crate::live::{ListTrust, LiveResource};
use crate::profile::Paging;
use crate::scim::ResourceKind;

use collect::Round;

/// What is listed; the same for each page of a list.
#[derive(Clone)]
pub(crate) struct Query {
    pub(crate) getter: Getter,
    pub(crate) kind: ResourceKind,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) filter: Option<String>,
    /// Value of the `attributes` parameter, where the server honours it.
    pub(crate) attributes: Option<String>,
    pub(crate) paging: Paging,
    /// Whether `paging` is a verified fact: if not, it is no proof that nothing is left.
    pub(crate) sure: bool,
    /// Whether cursors are announced by discovery.
    pub(crate) cursors: bool,
    /// `count` to ask for; `None` where neither it nor `startIndex` is understood, so that there is one page, unless there
    /// are cursors.
    pub(crate) count: Option<u64>,
    /// Pages in flight.
    pub(crate) abreast: usize,
    /// Whether `totalResults` can be trusted; if not it is not looked at.
    pub(crate) totals: bool,
}

/// Which page of a list.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The one answer that holds everything.
    Whole,
    /// From the n-th resource on, counted from 1.
    Index(u64),
    /// By cursor; the first is empty.
    Cursor(String),
    /// By a cursor that came without being asked for: `startIndex` is left out, as 1 is its default.
    Offered(String),
}

/// A list and how complete it is.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Sorted by id, each once.
    pub(crate) resources: Vec<LiveResource>,
    pub(crate) trust: ListTrust,
}

/// The first page of a list, from which the rest is planned.
pub(crate) struct Opening {
    pub(crate) page: Page,
    by_cursor: bool,
}

impl Opening {
    /// Requests that the rest of the list will take, as far as it can be told.
    pub(crate) fn requests_left(&self) -> Option<u64> {
        let received = self.page.received();
        let left = self.page.total?.saturating_sub(received);
        if left == 0 {
            return self.page.next_cursor.is_none().then_some(0);
        }
        (received > 0).then(|| left.div_ceil(received))
    }
}

impl Query {
    /// Most resources that a page holds.
    fn page_size(&self) -> u64 {
        self.count.unwrap_or(u64::MAX)
    }

    /// The first page of a list without cursors.
    fn start(&self) -> Place {
        self.count.map_or(Place::Whole, |_| Place::Index(1))
    }

    /// Gets one page.
    pub(crate) async fn fetch(&self, place: Place) -> Result<Page, TargetError> {
        let count = self.page_size().to_string();
        let start;
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        match &place {
            Place::Whole => {}
            Place::Index(from) => {
                start = from.to_string();
                parameters.push(("startIndex", &start));
                parameters.push(("count", &count));
            }
            Place::Cursor(cursor) | Place::Offered(cursor) => {
                parameters.push(("cursor", cursor));
                parameters.push(("count", &count));
            }
        }
        parameters.retain(|(name, _)| self.count.is_some() || *name == "cursor");
        if let Some(filter) = &self.filter {
            parameters.push(("filter", filter));
        }
        if let Some(attributes) = &self.attributes {
            parameters.push(("attributes", attributes));
        }
        let segments = [self.kind.endpoint()];
        let answer = self.getter.get(&segments, &parameters).await?;
        let mut page = decode::page(&answer.body, self.kind, &self.wanted)
            .map_err(|why| self.getter.unreadable(&segments, answer.status, &why))?;
        if page.outdated {
            return Err(self.getter.outdated(&segments));
        }
        if !self.totals {
            page.total = None;
        }
        if self.filter.is_none() && self.count != Some(1) {
            let first = match &place {
                Place::Whole | Place::Index(1) => true,
                Place::Index(_) => false,
                Place::Cursor(cursor) | Place::Offered(cursor) => cursor.is_empty(),
            };
            self.getter.page(self.kind, first, page.received(), page.total);
        }
        Ok(page)
    }

    /// Gets the first page.
    pub(crate) async fn open(&self) -> Result<Opening, TargetError> {
        let by_cursor = match self.paging {
            Paging::Cursor => true,
            Paging::Auto => self.cursors,
            Paging::Index | Paging::None => false,
        };
        let place = match self.paging {
            Paging::None => Place::Whole,
            _ if by_cursor => Place::Cursor(String::new()),
            _ => self.start(),
        };
        match self.fetch(place).await {
            Ok(page) => Ok(Opening { page, by_cursor }),
            // Announced by discovery and not taken after all.
            Err(error) if by_cursor && self.paging == Paging::Auto && error.status() == Some(400) => {
                Ok(Opening { page: self.fetch(self.start()).await?, by_cursor: false })
            }
            Err(error) => Err(error),
        }
    }

    /// Lists everything.
    pub(crate) async fn list(&self) -> Result<Listing, TargetError> {
        let opening = self.open().await?;
        self.finish(opening).await
    }

    /// Lists what follows a first page; once more from the start where the list moved meanwhile.
    pub(crate) async fn finish(&self, opening: Opening) -> Result<Listing, TargetError> {
        let first = self.round(opening).await?;
        if !first.moved() {
            return Ok(first.into_listing(&self.getter));
        }
        tracing::debug!(kind = %self.kind, "the list moved while it was read: reading it again");
        let opening = self.open().await?;
        let second = self.round(opening).await?;
        let round = if second.is_complete() { second } else { second.over(first) };
        Ok(round.into_listing(&self.getter))
    }

    async fn round(&self, opening: Opening) -> Result<Round, TargetError> {
        let Opening { page, by_cursor } = opening;
        // A cursor that nobody asked for may be the only way on (RFC 9865 section 2).
        let offered = page.next_cursor.is_some() && (self.paging != Paging::Index || page.total.is_none());
        if by_cursor || offered {
            let short = page.total.is_some_and(|total| total > page.received());
            if page.next_cursor.is_some() || !short {
                return cursor::walk(self, page, by_cursor).await;
            }
            // It was asked for a cursor and gave none, yet there is more: it only knows indexes.
        }
        if self.paging == Paging::None || self.count.is_none() {
            return Ok(index::only(page, self.paging == Paging::None && self.sure));
        }
        let round = index::walk(self, page).await?;
        if round.repeats() && self.paging == Paging::Auto {
            // Some servers page by cursor alone and only for those who ask for it (AWS).
            let asked = self.fetch(Place::Cursor(String::new())).await;
            if let Ok(page) = asked
                && page.next_cursor.is_some()
            {
                return cursor::walk(self, page, true).await;
            }
        }
        Ok(round)
    }
}

/// Statuses with which servers answer a page beyond the end instead of with an empty one.
fn is_past_end(error: &TargetError) -> bool {
    matches!(error.status(), Some(400 | 404 | 410 | 416 | 500 | 501))
}
