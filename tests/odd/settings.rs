//! Every dead end names its way out.

use scimform::scim::ResourceKind::{Group, User};
use serde_json::json;

use crate::odd::bends::Bends;
use crate::odd::server::Odd;
use crate::odd::world::{World, account, names, people, person_with, side_by_side};

#[test]
fn a_refused_put_names_the_setting_where_nothing_is_known_of_patch() {
    side_by_side([404, 405, 501], |status| {
        let bends = Bends { refused: vec![("PUT", User, status)], discovery: false, ..Bends::default() };
        let world = World::of(Odd::new(bends).holding(&[account("ada")], &[]));
        world.declare(json!({"ada": person_with("ada", json!({"title": "Chef"}))}), json!({}));
        let ran = world.apply().expect(4);
        names(&ran.said(), &["patch: true"]);
        world.target(json!({"capabilities": {"patch": true}}));
        world.apply().expect(0);
        assert_eq!(world.server.user("ada@acme.example")["title"], "Chef");
    });
}

#[test]
fn a_refused_patch_names_the_setting() {
    side_by_side([405, 501], |status| {
        let bends = Bends { refused: vec![("PATCH", User, status), ("PATCH", Group, status)], ..Bends::default() };
        let world = World::of(Odd::new(bends).holding(&[account("ada")], &[]));
        world.declare(json!({"ada": person_with("ada", json!({"title": "Chef"}))}), json!({}));
        let ran = world.apply().expect(4);
        names(&ran.said(), &["patch: false", "write: put"]);
        world.target(json!({"capabilities": {"patch": false}}));
        world.apply().expect(0);
        world.settled();
    });
}

#[test]
fn refused_groups_name_the_setting() {
    for status in [404, 405, 501] {
        let bends = Bends { refused: vec![("POST", Group, status)], ..Bends::default() };
        let world = World::new(bends);
        world.declare(people(&["ada"]), json!({"root": {"displayName": "Root", "members": ["ada"]}}));
        let ran = world.apply().expect(4);
        names(&ran.said(), &["createGroups", "groups: false"]);
    }
}

#[test]
fn a_slip_in_the_token_or_the_url_is_told_in_words_that_lead_to_it() {
    let world = World::of(Odd::new(Bends::default()).holding(&[account("ada")], &[]));
    world.staff(&["ada"]);
    let url = world.server.url().to_owned();
    let run = |repo: &crate::support::Repo| repo.run(&["validate"]).said() + &repo.run(&["plan"]).said();
    let at = |url: &str| {
        world.at(url, json!({}));
        run(&world.repo)
    };
    let said = at(&format!("{url}/Users"));
    assert!(said.contains("/Users") && (said.contains("without") || said.contains("base URL")), "{said}");
    names(&at(url.strip_suffix("/scim/v2").unwrap()), &["scim/v2"]);
    names(&at(&format!("{url}/v2")), &["base URL"]);
    for (token, accepted) in [("Bearer secret-token", false), ("secret-token\n", true)] {
        let other = World::of(Odd::new(Bends::default()).holding(&[account("ada")], &[]));
        other.staff(&["ada"]);
        let World { server, repo } = other;
        let repo = repo.env("TOKEN", token);
        let said = run(&repo);
        let told = said.contains("Bearer");
        assert!(accepted || told, "{said}");
        assert!(!accepted || !said.contains("could not be read"), "{said}");
        drop(server);
    }
}
