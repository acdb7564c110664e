//! Filters: RFC 7644 section 3.4.2.2.

use proptest::prelude::*;

use super::*;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, strategies};

fn filter(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A filter without groups that do not matter, to compare meanings.
fn flat(filter: &Filter) -> Filter {
    let parts = |parts: &[Filter], same: fn(&Filter) -> Option<&[Filter]>| {
        let mut all = Vec::new();
        for part in parts.iter().map(flat) {
            match same(&part) {
                Some(inner) => all.extend(inner.iter().cloned()),
                None => all.push(part),
            }
        }
        all
    };
    match filter {
        Filter::Or(items) => Filter::Or(parts(items, |f| if let Filter::Or(items) = f { Some(items) } else { None })),
        Filter::And(items) => {
            Filter::And(parts(items, |f| if let Filter::And(items) = f { Some(items) } else { None }))
        }
        Filter::Not(inner) => Filter::Not(Box::new(flat(inner))),
        Filter::Element(path) => Filter::Element(Box::new(flat_path(path))),
        Filter::Compare(c) => {
            let value = match &c.value {
                Literal::Number(text) => {
                    Literal::Number(serde_json::from_str::<serde_json::Number>(text).unwrap().to_string())
                }
                other => other.clone(),
            };
            Filter::Compare(Box::new(Comparison { path: c.path.clone(), op: c.op, value }))
        }
        Filter::Present(path) => Filter::Present(path.clone()),
    }
}

fn flat_path(path: &AttrPath) -> AttrPath {
    AttrPath { filter: path.filter.as_ref().map(flat), ..path.clone() }
}

/// What an independent implementation makes of a text, as a filter of ours.
fn oracle(text: &str) -> Option<Filter> {
    text.parse::<scim_v2::filter::Filter>().ok().map(|theirs| flat(&filter(&theirs.to_string())))
}

#[test]
fn precedence_and_groups() {
    // RFC 7644 section 3.4.2.2: grouping, then not, and, or.
    assert_eq!(filter("a pr or b pr and c pr"), filter("a pr or (b pr and c pr)"));
    assert_ne!(filter("a pr or b pr and c pr"), filter("(a pr or b pr) and c pr"));
    assert_eq!(filter("not (a pr) and b pr").to_string(), "not (a pr) and b pr");
    assert_eq!(filter("((a pr))"), filter("a pr"));
    assert_eq!(filter("A EQ \"x\" AND NOT(b Pr) Or c PR").to_string(), "A eq \"x\" and not (b pr) or c pr");
}

#[test]
fn literals() {
    for (text, value) in [
        (r#"a eq "x\"\\\u00e9\n""#, Literal::String("x\"\\é\n".to_owned())),
        ("a gt 3.5e2", Literal::Number("3.5e2".to_owned())),
        ("a eq -0", Literal::Number("-0".to_owned())),
        ("a eq true", Literal::Bool(true)),
        ("a eq False", Literal::Bool(false)),
        ("a ne null", Literal::Null),
        (r#"a eq "]) or (""#, Literal::String("]) or (".to_owned())),
    ] {
        let Filter::Compare(comparison) = filter(text) else { panic!("{text}") };
        assert_eq!(comparison.value, value);
    }
}

#[test]
fn what_servers_and_clients_write_beside_the_grammar() {
    for text in [
        r#"emails[type eq "work"].value co "x""#,
        r#"members.$ref ew "/Users/7""#,
        r#"emails[type eq "work"] pr"#,
        r#"urn:example:lattice:1.0:User:Tee Shirt Size eq "M" and active eq true"#,
        "  ( title   pr )  ",
    ] {
        let parsed = filter(text);
        assert_eq!(filter(&parsed.to_string()), parsed, "{text}");
    }
    let Filter::Compare(size) = filter(r#"urn:example:lattice:1.0:User:Tee Shirt Size eq "M""#) else { panic!() };
    assert_eq!(size.path.attribute, "Tee Shirt Size");
}

#[test]
fn what_is_no_filter_is_refused_at_its_place() {
    for (text, offset) in [
        ("", 0),
        ("userName", 8),
        ("userName eq", 11),
        ("userName eq 'x'", 12),
        ("userName eq x", 12),
        ("userName eq \"x", 12),
        ("userName eq \"\\x\"", 12),
        ("userName eq \"x\"and a pr", 15),
        ("userName xx \"x\"", 9),
        ("(a pr", 5),
        ("a pr)", 4),
        ("a pr and", 5),
        ("a pr b pr", 5),
        ("not a pr", 4),
        ("emails[type pr].value", 21),
        ("a eq 01", 5),
    ] {
        let error = text.parse::<Filter>().expect_err(text);
        assert_eq!(error.offset, offset, "{text}: {error}");
    }
    let deep = |n: usize| format!("{}a pr{}", "(".repeat(n), ")".repeat(n)).parse::<Filter>();
    assert!(deep(MAX_DEPTH).is_ok());
    assert!(deep(MAX_DEPTH + 1).is_err());
    assert!(deep(100_000).is_err());
    assert!(vec!["a pr"; 10_000].join(" or ").parse::<Filter>().is_ok(), "length is no depth");
}

fn user() -> Object {
    serde_json::from_str(
        r#"{"userName":"Björn","externalId":"Ab1","active":true,"title":"","age":35,"id":"7",
            "emails":[{"type":"work","value":"b@Example.com","primary":true},{"type":"home","value":"b@home.org"}],
            "meta":{"lastModified":"2011-05-13T04:42:34Z"},"roles":[],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"42"},"department":"R"}}"#,
    )
    .unwrap()
}

#[test]
fn matching_by_characteristics() {
    let user = user();
    let schemas = Schemas::core(ResourceKind::User);
    for (text, expected) in [
        // caseExact (RFC 7643 section 2.2): userName false, externalId true.
        (r#"USERNAME eq "BJÖRN""#, true),
        (r#"externalId eq "ab1""#, false),
        (r#"externalId eq "Ab1""#, true),
        (r#"userName co "jö" and userName sw "B" and userName ew "N""#, true),
        // Any value of a multi-valued attribute; a complex one stands for its value.
        (r#"emails co "example.com" or emails.value co "example.org""#, true),
        (r#"emails.type eq "home""#, true),
        (r#"emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "home" and value co "@example.com"]"#, false),
        (r#"emails[type eq "work"].value ew "home.org""#, false),
        ("emails[primary eq true]", true),
        ("emails[not (primary eq true)].type pr", true),
        // Moments are ordered as such.
        (r#"meta.lastModified eq "2011-05-13T06:42:34+02:00""#, true),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified ge "2011-05-13T05:00:00+01:00""#, true),
        (r#"meta.lastModified sw "2011-05""#, true),
        // Presence, null and what is missing.
        ("userName pr", true),
        ("title pr or roles pr or nickName pr", false),
        ("nickName eq null and roles eq null", true),
        ("userName ne null", true),
        (r#"nickName ne "x""#, true),
        (r#"nickName eq "x" or not (nickName ne "x")"#, false),
        // Types.
        ("active eq true", true),
        (r#"active eq "True""#, true),
        ("age gt 3.4e1 and age le 35.0 and age ne 36", true),
        (r#"age eq "35""#, false),
        (r#"userName gt "a""#, true),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "b""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager eq "42""#, true),
        (r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "r""#, true),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", true),
        (r#"department eq "r""#, false),
    ] {
        assert_eq!(filter(text).matches(&user, schemas), expected, "{text}");
    }
}

#[test]
fn booleans_and_bytes_have_no_order() {
    let schemas = Schemas::core(ResourceKind::User);
    for text in ["active gt true", "a pr or emails[primary le false]", r#"not (x509Certificates.value lt "a")"#] {
        let error = filter(text).check(schemas).expect_err(text);
        assert_eq!(error.scim_type, crate::scim::ScimType::InvalidFilter);
    }
    assert!(filter(r#"active eq true and meta.created gt "x""#).check(schemas).is_ok());
}

#[test]
fn a_quoted_value_cannot_break_out() {
    let built = eq(AttrPath::attribute("userName"), "a\" or id pr or x eq \"\\");
    assert_eq!(filter(&built.to_string()), built);
}

proptest! {
    #[test]
    fn a_printed_filter_is_that_filter(filter in strategies::filter()) {
        let text = filter.to_string();
        prop_assert_eq!(text.parse::<Filter>(), Ok(filter), "{}", text);
    }

    #[test]
    fn an_independent_parser_agrees(filter in strategies::filter()) {
        // It does not know `$ref`.
        let text = filter.to_string().replace("$ref", "ref");
        let filter: Filter = text.parse().unwrap();
        if let Some(theirs) = oracle(&text) {
            prop_assert_eq!(theirs, flat(&filter), "{}", text);
        } else {
            let reserved = ["not", "and", "or", "pr", "eq", "true"];
            let names = text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| reserved.contains(&word));
            prop_assert!(names, "refused by the other parser: {}", text);
        }
    }

    #[test]
    fn random_words_are_judged_alike(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "a", "b.c", "eq", "co", "pr", "and", "or", "not", "(", ")", "\"x\"", "1", "true", "null", "e[", "]",
            ]),
            1..9,
        ),
    ) {
        let text = words.join(" ").replace("e[ ", "e[").replace(" ]", "]");
        if let Some(theirs) = oracle(&text) {
            let ours = text.parse::<Filter>();
            prop_assert_eq!(ours.as_ref().map(flat), Ok(theirs), "{}", text);
        }
    }

    #[test]
    fn not_is_the_opposite(filter in strategies::filter()) {
        let (user, schemas) = (user(), Schemas::core(ResourceKind::User));
        let opposite = Filter::Not(Box::new(filter.clone()));
        prop_assert_ne!(filter.matches(&user, schemas), opposite.matches(&user, schemas));
    }
}
