//! What is taken into the files: afterwards nothing drifts and nothing is planned, and every comment is where it was.

use serde_json::{Value, json};

use super::world::{World, lines};
use crate::support::{Repo, Server, target};

const PEOPLE: &str = "\
# Who works here.
users:
  ada:   # since 1842
    userName: ada@acme.example
    name: { givenName: Ada, familyName: Lovelace }   # née Byron
    title: 'Engineer'   # the first one
    nickName: Enchantress
    emails: [{ value: ada@acme.example, type: work, primary: true }]
    manager: grace
  grace:
    userName: \"grace@acme.example\"
    title: Admiral
    active: true
  linus:
    userName: linus@acme.example
    title: Fellow

groups:
  # Teams.
  team:
    displayName: Team   # shown in the app
    members:
      - ada   # lead
      - grace
  all:
    displayName: All
    where: user.userName is defined

bindings:
  app: { target: app, assign: { groups: [all] }, push: [team, all] }
";

/// The company of these people, applied.
fn company(line_break: &str) -> World {
    let server = Server::start();
    let root = target(server.url(), "generic", "");
    let repo = Repo::new(&[("scimform.yaml", &root), ("people.yaml", &PEOPLE.replace('\n', line_break))]);
    repo.apply().expect(0);
    World { server, repo }
}

fn people(world: &World) -> String {
    std::fs::read_to_string(world.repo.path().join("people.yaml")).unwrap()
}

#[track_caller]
fn nothing_is_planned(world: &World) {
    assert_eq!(world.lines(), Vec::<String>::new());
    let plan = world.repo.plan();
    assert_eq!(plan["changes"], json!([]), "{plan}");
}

/// Moves things at the target in every way that files can take over.
fn meddle(world: &World) {
    let linus = world.server.id("linus");
    world.server.set("ada", "title", "Director: \"Analytical\" #1");
    world.server.set("ada", "name.familyName", "King");
    world.server.patch("ada", &json!([{"op": "remove", "path": "nickName"}]));
    world.server.set(
        "ada",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        json!({"value": linus}),
    );
    world.server.set("Team", "displayName", "The Team");
    world.put_in("The Team", "linus");
    world.take_out("The Team", "grace");
}

#[test]
fn what_moved_is_in_the_files_and_nothing_is_planned() {
    for line_break in ["\n", "\r\n"] {
        let world = company(line_break);
        meddle(&world);
        let ran = world.drift(&["--write", "--auto-approve"]).expect(0);
        let expected = PEOPLE
            .replace("title: 'Engineer'", "title: 'Director: \"Analytical\" #1'")
            .replace("familyName: Lovelace", "familyName: King")
            .replace("nickName: Enchantress", "nickName: null")
            .replace("manager: grace", "manager: linus")
            .replace("displayName: Team ", "displayName: The Team ")
            .replace("      - grace\n", "      - linus\n")
            .replace('\n', line_break);
        assert_eq!(people(&world), expected, "{}", ran.out);
        assert!(ran.out.contains("+    title: 'Director: \"Analytical\" #1'   # the first one"), "{}", ran.out);
        assert!(ran.out.contains("7 changes taken into 1 file."), "{}", ran.out);
        nothing_is_planned(&world);
        let again = world.drift(&["--write", "--auto-approve"]).expect(0);
        assert!(again.out.contains("Nothing is written."), "{}", again.out);
    }
}

#[test]
fn access_that_came_back_is_declared_and_what_is_narrowed_is_all() {
    let world = company("\n");
    world.repo.edit("people.yaml", "active: true", "active: false   # on leave");
    world.repo.apply().expect(0);
    world.server.set("grace", "active", true);
    world.server.set("linus", "title", "Boss");
    let ran = world.drift(&["--write", "--auto-approve", "--only", "linus"]).expect(0);
    assert!(ran.out.contains("1 change taken into 1 file."), "{}", ran.out);
    assert_eq!(lines(&world.target()), ["reactivated grace"]);
    // Members come again with the access.
    let ran = world.drift(&["--write", "--auto-approve"]).expect(0);
    assert!(ran.out.contains("The next apply changes 2 users and groups at app because of it."), "{}", ran.out);
    let expected = PEOPLE.replace("    active: true\n", "").replace("Fellow", "Boss");
    assert_eq!(people(&world), expected);
    world.repo.apply().expect(0);
    nothing_is_planned(&world);
    world.server.set("grace", "active", false);
    world.drift(&["--write", "--auto-approve"]).expect(0);
    assert_eq!(people(&world), expected.replace("title: Admiral\n", "title: Admiral\n    active: false\n"));
}

#[test]
fn what_no_file_can_take_over_is_left_with_the_way_out() {
    let world = company("\n");
    world.repo.write(
        "mappings.yaml",
        "mappings:\n  own:\n    extends: generic\n    user:\n      displayName: user.title ~ \"!\"\n      locale: { const: en-GB }\n",
    );
    world.repo.edit("people.yaml", "app: { target: app,", "app: { target: app, mapping: own,");
    world.repo.apply().expect(0);
    let before = people(&world);
    world.server.set("ada", "displayName", "Boss");
    world.server.set("ada", "locale", "fr-FR");
    world.server.set("ada", "userName", "grace2@acme.example");
    world.take_out("All", "linus");
    world.delete("grace");
    let ran = world.drift(&["--write", "--auto-approve", "--detailed-exitcode"]).expect(2);
    for words in [
        "ada, displayName: the mapping makes it of `user.title ~ \"!\"`",
        "ada, locale: the mapping sends a constant (`const`)",
        "team, member grace: the member is gone from the target altogether",
        "all, member linus: the group's `where` makes them a member",
        "grace, all of it: it is gone from the target",
        "User:manager.value: the files say the same already",
        "1 change taken into 1 file. 7 changes left.",
    ] {
        assert!(ran.out.contains(words), "{words}\n{}", ran.out);
    }
    assert_eq!(people(&world), before.replace("userName: ada@acme.example", "userName: grace2@acme.example"));
}

