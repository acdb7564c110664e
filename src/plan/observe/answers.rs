//! Takes in what a target answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::interrupted::interrupted;
use super::{Answer, Found, Observed, Purpose, shrink};
use crate::live::normal::is_blank;
use crate::live::{AccountReader, ListTrust, Live, LiveMember, LiveResource, Members};
use crate::plan::Action;
use crate::plan::undo::State;
use crate::scim::{Object, ResourceKind, Value};

impl Observed<'_> {
    /// Notes an answer to one of the needs that [`next`](Self::next) named.
    pub fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Lists(live) => self.lists(*live),
            Answer::ById(kind, found) => {
                for (id, found) in found {
                    self.by_id(kind, id, found);
                }
                self.rematch();
            }
            Answer::LookUp(kind, found) => {
                for (key, found) in found {
                    self.looked_up(kind, key, found);
                }
                self.rematch();
            }
            Answer::Memberships(known, notices) => self.memberships(known, notices),
            Answer::Identity(identity) => {
                self.asked.identity = true;
                self.live.identity = identity;
            }
        }
    }

    fn lists(&mut self, live: Live) {
        let before = std::mem::replace(&mut self.live, live);
        self.deny_no_groups();
        shrink::judge(&self.ledger, &mut self.live);
        if std::mem::replace(&mut self.asked.lists, true) {
            self.narrowed = None;
            // Whoever was looked up before everyone was listed was there.
            self.live.gone = before.gone;
            before.users.into_iter().for_each(|one| self.insert(ResourceKind::User, one));
        }
        self.rematch();
        let mut found = interrupted(&self.draft(), &self.matches);
        if let Purpose::Undo(undo) = &mut self.purpose {
            // Only what the apply that is taken back set out to create is of interest.
            found.notices.clear();
            found.found.retain(|(kind, key, id)| {
                let change = undo.changes.iter_mut().find(|change| {
                    change.action == Action::Create
                        && (change.resource, &change.key) == (*kind, key)
                        && change.id.is_none()
                });
                let change = change.filter(|change| change.state == State::Partly);
                change.map(|change| change.id = Some(id.clone())).is_some()
            });
        }
        if !found.found.is_empty() {
            found.enter(Arc::make_mut(&mut self.ledger));
            self.rematch();
        }
        self.interrupted = found;
    }

    /// A target that denies having groups, where some are declared or known, has not shown that there are none.
    fn deny_no_groups(&mut self) {
        let asked = self.basis.target.profile.capabilities.resources.groups;
        let expected = !self.draft().desired.groups.is_empty() || !self.ledger.groups.is_empty();
        let trust = &mut self.live.trust.groups;
        if asked && expected && self.live.discovery.groups == Some(false) && *trust == ListTrust::NotAsked {
            *trust = ListTrust::Short(
                "the target answers that it has no groups, and some are declared or managed".to_owned(),
            );
        }
    }

    fn by_id(&mut self, kind: ResourceKind, id: String, found: Found) {
        self.asked.by_id.of_mut(kind).insert(id.clone());
        match found {
            Found::There(one) if one.id == id => self.insert(kind, *one),
            Found::There(one) => {
                let why = format!("the answer is another {kind} (id {})", one.id);
                self.unread.of_mut(kind).insert(id, why);
            }
            Found::Gone => drop(self.live.gone.of_mut(kind).insert(id)),
            Found::Unanswered(why) => drop(self.unread.of_mut(kind).insert(id, why)),
        }
    }

    fn looked_up(&mut self, kind: ResourceKind, key: String, found: Option<Vec<LiveResource>>) {
        self.asked.look_ups.of_mut(kind).insert(key.clone());
        match found {
            // A group of the same name would go unnoticed, other than a person, whose names a target keeps apart.
            None if kind == ResourceKind::Group && self.live.trust.of(kind).short().is_some() => {
                self.unsure.insert(key);
            }
            None => {}
            Some(found) => {
                for one in found {
                    if self.live.find(kind, &one.id).is_none() {
                        self.insert(kind, one);
                    }
                }
            }
        }
    }

    /// Puts a resource in the place of what was known of it. Where a list that calls itself whole left out someone with
    /// access, it is not whole; someone inactive may be hidden from lists.
    fn insert(&mut self, kind: ResourceKind, one: LiveResource) {
        let has_access = AccountReader::new(&self.basis.target.profile).state(&one.attributes).has_access();
        let list = self.live.of_mut(kind);
        match list.binary_search_by(|known| known.id.cmp(&one.id)) {
            Ok(place) => {
                if let Some(slot) = list.get_mut(place) {
                    let known = std::mem::replace(slot, one);
                    keep_seen(slot, known);
                }
            }
            Err(place) => {
                list.insert(place, one);
                let trust = self.live.trust.of_mut(kind);
                if trust.is_whole() && has_access {
                    let why = format!(
                        "the list of {kind}s leaves out some that are there when they are asked for one by one"
                    );
                    *trust = ListTrust::Short(why);
                }
            }
        }
    }

    fn memberships(&mut self, known: BTreeMap<String, Vec<LiveMember>>, notices: Vec<String>) {
        self.asked.memberships = true;
        self.live.discovery.notices.extend(notices);
        for group in &mut self.live.groups {
            if let Some(members) = known.get(&group.id) {
                group.members = Members::Known(members.clone());
            }
        }
    }
}

/// What was seen before and is not shown now stays: that an answer shows less than another is a doubt, not a removal.
fn keep_seen(now: &mut LiveResource, before: LiveResource) {
    keep_attributes(&mut now.attributes, before.attributes);
    now.by_id |= before.by_id;
    now.unkept.add_all(before.unkept);
    now.members = match (std::mem::take(&mut now.members), before.members) {
        (Members::Known(mut now), Members::Known(before)) => {
            now.extend(before);
            now.sort();
            // Of entries with one id the most telling is last.
            now.reverse();
            now.dedup_by(|a, b| a.id == b.id);
            now.reverse();
            Members::Known(now)
        }
        (Members::Unknown, before) => before,
        (now, Members::Unknown) => now,
    };
}

fn keep_attributes(now: &mut Object, before: Object) {
    for (name, value) in before {
        match (now.get_mut(&name), value) {
            (Some(Value::Object(now)), Value::Object(before)) => keep_attributes(now, before),
            (Some(now), value) if is_blank(now) => *now = value,
            (None, value) => drop(now.insert(name, value)),
            (Some(_), _) => {}
        }
    }
}
