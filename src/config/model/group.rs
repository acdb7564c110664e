//! Groups.

use std::borrow::Cow;

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::{Custom, Expression, transform};
use crate::scim::Value;
use crate::source::Spanned;

/// A group: people named one by one, nested groups, and a rule; whoever any of the three gives is a member.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(title = "Group", transform = transform::not_null, transform = transform::no_defaults)]
pub struct Group {
    /// The name for people, as targets show it. The key if left out.
    #[schemars(with = "String", example = &"Engineering")]
    pub display_name: Option<Spanned<String>>,
    /// The name by which targets know this group in our system. The key if left out, where the mapping sends it.
    #[schemars(with = "String", example = &"engineering")]
    pub external_id: Option<Spanned<String>>,
    /// What the group is for. Never sent unless mapped.
    #[schemars(with = "String", example = &"Everyone who ships code")]
    pub description: Option<Spanned<String>>,
    /// People named one by one: a user key, or `{ user: KEY, until: DATE }`.
    #[schemars(with = "Vec<Member>", example = ["ada"])]
    pub members: Vec<Spanned<Member>>,
    /// Keys of groups within this one: their members are members here too.
    #[schemars(with = "Vec<String>", example = ["platform"])]
    pub groups: Vec<Spanned<String>>,
    /// Whether its members can do harm (administrators, payroll): reviews name who comes and goes here first. Never sent.
    #[schemars(with = "bool", example = &true)]
    pub privileged: Option<Spanned<bool>>,
    /// A condition over `user`: everyone for whom it holds is a member.
    #[serde(rename = "where")]
    #[schemars(with = "Expression", example = &"user.department == \"Engineering\"")]
    pub rule: Option<Expression>,
    /// Attributes of your own, for expressions (`group.custom.costCode`).
    #[schemars(with = "Custom")]
    pub custom: Option<Spanned<Value>>,
    /// Former keys of this group. Write the old key here when you rename one, or targets see a new group.
    #[schemars(with = "Vec<String>", example = ["dev-team"])]
    pub previously: Vec<Spanned<String>>,
}

/// A person named as a member.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "MemberShape")]
pub struct Member {
    /// The user's key.
    pub user: Spanned<String>,
    /// Last day of the membership, UTC.
    pub until: Option<Spanned<Date>>,
}

/// The long form of a member.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Member for a time", rename = "MemberUntil", transform = transform::not_null, transform = transform::no_defaults)]
struct MemberForm {
    /// The user's key.
    #[schemars(with = "String", example = &"grace")]
    user: Spanned<String>,
    /// The last day of the membership, in UTC.
    #[serde(default)]
    #[schemars(schema_with = "transform::date")]
    until: Option<Spanned<Date>>,
}

impl JsonSchema for Member {
    fn schema_name() -> Cow<'static, str> {
        "Member".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<MemberForm>();
        json_schema!({
            "title": "Member",
            "description": "A user key, or `{ user: KEY, until: DATE }` for a membership that ends.",
            "anyOf": [{ "type": "string", "title": "User key", "minLength": 1, "examples": ["ada"] }, long]
        })
    }
}

#[derive(Deserialize)]
#[serde(rename = "$scimform::Shape", rename_all = "camelCase")]
enum MemberShape {
    Scalar(Spanned<String>),
    Mapping(MemberForm),
}

impl From<MemberShape> for Member {
    fn from(shape: MemberShape) -> Self {
        match shape {
            MemberShape::Scalar(user) => Self { user, until: None },
            MemberShape::Mapping(MemberForm { user, until }) => Self { user, until },
        }
    }
}
