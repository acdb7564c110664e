//! Filters and tests.

use serde_json::Value as Json;

use super::{ada, compile, evaluate};
use crate::mapping::{Context, Expression, FILTERS, TESTS};

#[test]
fn filters_do_what_their_table_says() {
    for entry in FILTERS.iter().chain(TESTS) {
        let result = (!entry.result.is_empty()).then(|| serde_json::from_str(entry.result).unwrap());
        assert_eq!(evaluate(entry.example), result, "{}", entry.usage);
        assert!(entry.about.ends_with('.') && entry.usage.starts_with(entry.name), "{}", entry.name);
    }
}

#[test]
fn every_filter_of_the_table_exists_and_no_other() {
    for (table, sign) in [(FILTERS, "|"), (TESTS, "is")] {
        for entry in table {
            let arguments = vec!["'upper'"; entry.arguments.0].join(",");
            let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
            let outcome =
                compile(&format!("user.title {sign} {}{arguments}", entry.name)).evaluate(&Context::user(&ada()));
            let unknown = outcome.is_err_and(|error| error.message.contains("unknown"));
            assert!(!unknown, "{} is in the table, not in the engine", entry.name);
        }
    }
    for name in ["safe", "escape", "pprint", "format", "indent", "__operator", "tojson"] {
        assert!(Expression::compile(&format!("user.title | {name}"), None).is_err(), "{name}");
    }
}

#[test]
fn text_filters_on_awkward_text() {
    for (text, result) in [
        ("'Straße Łódź Þór Ægir Đà' | ascii", Some("Strasse Lodz Thor AEgir Da")),
        ("'  Ünï–Cödé!  ' | slug", Some("uni-code")),
        ("'...' | slug", None),
        ("'no mail' | localPart", Some("no mail")),
        ("'a@b@c.example' | localPart", Some("a@b")),
        ("'no mail' | domain", None),
        ("'tel:+1-201-555-0123;ext=4' | e164", Some("+12015550123")),
        ("'020 7946 0000' | e164", Some("02079460000")),
        ("'0044 20.7946/0000' | e164", Some("00442079460000")),
        ("'ask Ada' | e164", Some("ask Ada")),
        ("'äöü' | truncate(2)", Some("äö")),
        ("'ab' | truncate(9)", Some("ab")),
        ("'2026-12-01T23:59:59-11:00' | date", Some("2026-12-01")),
        ("'a,b' | split(',') | join('; ')", Some("a; b")),
    ] {
        assert_eq!(evaluate(text), result.map(Json::from), "{text}");
    }
}
