//! Talking to awkward SCIM servers on this machine: the cases of paging, faults and credentials that must hold.

mod auth;
mod cursors;
mod discovery;
mod faults;
mod laws;
mod lookups;
mod members;
mod paging;
mod redirects;
mod refusals;
mod unverified;
mod writes;
