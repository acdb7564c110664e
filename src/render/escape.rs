//! Makes hostile text harmless: a display name may hold escape sequences, line breaks or direction marks.

use std::fmt::Write as _;

/// Whether a character could move the cursor, hide text or turn its direction round, or is not seen at all.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
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

/// A space of no width, which parts what GitHub and GitLab would put together to a mention, a reference, an emoji or a
/// link. An entity for the sign itself would not do: these are looked for in the rendered text.
const APART: &str = "&#8203;";

/// Text inside a Markdown table cell or list item, in the midst of a line: no markup, no links, no mentions, no references
/// to issues, no HTML.
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied().unwrap_or(' ');
        let joins = next.is_alphanumeric() || matches!(next, '_' | '-' | '+' | '"' | '\'' | '/');
        match character {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '+' => {
                shown.push('\\');
                shown.push(character);
            }
            '#' | '!' | '~' => {
                shown.push('\\');
                shown.push(character);
                shown.push_str(if joins { APART } else { "" });
            }
            // Tables are cut at these before anything else is looked at, and not everywhere alike where a backslash is near.
            '|' => shown.push_str("&#124;"),
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => {
                shown.push_str("&amp;");
                shown.push_str(if joins { APART } else { "" });
            }
            // GitHub takes what is between two of them for mathematics.
            '$' => {
                shown.push_str("<span>$</span>");
                shown.push_str(if joins { APART } else { "" });
            }
            '@' => {
                shown.push('@');
                shown.push_str(APART);
            }
            '%' | '^' if joins => {
                shown.push(character);
                shown.push_str(APART);
            }
            ':' if next == '/' || is_emoji(characters.clone()) => {
                shown.push(':');
                shown.push_str(APART);
            }
            '.' if ends_with(&shown, "www") => {
                shown.push_str(APART);
                shown.push('.');
            }
            '-' if ends_with(&shown, "gh") && next.is_ascii_digit() => {
                shown.push('-');
                shown.push_str(APART);
            }
            plain => shown.push(plain),
        }
    }
    shown
}

/// The same inside a line of HTML, as the summary of a fold: Markdown is not read there, so that a backslash would be seen.
pub fn summary(text: &str) -> String {
    let escaped = markdown(text);
    let mut shown = String::with_capacity(escaped.len());
    let mut characters = escaped.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => shown.extend(characters.next()),
            plain => shown.push(plain),
        }
    }
    shown
}

/// Whether what follows a colon is the rest of `:tada:`.
fn is_emoji(mut rest: impl Iterator<Item = char>) -> bool {
    let is_name = |one: &char| one.is_alphanumeric() || matches!(one, '_' | '-' | '+');
    rest.find(|one| !is_name(one)) == Some(':')
}

fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// Text as a Markdown code span, also inside a table: the fence is longer than any run of backticks within.
pub fn code(text: &str) -> String {
    let text = terminal(text);
    // Who looks for tags or cells in the text itself must not find any here.
    if text.contains(['|', '<']) {
        return format!("<code>{}</code>", markdown(&text));
    }
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
        assert_eq!(markdown("@everyone | <b>*x*</b>"), "@&#8203;everyone &#124; &lt;b&gt;\\*x\\*&lt;/b&gt;");
        assert_eq!(markdown("https://x.example www.x.example"), "https:&#8203;//x.example www&#8203;.x.example");
        assert_eq!(
            markdown("#12 !3 ~a GH-7 C# :tada: a:1 10 %"),
            "\\#&#8203;12 \\!&#8203;3 \\~&#8203;a GH-&#8203;7 C\\# :&#8203;tada: a:1 10 %"
        );
        assert_eq!(markdown("$x$ &1"), "<span>$</span>&#8203;x<span>$</span> &amp;&#8203;1");
        assert_eq!(markdown("a\u{ad}b\u{e0041}"), "a\\\\u\\{ad\\}b\\\\u\\{e0041\\}");
    }

    #[test]
    fn a_summary_shows_no_backslashes_and_holds_no_tags() {
        assert_eq!(summary("prod_eu <b> @all a\\b"), "prod_eu &lt;b&gt; @&#8203;all a\\b");
        assert_eq!(summary("#1 \u{202e}"), "#&#8203;1 \\u{202e}");
    }

    #[test]
    fn a_code_span_cannot_be_left() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("a|`b"), "<code>a&#124;\\`b</code>");
        assert_eq!(code("`"), "`` ` ``");
    }
}
