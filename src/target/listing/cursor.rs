//! Paging by cursor (RFC 9865): one page after the other, until no next cursor is given.

use std::collections::HashSet;

use super::collect::{Collector, Doubt, Flaw, Round};
use super::{Page, Place, Query, is_past_end};
use crate::profile::{Obstacle, Paging};
use crate::target::error::TargetError;

/// Pages in a row without anything new after which a chain is taken for a loop.
const BARREN: u32 = 50;

/// Reads on after the first page. An expired cursor starts it over, once, without what came so far.
pub(super) async fn walk(query: &Query, first: Page, asked: bool) -> Result<Round, TargetError> {
    let error = match chain(query, first, asked).await? {
        Chain::Broken(_, error) if may_restart(&error) => error,
        Chain::Ended(round) | Chain::Broken(round, _) => return Ok(round),
    };
    tracing::debug!(%error, "the cursor is no longer good: listing from the start");
    let first = query.fetch(Place::Cursor(String::new())).await?;
    Ok(match chain(query, first, true).await? {
        Chain::Ended(round) | Chain::Broken(round, _) => round,
    })
}

fn may_restart(error: &TargetError) -> bool {
    matches!(error.scim_type(), Some("expiredCursor" | "invalidCursor")) || error.status() == Some(410)
}

enum Chain {
    Ended(Round),
    Broken(Round, TargetError),
}

async fn chain(query: &Query, first: Page, asked: bool) -> Result<Chain, TargetError> {
    let mut collected = Collector::default();
    let mut seen = HashSet::new();
    let mut barren = 0;
    let mut page = first;
    let mut place = 0;
    loop {
        let next = page.next_cursor.take();
        place += 1;
        // A server that does not know cursors answers its first page to every one of them.
        let unproven = place == 1 && next.is_none() && page.total.is_none() && page.received() > 0;
        let unproven = unproven && query.paging == Paging::Cursor && !query.sure;
        barren = if collected.take(place, page) == 0 { barren + 1 } else { 0 };
        let Some(cursor) = next else {
            let flaw = unproven.then(|| {
                let why = "that lists are paged by cursor is not verified, and the only page has neither a next cursor nor `totalResults`";
                Flaw::Lasting(Doubt::with(why, Obstacle::UnprovenCursor))
            });
            return Ok(Chain::Ended(collected.finish(flaw)));
        };
        if barren >= BARREN || !seen.insert(cursor.clone()) {
            let flaw = Flaw::Lasting(Doubt::with("the cursors go round in a circle", Obstacle::BrokenCursor));
            return Ok(Chain::Ended(collected.finish(Some(flaw))));
        }
        let there = if asked { Place::Cursor(cursor) } else { Place::Offered(cursor) };
        page = match query.fetch(there).await {
            Ok(page) => page,
            Err(error) if is_past_end(&error) => {
                let why = format!("the chain of cursors broke: {error}");
                return Ok(Chain::Broken(
                    collected.finish(Some(Flaw::Lasting(Doubt::with(why, Obstacle::BrokenCursor)))),
                    error,
                ));
            }
            Err(error) => return Err(error),
        };
    }
}
