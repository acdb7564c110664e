//! Text of others inside a page: escaped as everywhere, and its direction kept to itself.

use maud::{Markup, html};

use crate::plan::{Adoption, AttributeChange, MemberRef, Origin, PlanProblem};
use crate::render::escape::terminal;
use crate::render::links::Links;
use crate::render::plan::short_path;
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// A name or a sentence.
pub(super) fn text(text: &str) -> Markup {
    html! { bdi { (terminal(text)) } }
}

/// A message of ours, whose names stand between backticks.
pub(super) fn prose(message: &str) -> Markup {
    let parts: Vec<&str> = message.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return text(message);
    }
    html! {
        bdi {
            @for (number, part) in parts.into_iter().enumerate() {
                @if number % 2 == 0 { (terminal(part)) } @else { (code(part)) }
            }
        }
    }
}

/// A key, path or value.
pub(super) fn code(text: &str) -> Markup {
    html! { code dir="auto" { (terminal(text)) } }
}

/// A name with its key, which is left out where it says the same.
pub(super) fn who(name: &str, key: &str) -> Markup {
    html! {
        @if name.is_empty() || name == key { b { (code(key)) } } @else { b { (text(name)) } " " (code(key)) }
    }
}

/// A place in the files: a link where it is known whereto.
pub(super) fn place(origin: &Origin, links: Option<&Links>) -> Markup {
    let name = format!("{}:{}", origin.file, origin.line);
    html! {
        @match links {
            Some(links) => a.place href=(links.to(origin)) rel="noreferrer noopener" { (terminal(&name)) },
            None => span.place dir="auto" { (terminal(&name)) },
        }
    }
}

/// Things in a row, with commas between them.
pub(super) fn each(items: impl IntoIterator<Item = Markup>) -> Markup {
    html! { @for (number, item) in items.into_iter().enumerate() { @if number > 0 { ", " } (item) } }
}

/// An error about a user or group.
pub(super) fn error(problem: &PlanProblem, links: Option<&Links>) -> Markup {
    html! {
        li.bad {
            b.label { "Error" } " " (problem.resource.to_string()) " " (code(&problem.key)) ": "
            (prose(&problem.message)) " " (code(problem.code.name()))
            @if let Some(origin) = &problem.origin { " " (place(origin, links)) }
        }
    }
}

/// Members that come or go. `more` says what else there is of each.
pub(super) fn members(members: &[MemberRef], title: &str, come: bool, more: impl Fn(&MemberRef) -> Markup) -> Markup {
    let (sign, class) = if come { ("+", "in") } else { ("−", "out") };
    html! {
        @if !members.is_empty() {
            p.moves.(class) { b { (title) " (" (members.len()) ")" } }
            ul.members.(class) {
                @for member in members {
                    li {
                        span.sign aria-hidden="true" { (sign) } " "
                        @if member.resource == ResourceKind::Group { "group " }
                        (who(&member.name, member.key.as_deref().unwrap_or(&member.name)))
                        (more(member))
                    }
                }
            }
        }
    }
}

/// An attribute with both sides, each with the word that a screen reader says before it, and what else there is of it.
pub(super) fn moved(name: &AttrPath, words: [&str; 2], (before, after): (Markup, Markup), more: Markup) -> Markup {
    html! {
        dt { (path(&name.to_string())) }
        dd {
            span.before { span.hear { (words[0]) } (before) } " "
            span.arrow aria-hidden="true" { "→" } " "
            span.after { span.hear { (words[1]) } (after) }
            (more)
        }
    }
}

/// The path of an attribute; the whole of a long one when it is pointed at.
pub(super) fn path(path: &str) -> Markup {
    let short = short_path(path);
    html! {
        @if short == path { (code(path)) } @else { code dir="auto" title=(terminal(path)) { (terminal(short)) } }
    }
}

/// A number with its sign in words that no reader leaves out.
pub(super) fn difference(before: u64, after: u64) -> String {
    match after.cmp(&before) {
        std::cmp::Ordering::Equal => "no change".to_owned(),
        std::cmp::Ordering::Greater => format!("{} more", after - before),
        std::cmp::Ordering::Less => format!("{} fewer", before - after),
    }
}

/// What an adoption was found by.
pub(super) fn found_by(adoption: &Adoption) -> Markup {
    html! { @if let Some(by) = &adoption.by { " found by " (code(by)) } }
}

/// Both sides of an attribute, the words that differ marked.
pub(super) fn sides(attribute: &AttributeChange) -> (Markup, Markup) {
    let (before, after) = crate::render::plan::values::whole_sides(attribute);
    sides_of(&before, &after)
}

/// The same of two texts.
pub(super) fn sides_of(before: &str, after: &str) -> (Markup, Markup) {
    marked(&terminal(before), &terminal(after))
}

/// Two texts, what is only in the first marked as deleted and what is only in the second as inserted. Where hardly
/// anything is the same, each is marked as a whole.
fn marked(before: &str, after: &str) -> (Markup, Markup) {
    let diff = similar::TextDiff::from_unicode_words(before, after);
    let same: usize = diff
        .iter_all_changes()
        .filter(|change| change.tag() == similar::ChangeTag::Equal)
        .map(|change| change.value().trim_matches(|one: char| !one.is_alphanumeric()).len())
        .sum();
    if before == after || same == 0 {
        return (html! { bdi { (before) } }, html! { bdi { (after) } });
    }
    let side = |gone: similar::ChangeTag| {
        html! {
            bdi {
                @for (tag, run) in runs(&diff, gone) {
                    @match tag {
                        similar::ChangeTag::Equal => (run),
                        similar::ChangeTag::Delete => del { (run) },
                        similar::ChangeTag::Insert => ins { (run) },
                    }
                }
            }
        }
    };
    (side(similar::ChangeTag::Delete), side(similar::ChangeTag::Insert))
}

/// One side of a difference as runs of the same mark.
fn runs(diff: &similar::TextDiff<'_, '_, str>, own: similar::ChangeTag) -> Vec<(similar::ChangeTag, String)> {
    let mut runs: Vec<(similar::ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes().filter(|one| one.tag() == own || one.tag() == similar::ChangeTag::Equal) {
        match runs.last_mut() {
            Some((tag, run)) if *tag == change.tag() => run.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let (before, after) = marked("\"Senior Engineer\"", "\"Principal Engineer\"");
        assert_eq!(before.into_string(), "<bdi>&quot;<del>Senior</del> Engineer&quot;</bdi>");
        assert_eq!(after.into_string(), "<bdi>&quot;<ins>Principal</ins> Engineer&quot;</bdi>");
        let (before, after) = marked("none", "\"Ada\"");
        assert_eq!(
            (before.into_string(), after.into_string()),
            ("<bdi>none</bdi>".into(), "<bdi>&quot;Ada&quot;</bdi>".into())
        );
    }

    #[test]
    fn markup_in_a_value_stays_text() {
        let (before, _) = marked("<b>x</b> y", "<i>x</i> y");
        assert!(!before.into_string().contains("<b>"));
        assert_eq!(
            prose("`<b>` is no `x`").into_string(),
            "<bdi><code dir=\"auto\">&lt;b&gt;</code> is no <code dir=\"auto\">x</code></bdi>"
        );
        assert_eq!(text("<script>\u{202e}").into_string(), "<bdi>&lt;script&gt;\\u{202e}</bdi>");
    }
}
