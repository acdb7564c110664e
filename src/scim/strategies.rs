//! Generators for properties: paths, filters, values, operations.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::filter::{Comparison, Filter, Literal, Operator};
use super::patch::{Op, PatchOp};
use super::path::AttrPath;
use super::{Object, Value, urn};

pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "userName", "emails", "name", "members", "manager", "active", "not", "and", "or", "pr", "eq", "notes",
            "true",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Z][a-zA-Z0-9_-]{0,7}",
    ]
}

pub(crate) fn schema() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(urn::USER.to_owned()),
        Just(urn::ENTERPRISE_USER.to_owned()),
        Just(urn::ENTERPRISE_USER.to_lowercase()),
        "urn:example:[a-z]{1,6}:[0-9]\\.[0-9]:[A-Z][a-z]{0,5}",
    ]
}

/// A path without a value filter.
pub(crate) fn plain_path() -> impl Strategy<Value = AttrPath> {
    (option::weighted(0.3, schema()), name(), option::of(prop_oneof![name(), Just("$ref".to_owned())]))
        .prop_map(|(schema, attribute, sub)| AttrPath { schema, attribute, filter: None, sub })
}

pub(crate) fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        prop::sample::select(vec!["0", "-7", "3.5e2", "12.25", "1E-3"]).prop_map(|n| Literal::Number(n.to_owned())),
        "\\PC{0,8}".prop_map(Literal::String),
        "[\"\\\\\\]\\[() a\u{7}\n.]{0,8}".prop_map(Literal::String),
    ]
}

fn comparison(path: impl Strategy<Value = AttrPath>) -> impl Strategy<Value = Filter> {
    (path, prop::sample::select(Operator::ALL.to_vec()), literal())
        .prop_map(|(path, op, value)| Filter::Compare(Box::new(Comparison { path, op, value })))
}

fn nested(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..4).prop_map(Filter::And),
            vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

/// A filter for the elements of an attribute.
pub(crate) fn value_filter() -> BoxedStrategy<Filter> {
    let path = || name().prop_map(|name| AttrPath::attribute(&name));
    nested(prop_oneof![3 => comparison(path()), 1 => path().prop_map(|path| Filter::Present(Box::new(path)))].boxed())
}

/// A path of any form, a bare URN too.
pub(crate) fn path() -> BoxedStrategy<AttrPath> {
    let filtered = (plain_path(), value_filter()).prop_map(|(path, filter)| path.with_filter(filter));
    prop_oneof![4 => path_without_filter(), 1 => filtered].boxed()
}

/// A path of any form but with a value filter.
pub(crate) fn path_without_filter() -> BoxedStrategy<AttrPath> {
    prop_oneof![
        3 => plain_path(),
        1 => (schema(), "[A-Z][a-z]{0,4}( [A-Z][a-z]{0,4}){0,2}").prop_map(|(urn, name)| AttrPath::extension(&urn, &name)),
        1 => schema().prop_map(|schema| AttrPath { schema: Some(schema), attribute: String::new(), filter: None, sub: None }),
    ]
    .boxed()
}

/// A filter of the RFC's grammar.
pub(crate) fn filter() -> BoxedStrategy<Filter> {
    let element = (plain_path(), value_filter())
        .prop_map(|(path, filter)| Filter::Element(Box::new(path.parent().with_filter(filter))));
    nested(
        prop_oneof![
            4 => comparison(plain_path()),
            1 => plain_path().prop_map(|path| Filter::Present(Box::new(path))),
            1 => element,
        ]
        .boxed(),
    )
}

pub(crate) fn value() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            vec((name(), inner), 0..3).prop_map(|entries| Value::Object(entries.into_iter().collect::<Object>())),
        ]
    })
    .boxed()
}

/// A `replace` without a value filter.
pub(crate) fn plain_replace() -> impl Strategy<Value = PatchOp> {
    (option::of(path_without_filter()), option::of(value())).prop_map(|(path, value)| PatchOp {
        op: Op::Replace,
        path,
        value,
    })
}

pub(crate) fn operation() -> impl Strategy<Value = PatchOp> {
    (prop::sample::select(vec![Op::Add, Op::Remove, Op::Replace]), option::of(path()), option::of(value()))
        .prop_map(|(op, path, value)| PatchOp { op, path, value })
}
