//! minijinja, set up for expressions: our filters, our operators, limits, and nothing that reaches outside.

use std::sync::LazyLock;

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{AutoEscape, Environment, Error, State, UndefinedBehavior, Value};

use super::convert::wrong;
use super::filters;

/// A compiled expression.
pub(super) type Compiled = minijinja::Expression<'static, 'static>;

/// Work that one expression may do: one per instruction, one per 64 bytes of text made or read.
const FUEL: u64 = 50_000;

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = bare();
    environment.add_filter("__operator", operator);
    environment.add_filter("__negative", negative);
    environment.add_filter("__slice", slice);
    environment.add_filter("__filter", filter);
    environment.add_filter("__test", test);
    filters::install(&mut environment);
    environment
});

/// minijinja's own operators on defined values, one expression each.
static ARITHMETIC: LazyLock<Vec<(&'static str, Compiled)>> = LazyLock::new(|| {
    static BARE: LazyLock<Environment<'static>> = LazyLock::new(bare);
    let compile = |(sign, text): (&'static str, &'static str)| Some((sign, BARE.compile_expression(text).ok()?));
    [
        ("+", "a + b"),
        ("-", "a - b"),
        ("*", "a * b"),
        ("/", "a / b"),
        ("//", "a // b"),
        ("%", "a % b"),
        ("**", "a ** b"),
        ("slice", "a[b[0]:b[1]:b[2]]"),
    ]
    .into_iter()
    .filter_map(compile)
    .collect()
});

fn bare() -> Environment<'static> {
    let mut environment = Environment::new();
    for name in ["range", "dict", "debug", "namespace"] {
        environment.remove_global(name);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    environment
}

/// Compiles a lowered text.
pub(super) fn compile(text: &str) -> Result<Compiled, Error> {
    ENGINE.compile_expression_owned(text.to_owned())
}

fn absent(value: &Value) -> bool {
    value.is_undefined() || value.is_none()
}

fn arithmetic(state: &State<'_, '_>, sign: &str, left: Value, right: Value) -> Result<Value, Error> {
    if absent(&left) || absent(&right) {
        return Ok(Value::UNDEFINED);
    }
    let work = [&left, &right].into_iter().map(|value| value.len().unwrap_or(0) as u64).sum::<u64>();
    state.consume_fuel(1 + work / 64)?;
    let (_, compiled) = ARITHMETIC
        .iter()
        .find(|(known, _)| *known == sign)
        .ok_or_else(|| wrong(format!("there is no operator `{sign}`")))?;
    let result = compiled.eval(Value::from_pairs([("a", left), ("b", right)]));
    // The place is that of the outer expression, so the inner one's is left out.
    result.map_err(|error| match error.detail() {
        Some(detail) => Error::new(error.kind(), detail.to_owned()),
        None => Error::from(error.kind()),
    })
}

/// `left|__operator(sign, right)`.
fn operator(state: &mut State<'_, '_>, left: Value, sign: &str, right: Value) -> Result<Value, Error> {
    Ok(match sign {
        "~" => join(state, &left, &right)?,
        "==" => Value::from(!left.is_undefined() && !right.is_undefined() && left == right),
        "<" => Value::from(ordered(&left, &right)? && left < right),
        "<=" => Value::from(ordered(&left, &right)? && left <= right),
        ">" => Value::from(ordered(&left, &right)? && left > right),
        ">=" => Value::from(ordered(&left, &right)? && left >= right),
        "in" => Value::from(lies_in(state, &left, &right)?),
        sign => arithmetic(state, sign, left, right)?,
    })
}

fn join(state: &State<'_, '_>, left: &Value, right: &Value) -> Result<Value, Error> {
    let (Some(left), Some(right)) = (filters::text_of(left, "`~`")?, filters::text_of(right, "`~`")?) else {
        return Ok(Value::UNDEFINED);
    };
    state.consume_fuel(1 + (left.len() + right.len()) as u64 / 64)?;
    Ok(Value::from(left + &right))
}

