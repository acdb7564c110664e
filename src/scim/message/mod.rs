//! Messages of the protocol (RFC 7644, RFC 9865) and what discovery answers (RFC 7643 sections 5 and 6).
//!
//! Reading is lenient, as servers are; writing is as the RFCs say.

mod bulk;
mod config;
mod error;
pub(super) mod lenient;
mod list;
#[cfg(test)]
mod tests;

pub use bulk::{BulkOperation, BulkRequest, BulkResponse, BulkResult};
pub use config::{
    AuthenticationScheme, Bulk, Feature, Filtering, Pagination, ResourceType, SchemaExtension, ServiceProviderConfig,
};
pub use error::{ErrorBody, ScimError, ScimType};
pub use list::{ListResponse, SearchRequest, SortOrder};
