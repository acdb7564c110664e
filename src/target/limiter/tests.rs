//! When requests may start.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;

#[tokio::test]
async fn never_more_in_flight_than_allowed_and_all_get_through() {
    let limiter = Arc::new(Limiter::new(3, &[]));
    let (now, most, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (limiter, now, most, done) = (limiter.clone(), now.clone(), most.clone(), done.clone());
        tasks.spawn(async move {
            let permit = limiter.acquire("GET", "Users").await;
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            now.fetch_sub(1, Ordering::SeqCst);
            done.fetch_add(1, Ordering::SeqCst);
            drop(permit);
        });
    }
    tokio::time::timeout(Duration::from_secs(10), tasks.join_all()).await.expect("no worker is forgotten");
    assert_eq!(most.load(Ordering::SeqCst), 3);
    assert_eq!(done.load(Ordering::SeqCst), 200);
}

#[tokio::test]
async fn halves_once_per_round_and_grows_slowly() {
    let limiter = Limiter::new(8, &[]);
    let (first, second) = (limiter.acquire("GET", "Users").await, limiter.acquire("GET", "Users").await);
    first.overloaded(429);
    second.overloaded(429);
    assert!((limiter.limit() - 4.0).abs() < 1e-9);
    for _ in 0..4 {
        first.succeeded();
    }
    assert!(limiter.limit() > 4.5 && limiter.limit() < 5.5);
    for _ in 0..100 {
        first.succeeded();
    }
    assert!((limiter.limit() - 8.0).abs() < 1e-9);
}

#[tokio::test]
async fn t77_a_pause_holds_for_all() {
    let limiter = Limiter::new(4, &[]);
    limiter.pause(Duration::from_millis(60));
    let start = Instant::now();
    let (_a, _b) = tokio::join!(limiter.acquire("GET", "Users"), limiter.acquire("GET", "Users"));
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[test]
fn the_bucket_keeps_the_rate_in_every_window() {
    let rate = Rate { requests: 100, seconds: 10, ..Rate::default() };
    let mut bucket = Bucket::new(&rate);
    let start = bucket.filled;
    let mut taken = Vec::new();
    for ms in (0..60_000).step_by(5) {
        let now = start + Duration::from_millis(ms);
        if bucket.wait(now).is_none() {
            bucket.take();
            taken.push(ms);
        }
    }
    let worst = taken.iter().map(|from| taken.iter().filter(|at| (*from..from + 10_000).contains(*at)).count()).max();
    assert!(worst <= Some(100), "{worst:?}");
    assert!(taken.len() > 500, "{}", taken.len());
}

/// Milliseconds after the start at which each request of a row, sent as soon as it may be, starts.
fn starts(limiter: &Limiter, begin: Instant, row: &[(&str, &str)]) -> Vec<u128> {
    let mut now = begin;
    let mut starts = Vec::new();
    for (method, endpoint) in row {
        let mut state = limiter.state();
        while let Entry::After(wait) = state.enter(now, method, endpoint) {
            now += wait;
        }
        starts.push(now.duration_since(begin).as_millis());
    }
    starts
}

#[test]
fn each_rate_holds_for_the_requests_that_it_counts() {
    // Ten a minute make a burst of one and nine that flow: six and two thirds of a second between two.
    let limiter = Limiter::new(64, &[rate(&["POST", "PATCH"], Some("Groups"), 10, 60), rate(&[], None, 6000, 60)]);
    let begin = Instant::now();
    let others = starts(&limiter, begin, &[("GET", "Groups"), ("PATCH", "Users"), ("DELETE", "Groups")]);
    assert_eq!(others, [0, 0, 0]);
    let groups = starts(&limiter, begin, &[("PATCH", "Groups"), ("POST", "Groups"), ("patch", "groups")]);
    assert_eq!(groups[0], 0);
    assert!((6600..6800).contains(&groups[1]) && (13_300..13_500).contains(&groups[2]), "{groups:?}");
}

#[test]
fn who_waits_for_one_rate_uses_up_no_other() {
    let limiter = Limiter::new(64, &[rate(&[], None, 100, 10), rate(&["POST"], None, 1, 3600)]);
    let begin = Instant::now();
    assert_eq!(starts(&limiter, begin, &[("POST", "Users")]), [0]);
    for _ in 0..5 {
        let blocked = limiter.state().enter(begin, "POST", "Users");
        assert!(matches!(blocked, Entry::After(wait) if wait > Duration::from_secs(3500)), "the hour's one is spent");
    }
    assert_eq!(starts(&limiter, begin, &[("GET", "Users"); 9]), [0; 9], "the burst of the wider rate is still there");
}

fn rate(methods: &[&str], resource: Option<&str>, requests: u64, seconds: u64) -> Rate {
    let methods = methods.iter().map(|method| (*method).to_owned()).collect();
    Rate { methods, resource: resource.map(str::to_owned), requests, seconds }
}

#[tokio::test]
async fn whoever_shows_progress_sees_what_slows_it_down() {
    let limiter = Limiter::new(8, &[]);
    assert_eq!(limiter.throttle(), Throttle { allowed: 8, most: 8, ..Throttle::default() });
    let permit = limiter.acquire("GET", "Users").await;
    permit.overloaded(429);
    limiter.pause(Duration::from_secs(12));
    let slow = limiter.throttle();
    assert_eq!((slow.in_flight, slow.allowed, slow.status), (1, 4, Some(429)));
    assert!(slow.pause > Some(Duration::from_secs(11)));
    limiter.state().paused_until = None;
    (0..100).for_each(|_| permit.succeeded());
    assert_eq!(limiter.throttle().status, None, "it is as fast as ever again");
}
