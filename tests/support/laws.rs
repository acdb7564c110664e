//! Laws over random cases, and over every built-in profile.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};
use scimform::profile;

/// Most of each law is waiting for the program.
const WORKERS: usize = 4;

/// Ends the test unless a law holds of so many cases, or of `PROPTEST_CASES`. They are the same on every run, so that a
/// change is judged by what it changed; `PROPTEST_RNG_SEED` asks for others.
#[track_caller]
pub fn hold<S: Strategy>(what: &str, cases: u32, strategy: &S, law: impl Fn(S::Value) -> TestCaseResult) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(cases);
    let mut config = Config { cases, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_201);
    }
    TestRunner::new(config).run(strategy, law).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// Runs a law for every built-in profile, some at the same time; `SCIMFORM_PROFILE=figma` runs it for that one alone.
pub fn each_profile(law: impl Fn(&str) + Sync) {
    let chosen = std::env::var("SCIMFORM_PROFILE").ok();
    let names: Vec<&str> =
        profile::names().filter(|name| chosen.as_deref().is_none_or(|chosen| chosen == *name)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    law(name);
                }
            });
        }
    });
    assert!(!names.is_empty(), "no such profile: {chosen:?}");
}
