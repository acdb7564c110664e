//! The embedded SCIM 2.0 server.
