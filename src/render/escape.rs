//! Makes hostile text harmless: a display name may hold escape sequences, line breaks or direction marks.

use std::fmt::Write as _;

/// Whether a character could move the cursor, hide text or turn its direction round.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// Text for one line of a terminal: control, direction and invisible characters become `\u{…}`.
pub fn terminal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            hostile if is_hostile(hostile) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(hostile));
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// Text inside a Markdown table cell or list item: no markup, no links, no mentions, no HTML.
pub fn markdown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in terminal(text).chars() {
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' => {
                shown.push('\\');
                shown.push(character);
            }
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            // A space of no width: nobody is called, and an address in a name is no link. An entity for the sign itself
            // would not do, since mentions are looked for in the rendered text.
            '@' => shown.push_str("@&#8203;"),
            '.' if ends_with_www(&shown) => shown.push_str("&#8203;."),
            plain => shown.push(plain),
        }
    }
    shown.replace("://", ":&#8203;//")
}

fn ends_with_www(text: &str) -> bool {
    text.len().checked_sub(3).and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// Text as a Markdown code span inside a table: the fence is longer than any run of backticks within.
pub fn code(text: &str) -> String {
    let text = terminal(text).replace('|', "\\|");
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_never_sees_control_or_direction_characters() {
        assert_eq!(terminal("a\u{1b}[31mb\nc\u{202e}d"), "a\\u{1b}[31mb\\nc\\u{202e}d");
        assert_eq!(terminal("Wiśniewska 🦀"), "Wiśniewska 🦀");
    }

    #[test]
    fn markdown_text_holds_no_markup_and_no_mention() {
        assert_eq!(markdown("@everyone | <b>*x*</b>"), "@&#8203;everyone \\| &lt;b&gt;\\*x\\*&lt;/b&gt;");
        assert_eq!(markdown("https://x.example www.x.example"), "https:&#8203;//x.example www&#8203;.x.example");
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("`"), "`` ` ``");
    }
}
