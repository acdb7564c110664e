//! Two writers at once. `SCIMFORM_RACES` sets the number of rounds.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use scimform::ledger::{LedgerError, Store, TargetLedger};
use scimform::scim::ResourceKind;

use crate::ledger::world::{Bare, in_folder, in_git, load_or_new};
use crate::support::folder;

pub fn rounds(default: usize) -> usize {
    std::env::var("SCIMFORM_RACES").ok().map_or(default, |text| text.parse().unwrap())
}

fn number(ledger: &TargetLedger, key: &str) -> usize {
    ledger.users.get(key).map_or(0, |entry| entry.id.parse().unwrap())
}

fn count(ledger: &mut TargetLedger, key: &str) {
    let next = (number(ledger, key) + 1).to_string();
    ledger.record(ResourceKind::User, key, &next);
}

/// Two writers count one number up, each so many times, as fast as they can and without a lock. Returns how often one
/// was told that the other came first.
pub fn no_update_is_lost(stores: &[Store; 2], rounds: usize) -> usize {
    let conflicts = AtomicUsize::new(0);
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        for (store, own) in stores.iter().zip(["one", "other"]) {
            let (conflicts, barrier) = (&conflicts, &barrier);
            scope.spawn(move || {
                for _ in 0..rounds {
                    // Both begin each round together, so that they do meet.
                    barrier.wait();
                    loop {
                        let mut ledger = load_or_new(store);
                        count(&mut ledger, "both");
                        count(&mut ledger, own);
                        match store.save("app", &ledger) {
                            Ok(()) => break,
                            Err(LedgerError::Conflict { .. }) => conflicts.fetch_add(1, Ordering::Relaxed),
                            Err(error) => panic!("{error}"),
                        };
                    }
                }
            });
        }
    });
    let ledger = load_or_new(&stores[0]);
    let counted = ["one", "other", "both"].map(|key| number(&ledger, key));
    assert_eq!(counted, [rounds, rounds, 2 * rounds]);
    conflicts.into_inner()
}

/// Two runs want the lock at the same time: one has it, the other is told by whom it is held.
pub fn one_gets_the_lock(stores: &[Store; 2], rounds: usize) {
    let barrier = Barrier::new(2);
    for round in 0..rounds {
        let tried = std::thread::scope(|scope| {
            let tries = stores.each_ref().map(|store| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    store.lock(&["app".to_owned()], jiff::Timestamp::now())
                })
            });
            tries.map(|each| each.join().unwrap())
        });
        assert_eq!(tried.iter().filter(|lock| lock.is_ok()).count(), 1, "round {round}: {tried:?}");
        for lock in tried {
            match lock {
                Ok(lock) => drop(lock),
                Err(LedgerError::Locked { .. }) => {}
                Err(error) => panic!("round {round}: {error}"),
            }
        }
        assert_eq!(stores[round % 2].holders().unwrap().len(), 0, "round {round}");
    }
}

/// Two runs save different targets at the same time: neither is told of the other.
fn targets_do_not_meet(stores: &[Store; 2], rounds: usize) {
    std::thread::scope(|scope| {
        for (store, target) in stores.iter().zip(["one", "other"]) {
            scope.spawn(move || {
                let mut ledger = store.load([target]).unwrap().remove(target).unwrap_or_else(|| store.new_ledger());
                for _ in 0..rounds {
                    let lock = store.lock(&[target.to_owned()], jiff::Timestamp::now()).unwrap();
                    count(&mut ledger, "ada");
                    store.save(target, &ledger).unwrap();
                    drop(lock);
                }
            });
        }
    });
    for ledger in stores[0].load(["one", "other"]).unwrap().values() {
        assert_eq!(number(ledger, "ada"), rounds);
    }
}

pub fn run(place: &str, stores: &[Store; 2], rounds: usize) {
    let conflicts = no_update_is_lost(stores, rounds);
    one_gets_the_lock(stores, rounds);
    targets_do_not_meet(stores, rounds);
    println!("{place}: {rounds} rounds of two savers ({conflicts} told to read again), {rounds} of two lockers");
}

#[test]
fn two_writers_in_a_directory() {
    let folder = folder();
    run("directory", &[in_folder(folder.path()), in_folder(folder.path())], rounds(20));
}

#[test]
fn two_clones_of_one_remote() {
    let bare = Bare::new();
    let stores = ["one", "other"].map(|name| in_git(&bare.clone(name, &[])));
    run("git ref", &stores, rounds(8));
}
