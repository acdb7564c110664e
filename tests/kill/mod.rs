//! An apply that is killed (SIGKILL) at any instant: the next one says what happened, finishes, and does nothing twice.
//! `SCIMFORM_KILLS=300` kills more often; `SCIMFORM_SEED` chooses other instants.

mod fan_out;
mod lost;
mod places;
mod proxy;
mod signals;
mod torn;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};

use world::{Instant, Start, World};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn t93_an_apply_killed_at_any_instant_is_finished_by_the_next() {
    let start = Start::new();
    let whole = start.undisturbed();
    assert!(whole.steps >= 30, "{}", whole.steps);
    let (kills, seed) = (number("SCIMFORM_KILLS", 15), number("SCIMFORM_SEED", 1));
    let (next, cut_off) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let worker = || {
        let mut found = Vec::new();
        loop {
            let turn = next.fetch_add(1, Ordering::Relaxed) as u64;
            if turn >= kills {
                return found;
            }
            let mut world = World::of(&start);
            // Every fifth is killed three times in a row.
            let times = if turn % 5 == 4 { 3 } else { 1 };
            let mut any = false;
            for time in 0..times {
                let instant = Instant::choose(seed, turn * 3 + time, &whole);
                any |= world.kill(instant);
            }
            cut_off.fetch_add(usize::from(any), Ordering::Relaxed);
            found.extend(world.finish(&whole).into_iter().map(|why| format!("kill {turn}: {why}")));
        }
    };
    let found: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let cut_off = cut_off.into_inner() as u64;
    println!("{kills} applies of {} steps were killed, {cut_off} of them in the middle", whole.steps);
    assert!(cut_off * 3 >= kills, "only {cut_off} of {kills} kills came in time to cut something off");
    assert!(found.is_empty(), "{} problems\n{}", found.len(), found.join("\n"));
}
