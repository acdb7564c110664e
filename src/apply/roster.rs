//! Everyone at a target, by match attribute: asked for once in a run, and only where nothing else tells.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::OnceCell;

use super::service::Service;
use crate::live::Live;
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKind, fold};

/// The lists of a run.
pub(super) struct Rosters(PerKind<Slot>);

struct Slot {
    /// The plan saw everyone, so another list shows nobody else.
    seen: bool,
    roster: OnceCell<Option<Roster>>,
}

/// Ids by match attribute and value.
#[derive(Debug, Default)]
pub(super) struct Roster {
    ids: BTreeMap<(AttrPath, String), BTreeSet<String>>,
}

impl Rosters {
    pub(super) fn new(live: &Live) -> Self {
        Self(PerKind::new(|kind| Slot { seen: live.trust.of(kind).is_whole(), roster: OnceCell::new() }))
    }

    /// The list of a kind; `None` where it would show nothing new or can't be had.
    pub(super) async fn of<S: Service>(&self, service: &S, kind: ResourceKind, rules: &[AttrPath]) -> Option<&Roster> {
        let slot = self.0.of(kind);
        if slot.seen {
            return None;
        }
        let list = || async {
            let all = service.list(kind, rules).await.ok()?;
            let mut roster = Roster::default();
            for (id, object) in &all {
                for rule in rules {
                    let values = rule.read(object);
                    for text in values.iter().filter_map(|value| value.as_str()) {
                        let ids = roster.ids.entry((rule.clone(), fold::canonical(text))).or_default();
                        ids.insert(id.clone());
                    }
                }
            }
            Some(roster)
        };
        slot.roster.get_or_init(list).await.as_ref()
    }
}

impl Roster {
    /// Ids of those whose attribute has this value, roughly: hits are to be checked.
    pub(super) fn ids(&self, rule: &AttrPath, text: &str) -> impl Iterator<Item = &str> {
        let found = self.ids.get(&(rule.clone(), fold::canonical(text)));
        found.into_iter().flatten().map(String::as_str)
    }
}
