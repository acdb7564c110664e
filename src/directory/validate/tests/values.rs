//! Mistakes in what is sent: its type, by what it is matched, whom it is confused with; and in where it goes.

use super::cases::Case;
use crate::diag::Code;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "number for text",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { displayName: { const: 3 } } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "displayName",
        says: "takes text, not a number",
    },
    Case {
        name: "list for text",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { title: user.emails } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "user.emails",
        says: "takes text, not a list",
    },
    Case {
        name: "map for text",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { userType: user.name } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "user.name",
        says: "takes text, not a map",
    },
    Case {
        name: "text for a map",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { name: user.userName } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "user.userName",
        says: "takes a map, not text",
    },
    Case {
        name: "flag for text",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { nickName: not user.title } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "not user.title",
        says: "takes text, not true or false",
    },
    Case {
        name: "text for a flag",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { active: { const: "yes please" } } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "active",
        says: "takes true or false, not text",
    },
    Case {
        name: "text for a list",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { roles: user.title } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "user.title",
        says: "takes a list of maps, not text",
    },
    Case {
        name: "part of a constant",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { emails: { const: [{ value: a@b.example, primary: "yes" }] } } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "emails",
        says: "takes true or false as `primary`, not text",
    },
    Case {
        name: "text for someone",
        code: Code::ValueType,
        text: r#"mappings: { m: { extends: generic, user: { title: user.custom.level } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }
users: { eve: { userName: eve, custom: { level: 3 } } }"#,
        at: "user.custom.level",
        says: "takes text, not a number",
    },
    Case {
        name: "match typo",
        code: Code::UnknownScimAttribute,
        text: r#"mappings: { m: { extends: generic, user: { title: user.title }, match: [userNam] } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "userNam",
        says: "Did you mean `userName`?",
    },
    Case {
        name: "match id",
        code: Code::AttributePath,
        text: r#"mappings: { m: { extends: generic, user: { title: user.title }, match: [id, userName] } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "id",
        says: "the server gives it",
    },
    Case {
        name: "match password",
        code: Code::AttributePath,
        text: r#"mappings: { m: { extends: generic, user: { title: user.title }, match: [password] } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "password",
        says: "no server ever shows it",
    },
    Case {
        name: "match whole",
        code: Code::AttributePath,
        text: r#"mappings: { m: { extends: generic, user: { title: user.title }, match: ["emails"] } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "emails",
        says: "`emails.value`",
    },
    Case {
        name: "match unasserted",
        code: Code::AttributePath,
        text: r#"mappings: { m: { extends: generic, user: { title: null }, match: [userName, title] } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "title",
        says: "no row of the mapping sends it",
    },
    Case {
        name: "match group",
        code: Code::UnknownScimAttribute,
        text: r#"mappings: { m: { extends: generic, user: { title: user.title }, match: { groups: [displayNam] } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: "displayNam",
        says: "Did you mean `displayName`?",
    },
    Case {
        name: "part after a filter",
        code: Code::UnknownScimAttribute,
        text: r#"mappings: { m: { extends: generic, user: { 'emails[type eq "work"].valu': user.emails | primary } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: r#"'emails[type eq "work"].valu'"#,
        says: "Did you mean `emails.value`?",
    },
    Case {
        name: "part in a filter",
        code: Code::UnknownScimAttribute,
        text: r#"mappings: { m: { extends: generic, user: { 'emails[typ eq "work"].value': user.emails | primary } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }"#,
        at: r#"'emails[typ eq "work"].value'"#,
        says: "Did you mean `type`?",
    },
    Case {
        name: "protect",
        code: Code::UnknownAttribute,
        text: "targets: { t: { profile: generic, url: 'https://t.example', protect: { users: [user.titel] } } }",
        at: "titel",
        says: "Did you mean `title`?",
    },
    Case {
        name: "protect in an extension",
        code: Code::UnknownAttribute,
        text: r#"targets: { t: { profile: generic, url: 'https://t.example', protect: { users: ["user['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'].departmnt"] } } }"#,
        at: "departmnt",
        says: "Did you mean `department`?",
    },
    Case {
        name: "external ids",
        code: Code::DuplicateMatch,
        text: "users: { bob: { userName: bob, externalId: x-1 }, eve: { userName: eve, externalId: x-1 } }",
        at: "x-1",
        says: "`eve` and `bob` both have `x-1` as `externalId` at `app`",
    },
    Case {
        name: "external id and key",
        code: Code::DuplicateMatch,
        text: "users: { bob: { userName: bob, externalId: ada } }",
        at: "ada",
        says: "`bob` and `ada` both have `ada`",
    },
    Case {
        name: "matched by title",
        code: Code::DuplicateMatch,
        text: r#"mappings: { m: { extends: generic, match: [title] } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
targets: { u: { profile: generic, url: "https://u.example" } }
users: { bob: { userName: bob, title: engineer } }"#,
        at: "engineer",
        says: "as `title` at `u`",
    },
    Case {
        name: "group names",
        code: Code::DuplicateMatch,
        text: "groups: { a: { displayName: Crew }, b: { displayName: CREW } }
bindings: { b: { target: app, push: [a, b] } }",
        at: "b",
        says: "`b` and `a` both have `CREW` as `displayName` at `app`",
    },
    Case {
        name: "ledger's ref",
        code: Code::Schema,
        text: "ledger: { git: { ref: refs/scimform/a..b } }",
        at: "refs/scimform/a..b",
        says: "can't be the name of a ref",
    },
    Case {
        name: "ledger in a file",
        code: Code::Schema,
        text: "ledger: { url: 'file:///var/ledger' }",
        at: "'file:///var/ledger'",
        says: "with a directory of the repository",
    },
    Case {
        name: "ledger's settings",
        code: Code::Schema,
        text: "ledger: { url: 's3://bucket/prefix?region=x' }",
        at: "'s3://bucket/prefix?region=x'",
        says: "come from the environment",
    },
    Case {
        name: "token in url",
        code: Code::Target,
        text: "targets: { t: { profile: generic, url: 'https://t.example/scim?token=abc' } }",
        at: "'https://t.example/scim?token=abc'",
        says: "holds a secret",
    },
    Case {
        name: "member twice",
        code: Code::DuplicateKey,
        text: "groups: { a: { members: [ada, { user: ada, until: 2027-01-01 }] } }",
        at: "ada",
        says: "`a` names `ada` twice",
    },
];
