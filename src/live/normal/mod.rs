//! One normaliser for both sides: when does a desired value say the same as what is live?
//!
//! A server may legally alter what it is sent (RFC 7644 section 3.3), so that equal JSON is never the test. A
//! [`Comparison`] is made once per attribute path and target, and then used for everyone.

mod blank;
mod element;
mod facts;
mod handling;
mod leaf;
mod place;
mod rule;
mod set;
mod texts;

#[cfg(test)]
mod tests;

pub use blank::is_blank;
pub use handling::{Handling, covers};
pub use place::Found;

use std::sync::LazyLock;

use crate::profile::{AttributeRules, Profile};
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Schemas};
use crate::scim::{ResourceKind, Value};

use element::Element;
use facts::Facts;
use leaf::Leaf;
use place::Places;
use rule::Rule;

/// What a profile says about an attribute. Its `displayName` is a person's: that of a group is the group's own name.
fn rules_for<'a>(profile: &'a Profile, kind: ResourceKind, path: &AttrPath) -> &'a AttributeRules {
    static NONE: LazyLock<AttributeRules> = LazyLock::new(AttributeRules::default);
    let name = kind == ResourceKind::Group && path.is_core() && path.attribute.eq_ignore_ascii_case("displayName");
    if name { &NONE } else { &profile.attributes }
}

/// How one attribute path of a kind of resource is read and compared at a target.
#[derive(Debug)]
pub struct Comparison {
    path: AttrPath,
    places: Places,
    leaf: Leaf,
    facts: Facts,
    definition: Option<&'static Attribute>,
    many: bool,
    keeps_one: bool,
    handling: Handling,
    disguised: bool,
    leader: Option<Box<Comparison>>,
}

impl Comparison {
    /// The comparison for a path, by the attribute's characteristics (RFC 7643 section 7) and the target's profile.
    pub fn new(profile: &Profile, kind: ResourceKind, path: &AttrPath) -> Self {
        let mut coupled = rules_for(profile, kind, path).coupled.iter();
        let coupled = coupled.find(|pair| facts::is_same_part(&pair.path, path));
        let leader = coupled.map(|pair| Box::new(Self::alone(profile, kind, &pair.to)));
        Self { leader, ..Self::alone(profile, kind, path) }
    }

    /// The comparison without the attribute that this one follows.
    fn alone(profile: &Profile, kind: ResourceKind, path: &AttrPath) -> Self {
        let schemas = Schemas::core(kind);
        let definition = schemas.attribute(&path.parent());
        let leaf = Leaf::of(path, path.sub.as_deref(), definition);
        let rules = rules_for(profile, kind, path);
        Self {
            places: Places::new(profile, path),
            leaf,
            facts: Facts::new(rules, path),
            definition,
            many: definition.is_some_and(|attribute| attribute.multi_valued),
            keeps_one: handling::names(&rules.single_valued, path),
            handling: Handling::of(rules, kind, path, definition),
            disguised: handling::touches(&rules.disguised_when_inactive, path),
            leader: None,
            path: path.clone(),
        }
    }

    /// The path that is compared.
    pub fn path(&self) -> &AttrPath {
        &self.path
    }

    /// How far the target lets us write and compare the attribute.
    pub fn handling(&self) -> Handling {
        self.handling
    }

    /// Other places at which the target may show the attribute, by the profile's aliases.
    pub fn elsewhere(&self) -> &[AttrPath] {
        self.places.elsewhere()
    }

