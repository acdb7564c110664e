//! The fast reader against the full parser: the same tree, place by place, without a complaint; or it gives up.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{block, build};
use crate::diag::Diagnostics;
use crate::source::FileId;

/// What both make of a text; whether the fast reader read it.
fn agree(text: &str) -> Result<bool, TestCaseError> {
    let mut found = Diagnostics::default();
    let full = build::parse_any(text, FileId::new(0), &mut found);
    let Some(fast) = block::read(text) else { return Ok(false) };
    prop_assert!(found.is_empty(), "the full parser complains: {text:?}: {:?}", found.into_sorted());
    prop_assert_eq!(format!("{:?}", Some(&fast)), format!("{:?}", full.root), "{:?}", text);
    Ok(true)
}

/// Words that the fast reader reads, with a `;` between each and the next.
const USUAL: &str = "ada;x;Ada Lovelace;ada@acme.example;a#b;a:b;http://a/b;0123;1.5;+49-1;true;null;~;O'Brien;Zoë;a b  c;\
                     2026-12-01;\u{a0}n;a\"b;(x);a & b;😀;_a;a\\b;\u{301}e;/x;$x;-1;.a;-a;-.5;.5";
/// Words that it leaves to the full parser, at least in some places.
const ODD: &str = "no;.inf;\u{2028}x;a\u{85};x]y;k{;a,b;-;..a;<<;=;a\u{feff};*a;!t a;|;>-;%a;@a;`;?;? a;- a;a: b;a #c;a  ;a:;\
                   \"a\" b;;---;...;a\tb;|\n      b\n;a\n      b";
/// Pieces that are put into a document.
const PIECES: &str = "\n; ;  ;#; # c;:;: ;- ;-;\n- ;\n  ;';\";'';{;};[;];,;&a ;*a;!t ;|;? ;---\n;...\n;--- ;\t;\r\n;\u{feff};a;é;~;\
                      yes;<<: ;%Y 1\n;\\;\u{a0}";

fn one_of(words: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(words.split(';').collect::<Vec<_>>())
}

fn scalar() -> impl Strategy<Value = String> {
    let text = "[a-z :#',{}\\[\\]&é-]{0,8}";
    prop_oneof![
        40 => one_of(USUAL).prop_map(str::to_owned),
        3 => text.prop_map(|text| format!("'{}'", text.replace('\'', "''"))),
        3 => text.prop_map(|text| format!("\"{text}\"")),
        1 => one_of(ODD).prop_map(str::to_owned),
        1 => text,
    ]
}

/// A value as lines, to be indented by what it stands in.
#[derive(Clone, Debug)]
enum Block {
    Word(String),
    Map(Vec<(String, Block)>),
    List(Vec<Block>),
    Flow(String),
}

fn flow() -> impl Strategy<Value = String> {
    let words = prop_oneof![Just("[]".to_owned()), Just("{}".to_owned()), scalar()];
    words.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((scalar(), inner), 0..4).prop_map(|entries| {
                let entries: Vec<String> = entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{ {} }}", entries.join(","))
            }),
        ]
    })
}

fn value() -> impl Strategy<Value = Block> {
    let key = prop_oneof![20 => "[a-h]{1,3}", 1 => scalar()];
    let leaf = prop_oneof![6 => scalar().prop_map(Block::Word), 1 => flow().prop_map(Block::Flow)];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            2 => prop::collection::vec((key.clone(), inner.clone()), 1..5).prop_map(Block::Map),
            1 => prop::collection::vec(inner, 1..4).prop_map(Block::List),
        ]
    })
}

fn write(block: &Block, indent: usize, step: usize, out: &mut String) {
    let blank = " ".repeat(indent);
    match block {
        Block::Word(text) | Block::Flow(text) => {
            out.push(' ');
            out.push_str(text);
            out.push('\n');
        }
        Block::Map(entries) => {
            out.push('\n');
            for (key, value) in entries {
                let _ = write!(out, "{blank}{key}:");
                let under = if matches!(value, Block::List(_)) { indent + step - step % 2 } else { indent + step };
                write(value, under, step, out);
            }
        }
        Block::List(items) => {
            out.push('\n');
            for item in items {
                let _ = write!(out, "{blank}-");
                let mut inner = String::new();
                write(item, indent + 2, step, &mut inner);
                // The first line of a list or mapping can stand behind the dash.
                match item {
                    Block::Map(_) | Block::List(_) if step == 2 => {
                        out.push(' ');
                        out.push_str(inner.trim_start());
                    }
                    _ => out.push_str(&inner),
                }
            }
        }
    }
}

fn document() -> impl Strategy<Value = String> {
    (prop::collection::vec(("[a-z]{1,3}", value()), 1..5), 1usize..4).prop_map(|(entries, step)| {
        let mut text = String::new();
        write(&Block::Map(entries), 0, step, &mut text);
        text.trim_start().to_owned()
    })
}

/// A document with some of its bytes replaced, removed or repeated, and pieces of YAML put in.
fn damaged() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), one_of(PIECES), 0usize..3);
    (document(), prop::collection::vec(change, 0..3)).prop_map(|(mut text, changes)| {
        for (place, piece, removed) in changes {
            let at = text.floor_char_boundary(place.index(text.len() + 1));
            let end = text.ceil_char_boundary((at + removed).min(text.len()));
            text.replace_range(at..end, piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn the_fast_reader_agrees_with_the_full_parser_or_gives_up(text in damaged()) {
        agree(&text)?;
    }
}

#[test]
fn what_people_write_is_read_fast() {
    let plain = "---\nusers:\n  ada:\n    userName: ada@acme.example # login\n    name: { givenName: Ada, familyName: Lovelace }\n    \
                 active: true\n    title:\n    emails:\n    - value: 'o''b@acme.example'\n      primary: true\n    \
                 roles: [{ value: \"admin\" }, {}, []]\n\n# later\ngroups:\n  g:\n    members:\n      - ada\n      - user: zoë\n";
    assert!(agree(plain).unwrap());
}
