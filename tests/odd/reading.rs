//! What a list does not show is unknown, not empty.

use scimform::scim::ResourceKind::{Group, User};
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Bends, Of, hide};
use crate::odd::server::Odd;
use crate::odd::world::{World, account, names, people, person, person_with};
use crate::support::side_by_side;

/// Lists show of people no more than the name.
fn names_only() -> Bends {
    let hidden = ["active", "externalId", "name", "emails", "title"];
    Bends { hidden: hide(User, &hidden, &[Answer::List, Answer::Filtered], Of::Everyone), ..Bends::default() }
}

/// Lists show no members, and no answer shows an empty list of them.
fn no_members_listed() -> Bends {
    let everywhere = [Answer::List, Answer::Filtered, Answer::ById, Answer::Written];
    let mut hidden = hide(Group, &["members"], &[Answer::List, Answer::Filtered], Of::Everyone);
    hidden.extend(hide(Group, &["members"], &everywhere, Of::Empty));
    Bends { hidden, ..Bends::default() }
}

#[test]
fn people_of_whom_a_list_shows_only_names_are_compared_as_they_are() {
    let users = [person_with("ada", json!({"title": "Chef"})), person("bob"), person("cleo")];
    let held = ["ada", "bob", "cleo"].map(|key| {
        let title = if key == "ada" { json!({"title": "Chef"}) } else { json!({}) };
        person_with(key, json!({"active": true, "externalId": key, "title": title["title"]}))
    });
    let world = World::of(Odd::new(names_only()).holding(&held, &[]));
    let declared = |keys: &[(&str, &Value)]| -> Value {
        keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).clone())).collect::<serde_json::Map<_, _>>().into()
    };
    let all = declared(&[("ada", &users[0]), ("bob", &users[1]), ("cleo", &users[2])]);
    world.declare(all, json!({}));
    let written = world.written(|world| drop(world.apply().expect(0)));
    assert!(written.is_empty(), "adopted as they are: {written:#?}");

    world.server.state().user("ada@acme.example").unwrap()["active"] = json!(false);
    let ran = world.apply();
    assert!(world.server.is_active("ada@acme.example"), "{}", ran.said());

    world.declare(declared(&[("ada", &users[0]), ("bob", &users[1])]), json!({}));
    world.apply().expect(0);
    assert!(!world.server.is_active("cleo@acme.example"));
    let said = world.said();
    assert!(!said.contains("active again"), "{said}");
    let written = world.written(|world| drop((world.apply(), world.apply())));
    assert!(written.is_empty(), "a leaver is switched off once: {written:#?}");
    let drift = world.repo.run(&["drift"]).said();
    assert!(!drift.lines().any(|line| line.contains("cleo") && line.contains("active")), "{drift}");
}

#[test]
fn an_account_whose_state_no_answer_shows_is_not_called_active() {
    let everywhere = [Answer::List, Answer::Filtered, Answer::ById, Answer::Written];
    side_by_side([Of::Everyone, Of::Half], |of| {
        let bends = Bends { hidden: hide(User, &["active"], &everywhere, of), ..Bends::default() };
        let off = person_with("bob", json!({"active": false, "externalId": "bob"}));
        let world = World::of(Odd::new(bends).holding(&[account("ada"), off], &[]));
        world.staff(&["ada", "bob"]);
        let ran = world.apply();
        assert!(
            world.server.is_active("bob@acme.example") || ran.said().contains("`active`"),
            "{of:?}: {}",
            ran.said()
        );
        // Who leaves is switched off whatever is shown, and once.
        world.staff(&["ada"]);
        world.server.state().user("bob@acme.example").unwrap()["active"] = json!(true);
        world.apply();
        assert!(!world.server.is_active("bob@acme.example"), "{of:?}");
        let again = world.written(|world| drop((world.apply(), world.apply())));
        assert!(again.is_empty(), "{of:?}: {again:#?}");
    });
}

