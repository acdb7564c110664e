//! What a refusal says of a server, and what it does not.

use serde_json::{Value, json};

use super::*;

/// A change with more than one operation is refused.
fn one_operation(seen: &Seen) -> Option<Reply> {
    let many = seen.method == "PATCH" && body(seen)["Operations"].as_array().unwrap().len() > 1;
    many.then(|| Reply::error(400, "invalidSyntax", "only one operation per request"))
}

#[test]
fn a_limit_on_the_request_is_no_fault_of_its_attributes() {
    let bend: Bend = |seen, _| match seen.method.as_str() {
        "PUT" => Some(Reply::error(405, "", "no PUT")),
        _ => one_operation(seen),
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities["put"], false, "{capabilities:#}");
    assert_eq!(capabilities.get("attributes"), None, "{capabilities:#}");
}

/// What a server takes that has few attributes.
const FEW: [&str; 9] = ["schemas", "id", "meta", "userName", "externalId", "name", "displayName", "active", "emails"];

/// The first attribute of a write of users that such a server does not know.
fn unknown(seen: &Seen) -> Option<String> {
    let written = matches!(seen.method.as_str(), "POST" | "PUT" | "PATCH") && seen.path.contains("Users");
    let body = if written { body(seen) } else { Value::Null };
    let named = body.as_object().into_iter().flat_map(|body| body.keys()).filter(|name| *name != "Operations");
    let patched = body["Operations"].as_array().into_iter().flatten().filter_map(|operation| {
        Some(operation["path"].as_str()?.split(['.', '[']).next().unwrap_or_default().to_owned())
    });
    named.cloned().chain(patched).find(|name| !FEW.contains(&name.as_str()))
}

#[test]
fn many_attributes_are_refused_one_by_one() {
    let bend: Bend = |seen, _| {
        let name = unknown(seen)?;
        Some(Reply::error(400, "invalidSyntax", &format!("Unrecognized field \"{name}\"")))
    };
    let (capabilities, _) = learned(bend);
    let rules = capabilities["attributes"].as_object().unwrap();
    assert_eq!(rules.keys().collect::<Vec<_>>(), ["unsupported"], "{capabilities:#}");
    let unsupported: Vec<&str> = rules["unsupported"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for name in ["title", "nickName", "phoneNumbers", "locale", "roles"] {
        assert!(unsupported.contains(&name), "{name}: {unsupported:?}");
    }
    assert!(!unsupported.iter().any(|name| FEW.contains(&name.split('.').next().unwrap())), "{unsupported:?}");
}

#[test]
fn a_failure_of_the_server_says_nothing_of_an_attribute() {
    let bend: Bend = |seen, _| unknown(seen).map(|_| Reply::new(500, ""));
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities.get("attributes"), None, "{capabilities:#}");
}

#[test]
fn a_role_that_nobody_has_says_nothing_of_roles() {
    let bend: Bend = |seen, _| {
        let written = matches!(seen.method.as_str(), "POST" | "PUT" | "PATCH") && seen.body.contains("\"roles\"");
        written.then(|| Reply::error(400, "invalidValue", "Role not found"))
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities, json!({ "patch": true }));
}

#[test]
fn a_server_that_takes_no_update_is_not_said_to_be_usable() {
    let bend: Bend = |seen, _| {
        let change = matches!(seen.method.as_str(), "PUT" | "PATCH");
        change.then(|| Reply::error(400, "invalidPath", "no"))
    };
    let server = Scripted::new(bend);
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", ""))]);
    let result = repo.run(&["probe", "app", "--write", "--auto-approve", "--format", "json"]).expect(1).json();
    assert_eq!(result["usable"], false);
    let capabilities = result["capabilities"].as_object().unwrap();
    assert!(!capabilities.contains_key("patch") && !capabilities.contains_key("put"), "{capabilities:#?}");
    let more = format!("    capabilities: {}\n", result["capabilities"]);
    repo.write("scimform.yaml", target(server.url(), "generic", &more));
    repo.run(&["validate"]).expect(0);
    let text = repo.run(&["probe", "app", "--write", "--auto-approve"]).expect(1).out;
    assert!(text.contains("no update of a user was accepted in any form that was tried"), "{text}");
    assert!(!text.contains("can be used."), "{text}");
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    let bend: Bend = |seen, held| {
        let change = matches!(seen.method.as_str(), "PUT" | "PATCH" | "DELETE");
        if change && !seen.headers.contains_key("if-match") {
            return Some(Reply::error(428, "", "If-Match is required"));
        }
        let reply = held.answer(seen);
        for resource in held.resources.values_mut() {
            resource["meta"]["version"] = "W/\"1\"".into();
        }
        Some(if seen.method == "GET" { held.answer(seen) } else { reply })
    };
    learns(bend, json!({ "etag": true }));
}
