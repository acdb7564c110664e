//! Laws of the expression language.

use proptest::prelude::*;

use super::ada;
use crate::mapping::{Context, Expression};

#[test]
fn expressions_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone>() {}
    shared::<Expression>();
}

/// Expressions whose every part is defined, as both we and the engine read them.
fn defined() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "user.title",
        "user['userName']",
        "user.name.givenName",
        "user.emails[0].value",
        "user.emails.1.type",
        "'Zoë'",
        "''",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(4, 24, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| format!("{a} ~ {b}")),
            two.clone().prop_map(|(a, b)| format!("({a} == {b}) | string | lower")),
            two.clone().prop_map(|(a, b)| format!("({a} if {b} in {a} else {b})")),
            two.clone().prop_map(|(a, b)| format!("({a} or {b} and {a})")),
            two.prop_map(|(a, b)| format!("({a} + {b})")),
            inner.clone().prop_map(|a| format!("({a})[1:]")),
            inner.clone().prop_map(|a| format!("({a}) | upper | replace('X', 'y')")),
            inner.prop_map(|a| format!("[{a}, {a}] | last")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn on_defined_values_we_agree_with_the_engine(text in defined()) {
        let ada = ada();
        let engine = minijinja::Environment::new();
        let json = serde_json::to_value(&ada).unwrap();
        let plain = engine.compile_expression(&text).unwrap();
        let plain = plain.eval(minijinja::context! { user => minijinja::value::Serde(&json) });
        if let (Ok(plain), Ok(expression)) = (plain, Expression::compile(&text, None)) {
            let ours = expression.evaluate(&Context::user(&ada)).unwrap().unwrap();
            prop_assert_eq!(ours.as_str(), plain.as_str(), "{}", text);
        }
    }

    #[test]
    fn any_text_compiles_or_fails_without_panic(text in "\\PC{0,60}") {
        let _ = Expression::compile(&text, None).map(|expression| expression.evaluate(&Context::user(&ada())));
    }

    #[test]
    fn any_words_compile_or_fail_without_panic(words in prop::collection::vec(prop::sample::select(vec![
        "user", ".", "title", "emails", "|", "primary", "upper", "(", ")", "[", "]", "{", "}", "'x'", "1", "-", "~", "+", "*",
        "==", "<", "in", "not", "is", "defined", "and", "or", "if", "else", ",", ":", "none", "map", "join", "select", "date",
        "2.5", "ü", "\"", "\\", "**", "slug", "ofType", "=", "custom", "split", "99999999999999999999", "truncate", "e164",
    ]), 0..24), spaced: bool) {
        let text = words.join(if spaced { " " } else { "" });
        match Expression::compile(&text, None) {
            Ok(expression) => {
                let ada = ada();
                let context = Context::user(&ada);
                let value = expression.evaluate(&context);
                let truth = expression.test(&context);
                if let Err(error) = &value {
                    prop_assert!(error.range.clone().is_none_or(|range| text.get(range).is_some()), "{text}: {error:?}");
                }
                if let Ok(None) = value {
                    // A list that holds undefined is the one thing that is undefined as a value and true as a condition.
                    prop_assert!(!truth.unwrap() || text.contains(['[', '{', ',']), "{}", text);
                }
            }
            Err(error) => prop_assert!(error.range.is_none_or(|range| text.get(range).is_some()), "{}", text),
        }
    }
}
