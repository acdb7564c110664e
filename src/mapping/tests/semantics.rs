//! Undefined, conditions, types.

use serde_json::json;

use super::{evaluate, test};

#[test]
fn undefined_is_carried_through() {
    for text in [
        "user.nickName",
        "user.nickName.a.b.c",
        "user.custom.none.such",
        "user.custom['no such']",
        "user.title.nothing",
        "nobody",
        "user.nickName ~ ' ' ~ user.name.familyName",
        "user.name.familyName ~ ' ' ~ user.nickName",
        "user.nickName | upper",
        "user.nickName | upper | trim | split('x') | first",
        "user.title | replace('x', user.nickName)",
        "user.ims | primary",
        "user.ims | primary | endsWith('@x')",
        "user.roles | primary",
        "user.emails | ofType('other')",
        "user.nickName + 'x'",
        "-user.custom.none",
        "user.custom.none * 2",
        "user.nickName[:1]",
        "user.title[:user.custom.none]",
        "user.emails[9].value",
        "[user.nickName, 'x']",
        "{'value': user.nickName}",
        "[{'value': user.nickName, 'type': 'work'}]",
        "[user.name.givenName, user.nickName] | join(' ')",
        "user.nickName if true else 'x'",
        "'x' if user.nickName",
        "user.nickName | default(user.displayName)",
        "user.nickName or user.displayName",
        "user.timezone ~ ' x'",
        "'李' | ascii",
    ] {
        assert_eq!(evaluate(text), None, "{text}");
    }
}

#[test]
fn undefined_can_be_stood_in_for() {
    for (text, result) in [
        ("user.nickName | default('x')", json!("x")),
        ("(user.nickName ~ ' ' ~ user.title) | default('x')", json!("x")),
        ("user.ims | primary | default(user.userName)", json!("ada@acme.example")),
        ("user.nickName or user.title", json!("Principal Engineer")),
        ("[user.nickName, user.name.givenName] | select | first", json!("Ada")),
        ("[user.nickName, user.name.givenName] | select | join(' ')", json!("Ada")),
        ("'x' if user.nickName else 'y'", json!("y")),
        ("user.title | default('x')", json!("Principal Engineer")),
        ("user.timezone | default('x')", json!(null)),
        ("user.timezone | default('x', true)", json!("x")),
    ] {
        assert_eq!(evaluate(text), Some(result), "{text}");
    }
}

#[test]
fn conditions_are_two_valued() {
    for (text, expected) in [
        ("user.nickName", false),
        ("user.timezone", false),
        ("user.roles", false),
        ("user.active", false),
        ("user.title", true),
        ("not user.nickName", true),
        ("user.nickName == 'x'", false),
        ("user.nickName != 'x'", true),
        ("user.nickName == user.displayName", false),
        ("user.nickName == none", false),
        ("user.timezone == none", true),
        ("user.nickName < 'x'", false),
        ("user.nickName <= 'x'", false),
        ("user.nickName > ''", false),
        ("user.timezone < 'x'", false),
        ("'x' in user.nickName", false),
        ("'x' not in user.nickName", true),
        ("user.nickName in ['a', 'b']", false),
        ("user.nickName not in ['a', 'b']", true),
        ("user.nickName in [user.displayName]", false),
        ("user.department in ('Engineering', 'Design')", true),
        ("'Engineer' in user.title", true),
        ("'b' in user.custom.tags", true),
        ("'teeShirtSize' in user.custom", true),
        ("'x' in user.timezone", false),
        ("user.ims | primary | endsWith('@acme.example')", false),
        ("not (user.ims | primary | endsWith('@acme.example'))", true),
        ("not (user.emails | primary | endsWith('@acme.example'))", false),
        ("user.nickName == 'x' or user.department == 'Engineering'", true),
        ("user.nickName == 'x' and user.department == 'Engineering'", false),
        ("user.starts >= '2026-01-01' and user.starts < '2027-01-01'", true),
        ("user.custom.level >= 7 and user.custom.level < 7.5", true),
        ("user.nickName is defined", false),
        ("user.timezone is defined", true),
        ("user.nickName is not defined", true),
        ("user.nickName is none", false),
        ("user.nickName is string", false),
        ("user.nickName is startingwith('x')", false),
        ("user.title is not startingwith('x')", true),
        ("not user.title == 'x' and true", true),
        ("-1 < 0", true),
    ] {
        assert_eq!(test(text), expected, "{text}");
    }
}

#[test]
fn types_are_kept() {
    for (text, result) in [
        ("user.active", json!(false)),
        ("not user.active", json!(true)),
        ("user.custom.level", json!(7)),
        ("user.custom.level + 1", json!(8)),
        ("user.custom.level / 2", json!(3.5)),
        ("user.custom.level // 2", json!(3)),
        ("-user.custom.level", json!(-7)),
        ("2 ** 3 % 5", json!(3)),
        ("user.custom.ratio", json!(0.5)),
        ("user.custom.tags", json!(["a", "b"])),
        ("user.custom.tags + ['c']", json!(["a", "b", "c"])),
        ("user.custom.tags[::-1]", json!(["b", "a"])),
        ("user.name", json!({ "givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace" })),
        (
            "user.name if true else 1",
            json!({ "givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace" }),
        ),
        (
            "[{'value': user.emails | primary, 'primary': true}]",
            json!([{ "value": "ada@acme.example", "primary": true }]),
        ),
        ("none", json!(null)),
        ("[]", json!([])),
        ("user.roles", json!([])),
        ("user.timezone | upper", json!(null)),
        ("user.emails[1].type", json!("home")),
        ("user.emails.1.type", json!("home")),
        ("user.NAME.givenname", json!("Ada")),
        ("user['name']['givenName'][:1] ~ user.name.familyName | lower", json!("Alovelace")),
        ("(user.name.givenName[:1] ~ user.name.familyName) | lower", json!("alovelace")),
        ("user.custom.level ~ user.active ~ 1.5", json!("7false1.5")),
        ("\"it's \\u00fc\"", json!("it's ü")),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("user.addresses | primary", json!({ "locality": "London", "country": "GB" })),
        ("(1, 'a')", json!([1, "a"])),
        ("1 if user.active else 2 if user.nickName else 3", json!(3)),
        ("user.title\n  | lower", json!("principal engineer")),
    ] {
        assert_eq!(evaluate(text), Some(result), "{text}");
    }
}
