//! Reads what a server says about a failure, in whatever form (RFC 7644 section 3.12 and what is seen instead).

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

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

fn read_object(object: &serde_json::Map<String, Value>) -> Option<Said> {
    let get = |name: &str| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let text = |name: &str| get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let scim_type = text("scimType");
    // SCIM 1.1 and some 2.0 servers list their errors.
    let listed = ["Errors", "error", "detail"].iter().find_map(|name| match get(name) {
        Some(Value::Array(items)) => items.first().and_then(Value::as_object).and_then(read_object),
        Some(Value::Object(inner)) => read_object(inner),
        _ => None,
    });
    let own =
        ["detail", "description", "message", "error_description", "error", "title"].iter().find_map(|name| text(name));
    match (own, listed) {
        (Some(detail), listed) => Some(Said { detail, scim_type: scim_type.or_else(|| listed?.scim_type) }),
        (None, Some(listed)) => Some(Said { scim_type: scim_type.or(listed.scim_type), ..listed }),
        (None, None) => scim_type.map(|scim_type| Said { detail: scim_type.clone(), scim_type: Some(scim_type) }),
    }
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
