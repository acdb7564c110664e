//! A fixed apply with one fault at each of its requests, one kind after the other: whatever goes wrong, exit codes are
//! honest, the journal is true, and running again finishes the rest without doing anything twice.
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

#[path = "faults/world.rs"]
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};

use world::{Start, World};

/// Every kind of fault; each is played once, at one request.
const KINDS: [&str; 21] = [
    "429=1",
    "429",
    "500",
    "503",
    "html",
    "cut=before",
    "cut=after",
    "cut=body",
    "garbage",
    "lie",
    "lie=members+manager",
    "401",
    "403",
    "404",
    "409",
    "412",
    "stale=300ms",
    "latency=150ms",
    "empty",
    "total=+1",
    "total=-1",
];

/// Waits are most of the time, so more than there are processors.
const WORKERS: usize = 12;

#[test]
fn one_fault_at_any_request_is_told_and_healed() {
    let start = Start::new();
    let (requests, wanted) = start.undisturbed();
    assert!(requests >= 12, "{requests}");
    let points: Vec<(&str, u64)> = KINDS.iter().flat_map(|kind| (1..=requests).map(move |at| (*kind, at))).collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut found = Vec::new();
        let mut unclean = 0;
        while let Some((kind, at)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (problems, code) = World::of(&start).play(&format!("{kind},nth={at},count=1"), &wanted);
            unclean += usize::from(code != 0);
            found.extend(problems);
        }
        (found, unclean)
    };
    let results: Vec<(Vec<String>, usize)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let found: Vec<&String> = results.iter().flat_map(|(found, _)| found).collect();
    let unclean: usize = results.iter().map(|(_, unclean)| unclean).sum();
    println!("{} faults at {requests} requests, {unclean} applies ended with failures", points.len());
    assert!(unclean > 0 && unclean < points.len(), "{unclean}");
    let texts: Vec<&str> = found.iter().map(|text| text.as_str()).collect();
    assert!(texts.is_empty(), "{} problems\n{}", texts.len(), texts.join("\n"));
}

#[test]
fn a_server_that_goes_on_lying_is_never_green() {
    let start = Start::new();
    let (_, wanted) = start.undisturbed();
    let lies = ["lie", "lie=title", "lie=members", "lie=active", "lie,on=PATCH"];
    for lie in lies {
        let (problems, code) = World::of(&start).play(lie, &wanted);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert!(code == 4, "{lie} ended with {code}");
    }
}

#[test]
fn a_list_that_shows_nothing_gives_nobody_up() {
    let start = Start::new();
    let (_, wanted) = start.undisturbed();
    for fault in ["empty,at=users", "empty,at=groups", "404,at=groups,on=GET", "empty"] {
        let (problems, code) = World::of(&start).play(fault, &wanted);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert_ne!(code, 0, "{fault}");
    }
}
