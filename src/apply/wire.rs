//! A target over HTTP as an apply sees it.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use super::service::{Answer, Current, Fault, Service};
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};
use crate::target::{ReadRequest, Reader, TargetError, Wanted, Writer, Written};

/// A target's reader and writer together.
pub struct Wire {
    reader: Reader,
    writer: Writer,
    /// Whether members are sent with `$ref` beside `value`.
    references: bool,
    writes: AtomicU64,
}

impl Wire {
    /// Joins the two.
    pub fn new(reader: Reader, writer: Writer) -> Self {
        let references = reader.refers_to_members();
        Self { reader, writer, references, writes: AtomicU64::new(0) }
    }

    /// A group's body as the target wants its members.
    fn referenced<'b>(&self, kind: ResourceKind, body: &'b Object) -> Cow<'b, Object> {
        let members = kind == ResourceKind::Group && body.get("members").is_some();
        if !self.references || !members {
            return Cow::Borrowed(body);
        }
        let mut body = body.clone();
        if let Some(members) = body.get_mut("members") {
            refer(members, &|kind, id| self.writer.url(kind, id));
        }
        Cow::Owned(body)
    }

    /// The same for the operations of a PATCH.
    fn referenced_ops<'b>(&self, kind: ResourceKind, ops: &'b [PatchOp]) -> Cow<'b, [PatchOp]> {
        let is_members = |op: &PatchOp| op.path.as_ref().is_some_and(|path| path.is("members"));
        if !self.references || kind != ResourceKind::Group || !ops.iter().any(is_members) {
            return Cow::Borrowed(ops);
        }
        let mut ops = ops.to_vec();
        for members in ops.iter_mut().filter(|op| is_members(op)).filter_map(|op| op.value.as_mut()) {
            refer(members, &|kind, id| self.writer.url(kind, id));
        }
        Cow::Owned(ops)
    }

    fn written(&self, result: Result<Written, TargetError>) -> Result<Answer, Fault> {
        self.writes.fetch_add(result.as_ref().map_or_else(|error| error.attempts().into(), |_| 1), Ordering::Relaxed);
        let Written { status, object, id, etag, request } = result?;
        Ok(Answer { status, object, id, etag, request })
    }
}

/// Gives each member that has none its `$ref`.
fn refer(members: &mut Value, url: &dyn Fn(ResourceKind, &str) -> Option<String>) {
    let Value::Array(members) = members else { return };
    for member in members.iter_mut().filter_map(Value::as_object_mut) {
        let is_group =
            member.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("Group"));
        let kind = if is_group { ResourceKind::Group } else { ResourceKind::User };
        let id = member.get("value").and_then(Value::as_str);
        if let (Some(url), None) = (id.and_then(|id| url(kind, id)), member.get("$ref")) {
            member.insert("$ref", Value::from(url));
        }
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
        let name = kind.name_attribute();
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
        self.written(self.writer.create(kind, &self.referenced(kind, body)).await)
    }

    async fn replace(&self, kind: ResourceKind, id: &str, body: &Object, etag: Option<&str>) -> Result<Answer, Fault> {
        self.written(self.writer.replace(kind, id, &self.referenced(kind, body), etag).await)
    }

    async fn patch(&self, kind: ResourceKind, id: &str, ops: &[PatchOp], etag: Option<&str>) -> Result<Answer, Fault> {
        self.written(self.writer.patch(kind, id, &self.referenced_ops(kind, ops), etag).await)
    }

    async fn delete(&self, kind: ResourceKind, id: &str, etag: Option<&str>) -> Result<Answer, Fault> {
        self.written(self.writer.delete(kind, id, etag).await)
    }

    fn requests(&self) -> u64 {
        self.reader.requests() + self.writes.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_without_a_reference_get_one() {
        let mut members = Value::from(json!([
            { "value": "u1" }, { "value": "g1", "type": "Group" }, { "value": "u2", "$ref": "theirs" },
        ]));
        refer(&mut members, &|kind, id| Some(format!("https://x.example/{}/{id}", kind.endpoint())));
        let expected = json!([
            { "value": "u1", "$ref": "https://x.example/Users/u1" },
            { "value": "g1", "type": "Group", "$ref": "https://x.example/Groups/g1" },
            { "value": "u2", "$ref": "theirs" },
        ]);
        assert_eq!(serde_json::to_value(&members).unwrap(), expected);
    }
}
