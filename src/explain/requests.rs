//! Step 5: what would be sent, or why nothing is.

use super::Request;
use crate::live::Live;
use crate::plan::schedule::schedule;
use crate::plan::{IdRef, Mode, PlanInput, Step, StepBody, StepMember, TargetPlan, WITHHELD};
use crate::scim::patch::{PatchOp, PatchRequest};
use crate::scim::{Object, ResourceKind, Value};

/// The requests that an apply would make for a key, in their order.
pub(super) fn requests(
    input: &PlanInput<'_>,
    live: &Live,
    plan: &TargetPlan,
    kind: ResourceKind,
    key: &str,
) -> Vec<Request> {
    if !plan.is_written() {
        return Vec::new();
    }
    let steps = schedule(plan, input.desired, live, &input.target.profile, &live.discovery);
    steps.iter().filter(|step| step.kind == kind && step.key == key).map(request).collect()
}

fn request(step: &Step) -> Request {
    let endpoint = step.kind.endpoint();
    let path = match &step.on {
        None => format!("/{endpoint}"),
        Some(on) => format!("/{endpoint}/{}", id(on)),
    };
    let (body, note) = match &step.body {
        StepBody::Post(object) => (serde_json::to_value(without_secret(object)).ok(), None),
        StepBody::Patch(operations) => (patch(operations), None),
        StepBody::Put(operations) => (patch(operations), Some("laid over the resource as it is then")),
        StepBody::Members(members) => {
            let mut body = serde_json::json!({ "add": names(&members.add), "remove": names(&members.remove) });
            if let (false, Some(body)) = (members.attributes.is_empty(), body.as_object_mut()) {
                body.insert("attributes".to_owned(), patch(&members.attributes).unwrap_or_default());
            }
            (Some(body), Some("members by key and id; the profile says in which form they are sent"))
        }
        StepBody::Delete => (None, None),
    };
    let mut body = body;
    if let Some(body) = &mut body {
        readable(body);
    }
    Request { method: step.body.method().to_owned(), path, body, note: note.map(str::to_owned) }
}

fn id(on: &IdRef) -> String {
    match on {
        IdRef::Id(id) => id.clone(),
        IdRef::Created(of) => format!("<id of {of}>"),
    }
}

fn names(members: &[StepMember]) -> Vec<String> {
    members.iter().map(|member| format!("{} ({})", member.name, id(&member.id))).collect()
}

fn is_secret(name: &str) -> bool {
    name.eq_ignore_ascii_case("password")
}

fn without_secret(object: &Object) -> Object {
    let shown = |name: &str, value: &Value| if is_secret(name) { Value::from(WITHHELD) } else { value.clone() };
    object.iter().map(|(name, value)| (name, shown(name, value))).collect()
}

fn patch(operations: &[PatchOp]) -> Option<serde_json::Value> {
    let mut operations = operations.to_vec();
    for operation in &mut operations {
        match (&operation.path, &mut operation.value) {
            (Some(path), Some(value)) if is_secret(&path.attribute) => *value = Value::from(WITHHELD),
            (None, Some(Value::Object(object))) => *object = without_secret(object),
            _ => {}
        }
    }
    serde_json::to_value(PatchRequest::new(operations)).ok()
}

/// Ids that the apply makes are told in words.
fn readable(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if let Some(rest) = text.strip_prefix('\u{0}') {
                *text = format!("<{rest}>");
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(readable),
        serde_json::Value::Object(object) => object.values_mut().for_each(readable),
        _ => {}
    }
}

/// Why nothing is sent for a key.
pub(super) fn nothing(plan: &TargetPlan, kind: ResourceKind, key: &str, none: bool, there: bool) -> Option<String> {
    let is_own = |resource: ResourceKind, own: &str| resource == kind && own == key;
    if !none {
        return None;
    }
    let error = plan.errors.iter().find(|error| is_own(error.resource, &error.key));
    let held = plan.suppressed.iter().any(|change| is_own(change.resource, &change.key));
    Some(match (plan.mode, error) {
        (Mode::ReadOnly, _) => "the target is `mode: readOnly`".to_owned(),
        (Mode::Disabled, _) => "the target is `mode: disabled`".to_owned(),
        (Mode::Sync, Some(error)) => error.message.clone(),
        (Mode::Sync, None) if held => "`actions` of the target switches it off".to_owned(),
        (Mode::Sync, None) if there => "the target is as declared".to_owned(),
        (Mode::Sync, None) => "there is nothing at the target, and nothing is to be".to_owned(),
    })
}
