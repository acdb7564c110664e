//! What an apply needs of a target: a narrow seam, so that its laws can be tested without a network.

use std::future::Future;

use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind};

/// A failed request, as far as an apply must know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong; holds no secret.
    pub message: String,
    /// The way out, where one is known.
    pub hint: Option<String>,
    /// The HTTP status, where an answer came.
    pub status: Option<u16>,
    /// `scimType` of the answer (RFC 7644 section 3.12).
    pub scim_type: Option<String>,
    /// Whether the write may have happened all the same.
    pub outcome_unknown: bool,
    /// Whether the credentials are refused, so that every further request would fail.
    pub unauthorized: bool,
}

impl Fault {
    /// Whether it says that the resource is there already (RFC 7644 section 3.3; 400 is seen as well).
    pub fn is_conflict(&self) -> bool {
        self.status == Some(409) || (self.status == Some(400) && self.scim_type.as_deref() == Some("uniqueness"))
    }

    /// Whether the request itself was refused, so that nothing was changed and something else might be accepted.
    pub fn is_refused(&self) -> bool {
        !self.outcome_unknown && matches!(self.status, Some(400 | 404 | 409 | 413 | 422))
    }
}

/// The answer to a write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The resource, where the answer holds it.
    pub object: Option<Object>,
    /// Its id, from the body or from `Location`.
    pub id: Option<String>,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// The server's own number of the request.
    pub request: Option<String>,
}

/// A resource as it is now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Current {
    /// Everything that the target shows.
    pub object: Object,
    /// The `ETag`.
    pub etag: Option<String>,
}

/// A target: reads by id and by attribute, and the four writes of RFC 7644 section 3.
pub trait Service: Sync {
    /// GET of a whole resource; `None` where there is none (404).
    fn get(&self, kind: ResourceKind, id: &str) -> impl Future<Output = Result<Option<Current>, Fault>> + Send;

    /// The ids of resources with an attribute of this value, as far as the target's filter is right.
    fn find(
        &self,
        kind: ResourceKind,
        path: &AttrPath,
        value: &str,
    ) -> impl Future<Output = Result<Vec<String>, Fault>> + Send;

    /// All resources of a kind, as far as they are listed: id, and at least these attributes.
    fn list(
        &self,
        kind: ResourceKind,
        paths: &[AttrPath],
    ) -> impl Future<Output = Result<Vec<(String, Object)>, Fault>> + Send;

    /// POST.
    fn create(&self, kind: ResourceKind, body: &Object) -> impl Future<Output = Result<Answer, Fault>> + Send;

    /// PUT.
    fn replace(
        &self,
        kind: ResourceKind,
        id: &str,
        body: &Object,
        etag: Option<&str>,
    ) -> impl Future<Output = Result<Answer, Fault>> + Send;

    /// PATCH.
    fn patch(
        &self,
        kind: ResourceKind,
        id: &str,
        ops: &[PatchOp],
        etag: Option<&str>,
    ) -> impl Future<Output = Result<Answer, Fault>> + Send;

    /// DELETE.
    fn delete(
        &self,
        kind: ResourceKind,
        id: &str,
        etag: Option<&str>,
    ) -> impl Future<Output = Result<Answer, Fault>> + Send;

    /// Requests sent so far.
    fn requests(&self) -> u64;
}
