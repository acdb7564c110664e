//! Laws end to end, over random people, groups and targets, for each profile: an apply ends well and leaves nothing to do,
//! what is not ours stays as it was byte for byte, and attributes that nobody asserts stay.

pub mod cases;
pub mod needs;
pub mod world;

use std::cell::Cell;

use cases::Case;
use needs::Needs;
use proptest::test_runner::TestCaseError;
use scimform::profile;
use world::World;

use crate::support::laws;

fn converges(name: &str) {
    let profile = profile::builtin(name).unwrap();
    let needs = Needs::of(&profile);
    let (worlds, changes, strangers) = (Cell::new(0), Cell::new(0), Cell::new(0));
    laws::hold(name, 8, &cases::case(&needs), |case: Case| {
        let world = World::of(&profile, &needs, &case);
        for directory in &case.directories {
            changes.set(changes.get() + world.converge(directory).map_err(TestCaseError::fail)?);
        }
        worlds.set(worlds.get() + 1);
        strangers.set(strangers.get() + case.strangers());
        Ok(())
    });
    let (worlds, changes, strangers) = (worlds.get(), changes.get(), strangers.get());
    assert!(changes > worlds && strangers > 0, "{name}: the cases are too tame: {changes} {strangers}");
}

#[test]
fn an_apply_converges_for_every_profile() {
    laws::each_profile(converges);
}
