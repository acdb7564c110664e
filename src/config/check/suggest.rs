//! "Did you mean".

/// The known name that a misspelt one was probably meant to be.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let folded = fold(name);
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().max(name.chars().count()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Case and separators are the commonest mistakes: `display_name`, `DisplayName`.
fn fold(name: &str) -> String {
    name.chars().filter(|sign| !matches!(sign, '_' | '-' | ' ' | '.')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn misspelt_names_are_recognised_and_other_words_are_not() {
        let known = ["userName", "displayName", "department", "title", "ims", "on"];
        assert_eq!(nearest("username", known), Some("userName"));
        assert_eq!(nearest("display_name", known), Some("displayName"));
        assert_eq!(nearest("departmnet", known), Some("department"));
        assert_eq!(nearest("salary", known), None);
        assert_eq!(nearest("x", known), None);
    }
}
