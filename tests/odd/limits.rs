//! Rate limits, in each form that vendors say them in.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use scimform::scim::ResourceKind::User;
use serde_json::json;

use crate::odd::bends::Bends;
use crate::odd::server::Odd;
use crate::odd::world::{World, side_by_side};
use crate::support::mock::Reply;

/// A server that refuses every POST for a second, after two of them.
fn waits(limited: Limit) {
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
    assert_eq!((ran.code, world.server.state().users.len()), (0, 6), "{}", ran.said());
    let refused = world.server.writes().iter().filter(|asked| matches!(asked.status, 403 | 429)).count();
    assert!(refused <= 3, "{refused} requests within the limit");
}

type Limit = fn(Duration) -> Reply;

#[test]
fn a_limit_is_waited_for_in_every_form() {
    let forms: [Limit; 4] = [
        |_| Reply::error(403, "", "a secondary rate limit").with("retry-after", "1"),
        |_| Reply::error(403, "", "slow down").with("x-ratelimit-remaining", "0").with("retry-after", "1"),
        |_| Reply::error(429, "", "too many").with("ratelimit-remaining", "0").with("ratelimit-reset", "1"),
        |left| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
            let reset = (now + left).as_secs() + 1;
            Reply::error(429, "", "too many")
                .with("x-rate-limit-limit", "5")
                .with("x-rate-limit-remaining", "0")
                .with("x-rate-limit-reset", reset.to_string())
        },
    ];
    side_by_side(forms, waits);
}
