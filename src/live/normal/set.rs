//! Multi-valued attributes as sets (E5, E6, E22).

use std::collections::HashMap;

use super::Comparison;
use super::element::{Element, Ignore};
use crate::scim::Value;

/// Whether each side holds all of the other, whatever the order and however often. Elements are found by their
/// normalised `value`, so that long lists cost no more than their length; those without one (addresses) are few.
pub(super) fn same(comparison: &Comparison, desired: &[Element<'_>], live: &[Element<'_>]) -> bool {
    let ignore = Ignore {
        kind: live.iter().all(|element| element.get("type").is_none()),
        lone: desired.len() == 1 && live.len() == 1,
    };
    if let ([only], true) = (live, comparison.keeps_one) {
        // E45: the server keeps one of several, the primary one where there is such.
        let ignore = Ignore { lone: true, ..ignore };
        let primary = |element: &&Element<'_>| element.get("primary").and_then(Value::flag) == Some(true);
        let within = |wanted: &Element<'_>| wanted.is_within(only, comparison, ignore);
        return desired.iter().find(primary).map_or_else(|| desired.iter().any(within), within);
    }
    let rule = comparison.rule(Some("value"));
    let key = |element: &Element<'_>| element.main().map(|value| rule.text(&value));
    let mut by_value: HashMap<Option<String>, Vec<usize>> = HashMap::with_capacity(live.len());
    for (place, element) in live.iter().enumerate() {
        by_value.entry(key(element)).or_default().push(place);
    }
    let mut covered = vec![false; live.len()];
    for wanted in desired {
        let mut met = false;
        for place in by_value.get(&key(wanted)).into_iter().flatten() {
            let within = live.get(*place).is_some_and(|element| wanted.is_within(element, comparison, ignore));
            if let Some(slot) = covered.get_mut(*place).filter(|_| within) {
                *slot = true;
                met = true;
            }
        }
        if !met {
            return false;
        }
    }
    covered.into_iter().all(|met| met)
}
