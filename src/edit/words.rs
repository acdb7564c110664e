//! How a scalar is written, so that every YAML reader takes it for what it is.

use serde_json::Number;

use crate::config::reads_as_text;
use crate::scim::Value;

/// How the author quotes the word that is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Only where needed.
    Least,
    /// `'…'` where it can hold the text.
    Single,
    /// `"…"`.
    Double,
}

/// Attributes whose dates stand without quotes.
const DATES: [&str; 3] = ["starts", "ends", "until"];

/// A scalar in one line. `key` is what it is the value of; `flow` says that it stands within brackets.
pub(super) fn scalar(value: &Value, key: Option<&str>, flow: bool, quotes: Quotes) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => decimal(number),
        Value::String(text) => {
            let date = key.is_some_and(|key| DATES.contains(&key)) && is_date(text);
            word(text, flow, quotes, date)
        }
        Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A key.
pub(super) fn key(text: &str, flow: bool) -> String {
    word(text, flow, Quotes::Least, false)
}

fn word(text: &str, flow: bool, quotes: Quotes, date: bool) -> String {
    let visible = !text.chars().any(is_hidden);
    match quotes {
        Quotes::Single if visible => single(text),
        Quotes::Least if visible && (date || is_plain(text, flow)) => text.to_owned(),
        Quotes::Least if visible && text.contains(['"', '\\']) => single(text),
        _ => double(text),
    }
}

fn decimal(number: &Number) -> String {
    number.to_string()
}

/// `2026-12-01`.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// What no reader sees or what some take for a line break: line and paragraph separators, marks of direction, blanks
/// other than the common one, what YAML calls not printable.
fn is_hidden(character: char) -> bool {
    (character.is_control() || (character.is_whitespace() && character != ' '))
        || matches!(character, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{61c}' | '\u{ad}')
}

/// Whether readers of YAML 1.1 and 1.2 alike take it for this text without quotes.
fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let indicator = "-?:,[]{}#&*!|>'\"%@`=~<";
    if indicator.contains(first) || text.starts_with(' ') || text.ends_with([' ', ':']) || text.starts_with("...") {
        return false;
    }
    if text.contains(": ") || text.contains(" #") || (flow && text.contains([',', '[', ']', '{', '}', ':', '?'])) {
        return false;
    }
    // `y` and `n` are booleans to YAML 1.1 (https://yaml.org/type/bool.html).
    let old = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    !old && reads_as_text(text) && !is_numeric(text)
}

/// Numbers, dates and times of YAML 1.1 and whatever looks like them, phone numbers included.
fn is_numeric(text: &str) -> bool {
    let start = text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '.'));
    let part = |character: char| character.is_ascii_hexdigit() || " _.:+-xXoOtTzZ/(),".contains(character);
    start && text.chars().all(part)
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let code = u32::from(hidden);
                let escaped = if code > 0xff { format!("\\u{code:04x}") } else { format!("\\x{code:02x}") };
                out.push_str(&escaped);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_where_some_reader_would_err() {
        let table = [
            ("Ada Lovelace", "Ada Lovelace"),
            ("ada@acme.example", "ada@acme.example"),
            ("O'Neill", "O'Neill"),
            ("C# developer", "C# developer"),
            ("https://acme.example/x", "https://acme.example/x"),
            ("Director, Sales", "Director, Sales"),
            ("3D Artist", "3D Artist"),
            ("", r#""""#),
            ("no", r#""no""#),
            ("NO", r#""NO""#),
            ("y", r#""y""#),
            ("Null", r#""Null""#),
            ("1042", r#""1042""#),
            ("0x1F", r#""0x1F""#),
            ("1_000", r#""1_000""#),
            ("12:30", r#""12:30""#),
            ("2026-12-01", r#""2026-12-01""#),
            ("+49 30 5550037", r#""+49 30 5550037""#),
            (" a", r#"" a""#),
            ("a ", r#""a ""#),
            ("a: b", r#""a: b""#),
            ("a #b", r#""a #b""#),
            ("- a", r#""- a""#),
            ("@everyone", r#""@everyone""#),
            ("%x", r#""%x""#),
            ("'x", r#""'x""#),
            (r#""x" y"#, r#"'"x" y'"#),
            ("line\nline", r#""line\nline""#),
            ("a\u{2028}b\u{202e}", r#""a\u2028b\u202e""#),
            ("a\u{85}\u{a0}", r#""a\x85\xa0""#),
            ("---", r#""---""#),
            ("<<", r#""<<""#),
        ];
        for (text, written) in table {
            assert_eq!(scalar(&text.into(), None, false, Quotes::Least), written, "{text:?}");
        }
        assert_eq!(scalar(&"a, b".into(), None, true, Quotes::Least), r#""a, b""#);
        assert_eq!(scalar(&"2026-12-01".into(), Some("ends"), true, Quotes::Least), "2026-12-01");
        assert_eq!(scalar(&"it's".into(), None, false, Quotes::Single), "'it''s'");
    }
}
