//! One stored resource.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::scim::{Object, ResourceKind, Value, fold};

/// One version of a resource: what clients asserted, and what the server knows about it. A new version is a new record.
#[derive(Clone, Debug)]
pub(in crate::sandbox) struct Record {
    /// `id`.
    pub(in crate::sandbox) id: Arc<str>,
    /// Place in the order of creation; lists are in this order.
    pub(in crate::sandbox) seq: u64,
    /// Counts up with every change, from 1.
    pub(in crate::sandbox) version: u64,
    /// The entity tag of a resource that came from another server, until its first change.
    pub(in crate::sandbox) tag: Option<Arc<str>>,
    /// `meta.created`.
    pub(in crate::sandbox) created: Timestamp,
    /// `meta.lastModified`.
    pub(in crate::sandbox) modified: Timestamp,
    /// What is asserted, as the text of a JSON object that starts with `schemas` and holds neither `id` nor `meta`
    /// nor members.
    pub(in crate::sandbox) body: Box<str>,
    /// What the resource is found by.
    pub(in crate::sandbox) keys: Keys,
    /// Whether a password was ever set; the password itself is not kept.
    pub(in crate::sandbox) has_password: bool,
}

/// What a resource is found by and shown as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::sandbox) struct Keys {
    /// `userName` of a user, `displayName` of a group, in the form that is compared.
    pub(in crate::sandbox) name: Option<String>,
    /// `externalId`.
    pub(in crate::sandbox) external: Option<String>,
    /// How references show it: `displayName`, else `userName`.
    pub(in crate::sandbox) label: Option<String>,
}

impl Keys {
    /// The keys of an object.
    pub(in crate::sandbox) fn of(kind: ResourceKind, object: &Object) -> Self {
        let text = |name| object.get(name).and_then(Value::as_str);
        let name = text(kind.name_attribute());
        Self {
            name: name.map(fold::canonical),
            external: text("externalId").map(str::to_owned),
            label: text("displayName").or(name).map(str::to_owned),
        }
    }
}

impl Record {
    /// The entity tag (RFC 7644 section 3.14).
    pub(in crate::sandbox) fn etag(&self) -> String {
        self.tag.as_deref().map_or_else(|| format!("W/\"{}\"", self.version), str::to_owned)
    }

    /// The asserted attributes, decoded.
    pub(in crate::sandbox) fn object(&self) -> Object {
        match serde_json::from_str(&self.body) {
            Ok(Value::Object(object)) => object,
            // What is stored was written by `Object`'s own serializer.
            _ => Object::new(),
        }
    }

    /// A record from the store's file.
    pub(super) fn new(kind: ResourceKind, id: &str, stored: Stored) -> Self {
        let mut record = Self {
            id: Arc::from(id),
            seq: stored.seq,
            version: stored.version,
            tag: stored.tag.map(Arc::from),
            created: stored.created,
            modified: stored.modified,
            body: stored.body.get().into(),
            keys: Keys::default(),
            has_password: stored.has_password,
        };
        record.keys = Keys::of(kind, &record.object());
        record
    }
}

/// A record in the store's file, without its id.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    seq: u64,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    created: Timestamp,
    modified: Timestamp,
    body: Box<RawValue>,
    #[serde(default)]
    has_password: bool,
}

impl From<&Record> for Stored {
    fn from(record: &Record) -> Self {
        Self {
            seq: record.seq,
            version: record.version,
            tag: record.tag.as_deref().map(str::to_owned),
            created: record.created,
            modified: record.modified,
            body: RawValue::from_string(record.body.to_string()).unwrap_or_default(),
            has_password: record.has_password,
        }
    }
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredMember", into = "StoredMember")]
pub(in crate::sandbox) struct Joined {
    /// Its id.
    pub(in crate::sandbox) id: Arc<str>,
    /// What it is.
    pub(in crate::sandbox) kind: ResourceKind,
    /// `display` as the client gave it (RFC 7643 section 2.4: immutable); else the member's own name is shown.
    pub(in crate::sandbox) display: Option<Arc<str>>,
}

type StoredMember = (String, ResourceKind, Option<String>);

impl From<StoredMember> for Joined {
    fn from((id, kind, display): StoredMember) -> Self {
        Self { id: id.into(), kind, display: display.map(Arc::from) }
    }
}

impl From<Joined> for StoredMember {
    fn from(member: Joined) -> Self {
        (member.id.to_string(), member.kind, member.display.as_deref().map(str::to_owned))
    }
}

/// The members of a group in the order they joined.
#[derive(Clone, Debug, Default)]
pub(in crate::sandbox) struct Members {
    by_order: BTreeMap<u64, Joined>,
    order: HashMap<Arc<str>, u64>,
}

impl Members {
    /// How many.
    pub(in crate::sandbox) fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether this id is one.
    pub(in crate::sandbox) fn contains(&self, id: &str) -> bool {
        self.order.contains_key(id)
    }

    /// All in their order.
    pub(in crate::sandbox) fn iter(&self) -> impl Iterator<Item = &Joined> {
        self.by_order.values()
    }

    /// One by its id.
    pub(in crate::sandbox) fn get(&self, id: &str) -> Option<&Joined> {
        self.by_order.get(self.order.get(id)?)
    }

    /// Adds one at the end; `false` if it is there.
    pub(super) fn join(&mut self, member: &Joined) -> bool {
        if self.contains(&member.id) {
            return false;
        }
        let order = self.by_order.last_key_value().map_or(0, |(last, _)| last + 1);
        self.order.insert(Arc::clone(&member.id), order);
        self.by_order.insert(order, member.clone());
        true
    }

    /// Takes one out; `false` if it was not there.
    pub(super) fn leave(&mut self, id: &str) -> bool {
        let Some(order) = self.order.remove(id) else { return false };
        self.by_order.remove(&order);
        true
    }
}
