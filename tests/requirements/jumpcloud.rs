//! JumpCloud's SCIM API, written to by scimform.

use scimform::profile::{AuthForm, builtin};
use serde_json::{Value, json};

use crate::requirements::world::{EVERYONE, PEOPLE, World, answering, at, bodies, writes};
use crate::support::Repo;
use crate::support::plan::{actions, notices, paths};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";

fn rows(rows: &str) -> String {
    format!("{EVERYONE}    mapping: ours\nmappings:\n  ours:\n    extends: jumpcloud\n    user:\n{rows}")
}

/// The body with which Ada is created.
fn created(world: &World) -> Value {
    bodies(&world.converge()).into_iter().find(|body| body["userName"] == "ada").unwrap()
}

#[test]
fn s1_01_the_profile_is_enough_to_connect() {
    let world = World::new("jumpcloud");
    let requests = world.converge();
    assert_eq!(writes(&requests), ["POST /Users", "POST /Users"]);
    assert_eq!(world.server.list("Users").len(), 2);
}

#[test]
fn s1_04_the_key_goes_in_a_header_of_its_own() {
    assert_eq!(builtin("jumpcloud").unwrap().auth, AuthForm::Header("x-api-key".to_owned()));
    let world = World::new("jumpcloud");
    assert_eq!(world.actions().len(), 2);
    world.repo.edit(
        "scimform.yaml",
        "{ header: { name: x-api-key, value: { env: TOKEN } } }",
        "{ bearer: { env: TOKEN } }",
    );
    let ran = world.repo.run(&["plan"]).expect(1);
    assert!(ran.out.contains("401"), "{}", ran.out);
    let told = world.validate();
    assert!(told.out.contains("x-api-key"), "{}", told.out);
}

#[test]
fn s1_05_s1_11_mapped_attributes_are_overwritten_and_others_never_sent() {
    let world = World::new("jumpcloud");
    world.converge();
    world.server.set("ada", "title", "Boss");
    world.server.set("ada", "timezone", "Europe/London");
    let plan = world.plan();
    assert_eq!((actions(&plan), paths(&plan)), (vec!["update ada".to_owned()], vec!["title"]));
    let change = &plan["changes"][0];
    assert_eq!((&change["reason"], &change["attributes"][0]["before"]), (&json!("changed-at-target"), &json!("Boss")));
    let requests = world.converge();
    assert!(!bodies(&requests)[0]["Operations"].to_string().contains("timezone"));
    let user = world.user("ada");
    assert_eq!((&user["title"], &user["timezone"]), (&json!("Engineer"), &json!("Europe/London")));
}

#[test]
fn s1_11_a_put_gives_back_what_it_did_not_touch() {
    let world = World::with("jumpcloud", "    capabilities: { patch: false }\n", EVERYONE);
    world.converge();
    world.server.set("ada", "timezone", "Europe/London");
    world.edit("title: Engineer", "title: Principal Engineer");
    let requests = world.converge();
    assert_eq!(requests.iter().filter(|request| request.method == "PUT").count(), 1);
    let user = world.user("ada");
    assert_eq!((&user["title"], &user["timezone"]), (&json!("Principal Engineer"), &json!("Europe/London")));
}

#[test]
fn s1_06_s1_07_s1_16_e30_t52_someone_with_a_pending_password_is_no_endless_change() {
    let world = World::new("jumpcloud");
    let told = world.repo.run(&["plan"]).expect(0).out;
    assert!(told.contains("until a password is set") && told.contains("no activation mail"), "{told}");
    world.converge();
    // No password yet: computed as inactive, whatever was sent.
    assert_eq!(world.user("ada")["active"], json!(false));
    let plan = world.plan();
    assert_eq!((actions(&plan), notices(&plan)), (vec![], vec!["pending-password"]), "{plan:#}");
    assert_eq!(writes(&world.converge()), [""; 0]);
    world.passwords();
    assert_eq!(world.user("ada")["active"], json!(true));
    assert_eq!(notices(&world.plan()), [""; 0]);
    // Declared inactive and shown as active is a change.
    world.edit("title: Admiral", "active: false");
    assert_eq!(world.actions(), ["deactivate grace"]);
    world.converge();
    assert_eq!(world.user("grace")["active"], json!(false));
}

