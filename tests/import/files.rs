//! What is written, and where.

use serde_json::json;

use crate::import::tenant::{World, yaml};

#[test]
fn an_awkward_tenant_is_adopted_with_an_empty_plan() {
    let tenant = World::tenant();
    tenant.awkward();
    let report = tenant.import_all();
    let plan = tenant.is_adopted();
    let first = yaml(tenant.repo.path());
    tenant.import_all();
    assert_eq!(first, yaml(tenant.repo.path()), "a second import changes files");
    assert_eq!((&report["summary"]["written"], &plan["summary"]["adopted"]), (&json!(9), &json!(8)));
    assert_eq!(tenant.text("users.yaml"), USERS);
    assert_eq!(tenant.text("groups.yaml"), GROUPS);
    assert_eq!(tenant.text("bindings.yaml"), BINDINGS);
    let gone = report["entries"].as_array().unwrap().iter().find(|entry| entry["key"] == "gone").unwrap();
    assert!(gone["managed"] == false && gone["notes"][0].as_str().unwrap().contains("would leave the group `r-d`"));
}

const USERS: &str = r#"users:
  ann:
    userName: ann@acme.example
    displayName: "true"
    nickName: "null"
    locale: "0123"
    timezone: "line\nbreak"
    manager: zoe.mussig

  ann-partner:
    userName: ann@partner.example
    name: { familyName: Ann }

  gone:
    userName: gone@acme.example
    active: false

  root:
    userName: root

  zoe.mussig:
    userName: Zoë.Müßig@acme.example
    externalId: e-1042
    name: { givenName: Zoë, familyName: Müßig, formatted: Dr. Zoë Müßig }
    title: "Führung: R&D #1"
    emails:
      - { value: zoe@acme.example, type: work, primary: true }
      - { value: zoe@home.example, type: home }
    phoneNumbers: [{ value: "+49 30 123", type: mobile }]
    employeeNumber: "0042"
    costCenter: "no"
    department: R&D
    manager: ann
"#;

const GROUPS: &str = r#"groups:
  dusseldorf:
    displayName: Düsseldorf
    members: [ann-partner]
  empty:
    displayName: Empty
  r-d:
    displayName: R&D
    members: [gone, root]
    groups: [r-d-kern]
  r-d-kern:
    displayName: "R&D: Kern"
    members: [ann, zoe.mussig]
"#;

const BINDINGS: &str = "bindings:
  app-imported:
    target: app
    mapping: app-imported
    assign: { users: [ann, ann-partner, root, zoe.mussig] }
    push: [dusseldorf, empty, r-d, r-d-kern]

mappings:
  app-imported:
    extends: generic
    user: { externalId: { value: user.externalId, default: user.key, apply: onCreate } }
    group: { externalId: { value: group.externalId, default: group.key, apply: onCreate } }
";

#[test]
fn every_layout_is_valid_and_adopts() {
    let cases: [(&str, &[&str]); 4] = [
        ("single", &["imported.yaml"]),
        ("per-section", &["users.yaml", "groups.yaml", "bindings.yaml"]),
        ("per-person", &["users/ann.yaml", "users/zoe.mussig.yaml", "groups/r-d.yaml", "bindings.yaml"]),
        ("per-department", &["users/r-d.yaml", "users/no-department.yaml", "groups.yaml", "bindings.yaml"]),
    ];
    for (layout, expected) in cases {
        let tenant = World::tenant();
        tenant.awkward();
        tenant.repo.edit("scimform.yaml", "version: 1", "# yaml-language-server: $schema=./schema/x.json\nversion: 1");
        tenant.import(&["--all", "--layout", layout, "--out", "taken/over"]).expect(0);
        for file in expected {
            let text = tenant.text(&format!("taken/over/{file}"));
            let up = "../".repeat(2 + file.matches('/').count());
            assert!(text.starts_with(&format!("# yaml-language-server: $schema={up}schema/x.json\n")), "{text}");
        }
        tenant.is_adopted();
        let first = yaml(tenant.repo.path());
        tenant.import(&["--all", "--layout", layout, "--out", "taken/over"]).expect(0);
        assert_eq!(first, yaml(tenant.repo.path()), "{layout}");
    }
}

#[test]
fn comments_and_order_of_files_that_are_there_are_kept() {
    let tenant = World::tenant();
    let users =
        "# who works here\nusers:\n  zed: # the first\n    title:   Founder   # kept\n    userName: zed@acme.example\n";
    let groups = "groups:\n  # a team\n  team:\n    displayName: Team\n    members:\n      - zed # leads\n";
    tenant.repo.write("users.yaml", users);
    tenant.repo.write("groups.yaml", groups);
    tenant.repo.write(
        "bindings.yaml",
        "bindings:\n  all: # everyone\n    target: app\n    assign: { groups: [team] }\n    push: [team]\n",
    );
    tenant.repo.run(&["apply", "--auto-approve"]).expect(0);
    // Somebody puts a new colleague into the group at the target.
    let ada = tenant.person(&json!({"userName": "ada@acme.example"}));
    let group = tenant.server.list("Groups")[0]["id"].as_str().unwrap().to_owned();
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": ada}]}]});
    assert!(tenant.server.send("PATCH", &format!("Groups/{group}"), &patch) < 300);
    tenant.import(&["--all"]).expect(0);
    assert!(tenant.text("users.yaml").starts_with(users), "{}", tenant.text("users.yaml"));
    assert_eq!(tenant.text("groups.yaml"), format!("{groups}      - ada\n"));
    tenant.is_adopted();
}

#[test]
fn who_lacks_an_external_id_that_the_others_have_is_declared_without_one() {
    let tenant = World::tenant();
    for name in ["ada", "grace", "alan"] {
        tenant.person(&json!({"userName": format!("{name}@acme.example"), "externalId": format!("e-10{}", name.len())
            + name}));
    }
    tenant.person(&json!({"userName": "root@acme.example"}));
    tenant.import_all();
    assert!(tenant.text("users.yaml").contains("  root:\n    userName: root@acme.example\n    externalId: null\n"));
    assert!(!tenant.text("bindings.yaml").contains("mappings:"));
    tenant.is_adopted();
}

#[test]
fn nothing_is_written_where_git_would_not_see_it() {
    let tenant = World::tenant_with(2);
    std::process::Command::new("git").args(["init", "-q"]).current_dir(tenant.repo.path()).status().unwrap();
    tenant.repo.write(".gitignore", "private/\n");
    let before = yaml(tenant.repo.path());
    let ran = tenant.import(&["--all", "--out", "private"]).expect(1);
    assert!(ran.err.contains("ignores it") && ran.err.contains("--out"), "{}", ran.err);
    assert_eq!(before, yaml(tenant.repo.path()), "what was written is taken back");
    for out in ["../elsewhere", "/tmp/elsewhere", ".hidden"] {
        tenant.import(&["--all", "--out", out]).expect(64);
    }
    // A file that is there and no part of the repository is not written over.
    tenant.repo.write(".gitignore", "users.yaml\n");
    tenant.repo.write("users.yaml", "mine");
    tenant.import(&["--all"]).expect(1);
    assert_eq!(tenant.text("users.yaml"), "mine");
}

#[test]
fn files_with_errors_are_not_added_to() {
    let tenant = World::tenant_with(1);
    tenant.repo.write("users.yaml", "users:\n  ada: { userNam: x }\n");
    let ran = tenant.import(&["--all"]).expect(1);
    assert!(ran.err.contains("userName"), "{}", ran.err);
    assert!(!tenant.repo.path().join("bindings.yaml").exists());
}
