//! Laws end to end, over random people, groups and targets, for each profile: an apply ends well and leaves nothing to do,
//! what is not ours stays as it was byte for byte, and attributes that nobody asserts stay.
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

#[path = "convergence/world.rs"]
mod world;

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use world::{Case, World};

/// Runs the law for one profile, `PROPTEST_CASES` times (24 if not set). The cases are the same on every run, so that a
/// change is judged by what it changed; `PROPTEST_RNG_SEED` asks for others.
fn converges(profile: &'static str) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    let mut config = Config { cases, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_201);
    }
    let (changes, strangers) = (AtomicU64::new(0), AtomicU64::new(0));
    let outcome = TestRunner::new(config).run(&world::case(profile), |case: Case| {
        let world = World::of(profile, &case);
        for directory in &case.directories {
            changes.fetch_add(world.converge(directory).map_err(TestCaseError::fail)?, Ordering::Relaxed);
        }
        strangers.fetch_add(case.strangers() as u64, Ordering::Relaxed);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{profile}: {error}");
    }
    let (changes, strangers) = (changes.into_inner(), strangers.into_inner());
    println!("{profile}: {cases} cases, {changes} changes applied, {strangers} strangers watched");
    assert!(changes > u64::from(cases) && strangers > 0, "the cases are too tame: {changes} {strangers}");
}

#[test]
fn generic_converges() {
    converges("generic");
}

#[test]
fn jumpcloud_converges() {
    converges("jumpcloud");
}

#[test]
fn lattice_converges() {
    converges("lattice");
}

#[test]
fn scalekit_converges() {
    converges("scalekit");
}
