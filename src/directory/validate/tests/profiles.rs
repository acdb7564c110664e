//! Profiles of the user's own.

use super::BASE;
use super::cases::Case;
use crate::diag::{Code, Severity};
use crate::directory::testing::{check, valid};
use crate::profile::{Confidence, Deletion};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "profile's base",
        code: Code::Profile,
        text: "profiles: { acme: { extends: slak } }",
        at: "slak",
        says: "Did you mean `slack`?",
    },
    Case {
        name: "own profile misspelt",
        code: Code::Profile,
        text: "profiles: { acme: {} }\ntargets: { t: { profile: akme, url: 'https://t.example' } }",
        at: "akme",
        says: "Did you mean `acme`?",
    },
    Case {
        name: "built-in name",
        code: Code::Profile,
        text: "profiles: { lattice: { extends: generic } }",
        at: "lattice",
        says: "comes with scimform",
    },
    Case {
        name: "profiles extend each other",
        code: Code::Cycle,
        text: "profiles: { acme: { extends: bcme }, bcme: { extends: acme } }",
        at: "bcme",
        says: "profiles extend each other",
    },
    Case {
        name: "profile's attribute",
        code: Code::AttributePath,
        text: "profiles: { acme: { attributes: { createOnly: [userName, 'name.'] } } }",
        at: "name.",
        says: "not a SCIM attribute path",
    },
    Case {
        name: "profile's alias",
        code: Code::AttributePath,
        text: "profiles: { acme: { attributes: { aliases: { title: 'job title[' } } } }",
        at: "job title[",
        says: "not a SCIM attribute path",
    },
    Case {
        name: "profile's rule",
        code: Code::AttributePath,
        text: "profiles: { acme: { attributes: { rules: [{ path: 'a b', required: true }] } } }",
        at: "a b",
        says: "not a SCIM attribute path",
    },
    Case {
        name: "profile's row",
        code: Code::UnknownScimAttribute,
        text: "profiles: { acme: { mapping: { user: { tilte: user.title } } } }",
        at: "tilte",
        says: "Did you mean `title`?",
    },
    Case {
        name: "profile's expression",
        code: Code::UnknownAttribute,
        text: "profiles: { acme: { mapping: { user: { title: user.tilte } } } }",
        at: "tilte",
        says: "Did you mean",
    },
    Case {
        name: "profile's confidence",
        code: Code::Profile,
        text: "profiles: { acme: { confidence: { capabilities.delition: unverified } } }",
        at: "capabilities.delition",
        says: "no fact",
    },
    Case {
        name: "profile's numbers",
        code: Code::Profile,
        text: "profiles: { acme: { capabilities: { pageSize: 0 } } }",
        at: "{ pageSize: 0 }",
        says: "`pageSize` must be 1 or more",
    },
    Case {
        name: "profile's address",
        code: Code::Target,
        text: "profiles: { acme: { url: 'https://acme.example/scim/v2/Users' } }",
        at: "'https://acme.example/scim/v2/Users'",
        says: "of its resources",
    },
    Case {
        name: "neither PATCH nor PUT",
        code: Code::Profile,
        text: "profiles: { acme: { capabilities: { put: false, patch: false } } }",
        at: "false",
        says: "neither PATCH nor PUT",
    },
    Case {
        name: "neither PATCH nor PUT at a target",
        code: Code::Profile,
        text: "targets: { t: { profile: sentry, url: 'https://t.example', capabilities: { patch: false, write: auto } } }",
        at: "false",
        says: "`t` takes neither PATCH nor PUT",
    },
    Case {
        name: "written by PUT",
        code: Code::Profile,
        text: "targets: { t: { profile: sentry, url: 'https://t.example', capabilities: { write: put } } }",
        at: "put",
        says: "written by PUT and takes no PUT",
    },
    Case {
        name: "written by PATCH",
        code: Code::Profile,
        text: "profiles: { acme: { capabilities: { write: patch, patch: false } } }",
        at: "patch",
        says: "written by PATCH and takes no PATCH",
    },
    Case {
        name: "neither users nor groups",
        code: Code::Profile,
        text: "profiles: { acme: { capabilities: { resources: { users: false, groups: false } } } }",
        at: "{ users: false, groups: false }",
        says: "neither users nor groups",
    },
    Case {
        name: "members without filters",
        code: Code::Profile,
        text: "profiles: { acme: { capabilities: { pathFilters: false } } }",
        at: "false",
        says: "memberRemoval: value",
    },
    Case {
        name: "target's attribute",
        code: Code::AttributePath,
        text: "targets: { t: { profile: generic, url: 'https://t.example', capabilities: { attributes: { createOnly: ['name.'] } } } }",
        at: "name.",
        says: "not a SCIM attribute path",
    },
    Case {
        name: "target's unknown attribute",
        code: Code::UnknownScimAttribute,
        text: "targets: { t: { profile: generic, url: 'https://t.example', capabilities: { attributes: { ignored: [nickNmae] } } } }",
        at: "nickNmae",
        says: "Did you mean `nickName`?",
    },
    Case {
        name: "profile's unknown attribute",
        code: Code::UnknownScimAttribute,
        text: "profiles: { acme: { attributes: { disguisedWhenInactive: [department] } } }",
        at: "department",
        says: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    },
    Case {
        name: "profile's unknown extension",
        code: Code::UnknownScimAttribute,
        text: "profiles: { acme: { attributes: { serverOwned: ['urn:acme:1.0:User:badge'] } } }",
        at: "'urn:acme:1.0:User:badge'",
        says: "attributes.extensions",
    },
    Case {
        name: "endpoint of two parts",
        code: Code::Profile,
        text: "profiles: { acme: { capabilities: { configEndpoint: v1/Config } } }",
        at: "v1/Config",
        says: "not one part of a path",
    },
    Case {
        name: "profile's header",
        code: Code::Profile,
        text: "profiles: { acme: { auth: { header: 'x-key:' } } }",
        at: "{ header: 'x-key:' }",
        says: "no possible name",
    },
    Case {
        name: "filter in a path",
        code: Code::NotWritable,
        text: "targets: { t: { profile: lattice } }\n\
               mappings: { m: { extends: lattice, user: { 'emails[type eq \"home\"].value': user.title } } }\n\
               bindings: { b: { target: t, mapping: m, assign: { users: [bob] } } }\n\
               users: { bob: { userName: bob@acme.example, emails: [{ value: bob@acme.example }] } }",
        at: "'emails[type eq \"home\"].value'",
        says: "`t` takes no filters in paths",
    },
    Case {
        name: "filters of another profile's rows",
        code: Code::NotWritable,
        text: "targets: { t: { profile: lattice } }\n\
               bindings: { b: { target: t, mapping: entra-style, assign: { users: [bob] } } }\n\
               users: { bob: { userName: bob@acme.example, emails: [{ value: bob@acme.example }] } }",
        at: "b",
        says: "`t` takes no filters in paths",
    },
    Case {
        name: "deletion for ever",
        code: Code::Target,
        text: "targets: { t: { profile: github-enterprise, url: 'https://t.example', onRemove: { users: delete } } }",
        at: "t",
        says: "the account and its name are gone for ever",
    },
    Case {
        name: "later deletion for ever",
        code: Code::Target,
        text: "targets: { t: { profile: github-enterprise, url: 'https://t.example', onRemove: { deleteAfter: 30 } } }",
        at: "t",
        says: "gone for ever",
    },
    Case {
        name: "deletion that is not verified",
        code: Code::Target,
        text: "targets: { t: { profile: figma, url: 'https://t.example', onRemove: { users: delete } } }",
        at: "t",
        says: "what DELETE does there is not verified",
    },
    Case {
        name: "unused profile",
        code: Code::Unused,
        text: "profiles: { acme: {} }",
        at: "acme",
        says: "no target has it",
    },
];

