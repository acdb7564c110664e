//! Step 3: which live resource it is.

use std::fmt::Write as _;

use super::{Found, Matched};
use crate::desired::DesiredResource;
use crate::live::matching::{Rules, asserted_text, match_all};
use crate::live::{Completeness, Live, LiveResource};
use crate::plan::{PlanInput, match_rules};
use crate::scim::ResourceKind;

/// How the live resource of a key was found, and the resource.
pub(super) fn matched<'a>(
    input: &PlanInput<'_>,
    live: &'a Live,
    kind: ResourceKind,
    key: &str,
    resource: Option<&DesiredResource>,
) -> (Matched, Option<&'a LiveResource>) {
    let [users, groups] =
        [ResourceKind::User, ResourceKind::Group].map(|kind| match_rules(input.directory, input.target, kind));
    let known = &input.ledger.known();
    let matches =
        match_all(input.desired, live, known, Rules { users: &users, groups: &groups }, &input.target.profile);
    let (list, rules, complete) = match kind {
        ResourceKind::User => (&live.users, &users, &live.users_complete),
        ResourceKind::Group => (&live.groups, &groups, &live.groups_complete),
    };
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
    if let Completeness::Incomplete(why) = complete {
        let _ = write!(words, "; not everything was read: {why}");
    }
    (Matched { found: Found::Nothing, id: None, words }, None)
}
