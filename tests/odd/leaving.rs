//! Everyone is accounted for: a leaver loses access whatever the others do, once, and may come back.

use scimform::scim::ResourceKind::User;
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Bends, Deletion};
use crate::odd::server::{Odd, id, is_off};
use crate::odd::world::{World, account, names, people, person_with, side_by_side};
use crate::support::mock::Reply;

fn root(members: &[&str]) -> Value {
    json!({"root": {"displayName": "Root", "members": members}})
}

#[test]
fn a_leaver_whose_name_another_person_takes_loses_access() {
    let world = World::new(Bends::default());
    world.declare(people(&["ada", "bob"]), root(&["ada", "bob"]));
    world.apply().expect(0);
    let ada = id(&world.server.user("ada@acme.example")).to_owned();
    let renamed = person_with("bob", json!({"userName": "ada@acme.example"}));
    world.declare(json!({"bob": renamed}), root(&["bob"]));
    let (first, second) = (world.apply(), world.apply());
    let state = world.server.state();
    let account = state.users.iter().find(|user| id(user) == ada).unwrap();
    assert!(is_off(account), "{}\n{}", first.said(), second.said());
    let members = state.groups[0]["members"].to_string();
    assert!(!members.contains(&format!("\"{ada}\"")), "{members}\n{}", second.said());
    drop(state);
    // The name stays taken, so the rename cannot work; that is said.
    assert_ne!((first.code, second.code), (0, 0), "{}", second.said());
    names(&first.said(), &["bob"]);
}

#[test]
fn an_error_of_one_person_does_not_keep_another_ones_access() {
    let twins = [account("bob"), person_with("bob", json!({"userName": "bob2@acme.example", "externalId": "bob"}))];
    let world = World::of(Odd::new(Bends::default()).holding(&twins, &[]));
    world.staff(&["ada", "cleo"]);
    world.apply().expect(0);
    // Two accounts say that they are bob's.
    world.staff(&["ada", "bob"]);
    let ran = world.apply();
    assert_ne!(ran.code, 0);
    names(&ran.said(), &["bob"]);
    assert!(!world.server.is_active("cleo@acme.example"), "{}", ran.said());
}

#[test]
fn a_delete_that_only_switches_off_is_done_once_and_can_be_taken_back() {
    side_by_side(["owned", "all"], |manage| {
        let bends = Bends { deletion: Deletion::Deactivates, ..Bends::default() };
        let world = World::of(Odd::new(bends).holding(&["ada", "bob"].map(account), &[]));
        world.target(json!({
            "manage": manage, "onRemove": {"users": "delete"}, "limits": {"removals": {"count": 100, "percent": 100}}
        }));
        world.staff(&["ada", "bob"]);
        world.apply().expect(0);
        world.staff(&["ada"]);
        world.apply().expect(0);
        assert!(!world.server.is_active("bob@acme.example"), "{manage}");
        world.settled();
        let again = world.written(|world| drop((world.apply().expect(0), world.apply().expect(0))));
        assert!(again.is_empty(), "{manage}: {again:#?}");
        world.staff(&["ada", "bob"]);
        world.apply().expect(0);
        assert!(world.server.is_active("bob@acme.example"), "{manage}");
        assert_eq!(world.server.state().users.len(), 2, "{manage}");
        world.settled();
    });
}

#[test]
fn an_account_that_is_not_found_once_inactive_is_done_and_comes_back_by_a_create() {
    let bends = Bends { off_is_gone: true, ..Bends::default() };
    let server = Odd::new(bends).holding(&["ada", "bob"].map(account), &[]).hook(|asked, state| {
        // A POST with the name gives the old account back.
        let name = asked.body["userName"].as_str().unwrap_or_default().to_owned();
        let there = state.user(&name).filter(|there| asked.is("POST", User) && is_off(there))?;
        for (name, value) in asked.body.as_object().unwrap() {
            there[name] = value.clone();
        }
        there["active"] = json!(true);
        let there = there.clone();
        Some(Reply { status: 201, ..Reply::json(&state.shown(User, &there, Answer::Written)) })
    });
    let world = World::of(server);
    world.staff(&["ada", "bob"]);
    world.apply().expect(0);
    world.staff(&["ada"]);
    world.apply().expect(0);
    world.settled();
    world.staff(&["ada", "bob"]);
    world.apply().expect(0);
    assert!(world.server.is_active("bob@acme.example"));
    assert_eq!(world.server.state().users.len(), 2);
    world.settled();
}

#[test]
fn an_activation_that_is_refused_is_said_with_the_vendors_own_reason() {
    let off = person_with("bob", json!({"active": false, "externalId": "bob"}));
    let server = Odd::new(Bends::default()).holding(&[account("ada"), off], &[]).hook(|asked, _| {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": "see errors",
            "urn:ietf:params:scim:schemas:extension:vendor:2.0:Error":
                {"fieldErrors": {}, "generalErrors": [{"code": "[invalid]patch", "message": "Invalid request: locked."}]}
        });
        (asked.method == "PATCH").then(|| Reply::new(400, body.to_string()))
    });
    let world = World::of(server);
    world.staff(&["ada", "bob"]);
    let ran = world.apply().expect(4);
    assert!(ran.said().contains("see errors") && ran.said().contains("Invalid request: locked."), "{}", ran.said());
}
