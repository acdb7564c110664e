//! A report cut down to some people or one group.

use std::collections::BTreeSet;

use super::{Account, GrantKind, Report};

impl Report {
    /// Leaves these people alone.
    pub fn narrow_to_people(&mut self, keys: &BTreeSet<String>) {
        self.only = keys.iter().cloned().collect();
        self.keep(|account| account.key.as_ref().is_some_and(|key| keys.contains(key)));
    }

    /// Leaves who is in a group at the target, or is given to the target through it. Of what they hold, that group alone
    /// stays.
    pub fn narrow_to_group(&mut self, group: &str) {
        self.group = Some(group.to_owned());
        for account in self.targets.iter_mut().flat_map(|target| &mut target.accounts) {
            account.grants.retain(|grant| grant.kind == GrantKind::Group && grant.key.as_deref() == Some(group));
        }
        self.keep(|account| {
            let mut links = account.assigned.iter().flat_map(|assigned| &assigned.why.chain);
            !account.grants.is_empty() || links.any(|link| link.group == group)
        });
    }

    fn keep(&mut self, wanted: impl Fn(&Account) -> bool) {
        for target in &mut self.targets {
            target.accounts.retain(&wanted);
            target.recount();
        }
    }
}
