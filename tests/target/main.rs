//! Talking to awkward SCIM servers on this machine: the cases of paging, faults and credentials that must hold.

mod mock;

mod auth;
mod cursors;
mod faults;
mod lookups;
mod members;
mod paging;
mod redirects;
mod writes;
