//! `import`: a tenant is taken over into files, and the plan is empty then.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::use_debug,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

mod support;

#[path = "convergence/cases.rs"]
#[allow(dead_code, reason = "its generators are used alone")]
mod cases;
#[path = "import/choosing.rs"]
mod choosing;
#[path = "import/files.rs"]
mod files;
#[path = "import/laws.rs"]
mod laws;
#[path = "convergence/needs.rs"]
mod needs;
#[path = "import/tenant.rs"]
mod tenant;
#[path = "import/words.rs"]
mod words;
#[path = "convergence/world.rs"]
#[allow(dead_code, reason = "its generators are used alone")]
mod world;
#[path = "import/csv.rs"]
mod csv;
