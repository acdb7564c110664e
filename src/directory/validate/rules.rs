//! Evaluates every `where` once per person, so that nothing later has to.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::expressions;
use crate::diag::Diagnostics;
use crate::directory::{Directory, User, UserKey};
use crate::mapping::{Context, Expression, ExpressionError};
use crate::source::SourceMap;

/// What one person gives for each rule.
type Verdicts = Vec<Result<bool, ExpressionError>>;

/// Fills in who matches which rule. A rule that fails for someone is reported once, with the first such person by key.
pub(super) fn evaluate(directory: &mut Directory, sources: &SourceMap, found: &mut Diagnostics) {
    let of_groups = directory.groups.values().filter_map(|group| group.rule.as_ref());
    let of_bindings = directory.bindings.values().filter_map(|binding| binding.rule.as_ref());
    // Rules of the same text match the same people.
    let mut rules: BTreeMap<&str, &Expression> = BTreeMap::new();
    for rule in of_groups.chain(of_bindings) {
        rules.entry(rule.text()).or_insert(rule);
    }
    if rules.is_empty() {
        return;
    }
    let people: Vec<&User> = directory.users.values().collect();
    let verdicts: Vec<Verdicts> = people.par_iter().map(|user| verdicts(user, &rules)).collect();
    let mut matching: BTreeMap<String, BTreeSet<UserKey>> = BTreeMap::new();
    for (index, (text, rule)) in rules.iter().enumerate() {
        let mut matches = BTreeSet::new();
        let mut failed = false;
        for (user, verdict) in people.iter().zip(&verdicts).filter_map(|(user, all)| Some((user, all.get(index)?))) {
            match verdict {
                Ok(true) => {
                    matches.insert(user.key.clone());
                }
                Err(error) if !failed => {
                    failed = true;
                    let message = format!("this fails for `{}`: {}", user.key, error.message);
                    let diagnostic = expressions::diagnostic(sources, rule, error, message);
                    found.extend(diagnostic.map(|found| found.label(user.origin, "this person")));
                }
                Ok(false) | Err(_) => {}
            }
        }
        matching.insert((*text).to_owned(), matches);
    }
    let of = |rule: &Option<Expression>| {
        rule.as_ref().and_then(|rule| matching.get(rule.text())).cloned().unwrap_or_default()
    };
    for group in directory.groups.values_mut() {
        group.matching = of(&group.rule);
    }
    for binding in directory.bindings.values_mut() {
        binding.matching = of(&binding.rule);
    }
}

fn verdicts(user: &User, rules: &BTreeMap<&str, &Expression>) -> Verdicts {
    let context = Context::user(&user.attributes);
    rules.values().map(|rule| rule.test(&context)).collect()
}
