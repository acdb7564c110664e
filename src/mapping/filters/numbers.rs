//! Filters to numbers.

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::kind_of;
use crate::mapping::convert::{unfit, wrong};

pub(super) fn int(value: Value) -> Result<Value, Error> {
    match (value.kind(), value.as_str()) {
        (ValueKind::Number, _) if value.is_integer() => Ok(value),
        (ValueKind::Number, _) => {
            let number = f64::try_from(value)?.trunc();
            // Whole numbers of this size are exact in both forms (2 to the 53rd).
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            let whole = (number.abs() <= 9_007_199_254_740_992.0).then_some(number as i64);
            whole.map(Value::from).ok_or_else(|| unfit("the number is too large for `int`".to_owned()))
        }
        (_, Some(text)) => {
            text.trim().parse::<i64>().map(Value::from).map_err(|_| unfit(format!("`{text}` is not an integer")))
        }
        _ => Err(wrong(format!("`int` works on text or a number, not on {}", kind_of(&value)))),
    }
}

pub(super) fn float(value: Value) -> Result<f64, Error> {
    match (value.kind(), value.as_str()) {
        (ValueKind::Number, _) => f64::try_from(value),
        (_, Some(text)) => {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| unfit(format!("`{text}` is not a number")))
        }
        _ => Err(wrong(format!("`float` works on text or a number, not on {}", kind_of(&value)))),
    }
}
