//! What a plain scalar means: the core schema of YAML 1.2 (section 10.3.2).

use serde_json::Number;

/// A scalar's meaning.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::config) enum Core<'t> {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An integer or a decimal; one too large for 64 bits is rounded.
    Number(Number),
    /// Anything else.
    Text(&'t str),
}

/// Reads plain text.
pub(super) fn resolve(text: &str) -> Core<'_> {
    match text.as_bytes().first() {
        None | Some(b'~' | b'n' | b'N') if matches!(text, "" | "~" | "null" | "Null" | "NULL") => Core::Null,
        Some(b't' | b'T') if matches!(text, "true" | "True" | "TRUE") => Core::Boolean(true),
        Some(b'f' | b'F') if matches!(text, "false" | "False" | "FALSE") => Core::Boolean(false),
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text).map_or(Core::Text(text), Core::Number),
        _ => Core::Text(text),
    }
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !is_decimal(unsigned) {
        return None;
    }
    let plain = text.strip_prefix('+').unwrap_or(text);
    if let Ok(integer) = plain.parse::<i64>() {
        return Some(integer.into());
    }
    if let Ok(integer) = plain.parse::<u64>() {
        return Some(integer.into());
    }
    plain.parse::<f64>().ok().and_then(Number::from_f64)
}

fn radix(digits: &str, radix: u32) -> Option<Number> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok().map(Number::from)
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, rest)| (whole, Some(rest)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let whole_is_good = if whole.is_empty() { fraction.is_some_and(|rest| !rest.is_empty()) } else { digits(whole) };
    let exponent_is_good = exponent.is_none_or(|power| {
        let power = power.strip_prefix(['+', '-']).unwrap_or(power);
        !power.is_empty() && digits(power)
    });
    whole_is_good && fraction.is_none_or(digits) && exponent_is_good
}

/// Numbers of YAML that JSON does not have.
pub(super) fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Words that are text in YAML 1.2 and booleans in YAML 1.1, so that two tools read one file differently.
pub(in crate::config) fn is_old_boolean(text: &str) -> bool {
    matches!(
        text,
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "on" | "On" | "ON" | "off" | "Off" | "OFF"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_mean_what_the_core_schema_says() {
        let number = |text: &str| Core::Number(text.parse().unwrap());
        let table = [
            ("", Core::Null),
            ("~", Core::Null),
            ("NULL", Core::Null),
            ("nULL", Core::Text("nULL")),
            ("True", Core::Boolean(true)),
            ("tRUE", Core::Text("tRUE")),
            ("0", number("0")),
            ("0123", number("123")),
            ("-17", number("-17")),
            ("+17", number("17")),
            ("0x1F", number("31")),
            ("0o17", number("15")),
            ("1e3", number("1000.0")),
            (".5", number("0.5")),
            ("5.", number("5.0")),
            ("18446744073709551615", number("18446744073709551615")),
            ("12:30", Core::Text("12:30")),
            ("1_000", Core::Text("1_000")),
            ("2026-12-01", Core::Text("2026-12-01")),
            ("1.2.3", Core::Text("1.2.3")),
            (".", Core::Text(".")),
            ("+", Core::Text("+")),
            ("-", Core::Text("-")),
            ("1e", Core::Text("1e")),
            ("e3", Core::Text("e3")),
            ("0x", Core::Text("0x")),
            ("+0x1F", Core::Text("+0x1F")),
            ("++1", Core::Text("++1")),
            ("no", Core::Text("no")),
        ];
        for (text, meaning) in table {
            assert_eq!(resolve(text), meaning, "{text:?}");
        }
    }
}
