//! Any file, any edit: what is meant comes out, or the edit is refused and the file is as it was.

use std::collections::BTreeMap;

use super::*;

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,6}",
        1 => prop_oneof![
            Just("no".to_owned()), Just("1042".to_owned()), Just("a: b".to_owned()), Just("x # y".to_owned()),
            Just("it's".to_owned()), Just("\"q\"".to_owned()), Just(String::new()), Just("two\nlines\n".to_owned()),
            Just("- x".to_owned()), Just("ü, ö".to_owned()), Just("a\u{2028}b\u{202e}".to_owned()), Just(" x ".to_owned()),
            Just("2026-12-01".to_owned()), Just("{x}".to_owned()), Just("null".to_owned()), Just("a\tb\\".to_owned()),
        ],
        1 => any::<String>(),
    ]
}

/// How a value is written: 0 least quotes, 1 single, 2 double, 3 block text where possible.
fn scalar_text(text: &str, style: u8, flow: bool, indent: usize) -> String {
    let quotes = match style {
        1 => words::Quotes::Single,
        2 => words::Quotes::Double,
        _ => words::Quotes::Least,
    };
    let simple = !text.is_empty() && text.chars().all(|one| one.is_ascii_lowercase());
    if style == 3 && simple && !flow {
        return format!("|-\n{}{text}", " ".repeat(indent + 2));
    }
    words::scalar(&text.into(), None, flow, quotes)
}

#[derive(Clone, Debug)]
struct Person {
    words: Vec<(String, u8)>,
    members: Vec<(u8, bool)>,
    list: u8,
    comments: u8,
    flow: bool,
    blank: bool,
}

fn person() -> impl Strategy<Value = Person> {
    (
        prop::collection::vec((word(), 0..4_u8), 1..4),
        prop::collection::vec((0..9_u8, any::<bool>()), 0..4),
        0..4_u8,
        any::<u8>(),
        prop::bool::weighted(0.2),
        any::<bool>(),
    )
        .prop_map(|(words, members, list, comments, flow, blank)| Person {
            words,
            members,
            list,
            comments,
            flow,
            blank,
        })
}

/// A file with people that have words and lists, in as many styles as people write.
fn document(people: &[Person], crlf: bool, end: bool, marker: bool) -> String {
    let mut number = 0;
    let mut note = |wanted: bool| {
        number += 1;
        if wanted { format!("   # note {number}") } else { String::new() }
    };
    let mut out = if marker { "---\n".to_owned() } else { "# a file\n".to_owned() };
    out.push_str("users:\n");
    for (at, person) in people.iter().enumerate() {
        let has = |bit: u8| person.comments & (1 << bit) != 0;
        if has(0) {
            out.push_str(&format!("  # about {at}\n"));
        }
        if person.flow {
            let words: Vec<String> = person
                .words
                .iter()
                .enumerate()
                .map(|(at, (word, style))| format!("w{at}: {}", scalar_text(word, *style, true, 0)))
                .collect();
            out.push_str(&format!("  p{at}: {{ {} }}{}\n", words.join(", "), note(has(1))));
        } else {
            out.push_str(&format!("  p{at}:{}\n", note(has(1))));
            for (at, (word, style)) in person.words.iter().enumerate() {
                let text = scalar_text(word, *style, false, 4);
                let tail = if text.starts_with('|') { String::new() } else { note(has(2)) };
                out.push_str(&format!("    w{at}: {text}{tail}\n"));
                if has(3) {
                    out.push_str(&format!("    # below w{at}\n"));
                }
            }
            out.push_str(&list(person, &mut note));
        }
        if person.blank {
            out.push('\n');
        }
    }
    out.push_str("# the end\ngroups: { g: { members: [x] } }\n");
    if !end {
        out.pop();
    }
    if crlf { out.replace('\n', "\r\n") } else { out }
}

fn list(person: &Person, note: &mut impl FnMut(bool) -> String) -> String {
    let has = |bit: u8| person.comments & (1 << bit) != 0;
    let item = |(name, long): &(u8, bool)| {
        if *long { format!("{{ user: m{name}, until: 2027-01-31 }}") } else { format!("m{name}") }
    };
    let items: Vec<String> = person.members.iter().map(item).collect();
    match person.list {
        0 => String::new(),
        1 => format!("    list: [{}]{}\n", items.join(", "), note(has(4))),
        2 if !items.is_empty() => {
            let comma = if has(6) { "," } else { "" };
            let mut out = format!("    list: [{}\n", note(has(4)).trim_start());
            if out.ends_with("#\n") || out.contains('#') {
                out = out.replacen('[', "[  ", 1);
            }
            for (at, item) in items.iter().enumerate() {
                let comma = if at + 1 < items.len() { "," } else { comma };
                out.push_str(&format!("      {item}{comma}{}\n", note(has(5))));
            }
            out + "    ]\n"
        }
        _ if items.is_empty() => "    list:\n".to_owned(),
        _ => {
            let mut out = "    list:\n".to_owned();
            for (name, long) in &person.members {
                if *long {
                    out.push_str(&format!("      - user: m{name}{}\n        until: 2027-01-31\n", note(has(5))));
                } else {
                    out.push_str(&format!("      - m{name}{}\n", note(has(5))));
                }
            }
            out
        }
    }
}

#[derive(Clone, Debug)]
enum Kind {
    Set(u8, u8, String),
    Remove(u8, u8),
    RemovePerson(u8),
    Add(u8, Vec<String>),
    Take(u8, u8),
    Insert(Vec<String>),
    List(u8, Vec<u8>),
}

