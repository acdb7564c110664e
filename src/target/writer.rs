//! The write side of a target: one method per request.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::{ETAG, LOCATION};
use secrecy::SecretString;
use serde::Serialize;

use super::decode;
use super::error::{ErrorKind, TargetError};
use super::exchange::{Answer, Call, Exchange, request_id};
use crate::scim::patch::{PatchOp, PatchRequest};
use crate::scim::{Object, ResourceKind, Value, percent};

/// Writes to a target.
#[derive(Clone)]
pub struct Writer {
    exchange: Arc<Exchange>,
}

/// What a write was answered with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The HTTP status; 202 is accepted and not done yet (RFC 9967), 404 of a delete is gone already.
    pub status: u16,
    /// The resource in the answer, where there is a readable one.
    pub object: Option<Object>,
    /// Its id: from the answer, from `Location`, or the one that was written to.
    pub id: Option<String>,
    /// The `ETag` header.
    pub etag: Option<String>,
    /// The server's own number of the request, where an answer gives one.
    pub request: Option<String>,
}

impl Writer {
    pub(super) fn new(exchange: Arc<Exchange>) -> Self {
        Self { exchange }
    }

    /// Creates a resource (POST, RFC 7644 section 3.3). It is never sent twice where the first may have arrived:
    /// then [`TargetError::outcome_unknown`] says so.
    pub async fn create(&self, kind: ResourceKind, resource: &Object) -> Result<Written, TargetError> {
        let body = body(resource)?;
        let passwords = passwords(resource);
        let answer = self.send(Method::POST, &[kind.endpoint()], Some(body), None, passwords).await?;
        Ok(written(&answer, None))
    }

    /// Replaces a resource (PUT, section 3.5.1), if it is still of this version where one is given.
    pub async fn replace(
        &self,
        kind: ResourceKind,
        id: &str,
        resource: &Object,
        etag: Option<&str>,
    ) -> Result<Written, TargetError> {
        let body = body(resource)?;
        let passwords = passwords(resource);
        let answer = self.send(Method::PUT, &[kind.endpoint(), id], Some(body), etag, passwords).await?;
        Ok(written(&answer, Some(id)))
    }

    /// Changes a resource (PATCH, section 3.5.2), if it is still of this version where one is given.
    pub async fn patch(
        &self,
        kind: ResourceKind,
        id: &str,
        operations: &[PatchOp],
        etag: Option<&str>,
    ) -> Result<Written, TargetError> {
        let body = body(&PatchRequest::new(operations.to_vec()))?;
        let passwords = operations.iter().flat_map(patched_passwords).collect();
        let answer = self.send(Method::PATCH, &[kind.endpoint(), id], Some(body), etag, passwords).await?;
        Ok(written(&answer, Some(id)))
    }

    /// Deletes a resource (section 3.6); one that is gone already counts as deleted, with its status of 404.
    /// Where a version is given, only of that one.
    pub async fn delete(&self, kind: ResourceKind, id: &str, etag: Option<&str>) -> Result<Written, TargetError> {
        match self.send(Method::DELETE, &[kind.endpoint(), id], None, etag, Vec::new()).await {
            Ok(answer) => Ok(Written { object: None, ..written(&answer, Some(id)) }),
            Err(error) if error.status() == Some(404) => {
                Ok(Written { status: 404, id: Some(id.to_owned()), ..Written::default() })
            }
            Err(error) => Err(error),
        }
    }

    /// The URL of a resource, for members that are sent with `$ref`.
    pub fn url(&self, kind: ResourceKind, id: &str) -> Option<String> {
        self.exchange.base.join(&[kind.endpoint(), id], &[]).ok().map(Into::into)
    }

    async fn send(
        &self,
        method: Method,
        segments: &[&str],
        body: Option<Vec<u8>>,
        etag: Option<&str>,
        passwords: Vec<SecretString>,
    ) -> Result<Answer, TargetError> {
        let url = self.exchange.base.join(segments, &[])?;
        let endpoint = segments.first().copied().unwrap_or_default().to_owned();
        let call = Call { method, endpoint, url, body, if_match: etag.map(str::to_owned), passwords, patient: true };
        self.exchange.send(&call).await
    }
}

fn body<T: Serialize>(content: &T) -> Result<Vec<u8>, TargetError> {
    let written = serde_json::to_vec(content);
    written.map_err(|error| TargetError::new(ErrorKind::Setup, format!("the request can't be written: {error}")))
}

/// Reads what a write was answered with. The write is done, so a body that makes no sense is as good as none.
fn written(answer: &Answer, id: Option<&str>) -> Written {
    let object = decode::whole(&answer.body).ok();
    let shown = object.as_ref().and_then(|object| object.get("id")).and_then(|id| match id {
        Value::String(id) if !id.is_empty() => Some(id.to_string()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    let located = || answer.header(LOCATION).and_then(last_segment);
    let id = shown.or_else(|| id.map(str::to_owned)).or_else(located);
    let (etag, request) = (answer.header(ETAG).map(str::to_owned), request_id(&answer.headers));
    Written { status: answer.status, object, id, etag, request }
}

fn last_segment(location: &str) -> Option<String> {
    let path = location.split(['?', '#']).next()?.trim_end_matches('/');
    path.rsplit('/').next().filter(|id| !id.is_empty()).map(|id| percent::decode(id).into_owned())
}

fn passwords(resource: &Object) -> Vec<SecretString> {
    let password = resource.get("password").and_then(Value::as_str);
    password.map(|password| password.to_owned().into()).into_iter().collect()
}

fn patched_passwords(operation: &PatchOp) -> Vec<SecretString> {
    match (&operation.path, &operation.value) {
        (Some(path), Some(Value::String(text))) if path.attribute.eq_ignore_ascii_case("password") => {
            vec![text.as_str().into()]
        }
        (None, Some(Value::Object(object))) => passwords(object),
        _ => Vec::new(),
    }
}
