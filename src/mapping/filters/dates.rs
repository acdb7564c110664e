//! Filters on dates.

use jiff::civil::Date;
use minijinja::{Error, Value};

use super::text_for;
use crate::mapping::convert::{unfit, wrong};

/// The day of a `2026-12-01` or `2026-12-01T10:00:00Z`, as written: no time zone is applied.
pub(super) fn date(value: Value, format: Option<Value>) -> Result<String, Error> {
    let text = text_for(&value, "date")?;
    let day = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let date: Date = day.parse().map_err(|_| unfit(format!("`{text}` is not a date such as 2026-12-01")))?;
    let Some(format) = format else { return Ok(date.to_string()) };
    let format = text_for(&format, "date")?;
    jiff::fmt::strtime::format(format, date)
        .map_err(|error| wrong(format!("the date format `{format}` is wrong: {error}")))
}
