//! Vendors' capabilities and quirks, as data: one YAML file per vendor under `builtin/`, each fact overridable
//! by `targets.<t>.capabilities`. Code never asks which vendor it talks to, only what the profile says.

mod model;

pub use model::{
    AttributeRule, AttributeRules, AuthForm, Capabilities, Confidence, DefaultMapping, Deletion, MemberRemoval, Paging,
    Profile, Quirk, Rate, Resources, WriteVerb,
};
