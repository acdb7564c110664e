use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{Asserted, Desired, DesiredResource, Presence, project};
use crate::directory::testing::valid;
use crate::directory::{Directory, TargetName, UserKey, scope};
use crate::mapping::Apply;
use crate::scim::{ResourceKind, Value};
use crate::source::SourceMap;

const DAY: Date = date(2026, 12, 1);

const TARGETS: &str = r#"
targets:
  app: { profile: generic, url: "https://app.example/scim/v2" }
  flat: { profile: generic, url: "https://flat.example", capabilities: { nestedGroups: false } }
  lattice: { profile: lattice }
"#;

const PEOPLE: &str = "
users:
  ada: { userName: ada@acme.example, name: { givenName: Ada, familyName: Lovelace }, department: Engineering, manager: grace }
  grace: { userName: grace@acme.example, displayName: Grace H, department: Engineering, ends: 2026-12-31 }
  bob: { userName: bob@acme.example, department: Sales, starts: 2026-12-02, manager: zoe }
  zoe: { userName: zoe@acme.example, active: false, previously: [zoey] }
";

fn at(directory: &Directory, target: &str, day: Date) -> Desired {
    project(directory, &TargetName::from(target), day)
}

fn keys(desired: &Desired) -> Vec<&str> {
    desired.users.keys().map(crate::directory::UserKey::as_str).collect()
}

fn user<'a>(desired: &'a Desired, key: &str) -> &'a DesiredResource {
    desired.users.get(key).unwrap()
}

fn value<'a>(resource: &'a DesiredResource, path: &str) -> Option<&'a Asserted> {
    resource.assertions.iter().find(|assertion| assertion.path.to_string() == path).map(|assertion| &assertion.value)
}

fn text(text: &str) -> Asserted {
    Asserted::Value(Value::from(text))
}

fn members(desired: &Desired, group: &str) -> Vec<String> {
    let members = desired.groups.get(group).unwrap().members.as_ref().unwrap();
    members
        .keys()
        .map(
            |member| {
                if member.kind == ResourceKind::User { member.key.to_string() } else { format!("+{}", member.key) }
            },
        )
        .collect()
}

#[test]
fn groups_and_users_are_joined_and_a_condition_narrows_them() {
    let assigned = |assign: &str| {
        let binding = format!(
            "bindings: {{ b: {{ target: app, assign: {assign} }} }}\ngroups: {{ eng: {{ members: [ada, grace] }}, out: {{ groups: [eng] }} }}"
        );
        let (directory, _) = valid(&[TARGETS, PEOPLE, &binding]);
        keys(&at(&directory, "app", DAY)).join(" ")
    };
    assert_eq!(assigned("{ groups: [eng] }"), "ada grace");
    assert_eq!(assigned("{ groups: [out], users: [zoe] }"), "ada grace zoe");
    assert_eq!(assigned("{ groups: [eng], users: [bob], where: user.name.givenName == 'Ada' }"), "ada");
    assert_eq!(assigned("{ where: user.department == 'Engineering' }"), "ada grace");
    assert_eq!(assigned("{}"), "");
}

#[test]
fn days_of_access_and_of_membership_include_the_first_and_the_last() {
    let binding = "
bindings: { b: { target: app, assign: { groups: [eng] } } }
groups: { eng: { members: [grace, bob, zoe, { user: ada, until: 2026-12-15 }] } }";
    let (directory, _) = valid(&[TARGETS, PEOPLE, binding]);
    let presence = |key: &str, day| user(&at(&directory, "app", day), key).presence.clone();
    let inactive = |why: &str| Presence::Inactive(why.to_owned());
    assert_eq!(presence("bob", date(2026, 12, 1)), inactive("starts 2026-12-02"));
    assert_eq!(presence("bob", date(2026, 12, 2)), Presence::Active);
    assert_eq!(presence("grace", date(2026, 12, 31)), Presence::Active);
    assert_eq!(presence("grace", date(2027, 1, 1)), inactive("ended 2026-12-31"));
    assert_eq!(presence("zoe", DAY), inactive("declared inactive"));
    assert_eq!(keys(&at(&directory, "app", date(2026, 12, 15))), ["ada", "bob", "grace", "zoe"]);
    assert_eq!(keys(&at(&directory, "app", date(2026, 12, 16))), ["bob", "grace", "zoe"]);
}

