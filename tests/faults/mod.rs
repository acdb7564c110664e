//! A fixed apply of some dozens of steps, with every kind of fault at every request: whatever goes wrong, the laws of
//! convergence, restraint, honesty and no lost work hold after the fault, and the next apply finishes the rest.
//!
//! The suite plays a few points of each kind, and some faults that stay for the whole apply. All of them, with a table:
//! `SCIMFORM_FAULTS=all cargo test --test suite faults -- --nocapture`; those of some kinds: `SCIMFORM_FAULTS=kill …`, or at one request:
//! `SCIMFORM_FAULTS=kill@17 …`.

mod kinds;
mod laws;
pub mod state;
pub mod story;
pub mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use kinds::{Part, Point, parts, points};
use laws::{Played, play};
use world::{Start, Undisturbed};

/// Waits are most of the time, so there are more than there are processors; those of the slow kinds do nothing else.
const WORKERS: usize = 16;
const SLOW_WORKERS: usize = 96;

/// Points of each kind and part in the suite.
const SAMPLE: usize = 1;

/// At how many requests the slow kinds, and all kinds at the second server, are played: every so manieth.
const THIN: usize = 4;

/// What is to be played.
fn wanted() -> Option<String> {
    std::env::var("SCIMFORM_FAULTS").ok().filter(|wanted| !wanted.is_empty())
}

/// The points of this run.
fn choose(all: Vec<Point>, server: story::Server) -> Vec<Point> {
    let wanted = wanted();
    let everything = wanted.as_deref() == Some("all");
    let mut seen: BTreeMap<(&str, Part), usize> = BTreeMap::new();
    let mut total: BTreeMap<(&str, Part), usize> = BTreeMap::new();
    for point in &all {
        *total.entry((point.kind.name, point.part)).or_default() += 1;
    }
    let kept = |point: &Point| {
        let place = (point.kind.name, point.part);
        let number = *seen.entry(place).and_modify(|seen| *seen += 1).or_insert(0);
        // Other kinds meet other requests.
        let salt = kinds::KINDS.iter().position(|kind| kind.name == point.kind.name).unwrap_or_default();
        match &wanted {
            Some(_) if everything && (point.kind.slow || server == story::Server::Put) => number % THIN == salt % THIN,
            Some(_) if everything => true,
            Some(kind) => match kind.split_once('@') {
                Some((kind, at)) => point.kind.name.contains(kind) && at == point.at.to_string(),
                None => point.kind.name.contains(kind.as_str()),
            },
            None if point.kind.slow => false,
            // One of the reads and the checks in turn.
            None if point.part != Part::Write
                && (server == story::Server::Put || (point.part == Part::Read) != (salt % 2 == 0)) =>
            {
                false
            }
            None => (0..SAMPLE).any(|sample| number == (salt * 7 + sample * 11 + 3) % total[&place]),
        }
    };
    all.into_iter()
        .filter({
            let mut kept = kept;
            move |point| kept(point)
        })
        .collect()
}

/// Plays points side by side.
fn play_all(start: &Start, undisturbed: &Undisturbed, points: &[Point]) -> Vec<(usize, Played)> {
    let played = Mutex::new(Vec::new());
    let (slow, quick): (Vec<usize>, Vec<usize>) = (0..points.len()).partition(|at| points[*at].kind.slow);
    let next = [AtomicUsize::new(0), AtomicUsize::new(0)];
    std::thread::scope(|scope| {
        for (list, next, workers) in [(&slow, &next[0], SLOW_WORKERS.min(slow.len())), (&quick, &next[1], WORKERS)] {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(at) = list.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let outcome = std::panic::catch_unwind(|| play(start, undisturbed, &points[*at]));
                        let outcome = outcome.unwrap_or_else(|_| Played {
                            problems: vec!["the test itself failed".to_owned()],
                            code: -1,
                        });
                        played.lock().unwrap().push((*at, outcome));
                    }
                });
            }
        }
    });
    let mut played = played.into_inner().unwrap();
    played.sort_by_key(|(at, _)| *at);
    played
}