/// Whether two values can be ordered: false when one is undefined or `none`.
fn ordered(left: &Value, right: &Value) -> Result<bool, Error> {
    if absent(left) || absent(right) {
        return Ok(false);
    }
    if left.kind() == right.kind() {
        return Ok(true);
    }
    Err(wrong(format!("can't compare {} with {}", filters::kind_of(left), filters::kind_of(right))))
}

/// `in`: a part of a text, an element of a list, a name of a map.
pub(super) fn lies_in(state: &State<'_, '_>, part: &Value, whole: &Value) -> Result<bool, Error> {
    if part.is_undefined() || absent(whole) {
        return Ok(false);
    }
    if let Some(text) = whole.as_str() {
        state.consume_fuel(1 + text.len() as u64 / 64)?;
        return match part.as_str() {
            Some(part) => Ok(text.contains(part)),
            None => Err(wrong(format!("can't look for {} in text", filters::kind_of(part)))),
        };
    }
    state.consume_fuel(1 + whole.len().unwrap_or(0) as u64)?;
    Ok(whole.try_iter()?.any(|item| !item.is_undefined() && item == *part))
}

/// `value|__negative`.
fn negative(state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    arithmetic(state, "-", Value::from(0), value)
}

/// `value|__slice(start, stop, step)`; a bound that is not written is `none`.
fn slice(state: &mut State<'_, '_>, value: Value, start: Value, stop: Value, step: Value) -> Result<Value, Error> {
    if value.is_none() {
        return Ok(value);
    }
    if [&start, &stop, &step].into_iter().any(Value::is_undefined) {
        return Ok(Value::UNDEFINED);
    }
    arithmetic(state, "slice", value, Value::from(vec![start, stop, step]))
}

/// `value|__filter(name, arguments…)`.
fn filter(state: &mut State<'_, '_>, arguments: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = arguments.into_values();
    let name = named(&mut arguments);
    let (Some(name), Some(value)) = (name.as_str(), arguments.first()) else { return Ok(Value::UNDEFINED) };
    if !filters::sees_undefined(name) {
        if arguments.iter().any(is_undefined) || (filters::reads_all(name) && holds_undefined(state, value)?) {
            return Ok(Value::UNDEFINED);
        }
        if value.is_none() {
            return Ok(Value::from(()));
        }
        filters::check_input(name, value)?;
    }
    state.apply_filter(name, &arguments)
}

/// `value|__test(name, arguments…)`: a test of something undefined is false, unless it is about being defined.
fn test(state: &mut State<'_, '_>, arguments: Rest<Value>) -> Result<bool, Error> {
    let mut arguments = arguments.0;
    let name = named(&mut arguments);
    let Some(name) = name.as_str() else { return Ok(false) };
    if !matches!(name, "defined" | "undefined") && arguments.iter().any(Value::is_undefined) {
        return Ok(false);
    }
    if name == "in" {
        return match arguments.as_slice() {
            [part, whole] => lies_in(state, part, whole),
            _ => Ok(false),
        };
    }
    state.perform_test(name, &arguments)
}

/// Takes the name out, which lowering puts second.
fn named(arguments: &mut Vec<Value>) -> Value {
    if arguments.len() > 1 { arguments.remove(1) } else { Value::UNDEFINED }
}

/// Whether an argument, or one of those with names, is undefined.
fn is_undefined(argument: &Value) -> bool {
    let of = |name: Value| argument.get_item(&name).is_ok_and(|value| value.is_undefined());
    argument.is_undefined() || (argument.is_kwargs() && argument.try_iter().is_ok_and(|mut names| names.any(of)))
}

fn holds_undefined(state: &State<'_, '_>, value: &Value) -> Result<bool, Error> {
    if !matches!(value.kind(), ValueKind::Seq) {
        return Ok(false);
    }
    state.consume_fuel(1 + value.len().unwrap_or(0) as u64 / 8)?;
    Ok(value.try_iter()?.any(|item| item.is_undefined()))
}
