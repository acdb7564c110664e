//! Resources as clients see them: what is stored, and what the server adds (RFC 7643 section 3.1).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use super::app::App;
use super::project::Projection;
use super::store::{Joined, Members, Record, Slot, State};
use crate::profile::MembersShown;
use crate::scim::percent::{self, AsciiSet};
use crate::scim::{Object, ResourceKind, Value};

/// What a resource is shown with.
pub(super) struct View<'a> {
    /// The server.
    pub(super) app: &'a App,
    /// What is stored.
    pub(super) state: &'a State,
    /// The base URL.
    pub(super) base: &'a str,
    /// What the client wants of it.
    pub(super) projection: &'a Projection,
    /// Whether it is one of a list.
    pub(super) listed: bool,
}

impl View<'_> {
    /// The JSON text of a resource.
    pub(super) fn text(&self, kind: ResourceKind, record: &Record, members: &Members) -> String {
        let shown = &self.app.quirks.shown;
        if self.projection.needs_parts() || shown.alters(kind) {
            let model = self.app.model.kind(kind);
            let mut object = self.whole(kind, record, self.computed(kind, record, members));
            shown.dress(kind, &mut object, model);
            let shown = self.projection.apply(object, &model.schemas);
            return Value::Object(shown).to_string();
        }
        // The body is an object with `schemas` in it, so there is something to put the rest between.
        let inner = record.body.strip_prefix('{').and_then(|body| body.strip_suffix('}')).unwrap_or_default();
        let mut text = String::with_capacity(record.body.len() + 256);
        let _ = write!(text, "{{{inner},\"id\":{}", quoted(&record.id));
        if let Some((name, elements)) = self.computed(kind, record, members) {
            let _ = write!(text, ",\"{name}\":[");
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                element.write(&mut text);
            }
            text.push(']');
        }
        let _ = write!(text, ",\"meta\":{}}}", self.meta(kind, record));
        text
    }

    /// The whole resource with everything that the server adds, for filters and sorting.
    pub(super) fn object(&self, kind: ResourceKind, record: &Record, members: &Members) -> Object {
        let references = self.references(kind, record, members).filter(|(_, elements)| !elements.is_empty());
        self.whole(kind, record, references)
    }

    fn whole(&self, kind: ResourceKind, record: &Record, computed: Option<(&'static str, Vec<Reference>)>) -> Object {
        let mut object = record.object();
        if kind == ResourceKind::User {
            let model = self.app.model.kind(kind);
            self.app.quirks.shown.settle(&mut object, model, &record.id, record.has_password);
        }
        object.insert("id", Value::from(&*record.id));
        if let Some((name, elements)) = computed {
            object.insert(name, Value::Array(elements.into_iter().map(Reference::value).collect()));
        }
        if let Ok(meta) = serde_json::from_str(&self.meta(kind, record)) {
            object.insert("meta", meta);
        }
        object
    }

    fn meta(&self, kind: ResourceKind, record: &Record) -> String {
        let mut version = String::new();
        if self.app.limits.etag() {
            version = format!(",\"version\":{}", quoted(&record.etag()));
        }
        format!(
            "{{\"resourceType\":\"{}\",\"created\":\"{}\",\"lastModified\":\"{}\",\"location\":{}{version}}}",
            kind.name(),
            record.created,
            record.modified,
            quoted(&location(self.base, kind, &record.id)),
        )
    }

    /// What is shown of [`Self::references`]: some servers show members in no list, or nowhere and say that there are
    /// none.
    fn computed(
        &self,
        kind: ResourceKind,
        record: &Record,
        members: &Members,
    ) -> Option<(&'static str, Vec<Reference>)> {
        match (self.app.limits.can.members, kind) {
            (MembersShown::Never, ResourceKind::Group) => {
                (!self.projection.leaves_out("members")).then(|| ("members", Vec::new()))
            }
            (MembersShown::Never, ResourceKind::User) => None,
            (MembersShown::ById, ResourceKind::Group) if self.listed => None,
            _ => self.references(kind, record, members).filter(|(_, elements)| !elements.is_empty()),
        }
    }

    /// A group's members or a user's groups, unless nobody wants them.
    fn references(
        &self,
        kind: ResourceKind,
        record: &Record,
        members: &Members,
    ) -> Option<(&'static str, Vec<Reference>)> {
        let (name, elements) = match kind {
            ResourceKind::Group => {
                if self.projection.leaves_out("members") {
                    return None;
                }
                ("members", self.members(members))
            }
            ResourceKind::User => {
                if self.projection.leaves_out("groups") {
                    return None;
                }
                ("groups", self.groups(&record.id))
            }
        };
        Some((name, elements))
    }

    fn members(&self, members: &Members) -> Vec<Reference> {
        let own = |member: &Joined| self.state.table(member.kind).get(&member.id)?.record.keys.label.clone();
        members
            .iter()
            .map(|member| Reference {
                value: Arc::clone(&member.id),
                location: location(self.base, member.kind, &member.id),
                kind: member.kind.name(),
                display: member.display.as_deref().map(str::to_owned).or_else(|| own(member)),
            })
            .collect()
    }

    /// The groups of a user: those that list it, and those that hold these (RFC 7643 section 4.1.2).
    fn groups(&self, id: &str) -> Vec<Reference> {
        let mut found: BTreeMap<u64, Reference> = BTreeMap::new();
        for (slot, direct) in memberships(self.state, id) {
            found.insert(
                slot.record.seq,
                Reference {
                    value: Arc::clone(&slot.record.id),
                    location: location(self.base, ResourceKind::Group, &slot.record.id),
                    kind: if direct { "direct" } else { "indirect" },
                    display: slot.record.keys.label.clone(),
                },
            );
        }
        found.into_values().collect()
    }
}

/// The groups that something is in, and whether it is listed there itself.
pub(super) fn memberships<'a>(state: &'a State, id: &str) -> Vec<(&'a Slot, bool)> {
    let mut seen: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut found = Vec::new();
    let mut queue: VecDeque<(&Slot, bool)> = state.groups_of(id).map(|slot| (slot, true)).collect();
    while let Some((slot, direct)) = queue.pop_front() {
        if seen.insert(Arc::clone(&slot.record.id)) {
            found.push((slot, direct));
            queue.extend(state.groups_of(&slot.record.id).map(|parent| (parent, false)));
        }
    }
    found
}

/// One element of `members` or `groups`.
struct Reference {
    value: Arc<str>,
    location: String,
    kind: &'static str,
    display: Option<String>,
}

impl Reference {
    fn write(&self, text: &mut String) {
        let _ = write!(
            text,
            "{{\"value\":{},\"$ref\":{},\"type\":\"{}\"",
            quoted(&self.value),
            quoted(&self.location),
            self.kind
        );
        if let Some(display) = &self.display {
            let _ = write!(text, ",\"display\":{}", quoted(display));
        }
        text.push('}');
    }

    fn value(self) -> Value {
        let mut object = Object::new();
        object.insert("value", Value::from(&*self.value));
        object.insert("$ref", Value::from(self.location));
        object.insert("type", Value::from(self.kind));
        if let Some(display) = self.display {
            object.insert("display", Value::from(display));
        }
        Value::Object(object)
    }
}

/// Where a resource is, its id as one segment of the path (RFC 3986 section 3.3).
pub(super) fn location(base: &str, kind: ResourceKind, id: &str) -> String {
    const KEPT: &AsciiSet = &percent::SEGMENT.remove(b'@').remove(b':');
    format!("{base}/{}/{}", kind.endpoint(), percent::encode(id, KEPT))
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