#[test]
fn s1_02_s1_16_a_leaver_whose_password_is_pending_is_suspended_all_the_same() {
    for declared in [true, false] {
        let world = World::new("jumpcloud");
        world.converge();
        assert_eq!(world.user("grace")["active"], json!(false), "computed, as she has no password yet");
        if declared {
            world.edit("title: Admiral", "active: false");
        } else {
            world.without_grace();
        }
        assert_eq!(world.actions(), ["deactivate grace"]);
        let requests = world.converge();
        assert_eq!(writes(&requests).len(), 1, "{requests:?}");
        // The invitation that she still has opens nothing.
        world.passwords();
        assert_eq!(world.user("grace")["active"], json!(false));
        assert_eq!(world.user("ada")["active"], json!(true));
        assert_eq!(world.actions(), [""; 0]);
    }
}

#[test]
fn s1_16_a_stranger_who_may_only_wait_for_a_password_is_named() {
    let world = World::with("jumpcloud", "    manage: all\n", EVERYONE);
    world.converge();
    world.without_grace();
    std::fs::remove_dir_all(world.repo.path().join(".scimform")).unwrap();
    let ran = world.repo.run(&["plan"]).expect(0);
    assert!(
        ran.out.contains("note[may-be-active]") && ran.out.contains("not everything is as declared"),
        "{}",
        ran.out
    );
}

#[test]
fn s1_13_the_address_is_the_profiles_with_and_without_a_slash_at_its_end() {
    assert_eq!(builtin("jumpcloud").unwrap().url.as_deref(), Some("https://api.jumpcloud.com/scim/v2"));
    for end in ["", "/", "//"] {
        let world = World::new("jumpcloud");
        let url = world.server.url().to_owned();
        world.repo.edit("scimform.yaml", &url, &format!("{url}{end}"));
        let requests = world.converge();
        assert!(writes(&requests).iter().all(|write| write == "POST /Users"), "{requests:?}");
    }
    // The profile's own address is taken where none is written.
    let repo = Repo::new(&[
        (
            "scimform.yaml",
            "version: 1\ntargets:\n  app:\n    profile: jumpcloud\n    auth: { header: { name: x-api-key, value: { env: TOKEN } } }\n",
        ),
        ("bindings.yaml", EVERYONE),
        ("people.yaml", PEOPLE),
    ]);
    repo.run(&["validate"]).expect(0);
}

#[test]
fn s1_17_a_user_name_is_present_short_and_no_address() {
    let world = World::new("jumpcloud");
    assert_eq!(created(&world)["userName"], "ada", "the part before the @ is taken");
    let refused = |row: &str, wanted: &str| {
        let world = World::with("jumpcloud", "", &rows(&format!("      userName: {row}\n")));
        let ran = world.validate().expect(1);
        assert!(ran.out.contains("target-rule") && ran.out.contains(wanted), "{row}: {}", ran.out);
        world.repo.apply().expect(1);
        assert_eq!(world.server.writes(), 0);
    };
    refused("user.userName", "must not contain `@`: `ada@acme.example`");
    for (name, sign) in [("ada lovelace", ' '), ("ada+1", '+'), ("o'brien", '\''), ("ädä", 'ä')] {
        let world = World::new("jumpcloud");
        world.edit("userName: ada@", &format!("userName: \"{name}@"));
        let quoted = format!("userName: \"{name}@acme.example");
        world.edit(&quoted, &format!("{quoted}\""));
        let ran = world.validate().expect(0);
        assert!(ran.out.contains(&format!("holds `{sign}`, which may be refused: `{name}`")), "{name}: {}", ran.out);
        world.converge();
        assert_eq!(world.user(name)["userName"], name, "a warning does not stop it");
    }
    let world = World::new("jumpcloud");
    world.edit("userName: ada@", "userName: Ada.love_lace-2@");
    let ran = world.validate().expect(0);
    assert!(!ran.out.contains("may be refused"), "{}", ran.out);
    refused("user.nickName", "is missing");
    refused("null", "requires `userName`");
    let world = World::new("jumpcloud");
    world.edit("userName: ada@", &format!("userName: {}@", "a".repeat(1025)));
    let ran = world.validate().expect(1);
    assert!(ran.out.contains("has 1025 characters, and 1024 are the most"), "{}", ran.out);
}

#[test]
fn s1_18_the_parts_of_a_name_have_a_greatest_length_in_characters() {
    let world = World::new("jumpcloud");
    world.edit("givenName: Ada", &format!("givenName: {}", "ü".repeat(1024)));
    world.validate().expect(0);
    world.edit("familyName: Lovelace", &format!("familyName: {}", "ü".repeat(1025)));
    let ran = world.validate().expect(1);
    assert!(ran.out.contains("name.familyName") && ran.out.contains("1024"), "{}", ran.out);
}

