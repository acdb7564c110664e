//! Numbers and lists within a sentence, the same in every message, document and format.

use std::fmt::Display;

/// A number with its noun: `1 user`, `2 users`, `3 matches`, `2 people`.
pub(crate) fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    match noun {
        _ if number == 1.into() => format!("1 {noun}"),
        "person" => format!("{number} people"),
        "entry" => format!("{number} entries"),
        "match" | "address" => format!("{number} {noun}es"),
        _ => format!("{number} {noun}s"),
    }
}

/// A sentence with a capital at its beginning.
pub(crate) fn capital(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

/// A name as messages show it: in backticks.
pub(crate) fn quoted(name: impl Display) -> String {
    format!("`{name}`")
}

/// `a, b, c`.
pub(crate) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    few(items, usize::MAX)
}

/// Those of a list that are to be said.
pub(crate) fn some<T: Display>(items: impl IntoIterator<Item = (bool, T)>) -> String {
    list(items.into_iter().filter_map(|(said, item)| said.then_some(item)))
}

/// The first of a list: `a, b and 3 more`, or `a, b, c` where these are all.
pub(crate) fn few<T: Display>(items: impl IntoIterator<Item = T>, most: usize) -> String {
    let (shown, more) = first(items, most);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// The same in a sentence: `a, b and 3 more`, or `a, b and c` where these are all.
pub(crate) fn joined<T: Display>(items: impl IntoIterator<Item = T>, most: usize) -> String {
    match first(items, most) {
        (shown, 0) => ended(shown, "and"),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// All of a list with a word before the last: `a, b or c`.
pub(crate) fn ended<T: Display>(items: impl IntoIterator<Item = T>, word: &str) -> String {
    let (mut shown, _) = first(items, usize::MAX);
    match (shown.pop(), shown.is_empty()) {
        (Some(last), false) => format!("{} {word} {last}", shown.join(", ")),
        (last, _) => last.unwrap_or_default(),
    }
}

fn first<T: Display>(items: impl IntoIterator<Item = T>, most: usize) -> (Vec<String>, usize) {
    let mut items = items.into_iter();
    let shown = items.by_ref().take(most).map(|item| item.to_string()).collect();
    (shown, items.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_read_as_in_a_sentence() {
        assert_eq!((count(1, "match"), count(0_u64, "entry")), ("1 match".into(), "0 entries".into()));
        let names = ["a", "b", "c"];
        assert_eq!((list(names), few(names, 3)), ("a, b, c".into(), "a, b, c".into()));
        assert_eq!((few(names, 1), joined(names, 2)), ("a and 2 more".into(), "a, b and 1 more".into()));
        assert_eq!((joined(names, 9), ended(["a", "b"], "or")), ("a, b and c".into(), "a or b".into()));
        assert_eq!((joined([""; 0], 2), ended(["a"], "or")), (String::new(), "a".into()));
    }
}
