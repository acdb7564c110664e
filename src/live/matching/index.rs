//! Live resources by the normalised value of one match attribute.

use std::collections::HashMap;

use crate::desired::{Asserted, DesiredResource};
use crate::live::LiveResource;
use crate::live::normal::{Comparison, Found};
use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

use super::former_texts;

/// Places of live resources by id; of a repeated id the first.
pub(super) fn by_id(live: &[LiveResource]) -> HashMap<&str, usize> {
    let mut ids = HashMap::with_capacity(live.len());
    for (place, resource) in live.iter().enumerate() {
        ids.entry(resource.id.as_str()).or_insert(place);
    }
    ids
}

/// One match rule with the live resources it can hit. The hash is the standard one: its keys come from a server.
pub(super) struct Index {
    comparison: Comparison,
    places: HashMap<String, Vec<usize>>,
}

impl Index {
    /// The indexes of all rules, in their order.
    pub(super) fn all(profile: &Profile, kind: ResourceKind, rules: &[AttrPath], live: &[LiveResource]) -> Vec<Self> {
        let ids = by_id(live);
        rules.iter().map(|rule| Self::new(Comparison::new(profile, kind, rule), live, &ids)).collect()
    }

    fn new(comparison: Comparison, live: &[LiveResource], ids: &HashMap<&str, usize>) -> Self {
        let mut places: HashMap<String, Vec<usize>> = HashMap::with_capacity(live.len());
        for (place, resource) in
            live.iter().enumerate().filter(|(place, live)| ids.get(live.id.as_str()) == Some(place))
        {
            for key in comparison.match_keys(&comparison.find(&resource.attributes)) {
                places.entry(key).or_default().push(place);
            }
        }
        Self { comparison, places }
    }

    /// The attribute.
    pub(super) fn path(&self) -> &AttrPath {
        self.comparison.path()
    }

    /// Places that hold the value which is asserted at the rule's attribute, each once, in order.
    pub(super) fn hits(&self, desired: &DesiredResource) -> Vec<usize> {
        self.places_of(&desired_keys(&self.comparison, desired))
    }

    /// Places that hold a value which a former key had at the rule's attribute, each once, in order.
    pub(super) fn former_hits(&self, desired: &DesiredResource) -> Vec<usize> {
        let former = former_texts(desired, self.path()).iter().map(|key| Value::from(key.as_str()));
        let keys: Vec<String> = former.flat_map(|value| self.comparison.match_keys(&Found::One(&value))).collect();
        self.places_of(&keys)
    }

    fn places_of(&self, keys: &[String]) -> Vec<usize> {
        let mut hits: Vec<usize> = keys.iter().filter_map(|key| self.places.get(key)).flatten().copied().collect();
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

/// The match texts of what is asserted at a rule's path: by the row of that very path, else read out of the rows that
/// assert something of the same attribute (`emails` for the rule `emails[type eq "work"].value`).
pub(super) fn desired_keys(comparison: &Comparison, desired: &DesiredResource) -> Vec<String> {
    let rule = comparison.path();
    let mut object = Object::new();
    for assertion in &desired.assertions {
        let Asserted::Value(value) = &assertion.value else {
            continue;
        };
        if assertion.path.same(rule) {
            return comparison.match_keys(&Found::One(value));
        }
        if assertion.path.attribute.eq_ignore_ascii_case(&rule.attribute) {
            assertion.path.assign(&mut object, value.clone());
        }
    }
    comparison.match_keys(&comparison.find(&object))
}
