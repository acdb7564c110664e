//! "Did you mean": the known name that is nearest to a written one.

/// The nearest of the known names, if it is near enough to be a slip of the pen.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = written.to_lowercase();
    let length = wanted.chars().count();
    let allowed = (length / 3).max(1);
    known
        .into_iter()
        .filter(|name| *name != written && name.chars().count().abs_diff(length) <= allowed)
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed && *distance < length.max(1))
        .min()
        .map(|(_, name)| name)
}

/// The hint for a name that is not known.
pub(super) fn hint<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(written, known).map(|name| format!("Did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let known = ["title", "userName", "emails"];
        assert_eq!(nearest("titel", known), Some("title"));
        assert_eq!(nearest("username", known), Some("userName"));
        assert_eq!(nearest("shoeSize", known), None);
        assert_eq!(nearest("x", ["y"]), None);
    }
}
