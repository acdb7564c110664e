//! A write is judged on everything that is managed, and what was learned is kept.

use scimform::scim::ResourceKind::{Group, User};
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Bends, Effect, Of, Slip, Tags, hide};
use crate::odd::server::Odd;
use crate::odd::world::{World, account, names, people, person, person_with, side_by_side};

fn slip(method: &'static str, kind: scimform::scim::ResourceKind, attribute: &'static str, effect: Effect) -> Slip {
    Slip { method, kind, attribute, effect }
}

fn admin(more: Value) -> Value {
    let mut ada = person_with("ada", json!({"roles": [{"value": "admin"}]}));
    more.as_object().unwrap().iter().for_each(|(name, value)| ada[name] = value.clone());
    ada
}

fn root(members: &[&str]) -> Value {
    json!({"root": {"displayName": "Root", "members": members}})
}

#[test]
fn what_a_write_takes_away_beside_what_it_sent_is_no_green_end() {
    let attribute = "roles";
    side_by_side([Effect::Lost, Effect::LostUnlessSent], |effect| {
        let slips = vec![slip("PATCH", User, attribute, effect)];
        let world = World::new(Bends { slips, ..Bends::default() });
        world.declare(json!({"ada": admin(json!({}))}), json!({}));
        world.apply().expect(0);
        world.declare(json!({"ada": admin(json!({"title": "Chef"}))}), json!({}));
        let ran = world.apply();
        let ada = world.server.user("ada@acme.example");
        assert!(!ada[attribute].is_null() || ran.code == 4, "{attribute}: {ada}\n{}", ran.said());
        if ran.code != 0 {
            names(&ran.said(), &[attribute]);
        }
        // What can be kept by sending it along is back at the next apply at the latest.
        if effect == Effect::LostUnlessSent {
            world.apply();
            assert_eq!(world.server.user("ada@acme.example")["roles"][0]["value"], "admin");
        }
    });
}

#[test]
fn a_write_that_switches_an_account_off_is_said_and_mended() {
    let off = |kind, mut new: Value, old: Option<&Value>| {
        if kind == User && old.is_some_and(|old| old["title"] != new["title"]) {
            new["active"] = json!(false);
        }
        new
    };
    let world = World::of(Odd::new(Bends::default()).keep(off));
    world.staff(&["ada"]);
    world.apply().expect(0);
    world.declare(json!({"ada": person_with("ada", json!({"title": "Chef"}))}), json!({}));
    let first = world.apply();
    assert!(world.server.is_active("ada@acme.example") || first.code == 4, "{}", first.said());
    world.apply();
    assert!(world.server.is_active("ada@acme.example"));
    world.settled();
}

#[test]
fn a_put_of_a_group_that_ignores_the_members_is_no_green_end() {
    let slips = vec![slip("PUT", Group, "members", Effect::Ignored)];
    let world = World::new(Bends { slips, patch: false, ..Bends::default() });
    world.declare(people(&["ada", "bob"]), root(&["ada"]));
    world.apply().expect(0);
    world.declare(people(&["ada", "bob"]), root(&["ada", "bob"]));
    let ran = world.apply().expect(4);
    names(&ran.said(), &["capabilities"]);
    // A leaver stays in it: that is said at every run.
    world.declare(people(&["bob"]), root(&[]));
    let first = world.apply().expect(4);
    names(&first.said(), &["ada", "root", "Root"]);
}

#[test]
fn members_that_a_create_drops_are_added_in_the_same_apply() {
    side_by_side([true, false], |patch| {
        let slips = vec![slip("POST", Group, "members", Effect::Ignored)];
        let world = World::new(Bends { slips, patch, ..Bends::default() });
        world.declare(people(&["ada", "bob"]), root(&["ada", "bob"]));
        world.apply().expect(0);
        assert_eq!(world.server.members("Root").len(), 2, "patch {patch}");
        world.settled();
    });
}

