//! Attributes on the way back: before, as the apply left it, and now.

use crate::desired::Asserted;
use crate::ledger::Entry;
use crate::live::LiveResource;
use crate::live::normal::{Comparison, Found, Handling, is_blank};
use crate::plan::diff::attributes::{Activity, is_kept};
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::{outcome, users};
use crate::plan::undo::{Reversal, ReversedAttribute, former, writable};
use crate::plan::{Action, AttributeChange, Reason, asserted_hash, digest};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};

/// What becomes of the attributes of one change.
#[derive(Debug, Default)]
pub(super) struct ReversedAttributes {
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

impl ReversedAttributes {
    pub(super) fn of(
        matched: &MatchedTarget<'_>,
        change: &Reversal,
        live: &LiveResource,
        entry: Option<&Entry>,
    ) -> Self {
        let mut reversed = Self::default();
        let (kind, activity) = (change.resource, activity(matched, change, live));
        for attribute in &change.attributes {
            let Ok(path) = attribute.path.parse::<AttrPath>() else { continue };
            if kind == ResourceKind::User && matched.accounts.reads(&path) {
                reversed.back.extend(access(matched, attribute, live));
                continue;
            }
            let comparison = Comparison::new(&matched.input.target.profile, kind, &path);
            Sides { matched, kind, comparison, attribute, live, entry }.compare(activity, &mut reversed);
        }
        reversed.back.sort_by_cached_key(|one| one.path.to_string());
        reversed
    }
}

/// Whether a person has access, and whether the way back gives it.
fn activity(matched: &MatchedTarget<'_>, change: &Reversal, live: &LiveResource) -> Activity {
    match change.action {
        _ if change.resource != ResourceKind::User || users::is_active(matched, live) => Activity::Active,
        Action::Deactivate => Activity::Reactivated,
        _ => Activity::Inactive,
    }
}

/// `active` has two sides only, so it can't have moved elsewhere.
fn access(matched: &MatchedTarget<'_>, attribute: &ReversedAttribute, live: &LiveResource) -> Option<AttributeChange> {
    let (now, before) = (users::is_active(matched, live), attribute.before != Value::Bool(false));
    (now != before).then(|| outcome::access(now.into(), before, Reason::TakenBack, None))
}

/// An attribute in all its states.
struct Sides<'s> {
    matched: &'s MatchedTarget<'s>,
    kind: ResourceKind,
    comparison: Comparison,
    attribute: &'s ReversedAttribute,
    live: &'s LiveResource,
    entry: Option<&'s Entry>,
}

impl Sides<'_> {
    fn compare(&self, activity: Activity, reversed: &mut ReversedAttributes) {
        let found = self.comparison.find(&self.live.attributes);
        if self.comparison.is_disguised() && activity != Activity::Active {
            // What is shown of someone without access says nothing.
            if activity == Activity::Reactivated {
                reversed.back.push(self.back(Value::Null));
            }
            return;
        }
        let now = writable(self.kind, self.comparison.path(), found.to_value());
        if self.is_former(&now) {
            return;
        }
        if self.is_as_left(&found) {
            reversed.back.push(self.back(now));
        } else if !self.comparison.same(&self.attribute.before, &found) {
            reversed.moved.push(self.moved(now));
        }
    }

    /// Whether it is exactly as before, parts included that the ordinary comparison leaves aside.
    fn is_former(&self, now: &Value) -> bool {
        let before = &self.attribute.before;
        (is_blank(now) && is_blank(before)) || digest::canonical(now) == digest::canonical(before)
    }

    /// Whether it is as the apply left it, in words of its own maybe.
    fn is_as_left(&self, found: &Found<'_>) -> bool {
        let input = &self.matched.input;
        let (asserted, same) = if let Some(key) = &self.attribute.reference {
            let id = input.ledger.users.get(key).map(|entry| Value::from(entry.id.as_str()));
            (Asserted::User(key.as_str().into()), id.is_some_and(|id| self.comparison.same(&id, found)))
        } else {
            let after = &self.attribute.after;
            (Asserted::Value(after.clone()), self.comparison.same(after, found))
        };
        let (path, derived) = (&self.attribute.path, self.comparison.handling() == Handling::Derived);
        let sent = asserted_hash(input.hasher, path, &asserted);
        let noted = |entry: &Entry| {
            is_kept(self.matched, entry, path, sent, found) || (derived && entry.asserted.get(path) == Some(sent))
        };
        same || self.entry.is_some_and(noted)
    }

    /// A manager is shown by key, and sent as whoever has that key.
    fn back(&self, now: Value) -> AttributeChange {
        let former = former(self.kind, self.attribute);
        let reference = self.person(&former);
        let former = if is_blank(&former) { Value::Null } else { former };
        let (path, former) = (self.comparison.path().clone().into(), reference.clone().map_or(former, Value::from));
        AttributeChange { reference, ..outcome::plain(path, self.shown(now), former, Reason::TakenBack, None) }
    }

    /// The key of the person that a manager's id belongs to.
    fn person(&self, value: &Value) -> Option<String> {
        let path = self.comparison.path();
        let is_manager = !path.is_core() && path.attribute.eq_ignore_ascii_case("manager");
        if !is_manager && self.attribute.reference.is_none() {
            return None;
        }
        let id = value.as_str().or_else(|| value.get("value").and_then(Value::as_str))?;
        let key = self.matched.owner(Some(ResourceKind::User), id).key()?;
        self.matched.input.ledger.users.contains_key(key).then(|| key.to_owned())
    }

    fn shown(&self, value: Value) -> Value {
        self.person(&value).map_or(value, Value::from)
    }

    fn moved(&self, now: Value) -> Moved {
        let text = |value: &Value| if is_blank(value) { "empty".to_owned() } else { format!("`{value}`") };
        Moved {
            path: self.attribute.path.clone(),
            before: text(&self.shown(self.attribute.before.clone())),
            applied: text(&self.attribute.after),
            now: text(&self.shown(now)),
        }
    }
}
