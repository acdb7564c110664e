//! What each thing that moved would be in the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::row::declared;
use super::{Accepted, Left, Looked, Moved, Proposal, Scene};
use crate::directory::{Group, User};
use crate::edit::{Edit, Step};
use crate::import::declarable;
use crate::live::normal::is_blank;
use crate::plan::{DriftEvent, Drifted, DriftedAttribute, MemberRef};
use crate::scim::path::AttrPath;
use crate::scim::{PerKind, ResourceKey, ResourceKind, Value};
use crate::source::Span;

/// What can be taken into the files, and what can't.
pub fn propose(scene: &Scene<'_>) -> Proposal {
    let mut work = Work { scene, proposal: Proposal::default(), vanished: PerKind::default() };
    for looked in &scene.targets {
        let gone = looked.drift.drifted.iter().filter(|one| one.event == DriftEvent::Gone);
        work.vanished = gone.map(|one| (one.resource, one.key.clone())).collect();
        for drifted in &looked.drift.drifted {
            work.drifted(looked, drifted);
        }
    }
    work.settled()
}

struct Work<'a> {
    scene: &'a Scene<'a>,
    proposal: Proposal,
    /// Users and groups that are gone from the target that is looked at.
    vanished: PerKind<BTreeSet<String>>,
}

/// Why something is left, and the way out.
type Refusal = (String, String);

fn refusal<T>(why: impl Into<String>, hint: impl Into<String>) -> Result<T, Refusal> {
    Err((why.into(), hint.into()))
}

