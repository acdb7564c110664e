//! One normaliser for both sides: when does a desired value say the same as what is live?
//!
//! A server may legally alter what it is sent (RFC 7644 section 3.3), so that equal JSON is never the test. A
//! [`Comparison`] is made once per attribute path and target, and then used for everyone.

mod blank;
mod element;
mod handling;
mod leaf;
mod place;
mod set;
mod texts;

#[cfg(test)]
mod tests;

pub use blank::is_blank;
pub use handling::{Handling, covers};
pub use place::Found;

use crate::profile::Profile;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Attribute, Schemas};
use crate::scim::{ResourceKind, Value};

use element::Element;
use leaf::Leaf;
use place::Places;

/// Whether an asserted value says the same as what is live at a path. `live` is the value as it stands at the path
/// (what [`Comparison::find`] finds); `None` is unassigned. For more than one resource, make a [`Comparison`] once.
pub fn same(profile: &Profile, kind: ResourceKind, path: &AttrPath, desired: &Value, live: Option<&Value>) -> bool {
    Comparison::new(profile, kind, path).same(desired, &live.map_or(Found::Nothing, Found::One))
}

/// How one attribute path of a kind of resource is read and compared at a target.
#[derive(Debug)]
pub struct Comparison {
    path: AttrPath,
    places: Places,
    leaf: Leaf,
    definition: Option<&'static Attribute>,
    many: bool,
    keeps_one: bool,
    handling: Handling,
}

impl Comparison {
    /// The comparison for a path, by the attribute's characteristics (RFC 7643 section 7) and the target's profile.
    pub fn new(profile: &Profile, kind: ResourceKind, path: &AttrPath) -> Self {
        let schemas = Schemas::core(kind);
        let definition = schemas.attribute(&path.parent());
        let leaf = Leaf::of(path, path.sub.as_deref(), definition);
        let listed = |paths: &[String]| handling::names(paths, path);
        Self {
            places: Places::new(profile, path),
            leaf,
            definition,
            many: definition.is_some_and(|attribute| attribute.multi_valued),
            keeps_one: listed(&profile.attributes.single_valued),
            handling: Handling::of(profile, path, definition),
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

    /// What is live at the path, at the target's other place for it (E10, E51), or under a flat dotted key (E11).
    pub fn find<'a>(&self, attributes: &'a crate::scim::Object) -> Found<'a> {
        self.places.find(attributes)
    }

    /// Whether a desired value says the same as what was found. Only asserted sub-attributes are compared.
    pub fn same(&self, desired: &Value, live: &Found<'_>) -> bool {
        let live_blank = live.is_blank();
        if is_blank(desired) || live_blank {
            return self.same_blank(desired, live_blank);
        }
        if self.many && self.path.sub.is_none() {
            return set::same(self, &Element::all(desired), &live.elements());
        }
        match desired {
            Value::Array(items) => {
                set::same(self, &items.iter().filter_map(Element::new).collect::<Vec<_>>(), &live.elements())
            }
            Value::Object(_) => self.same_complex(desired, live),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => live
                .elements()
                .iter()
                .any(|element| element.main().is_some_and(|value| self.leaf.same(desired, &value))),
        }
    }

    /// Unassigned on at least one side: two kinds of nothing are equal (E1, E2); `active` left out means true (E29),
    /// any other boolean left out means false (E19).
    fn same_blank(&self, desired: &Value, live_blank: bool) -> bool {
        if is_blank(desired) {
            return live_blank;
        }
        match desired.as_bool() {
            Some(flag) if self.leaf == Leaf::Boolean => flag == self.is_active(),
            _ => false,
        }
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

    /// The rule for a sub-attribute of this attribute.
    fn sub_leaf(&self, sub: &str) -> Leaf {
        Leaf::of(&self.path, Some(sub), self.definition)
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
            .filter(|value| !is_blank(value))
            .map(|value| self.leaf.match_text(&value))
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
