//! The laws end to end, on random servers and random histories of a company: what a plan says is so, and what an apply
//! leaves behind is as declared or is said.
//!
//! The cases are the same on every run. `SCIMFORM_ODD=2000 cargo test --test suite odd::laws -- --nocapture` plays more of them,
//! `SCIMFORM_ODD_SEED=17` begins at another one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::odd::random::{Case, case};
use crate::odd::run::{Run, brief};

/// Waits are most of the time.
const WORKERS: usize = 8;
const CASES: usize = 40;

/// What was played.
#[derive(Default)]
pub struct Played {
    pub applies: AtomicUsize,
    pub green: AtomicUsize,
    pub changes: AtomicUsize,
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn the_laws_hold_on_random_servers() {
    let (cases, seed) = (number("SCIMFORM_ODD", CASES), number("SCIMFORM_ODD_SEED", 0));
    let (next, played, broken) = (AtomicUsize::new(seed), Played::default(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= seed + cases {
                        return;
                    }
                    let rng_seed = RngSeed::Fixed(at as u64);
                    let shrinks = u32::try_from(number("SCIMFORM_ODD_SHRINKS", 40)).unwrap();
                    let config = Config {
                        cases: 1,
                        rng_seed,
                        max_shrink_iters: shrinks,
                        failure_persistence: None,
                        ..Config::default()
                    };
                    let outcome = TestRunner::new(config).run(&case(), |case| play(&case, &played));
                    if let Err(error) = outcome {
                        broken.lock().unwrap().push(format!("=== seed {at}: {error}"));
                    }
                }
            });
        }
    });
    let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let (applies, green, changes) = (count(&played.applies), count(&played.green), count(&played.changes));
    println!("{cases} servers, {applies} applies of {changes} changes, {green} ended with 0");
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "{} of {cases} servers break a law\n{}", broken.len(), broken.join("\n"));
    assert!(cases < CASES || (green * 3 > applies && changes > cases), "the cases are too tame");
}

fn play(case: &Case, played: &Played) -> Result<(), TestCaseError> {
    let mut run = Run::new(case);
    run.round(&[], played);
    for events in &case.rounds {
        run.round(events, played);
    }
    // Nothing happens any more.
    let mut quiet = false;
    for _ in 0..2 {
        let from = run.world.server.writes().len();
        let ran = run.round(&[], played);
        let written = run.world.server.writes().split_off(from);
        if quiet && !written.is_empty() {
            run.breaks("writes again and again", format!("{:#?}\n{}", brief(&written), ran.said()));
        }
        quiet = ran.code == 0;
    }
    if run.broken.is_empty() { Ok(()) } else { Err(TestCaseError::fail(run.broken.join("\n"))) }
}