#[test]
fn a_server_where_adding_a_member_replaces_all_is_remembered() {
    let world = World::new(Bends { add_replaces: true, ..Bends::default() });
    let keys: Vec<String> = (0..6).map(|number| format!("u{number}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    world.declare(people(&keys), root(&keys[..5]));
    world.apply().expect(0);
    world.declare(people(&keys), root(&keys));
    let first = world.apply();
    if world.server.members("Root").len() < 6 {
        assert_eq!(first.code, 4, "{}", first.said());
        // Each of these requests would take out all the others once more.
        let written = world.written(|world| {
            let again = [world.apply(), world.apply()];
            assert!(again.iter().all(|ran| ran.code != 0), "{}", again[0].said());
            names(&again[1].said(), &["memberWrite: replace"]);
        });
        assert!(written.is_empty(), "{written:#?}");
        world.target(json!({"capabilities": {"memberWrite": "replace"}}));
        world.apply().expect(0);
    }
    assert_eq!(world.server.members("Root").len(), 6);
    world.settled();
}

#[test]
fn an_etag_that_the_server_itself_refuses_is_left_out_once_and_said() {
    let held = [account("ada")];
    let world = World::of(Odd::new(Bends { tags: Tags::Refused, ..Bends::default() }).holding(&held, &[]));
    world.declare(json!({"ada": person_with("ada", json!({"title": "Chef"}))}), json!({}));
    let ran = world.apply();
    let written = world.server.user("ada@acme.example")["title"] == "Chef";
    assert!(written, "{}", ran.said());
    names(&ran.said(), &["etag: false"]);
    world.target(json!({"capabilities": {"etag": false}}));
    world.apply().expect(0);
    world.settled();
}

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

/// Beside the work address, the same one again for recovery.
fn with_recovery(mut new: Value) -> Value {
    let mut work: Vec<Value> = new["emails"].as_array().cloned().unwrap_or_default();
    work.retain(|mail| mail["type"] != "recovery");
    for mail in &mut work {
        mail["verified"] = json!(false);
    }
    if let Some(first) = work.first().map(|mail| mail["value"].clone()) {
        work.insert(0, json!({"value": first, "type": "recovery", "primary": false, "verified": false}));
        new["emails"] = work.into();
    }
    new
}

#[test]
fn elements_that_a_server_adds_to_a_list_are_no_endless_change() {
    side_by_side([true, false], |patch| {
        let server = || {
            Odd::new(Bends { patch, ..Bends::default() })
                .keep(|kind, new, _| if kind == User { with_recovery(new) } else { new })
        };
        let made = World::of(server());
        made.staff(&["ada"]);
        made.apply().expect(0);
        made.settled();
        let mail = json!({"emails": [{"value": "ada.doe@acme.example", "type": "work", "primary": true}]});
        made.declare(json!({"ada": person_with("ada", mail)}), json!({}));
        made.apply().expect(0);
        assert!(made.server.user("ada@acme.example")["emails"].to_string().contains("ada.doe@"));
        made.settled();

        let adopted = World::of(server().holding(&[with_recovery(account("bob"))], &[]));
        adopted.staff(&["bob"]);
        adopted.apply().expect(0);
        adopted.settled();
    });
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

/// Every user has the role `user` there.
fn with_basic_role(mut new: Value) -> Value {
    let mut roles = new["roles"].as_array().cloned().unwrap_or_default();
    roles.retain(|role| role["value"] != "user");
    roles.push(json!({"value": "user"}));
    new["roles"] = roles.into();
    new
}

#[test]
fn a_role_that_a_server_gives_everyone_is_no_endless_change() {
    let server =
        || Odd::new(Bends::default()).keep(|kind, new, _| if kind == User { with_basic_role(new) } else { new });
    let with = |role: &str| json!({"ada": person_with("ada", json!({"roles": [{"value": role}]}))});
    let holding = with_basic_role(account("ada"));
    for world in [World::of(server()), World::of(server().holding(&[holding], &[]))] {
        world.declare(with("admin"), json!({}));
        world.apply().expect(0);
        world.settled();
        world.declare(with("auditor"), json!({}));
        world.apply().expect(0);
        assert!(!world.server.user("ada@acme.example")["roles"].to_string().contains("admin"));
        world.settled();
    }
}

#[test]
fn a_user_name_that_never_takes_names_the_setting_that_leaves_it_alone() {
    let suffixed = |kind, mut new: Value, old: Option<&Value>| {
        if kind == User && old.is_none_or(|old| old["userName"] != new["userName"]) {
            let name = new["userName"].as_str().unwrap().replace('@', &format!("-{}@", new.to_string().len()));
            new["userName"] = json!(name);
        }
        new
    };
    let world = World::of(Odd::new(Bends::default()).keep(suffixed));
    world.staff(&["ada"]);
    world.apply().expect(4);
    let second = world.apply();
    assert_ne!(second.code, 0, "{}", second.said());
    names(&second.said(), &["serverOwned"]);
    assert_eq!(world.server.state().users.len(), 1, "made once");
    world.target(json!({"capabilities": {"attributes": {"serverOwned": ["userName"]}}}));
    world.apply();
    world.apply().expect(0);
    assert_eq!(world.server.state().users.len(), 1);
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
