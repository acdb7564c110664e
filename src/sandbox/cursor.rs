//! Cursors (RFC 9865): where the next page starts, for which query, and since when. They hold no state of the server, so
//! they outlive a restart.

use jiff::Timestamp;

use super::params::Query;
use super::reply::Failure;
use crate::scim::ResourceKind;

/// Where a page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The creation number after which it starts, or in sorted lists how many come before.
    pub(super) position: u64,
    /// Resources on each page.
    pub(super) count: u64,
}

impl Cursor {
    /// Its text: unreserved characters only (section 2), unless it is to be awkward.
    pub(super) fn print(self, kinds: &[ResourceKind], query: &Query, now: Timestamp, awkward: bool) -> String {
        let fields = format!("{:x}.{:x}.{:x}", self.position, self.count, now.as_second());
        let seal = seal(&fields, kinds, query);
        let plain = format!("{fields}.{seal}");
        if awkward { plain.replacen('.', "/", 1).replacen('.', "+", 1).replace('.', ":") + "==" } else { plain }
    }

    /// Reads a cursor that was given for the same query, and not too long ago.
    pub(super) fn read(
        text: &str,
        kinds: &[ResourceKind],
        query: &Query,
        now: Timestamp,
        timeout: std::time::Duration,
    ) -> Result<Self, Failure> {
        let invalid = || Failure::bad("invalidCursor", "the cursor is not one of this query");
        let plain = text.trim_end_matches('=').replace(['/', '+', ':'], ".");
        let (fields, sealed) = plain.rsplit_once('.').ok_or_else(invalid)?;
        if seal(fields, kinds, query) != sealed {
            return Err(invalid());
        }
        let mut parts = fields.split('.');
        let mut next = || parts.next().and_then(|part| i64::from_str_radix(part, 16).ok()).ok_or_else(invalid);
        let (position, count, issued) = (next()?, next()?, next()?);
        let limit = i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX);
        if now.as_second().saturating_sub(issued) > limit {
            return Err(Failure::bad("expiredCursor", "the cursor is too old; start again without one"));
        }
        let cursor = Self { position: position.unsigned_abs(), count: count.unsigned_abs() };
        match query.count {
            Some(asked) if asked.unsigned_abs() != cursor.count => {
                Err(Failure::bad("invalidCount", "`count` must stay the same from page to page"))
            }
            _ => Ok(cursor),
        }
    }
}

/// Binds a cursor to its query.
fn seal(fields: &str, kinds: &[ResourceKind], query: &Query) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [fields, query.fixed.as_str()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    for kind in kinds {
        hasher.update(kind.name().as_bytes());
    }
    hasher.finalize().to_hex().chars().take(16).collect()
}
