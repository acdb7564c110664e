//! When names change hands: what frees a name in an earlier wave than what takes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::names::{Holder, Order, Taken, order};

/// The changes by which names change hands, by index.
pub(super) struct Names {
    /// Those that free one which another takes.
    pub(super) frees: BTreeSet<usize>,
    takes: BTreeMap<usize, Vec<usize>>,
    order: Order,
}

impl Names {
    pub(super) fn new(taken: &[Taken<'_>]) -> Self {
        let order = order(taken);
        let mut takes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for one in taken {
            match one.holder {
                Holder::Frees(first) if !order.circles.contains(&one.by) => {
                    takes.entry(one.by).or_default().push(first)
                }
                Holder::Frees(_) | Holder::Keeps(_) => {}
            }
        }
        takes.values_mut().for_each(|first| {
            first.sort_unstable();
            first.dedup();
        });
        Self { frees: takes.values().flatten().copied().collect(), takes, order }
    }

    /// Whether a name comes or goes by a change: then it is sent in its own phase, whatever else is.
    pub(super) fn moves(&self, change: usize) -> bool {
        self.frees.contains(&change) || self.takes.contains_key(&change)
    }

    /// The wave of a change, and the changes that go before it.
    pub(super) fn before(&self, change: usize) -> (u32, Vec<usize>) {
        let first = self.takes.get(&change).cloned().unwrap_or_default();
        let wave = if first.is_empty() { 0 } else { self.order.waves.get(&change).copied().unwrap_or_default() };
        (wave, first)
    }
}