/// One row per kind: points at reads, writes and checks, and how many held.
fn table(points: &[Point], played: &[(usize, Played)]) -> String {
    let mut rows: Vec<(&str, [usize; 6])> = kinds::KINDS.iter().map(|kind| (kind.name, [0; 6])).collect();
    rows.push(("all", [0; 6]));
    let last = rows.len() - 1;
    for (at, outcome) in played {
        let point = &points[*at];
        let row = rows.iter().position(|(name, _)| *name == point.kind.name).unwrap();
        for row in [row, last] {
            let cells = &mut rows[row].1;
            cells[point.part as usize] += 1;
            cells[3] += usize::from(outcome.code == 0);
            cells[if outcome.problems.is_empty() { 4 } else { 5 }] += 1;
        }
    }
    let head = format!(
        "{:<42}{:>7}{:>7}{:>7}{:>8}{:>8}{:>8}{:>7}\n",
        "kind of fault", "reads", "writes", "checks", "points", "green", "held", "failed"
    );
    let line = |(name, cells): &(&str, [usize; 6])| {
        let [reads, writes, checks, green, held, failed] = cells;
        let points = reads + writes + checks;
        format!("{name:<42}{reads:>7}{writes:>7}{checks:>7}{points:>8}{green:>8}{held:>8}{failed:>7}\n")
    };
    head + &rows.iter().filter(|(_, cells)| cells[..3] != [0; 3]).map(line).collect::<String>()
}

fn run(server: story::Server) {
    let begun = Instant::now();
    let start = Start::new(story::told(server));
    let undisturbed = start.undisturbed();
    let parts = parts(&undisturbed.log);
    let count = |wanted: Part| parts.iter().filter(|part| **part == wanted).count();
    assert!(count(Part::Write) >= 24 && count(Part::Read) >= 5 && count(Part::Check) >= 10, "{:?}", undisturbed.log);
    let points = choose(points(&undisturbed.log, server != story::Server::Put), server);
    let played = play_all(&start, &undisturbed, &points);
    println!(
        "{server:?}: an apply of {} requests ({} reads, {} writes, {} checks); {} points in {:.0?}\n{}",
        parts.len(),
        count(Part::Read),
        count(Part::Write),
        count(Part::Check),
        played.len(),
        begun.elapsed(),
        table(&points, &played)
    );
    let failed: Vec<String> = played
        .iter()
        .filter(|(_, outcome)| !outcome.problems.is_empty())
        .map(|(at, outcome)| {
            let point = &points[*at];
            let request =
                undisturbed.log.get(point.at - 1).map(|request| format!("{} {}", request.method, request.path));
            format!(
                "=== {server:?}: {} ({}) at request {} ({:?}: {}):\n{}",
                point.kind.name,
                point.fault,
                point.at,
                point.part,
                request.unwrap_or_default(),
                outcome.problems.join("\n")
            )
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} points do not hold\n{}", failed.len(), played.len(), failed.join("\n"));
}

#[test]
fn the_laws_hold_with_any_fault_at_any_request() {
    run(story::Server::Patch);
}

#[test]
fn the_laws_hold_where_whole_resources_are_put_side_by_side() {
    run(story::Server::Put);
}

/// Plays faults that stay for the whole apply; how each ended.
fn play_all_along(faults: &[&str]) -> Vec<i32> {
    let start = Start::new(story::told(story::Server::Quick));
    let points: Vec<Point> = faults.iter().map(|fault| Point::all_along(fault)).collect();
    let played = play_all(&start, &start.undisturbed(), &points);
    for (at, outcome) in &played {
        assert!(outcome.problems.is_empty(), "{}: {}", faults[*at], outcome.problems.join("\n"));
    }
    played.into_iter().map(|(_, outcome)| outcome.code).collect()
}

#[test]
fn a_server_that_goes_on_lying_is_never_green() {
    assert_eq!(play_all_along(&["lie", "lie=title", "lie=members", "lie=active", "lie,on=PATCH"]), [4; 5]);
}

#[test]
fn a_list_that_shows_nothing_gives_nobody_up() {
    let codes = play_all_along(&["empty,at=users", "empty,at=groups", "404,at=groups,on=GET", "empty"]);
    assert!(!codes.contains(&0), "{codes:?}");
}