#[test]
fn past_leavers_of_whom_a_list_shows_only_names_use_no_limit() {
    let keys: Vec<String> = (0..30).map(|number| format!("u{number}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let held: Vec<Value> = keys.iter().map(|key| account(key)).collect();
    let world = World::of(Odd::new(names_only()).holding(&held, &[]));
    world.target(json!({"limits": {}}));
    world.staff(&keys);
    world.apply().expect(0);
    for left in [27, 24] {
        world.staff(&keys[..left]);
        world.apply().expect(0);
    }
    assert_eq!(world.server.state().users.iter().filter(|user| user["active"] == false).count(), 6);
}

#[test]
fn a_leaver_goes_out_of_a_group_whose_members_no_list_shows() {
    let empty = |name: &str, id: &str| json!({"id": id, "displayName": name});
    let everyone = json!([{"value": "ada"}, {"value": "bob"}]);
    let root = json!({"id": "9root", "displayName": "root", "members": everyone});
    // A sample of groups finds only the empty ones.
    let before = ["all-hands", "book-club", "choir"].map(|name| empty(name, &format!("0{name}")));
    let after = [empty("tea", "95tea"), empty("zoo", "99zoo")];
    let groups = [&before[..], &[root], &after].concat();
    let users = ["ada", "bob"].map(|key| person_with(key, json!({"id": key, "active": true, "externalId": key})));
    let world = World::of(Odd::new(no_members_listed()).holding(&users, &groups));
    let root = |members: Value| json!({"root": {"displayName": "root", "privileged": true, "members": members}});
    world.declare(people(&["ada", "bob"]), root(json!(["ada", "bob"])));
    world.apply().expect(0);
    world.declare(people(&["ada", "bob"]), root(json!(["ada"])));
    names(&world.said(), &["bob"]);
    world.apply().expect(0);
    assert_eq!(world.server.members("root"), ["ada@acme.example"]);
}

#[test]
fn a_group_whose_members_no_answer_shows_is_not_emptied_or_called_done() {
    let everywhere = [Answer::List, Answer::Filtered, Answer::ById, Answer::Written];
    side_by_side([true, false], |patch| {
        let hidden = hide(Group, &["members"], &everywhere, Of::Everyone);
        let bends = Bends { hidden, patch, ..Bends::default() };
        let group = json!({"displayName": "Root", "externalId": "root", "members": [{"value": "ada"}, {"value": "x"}]});
        let ada = person_with("ada", json!({"id": "ada", "active": true, "externalId": "ada"}));
        let world = World::of(Odd::new(bends).holding(&[ada], &[group]));
        world.declare(people(&["ada", "bob"]), json!({"root": {"displayName": "Root", "members": ["ada", "bob"]}}));
        let first = world.apply();
        let members = world.server.members("Root");
        assert!(members.contains(&"ada@acme.example".to_owned()), "patch {patch}: {members:?}\n{}", first.said());
        let held = world.server.members("Root").len() == 3;
        let plan = world.repo.run(&["plan"]);
        names(&plan.said(), &["capabilities"]);
        assert!(held || first.code != 0 || plan.code != 0, "patch {patch}: {members:?}\n{}", plan.said());
    });
}

#[test]
fn members_that_only_a_list_shows_survive_a_put_of_the_group() {
    let hidden = hide(Group, &["members"], &[Answer::ById], Of::Everyone);
    let bends = Bends { hidden, patch: false, ..Bends::default() };
    let users = ["ada", "bob"].map(|key| person_with(key, json!({"id": key, "active": true, "externalId": key})));
    let root =
        json!({"displayName": "Root", "externalId": "root", "members": [{"value": "ada"}, {"value": "stranger"}]});
    let world = World::of(Odd::new(bends).holding(&users, &[root]));
    world.declare(people(&["ada", "bob"]), json!({"root": {"displayName": "Root", "members": ["ada", "bob"]}}));
    let ran = world.apply();
    let members = world.server.members("Root");
    assert!(members.contains(&"ada@acme.example".to_owned()), "{members:?}\n{}", ran.said());
    assert!(members.contains(&"stranger".to_owned()), "{members:?}\n{}", ran.said());
    assert!(ran.code != 0 || members.len() == 3, "{members:?}\n{}", ran.said());
}
