//! Queries: filter, sort and pages (RFC 7644 section 3.4.2, RFC 9865).

use std::fmt::Write as _;

use axum::http::StatusCode;

use super::app::Session;
use super::cursor::Cursor;
use super::find::{Found, find};
use super::params::Query;
use super::reply::{Failure, Reply};
use super::sort;
use super::store::State;
use super::view::{View, location};
use crate::scim::filter::Filter;
use crate::scim::{ResourceKind, urn};

/// What is listed, before it is cut into pages.
enum Listing<'a> {
    /// Everything of one kind in the order of creation, which need not be gone through.
    All(ResourceKind),
    /// These.
    Some(Vec<Found<'a>>),
}

/// Where a page starts and how long it is.
struct Page {
    /// How many come before.
    skip: usize,
    /// Resources at most.
    count: usize,
    /// Whether the answer is to hold cursors.
    cursor: bool,
    /// `count` as the cursor keeps it.
    asked: u64,
}

/// Answers a query about these kinds of resource.
pub(super) fn list(session: &Session<'_>, kinds: &[ResourceKind], query: &Query) -> Result<Reply, Failure> {
    let filter = parse(session, kinds, query)?;
    if filter.is_none() && kinds.iter().any(|kind| session.app.limits.synthetic(*kind).is_some()) {
        return Ok(made_up(session, kinds));
    }
    let state = session.app.state();
    let hides = kinds.iter().any(|kind| session.app.limits.hides_inactive(*kind));
    let listing = if let ([kind], None, None, None, false) = (kinds, &filter, &query.sort_by, session.horizon, hides) {
        Listing::All(*kind)
    } else {
        let mut found = find(session, &state, kinds, filter.as_ref());
        if let Some(by) = &query.sort_by {
            sort::sort(session, &state, &mut found, by, query.descending);
        }
        Listing::Some(found)
    };
    let total = match &listing {
        Listing::All(kind) => state.table(*kind).len(),
        Listing::Some(found) => found.len(),
    };
    let page = page(session, &state, kinds, query, &listing)?;
    let view =
        View { app: session.app, state: &state, base: &session.base, projection: &query.projection, listed: true };
    let (texts, last) = render(&view, &state, &listing, &page);
    let more = page.skip.saturating_add(texts.len()) < total;
    let next = Some(last).filter(|_| page.cursor && more && !texts.is_empty()).map(|last| {
        let position = if by_place(kinds, query) { (page.skip + texts.len()) as u64 } else { last };
        Cursor { position, count: page.asked }.print(
            kinds,
            query,
            session.app.now(),
            session.app.limits.awkward_cursors(),
        )
    });
    Ok(Reply::json(StatusCode::OK, envelope(session, total, &page, &texts, next.as_deref())))
}

/// An unfiltered list of a server that shows samples in place of what it holds.
fn made_up(session: &Session<'_>, kinds: &[ResourceKind]) -> Reply {
    let samples: Vec<String> = kinds
        .iter()
        .filter_map(|kind| {
            let name = session.app.limits.synthetic(*kind)?;
            let named = kind.name_attribute();
            let mut sample = serde_json::json!({
                "schemas": [session.app.model.kind(*kind).core],
                "id": name,
                "meta": { "resourceType": kind.name(), "location": location(&session.base, *kind, name) },
            });
            sample.as_object_mut()?.insert(named.to_owned(), name.into());
            Some(sample.to_string())
        })
        .collect();
    let page = Page { skip: 0, count: samples.len(), cursor: false, asked: 0 };
    Reply::json(StatusCode::OK, envelope(session, samples.len(), &page, &samples, None))
}

fn parse(session: &Session<'_>, kinds: &[ResourceKind], query: &Query) -> Result<Option<Filter>, Failure> {
    let Some(text) = &query.filter else { return Ok(None) };
    let filter: Filter = text.parse().map_err(|error| Failure::bad("invalidFilter", format!("`filter`: {error}")))?;
    for kind in kinds {
        filter.check(&session.app.model.kind(*kind).schemas)?;
    }
    if !kinds.iter().all(|kind| session.app.limits.understands(*kind, &filter)) {
        return Err(Failure::bad("invalidFilter", format!("this server can't filter by `{filter}`")));
    }
    Ok(Some(filter))
}