#[test]
fn s1_19_one_primary_address_is_wanted() {
    let world = World::new("jumpcloud");
    world.edit("emails: [{ value: ada@acme.example", "emails: [{ value: ada@home.example }, { value: ada@acme.example");
    let body = created(&world);
    assert_eq!(body["emails"], json!([{ "value": "ada@acme.example", "type": "work", "primary": true }]));
    for (emails, wanted) in [("[]", "is missing"), ("[{ value: nobody }]", "is not an e-mail address")] {
        let world = World::new("jumpcloud");
        world.edit("emails: [{ value: ada@acme.example, type: work, primary: true }]", &format!("emails: {emails}"));
        let ran = world.validate().expect(1);
        assert!(ran.out.contains(wanted), "{}", ran.out);
    }
    let world = World::new("jumpcloud");
    world.edit("value: ada@acme.example", &format!("value: {}@acme.example", "a".repeat(1024)));
    assert!(world.validate().expect(1).out.contains("1024 are the most"));
}

#[test]
fn s1_14_whose_key_has_no_right_is_told_which_roles_have() {
    let world = World::new("jumpcloud");
    world.server.fault("403");
    for command in [&["plan"][..], &["probe", "app"]] {
        let ran = world.repo.run(command).expect(1);
        let said = ran.said().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("Administrator with Billing, Administrator or Manager"), "{command:?}: {said}");
    }
}

#[test]
fn s1_20_s1_23_s1_27_names_titles_and_types_are_mapped() {
    let world = World::new("jumpcloud");
    world.edit("nickName: Countess", "userType: Contractor");
    let body = created(&world);
    assert_eq!(body["displayName"], "Ada Lovelace");
    assert_eq!(body["title"], "Engineer", "and not jobTitle as at Lattice");
    assert_eq!(body.get("jobTitle"), None);
    assert_eq!(body["userType"], "Contractor");
    world.edit("displayName: Ada Lovelace", "displayName: Ada King");
    assert_eq!(paths(&world.plan()), ["displayName"]);
    world.converge();
}

#[test]
fn s1_21_t55_a_password_is_sent_once_from_where_it_is_kept_and_shown_nowhere() {
    const PASSWORD: &str = "Tr0ub4dor & 3";
    let mapping = rows("      password: { secret: { env: FIRST_PASSWORD } }\n");
    let mut world = World::with("jumpcloud", "", &mapping);
    // Without it, nothing is written.
    let ran = world.repo.apply();
    assert!(ran.code != 0 && ran.out.contains("FIRST_PASSWORD"), "{}", ran.said());
    assert_eq!(world.server.writes(), 0);
    world.repo = world.repo.env("FIRST_PASSWORD", PASSWORD);
    let plan = world.repo.run(&["plan", "-vv", "--format", "json"]).expect(0);
    let change = plan.json()["targets"][0]["changes"][0].clone();
    let shown = change["attributes"].as_array().unwrap().iter().find(|one| one["path"] == "password").unwrap().clone();
    assert_eq!((&shown["after"], &shown["sensitive"]), (&Value::Null, &json!(true)));
    let requests = world.converge();
    assert!(bodies(&requests).iter().all(|body| body["password"] == PASSWORD), "{requests:?}");
    // Later ones are no difference, and updates do not send it.
    world.repo = world.repo.env("FIRST_PASSWORD", "another");
    world.edit("title: Engineer", "title: Principal Engineer");
    assert_eq!(paths(&world.plan()), ["title"]);
    assert!(!bodies(&world.converge())[0].to_string().contains("password"));
    let ledger = world.repo.ledger_text();
    assert!(!format!("{}{}{ledger}", plan.out, plan.err).contains(PASSWORD));
    // A refusal is told without it, and nothing but a password can be one.
    let world = World::with("jumpcloud", "", &mapping).password(PASSWORD);
    world.server.fault("400,on=POST");
    let ran = world.repo.run(&["apply", "--auto-approve", "-vvv"]).expect(4);
    assert!(ran.out.contains("400") && !ran.said().contains(PASSWORD), "{}", ran.said());
    let world = World::with("jumpcloud", "", &rows("      title: { secret: { env: FIRST_PASSWORD } }\n"));
    assert!(world.validate().expect(1).out.contains("only `password` can be a `secret`"));
}

