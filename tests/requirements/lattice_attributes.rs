//! Lattice, filled in JumpCloud's way: attribute by attribute.

use serde_json::{Value, json};

use crate::requirements::world::{EVERYONE, World, bodies, writes};
use crate::support::Ran;
use crate::support::plan::{actions, notices, paths};

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:lattice:attributes:1.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Ada's line in the plan and the body with which she is created.
fn created(world: &World) -> Value {
    let bodies = bodies(&world.converge());
    bodies.into_iter().find(|body| body["userName"] == "ada@acme.example").unwrap()
}

fn rows(rows: &str) -> String {
    format!("{EVERYONE}    mapping: ours\nmappings:\n  ours:\n    extends: lattice\n    user:\n{rows}")
}

fn refused(world: &World, wanted: &[&str]) -> Ran {
    let ran = world.validate().expect(1);
    for wanted in wanted {
        assert!(ran.out.contains(wanted), "`{wanted}` is not in:\n{}", ran.out);
    }
    ran
}

#[test]
fn s0_08_the_display_name_is_the_persons_own() {
    let world = World::new("lattice");
    assert_eq!(created(&world).get("displayName"), None);
    world.edit("displayName: Ada Lovelace", "displayName: The Enchantress of Number");
    let plan = world.plan();
    assert_eq!(actions(&plan), [""; 0]);
    assert_eq!(writes(&world.converge()), [""; 0]);
    assert_eq!(world.user("ada@acme.example")["displayName"], "Ada Lovelace");
}

#[test]
fn s0_11_other_attributes_are_sent_only_through_the_extension_that_is_asked_for() {
    let world = World::new("lattice");
    let custom = "custom: { teeShirtSize: M, office: \"Paris 2\", gender: female, startDate: 2026-12-01, birthDate: 1815-12-10 }";
    world.edit(
        "nickName: Countess",
        &format!("nickName: Countess\n    division: Research\n    manager: grace\n    {custom}"),
    );
    let body = created(&world);
    let sent = body.to_string();
    for unwanted in ["manager", "division", "startDate", "birthDate", "gender", "Office", "Tee", "Paris", "Research"] {
        assert!(!sent.contains(unwanted), "{unwanted} in {sent}");
    }
    let warned = world.validate().expect(0).out;
    assert!(warned.contains("`custom.teeShirtSize`") && warned.contains("`manager`"), "{warned}");
}

#[test]
fn s0_11_names_with_spaces_come_through_to_the_path_of_a_patch() {
    let mapping = rows(&format!(
        "      '{EXTENSION}:Tee Shirt Size': user.custom.teeShirtSize\n      '{EXTENSION}:Office Location': user.custom.office\n"
    ));
    let world = World::with("lattice", "    capabilities: { patch: true }\n", &mapping);
    world.edit("nickName: Countess", "custom: { teeShirtSize: M, office: Paris }");
    let body = created(&world);
    assert_eq!(body[EXTENSION], json!({ "Tee Shirt Size": "M", "Office Location": "Paris" }));
    assert!(body["schemas"].as_array().unwrap().contains(&json!(EXTENSION)));
    world.edit("teeShirtSize: M", "teeShirtSize: L");
    assert_eq!(paths(&world.plan()), [format!("{EXTENSION}:Tee Shirt Size")]);
    let requests = world.converge();
    let operations = &bodies(&requests)[0]["Operations"];
    assert_eq!(*operations, json!([{ "op": "replace", "path": format!("{EXTENSION}:Tee Shirt Size"), "value": "L" }]));
    assert_eq!(world.user("ada@acme.example")[EXTENSION]["Tee Shirt Size"], "L");
}

#[test]
fn s0_17_the_user_name_is_the_address_by_an_expression_per_target() {
    let world = World::new("lattice");
    world.edit("userName: ada@acme.example", "userName: al");
    assert_eq!(created(&world)["userName"], "ada@acme.example");
    let world = World::with("lattice", "", &rows("      userName: user.userName | upper\n"));
    let sent = bodies(&world.converge());
    assert!(sent.iter().any(|body| body["userName"] == "ADA@ACME.EXAMPLE"), "{sent:?}");
    let world = World::with("lattice", "", &rows("      userName: user.userName | localPart\n"));
    refused(&world, &["target-rule", "not an e-mail address: `ada`", "people.yaml:3"]);
}

#[test]
fn s0_18_s2_03_active_is_a_boolean_of_json() {
    let world = World::with("lattice", "    capabilities: { patch: false }\n", EVERYONE);
    assert_eq!(created(&world)["active"], json!(true));
    world.edit("title: Engineer", "active: false");
    assert_eq!(bodies(&world.converge())[0]["active"], json!(false));
    let world = World::with("lattice", "    capabilities: { patch: true }\n", EVERYONE);
    world.converge();
    world.without_grace();
    let operations = bodies(&world.converge())[0]["Operations"].clone();
    assert_eq!(operations, json!([{ "op": "replace", "path": "active", "value": false }]));
}

#[test]
fn s0_19_t51_the_external_id_is_taken_at_creation_alone() {
    let world = World::new("lattice");
    assert_eq!(created(&world)["externalId"], "1042");
    world.edit("employeeNumber: \"1042\"", "employeeNumber: \"2042\"");
    let plan = world.plan();
    assert_eq!(actions(&plan), [""; 0]);
    let told = plan["notices"].to_string();
    assert!(told.contains("`externalId` differs and cannot be changed here"), "{told}");
    assert_eq!(writes(&world.converge()), [""; 0]);
    assert_eq!(world.user("ada@acme.example")["externalId"], "1042");
}