impl Work<'_> {
    fn drifted(&mut self, looked: &Looked<'_>, drifted: &Drifted) {
        let about = |what: &str| (what.to_owned(), drifted);
        match drifted.event {
            DriftEvent::Changed => {}
            DriftEvent::Gone => {
                let name = if drifted.resource == ResourceKind::User { "users" } else { "groups" };
                let outcome = refusal(
                    "it is gone from the target",
                    format!(
                        "Take `{name}.{}` out of the files if that is meant; `scimform apply` creates it anew.",
                        drifted.key
                    ),
                );
                self.take(looked, about("all of it"), outcome);
            }
            DriftEvent::Deactivated => self.take(looked, about("active"), self.active(drifted, false)),
            DriftEvent::Reactivated => self.take(looked, about("active"), self.active(drifted, true)),
        }
        for attribute in &drifted.attributes {
            let outcome = self.attribute(looked, drifted, attribute);
            self.take(looked, about(&attribute.path.to_string()), outcome);
        }
        for member in &drifted.joined {
            let outcome = self.joined(looked, drifted, member);
            self.take(looked, about(&format!("member {}", member.key.as_ref().unwrap_or(&member.name))), outcome);
        }
        for member in &drifted.left {
            let outcome = self.gone(drifted, member);
            self.take(looked, about(&format!("member {}", member.key.as_ref().unwrap_or(&member.name))), outcome);
        }
    }

    fn take(&mut self, looked: &Looked<'_>, (what, drifted): (String, &Drifted), outcome: Result<Accepted, Refusal>) {
        let target = looked.target.name.to_string();
        match outcome {
            Ok(mut accepted) => {
                accepted.targets.push(target);
                self.proposal.accepted.push(accepted);
            }
            Err((why, hint)) => self.proposal.left.push(Left {
                target,
                resource: drifted.resource,
                key: drifted.key.clone(),
                what,
                why,
                hint,
            }),
        }
    }

    fn user(&self, key: &str) -> Option<&User> {
        self.scene.directory.users.get(key)
    }

    fn group(&self, key: &str) -> Option<&Group> {
        self.scene.directory.groups.get(key)
    }

    /// The attributes and the place of a declaration.
    fn declaration(&self, drifted: &Drifted) -> Result<(&Value, Span), Refusal> {
        let found = match drifted.resource {
            ResourceKind::User => self.user(&drifted.key).map(|user| (&user.attributes, user.origin)),
            ResourceKind::Group => self.group(&drifted.key).map(|group| (&group.attributes, group.origin)),
        };
        found.ok_or_else(|| {
            let hint = "Declare it again, or let `scimform apply` bring about what the files say.";
            ("it is not declared any more".to_owned(), hint.to_owned())
        })
    }

    fn change(
        &self,
        drifted: &Drifted,
        rest: &[&str],
        (before, after): (Value, Option<Value>),
        moved: Moved,
    ) -> Result<Accepted, Refusal> {
        let (_, origin) = self.declaration(drifted)?;
        if after.as_ref() == Some(&before) {
            return refusal("the files say the same already", "`scimform apply` brings it about again.");
        }
        let section = if drifted.resource == ResourceKind::User { "users" } else { "groups" };
        let path: Vec<Step> = [section, &drifted.key].iter().chain(rest).map(|step| Step::from(*step)).collect();
        let place = [section, &drifted.key].iter().chain(rest).copied().collect::<Vec<_>>().join(".");
        let edit = match &after {
            Some(value) => Edit::Set { path, value: value.clone() },
            None => Edit::Remove { path },
        };
        Ok(Accepted {
            targets: Vec::new(),
            resource: drifted.resource,
            key: drifted.key.clone(),
            place,
            before,
            after,
            item: false,
            file: self.scene.sources.location(origin).file.to_string(),
            edit,
            moved,
        })
    }

    fn active(&self, drifted: &Drifted, is_active: bool) -> Result<Accepted, Refusal> {
        let Some(user) = self.user(&drifted.key) else {
            return refusal(
                "the person is not declared any more",
                "Declare the person again, or let `scimform apply` end the access.",
            );
        };
        let moved = Moved::Attribute(Arc::new(AttrPath::attribute("active")));
        let before = user.attributes.get("active").cloned().unwrap_or_default();
        if !is_active {
            return self.change(drifted, &["active"], (before, Some(Value::Bool(false))), moved);
        }
        match (user.active, user.starts, user.ends) {
            (Some(false), ..) => self.change(drifted, &["active"], (before, None), moved),
            (_, _, Some(ends)) if ends < self.scene.as_of => {
                refusal(format!("the access ended on {ends}"), "Give another `ends` by hand if the person stays.")
            }
            (_, Some(starts), _) if starts > self.scene.as_of => {
                refusal(format!("the access starts on {starts}"), "Give another `starts` by hand if that is meant.")
            }
            _ => refusal(
                "the files do not say that the person is inactive",
                "See the binding and the mapping's row for `active`.",
            ),
        }
    }

    fn attribute(
        &self,
        looked: &Looked<'_>,
        drifted: &Drifted,
        attribute: &DriftedAttribute,
    ) -> Result<Accepted, Refusal> {
        if attribute.sensitive {
            return refusal("it is a secret", "Secrets are never written into files.");
        }
        let (attributes, _) = self.declaration(drifted)?;
        let name = declared(self.scene.directory, looked.target, drifted.resource, &attribute.path)?;
        let rest: Vec<&str> = name.iter().map(String::as_str).collect();
        let before = rest.iter().try_fold(attributes, |at, part| at.get(part)).cloned().unwrap_or_default();
        let top = rest.first().copied().unwrap_or_default();
        let after = if is_blank(&attribute.live) {
            if before.as_array().is_some() { Value::Array(Vec::new()) } else { Value::Null }
        } else if top == "manager" {
            match attribute.live.as_str().filter(|key| self.user(key).is_some()) {
                Some(key) => Value::from(key),
                None => {
                    return refusal(
                        "the manager there is nobody whom the files declare",
                        format!("Import the person first: `scimform import {}`.", looked.target.name),
                    );
                }
            }
        } else {
            let form = if rest.len() == 1 { top } else { "custom" };
            match declarable(form, &attribute.live) {
                Some(value) => value,
                None => {
                    return refusal("a file can't hold the value that is there", "Mend it at the target.");
                }
            }
        };
        self.change(drifted, &rest, (before, Some(after)), Moved::Attribute(attribute.path.clone()))
    }

    fn joined(&self, looked: &Looked<'_>, drifted: &Drifted, member: &MemberRef) -> Result<Accepted, Refusal> {
        let known = |key: &&String| match member.resource {
            ResourceKind::User => self.user(key).is_some(),
            ResourceKind::Group => self.group(key).is_some(),
        };
        let Some(key) = member.key.as_ref().filter(known) else {
            return refusal(
                "the member is nobody whom the files declare",
                format!("Import the member first: `scimform import {}`.", looked.target.name),
            );
        };
        let list = if member.resource == ResourceKind::User { "members" } else { "groups" };
        let value = Value::from(key.as_str());
        let moved = Moved::Member(ResourceKey::new(member.resource, &**key));
        let mut accepted = self.change(drifted, &[list], (Value::Null, Some(value.clone())), moved)?;
        let Edit::Set { path, .. } = accepted.edit else { return refusal("the place is not known", "") };
        accepted.edit = Edit::AddItems { path, items: vec![value] };
        accepted.item = true;
        Ok(accepted)
    }

    fn gone(&self, drifted: &Drifted, member: &MemberRef) -> Result<Accepted, Refusal> {
        if member.key.as_ref().is_some_and(|key| self.vanished.of(member.resource).contains(key)) {
            return refusal("the member is gone from the target altogether", "See what is said of the member.");
        }
        let Some(group) = self.group(&drifted.key) else {
            return refusal("the group is not declared any more", "Declare it again, or let `scimform apply` end it.");
        };
        let key = member.key.clone().unwrap_or_default();
        let (list, direct) = match member.resource {
            ResourceKind::User => ("members", group.members.iter().any(|one| one.user.as_str() == key)),
            ResourceKind::Group => ("groups", group.groups.iter().any(|one| one.value.as_str() == key)),
        };
        if !direct {
            let by_rule =
                self.scene.directory.users.get(key.as_str()).is_some_and(|user| group.matching.contains(&user.key));
            let why =
                if by_rule { "the group's `where` makes them a member" } else { "a nested group makes them a member" };
            return refusal(why, "Change the condition, or the group that they come from, by hand.");
        }
        let moved = Moved::Member(ResourceKey::new(member.resource, &*key));
        let mut accepted = self.change(drifted, &[list], (Value::from(key.as_str()), None), moved)?;
        let Edit::Remove { path } = accepted.edit else { return refusal("the place is not known", "") };
        accepted.edit = Edit::RemoveItems { path, items: vec![key] };
        accepted.item = true;
        Ok(accepted)
    }

    /// One change for each place; where targets disagree, none.
    fn settled(self) -> Proposal {
        let Proposal { accepted, mut left } = self.proposal;
        let mut places: BTreeMap<(String, Option<String>), Vec<Accepted>> = BTreeMap::new();
        for one in accepted {
            let item = one.item.then(|| one.after.as_ref().unwrap_or(&one.before).to_string());
            places.entry((one.place.clone(), item)).or_default().push(one);
        }
        let mut accepted = Vec::new();
        for mut same in places.into_values() {
            let Some(mut first) = same.pop() else { continue };
            if same.iter().all(|other| other.after == first.after) {
                first.targets.extend(same.into_iter().flat_map(|other| other.targets));
                first.targets.sort();
                accepted.push(first);
                continue;
            }
            same.push(first);
            let mut names: Vec<String> =
                same.iter().flat_map(|one| &one.targets).map(|name| format!("`{name}`")).collect();
            names.sort();
            for one in same {
                left.push(Left {
                    target: one.targets.concat(),
                    resource: one.resource,
                    key: one.key,
                    what: one.place.clone(),
                    why: format!("{} disagree about it", names.join(" and ")),
                    hint: "Take one side with `--target`; the next apply brings it to the other.".to_owned(),
                });
            }
        }
        // Items that come into one list, and those that leave it, stand together.
        accepted.sort_by(|a, b| (&a.file, &a.place, a.after.is_none()).cmp(&(&b.file, &b.place, b.after.is_none())));
        left.sort();
        Proposal { accepted, left }
    }
}
