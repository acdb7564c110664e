//! Bulk requests (RFC 7644 section 3.7).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::lenient;
use crate::scim::{Value, urn};

/// Many operations in one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkRequest {
    /// Holds [`urn::BULK_REQUEST`].
    #[serde(default, deserialize_with = "lenient::urns")]
    pub schemas: Vec<String>,
    /// Errors after which the server stops; it goes on in spite of all if there is none.
    #[serde(
        rename = "failOnErrors",
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "lenient::optional_unsigned"
    )]
    pub fail_on_errors: Option<u64>,
    /// What to do.
    #[serde(rename = "Operations")]
    pub operations: Vec<BulkOperation>,
}

/// One operation of a bulk request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkOperation {
    /// `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// The client's name for what a POST makes; others refer to it as `bulkId:NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The path below the base URL, with a slash in front.
    pub path: String,
    /// The body; none for DELETE. For PATCH it is a whole PatchOp body (erratum 5050).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// The answer to a bulk request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkResponse {
    /// Holds [`urn::BULK_RESPONSE`].
    #[serde(default, deserialize_with = "lenient::urns")]
    pub schemas: Vec<String>,
    /// What became of each operation that was tried.
    #[serde(rename = "Operations", default = "Vec::new", deserialize_with = "lenient::items")]
    pub operations: Vec<BulkResult>,
}

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// Its method.
    pub method: String,
    /// The client's name for what was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The resource's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The resource's URI; none for a POST that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The HTTP status, written as a string; 0 if the server told none that can be read.
    #[serde(serialize_with = "write_status", deserialize_with = "read_status")]
    pub status: u16,
    /// The body; an error's where the status is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}

impl BulkRequest {
    /// A request of these operations.
    pub fn new(operations: Vec<BulkOperation>) -> Self {
        Self { schemas: vec![urn::BULK_REQUEST.to_owned()], fail_on_errors: None, operations }
    }
}

impl BulkResponse {
    /// An answer of these results.
    pub fn new(operations: Vec<BulkResult>) -> Self {
        Self { schemas: vec![urn::BULK_RESPONSE.to_owned()], operations }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn write_status<S: Serializer>(status: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(status)
}

/// A status as a string, a number or, as in a draft of the RFC, `{"code": "201"}`.
fn read_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let code = lenient::unsigned(value.get("code").unwrap_or(&value));
    Ok(code.and_then(|code| u16::try_from(code).ok()).unwrap_or(0))
}
