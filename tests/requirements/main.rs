//! Every vendor fact that must hold, one test each by its ID, against the embedded server in that vendor's profile.
//! `vendors.yaml` lists the facts in words; `docs/dev/requirements.md` is generated from both.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::format_collect,
    clippy::needless_borrows_for_generic_args,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

#[path = "../support/mod.rs"]
mod support;

mod connection;
mod jumpcloud;
mod lattice_attributes;
mod lattice_entra;
mod lattice_jumpcloud;
mod modes;
mod scalekit;
mod table;
mod world;
