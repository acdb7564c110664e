//! The same drift in every format.

use std::path::Path;

use super::world::World;
use crate::support::golden::difference;

/// Takes out what differs from run to run: ids, times, digests and counts of requests.
fn normal(text: &str, world: &World) -> String {
    let mut text = text.to_owned();
    for (endpoint, name) in [("Users", "userName"), ("Groups", "displayName")] {
        for one in world.server.list(endpoint) {
            text = text.replace(one["id"].as_str().unwrap(), &format!("id of {}", one[name].as_str().unwrap()));
        }
    }
    let volatile = |line: &str| ["\"createdAt\"", "\"tool\""].iter().any(|key| line.trim_start().starts_with(key));
    text.lines().filter(|line| !volatile(line)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn every_format_is_as_it_was_reviewed() {
    let world = World::company();
    world.server.set("ada", "title", "Boss | <b>of</b> all");
    world.server.set("ada", "displayName", "\u{1b}[31mAda");
    world.server.set("bruno", "active", false);
    world.delete("clara");
    world.put_in("All", "fatima");
    world.take_out("All", "daniel");
    world.repo.edit("people.yaml", "displayName: elena\n", "displayName: Elena\n");
    let mut stale = Vec::new();
    for (format, file) in [("human", "drift.txt"), ("markdown", "drift.md"), ("json", "drift.json")] {
        let ran = world.drift(&["--as-of", "2026-12-01", "--format", format]).expect(0);
        let real = normal(&ran.out, &world);
        stale.extend(difference(Path::new("tests/drift").join(file), &real));
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}
