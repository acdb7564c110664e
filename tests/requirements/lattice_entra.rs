//! Lattice, filled in the way of Microsoft Entra ID; and targets that were built for Entra.

use serde_json::{Value, json};

use crate::requirements::world::{EVERYONE, PEOPLE, World, answering, asked, bodies, server, writes};
use crate::support::Repo;
use crate::support::plan::{actions, paths};

fn rows(rows: &str) -> String {
    format!("{EVERYONE}    mapping: ours\nmappings:\n  ours:\n    extends: lattice\n    user:\n{rows}")
}

#[test]
fn s2_01_who_comes_back_is_reactivated_and_not_created() {
    for vendor in ["lattice", "scalekit", "entra-style"] {
        let world = World::new(vendor);
        world.converge();
        let id = world.user("grace@acme.example")["id"].clone();
        world.without_grace();
        world.converge();
        world.repo.write("people.yaml", PEOPLE);
        assert_eq!(world.actions(), ["reactivate grace"], "{vendor}");
        let requests = world.converge();
        assert!(requests.iter().all(|request| request.method != "POST"), "{requests:?}");
        let user = world.user("grace@acme.example");
        assert_eq!((&user["active"], &user["id"]), (&json!(true), &id));
    }
}

#[test]
fn s2_01_an_inactive_stranger_of_the_same_name_is_reactivated() {
    let world = World::new("lattice");
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example",
        "externalId": "old", "active": false });
    assert_eq!(world.server.send("POST", "Users", &user), 201);
    assert_eq!(world.actions(), ["create grace", "reactivate ada"]);
    world.converge();
    assert_eq!(world.server.list("Users").len(), 2);
}

#[test]
fn s2_04_booleans_are_those_of_json_whatever_the_address_says() {
    for patch in ["true", "false"] {
        let world = World::with("lattice", &format!("    capabilities: {{ patch: {patch} }}\n"), EVERYONE);
        let url = world.server.url().to_owned();
        world.repo.edit("scimform.yaml", &url, &format!("{url}?aadOptscim062020"));
        let mut sent = bodies(&world.converge());
        world.without_grace();
        sent.extend(bodies(&world.converge()));
        let sent = Value::Array(sent).to_string();
        assert!(sent.contains("\"active\":true") && sent.contains("false"), "{sent}");
        assert!(!sent.contains("True") && !sent.contains("False") && !sent.contains("\"false\""), "{sent}");
        assert_eq!(world.user("grace@acme.example")["active"], json!(false));
    }
    let strict = server("lattice");
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example", "active": "True" });
    assert_eq!(strict.send("POST", "Users", &user), 400, "the server that we pass at takes real booleans alone");
}

#[test]
fn s2_05_a_flag_without_a_value_stays_behind_the_path() {
    let world = World::new("lattice");
    let url = world.server.url().to_owned();
    world.repo.edit("scimform.yaml", &url, &format!("{url}/?aadOptscim062020"));
    let requests = world.converge();
    assert!(requests.iter().any(|request| request.path.starts_with("/Users?aadOptscim062020&")), "{requests:?}");
    for request in &requests {
        let (path, query) = request.path.split_once('?').unwrap();
        assert!(query == "aadOptscim062020" || query.starts_with("aadOptscim062020&"), "{query}");
        assert!(
            path.starts_with("/Users")
                || path.starts_with("/Service")
                || path.starts_with("/Schemas")
                || path.starts_with("/Resource"),
            "{path}"
        );
    }
}