#[test]
fn active_follows_presence_and_points_at_what_decides() {
    let binding = "bindings: { b: { target: app, assign: { users: [ada, bob, zoe] } } }";
    let (directory, sources) = valid(&[TARGETS, PEOPLE, binding]);
    let desired = at(&directory, "app", DAY);
    let active = |key: &str| {
        let found =
            user(&desired, key).assertions.iter().find(|assertion| assertion.path.attribute == "active").unwrap();
        (found.value.clone(), sources.text(found.origin).to_owned())
    };
    assert_eq!(active("ada"), (Asserted::Value(Value::Bool(true)), "ada".to_owned()));
    assert_eq!(active("bob"), (Asserted::Value(Value::Bool(false)), "2026-12-02".to_owned()));
    assert_eq!(active("zoe"), (Asserted::Value(Value::Bool(false)), "false".to_owned()));
    assert_eq!(user(&desired, "zoe").previously, ["zoey"]);
}

#[test]
fn a_row_for_active_can_only_take_access_away() {
    let binding = "
mappings: { m: { extends: generic, user: { active: user.department != 'Sales' } } }
bindings: { b: { target: app, assign: { users: [ada, bob, zoe] }, mapping: m } }";
    let (directory, _) = valid(&[TARGETS, PEOPLE, binding]);
    let desired = at(&directory, "app", date(2026, 12, 2));
    let active =
        |key: &str| (user(&desired, key).presence == Presence::Active, value(user(&desired, key), "active").cloned());
    let says = |flag| Some(Asserted::Value(Value::Bool(flag)));
    assert_eq!(active("ada"), (true, says(true)));
    assert_eq!(active("bob"), (false, says(false)));
    assert_eq!(active("zoe"), (false, says(false)));
}

#[test]
fn names_for_people_prefer_what_people_say() {
    let binding = "bindings: { b: { target: app, assign: { where: 'true' } } }";
    let (directory, _) = valid(&[TARGETS, PEOPLE, binding]);
    let desired = at(&directory, "app", DAY);
    assert_eq!(user(&desired, "grace").name, "Grace H");
    assert_eq!(user(&desired, "ada").name, "Ada Lovelace");
    assert_eq!(user(&desired, "bob").name, "bob@acme.example");
}

#[test]
fn origins_are_the_declared_attribute_or_the_row() {
    let binding = "
mappings:
  m:
    extends: generic
    user:
      title: user.department
      nickName: user.name.givenName ~ '!'
bindings: { b: { target: app, assign: { users: [ada] }, mapping: m } }";
    let (directory, sources) = valid(&[TARGETS, PEOPLE, binding]);
    let desired = at(&directory, "app", DAY);
    let origin = |path: &str| {
        let found =
            user(&desired, "ada").assertions.iter().find(|assertion| assertion.path.to_string() == path).unwrap();
        sources.text(found.origin).to_owned()
    };
    assert_eq!(origin("title"), "Engineering");
    assert_eq!(origin("nickName"), "nickName");
    assert_eq!(origin("userName"), "ada@acme.example");
    assert_eq!(origin("name.givenName"), "{ givenName: Ada, familyName: Lovelace }");
    assert_eq!(origin("externalId"), "ada");
}

