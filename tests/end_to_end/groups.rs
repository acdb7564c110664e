//! Groups on vendors that hide their members, and groups that are bound and unbound.

use scimform::profile;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::support::plan::kinds;
use crate::support::{Repo, Server, target};

fn server(vendor: &str) -> Server {
    let token = Some("secret-token".to_owned().into());
    Server::with(Options { token, profile: Some(profile::builtin(vendor).unwrap()), ..Options::default() })
}

fn repo(server: &Server, vendor: &str, keys: &[&str]) -> Repo {
    let repo = Repo::new(&[
        ("scimform.yaml", &target(server.url(), vendor, "")),
        ("bindings.yaml", &bindings("push: [all, platform]")),
    ]);
    people(&repo, keys, keys);
    repo
}

fn bindings(push: &str) -> String {
    format!("bindings:\n  everyone:\n    target: app\n    assign: {{ where: user.userName is defined }}\n    {push}\n")
}

fn people(repo: &Repo, keys: &[&str], platform: &[&str]) {
    let people: String = keys
        .iter()
        .map(|key| {
            format!(
                "  {key}:\n    userName: {key}@acme.example\n    displayName: {key}\n    name: {{ givenName: {key}, familyName: Test }}\n"
            )
        })
        .collect();
    repo.write(
        "people.yaml",
        format!(
            "users:\n{people}groups:\n  all: {{ displayName: All, members: [{}] }}\n  platform: {{ displayName: Platform, members: [{}] }}\n",
            keys.join(", "),
            platform.join(", ")
        ),
    );
}

fn keys(members: &Value) -> Vec<&str> {
    members.as_array().unwrap().iter().map(|member| member["key"].as_str().unwrap()).collect()
}

#[test]
fn t71_e47_members_that_a_vendor_never_shows_are_kept_as_declared() {
    let vendor = "aws-iam-identity-center";
    let server = server(vendor);
    let repo = repo(&server, vendor, &["ada", "grace", "linus"]);
    repo.apply().expect(0);
    assert_eq!(kinds(&repo.plan()), [""; 0], "hidden members are no drift");
    // Someone takes one out and puts another one in, past us.
    let ada = server.id("ada");
    people(&repo, &["ada", "grace", "linus"], &["ada", "grace"]);
    repo.apply().expect(0);
    let linus = server.id("linus");
    server.patch("Platform", &json!([{"op": "remove", "path": "members", "value": [{"value": ada}]}]));
    server.patch("Platform", &json!([{"op": "add", "path": "members", "value": [{"value": linus}]}]));
    let plan = repo.plan();
    assert_eq!(kinds(&plan), ["update group platform"], "{plan}");
    assert_eq!(keys(&plan["changes"][0]["members"]["add"]), ["ada"]);
    assert_eq!(keys(&plan["changes"][0]["members"]["remove"]), ["linus"]);
    repo.apply().expect(0);
    assert_eq!(kinds(&repo.plan()), [""; 0]);
    let puts = server.running().requests().iter().filter(|request| request.method == "PUT").count();
    assert_eq!(puts, 0, "a PUT of what is shown would empty the group");
}

#[test]
fn additive_membership_adds_and_never_removes_until_the_group_is_unbound() {
    let server = server("scalekit");
    let repo = repo(&server, "scalekit", &["ada", "grace"]);
    repo.write("bindings.yaml", bindings("push: [all, platform]\n    membership: additive"));
    repo.apply().expect(0);
    people(&repo, &["ada", "grace"], &["grace"]);
    let plan = repo.plan();
    assert_eq!(kinds(&plan), [""; 0], "{plan}");
    let notices = plan["notices"].as_array().unwrap();
    let kept = notices.iter().find(|notice| notice["code"] == "members-kept").unwrap_or_else(|| panic!("{plan}"));
    assert!(kept["message"].as_str().unwrap().starts_with("1 member of `platform`"), "{kept}");
    // A second binding that is exact makes the group exact.
    let exact = "  second:\n    target: app\n    assign: { where: user.userName is defined }\n    push: [platform]\n";
    repo.write("bindings.yaml", bindings("push: [all, platform]\n    membership: additive") + exact);
    let plan = repo.plan();
    assert_eq!(keys(&plan["changes"][0]["members"]["remove"]), ["ada"], "{plan}");
    // Unbound, it is emptied like any other.
    repo.write("bindings.yaml", bindings("push: [all]\n    membership: additive"));
    assert_eq!(keys(&repo.plan()["changes"][0]["members"]["remove"]), ["ada", "grace"]);
}

