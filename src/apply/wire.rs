//! A target over HTTP as an apply sees it.

use std::sync::atomic::{AtomicU64, Ordering};

use super::service::{Answer, Current, Fault, Service};
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind};
use crate::target::{ReadRequest, Reader, TargetError, Wanted, Writer, Written};

/// A target's reader and writer together.
pub struct Wire {
    reader: Reader,
    writer: Writer,
    writes: AtomicU64,
}

impl Wire {
    /// Joins the two.
    pub fn new(reader: Reader, writer: Writer) -> Self {
        Self { reader, writer, writes: AtomicU64::new(0) }
    }

    fn written(&self, result: Result<Written, TargetError>) -> Result<Answer, Fault> {
        self.writes.fetch_add(result.as_ref().map_or_else(|error| error.attempts().into(), |_| 1), Ordering::Relaxed);
        let Written { status, object, id, etag, request } = result?;
        Ok(Answer { status, object, id, etag, request })
    }
}

impl From<TargetError> for Fault {
    fn from(error: TargetError) -> Self {
        Self {
            message: error.to_string(),
            hint: error.hint().map(str::to_owned),
            status: error.status(),
            scim_type: error.scim_type().map(str::to_owned),
            outcome_unknown: error.outcome_unknown(),
            unauthorized: error.is_unauthorized(),
        }
    }
}

impl Service for Wire {
    async fn get(&self, kind: ResourceKind, id: &str) -> Result<Option<Current>, Fault> {
        let whole = self.reader.get_whole(kind, id).await?;
        Ok(whole.map(|whole| Current { object: whole.object, etag: whole.etag }))
    }

    async fn find(&self, kind: ResourceKind, path: &AttrPath, value: &str) -> Result<Vec<String>, Fault> {
        let found = self.reader.find(kind, path, value, &Wanted::of(Vec::<String>::new())).await?;
        Ok(found.into_iter().map(|resource| resource.id).collect())
    }

    async fn list(&self, kind: ResourceKind, paths: &[AttrPath]) -> Result<Vec<(String, Object)>, Fault> {
        let names = paths.iter().map(|path| match path.top() {
            (Some(extension), _) => extension.to_owned(),
            (None, name) => name.to_owned(),
        });
        let name = if kind == ResourceKind::User { "userName" } else { "displayName" };
        let wanted = Some(Wanted::of(names.chain([name.to_owned()])));
        let request = match kind {
            ResourceKind::User => ReadRequest { users: wanted, ..ReadRequest::default() },
            ResourceKind::Group => ReadRequest { groups: wanted, ..ReadRequest::default() },
        };
        let live = self.reader.read(&request).await?;
        let found = if kind == ResourceKind::User { live.users } else { live.groups };
        Ok(found.into_iter().map(|one| (one.id, one.attributes)).collect())
    }

    async fn create(&self, kind: ResourceKind, body: &Object) -> Result<Answer, Fault> {
        self.written(self.writer.create(kind, body).await)
    }

    async fn replace(&self, kind: ResourceKind, id: &str, body: &Object, etag: Option<&str>) -> Result<Answer, Fault> {
        self.written(self.writer.replace(kind, id, body, etag).await)
    }

    async fn patch(&self, kind: ResourceKind, id: &str, ops: &[PatchOp], etag: Option<&str>) -> Result<Answer, Fault> {
        self.written(self.writer.patch(kind, id, ops, etag).await)
    }

    async fn delete(&self, kind: ResourceKind, id: &str) -> Result<Answer, Fault> {
        self.written(self.writer.delete(kind, id).await)
    }

    fn requests(&self) -> u64 {
        self.reader.requests() + self.writes.load(Ordering::Relaxed)
    }
}
