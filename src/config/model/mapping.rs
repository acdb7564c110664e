//! Mappings and their rows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use super::{Declared, Expression, Secret, transform};
use crate::scim::Value;
use crate::source::Spanned;

/// Rules from our attributes to a target's SCIM attributes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Mapping", transform = transform::not_null, transform = transform::no_defaults)]
pub struct Mapping {
    /// A profile or a mapping whose rows come first; rows here replace those of the same path.
    #[schemars(with = "String", example = &"lattice")]
    pub extends: Option<Spanned<String>>,
    /// Rows for users: a SCIM attribute path, and where its value comes from.
    #[schemars(with = "BTreeMap<String, Row>", extend("propertyNames" = transform::path_names()))]
    pub user: BTreeMap<String, Declared<Row>>,
    /// Rows for groups: a SCIM attribute path, and where its value comes from.
    #[schemars(with = "BTreeMap<String, Row>", extend("propertyNames" = transform::path_names()))]
    pub group: BTreeMap<String, Declared<Row>>,
    /// The attributes by which existing resources at the target are recognised, the first that hits decides.
    /// A list for users, or `{ users, groups }`.
    #[serde(rename = "match")]
    #[schemars(with = "Match")]
    pub matching: Option<Spanned<Match>>,
    /// What the mapping is for. Never sent.
    #[schemars(with = "String")]
    pub description: Option<Spanned<String>>,
}

/// Ordered match attributes; `None` is the profile's order.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "MatchShape")]
pub struct Match {
    /// For users.
    pub users: Option<Vec<Spanned<String>>>,
    /// For groups.
    pub groups: Option<Vec<Spanned<String>>>,
}

/// The long form of the match order.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Match order by kind", rename = "MatchByKind", transform = transform::not_null, transform = transform::no_defaults)]
struct MatchForm {
    /// Attribute paths for users.
    #[schemars(with = "Vec<String>", length(min = 1), example = ["userName", "externalId"])]
    users: Option<Vec<Spanned<String>>>,
    /// Attribute paths for groups.
    #[schemars(with = "Vec<String>", length(min = 1), example = ["displayName"])]
    groups: Option<Vec<Spanned<String>>>,
}

impl JsonSchema for Match {
    fn schema_name() -> Cow<'static, str> {
        "Match".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<MatchForm>();
        json_schema!({
            "title": "Match order",
            "anyOf": [
                {
                    "type": "array",
                    "items": { "type": "string" },
                    "minItems": 1,
                    "description": "Attribute paths for users.",
                    "examples": [["userName", "externalId"]]
                },
                long
            ]
        })
    }
}

#[derive(Deserialize)]
#[serde(rename = "$scimform::Shape", rename_all = "camelCase")]
enum MatchShape {
    Sequence(Vec<Spanned<String>>),
    Mapping(MatchForm),
}

impl From<MatchShape> for Match {
    fn from(shape: MatchShape) -> Self {
        match shape {
            MatchShape::Sequence(users) => Self { users: Some(users), groups: None },
            MatchShape::Mapping(MatchForm { users, groups }) => Self { users, groups },
        }
    }
}

/// Where the value of one SCIM attribute comes from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "RowShape")]
pub enum Row {
    /// `null`: an inherited row of this path is taken out.
    #[default]
    TakenOut,
    /// An expression, sent whenever it differs.
    Expression(Expression),
    /// The long form.
    Full(FullRow),
}

/// A row with a constant, a secret, a default, or a rule when it is sent.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Row", transform = transform::no_defaults, transform = transform::value_or_const)]
pub struct FullRow {
    /// An expression.
    #[schemars(with = "Expression")]
    pub value: Option<Expression>,
    /// A value sent as it stands; `null` or `[]` empties the attribute.
    #[serde(rename = "const", deserialize_with = "present")]
    #[schemars(schema_with = "transform::anything")]
    pub constant: Option<Spanned<Value>>,
    /// Where the value is looked up when it is sent: for `password` alone, and at creation alone.
    #[schemars(with = "Secret")]
    pub secret: Option<Spanned<Secret>>,
    /// An expression that is taken when the value is undefined.
    #[schemars(with = "Expression")]
    pub default: Option<Expression>,
    /// When it is sent: whenever it differs (`always`, the default), or at creation alone (`onCreate`).
    pub apply: Apply,
}

/// When a row is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "When a row is sent", inline)]
pub enum Apply {
    /// At creation and whenever it differs.
    #[default]
    Always,
    /// At creation alone; never compared afterwards.
    OnCreate,
}

impl JsonSchema for Row {
    fn schema_name() -> Cow<'static, str> {
        "Row".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let expression = generator.subschema_for::<Expression>();
        let full = generator.subschema_for::<FullRow>();
        json_schema!({
            "title": "Mapping row",
            "description": "An expression, `{ value | const | secret, default, apply }`, or `null` to take an inherited row out.",
            "anyOf": [expression, full, { "type": "null", "description": "Takes an inherited row out." }]
        })
    }
}

#[derive(Deserialize)]
#[serde(rename = "$scimform::Shape", rename_all = "camelCase")]
enum RowShape {
    Null(()),
    Scalar(Expression),
    Mapping(FullRow),
}

impl From<RowShape> for Row {
    fn from(shape: RowShape) -> Self {
        match shape {
            RowShape::Null(()) => Self::TakenOut,
            RowShape::Scalar(expression) => Self::Expression(expression),
            RowShape::Mapping(full) => Self::Full(full),
        }
    }
}

/// `const: null` is a constant, not its absence.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<Value>>, D::Error> {
    Spanned::deserialize(deserializer).map(Some)
}