#[test]
fn strangers_are_to_be_imported_first() {
    let world = company("\n");
    world.repo.edit("scimform.yaml", "profile: generic\n", "profile: generic\n    manage: all\n");
    world.repo.apply().expect(0);
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "eve@acme.example"});
    assert!(world.server.send("POST", "Users", &body) < 300);
    world.put_in("Team", "eve");
    let ran = world.drift(&["--write", "--auto-approve"]).expect(0);
    assert!(
        ran.out.contains("team, member eve@acme.example: the member is nobody whom the files declare"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("Import the member first: `scimform import app`."), "{}", ran.out);
    assert_eq!(people(&world), PEOPLE);
}

#[test]
fn what_would_make_the_files_wrong_is_left_and_the_rest_is_written() {
    let world = company("\n");
    world.repo.write(
        "own.yaml",
        "customSchema:\n  user: { properties: { shirt: { enum: [S, M] } } }\nmappings:\n  own:\n    extends: generic\n    \
         user: { locale: user.custom.shirt }\n",
    );
    world.repo.edit("people.yaml", "app: { target: app,", "app: { target: app, mapping: own,");
    world.repo.edit("people.yaml", "    title: Fellow\n", "    title: Fellow\n    custom: { shirt: S }   # small\n");
    world.repo.edit("people.yaml", "    title: Admiral\n", "    title: Admiral\n    custom: { shirt: S }\n");
    world.repo.apply().expect(0);
    let before = people(&world);
    world.server.set("linus", "locale", "XL");
    world.server.set("grace", "locale", "M");
    world.server.set("linus", "title", "Boss");
    let ran = world.drift(&["--write", "--auto-approve"]).expect(0);
    assert!(ran.out.contains("users.linus.custom.shirt: the files would be wrong with it: "), "{}", ran.out);
    let expected = before.replace("Fellow", "Boss").replace("{ shirt: S }\n", "{ shirt: M }\n");
    assert_eq!(people(&world), expected, "{}", ran.out);
}

/// The company at `app`, which has the repository, and at `hub`.
fn two_targets() -> (World, Server) {
    let (server, hub) = (Server::start(), Server::start());
    let other = target(hub.url(), "generic", "").replace("app:", "hub:");
    let root = target(server.url(), "generic", "") + other.split_once("targets:\n").unwrap().1;
    let both =
        PEOPLE.replace("bindings:\n", "bindings:\n  hub: { target: hub, assign: { groups: [all] }, push: [team] }\n");
    let repo = Repo::new(&[("scimform.yaml", &root), ("people.yaml", &both)]);
    repo.apply().expect(0);
    (World { server, repo }, hub)
}

#[test]
fn two_targets_that_disagree_are_named_and_others_are_told_of() {
    let (one, hub) = two_targets();
    one.server.set("ada", "title", "Director");
    hub.set("ada", "title", "Fellow");
    one.server.set("linus", "title", "Boss");
    hub.set("grace", "title", "Captain");
    one.server.set("grace", "title", "Captain");
    let ran = one.drift(&["--write", "--auto-approve"]).expect(0);
    assert!(ran.out.contains("ada, users.ada.title: `app` and `hub` disagree about it"), "{}", ran.out);
    assert!(ran.out.contains("The next apply changes 1 user or group at hub because of it."), "{}", ran.out);
    let now = people(&one);
    assert!(now.contains("'Engineer'") && now.contains("title: Boss\n") && now.contains("title: Captain\n"), "{now}");
    let ran = one.drift(&["--write", "--auto-approve", "--target", "hub"]).expect(0);
    assert!(people(&one).contains("title: 'Fellow'   # the first one"));
    assert!(ran.out.contains("Nobody looked at app: what is taken over goes there too"), "{}", ran.out);
}

#[test]
fn who_loses_access_elsewhere_is_told_before_a_byte_is_written() {
    let (one, hub) = two_targets();
    one.server.set("ada", "active", false);
    // That something is changed there anyway does not hide what is added to it.
    hub.set("ada", "nickName", "A");
    one.repo.edit("people.yaml", "'Engineer'", "'Pilot'");
    let out = one.drift(&["--write", "--auto-approve"]).expect(0).out;
    let told = out.find("at hub because of it; ada loses access there.");
    assert!(told.is_some() && told < out.find("2 changes taken into 1 file."), "{out}");
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let world = company("\n");
    world.server.set("ada", "title", "Boss");
    let ran = world.drift(&["--write"]).expect(64);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    world.drift(&["--write", "--auto-approve", "--format", "json"]).expect(64);
    assert_eq!(people(&world), PEOPLE);
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions_and_links_are_followed_within_the_repository() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = company("\n");
    let file = world.repo.path().join("people.yaml");
    let real = world.repo.path().join("real.txt");
    std::fs::rename(&file, &real).unwrap();
    std::os::unix::fs::symlink("real.txt", &file).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    world.server.set("ada", "title", "Boss");
    world.drift(&["--write", "--auto-approve"]).expect(0);
    assert!(file.is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(std::fs::read_to_string(&real).unwrap().contains("title: 'Boss'   # the first one"));
    let _: Value = world.target();
}
