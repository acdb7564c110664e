//! From attributes to what is sent: bodies of creates, operations of updates.

use super::placeholder::placeholder;
use crate::desired::{Apply, Asserted, Assertion};
use crate::live::normal::{Comparison, Handling, is_blank};
use crate::plan::{Effect, Verb};
use crate::profile::{Clear, Profile};
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Schemas, Type};
use crate::scim::{Object, ResourceKey, ResourceKind, Value};

/// What is sent for an asserted value. A person's id is a placeholder; on a whole complex attribute it goes into
/// `value`, as RFC 7643 section 4.3 has it for `manager`.
pub fn sent(path: &AttrPath, asserted: &Asserted) -> Value {
    let key = match asserted {
        // Texts without a letter are how some spell nothing (E2), and no server keeps them as a value.
        Asserted::Value(value) if is_blank(value) => {
            return if value.as_array().is_some() { Value::Array(Vec::new()) } else { Value::Null };
        }
        Asserted::Value(value) => return value.clone(),
        Asserted::User(key) => key.as_str(),
        // Looked up and put in just before sending.
        Asserted::Secret(_) => return Value::Null,
    };
    let id = Value::from(placeholder(ResourceKey::user(key)));
    if path.sub.is_some() { id } else { Value::Object([("value", id)].into_iter().collect()) }
}

/// What an assertion should come to, and whether the target can be expected to show it.
pub fn effect(assertion: &Assertion, handling: Handling) -> Effect {
    Effect {
        path: assertion.path.as_ref().clone(),
        value: sent(&assertion.path, &assertion.value),
        asserted: assertion.value.clone(),
        lasting: assertion.apply == Apply::Always,
        shown: !assertion.sensitive && !matches!(handling, Handling::Hidden | Handling::Silent),
        gives_way: assertion.gives_way,
    }
}

/// The body of a POST (RFC 7644 section 3.3): everything asserted that has a value, extensions under their URN and
/// the URNs in `schemas`.
pub(super) fn body(kind: ResourceKind, effects: &[Effect]) -> Object {
    let mut schemas = vec![Value::from(kind.urn())];
    let mut object: Object = [("schemas", Value::Null)].into_iter().collect();
    for effect in effects {
        if let (Some(extension), _) = effect.path.top() {
            let known = |known: &Value| known.as_str().is_some_and(|known| known.eq_ignore_ascii_case(extension));
            if !schemas.iter().any(known) {
                schemas.push(Value::from(extension));
            }
        }
        effect.path.assign(&mut object, effect.value.clone());
    }
    object.insert("schemas", Value::Array(schemas));
    object
}

/// The operations that bring attributes to their values, one attribute per operation, each with its path. `null` and
/// `[]` clear. `live` is what the target shows; without it no element is taken to be there.
pub fn operations(
    profile: &Profile,
    kind: ResourceKind,
    verb: Verb,
    wanted: &[Effect],
    live: Option<&Object>,
) -> Vec<PatchOp> {
    if verb == Verb::Put {
        return wanted.iter().map(|effect| PatchOp::replace(effect.path.clone(), effect.value.clone())).collect();
    }
    let clears = Clears { form: profile.capabilities.clear, kind };
    let mut ops = Vec::new();
    let mut elements = Object::new();
    let mut parents: Vec<AttrPath> = Vec::new();
    for Effect { path, value, .. } in wanted {
        let there = path.filter.is_none() || live.is_some_and(|live| has_element(path, live));
        match (there, value.is_unassigned()) {
            (false, true) => {}
            (true, true) => ops.push(clears.op(whole_reference(path).unwrap_or_else(|| path.clone()))),
            (true, false) => match whole_reference(path) {
                Some(whole) => ops.push(PatchOp::replace(whole, Object::from_iter([("value", value.clone())]).into())),
                None => set(path, value, &clears, &mut ops),
            },
            // `replace` with a filter that matches nothing is an error (RFC 7644 section 3.5.2.3), so the element
            // is added; assertions on one element meet in one value.
            (false, false) => {
                path.assign(&mut elements, value.clone());
                if !parents.iter().any(|parent| parent.same(&path.parent())) {
                    parents.push(path.parent());
                }
            }
        }
    }
    for parent in parents {
        let values: Vec<Value> = parent.read(&elements).into_iter().cloned().collect();
        let array = match values.as_slice() {
            [Value::Array(items)] => items.clone(),
            _ => values,
        };
        ops.push(PatchOp::add(parent, Value::Array(array)));
    }
    ops.extend(cleared_elsewhere(profile, &clears, wanted, live));
    ops
}

/// Takes out values that are to go and that the target shows at another place of the profile's (a PATCH of the one place
/// need not reach the other). A PUT is laid over one place alone when it is sent.
fn cleared_elsewhere(profile: &Profile, clears: &Clears, wanted: &[Effect], live: Option<&Object>) -> Vec<PatchOp> {
    let Some(live) = live.filter(|_| !profile.attributes.aliases.is_empty()) else { return Vec::new() };
    let cleared = wanted.iter().filter(|effect| effect.value.is_unassigned());
    cleared
        .flat_map(|effect| Comparison::new(profile, clears.kind, &effect.path).elsewhere().to_vec())
        .filter(|place| !place.read(live).is_empty())
        .map(|place| clears.op(place))
        .collect()
}

/// How a target wants attributes to be cleared by PATCH.
struct Clears {
    form: Clear,
    kind: ResourceKind,
}

impl Clears {
    /// The operation that leaves nothing at a path. Single elements of many values are always removed: no other value
    /// says that one of them is to go.
    fn op(&self, path: AttrPath) -> PatchOp {
        if self.form == Clear::Remove || path.filter.is_some() {
            return PatchOp::remove(path);
        }
        let attribute = Schemas::core(self.kind).attribute(&path.parent());
        let part = match &path.sub {
            Some(sub) => attribute.and_then(|attribute| attribute.sub(sub)),
            None => attribute,
        };
        let nothing = match part {
            Some(part) if part.multi_valued => Value::Array(Vec::new()),
            Some(part) if part.kind != Type::String => Value::Null,
            _ if path.is_bare() || self.form == Clear::Null => Value::Null,
            _ => Value::from(""),
        };
        PatchOp::replace(path, nothing)
    }
}

/// The attribute that `manager.value` belongs to. A reference is written whole: servers fail on its `value` alone where
/// the extension or the manager is not there yet.
fn whole_reference(path: &AttrPath) -> Option<AttrPath> {
    let value = path.sub.as_ref().is_some_and(|sub| sub.eq_ignore_ascii_case("value"));
    let manager = !path.is_core() && path.filter.is_none() && path.attribute.eq_ignore_ascii_case("manager");
    (value && manager).then(|| path.parent())
}

/// Whether the live object has an element that a path's value filter picks.
fn has_element(path: &AttrPath, live: &Object) -> bool {
    let element = AttrPath { sub: None, ..path.clone() };
    !element.read(live).is_empty()
}

/// Sub-attributes of a complex value are addressed one by one: servers disagree whether `replace` of a complex
/// attribute merges or replaces.
fn set(path: &AttrPath, value: &Value, clears: &Clears, ops: &mut Vec<PatchOp>) {
    match value {
        Value::Object(object) if path.sub.is_none() && !path.is_bare() && object.get("value").is_none() => {
            for (name, value) in object.iter() {
                let sub = path.clone().with_sub(name);
                ops.push(if is_blank(value) { clears.op(sub) } else { PatchOp::replace(sub, value.clone()) });
            }
        }
        _ => ops.push(PatchOp::replace(path.clone(), value.clone())),
    }
}
