//! Which file an imported declaration goes to.

/// How declarations are spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// All in `imported.yaml`.
    Single,
    /// `users.yaml`, `groups.yaml`, `bindings.yaml`.
    #[default]
    PerSection,
    /// `users/KEY.yaml`, `groups/KEY.yaml`, `bindings.yaml`.
    PerPerson,
    /// `users/DEPARTMENT.yaml`, `groups.yaml`, `bindings.yaml`.
    PerDepartment,
}

/// A section of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// `users`.
    Users,
    /// `groups`.
    Groups,
    /// `bindings`.
    Bindings,
    /// `mappings`.
    Mappings,
}

impl Section {
    /// Its key in a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mappings => "mappings",
            Self::Bindings => "bindings",
            Self::Groups => "groups",
            Self::Users => "users",
        }
    }
}

impl Layout {
    /// The path, from `folder` (with `/`, none where empty), of the file for an entry. `department` is that of a person.
    pub fn path(self, folder: &str, section: Section, key: &str, department: Option<&str>) -> String {
        let name = match (self, section) {
            (Self::Single, _) => "imported.yaml".to_owned(),
            (Self::PerPerson, Section::Users | Section::Groups) => {
                format!("{}/{}.yaml", section.name(), file_name(key))
            }
            (Self::PerDepartment, Section::Users) => {
                let name = department.map(file_name).filter(|name| !name.is_empty());
                format!("users/{}.yaml", name.unwrap_or_else(|| "no-department".to_owned()))
            }
            // A mapping belongs to its binding.
            (_, Section::Mappings) => "bindings.yaml".to_owned(),
            (_, section) => format!("{}.yaml", section.name()),
        };
        let folder = folder.trim_matches('/');
        if folder.is_empty() || folder == "." { name } else { format!("{folder}/{name}") }
    }
}

/// A name that every file system takes: small letters, digits and single hyphens, dots kept inside.
fn file_name(text: &str) -> String {
    super::key::slug(text)
}
