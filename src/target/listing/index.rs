//! Paging by `startIndex` and `count` (RFC 7644 section 3.4.2.4), on servers that keep to it and on those that do not.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use tokio::task::JoinSet;

use super::collect::{Collector, Doubt, Flaw, Round};
use super::{Page, Place, Query, is_past_end};
use crate::profile::Obstacle;
use crate::target::error::{ErrorKind, TargetError};

/// More pages than any target has: a server that goes on beyond is not listing.
const MOST_PAGES: u64 = 100_000;

/// Pages in a row without anything new after which a list is taken to be at its end.
const BARREN: u32 = 50;

/// A list that comes in one answer. That it is one must be sure, or the answer must say how many there are.
pub(super) fn only(page: Page, sure: bool) -> Round {
    let mut collected = Collector::default();
    let told = page.total.is_some();
    collected.take(1, page);
    let unproven = || {
        let why = "that one answer holds everything is not verified, and the answer has no `totalResults`";
        Flaw::Lasting(Doubt::with(why, Obstacle::UnprovenWhole))
    };
    collected.finish((!sure && !told).then(unproven))
}

/// Reads on after the first page.
pub(super) async fn walk(query: &Query, first: Page) -> Result<Round, TargetError> {
    let received = first.received();
    let total = first.total;
    let shown = ids(&first);
    let mut collected = Collector::default();
    collected.take(1, first);
    match total {
        Some(total) if total == received => {
            if received <= query.page_size() && is_round(received, query.page_size()) {
                return follow(query, collected, shown, received, Stop::AtEmpty).await;
            }
            Ok(collected.finish(None))
        }
        // An empty first page is followed by none.
        _ if received == 0 => Ok(collected.finish(None)),
        Some(total) if total > received && query.abreast > 1 => abreast(query, collected, received, total).await,
        Some(total) if total > received => follow(query, collected, shown, received, Stop::AtTotal(total)).await,
        // Missing, or below what came: it says nothing.
        _ => follow(query, collected, shown, received, Stop::AtEmpty).await,
    }
}

/// Whom a page shows.
fn ids(page: &Page) -> BTreeSet<String> {
    page.resources.iter().map(|resource| resource.id.clone()).collect()
}

/// Whether a number of resources looks like the size of a page rather than like all there is.
fn is_round(received: u64, count: u64) -> bool {
    received == count || (received > 0 && received.is_multiple_of(10))
}

#[derive(Clone, Copy)]
enum Stop {
    AtTotal(u64),
    AtEmpty,
}

/// Reads page after page, stepping by what came.
async fn follow(
    query: &Query,
    mut collected: Collector,
    mut shown: BTreeSet<String>,
    first: u64,
    stop: Stop,
) -> Result<Round, TargetError> {
    let mut next = first + 1;
    let mut barren = 0;
    for page_number in 2..MOST_PAGES {
        if let Stop::AtTotal(total) = stop
            && collected.count() >= total
        {
            return Ok(collected.finish(None));
        }
        let page = match query.fetch(Place::Index(next)).await {
            Ok(page) => page,
            Err(error) if is_past_end(&error) => {
                return Ok(ended_by_error(collected, next, &error));
            }
            Err(error) => return Err(error),
        };
        let told = Told { received: page.received(), promised: page.total };
        let before = std::mem::replace(&mut shown, ids(&page));
        let new = collected.take(next, page);
        barren = if new == 0 { barren + 1 } else { 0 };
        if told.received == 0 {
            return Ok(collected.finish(None));
        }
        // A page without anyone new that is another than the one before is of a list that repeats itself, and goes on.
        if new == 0 && (shown == before || barren >= BARREN) {
            return Ok(collected.finish(repeated(query, first, page_number, &told)));
        }
        next += told.received;
    }
    Ok(collected.finish(Some(Flaw::Lasting(Doubt::with("the list goes on without end", Obstacle::SamePages)))))
}

/// An error beyond the end is the end only if as much came as was promised.
fn ended_by_error(collected: Collector, next: u64, error: &TargetError) -> Round {
    let status = error.status().unwrap_or_default();
    let why = format!("the page from {next} on answered {status}");
    let kept = collected.promise_kept();
    collected.finish((!kept).then_some(Flaw::Lasting(Doubt::with(why, Obstacle::RefusedPage))))
}

/// What it means that a page is the one before once more: the server does not know `startIndex`, or shows its last page to
/// whoever asks for more. A page that is exactly as long as was asked for, or of a round number without a promise, may hide
/// what follows.
fn repeated(query: &Query, first: u64, page_number: u64, page: &Told) -> Option<Flaw> {
    let full = first == query.page_size() || (page.promised.is_none() && is_round(first, query.page_size()));
    if page_number == 2 {
        let why = || format!("every page holds the same {first} resources");
        return full.then(|| Flaw::Repeats(Doubt::with(why(), Obstacle::SamePages)));
    }
    let why = || format!("two pages in a row hold the same {} resources", page.received);
    let hides = full && page.received == first && page.promised.is_none();
    hides.then(|| Flaw::Lasting(Doubt::with(why(), Obstacle::RepeatedPage)))
}

/// What a page says of its length.
struct Told {
    received: u64,
    promised: Option<u64>,
}

/// Reads the remaining pages several at once; where a page is shorter than the step, its gap is read as well.
async fn abreast(query: &Query, mut collected: Collector, step: u64, total: u64) -> Result<Round, TargetError> {
    let mut due: VecDeque<Range<u64>> = VecDeque::new();
    let mut planned = step + 1;
    let mut flying: JoinSet<(Range<u64>, Result<Page, TargetError>)> = JoinSet::new();
    loop {
        while flying.len() < query.abreast {
            let range = due.pop_front().or_else(|| {
                let range = planned..(planned + step).min(total + 1);
                planned = range.end.max(planned);
                (!range.is_empty()).then_some(range)
            });
            let Some(range) = range else { break };
            let query = query.clone();
            flying.spawn(async move {
                let page = query.fetch(Place::Index(range.start)).await;
                (range, page)
            });
        }
        let Some(done) = flying.join_next().await else {
            break;
        };
        let (range, page) =
            done.map_err(|error| TargetError::new(ErrorKind::Cut, format!("a page was given up: {error}")))?;
        match page {
            Ok(page) => {
                let reached = range.start + page.received();
                // Where the list has become shorter meanwhile there is no gap at its end.
                let end = page.total.map_or(range.end, |total| range.end.min(total + 1));
                collected.take(range.start, page);
                if range.start < reached && reached < end {
                    due.push_back(reached..end);
                }
            }
            // The count at the end tells that something is missing.
            Err(error) if is_past_end(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(collected.finish(None))
}
