//! What every profile that comes with scimform must keep, through the public face.

use std::collections::BTreeSet;
use std::sync::Arc;

use scimform::directory::{WriteRules, Writing};
use scimform::mapping::{Context, Mapping, Row, default_mapping};
use scimform::profile::{self, Confidence, Deletion, Form, MemberRemoval, MembersShown, Paging, Profile};
use scimform::scim::path::AttrPath;
use scimform::scim::{Object, Value};
use serde_json::json;

use crate::support::golden::in_repository;

fn all() -> impl Iterator<Item = (Arc<Profile>, Mapping)> {
    profile::names().map(|name| {
        let profile = profile::builtin(name).unwrap_or_else(|| panic!("{name}.yaml can't be read"));
        let mapping = default_mapping(&profile).unwrap_or_else(|error| panic!("{name}: {error}"));
        (profile, mapping)
    })
}

/// Someone as most directories declare them: no display name, no key of an identity provider.
fn person() -> Value {
    Value::from(json!({
        "key": "ada", "userName": "ada@acme.example", "title": "Engineer", "department": "Engineering",
        "employeeNumber": "1042", "manager": "grace", "preferredLanguage": "en-GB", "locale": "en-GB",
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [
            { "value": "ada@acme.example", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "phoneNumbers": [
            { "value": "+44 20 7946 0000", "type": "work" }, { "value": "+44 7700 900123", "type": "mobile" },
        ],
        "addresses": [{ "type": "work", "locality": "London", "country": "GB" }],
    }))
}

/// What the default mapping sends of someone at creation.
fn sent(mapping: &Mapping, person: &Value) -> Object {
    let mut object = Object::new();
    for row in &mapping.rows.users {
        if let Some(value) = row.evaluate(&Context::user(person)).unwrap() {
            row.path.assign(&mut object, value);
        }
    }
    object
}

#[test]
fn every_path_is_one() {
    for (profile, _) in all() {
        let facts = &profile.capabilities;
        for path in profile.attributes.extensions.iter().chain(&facts.filter_users).chain(&facts.filter_groups) {
            assert!(path.parse::<AttrPath>().is_ok(), "{}: `{path}`", profile.name);
        }
    }
}

#[test]
fn nothing_is_sent_that_a_vendor_does_not_take() {
    for (profile, mapping) in all() {
        let rules = WriteRules::of(&profile);
        for (kind, rows) in mapping.rows.iter() {
            for row in rows {
                let writing = rules.writing(kind, &row.path);
                assert!(
                    matches!(writing, Writing::Free | Writing::CreateOnly),
                    "{} sends `{}`, which {}",
                    profile.name,
                    row.path,
                    writing.words()
                );
            }
        }
        let object = sent(&mapping, &person());
        for path in &profile.attributes.single_valued {
            let values = path.read(&object);
            let many = values.iter().filter_map(|value| value.as_array()).map(<[Value]>::len).max().unwrap_or(0);
            assert!(many <= 1 && values.len() <= 1, "{} sends {many} of `{path}`", profile.name);
        }
        for path in &profile.attributes.ignored {
            let values = path.read(&object);
            assert!(values.is_empty(), "{} sends `{path}`: {values:?}", profile.name);
        }
    }
}

#[test]
fn what_is_required_is_sent_of_an_ordinary_person() {
    for (profile, mapping) in all() {
        let object = sent(&mapping, &person());
        assert!(
            AttrPath::attribute("userName").read(&object).iter().any(|name| name.as_str().is_some()),
            "{} sends no userName (RFC 7643 section 4.1.1)",
            profile.name
        );
        for rule in &profile.attributes.rules {
            let values = rule.path.read(&object);
            let texts: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
            let said = format!("{}: `{}` of {object:?}", profile.name, rule.path);
            assert!(!rule.required || values.iter().any(|value| !value.is_unassigned()), "{said} is missing");
            assert!(!rule.email || texts.iter().all(|text| text.contains('@')), "{said} is no address");
            let forbidden = rule.forbid.as_deref();
            assert!(forbidden.is_none_or(|part| texts.iter().all(|text| !text.contains(part))), "{said} is forbidden");
        }
    }
}

#[test]
fn people_and_groups_are_found_by_what_can_be_asked_for() {
    let row_for = |rows: &[Row], path: &AttrPath| rows.iter().any(|row| row.path.attribute == path.attribute);
    for (profile, mapping) in all() {
        let facts = &profile.capabilities;
        let name = &profile.name;
        let sides = [
            (facts.resources.users, &mapping.matching.users, &facts.filter_users, &mapping.rows.users),
            (facts.resources.groups, &mapping.matching.groups, &facts.filter_groups, &mapping.rows.groups),
        ];
        for (there, matched, filtered, rows) in sides {
            assert_eq!(there, !rows.is_empty(), "{name}");
            if !there {
                continue;
            }
            let filtered: BTreeSet<String> = filtered.iter().map(|path| path.to_lowercase()).collect();
            // What can't be asked for is still seen in lists, but one that can be is needed: for the look-up before a
            // creation is tried again.
            let asked = matched.iter().filter(|path| filtered.contains(&path.key())).count();
            assert!(asked > 0, "{name}: nobody can be looked up by {matched:?}");
            for path in matched {
                assert!(row_for(rows, path), "{name}: `{path}` is matched and never sent");
                let unsupported = profile.attributes.unsupported.contains(&AttrPath::attribute(&path.attribute));
                assert!(!unsupported, "{name}: `{path}` is matched and not known to the vendor");
            }
        }
        if facts.members == MembersShown::Never {
            let hidden = |paths: &[String], wanted: &str| paths.iter().any(|path| path == wanted);
            assert!(
                hidden(&facts.filter_groups, "members.value") || hidden(&facts.filter_users, "groups.value"),
                "{name}: nobody can tell who is in a group"
            );
        }
    }
}

#[test]
fn confidence_is_about_facts_that_exist() {
    for (profile, _) in all() {
        let facts = serde_json::to_value(&*profile).unwrap();
        for (fact, confidence) in &profile.confidence {
            let mut rest = fact.as_str();
            let mut at = &facts;
            while !rest.is_empty() {
                let (name, more) = rest.split_once('.').unwrap_or((rest, ""));
                at = match at {
                    serde_json::Value::Object(map) if map.contains_key(name) => &map[name],
                    // The rest is an attribute's path: one of a list, a name of a mapping, or the `path` of a rule.
                    serde_json::Value::Array(items) => {
                        let about = |item: &&serde_json::Value| *item == rest || item["path"] == rest;
                        items.iter().find(about).unwrap_or_else(|| panic!("{}: no `{fact}`", profile.name));
                        break;
                    }
                    serde_json::Value::Object(map) if map.contains_key(rest) => break,
                    _ => panic!("{}: there is no fact `{fact}`", profile.name),
                };
                rest = more;
            }
            assert!(!at.is_null() || fact == "capabilities.patch", "{}: `{fact}` says nothing", profile.name);
            assert_ne!(*confidence, Confidence::Verified, "{}: `{fact}` need not be named", profile.name);
        }
    }
}

#[test]
fn quirks_say_where_they_are_known_from_or_that_they_are_not() {
    for (profile, _) in all() {
        for quirk in &profile.quirks {
            assert!(quirk.text.ends_with('.'), "{}: {}", profile.name, quirk.text);
            let sourced = quirk.source.as_ref().is_some_and(|source| !source.trim().is_empty());
            assert!(sourced || quirk.confidence == Confidence::Unverified, "{}: {}", profile.name, quirk.text);
        }
        let address = profile.url.iter().chain(&profile.url_form);
        for url in address {
            assert!(
                url.starts_with("https://") && !url.ends_with('/') && !url.contains('?'),
                "{}: {url}",
                profile.name
            );
        }
        assert!(profile.url.is_none() || profile.url_form.is_none(), "{}", profile.name);
    }
}

/// A sentence of the vendor's own text in one row each, so that a slip of the pen in a file is seen.
#[test]
fn vendors_say_what_their_documents_say() {
    let paths = |names: &[&str]| names.iter().map(|name| AttrPath::attribute(name)).collect::<Vec<_>>();
    let of = |name: &str| profile::builtin(name).unwrap();
    let aws = of("aws-iam-identity-center");
    assert_eq!((aws.capabilities.members, aws.capabilities.members_per_patch), (MembersShown::Never, 100));
    assert_eq!((aws.capabilities.paging, aws.capabilities.page_size), (Paging::Cursor, Some(100)));
    assert_eq!((aws.capabilities.put_groups, aws.capabilities.replace_members), (Some(false), false));
    assert_eq!(aws.attributes.single_valued, paths(&["emails", "phoneNumbers", "addresses"]));

    let github = of("github-enterprise");
    assert_eq!(github.capabilities.deletion, Deletion::Irreversible);
    assert_eq!(github.attributes.disguised_when_inactive, paths(&["userName", "emails"]));
    assert!(!github.capabilities.filter_and);
    assert!(!of("github-organization").capabilities.resources.groups);

    let slack = of("slack").capabilities.clone();
    assert_eq!((slack.deletion, slack.group_deletion), (Deletion::Deactivates, Deletion::Hard));
    let rate = |method: &str, resource: Option<&str>| {
        let mut fit = slack.rates.iter().filter(|rate| rate.methods.iter().any(|one| one == method));
        fit.find(|rate| rate.resource.as_deref() == resource).map(|rate| (rate.requests, rate.seconds))
    };
    assert_eq!((rate("GET", None), rate("POST", None)), (Some((1000, 60)), Some((600, 60))));
    assert_eq!((rate("GET", Some("Users")), rate("PATCH", Some("Users"))), (Some((300, 60)), Some((180, 60))));

    let databricks = of("databricks");
    assert_eq!(databricks.attributes.create_only, paths(&["userName", "emails"]));
    assert_eq!(
        (databricks.capabilities.member_removal, databricks.capabilities.page_size),
        (MemberRemoval::Filter, Some(100))
    );

    let atlassian = of("atlassian");
    assert!(!atlassian.capabilities.rename_groups && !atlassian.capabilities.nested_groups);
    assert_eq!(atlassian.attributes.aliases.len(), 2);

    let gitlab = of("gitlab");
    assert!(gitlab.attributes.id_is_external_id && gitlab.attributes.text_booleans && !gitlab.capabilities.put);
    assert!(gitlab.capabilities.deactivation_removes && !of("gitlab-self-managed").capabilities.deactivation_removes);
    assert_eq!(of("gitlab-self-managed").capabilities.deletion, Deletion::Deactivates);
    assert_eq!(of("snowflake").capabilities.synthetic, ["synthesis_user", "synthetic_group"]);
    assert_eq!(of("zitadel").attributes.normalised[0].form, Form::Phone);
    assert!(!of("zitadel").capabilities.patch_answers);

    let miro = of("miro").capabilities.clone();
    assert_eq!((miro.members_per_patch, miro.bytes_per_patch, miro.create_groups), (8000, Some(800_000), false));
    assert_eq!(of("figma").attributes.coupled[0].to, AttrPath::attribute("userName"));
    let salesforce = of("salesforce").capabilities.clone();
    assert_eq!((salesforce.deletion, salesforce.config_endpoint.as_str()), (Deletion::None, "ServiceProviderConfigs"));
    assert_eq!(of("google-cloud-identity").capabilities.paging, Paging::None);
    assert_eq!(of("sentry").attributes.placeholders[&"name.givenName".parse::<AttrPath>().unwrap()], json!("N/A"));
    assert_eq!(of("ibm-verify").capabilities.members_per_patch, 2500);
    assert_eq!(of("zscaler").capabilities.rates[0].requests, 5);
    assert_eq!(of("hcp-terraform").capabilities.page_size, Some(200));
    let entra = of("entra-style");
    assert_eq!(entra.capabilities.member_removal, MemberRemoval::Value);
    assert!(entra.mapping.user.contains_key("phoneNumbers[type eq \"mobile\"].value"));
    assert_eq!(entra.mapping.match_users, ["userName", "externalId"]);
}

#[test]
fn what_no_vendor_s_text_says_is_marked() {
    let sure = |name: &str, fact: &str| profile::builtin(name).unwrap().is_verified(fact);
    for (name, fact) in [
        ("atlassian", "capabilities.filterUsers"),
        ("hcp-terraform", "capabilities.filterUsers"),
        ("hcp-terraform", "capabilities.filterGroups"),
        ("sentry", "capabilities.patch"),
        ("figma", "capabilities.patch"),
        ("snowflake", "capabilities.patch"),
        ("lattice", "attributes.unsupported.preferredLanguage"),
        ("lattice", "attributes.unsupported.addresses"),
        ("ibm-verify", "capabilities.members"),
    ] {
        assert!(!sure(name, fact), "{name}: {fact}");
    }
    assert!(sure("lattice", "attributes.unsupported.groups"));
    let listed: Vec<&str> = profile::names().filter(|name| sure(name, "capabilities.inactiveListed")).collect();
    assert_eq!(listed, ["figma", "github-enterprise"]);
}

#[test]
fn every_obstacle_ends_a_message() {
    let src = in_repository("src");
    let read = |path: &std::path::Path| std::fs::read_to_string(path).unwrap();
    let mut texts = String::new();
    let mut open = vec![src.clone()];
    while let Some(path) = open.pop() {
        match path.is_dir() {
            true if path.ends_with("profile") => {}
            true => open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path())),
            false => texts.push_str(&read(&path)),
        }
    }
    let own = read(&src.join("profile/obstacle/mod.rs"));
    let declared = own.split_once("pub enum Obstacle").unwrap().1.split_once("\n}\n").unwrap().0;
    let variants = declared.lines().map(str::trim).filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let names: Vec<&str> = variants.map(|line| line.split(['(', ',']).next().unwrap()).collect();
    assert!(names.len() > 20, "{names:?}");
    let unused = |name: &&&str| !texts.contains(&format!("Obstacle::{name}"));
    assert_eq!(names.iter().filter(unused).collect::<Vec<_>>(), Vec::<&&str>::new());
}
