//! GitOps for SCIM: people, groups, app bindings and attribute mappings are declared in YAML in a
//! git repository; scimform validates them, plans a diff against live SCIM 2.0 targets and applies it.
//!
//! Data flows one way:
//!
//! ```text
//! files ──load──▶ SourceMap ──parse, schema──▶ Config ──validate──▶ Directory ──project──▶ Desired ─┐
//!                                                                                                   ├─ diff ─▶ Plan ─▶ guard ─▶ render
//! target ──read (GET only)──▶ Live ; ledger ──▶ Ledger ──────────────────────────────────────────────┘             └─▶ schedule ─▶ Steps ─▶ apply ─▶ Journal, Ledger', Report
//! ```
//!
//! Modules are listed dependencies first; a module uses only those above it, and a test checks that.
//! What is `pub` in a module that is not public is for the rest of the crate; public are those that tests reach into.
//! The crate promises no stable Rust interface: the command line, the file language and the published
//! formats are what is kept stable.

mod wording;

pub mod source;
pub mod diag;
pub mod scim;
pub mod profile;
pub mod config;
mod edit;
pub mod mapping;
pub mod directory;
mod desired;
pub mod live;
mod access;
pub mod ledger;
pub mod plan;
mod explain;
mod import;
mod accept;
pub mod repo;
pub mod target;
pub mod apply;
mod probe;
pub mod render;
pub mod sandbox;
mod engine;
pub mod cli;
