//! `init`: a repository to start from, and its workflows played step by step.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_borrows_for_generic_args,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

mod support;

#[cfg(unix)]
#[path = "init/forge.rs"]
mod forge;
#[path = "init/fresh.rs"]
mod fresh;
#[cfg(unix)]
#[path = "init/github.rs"]
mod github;
#[cfg(unix)]
#[path = "init/gitlab.rs"]
mod gitlab;
#[cfg(unix)]
#[path = "init/install.rs"]
mod install;
#[cfg(unix)]
#[path = "init/place.rs"]
mod place;
#[cfg(unix)]
#[path = "init/runner.rs"]
mod runner;
