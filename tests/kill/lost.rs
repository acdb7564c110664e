//! A runner that vanishes together with its disk: only the ledger is left, which says what was to be created.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kill::world::{Start, World};

/// Kills an apply when the server has carried out a create and nobody heard of it, and takes the journal away.
fn vanished(start: &Start, place: &str) -> World {
    let world = World::of(start);
    world.proxy.hold(2, &format!("POST /scim/v2/{place}"));
    let mut child = world.spawn();
    for _ in 0..20_000 {
        if world.proxy.holds() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(world.proxy.holds());
    std::thread::sleep(Duration::from_millis(100));
    child.kill().unwrap();
    child.wait().unwrap();
    world.proxy.hold(0, "");
    std::fs::remove_dir_all(world.repo.path().join(".scimform/journal")).unwrap();
    world
}

fn pending(world: &World) -> Vec<(String, String)> {
    let pending = world.ledger_now()["pending"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pending.iter().map(|one| (text(&one["resource"]), text(&one["key"]))).collect()
}

#[test]
fn what_a_lost_runner_was_creating_is_looked_up_and_not_made_twice() {
    let start = Start::new();
    let whole = start.undisturbed();
    for (place, resource) in [("Users", "user"), ("Groups", "group")] {
        let world = vanished(&start, place);
        let left = pending(&world);
        assert!(left.iter().any(|(of, _)| of == resource), "{left:?}");
        let text = world.repo.ledger_text();
        assert!(!text.contains("acme.example"), "the ledger holds nobody's name: {text}");
        let plan = world.repo.run(&["plan"]).expect(0);
        assert!(plan.err.contains("it is not known whether an earlier apply created these at `app`"), "{}", plan.err);
        world.server.running().forget_requests();
        let problems = world.finish(&whole);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        let asked = world.server.running().requests().iter().any(|request| request.path.contains("filter="));
        // The other groups were made too, and are seen; of the people most are still to be made.
        assert!(asked || resource == "group", "a list alone is not trusted here");
    }
}

#[test]
fn what_a_lost_runner_created_and_nobody_declares_any_more_is_found_and_planned_away() {
    let start = Start::new();
    let world = vanished(&start, "Users");
    let made: Vec<String> = world
        .server
        .list("Users")
        .iter()
        .filter_map(|user| user["externalId"].as_str())
        .filter(|key| key.starts_with("new"))
        .map(str::to_owned)
        .collect();
    assert!(!made.is_empty());
    let people = std::fs::read_to_string(world.repo.path().join("people.yaml")).unwrap();
    let lines = people.lines().filter(|line| !line.trim_start().starts_with("new"));
    let mut people = lines.flat_map(|line| [line, "\n"]).collect::<String>();
    for n in (0..12).rev() {
        people = people
            .replace(&format!(", new{n}"), "")
            .replace(&format!("[new{n}]"), "[]")
            .replace(&format!("new{n}"), "old0");
    }
    world.repo.write("people.yaml", &people);
    let plan = world.repo.plan();
    let notices: Vec<&str> = plan["notices"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|notice| notice["code"] == "unsettled-create")
        .map(|notice| notice["message"].as_str().unwrap())
        .collect();
    for key in &made {
        let told = notices.iter().any(|text| text.contains(&format!("`{key}`")) && text.contains("taken for ours"));
        assert!(told, "{key}: {notices:?}");
        let change = plan["changes"].as_array().unwrap().iter().find(|change| change["key"] == json!(key)).unwrap();
        assert_eq!(change["action"], "deactivate", "{change}");
    }
    assert_eq!(
        notices.iter().filter(|text| text.contains("nothing at the target looks like it")).count(),
        12 - made.len()
    );
    let removals = plan["summary"]["removals"].to_string();
    world.repo.run(&["apply", "--auto-approve", "--confirm-removals", &removals]).expect(0);
    for user in world.server.list("Users") {
        let key = user["externalId"].as_str().unwrap_or_default();
        assert!(!key.starts_with("new") || user["active"] == json!(false), "{user}");
    }
    let again = world.repo.run(&["plan", "--format", "json"]);
    assert_eq!(again.json()["targets"][0]["changes"], json!([]));
    assert!(pending(&world).is_empty() && !again.out.contains("unsettled"), "{}", again.out);
}