#[test]
fn s2_06_without_patch_it_is_put_and_no_path_holds_a_filter() {
    let changed = |more: &str| {
        let world = World::with("lattice", more, EVERYONE);
        world.converge();
        world.edit("title: Engineer", "title: Principal Engineer");
        world.edit("value: ada@acme.example", "value: ada@new.example");
        world.edit("+44 20 7946 0018", "+44 20 7946 0019");
        world.converge()
    };
    let requests = changed("    capabilities: { patch: false }\n");
    assert!(writes(&requests).iter().all(|write| write.starts_with("PUT /Users/")), "{requests:?}");
    for requests in [requests, changed("    capabilities: { patch: true }\n")] {
        assert!(!asked(&requests, "/Groups") && !asked(&requests, "/Bulk"));
        for body in bodies(&requests) {
            let operations = body["Operations"].as_array().cloned().unwrap_or_default();
            assert!(operations.iter().all(|one| !one["path"].as_str().unwrap().contains('[')), "{operations:?}");
        }
    }
    let filtered = rows("      'emails[type eq \"home\"].value': user.title\n");
    let world = World::with("lattice", "", &filtered);
    let ran = world.validate().expect(1);
    assert!(ran.out.contains("takes no filters in paths") && ran.out.contains("as a list"), "{}", ran.out);
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        { "op": "replace", "path": "emails[type eq \"home\"].value", "value": "ada@new.example" }] });
    let world = World::new("lattice");
    world.converge();
    let id = world.user("ada@acme.example")["id"].as_str().unwrap().to_owned();
    let status = world.server.send("PATCH", &format!("Users/{id}"), &body);
    assert_eq!(status, 400, "the server that we pass at takes none either");
    let world = World::new("lattice");
    let silent = answering(&json!({ "totalResults": 0, "Resources": [] }));
    world.repo.edit("scimform.yaml", world.server.url(), silent.url());
    assert_eq!(world.actions().len(), 2, "a server that says nothing of PATCH is planned for all the same");
}

