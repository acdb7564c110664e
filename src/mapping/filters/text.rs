//! Filters on text.

use minijinja::value::ValueKind;
use minijinja::{Error, State, Value};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{kind_of, text_for};
use crate::mapping::convert::wrong;
use crate::mapping::engine;

/// A value as text, for `by`; `None` where it is undefined or `none`.
pub(in crate::mapping) fn text_of(value: &Value, by: &str) -> Result<Option<String>, Error> {
    Ok(Some(match value.kind() {
        ValueKind::Undefined | ValueKind::None => return Ok(None),
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::String => value.as_str().unwrap_or_default().to_owned(),
        ValueKind::Number => value.to_string(),
        _ => return Err(wrong(format!("{by} works on text, not on {}", kind_of(value)))),
    }))
}

/// Undefined where nothing is left, so that an empty name is never sent by accident.
fn unless_empty(text: String) -> Value {
    if text.is_empty() { Value::UNDEFINED } else { Value::from(text) }
}

pub(super) fn string(value: Value) -> Result<Option<String>, Error> {
    text_of(&value, "`string`")
}

pub(super) fn lower(value: Value) -> Result<String, Error> {
    Ok(text_for(&value, "lower")?.to_lowercase())
}

pub(super) fn upper(value: Value) -> Result<String, Error> {
    Ok(text_for(&value, "upper")?.to_uppercase())
}

pub(super) fn local_part(value: Value) -> Result<String, Error> {
    let text = text_for(&value, "localPart")?;
    Ok(text.rsplit_once('@').map_or(text, |(local, _)| local).to_owned())
}

pub(super) fn domain(value: Value) -> Result<Value, Error> {
    let text = text_for(&value, "domain")?;
    Ok(text.rsplit_once('@').map_or(Value::UNDEFINED, |(_, domain)| Value::from(domain)))
}

pub(super) fn ascii(value: Value) -> Result<Value, Error> {
    Ok(unless_empty(to_ascii(text_for(&value, "ascii")?)))
}

pub(super) fn slug(value: Value, separator: Option<Value>) -> Result<Value, Error> {
    let text = to_ascii(text_for(&value, "slug")?).to_ascii_lowercase();
    let separator = match &separator {
        Some(separator) => text_for(separator, "slug")?,
        None => "-",
    };
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    Ok(unless_empty(words.join(separator)))
}

/// Latin letters that have no decomposition, and signs with a plain form.
fn plain_form(c: char) -> &'static str {
    match c {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' | 'ǽ' => "ae",
        'Æ' | 'Ǽ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ħ' => "h",
        'Ħ' => "H",
        'ı' => "i",
        'ŋ' => "ng",
        'Ŋ' => "Ng",
        'ŧ' => "t",
        'Ŧ' => "T",
        'ə' => "e",
        'Ə' => "E",
        '‘' | '’' | 'ʼ' | 'ʻ' => "'",
        '“' | '”' => "\"",
        '‐' | '‑' | '–' | '—' => "-",
        _ => "",
    }
}

/// Latin letters without their marks; what ASCII lacks otherwise is left out.
pub fn to_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(plain_form(c));
        }
    }
    out
}

pub(super) fn digits(value: Value) -> Result<Value, Error> {
    let text = text_of(&value, "`digits`")?.unwrap_or_default();
    Ok(unless_empty(text.chars().filter(char::is_ascii_digit).collect()))
}

/// RFC 3966 section 5.1.1 names the visual separators; `(0)` after a country code is a trunk prefix for people.
pub(super) fn e164(value: Value) -> Result<String, Error> {
    let text = text_for(&value, "e164")?.trim();
    let number = text.strip_prefix("tel:").unwrap_or(text);
    let number = number.split(';').next().unwrap_or_default();
    let number = if number.starts_with('+') { number.replace("(0)", "") } else { number.to_owned() };
    let visual = |c: char| c.is_whitespace() || matches!(c, '-' | '.' | '(' | ')' | '/' | '‐' | '‑' | '–');
    let bare: String = number.chars().filter(|c| !visual(*c)).collect();
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Ok(if is_number { bare } else { text.to_owned() })
}

pub(super) fn truncate(value: Value, length: Value) -> Result<String, Error> {
    let length = length.as_usize().ok_or_else(|| wrong("`truncate` needs a number of characters".to_owned()))?;
    Ok(text_for(&value, "truncate")?.chars().take(length).collect())
}

pub(super) fn starts_with(value: Value, part: Value) -> Result<bool, Error> {
    Ok(text_for(&value, "startsWith")?.starts_with(text_for(&part, "startsWith")?))
}

pub(super) fn ends_with(value: Value, part: Value) -> Result<bool, Error> {
    Ok(text_for(&value, "endsWith")?.ends_with(text_for(&part, "endsWith")?))
}

pub(super) fn contains(state: &mut State<'_, '_>, whole: Value, part: Value) -> Result<bool, Error> {
    match whole.kind() {
        ValueKind::String | ValueKind::Seq | ValueKind::Iterable => engine::lies_in(state, &part, &whole),
        _ => Err(wrong(format!("`contains` works on text or a list, not on {}", kind_of(&whole)))),
    }
}

pub(super) fn join(state: &mut State<'_, '_>, list: Value, separator: Option<Value>) -> Result<Value, Error> {
    if !matches!(list.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(wrong(format!("`join` works on a list, not on {}", kind_of(&list))));
    }
    let separator = match &separator {
        Some(separator) => text_for(separator, "join")?,
        None => "",
    };
    let mut out = String::new();
    for (index, item) in list.try_iter()?.enumerate() {
        let Some(text) = text_of(&item, "`join`")? else { return Ok(Value::UNDEFINED) };
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(&text);
        state.consume_fuel(1 + (separator.len() + text.len()) as u64 / 64)?;
    }
    Ok(Value::from(out))
}
