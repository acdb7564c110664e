//! What a target's plan is made from.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::desired::Desired;
use crate::directory::{Directory, Target};
use crate::ledger::{Hasher, TargetLedger};
use crate::live::Live;
use crate::live::matching::MatchRules;
use crate::source::{SourceMap, Span};

use super::Origin;

/// Both sides of one target, and what explains them.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// The target.
    pub target: &'a Target,
    /// What the repository implies for it.
    pub desired: &'a Desired,
    /// What it answered.
    pub live: &'a Live,
    /// What we manage there.
    pub ledger: &'a TargetLedger,
    /// Makes the ledger's hashes.
    pub hasher: &'a Hasher,
    /// Everything declared.
    pub directory: &'a Directory,
    /// The files, for places.
    pub sources: &'a SourceMap,
    /// The day of the plan.
    pub as_of: Date,
    /// Keys to which the plan is restricted.
    pub only: Option<&'a BTreeSet<String>>,
}

impl PlanInput<'_> {
    /// A place as the plan shows it.
    pub(super) fn origin(&self, span: Span) -> Option<Origin> {
        let location = self.sources.location(span);
        (!location.file.is_empty()).then(|| Origin { file: location.file.to_string(), line: location.line })
    }
}

/// The ordered match attributes at a target: those of the bindings' mappings, bindings by name, each attribute once.
/// Without a binding (everyone was unassigned) there is nothing to match but the ledger.
pub fn match_rules(directory: &Directory, target: &Target) -> MatchRules {
    let mut rules = MatchRules::default();
    for binding in directory.bindings.values().filter(|binding| binding.target == target.name) {
        for (kind, own) in binding.mapping.matching.iter() {
            let known = rules.of_mut(kind);
            for rule in own {
                if !known.iter().any(|known| known.same(rule)) {
                    known.push(rule.clone());
                }
            }
        }
    }
    rules
}
