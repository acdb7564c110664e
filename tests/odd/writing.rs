//! A write is judged on everything that is managed, and what was learned is kept.

use scimform::scim::ResourceKind::User;
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Bends, Of, Tags, hide};
use crate::odd::server::Odd;
use crate::odd::world::{World, account, names, person, person_with};

#[test]
fn a_412_for_an_object_that_did_change_is_no_write() {
    let held = [account("ada")];
    let server =
        Odd::new(Bends { tags: Tags::Refused, ..Bends::default() }).holding(&held, &[]).hook(|asked, state| {
            // Somebody else is quicker.
            if asked.method == "PATCH" && asked.if_match {
                let ada = state.user("ada@acme.example").unwrap();
                ada["title"] = json!("Queen");
                ada["meta"]["version"] = json!(7);
            }
            None
        });
    let world = World::of(server);
    world.declare(json!({"ada": person_with("ada", json!({"title": "Chef"}))}), json!({}));
    let ran = world.apply();
    assert_eq!(world.server.user("ada@acme.example")["title"], "Queen", "{}", ran.said());
    assert_eq!(ran.code, 4, "{}", ran.said());
}

#[test]
fn a_put_takes_nothing_away_that_only_lists_show() {
    for (hidden, value) in [
        ("phoneNumbers", json!([{"value": "+1", "type": "work"}])),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", json!({"costCenter": "9"})),
    ] {
        let mut ada = account("ada");
        ada[hidden] = value.clone();
        let hidden_by_id = hide(User, &[hidden], &[Answer::ById], Of::Everyone);
        let bends = Bends { patch: false, hidden: hidden_by_id, ..Bends::default() };
        let world = World::of(Odd::new(bends).holding(&[ada], &[]));
        world.declare(json!({"ada": person_with("ada", json!({"title": "Chef"}))}), json!({}));
        let ran = world.apply();
        assert_eq!(world.server.user("ada@acme.example")[hidden], value, "{}", ran.said());
        assert_eq!(ran.code, 4, "{}", ran.said());
        names(&ran.said(), &[hidden, "patch: true"]);
        // A leaver loses the access all the same.
        world.declare(json!({"bob": person("bob")}), json!({}));
        world.apply();
        assert!(!world.server.is_active("ada@acme.example"));
    }
}

#[test]
fn a_write_answered_with_values_of_the_servers_own_is_no_green_end() {
    // The server keeps the name it has, whatever it is sent.
    let keeps = |kind, mut new: Value, old: Option<&Value>| {
        if let Some(old) = old.filter(|_| kind == User) {
            new["userName"] = old["userName"].clone();
            new["emails"] = old["emails"].clone();
        }
        new
    };
    let world = World::of(Odd::new(Bends::default()).keep(keeps));
    world.declare(json!({"ada": person("ada")}), json!({}));
    world.apply().expect(0);
    let moved = json!({
        "userName": "ada.doe@acme.example", "emails": [{"value": "ada.doe@acme.example", "type": "work", "primary": true}]
    });
    world.declare(json!({"ada": person_with("ada", moved)}), json!({}));
    let ran = world.apply().expect(4);
    assert!(ran.said().contains("userName") && ran.said().contains("emails"), "{}", ran.said());
    assert_ne!(world.apply().code, 0, "and not taken for the server's form later");
}
