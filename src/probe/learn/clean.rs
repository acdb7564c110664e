//! Removes what was made, and says what stayed.

use super::session::{Made, Refusal, Session, method};
use super::state::is_false;
use crate::probe::model::{Left, Outcome, Stayed};
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// What a removal came to.
enum Removal {
    Gone,
    Deactivated,
    Refused(Refusal),
    StillShown,
}

impl Session<'_> {
    /// Groups go first: some servers keep people who are in one.
    pub(super) async fn clean_up(&mut self) {
        for kind in [ResourceKind::Group, ResourceKind::User] {
            let made: Vec<Made> = self.made.iter().filter(|made| made.kind == kind).cloned().collect();
            let mut gone = 0_usize;
            let mut left = Vec::new();
            for (turn, made) in made.iter().enumerate() {
                let removal = self.remove(made).await;
                if turn == 0 && !self.ended() {
                    self.judge_deletion(kind, &removal);
                }
                match removal {
                    Removal::Gone => gone += 1,
                    Removal::Deactivated => {
                        left.push(leftover(made, "deactivated", "a deletion only deactivates there"));
                    }
                    Removal::Refused(why) => {
                        left.push(self.leave(made, &format!("a DELETE was answered with {}", why.says)).await);
                    }
                    Removal::StillShown => left.push(self.leave(made, "it is still shown after a DELETE").await),
                }
            }
            if made.is_empty() {
                continue;
            }
            let step = if kind == ResourceKind::User { "remove" } else { "remove groups" };
            match left.first() {
                None => self.tried(step, Outcome::Good, format!("deleted all {gone} that were made")),
                Some(first) => {
                    let says = format!("{} of {} stay: {}", left.len(), made.len(), first.because);
                    self.tried(step, Outcome::Odd, says);
                }
            }
            self.probe.left.extend(left);
        }
        let user = self.probe.left.iter().find(|left| left.kind == ResourceKind::User);
        self.probe.stayed = user.map(|left| Stayed {
            id: Some(left.id.clone()),
            user_name: left.name.clone(),
            state: left.state.clone(),
        });
    }

    async fn remove(&self, made: &Made) -> Removal {
        let refused = match self.delete(made.kind, &made.id).await {
            Ok(_) => None,
            Err(error) => Some(Refusal::from(&error)),
        };
        let settled = |shown: &Object| shown.get("active").is_some_and(is_false) && !made.inactive;
        // A server that is late shows what is gone for a moment.
        let shown = match refused {
            None => match self.read(made.kind, &made.id).await {
                Some(_) => self.read_until(made.kind, &made.id, settled).await,
                None => None,
            },
            Some(why) => return Removal::Refused(why),
        };
        match shown {
            None => Removal::Gone,
            Some(shown) if shown.get("active").is_some_and(is_false) => Removal::Deactivated,
            Some(_) => Removal::StillShown,
        }
    }

    fn judge_deletion(&mut self, kind: ResourceKind, removal: &Removal) {
        let users = kind == ResourceKind::User;
        let fact = if users { "deletion" } else { "groupDeletion" };
        let known = if users { self.profile.capabilities.deletion } else { self.profile.capabilities.group_deletion };
        match removal {
            // That a name can be used again was not tried.
            Removal::Gone if known == crate::profile::Deletion::Irreversible => {}
            Removal::Gone => self.fact(fact, "hard", format!("a {kind} was gone after a DELETE")),
            Removal::Deactivated => {
                self.fact(fact, "deactivates", format!("a {kind} was shown as inactive after a DELETE"));
            }
            Removal::Refused(why) if !why.certain => {}
            Removal::Refused(why) => {
                self.fact(fact, "none", format!("a DELETE of a {kind} was answered with {}", why.says));
            }
            Removal::StillShown => {
                self.fact(fact, "none", format!("a DELETE of a {kind} was accepted, and it is still shown"));
            }
        }
    }

    /// Takes access away from who can't be removed, and the members from a group.
    async fn leave(&mut self, made: &Made, because: &str) -> Left {
        let (name, value, state) = match made.kind {
            ResourceKind::User => ("active", Value::Bool(false), "deactivated"),
            ResourceKind::Group => ("members", Value::Array(Vec::new()), "empty"),
        };
        if made.inactive {
            return leftover(made, state, because);
        }
        let change = [PatchOp::replace(AttrPath::attribute(name), value)];
        let as_wanted = |shown: &Object| match made.kind {
            ResourceKind::User => shown.get(name).is_some_and(is_false),
            ResourceKind::Group => shown.get(name).is_none_or(Value::is_unassigned),
        };
        for verb in [self.verb, crate::plan::Verb::Put, crate::plan::Verb::Patch] {
            tracing::debug!("emptying by {}", method(verb));
            if self.change(verb, made.kind, &made.id, &change).await.is_ok()
                && self.read(made.kind, &made.id).await.as_ref().is_some_and(as_wanted)
            {
                return leftover(made, state, because);
            }
        }
        leftover(made, if made.kind == ResourceKind::User { "active" } else { "with members" }, because)
    }
}

fn leftover(made: &Made, state: &str, because: &str) -> Left {
    Left {
        kind: made.kind,
        id: made.id.clone(),
        name: made.name.clone(),
        state: state.to_owned(),
        because: because.to_owned(),
    }
}