#[test]
fn s1_22_dates_of_the_server_are_never_a_matter() {
    let world = World::new("jumpcloud");
    world.converge();
    let body = bodies(&world.server.running().requests());
    assert!(body.iter().all(|body| body.get("meta").is_none()));
    let user = |created: &str| {
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1,
            "Resources": [{ "id": "1", "userName": "ada", "meta": { "created": created, "lastModified": 7 } }] })
    };
    for created in ["yesterday", "", "2026-13-45T99:99:99Z"] {
        let server = answering(&user(created));
        let plan = at(server.url(), "jumpcloud", EVERYONE).plan();
        assert!(plan["changes"].to_string().contains("\"update\""), "{plan:#}");
    }
}

#[test]
fn s1_24_s1_28_the_extension_is_written_with_a_small_u_and_read_either_way() {
    let world = World::new("jumpcloud");
    let body = created(&world);
    assert_eq!(body[ENTERPRISE], json!({ "department": "Engineering", "employeeNumber": "1042" }));
    let schemas = body["schemas"].as_array().unwrap();
    assert!(schemas.contains(&json!(ENTERPRISE)), "{schemas:?}");
    assert!(!body.to_string().contains("2.0:User\":{"), "{body}");
    world.edit("department: Engineering", "department: Research");
    let requests = world.converge();
    let sent = bodies(&requests)[0].to_string();
    assert!(
        sent.contains(&format!("{ENTERPRISE}:department")) || sent.contains(&format!("\"{ENTERPRISE}\"")),
        "{sent}"
    );
    // Whatever letters the server shows it with.
    let user = |urn: &str| {
        json!({ "id": "1", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", urn], "userName": "ada", "active": true,
            "displayName": "Ada Lovelace", "name": { "givenName": "Ada", "familyName": "Lovelace" }, "title": "Engineer",
            "emails": [{ "value": "ada@acme.example", "type": "work", "primary": true }],
            urn: { "department": "Research", "employeeNumber": "1042" } })
    };
    for urn in [ENTERPRISE, &ENTERPRISE.replace("2.0:user", "2.0:User")] {
        let server = answering(&json!({ "totalResults": 1, "Resources": [user(urn)] }));
        let repo = at(server.url(), "jumpcloud", EVERYONE);
        repo.write(
            "people.yaml",
            PEOPLE.split("  grace:").next().unwrap().replace("department: Engineering", "department: Research"),
        );
        assert_eq!(actions(&repo.plan()), [""; 0], "{urn}");
    }
    // The usual letters can be asked for.
    let usual = ENTERPRISE.replace("2.0:user", "2.0:User");
    let mapping = rows(&format!(
        "      '{usual}:department': user.department\n      '{usual}:employeeNumber': user.employeeNumber\n"
    ));
    let world = World::with("jumpcloud", "", &mapping);
    let sent = bodies(&world.converge());
    assert!(sent[0].get(&usual).is_some() && sent[0].get(ENTERPRISE).is_none(), "{}", sent[0]);
}

#[test]
fn s1_25_locale_may_be_any_place() {
    let world = World::new("jumpcloud");
    world.edit("nickName: Countess", "locale: \"Berlin, 2nd floor\"");
    world.validate().expect(0);
    assert_eq!(created(&world)["locale"], "Berlin, 2nd floor");
}

#[test]
fn s1_26_cost_center_and_organization_stand_at_the_top() {
    let world = World::new("jumpcloud");
    world.edit("nickName: Countess", "costCenter: \"4130\"\n    organization: Acme");
    let body = created(&world);
    assert_eq!((&body["costCenter"], &body["organization"]), (&json!("4130"), &json!("Acme")));
    assert!(!body[ENTERPRISE].to_string().contains("Acme"), "{body}");
    let user = world.user("ada");
    assert_eq!(user["costCenter"], "4130");
}

#[test]
fn s1_30_what_has_no_place_is_told_and_not_sent() {
    let world = World::new("jumpcloud");
    let told = world.validate().expect(0).out;
    assert!(told.contains("not sent to `app`: `nickName`, `phoneNumbers`"), "{told}");
    let body = created(&world).to_string();
    assert!(!body.contains("7946") && !body.contains("Countess"), "{body}");
}

#[test]
fn s1_31_what_was_written_is_read_back() {
    let world = World::new("jumpcloud");
    world.converge();
    world.edit("title: Engineer", "title: Principal Engineer");
    world.server.fault("lie");
    let ran = world.repo.apply().expect(4);
    assert!(ran.out.contains("did not converge"), "{}", ran.out);
}
