//! Values to the engine's form and back, types kept.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object as EngineObject, ValueKind};
use minijinja::{Error, ErrorKind, Value as Engine};

use crate::scim::{Object, Value};

/// Most bytes of text that the result of one expression may hold.
pub(super) const MAX_RESULT: usize = 256 * 1024;

/// A complex value, its names found without regard to case (RFC 7643 section 2.1).
#[derive(Debug)]
struct Complex(Vec<(Arc<str>, Engine)>);

impl EngineObject for Complex {
    fn get_value(self: &Arc<Self>, key: &Engine) -> Option<Engine> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Engine> {
        self.0.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(name, _)| Engine::from(name.clone())).collect())
    }
}

/// A value as the engine sees it.
pub(super) fn to_engine(value: &Value) -> Engine {
    match value {
        Value::Null => Engine::from(()),
        Value::Bool(flag) => Engine::from(*flag),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => Engine::from(number),
            (_, Some(number), _) => Engine::from(number),
            (_, _, number) => number.map_or(Engine::from(()), Engine::from),
        },
        Value::String(text) => Engine::from(text.as_str()),
        Value::Array(items) => Engine::from(items.iter().map(to_engine).collect::<Vec<_>>()),
        Value::Object(object) => Engine::from_object(Complex(
            object.iter().map(|(name, value)| (Arc::from(name), to_engine(value))).collect(),
        )),
    }
}

/// The engine's result as a value; `None` when it, or anything in it, is undefined.
pub(super) fn from_engine(value: &Engine) -> Result<Option<Value>, Error> {
    let mut budget = MAX_RESULT;
    convert(value, &mut budget)
}

fn convert(value: &Engine, budget: &mut usize) -> Result<Option<Value>, Error> {
    spend(budget, value.as_str().map_or(1, str::len))?;
    Ok(Some(match value.kind() {
        ValueKind::Undefined => return Ok(None),
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(value.is_true()),
        ValueKind::Number => Value::Number(number(value)?),
        ValueKind::String => Value::from(value.as_str().unwrap_or_default()),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter()? {
                match convert(&item, budget)? {
                    Some(item) => items.push(item),
                    None => return Ok(None),
                }
            }
            Value::Array(items)
        }
        ValueKind::Map => {
            let mut object = Object::new();
            for key in value.try_iter()? {
                let name = key.as_str().ok_or_else(|| wrong("names in a `{…}` must be text".to_owned()))?;
                spend(budget, name.len())?;
                match convert(&value.get_item(&key)?, budget)? {
                    Some(value) => object.insert(name, value),
                    None => return Ok(None),
                };
            }
            Value::Object(object)
        }
        kind => return Err(wrong(format!("the result is {kind}, which no attribute can hold"))),
    }))
}

fn number(value: &Engine) -> Result<serde_json::Number, Error> {
    if value.is_integer() {
        return i64::try_from(value.clone())
            .map(serde_json::Number::from)
            .or_else(|_| u64::try_from(value.clone()).map(serde_json::Number::from))
            .map_err(|_| wrong("the number is too large".to_owned()));
    }
    f64::try_from(value.clone())
        .ok()
        .and_then(serde_json::Number::from_f64)
        .ok_or_else(|| wrong("the result is not a finite number".to_owned()))
}

fn spend(budget: &mut usize, amount: usize) -> Result<(), Error> {
    *budget = budget
        .checked_sub(amount)
        .ok_or_else(|| wrong(format!("the result is larger than {} KiB", MAX_RESULT / 1024)))?;
    Ok(())
}

/// An error of the expression's own making.
pub(super) fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// An error that another value of the same kind would not cause: text that is no date.
pub(super) fn unfit(message: String) -> Error {
    Error::new(ErrorKind::CannotUnpack, message)
}

/// Whether an error came from [`unfit`].
pub(super) fn depends_on_value(error: &Error) -> bool {
    error.kind() == ErrorKind::CannotUnpack
}