#[test]
fn t73_who_was_deactivated_at_the_vendor_comes_back_with_the_memberships() {
    let server = server("scalekit");
    let repo = repo(&server, "scalekit", &["ada", "grace"]);
    repo.apply().expect(0);
    let ada = server.id("ada");
    // The vendor takes the access and the membership away.
    server.set("ada", "active", false);
    let filter = format!("members[value eq \"{ada}\"]");
    server.patch("Platform", &json!([{"op": "remove", "path": filter}]));
    let plan = repo.plan();
    assert_eq!(kinds(&plan), ["reactivate user ada", "update group platform"], "{plan}");
    repo.apply().expect(0);
    assert_eq!(kinds(&repo.plan()), [""; 0]);
    // Where access can't be given again, the membership is not asked for either.
    server.set("ada", "active", false);
    server.patch("Platform", &json!([{"op": "remove", "path": filter}]));
    repo.write("scimform.yaml", target(server.url(), "scalekit", "    capabilities: { reactivation: false }\n"));
    let plan = repo.plan();
    assert_eq!(kinds(&plan), [""; 0], "no drift to repair while inactive: {plan}");
}

#[test]
fn t69_a_nested_group_that_someone_else_put_in_stays() {
    let server = server("generic");
    let repo = repo(&server, "generic", &["ada"]);
    repo.apply().expect(0);
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Theirs"});
    assert_eq!(server.send("POST", "Groups", &group), 201);
    let theirs = server.id("Theirs");
    server.patch("Platform", &json!([{"op": "add", "path": "members", "value": [{"value": theirs}]}]));
    for manage in ["owned", "all"] {
        repo.write("scimform.yaml", target(server.url(), "generic", &format!("    manage: {manage}\n")));
        let plan = repo.plan();
        assert!(!kinds(&plan).contains(&"update group platform".to_owned()), "{manage}: {plan}");
    }
}

#[test]
fn an_additive_group_that_is_unbound_keeps_who_was_there_before_and_who_comes_later() {
    let server = server("scalekit");
    let repo = repo(&server, "scalekit", &["ada", "grace"]);
    // Grace's membership was granted at the vendor before the group was bound.
    repo.write("bindings.yaml", bindings("push: [all]"));
    repo.apply().expect(0);
    let grace = server.id("grace");
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Platform",
        "members": [{"value": grace}]});
    assert_eq!(server.send("POST", "Groups", &group), 201);
    let additive = "push: [all, platform]\n    membership: additive";
    repo.write("bindings.yaml", bindings(additive));
    repo.apply().expect(0);
    repo.apply().expect(0);
    repo.write("bindings.yaml", bindings("push: [all]"));
    let plan = repo.plan();
    assert_eq!(keys(&plan["changes"][0]["members"]["remove"]), ["ada"], "{plan}");
    repo.apply().expect(0);
    assert_eq!(kinds(&repo.plan()), [""; 0]);
    // The other way to be without ours: they were taken out at the vendor.
    repo.write("bindings.yaml", bindings(additive));
    repo.apply().expect(0);
    let ada = server.id("ada");
    server.patch("Platform", &json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")}]));
    repo.write("bindings.yaml", bindings("push: [all]"));
    assert_eq!(kinds(&repo.plan()), ["forget group platform"]);
    repo.apply().expect(0);
    server.patch("Platform", &json!([{"op": "add", "path": "members", "value": [{"value": ada}]}]));
    assert_eq!(kinds(&repo.plan()), [""; 0], "a later grant is none of ours");
}
