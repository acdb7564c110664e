//! `init`: a repository to start from, and its workflows played step by step.

#[cfg(unix)]
mod forge;
mod fresh;
#[cfg(unix)]
mod github;
#[cfg(unix)]
mod gitlab;
#[cfg(unix)]
mod install;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod runner;