/// Whether cursors count places. In the order of creation they name the last resource instead, so that nothing is left
/// out when resources before it go away.
fn by_place(kinds: &[ResourceKind], query: &Query) -> bool {
    kinds.len() != 1 || query.sort_by.is_some()
}

fn page(
    session: &Session<'_>,
    state: &State,
    kinds: &[ResourceKind],
    query: &Query,
    listing: &Listing<'_>,
) -> Result<Page, Failure> {
    let limits = &session.app.limits;
    let asked = query.count.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX));
    let count = match limits.can.paging {
        crate::profile::Paging::None => usize::MAX,
        _ => asked.unwrap_or(limits.default_page()).min(limits.largest_page()),
    };
    let cursor = limits.by_cursor() && query.cursor.is_some();
    let given = query.cursor.as_deref().filter(|text| cursor && !text.is_empty());
    if let Some(text) = given {
        let read = Cursor::read(text, kinds, query, session.app.now(), session.app.cursor_timeout)?;
        let skip = match listing {
            _ if by_place(kinds, query) => usize::try_from(read.position).unwrap_or(usize::MAX),
            Listing::All(kind) => state.table(*kind).index_after(read.position),
            Listing::Some(found) => found.partition_point(|found| found.record.seq <= read.position),
        };
        let count = usize::try_from(read.count).unwrap_or(usize::MAX).min(limits.largest_page());
        return Ok(Page { skip, count, cursor, asked: read.count });
    }
    let start = query.start_index.filter(|_| !cursor && limits.by_index()).unwrap_or(1).max(1);
    let skip = usize::try_from(start - 1).unwrap_or(usize::MAX);
    Ok(Page { skip, count, cursor, asked: asked.unwrap_or(count) as u64 })
}

/// The resources of a page, and the creation number of the last one.
fn render(view: &View<'_>, state: &State, listing: &Listing<'_>, page: &Page) -> (Vec<String>, u64) {
    let mut last = 0;
    let texts = match listing {
        Listing::All(kind) => state
            .table(*kind)
            .starting_at(page.skip)
            .take(page.count)
            .map(|slot| {
                last = slot.record.seq;
                view.text(*kind, &slot.record, &slot.members)
            })
            .collect(),
        Listing::Some(found) => found
            .iter()
            .skip(page.skip)
            .take(page.count)
            .map(|found| {
                last = found.record.seq;
                view.text(found.kind, found.record, found.members)
            })
            .collect(),
    };
    (texts, last)
}

fn envelope(session: &Session<'_>, total: usize, page: &Page, texts: &[String], next: Option<&str>) -> String {
    // A server whose totals can't be trusted says how many it sends, and so does one that pages by cursor and was not
    // asked to: nothing hints at what was left out.
    let limits = &session.app.limits;
    let cut = limits.by_cursor() && !limits.by_index() && !page.cursor;
    let total = if limits.can.totals && !cut { total } else { texts.len() };
    let size = texts.iter().map(|text| text.len() + 1).sum::<usize>() + 256;
    let mut body = String::with_capacity(size);
    let _ = write!(body, "{{\"schemas\":[\"{}\"],\"totalResults\":{total}", urn::LIST_RESPONSE);
    let _ = write!(body, ",\"itemsPerPage\":{}", texts.len());
    if !page.cursor && session.app.limits.by_index() {
        let _ = write!(body, ",\"startIndex\":{}", page.skip.saturating_add(1));
    }
    if let Some(next) = next {
        let _ = write!(body, ",\"nextCursor\":\"{next}\"");
    }
    body.push_str(",\"Resources\":[");
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        body.push_str(text);
    }
    body.push_str("]}");
    body
}
