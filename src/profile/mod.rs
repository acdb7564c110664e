//! Vendors' capabilities and quirks, as data: one YAML file per vendor under `builtin/`, each fact overridable
//! by `targets.<t>.capabilities`. Code never asks which vendor it talks to, only what the profile says.

mod builtin;
mod form;
mod model;
mod overrides;

pub use builtin::{builtin, names, suggest};
pub use model::{
    AttributeRule, AttributeRules, AuthForm, Capabilities, Clear, Confidence, Coupling, DefaultMapping, Deletion, Form,
    Hints, MemberRemoval, MembersShown, Normalised, Paging, Profile, Quirk, Rate, Resources, WriteVerb,
};

/// The known name that a wrong one was probably meant to be.
pub fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    (best.0 >= 0.8).then_some(best.1)
}

impl Profile {
    /// How sure a fact is, by its dotted name. What is said of a whole (`capabilities.rates`) holds for its parts, and
    /// what is said of a part (`attributes.createOnly.nickName`) for that part alone.
    pub fn confidence(&self, fact: &str) -> Confidence {
        let mut name = fact;
        loop {
            if let Some(confidence) = self.confidence.get(name) {
                return *confidence;
            }
            let Some((whole, _)) = name.rsplit_once('.') else { return Confidence::Verified };
            name = whole;
        }
    }

    /// Whether a fact was read in the vendor's own text. One that was not never justifies a removal.
    pub fn is_verified(&self, fact: &str) -> bool {
        self.confidence(fact) == Confidence::Verified
    }
}