    /// What is live at the path, at the target's other place for it (E10, E51), or under a flat dotted key (E11); without elements
    /// that are the target's own.
    pub fn find<'a>(&self, attributes: &'a crate::scim::Object) -> Found<'a> {
        let found = self.places.find(attributes, &self.facts);
        match &found {
            Found::One(Value::Array(items)) if items.iter().any(|item| self.facts.is_theirs(item, self.definition)) => {
                let ours = items.iter().filter(|item| !self.facts.is_theirs(item, self.definition));
                Found::Made(Value::Array(ours.cloned().collect()))
            }
            _ => found,
        }
    }

    /// Whether the target shows the attribute in disguise while a user is inactive (E48).
    pub fn is_disguised(&self) -> bool {
        self.disguised
    }

    /// Whether the target keeps one element of several (E45).
    pub fn keeps_one(&self) -> bool {
        self.keeps_one
    }

    /// The attribute that the target keeps this one equal to, whatever is sent (E28).
    pub fn leader(&self) -> Option<&Comparison> {
        self.leader.as_deref()
    }

    /// The one value that an attribute which follows takes over: the primary one of several, else the first.
    pub fn leading(&self, found: &Found<'_>) -> Option<Value> {
        let elements = found.elements();
        let primary = |element: &&Element<'_>| element.get("primary").and_then(Value::flag) == Some(true);
        let element = elements.iter().find(primary).or_else(|| elements.first())?;
        element.main().map(std::borrow::Cow::into_owned)
    }

    /// Whether what is live is what the target fills in of its own accord, or nothing (E32).
    pub fn is_default(&self, live: &Found<'_>) -> bool {
        let value = live.value();
        let by_default = |sub: Option<&str>, value: &Value| {
            self.facts.default(sub).is_some_and(|default| self.rule(sub).same(default, value))
        };
        match (self.facts.default(self.path.sub.as_deref()), &*value) {
            (Some(default), _) => self.same(default, live),
            (None, Value::Object(object)) => object
                .iter()
                .all(|(name, value)| self.facts.is_nothing(Some(name), value) || by_default(Some(name), value)),
            (None, _) => false,
        }
    }

    /// Whether a desired value says the same as what was found. Only asserted sub-attributes are compared.
    pub fn same(&self, desired: &Value, live: &Found<'_>) -> bool {
        let live_blank = live.is_blank();
        let desired_blank = self.facts.is_nothing(self.path.sub.as_deref(), desired);
        if desired_blank || live_blank {
            return if desired_blank { live_blank } else { self.same_left_out(desired) };
        }
        if self.many && self.path.sub.is_none() {
            return set::same(self, &Element::all(desired), &live.elements());
        }
        match desired {
            Value::Array(items) => {
                set::same(self, &items.iter().filter_map(Element::new).collect::<Vec<_>>(), &live.elements())
            }
            Value::Object(_) => self.same_complex(desired, live),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                live.elements().iter().any(|element| {
                    element.main().is_some_and(|value| self.rule(self.path.sub.as_deref()).same(desired, &value))
                })
            }
        }
    }

    /// A value against nothing: `active` left out means true (E29), any other boolean left out means false (E19).
    fn same_left_out(&self, desired: &Value) -> bool {
        desired.as_bool().is_some_and(|flag| self.leaf == Leaf::Boolean && flag == self.is_active())
    }

    fn same_complex(&self, desired: &Value, live: &Found<'_>) -> bool {
        let Some(wanted) = Element::new(desired) else {
            return live.is_blank();
        };
        let elements = live.elements();
        elements.iter().any(|element| wanted.is_within(element, self, element::Ignore::default()))
    }

    fn is_active(&self) -> bool {
        self.path.is_core() && self.path.sub.is_none() && self.path.attribute.eq_ignore_ascii_case("active")
    }

    /// The rule for a sub-attribute of this attribute, or for its own value.
    fn rule(&self, sub: Option<&str>) -> Rule {
        let leaf = if sub == self.path.sub.as_deref() { self.leaf } else { Leaf::of(&self.path, sub, self.definition) };
        Rule { leaf, form: self.facts.form(sub) }
    }

    /// Whether only the server writes a sub-attribute, such as `manager.displayName` (RFC 7643 section 4.3).
    fn is_server_sub(&self, sub: &str) -> bool {
        self.definition
            .and_then(|attribute| attribute.sub(sub))
            .is_some_and(|sub| sub.mutability == crate::scim::schema::Mutability::ReadOnly)
    }

    /// Texts under which a value is looked for when matching: equal texts are a match. Case is folded unless the
    /// attribute is case-exact (E14, E16, E17), white space around it is no part of it (E38).
    pub fn match_keys(&self, value: &Found<'_>) -> Vec<String> {
        let mut keys: Vec<String> = value
            .elements()
            .iter()
            .filter_map(Element::main)
            .filter(|value| !self.facts.is_nothing(self.path.sub.as_deref(), value))
            .map(|value| self.rule(self.path.sub.as_deref()).match_text(&value))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The live value cut down to what a desired value asserts: only its sub-attributes, only where it has some.
    pub fn project(&self, desired: &Value, live: &Found<'_>) -> Value {
        match desired {
            Value::Array(items) => {
                let subs: Vec<&str> = items
                    .iter()
                    .filter_map(Value::as_object)
                    .flat_map(|object| object.iter().map(|(name, _)| name))
                    .collect();
                Value::Array(live.elements().iter().map(|element| element.cut(&subs)).collect())
            }
            Value::Object(object) => {
                let subs: Vec<&str> = object.iter().map(|(name, _)| name).collect();
                live.elements().first().map_or(Value::Null, |element| element.cut(&subs))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => live.to_value(),
        }
    }
}
