//! What a client asks a list for, in a URL or in the body of a `/.search` (RFC 7644 sections 3.4.2 and 3.4.3).

use super::limits::Limits;
use super::project::Projection;
use super::reply::Failure;
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value};

/// A query. Names that are not known are ignored (RFC 7644 section 3.4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// `filter`, as it was written.
    pub(super) filter: Option<String>,
    /// `sortBy`.
    pub(super) sort_by: Option<AttrPath>,
    /// `sortOrder` is `descending`.
    pub(super) descending: bool,
    /// `startIndex`.
    pub(super) start_index: Option<i64>,
    /// `count`.
    pub(super) count: Option<i64>,
    /// `cursor`; empty for the first page.
    pub(super) cursor: Option<String>,
    /// `attributes` and `excludedAttributes`.
    pub(super) projection: Projection,
    /// The text of all that must stay the same from page to page (RFC 9865 section 2.1).
    pub(super) fixed: String,
}

/// The parameters, not yet understood.
#[derive(Default)]
struct Raw {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    cursor: Option<String>,
    attributes: Vec<String>,
    excluded: Vec<String>,
}

impl Query {
    /// Of a URL's query.
    pub(super) fn of_url(query: &str, limits: &Limits) -> Result<Self, Failure> {
        let mut raw = Raw::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match &*name {
                "filter" => raw.filter = Some(value),
                "sortBy" => raw.sort_by = Some(value),
                "sortOrder" => raw.sort_order = Some(value),
                "startIndex" => raw.start_index = Some(number("startIndex", &value)?),
                "count" => raw.count = Some(number("count", &value)?),
                "cursor" => raw.cursor = Some(value),
                "attributes" => raw.attributes.extend(names(&value)),
                "excludedAttributes" => raw.excluded.extend(names(&value)),
                _ => {}
            }
        }
        raw.read(limits)
    }

    /// Of a search request's body.
    pub(super) fn of_body(body: &Object, limits: &Limits) -> Result<Self, Failure> {
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.to_string())),
            Some(_) => Err(Failure::bad("invalidSyntax", format!("`{name}` must be a string"))),
        };
        let whole = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| Failure::bad("invalidSyntax", format!("`{name}` must be a whole number"))),
        };
        let list = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(names(text).collect()),
            Some(Value::Array(items)) => Ok(items.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            Some(_) => Err(Failure::bad("invalidSyntax", format!("`{name}` must be an array of strings"))),
        };
        let raw = Raw {
            filter: text("filter")?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            start_index: whole("startIndex")?,
            count: whole("count")?,
            cursor: text("cursor")?,
            attributes: list("attributes")?,
            excluded: list("excludedAttributes")?,
        };
        raw.read(limits)
    }
}

impl Raw {
    fn read(self, limits: &Limits) -> Result<Query, Failure> {
        let descending = match self.sort_order.as_deref() {
            None => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(order) => {
                return Err(Failure::bad("invalidValue", format!("`sortOrder` can't be \"{order}\"")));
            }
        };
        let fixed =
            format!("{:?}\n{:?}\n{descending}\n{:?}\n{:?}", self.filter, self.sort_by, self.attributes, self.excluded);
        let sort_by = match self.sort_by.filter(|name| !name.is_empty()) {
            None => None,
            Some(name) => Some(
                name.parse::<AttrPath>()
                    .map_err(|_| Failure::bad("invalidPath", format!("`sortBy`: `{name}` is not an attribute")))?,
            ),
        };
        let projection = if limits.can.attributes_parameter {
            Projection::new(&self.attributes, &self.excluded)?
        } else {
            Projection::default()
        };
        Ok(Query {
            filter: self.filter.filter(|filter| !filter.trim().is_empty()),
            sort_by,
            descending,
            start_index: self.start_index,
            count: self.count,
            cursor: self.cursor,
            projection,
            fixed,
        })
    }
}

fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn number(name: &str, text: &str) -> Result<i64, Failure> {
    text.trim().parse().map_err(|_| Failure::bad("invalidValue", format!("`{name}` must be a whole number")))
}
