//! Hashes of meaning: of a change, of a plan. No times, no ids of ours, no order that a server chose.
//!
//! The server's id of what is written belongs to the meaning: the same key can come to stand for another account, and
//! whoever reviewed the change looked at the one. Members go by key, since whom the same plan creates has no id yet;
//! that a key stands for another account than before is an adoption, which is reviewed on its own.

use serde_json::json;

use crate::scim::{ResourceKind, Value};

use super::{Change, MemberRef, TargetPlan};

/// Hash of a change's meaning: action, object, both sides of its attributes, members. 32 hex digits.
pub(super) fn of_change(change: &Change) -> String {
    let mut attributes: Vec<_> = change
        .attributes
        .iter()
        .map(|attribute| {
            (
                attribute.path.to_string(),
                canonical(&attribute.before),
                canonical(&attribute.after),
                &attribute.reference,
                attribute.sensitive,
            )
        })
        .collect();
    attributes.sort_unstable();
    let members = |members: &[MemberRef]| {
        let mut names: Vec<_> = members
            .iter()
            // Someone whom nobody declared is only known by the id.
            .map(|member| {
                (member.resource.name(), member.key.as_deref(), member.id.as_deref().filter(|_| member.key.is_none()))
            })
            .collect();
        names.sort_unstable();
        json!(names)
    };
    let meaning = json!([
        change.action,
        change.resource,
        change.key,
        change.id,
        attributes,
        members(&change.members.add),
        members(&change.members.remove),
    ]);
    hash(meaning.to_string().as_bytes())
}

/// Hash of an adoption's meaning: which key stands for which account from now on.
pub(super) fn of_adoption(kind: ResourceKind, key: &str, id: &str) -> String {
    hash(json!(["adopt", kind, key, id]).to_string().as_bytes())
}

/// Hash of a plan's meaning: the digests of its changes and adoptions, by target.
pub(super) fn of_plan(targets: &[TargetPlan]) -> String {
    let targets: Vec<_> = targets
        .iter()
        .map(|target| {
            let changes: Vec<_> = target.changes.iter().map(|change| &change.digest).collect();
            let adoptions: Vec<_> = target.adoptions.iter().map(|adoption| &adoption.digest).collect();
            // Reviewed where it could not be made is not reviewed as to be made.
            json!([target.name, target.mode, changes, adoptions])
        })
        .collect();
    hash(json!(targets).to_string().as_bytes())
}

/// 32 hex digits of BLAKE3.
pub(super) fn hash(bytes: &[u8]) -> String {
    let mut hex = blake3::hash(bytes).to_hex().to_string();
    hex.truncate(32);
    hex
}

/// One text for all notations of a value: names in lower case and sorted, elements sorted.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let mut items: Vec<String> = items.iter().map(canonical).collect();
            items.sort_unstable();
            format!("[{}]", items.join(","))
        }
        Value::Object(object) => {
            let mut fields: Vec<String> = object
                .iter()
                .map(|(name, value)| format!("{}:{}", json!(name.to_ascii_lowercase()), canonical(value)))
                .collect();
            fields.sort_unstable();
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}
