//! Rate limits, in each form that vendors say them in.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use scimform::scim::ResourceKind::User;
use serde_json::json;

use crate::bends::Bends;
use crate::mock::Reply;
use crate::server::Odd;
use crate::world::{World, both};

/// A server that refuses every POST for a second, after two of them.
fn waits(limited: impl Fn(Duration) -> Reply + Send + Sync + 'static) {
    let until = Mutex::new(None);
    let server = Odd::new(Bends::default()).hook(move |asked, state| {
        if !asked.is("POST", User) || state.users.len() < 2 {
            return None;
        }
        let until = *until.lock().unwrap().get_or_insert_with(|| Instant::now() + Duration::from_secs(1));
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| limited(left))
    });
    let world = World::of(server);
    world.target(json!({"capabilities": {"concurrency": 1}}));
    world.staff(&["u0", "u1", "u2", "u3", "u4", "u5"]);
    let ran = world.apply();
    assert_eq!((ran.code, world.server.state().users.len()), (0, 6), "{}", both(&ran));
    let refused = world.server.writes().iter().filter(|asked| matches!(asked.status, 403 | 429)).count();
    assert!(refused <= 3, "{refused} requests within the limit");
}

#[test]
fn a_403_with_retry_after_is_waited_for() {
    waits(|_| Reply::error(403, "", "a secondary rate limit").with("retry-after", "1"));
}

#[test]
fn a_403_with_nothing_remaining_is_waited_for() {
    waits(|_| Reply::error(403, "", "slow down").with("x-ratelimit-remaining", "0").with("retry-after", "1"));
}

#[test]
fn a_reset_as_the_time_of_day_is_waited_for() {
    waits(|left| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let reset = (now + left).as_secs() + 1;
        Reply::error(429, "", "too many")
            .with("x-rate-limit-limit", "5")
            .with("x-rate-limit-remaining", "0")
            .with("x-rate-limit-reset", reset.to_string())
    });
}

#[test]
fn a_reset_in_seconds_is_waited_for() {
    waits(|_| Reply::error(429, "", "too many").with("ratelimit-remaining", "0").with("ratelimit-reset", "1"));
}
