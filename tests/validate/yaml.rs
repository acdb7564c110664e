//! The corners of YAML.

use std::fmt::Write as _;

use scimform::scim::Value;

use super::{parse, parse_files};

/// What `users.a.title` is after a text is put there.
fn title(text: &str) -> Result<Value, Vec<String>> {
    let parsed = parse(&format!("users:\n  a:\n    title: {text}\n"));
    if parsed.found.is_empty() {
        Ok(parsed.config.users["a"].attributes.get("title").unwrap().clone())
    } else {
        Err(parsed.lines())
    }
}

#[test]
fn text_stays_text() {
    let table = [
        ("plain", "plain"),
        ("\"0123\"", "0123"),
        ("'no'", "no"),
        ("12:30", "12:30"),
        ("2026-12-01", "2026-12-01"),
        ("1_000", "1_000"),
        ("y", "y"),
        ("!!str 123", "123"),
        ("\"\\u00e9\\n\"", "é\n"),
        ("'it''s'", "it's"),
        ("|\n      two\n      lines", "two\nlines\n"),
        (">-\n      one\n      line", "one line"),
        ("one\n      line", "one line"),
        ("=", "="),
        ("a # comment", "a"),
        ("a#b", "a#b"),
    ];
    for (written, read) in table {
        assert_eq!(title(written), Ok(Value::from(read)), "{written}");
    }
    for nothing in ["", "~", "null"] {
        assert_eq!(title(nothing), Ok(Value::Null), "{nothing:?}");
    }
}

#[test]
fn what_looks_like_text_and_is_none_is_told() {
    for written in ["0123", "1e3", "0x1F", "true", "3.5", "!!int 5"] {
        let words = written.trim_start_matches("!!int ");
        let column = 12 + written.len() - words.len();
        assert_eq!(title(written), Err(vec![format!("schema 3:{column} «{words}»")]), "{written}");
    }
    for written in ["yes", "No", "ON", "off"] {
        assert_eq!(title(written), Err(vec![format!("yaml-boolean 3:12 «{written}»")]));
    }
    assert_eq!(title(".inf"), Err(vec!["yaml-unsupported 3:12 «.inf»".to_owned()]));
}

#[test]
fn a_key_that_old_readers_take_for_a_boolean_is_told_except_in_policies() {
    assert_eq!(parse("users:\n  no: {}\n  \"off\": {}\n").lines(), ["yaml-boolean 2:3 «no»"]);
    let policy = "policies:\n  - name: p\n    on: user\n    deny: user.title == 'x'\n";
    assert!(parse(policy).found.is_empty());
}

#[test]
fn byte_order_mark_and_windows_line_ends_change_nothing() {
    let parsed = parse("\u{feff}version: 1\r\nusers:\r\n  a:\r\n    titel: x\r\n");
    assert_eq!(parsed.lines(), ["unknown-key 4:5 «titel»"]);
    let parsed = parse("\u{feff}users:\r\n  a:\r\n    title: x\r\n    department: Ünits\r\n");
    assert!(parsed.found.is_empty());
    assert_eq!(parsed.config.users["a"].attributes.get("department"), Some(&Value::from("Ünits")));
}

#[test]
fn anchors_repeat_a_value_and_keep_its_place() {
    let parsed = parse("users:\n  a: { addresses: &hq [{ country: DE }] }\n  b: { addresses: *hq }\n");
    assert!(parsed.found.is_empty());
    assert_eq!(parsed.config.users["a"].attributes, parsed.config.users["b"].attributes);
    let wrong = parse("users:\n  a: { emails: &e [1] }\n  b: { emails: *e }\n");
    assert_eq!(wrong.lines(), ["schema 2:20 «1»"], "told once, where it is written");
}

#[test]
fn what_is_refused_is_refused_at_its_place() {
    let table = [
        ("users:\n  a: &x { title: t }\n  b:\n    <<: *x\n", "yaml-unsupported 4:5 «<<»"),
        ("users: {}\n---\ngroups: {}\n", "yaml-unsupported 2:1 «---»"),
        ("users:\n  a: { title: !mine x }\n", "yaml-unsupported 2:15 «!mine»"),
        ("users:\n  a: { title: *gone }\n", "yaml-syntax 2:15 «*»"),
        ("users:\n  ? [a]\n  : {}\n", "yaml-unsupported 2:5 «[a]»"),
        ("users: &u\n  a: { custom: { b: *u } }\n", "yaml-unsupported 2:21 «*u»"),
        ("users:\n\ta: {}\n", "yaml-syntax 2:1 «\t»"),
        ("users: {\n", "yaml-syntax 1:8 «{»"),
        ("users:\n  a: { title: \"x }\n", "yaml-syntax 2:15 «\"»"),
        ("- a\n", "schema 1:1 «- a»"),
        ("just text\n", "schema 1:1 «just text»"),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text).lines(), [expected], "{text}");
    }
}

