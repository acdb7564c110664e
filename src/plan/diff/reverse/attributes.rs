//! Attributes on the way back: before, as the apply left it, and now.

use crate::desired::Asserted;
use crate::ledger::Entry;
use crate::live::LiveResource;
use crate::live::normal::{Comparison, Found, Handling, is_blank};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::users;
use crate::plan::undo::{Reversal, Turned, former, writable};
use crate::plan::{Action, AttributeChange, Reason, asserted_hash, digest};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

use super::owner_key;

/// What becomes of the attributes of one change.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// What is set back.
    pub(super) back: Vec<AttributeChange>,
    /// What is neither as it was before nor as the apply left it.
    pub(super) moved: Vec<Moved>,
}

/// The three sides of an attribute that moved.
#[derive(Debug)]
pub(super) struct Moved {
    path: String,
    before: String,
    applied: String,
    now: String,
}

impl Moved {
    pub(super) fn of_changed(self) -> String {
        let Self { path, before, applied, now } = self;
        format!("`{path}` was {before}, the apply made it {applied}, and it is {now} now")
    }

    pub(super) fn of_new(self) -> String {
        let Self { path, applied, now, .. } = self;
        format!("`{path}` was made {applied} and is {now} now")
    }
}

impl Turns {
    pub(super) fn of(
        matched: &MatchedTarget<'_>,
        change: &Reversal,
        live: &LiveResource,
        entry: Option<&Entry>,
    ) -> Self {
        let mut turns = Self::default();
        let access = Access::of(matched, change, live);
        for turned in &change.attributes {
            let Ok(path) = turned.path.parse::<AttrPath>() else { continue };
            if change.resource == ResourceKind::User && path.same(&AttrPath::attribute("active")) {
                turns.back.extend(active(matched, turned, live));
                continue;
            }
            let comparison = Comparison::new(&matched.input.target.profile, change.resource, &path);
            let side =
                Side { matched, kind: change.resource, path: &path, comparison: &comparison, turned, live, entry };
            side.turn(access, &mut turns);
        }
        turns.back.sort_by(|a, b| a.path.cmp(&b.path));
        turns
    }
}

/// Whether a person has access, and whether the way back gives it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Has,
    HasNot,
    GetsAgain,
}

impl Access {
    fn of(matched: &MatchedTarget<'_>, change: &Reversal, live: &LiveResource) -> Self {
        if change.resource != ResourceKind::User || users::is_active(matched, live) {
            return Self::Has;
        }
        if change.action == Action::Deactivate { Self::GetsAgain } else { Self::HasNot }
    }
}

/// `active` has two sides only, so it can't have moved elsewhere.
fn active(matched: &MatchedTarget<'_>, turned: &Turned, live: &LiveResource) -> Option<AttributeChange> {
    let (now, before) = (users::is_active(matched, live), turned.before != Value::Bool(false));
    (now != before).then(|| back(turned, Value::Bool(now), Value::Bool(before), None))
}

fn back(turned: &Turned, now: Value, former: Value, reference: Option<String>) -> AttributeChange {
    AttributeChange {
        path: turned.path.clone(),
        before: now,
        after: if is_blank(&former) { Value::Null } else { former },
        reference,
        sensitive: false,
        reason: Reason::TakenBack,
        origin: None,
    }
}

struct Side<'s> {
    matched: &'s MatchedTarget<'s>,
    kind: ResourceKind,
    path: &'s AttrPath,
    comparison: &'s Comparison,
    turned: &'s Turned,
    live: &'s LiveResource,
    entry: Option<&'s Entry>,
}

impl Side<'_> {
    fn turn(&self, access: Access, turns: &mut Turns) {
        let found = self.comparison.find(&self.live.attributes);
        if self.comparison.is_disguised() && access != Access::Has {
            // What is shown of someone without access says nothing.
            if access == Access::GetsAgain {
                turns.back.push(self.back(Value::Null));
            }
            return;
        }
        let now = writable(self.kind, self.path, found.to_value());
        if self.is_former(&now) {
            return;
        }
        if self.is_as_left(&found) {
            turns.back.push(self.back(now));
        } else if !self.comparison.same(&self.turned.before, &found) {
            turns.moved.push(self.moved(now));
        }
    }

    /// Whether it is exactly as before.
    fn is_former(&self, now: &Value) -> bool {
        let before = &self.turned.before;
        (is_blank(now) && is_blank(before)) || digest::canonical(now) == digest::canonical(before)
    }

    /// Whether it is as the apply left it, in words of its own maybe.
    fn is_as_left(&self, found: &Found<'_>) -> bool {
        let (asserted, same) = match &self.turned.reference {
            Some(key) => {
                let id = self.matched.input.ledger.users.get(key).map(|entry| Value::from(entry.id.as_str()));
                (Asserted::User(key.as_str().into()), id.is_some_and(|id| self.comparison.same(&id, found)))
            }
            None => (Asserted::Value(self.turned.after.clone()), self.comparison.same(&self.turned.after, found)),
        };
        if same {
            return true;
        }
        let Some(entry) = self.entry else { return false };
        let text = self.path.to_string();
        let sent = asserted_hash(self.matched.input.hasher, &text, &asserted);
        let kept = || self.matched.input.hasher.hash(&text, &found.value());
        let by_witness =
            entry.witnesses.get(&text).is_some_and(|witness| witness.sent == sent && witness.kept == kept());
        let computed = self.comparison.handling() == Handling::Derived && entry.asserted.get(&text) == Some(&sent);
        by_witness || computed
    }

    /// A manager is shown by key, and sent as whoever has that key.
    fn back(&self, now: Value) -> AttributeChange {
        let former = former(self.kind, self.turned);
        let (now, reference) = (self.shown(now), self.person(&former));
        let former = reference.clone().map_or(former, Value::String);
        back(self.turned, now, former, reference)
    }

    fn is_manager(&self) -> bool {
        self.turned.reference.is_some() || (!self.path.is_core() && self.path.attribute.eq_ignore_ascii_case("manager"))
    }

    fn person(&self, value: &Value) -> Option<String> {
        let id = value.as_str().or_else(|| value.get("value").and_then(Value::as_str)).filter(|_| self.is_manager())?;
        owner_key(self.matched, ResourceKind::User, id).filter(|key| self.matched.input.ledger.users.contains_key(key))
    }

    fn shown(&self, value: Value) -> Value {
        self.person(&value).map_or(value, Value::String)
    }

    fn moved(&self, now: Value) -> Moved {
        let text = |value: &Value| if is_blank(value) { "empty".to_owned() } else { format!("`{value}`") };
        Moved {
            path: self.turned.path.clone(),
            before: text(&self.shown(self.turned.before.clone())),
            applied: text(&self.turned.after),
            now: text(&self.shown(now)),
        }
    }
}
