//! Step 3: which live resource it is.

use std::fmt::Write as _;

use super::{Found, Matched};
use crate::desired::DesiredResource;
use crate::live::LiveResource;
use crate::live::matching::{Matches, asserted_text};
use crate::plan::{PlanInput, match_rules};
use crate::scim::ResourceKind;

/// How the live resource of a key was found, and the resource.
pub(super) fn matched<'a>(
    input: &PlanInput<'a>,
    matches: &Matches,
    kind: ResourceKind,
    key: &str,
    resource: Option<&DesiredResource>,
) -> (Matched, Option<&'a LiveResource>) {
    let (list, trust) = (input.live.of(kind), input.live.trust.of(kind));
    let rules = match_rules(input.directory, input.target);
    let rules = rules.of(kind);
    if let Some(problem) = matches.errors.iter().find(|problem| problem.kind == kind && problem.key == key) {
        return (Matched { found: Found::Error, id: None, words: problem.message.clone() }, None);
    }
    let entry = input.ledger.of(kind).get(key);
    let of = matches.of(kind);
    let by_entry = || entry.and_then(|entry| list.iter().find(|one| one.id == entry.id));
    if let Some(one) = of.places.get(key).and_then(|place| list.get(*place)) {
        let by = of.by.get(key).and_then(|number| rules.get(*number));
        let words = by.zip(resource).map(|(rule, resource)| {
            let value = asserted_text(resource, rule).unwrap_or_default();
            format!("the match rule `{rule}` = \"{value}\"")
        });
        let found = if words.is_some() { Found::Rule } else { Found::Ledger };
        let words = words.unwrap_or_else(|| "the ledger, which has its id from an earlier apply".to_owned());
        return (Matched { found, id: Some(one.id.clone()), words }, Some(one));
    }
    if let (None, Some(one)) = (resource, by_entry()) {
        let words =
            "the ledger, which has its id from an earlier apply; it is no longer given to this target".to_owned();
        return (Matched { found: Found::Ledger, id: Some(one.id.clone()), words }, Some(one));
    }
    let mut words = match resource {
        None => "nothing was looked for: it is not given to this target".to_owned(),
        Some(resource) => {
            let sought: Vec<String> = rules
                .iter()
                .filter_map(|rule| Some(format!("`{rule}` = \"{}\"", asserted_text(resource, rule)?)))
                .collect();
            format!("nothing has {}", sought.join(" or "))
        }
    };
    if let Some(entry) = entry {
        let _ = write!(words, "; the ledger has the id {}, which was not seen", entry.id);
    }
    if let Some(why) = trust.short() {
        let _ = write!(words, "; not everything was read: {why}");
    }
    (Matched { found: Found::Nothing, id: None, words }, None)
}
