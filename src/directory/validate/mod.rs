//! From the user's words to the validated model: every rule about meaning, one family a file. All problems are found
//! in one run; what is wrong is left out of the model, so that one mistake does not make others appear.

mod bindings;
mod conflicts;
mod cycles;
mod dates;
mod expressions;
mod facts;
mod identity;
mod ledger;
mod mappings;
mod matching;
mod names;
mod people;
mod profiles;
mod references;
mod rows;
mod rules;
mod same;
mod servers;
mod single;
mod targets;
#[cfg(test)]
mod tests;
mod text;
mod unmapped;
mod unused;
mod values;

pub(crate) use facts::contradictions;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::model::Config;
use crate::diag::Diagnostics;
use crate::profile::{self, Profile};
use crate::source::{SourceMap, Span};

use super::Directory;

/// What every rule works with.
pub(super) struct Check<'a> {
    config: &'a Config,
    sources: &'a SourceMap,
    /// Names under `custom`.
    custom: names::Custom,
    /// Attributes that live resources of the target at hand have besides those of the RFC.
    vendors: BTreeSet<String>,
    /// Expressions that are reported as failing already.
    failed: BTreeSet<Span>,
    /// Profiles that the files declare.
    profiles: BTreeMap<String, Arc<Profile>>,
    found: Diagnostics,
}

impl Check<'_> {
    /// The profile of a name: one that comes with scimform, or one declared.
    fn profile(&self, name: &str) -> Option<Arc<Profile>> {
        profile::builtin(name).or_else(|| self.profiles.get(name).cloned())
    }

    /// Names of all profiles.
    fn profile_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.config.profiles.keys().map(String::as_str).collect();
        for name in profile::names() {
            names.push(name);
        }
        names
    }
}

/// Turns what the files declare into the model. The model is `None` when there are errors; warnings leave it be.
/// Everything is linear in people, but for rules: each `where` is evaluated once per person.
pub fn validate(mut config: Config, sources: &SourceMap) -> (Option<Directory>, Diagnostics) {
    let users = people::user_keys(&config);
    let mut check = Check {
        config: &config,
        sources,
        custom: names::Custom::of(&config),
        vendors: BTreeSet::new(),
        failed: BTreeSet::new(),
        profiles: BTreeMap::new(),
        found: Diagnostics::default(),
    };
    let meant = references::check(&mut check);
    cycles::check(&mut check);
    profiles::build(&mut check);
    identity::check(&mut check);
    dates::check(&mut check);
    text::check(&mut check);
    unused::check(&mut check, meant);
    let ledger = ledger::check(&mut check);
    let compiled = expressions::compile(&mut check);
    let targets = targets::build(&mut check);
    servers::check(&mut check, &targets);
    let mut mappings = mappings::compile(&mut check);
    let bindings = bindings::build(&mut check, &targets, &mut mappings, compiled.bindings);
    let groups = people::groups(&mut check, compiled.groups);
    let (mut found, failed, profiles) = (check.found, check.failed, check.profiles);
    let users = people::build(std::mem::take(&mut config.users), &users);
    let mut directory = Directory { users, groups, targets, bindings, profiles, policies: compiled.policies, ledger };
    rules::evaluate(&mut directory, sources, &mut found);
    rows::check(&directory, sources, failed, &mut found);
    values::check(&directory, &mut found);
    single::check(&directory, &mut found);
    conflicts::check(&directory, &mut found);
    unmapped::check(&directory, &config, &mut found);
    let valid = (!found.has_errors()).then_some(directory);
    (valid, found)
}
