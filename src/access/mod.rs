//! Who has access to what, and why: provenance of every account and of every group at a target, on one day.

mod chain;
mod declared;
mod live;
mod model;
mod narrow;
mod redact;

/// Name of the published format; it only grows.
pub const FORMAT: &str = "scimform.access/v1";

/// The JSON Schema of the published format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}

pub use declared::{assigned, declared};
pub use live::{Seen, compare};
pub use model::{
    Account, Assigned, Cause, Grant, GrantKind, Link, Place, Read, Report, Rule, Standing, Status, Summary,
    TargetAccess, Why,
};
