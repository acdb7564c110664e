//! Everyone is accounted for: a leaver loses access whatever the others do, once, and may come back.

use serde_json::{Value, json};

use crate::odd::bends::Bends;
use crate::odd::server::{Odd, id, is_off};
use crate::odd::world::{World, account, names, people, person_with};
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
