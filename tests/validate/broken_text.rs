//! Whatever stands in a file: no panic, and every complaint points into it.

use proptest::prelude::*;
use scimform::render::diagnostics::{github, human, json, sarif};
use scimform::render::look::Look;

use super::{Parsed, parse_files};

fn survives(text: &str) -> Result<(), TestCaseError> {
    let Parsed { sources, found, .. } = parse_files(&[("scimform.yaml", text), ("b.yaml", "users: { ada: {} }\n")]);
    for problem in &found {
        let spans = problem.span.iter().chain(problem.labels.iter().map(|(span, _)| span)).chain(&problem.hidden);
        for span in spans {
            let whole = sources.file(span.file).unwrap().text();
            prop_assert!(whole.get(span.start as usize..span.end as usize).is_some(), "{problem:?}");
        }
    }
    let shown = human(&found, &sources, &Look { width: Some(80), color: true, ..Look::default() });
    prop_assert_eq!(shown.is_empty(), found.is_empty());
    serde_json::from_str::<serde_json::Value>(&json(&found, &sources)).unwrap();
    serde_json::from_str::<serde_json::Value>(&sarif(&found, &sources)).unwrap();
    prop_assert_eq!(github(&found, &sources).lines().count(), found.len());
    Ok(())
}

/// Pieces of which files are made, in any order, `·` between them.
const PIECES: &str = "users:·groups:·targets:·policies:·mappings:·bindings:·version:·ledger:·customSchema:·ada:·grace·\
    title:·auth:·bearer:·members:·until:·where:·user:·const:·<<:·\n·\n  ·\n    ·\n      ·\n  - · ·\t·- ·? ·: ·{·}·[·]·,·\
    &a ·*a·!t ·!!str ·|·>-·'·\"·#·%YAML 1.2\n·---·...·~·null·yes·0123·1e9·.inf·\u{feff}·é·\u{202e}·\r\n·\u{85}·\u{2028}·\
    \u{0}·\u{1b}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_text(text in "\\PC{0,120}") {
        survives(&text)?;
    }

    #[test]
    fn any_order_of_pieces(pieces in prop::collection::vec(prop::sample::select(PIECES.split('·').collect::<Vec<_>>()), 0..60)) {
        survives(&pieces.concat())?;
    }

    #[test]
    fn any_cut_of_a_good_file(cut in 0usize..2000, from in 0usize..2000) {
        let text = include_str!("everything-wrong/people.yaml");
        let start = from % text.len();
        let end = (start + cut).min(text.len());
        survives(&String::from_utf8_lossy(&text.as_bytes()[start..end]))?;
    }
}