#[test]
fn undefined_asserts_nothing_and_empty_asserts_emptiness() {
    let people = "users: { eve: { userName: eve, title: null, emails: [], nickName: Evie } }";
    let binding = "
mappings: { m: { extends: generic, user: { nickName: { value: user.nickName, apply: onCreate }, userType: { value: user.userType, default: \"'Employee'\" } } } }
bindings: { b: { target: app, assign: { users: [eve] }, mapping: m } }";
    let (directory, _) = valid(&[TARGETS, people, binding]);
    let desired = at(&directory, "app", DAY);
    let eve = user(&desired, "eve");
    assert_eq!(value(eve, "title"), Some(&Asserted::Value(Value::Null)));
    assert_eq!(value(eve, "emails"), Some(&Asserted::Value(Value::Array(Vec::new()))));
    assert_eq!(value(eve, "locale"), None);
    assert_eq!(value(eve, "userType"), Some(&text("Employee")));
    let nick = eve.assertions.iter().find(|assertion| assertion.path.attribute == "nickName").unwrap();
    assert_eq!(nick.apply, Apply::OnCreate);
    assert!(eve.assertions.is_sorted_by(|a, b| a.path <= b.path));
}

#[test]
fn managers_are_people_at_the_same_target_or_a_notice() {
    let binding = "bindings: { b: { target: app, assign: { users: [ada, bob, grace] } } }";
    let (directory, sources) = valid(&[TARGETS, PEOPLE, binding]);
    let desired = at(&directory, "app", DAY);
    let manager = |key: &str| {
        user(&desired, key)
            .assertions
            .iter()
            .find(|assertion| assertion.path.attribute == "manager")
            .map(|found| found.value.clone())
    };
    assert_eq!(manager("ada"), Some(Asserted::User("grace".into())));
    assert_eq!(manager("bob"), None);
    let notices: Vec<_> = desired
        .notices
        .iter()
        .map(|notice| (notice.code.name(), notice.origin.map(|span| sources.text(span))))
        .collect();
    assert_eq!(notices, [("manager-not-assigned", Some("zoe"))]);
}

#[test]
fn pushed_groups_hold_present_people_and_pushed_groups() {
    let binding = "
bindings: { b: { target: app, assign: { groups: [all] }, push: [all, eng, sub] }, f: { target: flat, assign: { groups: [all] }, push: [all, eng] } }
groups:
  all: { displayName: Everyone, groups: [eng, plain] }
  eng: { members: [ada, zoe] }
  plain: { members: [grace], groups: [sub] }
  sub: { where: user.department == 'Sales' }";
    let (directory, sources) = valid(&[TARGETS, PEOPLE, binding]);
    let desired = at(&directory, "app", date(2026, 12, 2));
    assert_eq!(members(&desired, "all"), ["grace", "+eng", "+sub"]);
    assert_eq!(members(&desired, "eng"), ["ada"]);
    assert_eq!(members(&desired, "sub"), ["bob"]);
    let group = desired.groups.get("all").unwrap();
    assert_eq!((group.name.as_str(), &group.presence), ("Everyone", &Presence::Active));
    assert_eq!(value(group, "displayName"), Some(&text("Everyone")));
    let rule = desired.groups.get("sub").unwrap().members.as_ref().unwrap().values().next().copied().unwrap();
    assert_eq!(sources.text(rule), "user.department == 'Sales'");
    assert_eq!(members(&at(&directory, "flat", date(2026, 12, 2)), "all"), ["ada", "bob", "grace"]);
    assert_eq!(members(&at(&directory, "app", DAY), "sub"), Vec::<String>::new());
}

#[test]
fn only_assigned_people_are_members() {
    let binding = "
bindings: { b: { target: app, assign: { users: [grace] }, push: [eng] } }
groups: { eng: { members: [ada, grace] } }";
    let (directory, _) = valid(&[TARGETS, PEOPLE, binding]);
    assert_eq!(members(&at(&directory, "app", DAY), "eng"), ["grace"]);
}

#[test]
fn a_target_without_groups_gets_none_and_a_notice() {
    let binding = "
bindings: { b: { target: lattice, assign: { groups: [eng] }, push: assigned } }
groups: { eng: { members: [ada] } }";
    let people =
        "users: { ada: { userName: ada@acme.example, displayName: Ada, emails: [{ value: ada@acme.example }] } }";
    let (directory, _) = valid(&[TARGETS, people, binding]);
    let desired = at(&directory, "lattice", DAY);
    assert_eq!((keys(&desired), desired.groups.len()), (vec!["ada"], 0));
    assert_eq!(desired.notices.iter().map(|notice| notice.code.name()).collect::<Vec<_>>(), ["groups-unsupported"]);
    assert_eq!(value(user(&desired, "ada"), "displayName"), None);
}

#[test]
fn rows_that_a_target_does_not_take_are_a_notice() {
    let binding = "
mappings: { m: { extends: lattice, user: { displayName: user.displayName } } }
bindings: { b: { target: lattice, assign: { users: [ada, eve] }, mapping: m } }";
    let people =
        "users: { ada: { userName: ada@acme.example, displayName: Ada }, eve: { userName: eve@acme.example } }";
    let (directory, sources) = valid(&[TARGETS, people, binding]);
    let desired = at(&directory, "lattice", DAY);
    assert!(desired.users.values().all(|user| value(user, "displayName").is_none()));
    let notices: Vec<_> = desired
        .notices
        .iter()
        .map(|notice| (notice.code.name(), notice.origin.map(|span| sources.text(span))))
        .collect();
    assert_eq!(notices, [("not-sent", Some("displayName"))]);
}

#[test]
fn parts_that_a_target_does_not_take_are_not_asserted() {
    let (directory, _) = valid(&[r#"
targets:
  t: { profile: generic, url: "https://t.example", capabilities: { attributes: { unsupported: [emails.type, phoneNumbers.type] } } }
mappings:
  m:
    user:
      userName: user.userName
      emails: user.emails
      'phoneNumbers[type eq "work"].value': user.custom.work
      'phoneNumbers[type eq "home"].value': user.custom.home
users:
  ada: { userName: ada, emails: [{ value: a@b.example, type: work }], custom: { work: "1", home: "2" } }
  bob: { userName: bob, custom: { home: "2" } }
bindings: { b: { target: t, assign: { users: [ada, bob] }, mapping: m } }
"#]);
    let desired = at(&directory, "t", DAY);
    let list = |values: &[&str]| {
        let items = values.iter().map(|value| Value::Object([("value", Value::from(*value))].into_iter().collect()));
        Asserted::Value(Value::Array(items.collect()))
    };
    assert_eq!(value(user(&desired, "ada"), "emails"), Some(&list(&["a@b.example"])));
    // What chose the element is not there to be chosen by: both are one list.
    assert_eq!(value(user(&desired, "ada"), "phoneNumbers"), Some(&list(&["2", "1"])));
    assert_eq!(value(user(&desired, "bob"), "phoneNumbers"), Some(&list(&["2"])));
    assert!(user(&desired, "ada").assertions.iter().all(|assertion| assertion.path.filter.is_none()));
}

#[test]
fn who_cannot_be_projected_is_a_problem_and_stays_a_member() {
    // The row is tried for some people at validation; the one for whom it fails comes after them.
    let level = |number| if number == 39 { "high" } else { "1" };
    let lines: Vec<String> = (0..40)
        .map(|number| format!("  p{number:02}: {{ userName: p{number:02}, custom: {{ level: {} }} }}", level(number)))
        .collect();
    let people = format!("users:\n{}", lines.join("\n"));
    let binding = "
mappings: { m: { extends: generic, user: { title: (user.custom.level - 1) ~ '' } } }
bindings: { b: { target: app, assign: { groups: [all] }, push: assigned, mapping: m } }
groups: { all: { where: 'true' } }";
    let (directory, _) = valid(&[TARGETS, &people, binding]);
    let desired = at(&directory, "app", DAY);
    assert_eq!(desired.users.len(), 39);
    let problems: Vec<_> = desired.problems.iter().map(|problem| (problem.key.as_str(), problem.code.name())).collect();
    assert_eq!(problems, [("p39", "expression")]);
    assert!(members(&desired, "all").contains(&"p39".to_owned()));
}

#[test]
fn a_value_of_the_wrong_type_is_that_persons_problem() {
    let level = |number| if number == 39 { "7" } else { "senior" };
    let lines: Vec<String> = (0..40)
        .map(|number| format!("  p{number:02}: {{ userName: p{number:02}, custom: {{ level: {} }} }}", level(number)))
        .collect();
    let people = format!("users:\n{}", lines.join("\n"));
    let binding = "
mappings: { m: { extends: generic, user: { title: user.custom.level } } }
bindings: { b: { target: app, assign: { groups: [all] }, mapping: m } }
groups: { all: { where: 'true' } }";
    let (directory, _) = valid(&[TARGETS, &people, binding]);
    let desired = at(&directory, "app", DAY);
    assert_eq!(desired.users.len(), 39);
    let problems: Vec<_> = desired.problems.iter().map(|problem| (problem.key.as_str(), problem.code.name())).collect();
    assert_eq!(problems, [("p39", "value-type")]);
}

#[test]
fn membership_tells_how_and_until_when() {
    let groups = "
groups:
  all: { groups: [eng], members: [{ user: ada, until: 2026-12-10 }] }
  eng: { members: [ada], where: user.department == 'Sales' }";
    let (directory, _) = valid(&[TARGETS, PEOPLE, groups]);
    let told = |group: &str, user: &str| {
        let (group, _) = directory.groups.get_key_value(group)?;
        let content = scope::expand(&directory, [group], Some(DAY), |_| false);
        let cause = content.users.get(&UserKey::from(user))?;
        Some((cause.group.map(ToString::to_string), cause.rule, cause.until))
    };
    let eng = || Some("eng".to_owned());
    assert_eq!(told("all", "ada"), Some((eng(), false, None)), "the membership that lasts is told");
    assert_eq!(told("all", "bob"), Some((eng(), true, None)));
    assert_eq!(told("eng", "ada"), Some((eng(), false, None)));
    assert_eq!(told("eng", "zoe"), None);
}

/// The result with places as words, which do not depend on the order of files.
fn told(desired: &Desired, sources: &SourceMap) -> String {
    let resource = |resource: &DesiredResource| {
        let assertions: Vec<String> = resource
            .assertions
            .iter()
            .map(|found| format!("{} {:?} {:?} {}", found.path, found.value, found.apply, sources.text(found.origin)))
            .collect();
        let members = resource.members.as_ref().map(|members| {
            members.iter().map(|(key, span)| format!("{key:?} {}", sources.text(*span))).collect::<Vec<_>>()
        });
        format!(
            "{} {} {:?} {:#?} {:#?} {:?}",
            resource.key, resource.name, resource.presence, assertions, members, resource.previously
        )
    };
    let resources: Vec<String> = desired.users.values().chain(desired.groups.values()).map(resource).collect();
    let mut notices: Vec<String> =
        desired.notices.iter().map(|notice| format!("{} {}", notice.code, notice.message)).collect();
    notices.sort();
    format!("{resources:#?} {notices:#?} {:?}", desired.problems.len())
}

fn shuffled(order: &[usize]) -> String {
    let parts = [
        "users: { ada: { userName: ada@acme.example, department: Engineering, manager: grace } }",
        "users: { grace: { userName: grace@acme.example, ends: 2026-12-31, department: Engineering } }",
        "users: { bob: { userName: bob@acme.example, starts: 2026-12-02, manager: zoe } }",
        "users: { zoe: { userName: zoe@acme.example, active: false } }",
        "groups: { all: { groups: [eng, ops] } }",
        "groups: { eng: { where: user.department == 'Engineering', members: [{ user: bob, until: 2026-12-03 }] } }",
        "groups: { ops: { members: [bob, ada], groups: [eng] } }",
        "bindings: { b: { target: app, assign: { groups: [all] }, push: assigned } }",
        "bindings: { c: { target: app, assign: { where: user.manager is defined }, push: [ops] } }",
        "bindings: { d: { target: flat, assign: { groups: [ops] }, push: [all, ops] } }",
        TARGETS,
    ];
    let files: Vec<&str> = order.iter().filter_map(|index| parts.get(*index).copied()).collect();
    let (directory, sources) = valid(&files);
    [date(2026, 12, 1), date(2026, 12, 3), date(2027, 1, 1)]
        .into_iter()
        .flat_map(|day| ["app", "flat"].map(|target| told(&at(&directory, target, day), &sources)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_files_does_not_matter(order in Just((0..11).collect::<Vec<usize>>()).prop_shuffle()) {
        let straight: Vec<usize> = (0..11).collect();
        prop_assert_eq!(shuffled(&order), shuffled(&straight));
    }
}
