//! Answers, before they become HTTP.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::scim::ScimError;
use crate::scim::urn;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its headers besides the content's type and length.
    pub(super) headers: Vec<(HeaderName, String)>,
    /// Its JSON text, if any.
    pub(super) body: Option<String>,
    /// Its content type, if it is not the server's usual one.
    pub(super) content_type: Option<&'static str>,
}

impl Reply {
    /// An answer with a body.
    pub(super) fn json(status: StatusCode, body: String) -> Self {
        Self { status, headers: Vec::new(), body: Some(body), content_type: None }
    }

    /// An answer without one.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: None, content_type: None }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer as HTTP.
    pub(super) fn into_response(self, content_type: &str) -> Response<Body> {
        let has_body = self.body.is_some();
        let mut response = Response::new(self.body.map_or_else(Body::empty, Body::from));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        if has_body && let Ok(value) = HeaderValue::from_str(self.content_type.unwrap_or(content_type)) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// A refusal (RFC 7644 section 3.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// The HTTP status.
    pub(super) status: u16,
    /// `scimType`, with the statuses that have one.
    pub(super) scim_type: Option<String>,
    /// What is wrong, in words.
    pub(super) detail: String,
}

impl Failure {
    /// A refusal without a `scimType`.
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A 400 of a kind (RFC 7644 Table 9).
    pub(super) fn bad(scim_type: &str, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type.to_owned()), detail: detail.into() }
    }

    /// A 409: the value is taken.
    pub(super) fn taken(detail: impl Into<String>) -> Self {
        Self { status: 409, ..Self::bad("uniqueness", detail) }
    }

    /// A 404 for an id.
    pub(super) fn not_found(id: &str) -> Self {
        Self::new(404, format!("there is no resource with the id \"{id}\""))
    }

    /// The body (section 3.12); `status` is a string there.
    pub(super) fn body(&self) -> serde_json::Value {
        let mut body = json!({ "schemas": [urn::ERROR], "status": self.status.to_string(), "detail": self.detail });
        if let (Some(scim_type), Some(map)) = (&self.scim_type, body.as_object_mut()) {
            map.insert("scimType".to_owned(), scim_type.as_str().into());
        }
        body
    }
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Self::bad(error.scim_type.name(), error.detail)
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::json(status, failure.body().to_string())
    }
}
