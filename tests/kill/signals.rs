//! Asked to end: what is in flight is finished and the journal is whole. And a plan while an apply runs.

use std::process::Command;
use std::time::Duration;

use crate::kill::world::{Start, World, ended};

/// An apply at a slow server that has begun to write.
fn begun(start: &Start, latency: &str) -> (World, std::process::Child) {
    let world = World::of(start);
    world.server.fault(latency);
    let child = world.spawn();
    for _ in 0..20_000 {
        let done = |path| std::fs::read_to_string(path).unwrap_or_default().contains("\"done\"");
        if world.journals().into_iter().any(done) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    (world, child)
}

#[test]
fn t93_a_signal_ends_an_apply_in_order() {
    let start = Start::new();
    let whole = start.undisturbed();
    for signal in ["INT", "TERM", "HUP"] {
        let (world, child) = begun(&start, "latency=80ms");
        let status = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap();
        assert!(status.success());
        let first = ended(child).expect(4);
        assert!(first.out.contains("interrupted") && first.out.contains("not run"), "{signal}: {}", first.out);
        let journal = std::fs::read_to_string(&world.journals()[0]).unwrap();
        assert!(journal.lines().last().unwrap().contains("\"finished\""), "{signal}: {journal}");
        world.server.heal();
        let problems = world.finish(&whole);
        assert!(problems.is_empty(), "{signal}: {}", problems.join("\n"));
    }
}

#[test]
fn t74_beside_an_apply_a_plan_says_that_one_is_running_and_a_second_apply_stops() {
    let start = Start::new();
    let (world, child) = begun(&start, "latency=400ms");
    let plan = world.repo.run(&["plan"]);
    assert!(plan.err.contains("an apply is running since 20"), "{}", plan.err);
    assert!(!plan.err.contains("ended early") && !plan.err.contains("not known"), "{}", plan.err);
    let other = world.repo.apply().expect(1);
    assert!(other.err.contains("locked by"), "{}", other.err);
    world.server.heal();
    ended(child).expect(0);
    let after = world.repo.run(&["plan"]).expect(0);
    assert!(!after.err.contains("apply"), "{}", after.err);
}
