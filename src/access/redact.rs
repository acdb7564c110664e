//! A report that others may see: who has what without names of people. Field by field, so that a new one is thought of.

use super::{Account, Assigned, Grant, GrantKind, Place, Report, TargetAccess, Why};

/// Stands for what is withheld.
const WITHHELD: &str = "(withheld)";

impl Report {
    /// The same with a pseudonym for each key; groups keep their names. Files are named after people and rules may name
    /// them, so that places and rules are withheld as well.
    pub fn without_names(&self, pseudonym: &dyn Fn(&str) -> String) -> Self {
        Self {
            format: self.format.clone(),
            tool: self.tool.clone(),
            created_at: self.created_at.clone(),
            as_of: self.as_of,
            revision: self.revision.clone(),
            sandbox: self.sandbox,
            live: self.live,
            redacted: true,
            only: self.only.iter().map(|key| pseudonym(key)).collect(),
            group: self.group.clone(),
            targets: self.targets.iter().map(|one| target(one, pseudonym)).collect(),
        }
    }
}

fn target(one: &TargetAccess, pseudonym: &dyn Fn(&str) -> String) -> TargetAccess {
    let withheld = |text: &Option<String>| text.as_ref().map(|_| WITHHELD.to_owned());
    let mut read = one.read.clone();
    if let Some(read) = &mut read {
        read.incomplete_because = withheld(&read.incomplete_because);
    }
    TargetAccess {
        name: one.name.clone(),
        profile: one.profile.clone(),
        summary: one.summary,
        read,
        failed: withheld(&one.failed),
        accounts: one.accounts.iter().map(|one| account(one, pseudonym)).collect(),
    }
}

fn account(one: &Account, pseudonym: &dyn Fn(&str) -> String) -> Account {
    Account {
        key: one.key.as_deref().map(pseudonym),
        id: one.id.as_deref().filter(|_| one.key.is_none()).map(pseudonym),
        name: WITHHELD.to_owned(),
        user_name: None,
        declared: None,
        active: one.active,
        inactive_because: one.inactive_because.clone(),
        since: one.since,
        until: one.until,
        assigned: one.assigned.iter().map(assigned).collect(),
        grants: one.grants.iter().map(grant).collect(),
        status: one.status,
        standing: one.standing,
        problem: one.problem.as_ref().map(|_| WITHHELD.to_owned()),
    }
}

fn assigned(one: &Assigned) -> Assigned {
    Assigned { binding: one.binding.clone(), place: Place::default(), why: why(&one.why), narrowed_by: None }
}

fn grant(one: &Grant) -> Grant {
    // A role is a value of a person's attribute, a group's name is not.
    let name = if one.kind == GrantKind::Group { one.name.clone() } else { WITHHELD.to_owned() };
    Grant {
        kind: one.kind,
        key: one.key.clone(),
        name,
        nested: one.nested,
        why: one.why.as_ref().map(why),
        status: one.status,
    }
}

fn why(one: &Why) -> Why {
    let mut chain = one.chain.clone();
    for link in &mut chain {
        link.place = Place::default();
    }
    Why {
        cause: one.cause,
        chain,
        rule: one.rule.as_ref().map(|_| WITHHELD.to_owned()),
        place: Place::default(),
        until: one.until,
    }
}