fn edit() -> impl Strategy<Value = Kind> {
    prop_oneof![
        (0..4_u8, 0..4_u8, word()).prop_map(|(person, at, word)| Kind::Set(person, at, word)),
        (0..4_u8, 0..4_u8).prop_map(|(person, at)| Kind::Remove(person, at)),
        (0..4_u8).prop_map(Kind::RemovePerson),
        (0..4_u8, prop::collection::vec(word(), 1..3)).prop_map(|(person, items)| Kind::Add(person, items)),
        (0..4_u8, 0..4_u8).prop_map(|(person, at)| Kind::Take(person, at)),
        prop::collection::vec(word(), 1..3).prop_map(Kind::Insert),
        (0..4_u8, prop::collection::vec(0..9_u8, 0..4)).prop_map(|(person, items)| Kind::List(person, items)),
    ]
}

fn edit_of(kind: &Kind, number: usize) -> Edit {
    let at = |person: &u8, name: String| vec![Step::from("users"), Step::Key(format!("p{person}")), Step::Key(name)];
    match kind {
        Kind::Set(person, word, text) => {
            Edit::Set { path: at(person, format!("w{word}")), value: Value::from(text.as_str()) }
        }
        Kind::Remove(person, word) => Edit::Remove { path: at(person, format!("w{word}")) },
        Kind::RemovePerson(person) => Edit::Remove { path: vec!["users".into(), Step::Key(format!("p{person}"))] },
        Kind::Add(person, items) => Edit::AddItems {
            path: at(person, "list".to_owned()),
            items: items.iter().map(|item| Value::from(item.as_str())).collect(),
        },
        Kind::Take(person, item) => {
            Edit::RemoveItems { path: at(person, "list".to_owned()), items: vec![format!("m{item}")] }
        }
        Kind::Insert(words) => Edit::Insert {
            section: "users".to_owned(),
            entries: words
                .iter()
                .enumerate()
                .map(|(at, word)| (format!("new{number}-{at}"), value(json!({ "userName": word, "list": [word] }))))
                .collect(),
        },
        Kind::List(person, items) => Edit::Set {
            path: at(person, "list".to_owned()),
            value: Value::Array(items.iter().map(|item| Value::from(format!("m{item}"))).collect()),
        },
    }
}

fn comments(text: &str) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for line in text.lines() {
        for (at, _) in line.match_indices("# ") {
            let comment = &line[at..];
            if comment.starts_with("# note ") || comment.starts_with("# about ") || comment.starts_with("# below ") {
                *all.entry(comment.to_owned()).or_default() += 1;
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_edit_of_any_file_is_what_was_meant(
        people in prop::collection::vec(person(), 1..4),
        kinds in prop::collection::vec(edit(), 1..4),
        crlf in any::<bool>(),
        end in any::<bool>(),
        marker in any::<bool>(),
    ) {
        let text = document(&people, crlf, end, marker);
        let said = crate::config::meaning(&text);
        prop_assume!(said.is_ok());
        let mut wanted = said.unwrap();
        let edits: Vec<Edit> = kinds.iter().enumerate().map(|(number, kind)| edit_of(kind, number)).collect();
        let sense = edits.iter().try_for_each(|edit| intent::apply(&mut wanted, edit));
        match apply("f.yaml", &text, &edits) {
            Ok(after) => {
                prop_assert!(sense.is_ok());
                prop_assert_eq!(crate::config::meaning(&after).unwrap(), wanted);
                let removes = kinds.iter().any(|kind| {
                    matches!(kind, Kind::Remove(..) | Kind::RemovePerson(_) | Kind::Take(..) | Kind::List(..))
                });
                if !removes {
                    prop_assert_eq!(comments(&after), comments(&text));
                }
                // A lone line feed is never written into a file of CRLF.
                if crlf && after.contains('\n') {
                    prop_assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
                }
                // Lines of people that no edit names keep their bytes, in their order.
                let mut lines = after.lines();
                for (at, person) in people.iter().enumerate() {
                    let touched = kinds.iter().any(|kind| match kind {
                        Kind::Set(one, ..) | Kind::Remove(one, _) | Kind::RemovePerson(one) | Kind::Add(one, _)
                        | Kind::Take(one, _) | Kind::List(one, _) => usize::from(*one) == at,
                        Kind::Insert(_) => false,
                    });
                    if !touched && person.comments & 2 != 0 && !person.flow {
                        let head = format!("  p{at}:");
                        let block: Vec<&str> =
                            text.lines().skip_while(|line| !line.starts_with(&head)).take_while(|line| {
                                line.starts_with(&head) || line.starts_with("    ")
                            }).collect();
                        for line in block {
                            prop_assert!(lines.any(|other| other == line), "{line:?} is gone from\n{after}");
                        }
                    }
                }
            }
            // What makes sense is refused only where a comment would be lost or a style is not known.
            Err(error) if sense.is_ok() => prop_assert!(
                error.message.contains("comment") || error.message.contains("another one"), "{error}\n{text}\n{edits:?}"
            ),
            Err(_) => {}
        }
    }

    #[test]
    fn what_is_put_in_and_taken_out_leaves_the_same_bytes(
        people in prop::collection::vec(person(), 2..4),
        crlf in any::<bool>(),
        end in any::<bool>(),
        text in word(),
    ) {
        let before = document(&people, crlf, end, false);
        prop_assume!(crate::config::meaning(&before).is_ok());
        let after = insert("f.yaml", &before, "users", "new", value(json!({ "userName": text, "title": "x" }))).unwrap();
        prop_assert_eq!(remove("f.yaml", &after, &way("users.new")).unwrap(), before.clone());
        let place = way("users.p0.title");
        let after = set("f.yaml", &before, &place, Value::from(text.as_str())).unwrap();
        prop_assert_eq!(remove("f.yaml", &after, &place).unwrap(), before);
    }
}
