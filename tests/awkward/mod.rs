//! The awkward cases, each under its number: what a server, a network or a file does to whoever trusts it. `cases.yaml`
//! names them all.

mod attributes;
mod changes;
mod doubts;
mod files;
mod http;
mod identity;
mod patching;
mod shapes;
