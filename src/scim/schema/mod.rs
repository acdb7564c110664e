//! Schemas and the characteristics of attributes (RFC 7643 sections 2.2 and 7).

mod build;
mod read;
mod rfc;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::path::AttrPath;
use super::urn;

/// Data type of an attribute (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    /// Unicode text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A real number.
    Decimal,
    /// A whole number.
    Integer,
    /// A moment, as `xsd:dateTime`.
    DateTime,
    /// Bytes in base 64; always case-exact.
    Binary,
    /// A URI; always case-exact.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change an attribute, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// Anyone at any time.
    #[default]
    ReadWrite,
    /// Set once, at creation or while it has no value.
    Immutable,
    /// Written, never read.
    WriteOnly,
}

/// When a server shows an attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer.
    Always,
    /// In no answer.
    Never,
    /// Unless `attributes` or `excludedAttributes` leave it out.
    #[default]
    Default,
    /// Only where `attributes` names it.
    Request,
}

/// Among what a value is unique.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Not unique.
    #[default]
    None,
    /// Among the resources of one server and tenant.
    Server,
    /// Everywhere.
    Global,
}

/// An attribute's definition. What a schema leaves out has the defaults of RFC 7643 section 2.2.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its data type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// Whether it has many values.
    pub multi_valued: bool,
    /// What it is for, in words.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Values that are suggested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether the case of a string matters.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is shown.
    pub returned: Returned,
    /// Among what it is unique.
    pub uniqueness: Uniqueness,
    /// What a reference may point to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// The parts of a complex attribute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

impl Default for Attribute {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: Type::String,
            multi_valued: false,
            description: String::new(),
            required: false,
            canonical_values: Vec::new(),
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }
}

/// One schema.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schema {
    /// Its URN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it describes, in words.
    pub description: String,
    /// The attributes it defines.
    pub attributes: Vec<Attribute>,
}

/// The schemas of one kind of resource: the core one and the extensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schemas {
    schemas: Vec<Schema>,
}

impl Type {
    /// Its name in a schema.
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

impl Attribute {
    /// A sub-attribute by its name.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        self.sub_attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// Whether the case of its values matters: binary data and references are case-exact whatever is said
    /// (RFC 7643 sections 2.3.6 and 2.3.7).
    pub fn is_case_exact(&self) -> bool {
        self.case_exact || matches!(self.kind, Type::Binary | Type::Reference)
    }
}

impl Schema {
    /// An attribute by its name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

impl Schemas {
    /// These schemas. Those with a core URN describe what stands at the top of a resource.
    pub fn new(schemas: Vec<Schema>) -> Self {
        Self { schemas }
    }

    /// All schemas.
    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter()
    }

    /// A schema by its URN, whatever the case.
    pub fn schema(&self, urn: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The path as these schemas mean it. The text alone cannot always tell a schema's URN from an attribute after one.
    pub fn resolve(&self, path: &AttrPath) -> AttrPath {
        if let (Some(urn), true) = (&path.schema, path.is_bare())
            && self.schema(urn).is_none()
            && let Some((schema, name)) = urn.rsplit_once(':')
            && self.schema(schema).is_some()
        {
            return AttrPath::extension(schema, name);
        }
        if let (Some(urn), None, None) = (&path.schema, &path.filter, &path.sub)
            && !path.is_bare()
        {
            let whole = format!("{urn}:{}", path.attribute);
            if self.schema(&whole).is_some() {
                return AttrPath { schema: Some(whole), attribute: String::new(), filter: None, sub: None };
            }
        }
        path.clone()
    }

    /// The definition of what a path addresses: the sub-attribute where the path names one, else the attribute.
    /// `None` for a URN alone and for what the schemas do not know.
    pub fn attribute(&self, path: &AttrPath) -> Option<&Attribute> {
        let (schema, name) = path.top();
        let attribute = self.top_attribute(schema, name)?;
        path.sub.as_deref().map_or(Some(attribute), |sub| attribute.sub(sub))
    }

    /// The definition of an attribute of an extension, or of a core attribute where no URN is given.
    pub fn top_attribute(&self, extension: Option<&str>, name: &str) -> Option<&Attribute> {
        if let Some(urn) = extension {
            return self.schema(urn)?.attribute(name);
        }
        let mut core = self.schemas.iter().filter(|schema| urn::is_core(&schema.id));
        let common = rfc::common_attributes().iter();
        core.find_map(|schema| schema.attribute(name))
            .or_else(|| common.into_iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name)))
    }
}