#[test]
fn empty_files_declare_nothing() {
    for text in ["", "\n", "# nothing\n", "---\n", "~\n", "users:\n", "---\nusers: {}\n...\n"] {
        let parsed = parse(text);
        assert!(parsed.found.is_empty() && parsed.config.users.is_empty(), "{text:?}: {:?}", parsed.lines());
    }
}

#[test]
fn bombs_are_refused_at_once() {
    let mut bomb = String::from("users:\n  a:\n    custom:\n      l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = level - 1;
        let list = vec![format!("*l{below}"); 10].join(", ");
        let _ = writeln!(bomb, "      l{level}: &l{level} [{list}]");
    }
    let lines = parse(&bomb).lines();
    assert!(lines.len() == 1 && lines[0].starts_with("yaml-unsupported"), "{lines:?}");

    for (open, close) in [("[", "]"), ("{ a: ", "}")] {
        let deep = format!("users: {{ a: {{ custom: {{ x: {}1{} }} }} }}\n", open.repeat(5000), close.repeat(5000));
        let lines = parse(&deep).lines();
        assert!(lines.len() == 1 && lines[0].starts_with("yaml-unsupported"), "{lines:?}");
    }
    let mut steps = String::from("users:\n  a:\n    custom:\n      l0: &l0 [x]\n");
    for level in 1..200 {
        let _ = writeln!(steps, "      l{level}: &l{level} [*l{}]", level - 1);
    }
    let lines = parse(&steps).lines();
    assert!(lines.len() == 1 && lines[0].starts_with("yaml-unsupported"), "{lines:?}");
}

#[test]
fn what_is_nested_as_deep_as_allowed_can_be_read() {
    let deep = format!("users:\n  a:\n    custom: {{ x: {}1{} }}\n", "[".repeat(90), "]".repeat(90));
    assert_eq!(parse(&deep).lines(), Vec::<String>::new());
}

#[test]
fn the_second_of_two_equal_keys_is_told_with_the_first() {
    let parsed = parse("users:\n  a: { title: x }\n  b: {}\n  a: { title: y }\n");
    assert_eq!(parsed.lines(), ["duplicate-key 4:3 «a»"]);
    assert_eq!(parsed.sources.location(parsed.found[0].labels[0].0).line, 2);
    assert_eq!(parsed.config.users["a"].attributes.get("title"), Some(&Value::from("x")));

    let many: Vec<String> = (0..40).map(|number| format!("  u{number}: {{}}\n")).collect();
    let parsed = parse(&format!("users:\n{}  u7: {{}}\n", many.concat()));
    assert_eq!(parsed.lines(), ["duplicate-key 42:3 «u7»"]);

    let parsed = parse_files(&[
        ("a.yaml", "users: { a: {} }\n"),
        ("b.yaml", "users: { a: {} }\nledger: { dir: x }\n"),
        ("c.yaml", "ledger: { dir: y }\n"),
    ]);
    assert_eq!(parsed.lines(), ["duplicate-key 1:10 «a»", "duplicate-key 1:1 «ledger»"]);
    let first = parsed.sources.location(parsed.found[0].labels[0].0);
    assert_eq!(first.to_string(), "a.yaml:1:10");
}

#[test]
fn the_root_file_says_its_version() {
    assert_eq!(parse_files(&[("scimform.yaml", "users: {}\n")]).lines(), ["missing-key 1:1 «»"]);
    assert_eq!(parse_files(&[("scimform.yaml", "")]).lines(), ["missing-key 1:1 «»"]);
    assert_eq!(parse_files(&[("scimform.yaml", "version: 3\n")]).lines(), ["schema 1:10 «3»"]);
    assert!(parse_files(&[("scimform.yaml", "version: 1\n"), ("b.yaml", "version: 1\n")]).found.is_empty());
}

#[test]
fn a_large_file_says_what_a_small_one_says() {
    let person = |number: usize| format!("  u{number:05}:\n    title: {}\n", "x".repeat(60));
    let people: String = (0..20_000).map(person).collect();
    let good = format!("# all\nusers:\n{people}groups:\n  g:\n    members: [u19999]\n");
    let parsed = parse(&good);
    assert_eq!(parsed.lines(), Vec::<String>::new());
    assert_eq!((parsed.config.users.len(), parsed.config.groups.len()), (20_000, 1));
    let last = parsed.config.users["u19999"].places.get("title").unwrap();
    assert_eq!(parsed.sources.location(last).to_string(), "a.yaml:40002:12");

    let table = [
        (format!("users:\n{people}  u00007: {{}}\n"), "duplicate-key 40002:3 «u00007»"),
        (format!("users:\n{people}users:\n  late: {{}}\n"), "duplicate-key 40002:1 «users»"),
        (format!("users:\n{people}  late:\n    titel: x\n"), "unknown-key 40003:5 «titel»"),
    ];
    for (text, expected) in table {
        assert_eq!(parse(&text).lines(), [expected]);
    }
}
