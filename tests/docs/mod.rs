//! Generated pages are fresh.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use scimform::mapping::{FILTERS, Named, Subject, TESTS, known_attributes};
use scimform::profile;

use crate::support::golden::{golden, read};

mod commands;
mod language;
mod profiles;

fn table(page: &mut String, rows: &[Named]) {
    page.push_str("| written | does | example | gives |\n|---|---|---|---|\n");
    for row in rows {
        let gives = if row.result.is_empty() { "undefined".to_owned() } else { format!("`{}`", row.result) };
        let code = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(
            page,
            "| `{}` | {} | `{}` | {} |",
            code(row.usage),
            code(row.about),
            code(row.example),
            code(&gives)
        );
    }
    page.push('\n');
}

#[test]
fn expressions() {
    let mut page = String::from(
        "# Expressions\n\n\
         One language for `where`, mapping rows, `protect` and `policies`: minijinja expressions. They see `user`, `group` or\n\
         `change`, reach no file, clock or network, and end after a fixed number of steps. This page is generated.\n\n\
         An attribute that is known but not declared is *undefined*: false in a condition. Filters, `~` and arithmetic carry\n\
         undefined through; comparisons and `not` give true or false, since an undefined is equal to nothing. A mapping row whose\n\
         value is undefined asserts nothing; one that is `none` or `[]` asserts emptiness. Types are kept: a boolean stays a\n\
         boolean, and one that the attribute does not take is an error.\n\n## What can be named\n\n",
    );
    for (name, subject) in [("user", Subject::User), ("group", Subject::Group), ("change", Subject::Change)] {
        let names: Vec<String> = known_attributes(subject).map(|known| format!("`{name}.{known}`")).collect();
        let _ = writeln!(page, "{}\n", names.join(", "));
    }
    page.push_str("## Filters\n\n");
    table(&mut page, FILTERS);
    page.push_str("## Tests\n\n");
    table(&mut page, TESTS);
    golden("docs/expressions.md", &(page.trim_end().to_owned() + "\n"));
}

#[test]
fn profiles() {
    let all: Vec<_> = profile::names().filter_map(profile::builtin).collect();
    golden("docs/profiles.md", &profiles::page(&all));
}

#[test]
fn commands() {
    golden("docs/commands.md", &commands::page());
}

#[test]
fn language() {
    let schema = serde_json::from_str(&read("schema/scimform.schema.json")).unwrap();
    golden("docs/language.md", &language::page(&schema));
}

/// docs/credentials.md lists every pinned host and no other.
#[test]
fn credentials() {
    let mut pinned: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for profile in profile::names().filter_map(profile::builtin) {
        if let Some(host) = profile.pinned_host() {
            pinned.entry(host).or_default().push(format!("`{}`", profile.name));
        }
    }
    let mut rows: Vec<String> =
        pinned.iter().map(|(host, names)| format!("| {} | `{host}` |", names.join(", "))).collect();
    rows.sort();
    let page = read("docs/credentials.md");
    let (_, table) = page.split_once("| Pinned by the profile | Host |").unwrap();
    let shown: Vec<&str> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(shown, rows);
}

/// The profile of a reader's own in docs/profiles.md is one that works.
#[test]
fn the_example_of_an_own_profile_is_valid() {
    let mut sources = scimform::source::SourceMap::default();
    sources.add("scimform.yaml", profiles::EXAMPLE);
    let (config, found) = scimform::config::parse(&sources);
    let (directory, more) = scimform::directory::validate(config, &sources);
    let said: Vec<String> = found.into_sorted().into_iter().chain(more.into_sorted()).map(|one| one.message).collect();
    assert!(said.is_empty(), "{said:?}");
    let directory = directory.unwrap();
    let acme = directory.targets.get("acme").unwrap();
    assert_eq!((acme.profile.name.as_str(), acme.profile.capabilities.members_per_patch), ("acme-hr", 25));
    assert_eq!(acme.profile.extends.as_deref(), Some("slack"));
    let mapping = &directory.bindings.get("staff").unwrap().mapping;
    assert!(mapping.rows.users.iter().any(|row| row.path.to_string() == "position"));
}

/// The pieces of YAML in docs/safety.md are a repository that works, and its rules do what the page says.
#[test]
fn the_pieces_of_the_page_on_safety_are_valid() {
    let page = read("docs/safety.md");
    let mut sources = scimform::source::SourceMap::default();
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.len(), 2);
    for (number, block) in blocks.iter().enumerate() {
        sources.add(format!("{number}.yaml"), *block);
    }
    let (config, found) = scimform::config::parse(&sources);
    let (directory, more) = scimform::directory::validate(config, &sources);
    let all = found.into_sorted().into_iter().chain(more.into_sorted());
    let said: Vec<String> = all.map(|one| one.message).filter(|text| !text.contains("no binding")).collect();
    assert!(said.is_empty(), "{said:?}");
    let directory = directory.unwrap();
    let app = directory.targets.get("app").unwrap();
    assert_eq!(app.protect.identity.as_ref().map(|name| name.value.as_str()), Some("scim-admin@acme.example"));
    let holds = |policy: usize, change: serde_json::Value| {
        let change = scimform::scim::Value::from(change);
        directory.policies[policy].condition.test(&scimform::mapping::Context::change(&change)).unwrap()
    };
    let none = serde_json::json!({ "add": [], "remove": [] });
    let delete = |resource| serde_json::json!({ "action": "delete", "resource": resource, "members": none });
    assert!(holds(2, delete("group")) && !holds(2, delete("user")));
    let leaving = |key| serde_json::json!({ "target": "app", "key": key, "members": { "add": [], "remove": [{}] } });
    assert!(holds(3, leaving("payroll")) && !holds(3, leaving("all")) && !holds(3, delete("group")));
}
