//! Vendors' capabilities and quirks, as data: one YAML file per vendor under `builtin/`, each fact overridable
//! by `targets.<t>.capabilities`. Code never asks which vendor it talks to, only what the profile says.

mod builtin;
mod model;
mod overrides;

pub use builtin::{builtin, names, suggest};
pub use model::{
    AttributeRule, AttributeRules, AuthForm, Capabilities, Confidence, DefaultMapping, Deletion, MemberRemoval, Paging,
    Profile, Quirk, Rate, Resources, WriteVerb,
};

/// The known name that a wrong one was probably meant to be.
pub fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    (best.0 >= 0.8).then_some(best.1)
}
