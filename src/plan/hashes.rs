//! What the ledger remembers of asserted and kept values.

use crate::desired::Asserted;
use crate::ledger::{Hasher, Mark};
use crate::scim::Value;

/// The ledger's hash of an asserted value; a person is noted by key. `path` is the attribute path as it prints.
pub fn asserted_hash(hasher: &Hasher, path: &str, value: &Asserted) -> Mark {
    match value {
        Asserted::Value(value) => hasher.hash(path, value),
        Asserted::User(key) => hasher.hash(path, &Value::from(key.as_str())),
        // Sent at creation alone, and so never noted: there is nothing that a later value is compared with.
        Asserted::Secret(_) => hasher.hash(path, &Value::Null),
    }
}
