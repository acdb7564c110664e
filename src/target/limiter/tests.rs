//! When requests may start.

use std::collections::BTreeMap;
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

#[test]
fn t77_a_pause_holds_for_all() {
    let limiter = Limiter::new(4, &[rate(&["GET"], None, 9, 1)]);
    limiter.pause(Duration::from_secs(60));
    let now = Instant::now();
    for method in ["GET", "POST"] {
        assert!(matches!(limiter.state().enter(now, method, "Users"), Err(Hold::Until(moment)) if moment > now));
    }
    assert!(limiter.state().enter(now + Duration::from_secs(61), "POST", "Users").is_ok());
}

#[test]
fn each_rate_holds_for_the_requests_that_it_counts_and_uses_up_no_other() {
    let limiter = Limiter::new(64, &[rate(&["POST", "PATCH"], Some("Groups"), 2, 60), rate(&[], None, 9, 10)]);
    let now = Instant::now();
    let passes = |method, endpoint| limiter.state().enter(now, method, endpoint).is_ok();
    assert!(passes("PATCH", "Groups") && passes("post", "groups"));
    for _ in 0..20 {
        assert!(!passes("PATCH", "Groups"), "both are spent");
    }
    assert!(passes("GET", "Groups") && passes("PATCH", "Users") && passes("DELETE", "Groups"));
    assert_eq!((0..20).filter(|_| passes("GET", "Users")).count(), 4, "who waited took nothing of the wider rate");
}

/// What a server makes of a request that comes so many milliseconds after the start: whether it refuses, and what it
/// tells.
type Law = Box<dyn FnMut(u64) -> (bool, Vec<Quota>)>;

/// A server that lets so many through in any window of so many seconds.
fn sliding(most: usize, seconds: u64) -> Law {
    let mut passed: Vec<u64> = Vec::new();
    Box::new(move |at| {
        let refused = passed.iter().filter(|one| at - **one < seconds * 1000).count() >= most;
        passed.extend((!refused).then_some(at));
        (refused, Vec::new())
    })
}

/// A server with a bucket that fills in so many seconds; it counts thousandths of requests.
fn bucket(size: u64, seconds: u64) -> Law {
    let (mut level, mut filled) = (size * 1000, 0);
    Box::new(move |at| {
        level = (level + (at - filled) * size / seconds).min(size * 1000);
        filled = at;
        let refused = level < 1000;
        level -= if refused { 0 } else { 1000 };
        (refused, Vec::new())
    })
}

/// A server that counts anew whenever a window is over, and tells what is left and the seconds to the next, rounded up.
fn telling(most: u64, seconds: u64) -> Law {
    let (mut since, mut left) = (0, most);
    Box::new(move |at| {
        if at - since >= seconds * 1000 {
            (since, left) = (at, most);
        }
        let refused = left == 0;
        left = left.saturating_sub(1);
        let reset = Some(Duration::from_secs((since + seconds * 1000 - at).div_ceil(1000)));
        (refused, vec![Quota { name: String::new(), left: Some(left), reset }])
    })
}

/// Sends PATCHes, sixteen abreast, to a server 20 to 30 ms away, over connections that take 300 ms to open: how many were refused, and how
/// long it took.
fn run(rates: &[Rate], mut law: Law, requests: usize) -> (usize, Duration) {
    let limiter = Limiter::new(16, rates);
    let begin = Instant::now();
    let ms = |ms: usize| Duration::from_millis(ms as u64);
    let (mut now, mut sent, mut refused) = (begin, 0, 0);
    let (mut coming, mut answers) = (BTreeMap::new(), BTreeMap::new());
    while sent < requests || !coming.is_empty() || !answers.is_empty() {
        let mut state = limiter.state();
        let mut next = None;
        if sent < requests {
            match state.enter(now, "PATCH", "Users") {
                Ok(permit) => {
                    let slow = if now < begin + ms(300) { 300 } else { 0 };
                    coming.insert((now + ms(10 + slow + sent * 7919 % 11), sent), permit);
                    sent += 1;
                    continue;
                }
                Err(Hold::Until(moment)) => next = Some(moment),
                Err(Hold::Answer) => {}
            }
        }
        let events = coming.keys().chain(answers.keys()).map(|(at, _)| *at);
        now = events.chain(next).min().unwrap();
        while let Some(entry) = coming.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, number), permit) = entry.remove_entry();
            let (refuses, told) = law(u64::try_from(at.duration_since(begin).as_millis()).unwrap());
            refused += usize::from(refuses);
            answers.insert((at + ms(10), number), (permit, told));
        }
        while let Some(entry) = answers.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, _), ((started, counted), told)) = entry.remove_entry();
            state.budgets.told(at, &told, Duration::from_secs(60));
            state.leave(at, started, &counted);
        }
    }
    (refused, now.duration_since(begin))
}

#[test]
fn a_limit_is_used_to_97_percent_and_never_overrun_whoever_tells_it() {
    let known = |requests, seconds| vec![rate(&[], None, requests, seconds)];
    for (name, rates, law, most, seconds) in [
        ("window of 10 s, known", known(100, 10), sliding(100, 10), 100, 10),
        ("window of 1 s, known", known(50, 1), sliding(50, 1), 50, 1),
        ("fewer than are sent abreast, known", known(5, 30), sliding(5, 30), 5, 30),
        ("bucket, known", known(50, 1), bucket(50, 1), 50, 1),
        ("fixed window, known", known(100, 10), telling(100, 10), 100, 10),
        ("fixed window, told by answers", vec![], telling(100, 10), 100, 10),
        ("fixed window of a minute, told by answers", vec![], telling(180, 60), 180, 60),
    ] {
        let (refused, took) = run(&rates, law, most * 40);
        let least = Duration::from_secs(seconds * 39);
        assert_eq!(refused, 0, "{name}");
        assert!(took.mul_f64(0.97) <= least, "{name}: {took:?}");
    }
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
