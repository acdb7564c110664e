//! Every vendor fact that must hold, one test each by its ID, against the embedded server in that vendor's profile.
//! `vendors.yaml` lists the facts in words; `docs/dev/requirements.md` is generated from both.

mod connection;
mod jumpcloud;
mod lattice_attributes;
mod lattice_entra;
mod lattice_jumpcloud;
mod scalekit;
mod table;
mod world;
