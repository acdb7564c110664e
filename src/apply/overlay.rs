//! PUT without loss: the live resource with what is asserted laid over it (RFC 7644 section 3.5.1 lets a server clear
//! whatever a PUT leaves out).

use rustc_hash::FxHashSet;

use super::hidden::hides;
use super::hints::way_out;
use super::job::Context;
use super::service::Fault;
use crate::live::{LiveResource, Members};
use crate::profile::Obstacle;
use crate::scim::patch::{self, PatchOp};
use crate::scim::path::AttrPath;
use crate::scim::schema::{Mutability, Schemas};
use crate::scim::{Object, ResourceKind, Value, urn};

/// The body of a PUT: everything live that a client may write, with the operations' values in place.
pub fn body(live: &Object, kind: ResourceKind, ops: &[PatchOp]) -> Object {
    let mut object = live.clone();
    strip(&mut object, kind);
    name_schemas(&mut object, kind);
    for op in ops {
        let Some(path) = &op.path else { continue };
        let value = op.value.clone().unwrap_or_default();
        if path.filter.is_some() && value.is_unassigned() {
            // An element that is not there needs no removing.
            let _ = patch::apply(&mut object, &[PatchOp::remove(path.clone())], Schemas::core(kind));
            continue;
        }
        if path.attribute.eq_ignore_ascii_case("manager") {
            // `$ref` and `displayName` of the former manager must not stay beside the new one's id.
            let manager = AttrPath { filter: None, sub: None, ..path.clone() };
            if !manager.read(&object).is_empty() {
                manager.assign(&mut object, Value::Null);
            }
        }
        path.assign(&mut object, value);
        if let (Some(urn), _) = path.top() {
            announce(&mut object, urn);
        }
    }
    object
}

/// Lets members come and go in a group's body; each stands once.
pub(super) fn members(object: &mut Object, add: &[Value], remove: &FxHashSet<&str>) {
    let mut items = match object.remove("members") {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    items.retain(|item| member_id(item).is_none_or(|id| !remove.contains(id)));
    let fresh: Vec<Value> = {
        let there: FxHashSet<&str> = items.iter().filter_map(member_id).collect();
        add.iter().filter(|item| member_id(item).is_some_and(|id| !there.contains(id))).cloned().collect()
    };
    items.extend(fresh);
    object.insert("members", Value::Array(items));
}

/// Why a group can't be sent as a whole: it may hold members that the target shows nowhere, whom a PUT without them could
/// take out. A group that shows none is empty where other groups show some, where this run made it, and where it is known
/// of the target that it shows them.
pub(super) fn hidden_members<S>(context: &Context<'_, S>, change: usize, group: &Object) -> Option<Fault> {
    let existed = context.plan.changes.get(change).is_some_and(|change| change.id.is_some());
    let shows = |group: &LiveResource| matches!(&group.members, Members::Known(members) if !members.is_empty());
    let never = hides(&context.profile.capabilities);
    let members = group.get("members").filter(|members| !matches!(members, Value::Null));
    let tells = || {
        members.is_some()
            || context.live.groups.iter().any(shows)
            || context.profile.is_verified("capabilities.members")
    };
    let shown = members.is_some_and(|members| !members.is_unassigned()) || (!never && tells());
    (existed && !shown).then(|| Fault {
        message: "the target shows no members of any group, and a PUT could take out those that it hides".to_owned(),
        hint: Some(if never {
            format!("Rename it at the target. {}", way_out(context, &Obstacle::ShowsLess))
        } else {
            way_out(context, &Obstacle::HiddenMembers)
        }),
        // An answer came, and it was not what is needed.
        status: Some(200),
        ..Fault::default()
    })
}

/// The id of an element of `members`.
pub(super) fn member_id(item: &Value) -> Option<&str> {
    item.get("value").unwrap_or(item).as_str()
}

/// Takes out what only the server may write. `id` stays: many servers want it, the others ignore it.
fn strip(object: &mut Object, kind: ResourceKind) {
    let schemas = Schemas::core(kind);
    object.retain(|name, value| {
        if name.eq_ignore_ascii_case("meta") || (kind == ResourceKind::User && name.eq_ignore_ascii_case("groups")) {
            return false;
        }
        if let (Some(schema), Value::Object(extension)) = (schemas.schema(name), &mut *value) {
            extension.retain(|name, value| schema.attribute(name).is_none_or(|attribute| writable(attribute, value)));
            return true;
        }
        let attribute = schemas.attribute(&AttrPath::attribute(name));
        name.eq_ignore_ascii_case("id") || attribute.is_none_or(|attribute| writable(attribute, value))
    });
}

/// Whether a client may write the attribute; takes out the parts of a single complex value that it may not.
fn writable(attribute: &crate::scim::schema::Attribute, value: &mut Value) -> bool {
    if attribute.mutability == Mutability::ReadOnly {
        return false;
    }
    if let Value::Object(object) = value {
        object.retain(|name, _| attribute.sub(name).is_none_or(|sub| sub.mutability != Mutability::ReadOnly));
    }
    true
}

/// Makes `schemas` name the core schema and each extension that the object has (RFC 7643 section 3): what a server shows
/// there may lack them (E9).
fn name_schemas(object: &mut Object, kind: ResourceKind) {
    if !matches!(object.get("schemas"), Some(Value::Array(_))) {
        object.remove("schemas");
    }
    announce(object, kind.urn());
    let extensions: Vec<String> =
        object.iter().map(|(name, _)| name).filter(|name| urn::is_urn(name)).map(str::to_owned).collect();
    for extension in extensions {
        announce(object, &extension);
    }
}

/// Names an extension in `schemas`.
fn announce(object: &mut Object, urn: &str) {
    let slot = object.entry_or("schemas", Value::Array(Vec::new()));
    if let Value::Array(schemas) = slot
        && !schemas.iter().any(|known| known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(urn)))
    {
        schemas.push(Value::from(urn));
    }
}