const OWN: &str = "
profiles:
  acme:
    extends: slack
    title: Acme HR
    urlForm: https://{tenant}.acme.example/scim/v2
    auth: { header: x-acme }
    capabilities: { deletion: hard, resources: { groups: false }, filterUsers: [userName] }
    attributes:
      serverOwned: [displayName]
      aliases: { title: position }
    mapping:
      user:
        displayName: null
        TITLE: null
        position: user.title
        externalId: { value: user.employeeNumber, apply: onCreate }
        urn:acme:1.0:User:Shoe Size: { const: 42 }
      matchUsers: [userName]
    quirks: [{ text: Tokens end after a year., source: Acme's handbook }]
    hints: { forbidden: Ask Eve. }
  acme-beta:
    extends: acme
    capabilities: { pageSize: 7 }
    confidence: { capabilities.pageSize: unverified }
targets:
  t: { profile: acme-beta, url: 'https://t.acme.example', capabilities: { membersPerPatch: 3 } }
bindings: { b: { target: t, assign: { users: [bob] } } }
users: { bob: { userName: bob, title: Cook, emails: [{ value: bob@acme.example }] } }
";

#[test]
fn a_profile_builds_on_another_fact_by_fact() {
    let (directory, _) = valid(&[BASE, OWN]);
    let slack = crate::profile::builtin("slack").unwrap();
    let acme = directory.profiles.get("acme").unwrap();
    assert_eq!((acme.name.as_str(), acme.title.as_str(), acme.extends.as_deref()), ("acme", "Acme HR", Some("slack")));
    assert_eq!(acme.url, None, "Slack's address is not Acme's");
    assert_eq!(acme.capabilities.deletion, Deletion::Hard);
    assert_eq!((acme.capabilities.resources.users, acme.capabilities.resources.groups), (true, false));
    assert_eq!(acme.capabilities.rates, slack.capabilities.rates);
    assert_eq!(acme.attributes.normalised, slack.attributes.normalised);
    assert_eq!(acme.hints.unauthorized, slack.hints.unauthorized);
    assert_eq!(acme.hints.forbidden.as_deref(), Some("Ask Eve."));
    assert_eq!(acme.quirks.len(), 1);
    // Whoever says it knows it; the rest of what is not sure at Slack is not sure here.
    assert_eq!(acme.confidence("capabilities.filterUsers"), Confidence::Verified);
    assert_eq!(acme.confidence("capabilities.membersPerPatch"), Confidence::Unverified);

    let target = directory.targets.get("t").unwrap();
    let facts = &target.profile.capabilities;
    assert_eq!((facts.page_size, facts.members_per_patch, facts.deletion), (Some(7), 3, Deletion::Hard));
    assert_eq!(target.profile.confidence("capabilities.pageSize"), Confidence::Unverified);
    assert_eq!(target.profile.confidence("capabilities.membersPerPatch"), Confidence::Verified);

    let mapping = &directory.bindings.get("b").unwrap().mapping;
    let rows: Vec<String> = mapping.rows.users.iter().map(|row| row.path.to_string()).collect();
    let has = |path: &str| rows.iter().any(|row| row == path);
    assert!(has("position") && has("userName") && has("urn:acme:1.0:User:Shoe Size"), "{rows:?}");
    assert!(!has("displayName") && !has("title") && !has("TITLE"), "{rows:?}");
    assert_eq!(mapping.matching.users.len(), 1);
}

#[test]
fn mappings_extend_profiles_of_the_user_s_own() {
    let text = "mappings: { m: { extends: acme, user: { nickName: user.title } } }";
    let with_mapping = OWN.replace("assign: { users: [bob] }", "assign: { users: [bob] }, mapping: m");
    let (directory, _) = valid(&[BASE, &with_mapping, text]);
    let mapping = &directory.bindings.get("b").unwrap().mapping;
    let rows: Vec<String> = mapping.rows.users.iter().map(|row| row.path.to_string()).collect();
    assert!(rows.contains(&"position".to_owned()) && rows.contains(&"nickName".to_owned()), "{rows:?}");
}

#[test]
fn a_wrong_profile_makes_no_other_errors() {
    for wrong in
        ["capabilities: { pageSize: 0 }", "attributes: { createOnly: ['a b'] }", "mapping: { user: { title: user. } }"]
    {
        let text = format!(
            "profiles: {{ acme: {{ {wrong} }} }}\ntargets: {{ t: {{ profile: acme, url: 'https://t.example' }} }}\n\
             bindings: {{ b: {{ target: t, assign: {{ groups: [everyone] }} }} }}"
        );
        let checked = check(&[BASE, &text]);
        let errors = checked.found.iter().filter(|found| found.severity == Severity::Error).count();
        assert_eq!(errors, 1, "{wrong}: {:#?}", checked.lines());
    }
}

#[test]
fn wrong_facts_are_found_where_they_stand() {
    let said = |text: &str| {
        let checked = check(&[BASE, &format!("profiles: {{ acme: {{ {text} }} }}")]);
        let wrong = checked.found.iter().filter(|found| found.code != Code::Unused);
        wrong
            .map(|found| format!("{} {}", checked.line(found), found.hint.clone().unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let unknown = said("capabilities: { pageSise: 5 }");
    assert!(unknown[0].contains("1.yaml:1:37 «pageSise»") && unknown[0].contains("`pageSize`"), "{unknown:?}");
    let kind = said("capabilities: { patch: maybe }");
    assert!(kind[0].starts_with("schema 1.yaml:1:44 «maybe»"), "{kind:?}");
    let word = said("capabilities: { deletion: softly }");
    assert!(word[0].starts_with("schema 1.yaml:1:47 «softly»"), "{word:?}");
    let fact = said("atributes: {}");
    assert!(fact[0].contains("«atributes»") && fact[0].contains("`attributes`"), "{fact:?}");
}

#[test]
fn deletion_is_warned_of_only_where_it_is_in_doubt() {
    let warned = |target: &str| {
        let text = format!("targets: {{ t: {{ url: 'https://t.example', {target} }} }}");
        let checked = check(&[BASE, &text]);
        assert!(checked.directory.is_some(), "{:#?}", checked.lines());
        let about = checked.found.iter().filter(|found| found.code == Code::Target);
        about.map(|found| found.message.clone()).collect::<Vec<_>>()
    };
    let none: [String; 0] = [];
    assert_eq!(warned("profile: github-enterprise, onRemove: { users: delete }").len(), 1);
    assert_eq!(warned("profile: github-enterprise"), none, "who leaves is deactivated");
    assert_eq!(warned("profile: github-enterprise, mode: readOnly, onRemove: { users: delete }"), none);
    assert_eq!(warned("profile: aws-iam-identity-center, onRemove: { users: delete }"), none);
    assert_eq!(warned("profile: generic, onRemove: { deleteAfter: 30 }"), none);
    assert_eq!(warned("profile: figma, onRemove: { deleteAfter: 30 }").len(), 1);
    let vouched = "profile: figma, onRemove: { users: delete }, capabilities: { deletion: hard }";
    assert_eq!(warned(vouched), none, "the user says what it does");
}

#[test]
fn facts_that_go_together_are_taken() {
    for facts in [
        "capabilities: { patch: false, write: put }",
        "capabilities: { put: false, putGroups: true, patch: false, resources: { users: false } }",
        "capabilities: { pathFilters: false, memberRemoval: value }",
        "capabilities: { configEndpoint: ServiceProviderConfigs }",
        "auth: { header: X_Api-Key.2 }",
        "attributes: { aliases: { title: position }, createOnly: [position, meta.created, 'emails.value'] }",
        "attributes: { extensions: ['urn:acme:1.0:User'], ignored: ['urn:acme:1.0:User:badge', password] }",
    ] {
        let checked = check(&[BASE, &format!("profiles: {{ acme: {{ {facts} }} }}")]);
        let wrong: Vec<_> = checked.found.iter().filter(|found| found.code != Code::Unused).collect();
        assert!(wrong.is_empty(), "{facts}: {wrong:#?}");
    }
}
