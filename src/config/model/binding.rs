//! Bindings.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{Expression, transform};
use crate::source::Spanned;

/// Gives people and groups to a target through a mapping.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Binding", transform = transform::not_null, transform = transform::no_defaults, extend("required" = ["target"]))]
pub struct Binding {
    /// Name of the target.
    #[schemars(with = "String", example = &"lattice")]
    pub target: Option<Spanned<String>>,
    /// Who gets access.
    #[schemars(with = "Assign")]
    pub assign: Spanned<Assign>,
    /// Groups that are created and filled at the target: keys of groups, or the word `assigned` for all of
    /// `assign.groups`. None if left out.
    pub push: Push,
    /// Whether a pushed group holds its members here and no others of ours (`exact`, the default), or members are only
    /// ever added (`additive`).
    #[schemars(with = "MembershipMode")]
    pub membership: Option<Spanned<MembershipMode>>,
    /// Name of the mapping. The default mapping of the target's profile if left out.
    #[schemars(with = "String", example = &"lattice-staff")]
    pub mapping: Option<Spanned<String>>,
    /// What the binding is for. Never sent.
    #[schemars(with = "String")]
    pub description: Option<Spanned<String>>,
}

/// How the members of a pushed group are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Membership", inline)]
pub enum MembershipMode {
    /// Those declared, and of others those who are not ours.
    #[default]
    Exact,
    /// Those declared are added, nobody is taken out.
    Additive,
}

/// Who gets access: members of the groups and the people named, of whom only those for whom the condition
/// holds; with a condition alone, everyone for whom it holds.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Assignment", transform = transform::not_null, transform = transform::no_defaults)]
pub struct Assign {
    /// Keys of groups whose members get access.
    #[schemars(with = "Vec<String>", example = ["everyone"])]
    pub groups: Vec<Spanned<String>>,
    /// Keys of users who get access.
    #[schemars(with = "Vec<String>", example = ["ada"])]
    pub users: Vec<Spanned<String>>,
    /// A condition over `user`.
    #[serde(rename = "where")]
    #[schemars(with = "Expression", example = &"user.userType != \"Intern\"")]
    pub rule: Option<Expression>,
}

/// Groups that are created and filled at the target.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "PushShape")]
pub enum Push {
    /// All of `assign.groups`.
    Assigned(Spanned<()>),
    /// These, by key; empty when nothing is written.
    Groups(Vec<Spanned<String>>),
}

impl Default for Push {
    fn default() -> Self {
        Self::Groups(Vec::new())
    }
}

impl JsonSchema for Push {
    fn schema_name() -> Cow<'static, str> {
        "Push".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "Pushed groups",
            "anyOf": [
                { "type": "string", "const": "assigned", "description": "All of `assign.groups`." },
                {
                    "type": "array",
                    "items": { "type": "string" },
                    "description": "Keys of groups.",
                    "examples": [["engineering"]]
                }
            ]
        })
    }
}

#[derive(Deserialize)]
#[serde(rename = "$scimform::Shape", rename_all = "camelCase")]
enum PushShape {
    Scalar(Spanned<PushWord>),
    Sequence(Vec<Spanned<String>>),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum PushWord {
    Assigned,
}

impl From<PushShape> for Push {
    fn from(shape: PushShape) -> Self {
        match shape {
            PushShape::Scalar(word) => Self::Assigned(word.map(|PushWord::Assigned| ())),
            PushShape::Sequence(groups) => Self::Groups(groups),
        }
    }
}
