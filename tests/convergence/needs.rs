//! What a profile asks of people, so that random ones can be had there at all.

use scimform::profile::Profile;
use scimform::scim::path::AttrPath;

/// What the profile's mapping takes for the user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// The declared one.
    Declared,
    /// The part of it before the `@`.
    Local,
    /// The primary address.
    Address,
}

/// What a profile asks of people.
#[derive(Clone, Debug)]
pub struct Needs {
    required: Vec<String>,
    /// The user name.
    pub name: Name,
    /// Where the server keeps job titles.
    pub title: String,
    /// Whether groups can be made, or must be there beforehand.
    pub creates_groups: bool,
    /// Whether there are groups.
    pub groups: bool,
    /// Whether the id is the `externalId`, so that nobody can be there without one.
    pub id_is_external_id: bool,
}

impl Needs {
    pub fn of(profile: &Profile) -> Self {
        let name = profile.mapping.user.get("userName").map(ToString::to_string).unwrap_or_default();
        let required = profile.attributes.rules.iter().filter(|rule| rule.required).map(|rule| rule.path.to_string());
        Self {
            required: required.collect(),
            name: match () {
                () if name.contains("localPart") => Name::Local,
                () if name.contains("emails") => Name::Address,
                () => Name::Declared,
            },
            title: profile
                .attributes
                .aliases
                .get(&AttrPath::attribute("title"))
                .map_or_else(|| "title".to_owned(), ToString::to_string),
            creates_groups: profile.capabilities.create_groups,
            groups: profile.capabilities.resources.groups,
            id_is_external_id: profile.attributes.id_is_external_id,
        }
    }

    /// Whether an attribute, a part of it or the whole that it is a part of must be there.
    pub fn wants(&self, attribute: &str) -> bool {
        let within = |whole: &str, part: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
        self.required.iter().any(|path| path == attribute || within(attribute, path) || within(path, attribute))
    }

    /// The fewest addresses.
    pub fn emails(&self) -> usize {
        usize::from(self.wants("emails") || self.name != Name::Declared)
    }
}
