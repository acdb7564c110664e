//! Rules, each with a repository that breaks it.

mod cases;
mod profiles;
mod values;

use crate::diag::{Code, Severity};
use crate::directory::testing::{Checked, check, valid};

use cases::Case;

/// A repository that nothing is wrong with.
const BASE: &str = r#"
targets: { app: { profile: generic, url: "https://app.example/scim/v2" } }
bindings: { staff: { target: app, assign: { groups: [everyone] }, push: assigned } }
groups: { everyone: { displayName: Everyone, where: "true" } }
users:
  ada: { userName: ada@acme.example, title: Engineer }
"#;

/// Codes that this module gives.
const OURS: &[Code] = &[
    Code::DanglingReference,
    Code::Cycle,
    Code::DuplicateUserName,
    Code::PreviouslyConflict,
    Code::DuplicateMatch,
    Code::Expression,
    Code::UnknownAttribute,
    Code::AttributePath,
    Code::NotWritable,
    Code::ValueType,
    Code::UnknownScimAttribute,
    Code::WriteLimited,
    Code::TargetRule,
    Code::ConflictingBindings,
    Code::Target,
    Code::Profile,
    Code::Date,
    Code::Unmapped,
    Code::Unused,
    Code::HostileText,
];

fn all() -> impl Iterator<Item = &'static Case> {
    cases::CASES.iter().chain(values::CASES).chain(profiles::CASES)
}

fn with_base(text: &str) -> Checked {
    check(&[BASE, text])
}

#[test]
fn the_base_is_right() {
    assert_eq!(check(&[BASE]).lines(), Vec::<String>::new());
}

