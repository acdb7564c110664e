//! Reads what a server says about a failure, in whatever form (RFC 7644 section 3.12 and what is seen instead).

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Map, Value};

/// What an error body says; not tamed yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) detail: String,
    pub(crate) scim_type: Option<String>,
}

/// Whether an answer is a web page.
pub(crate) fn is_web_page(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    let start = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    match start.first() {
        Some(b'<') => true,
        Some(b'{' | b'[') | None => false,
        Some(_) => kind.starts_with("text/html"),
    }
}

/// Reads an error body; whatever can't be understood is shown as it is.
pub(crate) fn read(body: &[u8], html: bool) -> Said {
    let text = String::from_utf8_lossy(body);
    if html {
        return Said { detail: page_text(&text), scim_type: None };
    }
    match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(object)) => {
            read_object(&object).unwrap_or(Said { detail: text.into_owned(), scim_type: None })
        }
        _ => Said { detail: text.into_owned(), scim_type: None },
    }
}

/// Names under which servers say what is wrong, the most telling first.
const REASONS: [&str; 7] = ["detail", "description", "message", "error_description", "error", "reason", "title"];

/// Names that say where it is wrong.
const PLACES: [&str; 4] = ["field", "path", "attribute", "property"];

/// Reasons beyond the first few are more of the same.
const MOST_REASONS: usize = 5;

fn read_object(object: &Map<String, Value>) -> Option<Said> {
    let mut reasons: Vec<String> = text(object, &REASONS).map(str::to_owned).into_iter().collect();
    for (name, value) in object {
        gather(name, value, false, &mut reasons);
    }
    let scim_type = scim_type(object);
    reasons.truncate(MOST_REASONS);
    let detail = joined(&reasons).or_else(|| scim_type.clone())?;
    Some(Said { detail, scim_type })
}

/// Adds what is said within a part of an error: lists of errors, errors by field, extension objects of the vendor's own.
/// `within` tells that the part around it is about the error, so that any text in it is a reason.
fn gather(name: &str, value: &Value, within: bool, reasons: &mut Vec<String>) {
    if matches!(name.to_ascii_lowercase().as_str(), "schemas" | "meta") {
        return;
    }
    let about = within || is_about_errors(name);
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(name, item, about, reasons)),
        Value::Object(object) => {
            let own = text(object, &REASONS).filter(|_| about);
            if let Some(own) = own {
                add(reasons, text(object, &PLACES).unwrap_or(name), own);
            }
            let inner = object.iter().filter(|(_, value)| own.is_none() || !value.is_string());
            inner.for_each(|(name, value)| gather(name, value, about, reasons));
        }
        Value::String(reason) if within => add(reasons, name, reason),
        _ => {}
    }
}

/// Adds a reason that was not given yet, with the field that it is about.
fn add(reasons: &mut Vec<String>, field: &str, reason: &str) {
    let reason = reason.trim();
    if reason.is_empty() || reasons.iter().any(|known| known.contains(reason)) {
        return;
    }
    let plain = is_about_errors(field);
    reasons.push(if plain { reason.to_owned() } else { format!("{field}: {reason}") });
}

/// Whether a part of an error is about what went wrong, by its name. Extension objects are: nothing else extends an error.
fn is_about_errors(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = ["urn:", "error", "violation", "fault", "detail", "message", "reason", "problem", "description"];
    parts.iter().any(|part| name.contains(part))
}

/// `scimType`, also where it stands within a list of errors.
fn scim_type(object: &Map<String, Value>) -> Option<String> {
    let inner = |value: &Value| match value {
        Value::Array(items) => items.iter().filter_map(Value::as_object).find_map(scim_type),
        Value::Object(object) => scim_type(object),
        _ => None,
    };
    text(object, &["scimType"]).map(str::to_owned).or_else(|| object.values().find_map(inner))
}

/// The first text of these names that says something.
fn text<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        let (_, value) = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        value.as_str().filter(|text| !text.is_empty())
    })
}

/// The reasons as one sentence.
fn joined(reasons: &[String]) -> Option<String> {
    let (first, more) = reasons.split_first()?;
    let gap = if first.ends_with(['.', ':', '!']) { " " } else { ": " };
    Some(if more.is_empty() { first.clone() } else { format!("{first}{gap}{}", more.join("; ")) })
}

/// The title of a page, else its text without tags.
fn page_text(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    if let Some(start) = lower.find("<title>")
        && let Some(end) = lower.get(start..).and_then(|rest| rest.find("</title>"))
        && let Some(title) = page.get(start + 7..start + end)
        && !title.trim().is_empty()
    {
        return title.trim().to_owned();
    }
    let mut text = String::new();
    let mut in_tag = false;
    for c in page.chars() {
        match c {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t75_error_bodies_in_all_forms() {
        for (body, detail, scim_type) in [
            (
                r#"{"schemas":["x"],"status":"409","scimType":"uniqueness","detail":"taken"}"#,
                "taken",
                Some("uniqueness"),
            ),
            (r#"{"status":409,"SCIMTYPE":"uniqueness"}"#, "uniqueness", Some("uniqueness")),
            (r#"{"Errors":[{"description":"bad","code":"400"}]}"#, "bad", None),
            (r#"{"error":{"message":"no"}}"#, "no", None),
            (r#"{"error":"invalid_token","error_description":"expired"}"#, "expired", None),
            (r#"{"x":1}"#, r#"{"x":1}"#, None),
            (r#"{"Errors":[{"description":"bad"},{"description":"worse"}]}"#, "bad: worse", None),
            (r#"{"detail":"See errors.","errors":{"userName":["too long"]}}"#, "See errors. userName: too long", None),
            (
                r#"{"detail":"See errors.","urn:x:2.0:Error":{"fieldErrors":{},"generalErrors":[{"code":"c","message":"no"}]}}"#,
                "See errors. no",
                None,
            ),
            (r#"{"title":"Bad","violations":[{"field":"title","message":"too long"}]}"#, "Bad: title: too long", None),
            (r#"{"fault":{"faultstring":"no route","detail":{"errorcode":"x.Y"}}}"#, "no route: x.Y", None),
            (r#"{"detail":"taken","user":{"title":"Engineer","name":{"x":"Ada"}}}"#, "taken", None),
            ("Service down", "Service down", None),
            ("", "", None),
            ("[1", "[1", None),
        ] {
            let said = read(body.as_bytes(), false);
            assert_eq!((said.detail.as_str(), said.scim_type.as_deref()), (detail, scim_type), "{body}");
        }
    }

    #[test]
    fn pages_are_known_and_shortened_to_their_title() {
        let headers = HeaderMap::new();
        let page = b"\xEF\xBB\xBF <!doctype html><TITLE>Sign in</TITLE><p>x";
        assert!(is_web_page(&headers, page));
        assert_eq!(read(page, true).detail, "Sign in");
        assert_eq!(read(b"<p>Bad <b>gateway</b></p>", true).detail, "Bad  gateway");
        assert!(!is_web_page(&headers, b"{}"));
    }
}
