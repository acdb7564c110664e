//! Evaluation over minijinja's values, with its filters, tests and limits, and nothing that reaches outside.
//!
//! minijinja's own operators join and compare undefined like an empty text, or refuse the whole expression. Neither is
//! the rule of the file language, so the parts of an expression are put together here.

use std::sync::LazyLock;

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{AutoEscape, Environment, Error, State, UndefinedBehavior, Value};

use super::convert::{self, wrong};
use super::tree::{Call, Kind, Node};
use super::{Context, ExpressionError, filters};

/// Work that one expression may do: one per part, one per 64 bytes of text made or read.
const FUEL: u64 = 50_000;

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = bare();
    filters::install(&mut environment);
    environment
});

/// minijinja's own operators on defined values, one expression each.
static ARITHMETIC: LazyLock<Vec<(&'static str, minijinja::Expression<'static, 'static>)>> = LazyLock::new(|| {
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

/// Why a part has no value.
pub(super) struct Failure {
    error: Error,
    range: std::ops::Range<usize>,
}

impl Failure {
    /// Whether another value of the same kind would not fail.
    pub(super) fn depends_on_value(&self) -> bool {
        convert::depends_on_value(&self.error)
    }

    pub(super) fn new(node: &Node, error: Error) -> Self {
        Self { error, range: node.range.clone() }
    }
}

impl From<Failure> for ExpressionError {
    fn from(failure: Failure) -> Self {
        let message = match (failure.error.kind(), failure.error.detail()) {
            (minijinja::ErrorKind::OutOfFuel, _) => "the expression takes too much work".to_owned(),
            (_, Some(detail)) => detail.to_owned(),
            (kind, None) => kind.to_string(),
        };
        Self::at(failure.range, message)
    }
}

type Evaluated = Result<Value, Failure>;

/// The value of a whole expression.
pub(super) fn evaluate(node: &Node, context: &Context<'_>) -> Evaluated {
    Run { state: ENGINE.empty_state(), context }.value(node)
}

/// One evaluation, with what is left of its limit.
struct Run<'a> {
    state: State<'static, 'static>,
    context: &'a Context<'a>,
}

impl Run<'_> {
    fn value(&mut self, node: &Node) -> Evaluated {
        let failed = |error| Failure::new(node, error);
        self.state.consume_fuel(1).map_err(failed)?;
        match &node.kind {
            Kind::Path(path) => Ok(self.context.read(path).map_or(Value::UNDEFINED, convert::to_engine)),
            Kind::Constant(value) => Ok(value.clone()),
            Kind::Attribute(base, name) => {
                let base = self.value(base)?;
                if base.is_undefined() { Ok(base) } else { base.get_attr(name).map_err(failed) }
            }
            Kind::Item(base, index) => {
                let (base, index) = (self.value(base)?, self.value(index)?);
                if base.is_undefined() { Ok(base) } else { base.get_item(&index).map_err(failed) }
            }
            Kind::Slice(base, bounds) => {
                let base = self.value(base)?;
                let bounds = bounds.iter().map(|bound| self.bound(bound.as_deref())).collect::<Result<_, _>>()?;
                slice(&mut self.state, base, bounds).map_err(failed)
            }
            Kind::Filter(base, call) => {
                let (arguments, undefined) = self.arguments(base, call)?;
                filter(&mut self.state, call.name, &arguments, undefined).map_err(failed)
            }
            Kind::Test(base, call) => {
                let (arguments, undefined) = self.arguments(base, call)?;
                test(&mut self.state, call.name, &arguments, undefined).map(Value::from).map_err(failed)
            }
            Kind::Not(inner) => Ok(Value::from(!self.value(inner)?.is_true())),
            Kind::Negative(inner) => {
                let inner = self.value(inner)?;
                arithmetic(&self.state, "-", Value::from(0), inner).map_err(failed)
            }
            Kind::And(left, right) => {
                let left = self.value(left)?;
                if left.is_true() { self.value(right) } else { Ok(left) }
            }
            Kind::Or(left, right) => {
                let left = self.value(left)?;
                if left.is_true() { Ok(left) } else { self.value(right) }
            }
            Kind::Binary(sign, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                operator(&self.state, left, sign, right).map_err(failed)
            }
            Kind::If { then, test, otherwise } => match (self.value(test)?.is_true(), otherwise) {
                (true, _) => self.value(then),
                (false, Some(otherwise)) => self.value(otherwise),
                (false, None) => Ok(Value::UNDEFINED),
            },
            Kind::List(items) => {
                items.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>().map(Value::from)
            }
            Kind::Map(pairs) => {
                let pair = |(key, value): &(Node, Node)| Ok((self.value(key)?, self.value(value)?));
                pairs.iter().map(pair).collect::<Result<Vec<_>, Failure>>().map(Value::from_pairs)
            }
        }
    }

    /// A bound that is not written is `none`.
    fn bound(&mut self, bound: Option<&Node>) -> Evaluated {
        bound.map_or(Ok(Value::from(())), |bound| self.value(bound))
    }

    /// The value before a filter or test and its arguments, and whether one of them is undefined.
    fn arguments(&mut self, base: &Node, call: &Call) -> Result<(Vec<Value>, bool), Failure> {
        let mut all = vec![self.value(base)?];
        for argument in &call.positional {
            all.push(self.value(argument)?);
        }
        let mut undefined = all.iter().any(Value::is_undefined);
        if !call.named.is_empty() {
            let mut named = Vec::with_capacity(call.named.len());
            for (name, argument) in &call.named {
                let argument = self.value(argument)?;
                undefined |= argument.is_undefined();
                named.push((name.as_str(), argument));
            }
            all.push(Value::from(Kwargs::from_iter(named)));
        }
        Ok((all, undefined))
    }
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

fn operator(state: &State<'_, '_>, left: Value, sign: &str, right: Value) -> Result<Value, Error> {
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

fn slice(state: &mut State<'_, '_>, value: Value, bounds: Vec<Value>) -> Result<Value, Error> {
    if value.is_none() {
        return Ok(value);
    }
    if bounds.iter().any(Value::is_undefined) {
        return Ok(Value::UNDEFINED);
    }
    arithmetic(state, "slice", value, Value::from(bounds))
}

fn filter(state: &mut State<'_, '_>, name: &str, arguments: &[Value], undefined: bool) -> Result<Value, Error> {
    let Some(value) = arguments.first().filter(|_| !filters::sees_undefined(name)) else {
        return state.apply_filter(name, arguments);
    };
    if undefined || (filters::reads_all(name) && holds_undefined(state, value)?) {
        return Ok(Value::UNDEFINED);
    }
    if value.is_none() {
        return Ok(Value::from(()));
    }
    filters::check_input(name, value)?;
    state.apply_filter(name, arguments)
}

/// A test of something undefined is false, unless it is about being defined.
fn test(state: &mut State<'_, '_>, name: &str, arguments: &[Value], undefined: bool) -> Result<bool, Error> {
    match (name, arguments) {
        ("defined" | "undefined", _) => state.perform_test(name, arguments),
        _ if undefined => Ok(false),
        ("in", [part, whole]) => lies_in(state, part, whole),
        _ => state.perform_test(name, arguments),
    }
}

fn holds_undefined(state: &State<'_, '_>, value: &Value) -> Result<bool, Error> {
    if !matches!(value.kind(), ValueKind::Seq) {
        return Ok(false);
    }
    state.consume_fuel(1 + value.len().unwrap_or(0) as u64 / 8)?;
    Ok(value.try_iter()?.any(|item| item.is_undefined()))
}