#[test]
fn every_rule_reports_what_where_and_the_way_out() {
    let mut wrong = Vec::new();
    for case in all() {
        let checked = with_base(case.text);
        let hit = checked.found.iter().any(|found| {
            let place = found.span.map(|span| checked.sources.text(span));
            let said = format!("{} {}", found.message, found.hint.clone().unwrap_or_default());
            found.code == case.code && place == Some(case.at) && said.contains(case.says)
        });
        if !hit {
            wrong.push(format!("{} ({}): {:#?}", case.name, case.code.name(), checked.lines()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_ours_has_a_case() {
    for code in OURS {
        assert!(all().any(|case| case.code == *code), "{}", code.name());
    }
}

#[test]
fn a_directory_comes_exactly_when_there_is_no_error() {
    for case in all() {
        let checked = with_base(case.text);
        let errors = checked.found.iter().any(|found| found.severity == Severity::Error);
        let parsed = checked.found.iter().all(|found| found.code != Code::Schema || case.code == Code::Schema);
        assert!(parsed, "{}: {:#?}", case.name, checked.lines());
        assert_eq!(checked.directory.is_none(), errors, "{}", case.name);
    }
}

#[test]
fn one_mistake_is_one_report() {
    let one = [
        "manager",
        "member",
        "mapping",
        "extends",
        "filter",
        "fails",
        "fails for someone",
        "root",
        "profile",
        "case",
        "ends first",
        "two mappings",
        "mapped",
        "email",
    ];
    for case in all().filter(|case| one.contains(&case.name)) {
        let checked = with_base(case.text);
        let same: Vec<_> = checked.found.iter().filter(|found| found.severity == Severity::Error).collect();
        assert_eq!(same.len(), 1, "{}: {:#?}", case.name, checked.lines());
    }
}

#[test]
fn people_may_manage_each_other() {
    let (directory, _) = valid(&[BASE, "users: { b: { userName: b, manager: c }, c: { userName: c, manager: b } }"]);
    let manager = |key: &str| {
        directory.users.get(key).and_then(|user| user.attributes.get("manager")?.as_str().map(str::to_owned))
    };
    assert_eq!((manager("b"), manager("c")), (Some("c".to_owned()), Some("b".to_owned())));
}

#[test]
fn bindings_that_imply_the_same_are_no_conflict() {
    valid(&[
        BASE,
        "mappings: { m: { extends: generic, user: { title: user.title } } }\nbindings: { z: { target: app, assign: { users: [ada] }, mapping: m } }",
    ]);
}

#[test]
fn a_row_of_null_takes_a_row_out_and_answers_the_warning() {
    let text = "mappings: { m: { extends: generic, user: { title: null } } }
targets: { u: { profile: generic, url: 'https://u.example' } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }";
    let checked = with_base(text);
    assert_eq!(checked.lines(), Vec::<String>::new());
    let directory = checked.directory.unwrap();
    let rows = &directory.bindings.get("b").unwrap().mapping.rows.users;
    assert!(rows.iter().all(|row| row.path.to_string() != "title"));
    assert!(rows.iter().any(|row| row.path.to_string() == "userName"));
}

#[test]
fn mappings_extend_mappings_and_keep_the_nearest_match_order() {
    let text = "
mappings:
  base: { extends: lattice, user: { nickName: user.title }, match: [externalId] }
  top: { extends: base, user: { nickName: { const: Ace, apply: onCreate } } }
targets: { l: { profile: lattice } }
users: { bob: { userName: bob@acme.example } }
bindings: { b: { target: l, assign: { users: [bob] }, mapping: top } }";
    let (directory, _) = valid(&[BASE, text]);
    let mapping = &directory.bindings.get("b").unwrap().mapping;
    let matched: Vec<String> = mapping.matching.users.iter().map(ToString::to_string).collect();
    assert_eq!(matched, ["externalId"]);
    let names: Vec<String> = mapping.rows.users.iter().map(|row| row.path.to_string()).collect();
    assert!(names.contains(&"jobTitle".to_owned()), "{names:?}");
    assert_eq!(names.iter().filter(|name| *name == "nickName").count(), 1);
    assert!(names.is_sorted());
}

#[test]
fn the_same_text_in_many_rules_matches_the_same_people() {
    let text = "groups: { a: { where: user.title == 'Engineer' }, b: { where: user.title == 'Engineer' }, c: { where: user.title == 'Cook' } }";
    let (directory, _) = valid(&[BASE, text]);
    let matching = |key: &str| directory.groups.get(key).unwrap().matching.len();
    assert_eq!((matching("a"), matching("b"), matching("c")), (1, 1, 0));
}

#[test]
fn a_long_chain_of_groups_is_walked_without_recursion() {
    let groups: Vec<String> =
        (0..20_000).map(|index| format!("  g{index}: {{ groups: [g{}] }}", (index + 1) % 20_000)).collect();
    let checked = with_base(&format!("groups:\n{}", groups.join("\n")));
    assert_eq!(checked.found.iter().filter(|found| found.code == Code::Cycle).count(), 1);
}

#[test]
fn logins_in_addresses_are_hidden() {
    for address in ["https://a:b@t.example", "https://t.example/scim?access_token=abc", "https://a:b@"] {
        let checked = with_base(&format!("targets: {{ t: {{ profile: generic, url: '{address}' }} }}"));
        let hidden: Vec<&str> =
            checked.found.iter().flat_map(|found| &found.hidden).map(|span| checked.sources.text(*span)).collect();
        assert!(hidden.contains(&format!("'{address}'").as_str()), "{address}: {hidden:?}");
        assert!(checked.found.iter().all(|found| !found.message.contains(address)), "{address}");
        assert!(checked.directory.is_none(), "{address}");
    }
}

#[test]
fn what_live_people_may_have_can_protect_them() {
    let enterprise = "user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].department == 'IT'";
    let vendors = "user['urn:example:scim:1.0:User'].anything";
    for condition in ["user.department == 'IT'", enterprise, vendors, "user.id == '1'", "user.jobTitle == 'CEO'"] {
        let text = format!("targets: {{ l: {{ profile: lattice, protect: {{ users: [\"{condition}\"] }} }} }}");
        assert!(with_base(&text).directory.is_some(), "{condition}");
    }
}

#[test]
fn a_row_of_the_wrong_form_is_said_once() {
    for row in ["{ value: user.title, const: Boss }", "{ apply: onCreate }"] {
        let text = format!(
            "mappings: {{ m: {{ extends: generic, user: {{ nickName: {row} }} }} }}
targets: {{ u: {{ profile: generic, url: 'https://u.example' }} }}
bindings: {{ b: {{ target: u, mapping: m }} }}"
        );
        let checked = with_base(&text);
        assert_eq!(checked.found.len(), 1, "{row}: {:#?}", checked.lines());
    }
}

#[test]
fn targets_that_may_be_one_server_are_told_apart_by_credentials_only_where_the_vendor_does() {
    let twins = |first: &str, second: &str| {
        let checked = with_base(&format!("targets: {{ t: {{ {first} }}, u: {{ {second} }} }}"));
        let said = |text: &str| checked.found.iter().any(|found| found.message.contains(text));
        (said("are the same server"), said("have the same URL"))
    };
    let own = "profile: generic, url: 'https://t.example/scim', auth: { bearer: { env: T } }";
    let other = own.replace("env: T", "env: U");
    assert_eq!(twins(own, own), (true, false));
    assert_eq!(twins(own, &other), (false, true), "two tenants, or two tokens of one");
    assert_eq!(twins(own, &own.replace("/scim'", "/scim/b'")), (false, false));
    assert_eq!(twins(own, &format!("{own}, mode: disabled")), (false, false));
    assert_eq!(twins(own, &format!("{own}, mode: readOnly")), (false, false), "it takes nothing away");
    let header = "profile: jumpcloud, auth: { header: { name: x-api-key, value: { env: T } } }";
    assert_eq!(twins(header, header), (true, false));
    assert_eq!(twins(header, &header.replace("env: T", "env: U")), (false, false), "one URL for all tenants");
}
