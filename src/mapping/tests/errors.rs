//! What is refused, with its place; limits; names.

use super::{ada, compile, fails, test};
use crate::mapping::{Context, Expression, Subject, check_names, dry_run};

/// Message, text under the range, hint.
fn refused(text: &str) -> (String, String, Option<String>) {
    let error = Expression::compile(text, None).expect_err(text);
    (error.message, text[error.range.expect("a place")].to_owned(), error.hint)
}

#[test]
fn wrong_operations_say_what_was_wrong() {
    for (text, part) in [
        (
            "user.emails | localPart",
            "`localPart` works on text, not on a list; take one of it first with `primary` or `first`",
        ),
        ("user.emails ~ 'x'", "`~` works on text, not on a list"),
        ("user.employeeNumber > 100", "can't compare text with a number"),
        ("user.title | int", "`Principal Engineer` is not an integer"),
        ("true | float", "`float` works on text or a number, not on true or false"),
        ("'soon' | date", "`soon` is not a date"),
        ("user.active | primary", "works on a list of values"),
        ("user.title - 1", "-"),
        ("{1: 'a'}", "must be text"),
        ("1 in user.title", "can't look for a number in text"),
    ] {
        let message = fails(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn errors_point_into_the_text() {
    let ada = ada();
    let text = "user.title ~ (user.emails | localPart)";
    let error = compile(text).evaluate(&Context::user(&ada)).unwrap_err();
    assert_eq!(&text[error.range.unwrap()], "user.emails | localPart");
    let text = "user.nickName == 'x' or user.employeeNumber > 100";
    let error = compile(text).test(&Context::user(&ada)).unwrap_err();
    assert_eq!(&text[error.range.unwrap()], "user.employeeNumber > 100");
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("user.title | uper", "there is no filter `uper`", "uper", "Did you mean `upper`?"),
        ("user.a is definde", "there is no test `definde`", "definde", "Did you mean `defined`?"),
        ("x | localpart", "there is no filter `localpart`", "localpart", "Did you mean `localPart`?"),
        ("user.emails | ofType", "the filter `ofType` takes 1 argument, not 0", "ofType", "Write `ofType(type)`."),
        ("x | upper(1)", "the filter `upper` takes no arguments, not 1", "upper", "Write `upper`."),
        ("x | map('uper')", "there is no filter `uper`", "'uper'", "Did you mean `upper`?"),
        ("x | selectattr('a', 'is')", "there is no test `is`", "'is'", ""),
        ("x | select(user.title)", "`select` needs the name of a test in quotes", "user.title", ""),
        (
            "x | slug(separator='.')",
            "the filter `slug` takes no arguments with names",
            "'.'",
            "Leave out `separator=`.",
        ),
        ("range(9)", "functions and methods can't be called", "range", "Apply a filter: `user.title | upper`."),
        (
            "user.title.upper()",
            "functions and methods can't be called",
            "user.title.upper",
            "Apply a filter: `user.title | upper`.",
        ),
        ("a < b < c", "comparisons can't be chained", "a < b < c", "Write `a < b and b < c`."),
        ("user.x = 1", "unexpected input after expression", "=", "Write `==` to compare."),
        ("user.x &&", "unexpected character", "&", "Write `and` for both."),
        ("null", "there is no `null` here", "null", "Write `none`."),
        ("{a: 1}", "the name `a` in `{…}` must be quoted", "a", "Write `'a'`."),
        ("'open", "unexpected end of string", "'open", ""),
        ("user.", "unexpected end of input, expected identifier or integer", "", ""),
        ("user title", "unexpected input after expression", "title", ""),
        ("(1", "unexpected end of input, expected `)`", "", ""),
        ("", "the expression is empty", "", ""),
        ("{{ user.title }}", "unexpected `}`, expected `:`", "}", ""),
        ("1a", "unexpected input after expression", "a", ""),
        ("x[]", "unexpected `]`", "]", ""),
        ("x not y", "unexpected identifier, expected in", "y", ""),
    ];
    for (text, message, place, hint) in cases {
        let refused = refused(text);
        let hint = (!hint.is_empty()).then(|| (*hint).to_owned());
        assert_eq!(refused, ((*message).to_owned(), (*place).to_owned(), hint), "{text}");
    }
}

#[test]
fn work_and_size_are_limited() {
    for (text, part) in [
        ("'a' * 90000000", "too much work"),
        ("('a' * 200000) ~ ('b' * 200000)", "larger than 256 KiB"),
        ("([0] * 90000000) | sort", "too much work"),
        ("(('a' * 9999) | split('') ) | map('upper') | join(('b' * 9999))", "too much work"),
        ("2 ** 9999", "**"),
    ] {
        let message = fails(text);
        assert!(message.contains(part), "{text}: {message}");
    }
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    assert!(Expression::compile(&deep, None).unwrap_err().message.contains("nested too deeply"));
    assert!(Expression::compile(&"-".repeat(3000), None).is_err());
    assert!(Expression::compile(&"not ".repeat(900), None).is_err());
    for (open, close) in [("(", ")"), ("[", "]"), ("'' | default(", ")"), ("{'a': ", "}"), ("not (", ")"), ("x[", "]")]
    {
        let text = format!("{}1{}", open.repeat(11), close.repeat(11));
        assert!(compile(&text).evaluate(&Context::user(&ada())).is_ok(), "{text}");
    }
    let wide = vec!["'ab'"; 2000].join("~");
    assert!(Expression::compile(&wide, None).unwrap_err().message.contains("at most 4096 bytes"));
    let long = vec!["user.title == 'x'"; 60].join(" or ");
    assert!(!test(&long));
}

#[test]
fn names_are_known_with_their_places() {
    let expression = compile("user.name.givenName ~ (group.key | upper) if user['title'] else user.emails[0].value");
    let variables: Vec<_> = expression.variables().into_iter().collect();
    assert_eq!(variables, ["group.key", "user.emails", "user.name.givenName", "user.title"]);
    assert_eq!(compile("user.title").is_plain_attribute(), Some("title"));
    assert_eq!(compile(" (user.title) ").is_plain_attribute(), Some("title"));
    assert_eq!(compile("user.name.givenName").is_plain_attribute(), None);
    assert_eq!(compile("group.key").is_plain_attribute(), None);
    assert_eq!(compile("user.title | upper").is_plain_attribute(), None);
}

#[test]
fn unknown_names_are_found() {
    let problems = |text: &str, subjects: &[Subject]| -> Vec<(String, String, Option<String>)> {
        let found = check_names(&compile(text), subjects).into_iter();
        found.map(|problem| (problem.message, text[problem.range].to_owned(), problem.hint)).collect()
    };
    let one = |text: &str| problems(text, &[Subject::User]).remove(0);
    assert_eq!(
        one("user.title ~ user.tilte"),
        ("a user has no attribute `tilte`".into(), "tilte".into(), Some("Did you mean `title`?".into()))
    );
    assert_eq!(one("usr.title").2.as_deref(), Some("Did you mean `user`?"));
    assert_eq!(one("user.name.firstName").0, "`user.name` has no `firstName`");
    assert_eq!(
        one("user.emails.value").2.as_deref(),
        Some("Write `user.emails | primary` for one of it, or `user.emails | values` for all.")
    );
    assert_eq!(one("user.manager.name").0, "`user.manager` has no parts, so no `name`");
    assert!(problems("user.custom.any.thing and user.starts and user.key", &[Subject::User]).is_empty());
    assert!(problems("group.displayName ~ user.title", &[Subject::User, Subject::Group]).is_empty());
    assert!(problems("change.action == 'delete' and 'x' in change.members.add", &[Subject::Change]).is_empty());
    assert_eq!(problems("user.a ~ user.b", &[Subject::User]).len(), 2);
}

#[test]
fn a_dry_run_finds_wrong_kinds_before_any_value_does() {
    let run = |text: &str, subject: Subject| dry_run(&compile(text), &[subject]);
    for (text, subject) in [
        ("user.title ~ (user.emails | primary) ~ user.nickName", Subject::User),
        ("user.employeeNumber | int", Subject::User),
        ("user.title | date", Subject::User),
        ("user.custom.level + 1", Subject::User),
        ("user.starts < '2027-01-01' and not user.active", Subject::User),
        ("user.name | default('x')", Subject::User),
        ("'x' in change.members.add or change.adopted", Subject::Change),
        ("user.manager.value == user.id", Subject::LiveUser),
        ("group.members | values | length > 3", Subject::LiveGroup),
    ] {
        assert_eq!(run(text, subject), Ok(()), "{text}");
    }
    for text in
        ["user.emails | localPart", "user.employeeNumber > 100", "user.title - 1", "user.name ~ 'x'", "1 | primary"]
    {
        let error = run(text, Subject::User).expect_err(text);
        assert_eq!(error.range, Some(0..text.len()), "{text}");
    }
    assert!(run("user.manager.value", Subject::User).is_ok());
}

#[test]
fn what_a_target_shows_has_names_of_its_own() {
    let problems = |text: &str, subject| check_names(&compile(text), &[subject]).len();
    assert_eq!(
        problems("user.id == 'x' or user.meta.created or user['urn:x:y']['Tee Shirt Size']", Subject::LiveUser),
        0
    );
    assert_eq!(problems("user.userName == 'x' and user.department", Subject::LiveUser), 0);
    assert_eq!(problems("user.key or user.custom.a", Subject::LiveUser), 2);
    assert_eq!(problems("user.id", Subject::User), 1);
    assert_eq!(problems("user['tilte']", Subject::User), 1);
    assert_eq!(problems("group.key", Subject::LiveGroup), 1);
}
