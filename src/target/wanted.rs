//! Which attributes a read keeps.

/// Top-level attribute names and schema URNs to keep, whatever their case. `id` and the version are always kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    names: Vec<String>,
    everything: bool,
}

impl Wanted {
    /// These names; `members` among them asks for the members of groups.
    pub fn of<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        names.sort_unstable();
        names.dedup();
        Self { names, everything: false }
    }

    /// All that the server shows, members included.
    pub fn everything() -> Self {
        Self { names: Vec::new(), everything: true }
    }

    /// Whether all that the server shows is kept.
    pub fn is_everything(&self) -> bool {
        self.everything
    }

    /// Whether members of groups are asked for.
    pub fn members(&self) -> bool {
        self.everything || self.names("members")
    }

    /// Whether a name is asked for by name.
    pub fn names(&self, name: &str) -> bool {
        self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The URN asked for that a name such as `urn:…:User:department` stands under, and the rest of the name.
    pub(crate) fn urn_of<'a>(&'a self, name: &'a str) -> Option<(&'a str, &'a str)> {
        self.names.iter().filter(|known| known.contains(':')).find_map(|known| {
            let (start, rest) = name.split_at_checked(known.len())?;
            let rest = rest.strip_prefix(':')?;
            (start.eq_ignore_ascii_case(known) && !rest.is_empty()).then_some((known.as_str(), rest))
        })
    }

    /// The value of the `attributes` parameter (RFC 7644 section 3.9); `None` for everything.
    pub(crate) fn parameter(&self) -> Option<String> {
        if self.everything {
            return None;
        }
        let mut names: Vec<&str> = vec!["id", "meta"];
        for name in &self.names {
            if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                names.push(name);
            }
        }
        Some(names.join(","))
    }
}
