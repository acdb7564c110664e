//! Queries and their answers (RFC 7644 section 3.4, RFC 9865).

use serde::{Deserialize, Serialize};

use super::lenient;
use crate::scim::{Object, urn};

/// A page of resources (RFC 7644 section 3.4.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "R: Deserialize<'de>"))]
pub struct ListResponse<R = Object> {
    /// Holds [`urn::LIST_RESPONSE`].
    #[serde(default, deserialize_with = "lenient::urns")]
    pub schemas: Vec<String>,
    /// Resources that fulfil the query; with cursors a server may leave it out (RFC 9865 section 2).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_unsigned")]
    pub total_results: Option<u64>,
    /// Place of the first resource of the page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_unsigned")]
    pub start_index: Option<u64>,
    /// Resources in the page.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_unsigned")]
    pub items_per_page: Option<u64>,
    /// Cursor of the next page; none on the last. An empty one reads as none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub next_cursor: Option<String>,
    /// Cursor of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_text")]
    pub previous_cursor: Option<String>,
    /// The page; missing, `null` or a single object in some servers' answers.
    #[serde(rename = "Resources", alias = "resources", default = "Vec::new", deserialize_with = "lenient::items")]
    pub resources: Vec<R>,
}

impl<R> ListResponse<R> {
    /// A page of these resources that is all there is.
    pub fn whole(resources: Vec<R>) -> Self {
        let count = u64::try_from(resources.len()).unwrap_or(u64::MAX);
        Self {
            schemas: vec![urn::LIST_RESPONSE.to_owned()],
            total_results: Some(count),
            start_index: Some(1),
            items_per_page: Some(count),
            next_cursor: None,
            previous_cursor: None,
            resources,
        }
    }
}

/// The order of a sorted query (RFC 7644 section 3.4.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortOrder {
    /// Smallest first.
    #[default]
    Ascending,
    /// Largest first.
    Descending,
}

/// A query by POST to `/.search` (RFC 7644 section 3.4.3); also the parameters of one by GET.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SearchRequest {
    /// Holds [`urn::SEARCH_REQUEST`].
    #[serde(deserialize_with = "lenient::urns")]
    pub schemas: Vec<String>,
    /// Attributes to return; paths as they were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Attributes to leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded_attributes: Vec<String>,
    /// The filter, not yet parsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The attribute to sort by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<String>,
    /// The order to sort in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// Place of the first resource wanted, from 1; less than 1 means 1 (section 3.4.2.4).
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_integer")]
    pub start_index: Option<i64>,
    /// Most resources wanted; negative means 0 (section 3.4.2.4).
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "lenient::optional_integer")]
    pub count: Option<i64>,
    /// Cursor of the page wanted; empty for the first (RFC 9865 section 2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}