#[test]
fn s0_20_s2_02_the_parts_of_the_name_are_sent_one_by_one() {
    let world = World::with("lattice", "    capabilities: { patch: true }\n", EVERYONE);
    let name = created(&world)["name"].clone();
    assert_eq!((&name["givenName"], &name["familyName"]), (&json!("Ada"), &json!("Lovelace")));
    world.edit("givenName: Ada", "givenName: Augusta");
    assert_eq!(paths(&world.plan()), ["name.givenName"]);
    let operations = bodies(&world.converge())[0]["Operations"].clone();
    assert_eq!(operations, json!([{ "op": "replace", "path": "name.givenName", "value": "Augusta" }]));
}

#[test]
fn s0_21_the_full_name_is_put_together_once() {
    let world = World::new("lattice");
    assert_eq!(created(&world)["name"]["formatted"], "Ada Lovelace");
    world.edit("familyName: Lovelace", "familyName: King");
    assert_eq!(paths(&world.plan()), ["name.familyName"], "what the target took at creation is not compared");
    world.converge();
    assert_eq!(world.user("ada@acme.example")["name"]["formatted"], "Ada Lovelace");
    let world = World::with(
        "lattice",
        "",
        &rows("      name.formatted: user.name.familyName ~ \", \" ~ user.name.givenName\n"),
    );
    assert_eq!(created(&world)["name"]["formatted"], "Lovelace, Ada");
}

#[test]
fn s0_22_the_nick_name_is_taken_at_creation_alone() {
    let world = World::new("lattice");
    assert_eq!(created(&world)["nickName"], "Countess");
    world.edit("nickName: Countess", "nickName: Enchantress");
    let plan = world.plan();
    assert_eq!((actions(&plan), notices(&plan)), (vec![], vec!["create-only"]));
    assert_eq!(writes(&world.converge()), [""; 0]);
}

#[test]
fn s0_23_s0_26_title_and_department_go_to_the_vendors_own_places() {
    let world = World::new("lattice");
    let body = created(&world);
    assert_eq!((&body["jobTitle"], &body["department"]), (&json!("Engineer"), &json!("Engineering")));
    assert_eq!((body.get("title"), body.get(ENTERPRISE)), (None, None));
    // The standard places can be taken instead.
    let standard = format!(
        "      jobTitle: null\n      department: null\n      title: user.title\n      '{ENTERPRISE}:department': user.department\n"
    );
    let world = World::with("lattice", "", &rows(&standard));
    let told = world.validate().expect(0).out;
    assert!(told.contains("Write the row as `jobTitle`"), "{told}");
    let body = created(&world);
    assert_eq!((&body["title"], &body[ENTERPRISE]["department"]), (&json!("Engineer"), &json!("Engineering")));
    assert_eq!((body.get("jobTitle"), body.get("department")), (None, None));
}

#[test]
fn s0_24_one_address_is_sent_and_compared_by_its_value() {
    let world = World::new("lattice");
    world.edit(
        "emails: [{ value: ada@acme.example, type: work, primary: true }]",
        "emails: [{ value: ada@home.example, type: home }, { value: ada@acme.example, type: work, primary: true }]",
    );
    assert_eq!(created(&world)["emails"], json!([{ "value": "ada@acme.example" }]));
    let shown = json!([{ "value": "ada@acme.example", "type": "work", "primary": true }]);
    world.server.send("PUT", &user_path(&world), &with(&world, "emails", shown));
    assert_eq!(world.actions(), [""; 0], "a type and a primary that the target adds are no difference");
    world.server.send("PUT", &user_path(&world), &with(&world, "emails", json!([{ "value": "other@acme.example" }])));
    assert_eq!(paths(&world.plan()), ["emails"]);
}

#[test]
fn s0_25_the_work_phone_is_compared_as_a_number() {
    let world = World::new("lattice");
    world.edit("phoneNumbers: [", "phoneNumbers: [{ value: \"+44 7000\", type: mobile }, ");
    assert_eq!(created(&world)["phoneNumbers"], json!([{ "value": "+44 20 7946 0018" }]));
    for same in ["+442079460018", "+44-20-7946-0018", "tel:+44-20-7946-0018"] {
        let sent = with(&world, "phoneNumbers", json!([{ "value": same, "type": "work" }]));
        world.server.send("PUT", &user_path(&world), &sent);
        assert_eq!(world.user("ada@acme.example")["phoneNumbers"][0]["value"], same);
        assert_eq!(world.actions(), [""; 0], "{same}");
    }
    let sent = with(&world, "phoneNumbers", json!([{ "value": "+442079460019" }]));
    world.server.send("PUT", &user_path(&world), &sent);
    assert_eq!(paths(&world.plan()), ["phoneNumbers"]);
}

fn user_path(world: &World) -> String {
    format!("Users/{}", world.user("ada@acme.example")["id"].as_str().unwrap())
}

/// Ada as she is stored, with another value of one attribute.
fn with(world: &World, name: &str, value: Value) -> Value {
    let mut user = world.user("ada@acme.example");
    user[name] = value;
    user
}
