//! Vendors' capabilities and quirks, as data: one YAML file per vendor under `builtin/`, each fact overridable
//! by `targets.<t>.capabilities`. Code never asks which vendor it talks to, only what the profile says.

mod builtin;
mod form;
mod model;
mod obstacle;
mod overrides;
mod pin;
mod rules;
mod schema;
mod setting;

pub use builtin::{builtin, names, suggest};
pub use model::{
    AuthForm, Capabilities, Clear, Confidence, DefaultMapping, Deletion, Form, Hints, MemberRemoval, MemberWrite,
    MembersShown, Paging, Profile, Quirk, Rate, Resources, WriteVerb,
};
pub use obstacle::Obstacle;
pub use rules::{AttributeRule, AttributeRules, Coupling, Normalised};
pub use schema::json_schema;
pub use setting::Setting;

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

    /// Whether there is a fact of this dotted name. What follows the name of a list or of a mapping is an attribute's path.
    pub fn has_fact(&self, fact: &str) -> bool {
        let Ok(facts) = serde_json::to_value(self) else { return false };
        let mut at = &facts;
        let mut rest = fact;
        while !rest.is_empty() {
            let (name, more) = rest.split_once('.').unwrap_or((rest, ""));
            at = match at {
                serde_json::Value::Array(items) => {
                    return items.iter().any(|item| *item == rest || item.get("path").is_some_and(|path| path == rest));
                }
                serde_json::Value::Object(parts) if parts.contains_key(rest) => return true,
                serde_json::Value::Object(parts) => match parts.get(name) {
                    Some(part) => part,
                    None => return false,
                },
                _ => return false,
            };
            rest = more;
        }
        true
    }

    /// Whether a fact was read in the vendor's own text, or is what the user wrote in place of the profile's. One that was
    /// neither never justifies a removal. The facts on which one could rest are these; each is asked for where it counts:
    ///
    /// - `capabilities.paging`: that one answer is the whole list (`none`), or that no further cursor means the end
    ///   (`cursor`). Unverified, a list is complete only where the answer's own `totalResults` says so.
    /// - `capabilities.inactiveListed`: that who is not in a list is not there. Unverified or `false`, whom we deactivated
    ///   is asked for by id before the ledger gives the account up.
    /// - `capabilities.synthetic` makes lists incomplete and so needs no proof.
    /// - `attributes.defaults.active` never counts as a sign of an ended access: only an account that shows `active: false`
    ///   itself is deleted after `onRemove.deleteAfter`.
    /// - `capabilities.members`: a group that shows no members has none to remove, so nothing is removed on its word.
    pub fn is_verified(&self, fact: &str) -> bool {
        self.confidence(fact) == Confidence::Verified
    }
}