#[test]
fn s2_09_runs_can_be_repeated_and_do_not_overlap() {
    let world = World::new("lattice");
    world.converge();
    for _ in 0..3 {
        world.server.running().forget_requests();
        world.repo.apply().expect(0);
        assert_eq!(world.server.writes(), 0);
    }
    world.edit("title: Engineer", "title: Principal Engineer");
    world.server.fault("latency=900ms");
    world.server.running().forget_requests();
    let mut first = world.repo.command(&["apply", "--auto-approve"]);
    let mut first = first.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    while world.server.running().request_count() == 0 {
        assert!(first.try_wait().unwrap().is_none(), "the first run ended without a request");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = world.repo.apply().expect(1);
    assert!(second.err.contains("lock"), "{}", second.err);
    assert!(first.wait().unwrap().success());
}

#[test]
fn s2_12_nothing_is_written_to_a_target_that_fails_its_test() {
    for fault in ["garbage", "empty,at=users"] {
        let world = World::new("lattice");
        world.converge();
        world.without_grace();
        world.server.fault(fault);
        world.server.running().forget_requests();
        assert_ne!(world.repo.apply().code, 0, "{fault}");
        assert_eq!(world.server.writes(), 0, "{fault}");
    }
    let world = World::new("lattice").revoked();
    let ran = world.repo.apply().expect(1);
    assert!(ran.out.contains("401") || ran.err.contains("401"), "{}", ran.said());
    assert_eq!(world.server.writes(), 0);
}

#[test]
fn s2_13_each_kind_of_resource_can_be_left_out() {
    let bindings = format!("{EVERYONE}    push: [crew]\ngroups:\n  crew: {{ displayName: Crew, members: [ada] }}\n");
    let world = World::with("scalekit", "    capabilities: { resources: { groups: false } }\n", &bindings);
    assert_eq!(world.actions(), ["create ada", "create grace"]);
    assert!(!asked(&world.converge(), "/Groups"));
    let world = World::with("scalekit", "", &bindings);
    assert_eq!(world.actions(), ["create ada", "create grace", "create crew"]);
}

const USERS_OFF: &str = "    capabilities: { resources: { users: false } }\n";

/// The plan's notices about people who are left out.
fn left_out(plan: &Value) -> String {
    let all = plan["notices"].as_array().unwrap().iter().map(|notice| notice["message"].as_str().unwrap());
    all.filter(|message| message.contains("people are left out at this target")).collect::<Vec<_>>().join("\n")
}

#[test]
fn s2_13_people_who_are_left_out_stay_as_they_are_and_stay_members() {
    let bindings = format!("{EVERYONE}    push: [crew]\ngroups:\n  crew: {{ displayName: Crew, members: [ada] }}\n");
    let world = World::with("scalekit", "", &bindings);
    world.converge();
    let groups = world.server.list("Groups");
    assert_eq!(groups[0]["members"].as_array().unwrap().len(), 1);
    world.repo.edit("scimform.yaml", "    profile: scalekit\n", &format!("    profile: scalekit\n{USERS_OFF}"));
    let plan = world.plan();
    assert_eq!((actions(&plan), left_out(&plan)), (vec![], String::new()));
    // One comes, in the group too, one is changed, and one leaves.
    world.without_grace();
    world.edit("title: Engineer", "title: Countess");
    world.edit(
        "users:\n",
        "users:\n  linus:\n    userName: linus@acme.example\n    name: { givenName: Linus, familyName: Torvalds }\n    \
         emails: [{ value: linus@acme.example, type: work, primary: true }]\n",
    );
    world.repo.edit("bindings.yaml", "members: [ada]", "members: [ada, linus]");
    let plan = world.plan();
    assert_eq!(actions(&plan), [""; 0], "{plan:#}");
    let told = left_out(&plan);
    for (what, who) in [("create", "linus"), ("update", "ada"), ("deactivate", "grace")] {
        let line = format!("(`resources.users: false`), so `{what}` is not done: `{who}`");
        assert!(told.contains(&line), "{told}");
    }
    let users = world.server.list("Users");
    world.server.running().forget_requests();
    let ran = world.repo.apply().expect(0);
    assert!(ran.out.contains("people are left out"), "{}", ran.out);
    assert_eq!(world.server.writes(), 0);
    assert_eq!((world.server.list("Users"), world.server.list("Groups")), (users, groups));
    // The members of a group are as exact as ever: of those who are there.
    world.repo.edit("bindings.yaml", "members: [ada, linus]", "members: [linus]");
    let plan = world.plan();
    assert_eq!(actions(&plan), ["update crew"]);
    let members = &plan["changes"][0]["members"];
    assert_eq!(members["remove"][0]["key"], "ada", "{members}");
    assert!(members["add"].as_array().is_none_or(Vec::is_empty), "{members}");
    world.repo.apply().expect(0);
    let crew = &world.server.list("Groups")[0];
    assert!(crew["members"].as_array().is_none_or(Vec::is_empty), "{crew}");
    assert_eq!(world.actions(), [""; 0]);
}

#[test]
fn s2_13_where_people_are_left_out_from_the_start_nobody_is_made() {
    let bindings = format!("{EVERYONE}    push: [crew]\ngroups:\n  crew: {{ displayName: Crew, members: [ada] }}\n");
    let world = World::with("scalekit", USERS_OFF, &bindings);
    let plan = world.plan();
    assert_eq!(actions(&plan), ["create crew"]);
    assert!(left_out(&plan).contains("`create` is not done: `ada` and `grace`"), "{plan:#}");
    world.converge();
    assert_eq!((world.server.list("Users").len(), world.server.list("Groups").len()), (0, 1));
}

#[test]
fn s2_14_scope_is_a_condition_and_who_falls_out_follows_the_rule() {
    let scope = "bindings:\n  staff:\n    target: app\n    assign:\n      where: (user.department == \"Navy\" and user.title == \"Admiral\") or user.department == \"Engineering\"\n";
    for (rule, wanted) in [("", "deactivate grace"), ("    onRemove: { users: ignore }\n", "forget grace")] {
        let world = World::with("lattice", rule, scope);
        world.edit("title: Admiral", "title: Admiral\n    nickName: Amazing");
        assert_eq!(world.actions(), ["create ada", "create grace"]);
        world.converge();
        world.edit("title: Admiral", "title: Captain");
        let plan = world.plan();
        assert_eq!(
            (actions(&plan), &plan["changes"][0]["reason"]),
            (vec![wanted.to_owned()], &json!("no-longer-assigned"))
        );
        world.converge();
        assert_eq!(world.user("grace@acme.example")["active"], json!(wanted.starts_with("forget")));
    }
}

#[test]
fn s2_17_what_is_taken_out_of_the_mapping_is_in_no_body() {
    let world = World::new("lattice");
    world.edit(
        "phoneNumbers: [",
        "preferredLanguage: en-GB\n    addresses: [{ type: work, streetAddress: 1 Byron Row, locality: London, region: Greater London, \
         postalCode: N1 7AA, country: GB, primary: true }]\n    custom: { physicalDeliveryOfficeName: Byron House }\n    \
         phoneNumbers: [{ value: \"+44 7700 900001\", type: mobile }, { value: \"+44 20 7946 0999\", type: fax }, ",
    );
    let told = world.validate().expect(0).out;
    assert!(told.contains("`addresses`") && told.contains("`preferredLanguage`"), "{told}");
    let mut sent = bodies(&world.converge());
    world.edit("title: Engineer", "title: Principal Engineer");
    world.edit("locality: London", "locality: Ockham");
    sent.extend(bodies(&world.converge()));
    assert_eq!(sent.len(), 3);
    let sent = Value::Array(sent).to_string();
    for unwanted in [
        "preferredLanguage",
        "en-GB",
        "physicalDeliveryOfficeName",
        "Byron",
        "streetAddress",
        "addresses",
        "locality",
        "London",
        "Ockham",
        "region",
        "postalCode",
        "N1 7AA",
        "country",
        "mobile",
        "900001",
        "fax",
        "0999",
    ] {
        assert!(!sent.contains(unwanted), "{unwanted} in {sent}");
    }
}

#[test]
fn s2_18_s2_19_user_name_decides_before_external_id() {
    let world = World::new("lattice");
    let user = |name: &str, external: &str| json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": external, "active": true });
    // One by userName with a foreign externalId, one by externalId alone.
    assert_eq!(world.server.send("POST", "Users", &user("ADA@acme.example", "8c1f-entra-object")), 201);
    assert_eq!(world.server.send("POST", "Users", &user("g.hopper@acme.example", "1043")), 201);
    let plan = world.plan();
    assert_eq!(actions(&plan), ["update ada", "update grace"]);
    world.repo.apply().expect(0);
    let users = world.server.list("Users");
    let mut names: Vec<&str> = users.iter().map(|user| user["userName"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["ADA@acme.example", "grace@acme.example"]);
    assert_eq!(world.user("ADA@acme.example")["externalId"], "8c1f-entra-object", "a foreign externalId is accepted");
    assert_eq!(world.actions(), [""; 0]);
    // The order can be changed.
    let world = World::with(
        "lattice",
        "",
        &(EVERYONE.to_owned() + "    mapping: ours\nmappings:\n  ours: { extends: lattice, match: [externalId] }\n"),
    );
    assert_eq!(world.server.send("POST", "Users", &user("g.hopper@acme.example", "1043")), 201);
    assert_eq!(world.actions(), ["create ada", "update grace"]);
}

#[test]
fn s2_19_two_hits_or_rules_that_disagree_are_an_error_without_a_write() {
    let world = World::new("lattice");
    let user = |name: &str, external: &str| json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name, "externalId": external, "active": true });
    // Ada's userName on one account and her externalId on another.
    assert_eq!(world.server.send("POST", "Users", &user("ada@acme.example", "7")), 201);
    assert_eq!(world.server.send("POST", "Users", &user("countess@acme.example", "1042")), 201);
    // Two accounts with Grace's externalId and none of her userName.
    assert_eq!(world.server.send("POST", "Users", &user("g1@acme.example", "1043")), 201);
    assert_eq!(world.server.send("POST", "Users", &user("g2@acme.example", "1043")), 201);
    let before = world.server.list("Users");
    let plan = world.plan();
    assert_eq!(actions(&plan), [""; 0], "{plan:#}");
    let errors = plan["errors"].as_array().unwrap();
    let keys: Vec<&str> = errors.iter().map(|error| error["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["ada", "grace"], "{errors:?}");
    world.repo.apply().expect(4);
    assert_eq!(world.server.list("Users"), before);
}

#[test]
fn s2_20_the_second_key_saves_a_changed_user_name() {
    let world = World::new("lattice");
    world.converge();
    let id = world.user("ada@acme.example")["id"].clone();
    // Nothing is known of earlier runs.
    std::fs::remove_dir_all(world.repo.path().join(".scimform")).unwrap();
    world.edit("ada@acme.example", "ada.king@acme.example");
    let plan = world.plan();
    assert_eq!(actions(&plan), ["update ada"]);
    assert!(paths(&plan).contains(&"userName"));
    let requests = world.converge();
    assert!(requests.iter().all(|request| request.method != "POST"));
    assert_eq!(world.user("ada.king@acme.example")["id"], id);
    assert_eq!(world.server.list("Users").len(), 2);
}

#[test]
fn s2_21_further_mappings_can_be_added() {
    let world = World::with("lattice", "", &rows("      userType: { const: Employee }\n"));
    let sent = bodies(&world.converge());
    assert!(sent.iter().all(|body| body["userType"] == "Employee"), "{sent:?}");
}

/// A repository with two targets, of which one is Lattice and one JumpCloud.
fn both() -> (Repo, crate::support::Server, crate::support::Server) {
    let (lattice, jumpcloud) = (server("lattice"), server("jumpcloud"));
    let targets = crate::requirements::world::one_target("lattice", lattice.url(), "lattice", "")
        + &crate::requirements::world::one_target("jumpcloud", jumpcloud.url(), "jumpcloud", "");
    let one = |target: &str| {
        format!("  {target}:\n    target: {target}\n    assign: {{ where: user.userName is defined }}\n")
    };
    let repo = Repo::new(&[
        ("scimform.yaml", &format!("version: 1\ntargets:\n{targets}")),
        ("bindings.yaml", &format!("bindings:\n{}{}", one("lattice"), one("jumpcloud"))),
        ("people.yaml", PEOPLE),
    ]);
    (repo, lattice, jumpcloud)
}

fn ada(server: &crate::support::Server) -> Value {
    server.list("Users").into_iter().find(|user| user["userName"].as_str().unwrap().starts_with("ada")).unwrap()
}

#[test]
fn c1_c2_c3_one_person_is_written_to_each_vendor_in_its_own_words() {
    let (repo, lattice, jumpcloud) = both();
    repo.apply().expect(0);
    let plan = repo.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}", plan.out);
    let (there, here) = (ada(&lattice), ada(&jumpcloud));
    assert_eq!((&there["userName"], &here["userName"]), (&json!("ada@acme.example"), &json!("ada")));
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";
    assert_eq!((&there["externalId"], &here[enterprise]["employeeNumber"]), (&json!("1042"), &json!("1042")));
    assert_eq!(here.get("externalId"), None);
    assert_eq!((&there["jobTitle"], &here["title"]), (&json!("Engineer"), &json!("Engineer")));
    assert_eq!((&there["department"], &here[enterprise]["department"]), (&json!("Engineering"), &json!("Engineering")));
    repo.edit("people.yaml", "title: Engineer", "title: Principal Engineer");
    repo.apply().expect(0);
    assert_eq!(
        (&ada(&lattice)["jobTitle"], &ada(&jumpcloud)["title"]),
        (&json!("Principal Engineer"), &json!("Principal Engineer"))
    );
}

#[test]
fn c2_an_account_that_entra_made_keeps_its_external_id() {
    let world = World::new("lattice");
    let user = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada@acme.example",
        "externalId": "5b1c0d3e-entra", "active": true });
    assert_eq!(world.server.send("POST", "Users", &user), 201);
    let plan = world.plan();
    assert_eq!(actions(&plan), ["create grace", "update ada"]);
    assert!(plan["notices"].to_string().contains("`externalId` differs"), "{plan:#}");
    let requests = world.converge();
    let update = requests.iter().find(|request| matches!(request.method.as_str(), "PUT" | "PATCH")).unwrap();
    assert!(!update.body.as_ref().unwrap().contains("1042"), "{update:?}");
    assert_eq!(world.user("ada@acme.example")["externalId"], "5b1c0d3e-entra");
}
