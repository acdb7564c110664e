//! Lists as a server answers them, for a look at how it pages and filters.

use super::decode;
use super::error::TargetError;
use super::reader::Reader;
use crate::scim::{Object, ResourceKind, Value};

/// One answer of a list, untouched.
#[derive(Clone, Debug, Default)]
pub struct RawPage {
    /// The resources in the order they came.
    pub resources: Vec<Object>,
    /// `totalResults`.
    pub total: Option<u64>,
    /// Whether a next cursor came with them (RFC 9865).
    pub cursor: bool,
}

impl RawPage {
    /// Ids of the resources.
    pub fn ids(&self) -> Vec<String> {
        self.resources.iter().filter_map(id).collect()
    }

    /// The resource of this id.
    pub fn resource(&self, wanted: &str) -> Option<&Object> {
        self.resources.iter().find(|resource| id(resource).as_deref() == Some(wanted))
    }
}

/// The id of a resource; some servers have numbers.
fn id(resource: &Object) -> Option<String> {
    match resource.get("id")? {
        Value::String(id) => Some(id.to_string()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

impl Reader {
    /// The URL of a resource.
    pub fn location(&self, kind: ResourceKind, id: &str) -> String {
        self.getter().location(&[kind.endpoint(), id])
    }

    /// Lists with these parameters and no others; one request.
    pub async fn raw_page(&self, kind: ResourceKind, parameters: &[(&str, &str)]) -> Result<RawPage, TargetError> {
        let answer = self.getter().get(&[kind.endpoint()], parameters).await?;
        let unreadable = |why: &str| self.getter().unreadable(&[kind.endpoint()], answer.status, why);
        let list = decode::whole(&answer.body).map_err(|why| unreadable(&why))?;
        let resources = match list.get("Resources") {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_object).cloned().collect(),
            _ => Vec::new(),
        };
        let total = match list.get("totalResults") {
            Some(Value::Number(total)) => total.as_u64(),
            Some(Value::String(total)) => total.trim().parse().ok(),
            _ => None,
        };
        let cursor = list.get("nextCursor").and_then(Value::as_str).is_some_and(|cursor| !cursor.is_empty());
        Ok(RawPage { resources, total, cursor })
    }
}
