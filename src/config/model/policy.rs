//! Policies.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Expression, transform};
use crate::source::Spanned;

/// A rule of your own. One of `deny` and `warn` says when it is broken.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(
    title = "Policy",
    transform = transform::not_null,
    transform = transform::no_defaults,
    transform = transform::deny_or_warn,
    extend("required" = ["name", "on"])
)]
pub struct Policy {
    /// The name that plans and errors show.
    #[schemars(with = "String", length(min = 1), example = &"company addresses only")]
    pub name: Spanned<String>,
    /// What the condition sees: each declared `user`, each declared `group`, or each planned `change`.
    #[schemars(with = "Subject")]
    pub on: Option<Spanned<Subject>>,
    /// Where this holds, the plan is refused.
    #[schemars(with = "Expression", example = &"not (user.emails | primary | endsWith(\"@acme.example\"))")]
    pub deny: Option<Expression>,
    /// Where this holds, the plan says so.
    #[schemars(with = "Expression")]
    pub warn: Option<Expression>,
    /// What people are told when it is broken.
    #[schemars(with = "String", example = &"People need an address at acme.example.")]
    pub message: Option<Spanned<String>>,
}

/// What a policy looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "Subject of a policy", inline)]
pub enum Subject {
    /// Each declared person, as `user`.
    #[default]
    User,
    /// Each declared group, as `group`.
    Group,
    /// Each planned change, as `change`.
    Change,
}
