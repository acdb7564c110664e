//! Looks at how lists are paged, and what they do not show. It reads only.

use super::session::{Session, refusal};
use crate::probe::model::Outcome;
use crate::profile::Paging;
use crate::scim::{Object, ResourceKind};
use crate::target::{RawPage, Reader, TargetError};

/// `count` where neither profile nor discovery says better.
const PAGE: u64 = 100;

/// Smaller pages that are tried where the usual one is refused.
const SMALLER: [u64; 4] = [50, 20, 10, 1];

/// A fact about lists with what was seen.
pub(in crate::probe) type Fact = (&'static str, serde_json::Value, String);

/// How lists are answered.
#[derive(Debug, Default)]
pub(in crate::probe) struct Manners {
    pub(in crate::probe) facts: Vec<Fact>,
    pub(in crate::probe) says: Vec<String>,
    pub(in crate::probe) odd: bool,
    /// The longest page that was seen.
    pub(in crate::probe) page: RawPage,
}

impl Manners {
    fn odd(&mut self, name: &'static str, value: impl Into<serde_json::Value>, because: String) {
        self.says.push(because.clone());
        self.facts.push((name, value.into(), because));
        self.odd = true;
    }
}

/// Asks for a page as a plan would, for the first and for the second resource alone.
pub(in crate::probe) async fn manners(reader: &Reader, kind: ResourceKind, size: Option<u64>) -> Option<Manners> {
    let mut seen = Manners::default();
    let size = size.unwrap_or(PAGE);
    let page = match sized(reader, kind, size).await {
        Ok(page) => page,
        Err(error) if matches!(error.status(), Some(400 | 404 | 422 | 501)) => {
            smaller(reader, kind, size, &refusal(&error), &mut seen).await?
        }
        Err(_) => return None,
    };
    if seen.facts.is_empty() && page.resources.len() > 1 {
        single(reader, kind, &page, &mut seen).await;
    }
    let (shown, total) = (page.resources.len() as u64, page.total);
    match total {
        Some(told) if told < shown => {
            seen.odd("totals", false, format!("`totalResults` was {told} on a page of {shown}"));
        }
        Some(told) if told > shown && seen.facts.is_empty() && ends(reader, kind, size, &page).await => {
            seen.odd("totals", false, format!("`totalResults` was {told}, and nothing came after the first {shown}"));
        }
        _ => {}
    }
    seen.page = page;
    Some(seen)
}

async fn sized(reader: &Reader, kind: ResourceKind, size: u64) -> Result<RawPage, TargetError> {
    reader.raw_page(kind, &[("startIndex", "1"), ("count", &size.to_string())]).await
}

/// Whether nothing comes after this page, which would be the last one.
async fn ends(reader: &Reader, kind: ResourceKind, size: u64, page: &RawPage) -> bool {
    let next = (page.resources.len() + 1).to_string();
    let after = reader.raw_page(kind, &[("startIndex", &next), ("count", &size.to_string())]).await;
    !page.cursor && !page.resources.is_empty() && after.is_ok_and(|after| after.resources.is_empty() && !after.cursor)
}

/// `count` without `startIndex`, where the latter is what is refused.
async fn counted(reader: &Reader, kind: ResourceKind, size: u64, why: &str, seen: &mut Manners) -> Option<RawPage> {
    let page = reader.raw_page(kind, &[("count", &size.to_string())]).await.ok()?;
    let more = page.cursor
        || page.resources.len() > 1 && reader.raw_page(kind, &[("count", "1")]).await.is_ok_and(|first| first.cursor);
    if more {
        seen.odd("paging", "cursor", format!("`startIndex` was answered with {why}, and a cursor came"));
    } else {
        seen.says.push(format!("`startIndex` was answered with {why}, and a list with `count` alone was answered"));
        seen.odd = true;
    }
    Some(page)
}

/// The usual page is refused: a smaller one may be accepted, or none of any size.
async fn smaller(reader: &Reader, kind: ResourceKind, size: u64, why: &str, seen: &mut Manners) -> Option<RawPage> {
    for smaller in SMALLER {
        if let Ok(page) = sized(reader, kind, smaller).await {
            seen.odd(
                "pageSize",
                smaller,
                format!("`count={size}` was answered with {why}, `count={smaller}` was accepted"),
            );
            return Some(page);
        }
    }
    if let Some(page) = counted(reader, kind, size, why, seen).await {
        return Some(page);
    }
    let page = reader.raw_page(kind, &[]).await.ok()?;
    seen.odd(
        "countParameter",
        false,
        format!("any `count` was answered with {why}, and a list without it was answered"),
    );
    Some(page)
}

/// Two pages of one, where there are two resources at least.
async fn single(reader: &Reader, kind: ResourceKind, all: &RawPage, seen: &mut Manners) {
    let one = async |start: &str| reader.raw_page(kind, &[("startIndex", start), ("count", "1")]).await;
    let (Ok(first), Ok(second)) = (one("1").await, one("2").await) else {
        seen.says.push("pages of one are refused".to_owned());
        return;
    };
    let (many, same) = (first.resources.len(), first.ids() == second.ids());
    if first.total == Some(many as u64) && all.total.is_some_and(|total| total > many as u64) {
        let because = format!("`totalResults` was {many} on a page of {many} and more on a longer one");
        seen.odd("totals", false, because);
    }
    match (many, same) {
        (1, false) => seen.says.push("paged by `startIndex` and `count`".to_owned()),
        (1, true) if first.cursor => {
            seen.odd("paging", "cursor", "`startIndex` is ignored, and a cursor came".to_owned());
        }
        (1, true) => {
            seen.says.push("`startIndex` is ignored, so only the first page can be read".to_owned());
            seen.odd = true;
        }
        (_, true) if first.cursor => {
            seen.odd("paging", "cursor", "`startIndex` and `count` are ignored, and a cursor came".to_owned());
        }
        (_, true) if first.ids() == all.ids() => {
            seen.odd("paging", "none", "`startIndex` and `count` are ignored: each answer was the same".to_owned());
        }
        _ => seen.says.push(format!("`count=1` gave {many}")),
    }
}

/// Attributes that are shown by id and not in a list.
pub(in crate::probe) fn hidden(listed: &Object, by_id: &Object) -> Vec<String> {
    let missing =
        |name: &&str| listed.get(name).is_none_or(|value| value.is_unassigned() && by_id.get(name) != Some(value));
    let has = by_id.iter().filter(|(name, value)| !value.is_unassigned() && !matches!(*name, "schemas" | "meta"));
    has.map(|(name, _)| name).filter(missing).map(str::to_owned).collect()
}

impl Session<'_> {
    /// How lists of users are paged, and what they hide.
    pub(super) async fn try_lists(&mut self) {
        if self.ended() {
            return;
        }
        let size = self.page_size();
        let Some(seen) = manners(&self.reader, ResourceKind::User, size).await else {
            return self.tried("lists", Outcome::Odd, "users can't be listed");
        };
        let mut says = seen.says;
        for (name, value, because) in seen.facts {
            // A paging that the profile chose is a choice.
            if name != "paging" || self.profile.capabilities.paging == Paging::Auto {
                self.fact(name, value, because);
            }
        }
        let mut odd = seen.odd;
        if let Some(id) = self.accounts.first().map(|account| account.id.clone())
            && let Some(listed) = seen.page.resource(&id)
            && let Some(shown) = self.read(ResourceKind::User, &id).await
        {
            let hidden = hidden(listed, &shown);
            odd |= !hidden.is_empty();
            says.push(if hidden.is_empty() {
                "lists show what is shown by id".to_owned()
            } else {
                format!("shown by id and not in lists: {}", hidden.join(", "))
            });
        }
        if !says.is_empty() {
            self.tried("lists", if odd { Outcome::Odd } else { Outcome::Good }, says.join("; "));
        }
    }

    /// The first page as a plan would ask for it.
    pub(super) async fn first_page(&self, kind: ResourceKind) -> Option<RawPage> {
        let facts = self.improved().capabilities;
        let size = self.page_size().unwrap_or(PAGE).to_string();
        let (start, count) = (("startIndex", "1"), ("count", size.as_str()));
        let sized = match facts.paging {
            _ if !facts.count_parameter => vec![],
            Paging::Cursor => vec![count],
            _ => vec![start, count],
        };
        self.reader.raw_page(kind, &sized).await.ok()
    }

    pub(super) fn page_size(&self) -> Option<u64> {
        let said =
            self.discovery.default_page_size.or(self.discovery.max_page_size).or(self.discovery.filter_max_results);
        let chosen = self.profile.capabilities.page_size.or(said.map(|most| most.min(PAGE)));
        let improved = self.improved().capabilities.page_size;
        improved.or(chosen)
    }
}
