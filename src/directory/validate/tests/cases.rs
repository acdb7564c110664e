//! One small mistake each.

use crate::diag::Code;

/// A mistake, and what is said about it.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) code: Code,
    /// Added to the base as a file of its own.
    pub(super) text: &'static str,
    /// What the report points at.
    pub(super) at: &'static str,
    /// A part of the message or of the hint.
    pub(super) says: &'static str,
}

pub(super) const CASES: &[Case] = &[
    Case {
        name: "manager",
        code: Code::DanglingReference,
        text: "users: { bob: { userName: bob, manager: adda } }",
        at: "adda",
        says: "Did you mean `ada`?",
    },
    Case {
        name: "member",
        code: Code::DanglingReference,
        text: "groups: { a: { members: [{ user: nobody, until: 2027-01-01 }] } }",
        at: "nobody",
        says: "no user `nobody`",
    },
    Case {
        name: "nested",
        code: Code::DanglingReference,
        text: "groups: { a: { groups: [everyome] } }",
        at: "everyome",
        says: "Did you mean `everyone`?",
    },
    Case {
        name: "target",
        code: Code::DanglingReference,
        text: "bindings: { b: { target: ap } }",
        at: "ap",
        says: "Did you mean `app`?",
    },
    Case {
        name: "mapping",
        code: Code::DanglingReference,
        text: "bindings: { b: { target: app, mapping: generik } }",
        at: "generik",
        says: "Did you mean `generic`?",
    },
    Case {
        name: "extends",
        code: Code::DanglingReference,
        text: "mappings: { m: { extends: latice } }",
        at: "latice",
        says: "Did you mean `lattice`?",
    },
    Case {
        name: "push",
        code: Code::DanglingReference,
        text: "bindings: { b: { target: app, push: [zzz] } }",
        at: "zzz",
        says: "no group `zzz`",
    },
    Case {
        name: "assigned user",
        code: Code::DanglingReference,
        text: "bindings: { b: { target: app, assign: { users: [zoe] } } }",
        at: "zoe",
        says: "no user `zoe`",
    },
    Case {
        name: "groups",
        code: Code::Cycle,
        text: "groups: { a: { groups: [b] }, b: { groups: [c] }, c: { groups: [a] } }",
        at: "b",
        says: "`a` > `b` > `c` > `a`",
    },
    Case {
        name: "itself",
        code: Code::Cycle,
        text: "groups: { a: { groups: [a] } }",
        at: "a",
        says: "`a` holds itself",
    },
    Case {
        name: "mappings",
        code: Code::Cycle,
        text: "mappings: { m: { extends: n }, n: { extends: m } }",
        at: "n",
        says: "`m` > `n` > `m`",
    },
    Case {
        name: "case",
        code: Code::DuplicateUserName,
        text: "users: { bob: { userName: ADA@ACME.example } }",
        at: "ADA@ACME.example",
        says: "`bob` and `ada`",
    },
    Case {
        name: "folded",
        code: Code::DuplicateUserName,
        text: "users: { b: { userName: \"stra\\u00dfe\" }, c: { userName: STRASSE } }",
        at: "STRASSE",
        says: "`c` and `b`",
    },
    Case {
        name: "mapped",
        code: Code::DuplicateUserName,
        text: "
mappings: { m: { extends: generic, user: { userName: user.userName | localPart } } }
targets: { u: { profile: generic, url: 'https://u.example' } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }
users: { ada-two: { userName: ada@other.example } }",
        at: "ada@other.example",
        says: "both become `ada` at `u`",
    },
    Case {
        name: "exists",
        code: Code::PreviouslyConflict,
        text: "users: { bob: { userName: bob, previously: [ada] } }",
        at: "ada",
        says: "still exists",
    },
    Case {
        name: "claimed twice",
        code: Code::PreviouslyConflict,
        text: "groups: { a: { previously: [old] }, b: { previously: [old] } }",
        at: "old",
        says: "`b` and `a` both claim",
    },
    Case {
        name: "syntax",
        code: Code::Expression,
        text: "groups: { a: { where: 'user.title ==' } }",
        at: "",
        says: "",
    },
    Case {
        name: "filter",
        code: Code::Expression,
        text: "groups: { a: { where: \"user.title | uper == 'X'\" } }",
        at: "uper",
        says: "Did you mean `upper`?",
    },
    Case {
        name: "fails",
        code: Code::Expression,
        text: "groups: { a: { where: 'user.emails | localPart' } }",
        at: "user.emails | localPart",
        says: "works on text",
    },
    Case {
        name: "fails for someone",
        code: Code::Expression,
        text: "users: { eve: { userName: eve, custom: { level: high } } }
groups: { a: { where: user.custom.level - 1 > 2 } }",
        at: "user.custom.level - 1",
        says: "fails for `eve`",
    },
    Case {
        name: "row fails",
        code: Code::Expression,
        text: "
mappings: { m: { extends: generic, user: { nickName: user.custom.level - 1 } } }
targets: { u: { profile: generic, url: 'https://u.example' } }
users: { eve: { userName: eve, custom: { level: high } } }
bindings: { b: { target: u, assign: { groups: [everyone] }, mapping: m } }",
        at: "user.custom.level - 1",
        says: "fails for `eve`",
    },
    Case {
        name: "plain",
        code: Code::UnknownAttribute,
        text: "groups: { a: { where: user.titel == user.title } }",
        at: "titel",
        says: "Did you mean `title`?",
    },
    Case {
        name: "quoted",
        code: Code::UnknownAttribute,
        text: "groups: { a: { where: \"not user.name.givnName\" } }",
        at: "givnName",
        says: "Did you mean `givenName`?",
    },
    Case {
        name: "block",
        code: Code::UnknownAttribute,
        text: "groups:\n  a:\n    where: >-\n      user.title\n      and user.nope",
        at: "nope",
        says: "`nope`",
    },
    Case {
        name: "root",
        code: Code::UnknownAttribute,
        text: "groups: { a: { where: usr.title } }",
        at: "usr",
        says: "Did you mean `user`?",
    },
    Case {
        name: "list",
        code: Code::UnknownAttribute,
        text: "mappings: { m: { user: { nickName: user.emails.value } } }",
        at: "value",
        says: "is a list",
    },
    Case {
        name: "group row",
        code: Code::UnknownAttribute,
        text: "mappings: { m: { group: { displayName: user.title } } }",
        at: "user",
        says: "no `user` here",
    },
    Case {
        name: "policy",
        code: Code::UnknownAttribute,
        text: "policies: [{ name: p, on: change, deny: change.acton }]",
        at: "acton",
        says: "Did you mean `action`?",
    },
    Case {
        name: "custom",
        code: Code::UnknownAttribute,
        text: "groups: { a: { where: user.custom.shoe == 43 } }",
        at: "shoe",
        says: "no user declares",
    },
    Case {
        name: "path",
        code: Code::AttributePath,
        text: "mappings: { m: { user: { 'emails[type eq': user.title } } }",
        at: "",
        says: "not a SCIM attribute path",
    },
    Case {
        name: "match",
        code: Code::AttributePath,
        text: "mappings: { m: { match: ['user name'] } }",
        at: "",
        says: "`user name`",
    },
    Case {
        name: "two spellings",
        code: Code::DuplicateKey,
        text: "mappings: { m: { user: { username: user.key, userName: user.title } } }",
        at: "username",
        says: "two rows",
    },
    Case {
        name: "read-only",
        code: Code::NotWritable,
        text: "mappings: { m: { user: { id: user.key } } }\nbindings: { b: { target: app, assign: { users: [ada] }, mapping: m } }",
        at: "id",
        says: "leaves it to the server",
    },
    Case {
        name: "members",
        code: Code::NotWritable,
        text: "mappings: { m: { extends: generic, group: { members: group.key } } }\nbindings: { b: { target: app, mapping: m } }",
        at: "members",
        says: "push",
    },
    Case {
        name: "unsupported",
        code: Code::NotWritable,
        text: "mappings: { m: { extends: jumpcloud, user: { nickName: user.title } } }
targets: { j: { profile: jumpcloud } }
bindings: { b: { target: j, mapping: m } }",
        at: "nickName",
        says: "is not known to the target",
    },
    Case {
        name: "enterprise",
        code: Code::UnknownScimAttribute,
        text: "mappings: { m: { extends: generic, user: { department: user.title } } }\nbindings: { b: { target: app, mapping: m } }",
        at: "department",
        says: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    },
    Case {
        name: "part",
        code: Code::UnknownScimAttribute,
        text: "mappings: { m: { extends: generic, user: { name.givnName: user.title } } }\nbindings: { b: { target: app, mapping: m } }",
        at: "name.givnName",
        says: "Did you mean `name.givenName`?",
    },
    Case {
        name: "alias",
        code: Code::UnknownScimAttribute,
        text: "mappings: { m: { extends: lattice, user: { title: user.title } } }
targets: { l: { profile: lattice } }
bindings: { b: { target: l, mapping: m } }",
        at: "title",
        says: "Write the row as `jobTitle`",
    },
    Case {
        name: "create-only",
        code: Code::WriteLimited,
        text: "mappings: { m: { extends: lattice, user: { externalId: user.key } } }
targets: { l: { profile: lattice } }
bindings: { b: { target: l, mapping: m } }",
        at: "externalId",
        says: "apply: onCreate",
    },
    Case {
        name: "server-owned",
        code: Code::WriteLimited,
        text: "mappings: { m: { extends: lattice, user: { displayName: user.title } } }
targets: { l: { profile: lattice } }
bindings: { b: { target: l, mapping: m } }",
        at: "displayName",
        says: "not sent",
    },
    Case {
        name: "required row",
        code: Code::TargetRule,
        text: "mappings: { m: { user: { title: user.title } } }
targets: { l: { profile: lattice } }
bindings: { b: { target: l, mapping: m } }",
        at: "b",
        says: "requires `userName`",
    },
    Case {
        name: "required value",
        code: Code::TargetRule,
        text: "targets: { l: { profile: lattice } }
users: { bob: { title: Cook } }
bindings: { b: { target: l, assign: { users: [bob] } } }",
        at: "bob",
        says: "is missing",
    },
    Case {
        name: "email",
        code: Code::TargetRule,
        text: "targets: { l: { profile: lattice } }
users: { bob: { userName: bob } }
bindings: { b: { target: l, assign: { users: [bob] } } }",
        at: "bob",
        says: "not an e-mail address",
    },
    Case {
        name: "forbidden",
        code: Code::TargetRule,
        text: "targets: { j: { profile: jumpcloud } }
mappings: { m: { extends: jumpcloud, user: { userName: user.userName } } }
users: { bob: { userName: bob@acme.example, emails: [{ value: bob@acme.example }] } }
bindings: { b: { target: j, assign: { users: [bob] }, mapping: m } }",
        at: "bob@acme.example",
        says: "must not contain `@`",
    },
    Case {
        name: "two mappings",
        code: Code::ConflictingBindings,
        text: "mappings: { m: { extends: generic, user: { title: { const: Boss } } } }
bindings: { z: { target: app, assign: { users: [ada] }, mapping: m } }",
        at: "z",
        says: "`staff` and `z` both give the user `ada` to `app`, but differ on `title`",
    },
    Case {
        name: "no url",
        code: Code::Target,
        text: "targets: { t: { profile: generic } }",
        at: "t",
        says: "has no url",
    },
    Case {
        name: "one server",
        code: Code::Target,
        text: "targets: { t: { profile: generic, url: 'https://t.example/scim' }, u: { profile: generic, url: 'https://T.example:443/scim/' } }",
        at: "'https://T.example:443/scim/'",
        says: "are the same server with the same credentials",
    },
    Case {
        name: "login in url",
        code: Code::Target,
        text: "targets: { t: { profile: generic, url: 'https://a:b@t.example' } }",
        at: "'https://a:b@t.example'",
        says: "holds a login",
    },
    Case {
        name: "login in a header of the request",
        code: Code::Target,
        text: "targets: { t: { profile: generic, url: 'https://t.example', auth: { header: { name: Host, value: { env: T } } } } }",
        at: "Host",
        says: "is part of every request",
    },
    Case {
        name: "profile",
        code: Code::Profile,
        text: "targets: { t: { profile: jumpclod } }",
        at: "jumpclod",
        says: "Did you mean `jumpcloud`?",
    },
    Case {
        name: "capability",
        code: Code::Profile,
        text: "targets: { t: { profile: jumpcloud, capabilities: { patch: false, pageSize: 0 } } }",
        at: "{ patch: false, pageSize: 0 }",
        says: "pageSize",
    },
    Case {
        name: "ends first",
        code: Code::Date,
        text: "users: { bob: { userName: bob, starts: 2027-01-02, ends: 2027-01-01 } }",
        at: "2027-01-01",
        says: "before the start",
    },
    Case {
        name: "until",
        code: Code::Date,
        text: "users: { bob: { userName: bob, starts: 2027-01-02 } }\ngroups: { a: { members: [{ user: bob, until: 2027-01-01 }] } }",
        at: "2027-01-01",
        says: "`bob` leaves `a`",
    },
    Case {
        name: "attribute",
        code: Code::Unmapped,
        text: "targets: { l: { profile: lattice } }
users: { bob: { userName: bob@acme.example, locale: en-GB } }
bindings: { b: { target: l, assign: { users: [bob] } } }",
        at: "en-GB",
        says: "not sent to `l`: `locale`",
    },
    Case {
        name: "custom attribute",
        code: Code::Unmapped,
        text: "users: { bob: { userName: bob, custom: { shoe: 43 } } }",
        at: "{ shoe: 43 }",
        says: "`custom.shoe`",
    },
    Case {
        name: "group",
        code: Code::Unused,
        text: "groups: { a: { groups: [everyone] } }",
        at: "a",
        says: "the group `a` is not used",
    },
    Case {
        name: "unused mapping",
        code: Code::Unused,
        text: "mappings: { m: { extends: generic } }",
        at: "m",
        says: "the mapping `m` is not used",
    },
    Case {
        name: "unused target",
        code: Code::Unused,
        text: "targets: { t: { profile: lattice } }",
        at: "t",
        says: "the target `t` is not used",
    },
    Case {
        name: "direction",
        code: Code::HostileText,
        text: "users: { bob: { userName: bob, displayName: \"a\\u202Eb\" } }",
        at: "\"a\\u202Eb\"",
        says: "U+202E",
    },
    Case {
        name: "control",
        code: Code::HostileText,
        text: "groups: { everybody: { displayName: \"a\\u0007b\" } }",
        at: "\"a\\u0007b\"",
        says: "U+0007",
    },
    Case {
        name: "ledger outside",
        code: Code::Schema,
        text: "ledger: { dir: ../elsewhere }",
        at: "../elsewhere",
        says: "not below",
    },
    Case {
        name: "ledger store",
        code: Code::Schema,
        text: "ledger: { url: 'ftp://x/y' }",
        at: "'ftp://x/y'",
        says: "no object store",
    },
];
