//! An account belongs to a person: it changes hands only where the files say so, and names are freed before they are taken.

use scimform::scim::ResourceKind::User;
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Bends, Taken};
use crate::odd::server::{Asked, Odd, State, id};
use crate::odd::world::{World, account, names, people, person, person_with};
use crate::support::mock::Reply;
use crate::support::side_by_side;

fn root(members: &[&str]) -> Value {
    json!({"root": {"displayName": "Root", "members": members}})
}

fn user_names(world: &World) -> Vec<String> {
    let state = world.server.state();
    let mut names: Vec<String> = state.users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// A page for a review without its folded parts.
fn open_part(page: &str) -> String {
    page.split("<details>").map(|part| part.rsplit("</details>").next().unwrap_or_default()).collect()
}

#[test]
fn a_name_that_moves_to_a_new_key_does_not_take_the_account_along() {
    let world = World::of(Odd::new(Bends::default()).holding(&[account("ada")], &[]));
    world.declare(people(&["ada"]), root(&["ada"]));
    world.apply().expect(0);
    let before = world.server.user("ada@acme.example");
    let eve = person_with("eve", json!({"userName": "ada@acme.example"}));
    world.declare(json!({"eve": eve}), root(&[]));
    let plan = world.repo.run(&["plan"]);
    names(&plan.said(), &["previously"]);
    assert!(plan.said().contains("ada") && plan.said().contains("eve"), "both are named: {}", plan.said());
    assert!(!plan.said().contains("another client"), "{}", plan.said());
    let ran = world.apply();
    assert_ne!(ran.code, 0, "{}", ran.said());
    let after = world.server.user("ada@acme.example");
    assert_eq!((&after["name"], &after["externalId"]), (&before["name"], &before["externalId"]), "{}", ran.said());
    assert_eq!(world.server.state().users.len(), 1);
}

#[test]
fn an_account_given_on_with_previously_is_told_of_both() {
    let world = World::of(Odd::new(Bends::default()).holding(&[account("ada")], &[]));
    world.staff(&["ada"]);
    world.apply().expect(0);
    let eve = person_with("eve", json!({"userName": "ada@acme.example", "previously": ["ada"]}));
    world.declare(json!({"eve": eve}), json!({}));
    let page = world.repo.run(&["plan", "--format", "markdown"]).said();
    assert!(!page.contains("another client"), "{page}");
    world.apply().expect(0);
    assert_eq!(world.server.user("ada@acme.example")["name"]["givenName"], "Eve");
    world.settled();
}

#[test]
fn an_address_of_a_former_employee_does_not_give_the_newcomer_the_old_account() {
    let world = World::new(Bends::default());
    let sam = json!({
        "userName": "s.lee@acme.example", "name": {"givenName": "Sam", "familyName": "Lee"}, "title": "CFO",
        "employeeNumber": "1001"
    });
    world.declare(json!({"ada": person("ada"), "sam": sam}), json!({}));
    world.apply().expect(0);
    world.staff(&["ada"]);
    world.apply().expect(0);
    let samira = json!({
        "userName": "s.lee@acme.example", "name": {"givenName": "Samira", "familyName": "Lee"}, "employeeNumber": "2002"
    });
    world.declare(json!({"ada": person("ada"), "samira": samira}), json!({}));
    let ran = world.repo.run(&["plan", "--format", "markdown"]);
    let page = ran.said();
    assert!(ran.code != 0 || open_part(&page).contains("`sam`"), "the former holder is named: {page}");
    assert!(!page.contains("another client") && !page.contains("back the account"), "{page}");
    let ran = world.apply();
    let held = world.server.user("s.lee@acme.example");
    assert!(ran.code != 0 && held["name"]["givenName"] == "Sam" && held["active"] == false, "{held}\n{}", ran.said());
}

#[test]
fn a_create_answered_with_an_account_of_somebody_else_takes_nothing_over() {
    let eve = json!({"id": "eve-1", "userName": "eve@acme.example", "name": {"givenName": "Eve"}, "externalId": "eve",
        "emails": [{"value": "eve@acme.example", "primary": true}], "active": true});
    for listed in [true, false] {
        let answers_eve = move |asked: &Asked, state: &mut State| {
            if asked.is("GET", User) && asked.id.is_none() && !listed {
                let all = state.users.clone();
                state.users.retain(|user| id(user) != "eve-1");
                let reply = state.list(User, asked);
                state.users = all;
                return Some(reply);
            }
            let eve =
                state.users.iter().find(|user| id(user) == "eve-1").cloned().filter(|_| asked.is("POST", User))?;
            Some(Reply { status: 201, ..Reply::json(&state.shown(User, &eve, Answer::Written)) })
        };
        let world = World::of(Odd::new(Bends::default()).holding(std::slice::from_ref(&eve), &[]).hook(answers_eve));
        let before = world.server.by_id("eve-1");
        world.staff(&["ada"]);
        let first = world.apply();
        assert_eq!(first.code, 4, "{}", first.said());
        names(&first.said(), &["ada", "eve@acme.example"]);
        assert_eq!(world.server.by_id("eve-1"), before, "nothing more is sent to it");
        world.apply();
        world.staff(&[]);
        world.apply();
        assert_eq!(world.server.by_id("eve-1"), before, "nor when ada leaves");
    }
}

#[test]
fn who_is_adopted_and_cannot_be_read_is_not_forgotten() {
    let mut bob = account("bob");
    bob["id"] = json!("bob-1");
    bob.as_object_mut().unwrap().remove("active");
    let refuses = |asked: &Asked, _: &mut State| {
        let is_bob = asked.is("GET", User) && asked.id.as_deref() == Some("bob-1");
        is_bob.then(|| Reply::error(405, "", "not here"))
    };
    let world = World::of(Odd::new(Bends::default()).holding(&[account("ada"), bob], &[]).hook(refuses));
    world.staff(&["ada", "bob"]);
    let first = world.apply();
    assert_eq!(first.code, 4, "{}", first.said());
    names(&first.said(), &["bob", "not-read", "unsupported: [active]"]);
    let report = world.repo.run(&["report", "access", "--live"]);
    assert_ne!(report.code, 0, "{}", report.said());
    assert!(!report.said().contains("all there as declared"), "{}", report.said());
    // He leaves, and nobody can see whether he has access.
    world.staff(&["ada"]);
    let left = world.apply();
    assert_ne!(left.code, 0, "{}", left.said());
    names(&left.said(), &["bob"]);
}

/// Gives the id of an account to another person, and returns the new account.
fn reuse(world: &World, name: &str) -> Value {
    let mut stranger = json!({
        "userName": "eve@acme.example", "name": {"givenName": "Eve", "familyName": "Other"}, "externalId": "eve-77",
        "emails": [{"value": "eve@acme.example", "type": "work", "primary": true}], "active": true
    });
    let mut state = world.server.state();
    let account = state.user(name).unwrap();
    stranger["id"] = account["id"].clone();
    stranger["meta"] = account["meta"].clone();
    *account = stranger.clone();
    stranger
}

#[test]
fn an_id_given_to_another_person_is_not_held_for_ours() {
    for declared in [true, false] {
        let world = World::new(Bends::default());
        world.staff(&["ada", "bob", "cat"]);
        world.apply().expect(0);
        let stranger = reuse(&world, "bob@acme.example");
        world.staff(if declared { &["ada", "bob", "cat"] } else { &["ada", "cat"] });
        let ran = world.apply();
        assert_eq!(world.server.by_id(id(&stranger)), stranger, "declared {declared}: {}", ran.said());
        names(&ran.said(), &["bob"]);
        assert_ne!(ran.code, 0, "declared {declared}: {}", ran.said());
    }
}

#[test]
fn a_change_of_key_that_is_reverted_brings_the_external_id_back() {
    let world = World::new(Bends::default());
    world.staff(&["ada", "grace"]);
    world.apply().expect(0);
    let renamed = person_with("grace", json!({"previously": ["grace"]}));
    world.declare(json!({"ada": person("ada"), "ghopper": renamed}), json!({}));
    world.apply().expect(0);
    assert_eq!(world.server.user("grace@acme.example")["externalId"], "ghopper");
    world.staff(&["ada", "grace"]);
    let plan = world.repo.run(&["plan"]);
    assert!(!plan.said().contains("another client"), "{}", plan.said());
    let ran = world.apply();
    let is_back = world.server.user("grace@acme.example")["externalId"] == "grace";
    assert!(is_back || (ran.code != 0 && ran.said().contains("previously")), "{}", ran.said());
}

/// Removals delete, for people and groups.
fn deletes(bends: Bends) -> World {
    let world = World::new(bends);
    world.target(json!({"onRemove": {"users": "delete", "groups": "delete"}}));
    world
}

fn dev(key: &str, name: &str, member: &str) -> (String, Value) {
    (key.to_owned(), json!({"displayName": name, "members": [member]}))
}

#[test]
fn a_name_that_a_removal_frees_is_taken_in_the_same_apply() {
    side_by_side([Taken::Conflict, Taken::Error], |taken| {
        let bends = || Bends { taken, unique_groups: true, ..Bends::default() };
        let groups = |all: &[(String, Value)]| Value::Object(all.iter().cloned().collect());
        let world = deletes(bends());
        world.declare(people(&["ada", "bob"]), groups(&[dev("dev", "Dev", "ada"), dev("dev2", "Dev2", "bob")]));
        world.apply().expect(0);
        world.declare(people(&["ada", "bob"]), groups(&[dev("dev2", "Dev", "bob")]));
        world.apply().expect(0);
        assert_eq!(world.server.members("Dev"), ["bob@acme.example"]);
        assert_eq!(world.server.state().groups.len(), 1);
        world.settled();

        let world = deletes(bends());
        world.staff(&["ada", "bob"]);
        world.apply().expect(0);
        let bob = id(&world.server.user("bob@acme.example")).to_owned();
        world.declare(json!({"bob": person_with("bob", json!({"userName": "ada@acme.example"}))}), json!({}));
        world.apply().expect(0);
        assert_eq!(user_names(&world), ["ada@acme.example"]);
        assert_eq!(id(&world.server.user("ada@acme.example")), bob);
        world.settled();
    });
}
