//! PATCH bodies (RFC 7644 section 3.5.2).

use super::reply::Failure;
use crate::scim::patch::{Op, PatchOp};
use crate::scim::path::AttrPath;
use crate::scim::{Object, Value, urn};

/// The operations of a body, each problem with the `scimType` it has by Table 9.
pub(super) fn read(body: &Object) -> Result<Vec<PatchOp>, Failure> {
    let declared = body.get("schemas").and_then(Value::as_array).unwrap_or_default();
    if !declared.iter().any(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(urn::PATCH_OP))) {
        return Err(Failure::bad("invalidSyntax", format!("`schemas` of a PATCH must be [\"{}\"]", urn::PATCH_OP)));
    }
    let operations = body.get("Operations").and_then(Value::as_array).unwrap_or_default();
    if operations.is_empty() {
        return Err(Failure::bad("invalidSyntax", "a PATCH needs `Operations`"));
    }
    operations.iter().map(operation).collect()
}

fn operation(value: &Value) -> Result<PatchOp, Failure> {
    let op = value.get("op").and_then(Value::as_str).unwrap_or_default();
    let op: Op = op.parse().map_err(|_| Failure::bad("invalidSyntax", format!("\"{op}\" is no operation")))?;
    let path = match value.get("path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(
            text.parse::<AttrPath>()
                .map_err(|error| Failure::bad("invalidPath", format!("`path` \"{text}\": {error}")))?,
        ),
        Some(_) => return Err(Failure::bad("invalidPath", "`path` must be a string")),
    };
    if op == Op::Remove && path.is_none() {
        return Err(Failure::bad("noTarget", "`remove` needs a path"));
    }
    Ok(PatchOp { op, path, value: value.get("value").cloned() })
}

/// Refuses value filters in paths, as servers do that don't understand them.
pub(super) fn without_filters(operations: &[PatchOp]) -> Result<(), Failure> {
    let filtered = operations.iter().filter_map(|operation| operation.path.as_ref()).find(|path| path.filter.is_some());
    filtered.map_or(Ok(()), |path| {
        Err(Failure::bad("invalidPath", format!("`path` \"{path}\": this server takes no filters in paths")))
    })
}

/// Tells the operations on a group's members from the others.
pub(super) fn split(operations: Vec<PatchOp>) -> (Vec<PatchOp>, Vec<PatchOp>) {
    let (mut members, mut rest) = (Vec::new(), Vec::new());
    for mut operation in operations {
        match (&operation.path, &mut operation.value) {
            (Some(path), _) if path.is_core() && path.attribute.eq_ignore_ascii_case("members") => {
                members.push(operation);
            }
            (None, Some(Value::Object(object))) => {
                if let Some(value) = object.remove("members") {
                    let path = Some(AttrPath::attribute("members"));
                    members.push(PatchOp { op: operation.op, path, value: Some(value) });
                }
                if !object.is_empty() {
                    rest.push(operation);
                }
            }
            _ => rest.push(operation),
        }
    }
    (members, rest)
}
