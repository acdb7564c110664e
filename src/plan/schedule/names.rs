//! When names change hands: what frees a name in an earlier wave than what takes it.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::names::{Holder, Order, Taken, order};

/// The changes by which names change hands, by index.
pub(super) struct Names {
    /// Those that free one which another takes.
    pub(super) frees: BTreeSet<usize>,
    takes: BTreeMap<usize, BTreeSet<usize>>,
    order: Order,
}

impl Names {
    pub(super) fn new(taken: &[Taken<'_>]) -> Self {
        let taken = orderable(taken);
        let order = order(taken.iter().copied());
        let mut takes: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for one in taken.into_iter().filter(|one| !order.circles.contains(&one.by)) {
            if let Holder::Frees(first) = one.holder {
                takes.entry(one.by).or_default().insert(first);
            }
        }
        Self { frees: takes.values().flatten().copied().collect(), takes, order }
    }

    /// Whether a name comes or goes by a change: then it is sent in its own phase, whatever else is.
    pub(super) fn moves(&self, change: usize) -> bool {
        self.frees.contains(&change) || self.takes.contains_key(&change)
    }

    /// The wave of a change, and the changes that go before it.
    pub(super) fn before(&self, change: usize) -> (u32, Vec<usize>) {
        let first: Vec<usize> = self.takes.get(&change).into_iter().flatten().copied().collect();
        let wave = if first.is_empty() { 0 } else { self.order.waves.get(&change).copied().unwrap_or_default() };
        (wave, first)
    }
}

/// What can be put in order: what two may share gives way where it closes a circle, so that the names keep their order.
fn orderable<'t, 'l>(taken: &'t [Taken<'l>]) -> Vec<&'t Taken<'l>> {
    let circles = order(taken).circles;
    let closes = |one: &Taken<'_>| {
        circles.contains(&one.by) && matches!(one.holder, Holder::Frees(first) if circles.contains(&first))
    };
    taken.iter().filter(|one| one.exclusive || !closes(one)).collect()
}
