//! How two single values are compared at a target.

use super::leaf::Leaf;
use crate::profile::Form;
use crate::scim::Value;

/// The attribute's rule, and the form in which the target stores its texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) leaf: Leaf,
    pub(super) form: Option<Form>,
}

impl Rule {
    /// Whether two values are the same once the target has stored them.
    pub(super) fn same(self, desired: &Value, live: &Value) -> bool {
        self.leaf.same(desired, live)
            || self
                .formed(desired)
                .zip(self.formed(live))
                .is_some_and(|(desired, live)| self.leaf.same(&desired, &live))
    }

    /// The text that stands for a value: equal texts are equal values.
    pub(super) fn text(self, value: &Value) -> String {
        self.formed(value).map_or_else(|| self.leaf.text(value).into_owned(), |formed| self.leaf.text(&formed).into())
    }

    /// The text under which a value is matched.
    pub(super) fn match_text(self, value: &Value) -> String {
        self.formed(value).map_or_else(|| self.leaf.match_text(value), |formed| self.leaf.match_text(&formed))
    }

    fn formed(self, value: &Value) -> Option<Value> {
        let text = value.as_str()?;
        self.form.map(|form| Value::from(form.apply(text).into_owned()))
    }
}
