//! Words to write attribute definitions with.

use super::{Attribute, Mutability, Returned, Type, Uniqueness};

pub(super) fn text(name: &str, description: &str) -> Attribute {
    Attribute { name: name.to_owned(), description: description.to_owned(), ..Attribute::default() }
}

pub(super) fn typed(kind: Type, name: &str, description: &str) -> Attribute {
    Attribute { kind, ..text(name, description) }
}

pub(super) fn boolean(name: &str, description: &str) -> Attribute {
    typed(Type::Boolean, name, description)
}

pub(super) fn reference(name: &str, to: &[&str], description: &str) -> Attribute {
    Attribute {
        reference_types: to.iter().map(|&kind| kind.to_owned()).collect(),
        case_exact: true,
        ..typed(Type::Reference, name, description)
    }
}

pub(super) fn complex(name: &str, description: &str, sub_attributes: Vec<Attribute>) -> Attribute {
    Attribute { sub_attributes, ..typed(Type::Complex, name, description) }
}

pub(super) fn many(name: &str, description: &str, sub_attributes: Vec<Attribute>) -> Attribute {
    Attribute { multi_valued: true, ..complex(name, description, sub_attributes) }
}

/// A multi-valued attribute with the usual parts (RFC 7643 section 2.4).
pub(super) fn plural(name: &str, description: &str, value: Attribute, types: &[&str]) -> Attribute {
    many(
        name,
        description,
        vec![
            value,
            text("display", "Name of the value for people."),
            text("type", "What the value is used for.").suggests(types),
            boolean("primary", "Whether it is the preferred value; true at most once."),
        ],
    )
}

impl Attribute {
    pub(super) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) fn multi(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) fn read_only(self) -> Self {
        Self {
            mutability: Mutability::ReadOnly,
            sub_attributes: self.sub_attributes.into_iter().map(Self::read_only).collect(),
            ..self
        }
    }

    pub(super) fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    pub(super) fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }

    pub(super) fn always(self) -> Self {
        Self { returned: Returned::Always, ..self }
    }

    pub(super) fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    pub(super) fn suggests(self, values: &[&str]) -> Self {
        Self { canonical_values: values.iter().map(|&value| value.to_owned()).collect(), ..self }
    }
}
