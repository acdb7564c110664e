//! Normal forms of texts with a grammar of their own.

use std::borrow::Cow;

use jiff::Timestamp;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::scim::{Value, percent};

/// NFC without white space around it (E38; RFC 7644 section 5 leads to the PRECIS profiles, which use NFC).
pub(super) fn composed(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.is_ascii() || is_nfc_quick(trimmed.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(trimmed);
    }
    Cow::Owned(trimmed.nfc().collect())
}

/// A number's shortest text; texts that hold a number count as one (E13).
pub(super) fn number(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    if let Ok(whole) = text.parse::<i128>() {
        return Some(whole.to_string());
    }
    match text.parse::<f64>() {
        Ok(float) if float.is_finite() => Some(float.to_string()),
        _ => Some(text),
    }
}

/// A language tag in lower case with `-` (E31). Text that does not look like a tag is free text, as where a target
/// keeps a place of work in `locale`, and then case counts.
pub(super) fn locale(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let mut parts = text.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let is_tag = matches!(language.len(), 2 | 3)
        && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_tag { Cow::Owned(text.replace('_', "-").to_ascii_lowercase()) } else { composed(text) }
}

/// An `Accept-Language` list (RFC 9110 section 12.5.4): by weight, then as written, `q=1` left out (E32).
pub(super) fn languages(text: &str) -> String {
    let mut ranges: Vec<(f64, String)> = text
        .split(',')
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let tag = locale(parts.next().unwrap_or_default()).into_owned();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            (weight.and_then(|weight| weight.trim().parse().ok()).unwrap_or(1.0), tag)
        })
        .filter(|(_, tag)| !tag.is_empty())
        .collect();
    ranges.sort_by(|a, b| b.0.total_cmp(&a.0));
    let written = |(weight, tag): &(f64, String)| {
        if *weight < 1.0 { format!("{tag};q={weight}") } else { tag.clone() }
    };
    ranges.iter().map(written).collect::<Vec<_>>().join(",")
}

/// Whether two texts name one moment: instants with a zone (E33), or a day and a moment that starts with it (E34).
/// Without a zone nothing but the text can be compared.
pub(super) fn same_moment(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    if let (Ok(a), Ok(b)) = (a.parse::<Timestamp>(), b.parse::<Timestamp>()) {
        return a == b;
    }
    let (day, moment) = if a.len() < b.len() { (a, b) } else { (b, a) };
    is_day(day) && moment.strip_prefix(day).is_some_and(|rest| rest.starts_with(['T', 't', ' ']))
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// Base 64 in one alphabet, without padding and line breaks: equal texts are equal bytes (E35; RFC 7643 section
/// 2.3.6 lets padding be left out).
pub(super) fn base64(text: &str) -> String {
    let alphabet = |letter: char| match letter {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != '=').map(alphabet).collect()
}

/// The normal form of a URI: scheme and host in lower case, no default port, `/` for an empty path (E36; RFC 3986
/// section 6.2).
pub(super) fn uri(text: &str) -> Cow<'_, str> {
    match url::Url::parse(text.trim()) {
        Ok(url) if url.has_host() => Cow::Owned(url.to_string()),
        _ => composed(text),
    }
}

/// The last segment of a reference, which is the id: hosts, base paths and versions in it may differ (E24).
pub(super) fn reference(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let path = text.split(['?', '#']).next().unwrap_or(text).trim_end_matches('/');
    percent::decode(path.rsplit('/').next().unwrap_or(path))
}
