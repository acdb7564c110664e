//! What was read, as resources of an embedded server.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::desired::{Asserted, Desired, DesiredResource};
use crate::ledger::{Entry, TargetLedger};
use crate::live::normal::Comparison;
use crate::live::{AccountReader, ListTrust, Live, LiveResource, Members};
use crate::profile::Profile;
use crate::sandbox::{Seed, SeedMember};
use crate::scim::{Object, ResourceKind, Value};
use crate::wording::count;

/// The copy, and what had to be guessed for it.
pub(super) struct Copy {
    pub(super) seeds: Vec<Seed>,
    pub(super) unknown: Vec<String>,
}

/// Copies a read. Ids, versions and members stay as they are; what the target keeps to itself is taken from the ledger and
/// from the repository.
pub(super) fn of(live: &Live, desired: &Desired, ledger: &TargetLedger, profile: &Profile) -> Copy {
    let mut unknown = doubts(live, profile);
    let groups: HashSet<&str> = live.groups.iter().map(|group| group.id.as_str()).collect();
    let users = owners(&ledger.users);
    let known_groups = owners(&ledger.groups);
    let accounts = AccountReader::new(profile);
    let mut disguised = 0;
    let mut seeds = Vec::with_capacity(live.users.len() + live.groups.len());
    for user in &live.users {
        let owner = users.get(user.id.as_str()).copied();
        let mut seed = bare(user);
        let shown_active = accounts.state(&user.attributes).has_access();
        if !shown_active {
            let declared = owner.and_then(|(key, _)| desired.users.get(key));
            disguised += u64::from(declared.is_some_and(|person| undisguise(&mut seed.attributes, person, profile)));
        }
        // Who shows as inactive and was not deactivated by us waits for a password, where that is how the vendor shows it.
        let ours = owner.is_some_and(|(_, entry)| entry.deactivated.is_some());
        seed.has_password = shown_active || ours;
        if !seed.has_password && profile.attributes.pending_until_password {
            seed.attributes.insert("active", Value::Bool(true));
        }
        seeds.push(seed);
    }
    let mut hidden = 0;
    for group in &live.groups {
        let mut seed = bare(group);
        let kind = |id: &str| if groups.contains(id) { ResourceKind::Group } else { ResourceKind::User };
        seed.members = match &group.members {
            Members::Known(members) => members
                .iter()
                .map(|member| SeedMember {
                    id: member.id.clone(),
                    kind: member.kind.unwrap_or_else(|| kind(&member.id)),
                    display: member.display.clone(),
                })
                .collect(),
            Members::Unknown => {
                hidden += 1;
                let entry = known_groups.get(group.id.as_str()).map(|(_, entry)| *entry);
                let ours = entry.iter().flat_map(|entry| &entry.members);
                ours.map(|id| SeedMember { id: id.clone(), kind: kind(id), display: None }).collect()
            }
        };
        seeds.push(seed);
    }
    if disguised > 0 {
        let who = count(disguised, "inactive account");
        unknown.push(format!("what {who} can't show is taken to be as declared"));
    }
    if hidden > 0 {
        let which = count(hidden, "group");
        unknown.push(format!("the members of {which} were not seen, and are taken to be whom the ledger knows there"));
    }
    Copy { seeds, unknown }
}

/// Keys and entries by id.
fn owners(entries: &BTreeMap<String, Entry>) -> HashMap<&str, (&str, &Entry)> {
    entries.iter().map(|(key, entry)| (entry.id.as_str(), (key.as_str(), entry))).collect()
}

fn bare(live: &LiveResource) -> Seed {
    Seed {
        kind: live.kind,
        id: live.id.clone(),
        version: live.version.clone(),
        attributes: live.attributes.clone(),
        members: Vec::new(),
        has_password: false,
    }
}

/// Puts what is declared in place of what the target shows in disguise; whether there was anything.
fn undisguise(attributes: &mut Object, person: &DesiredResource, profile: &Profile) -> bool {
    let mut any = false;
    for assertion in &person.assertions {
        let Asserted::Value(value) = &assertion.value else { continue };
        if Comparison::new(profile, ResourceKind::User, &assertion.path).is_disguised() {
            assertion.path.assign(attributes, value.clone());
            any = true;
        }
    }
    any
}

/// What the copy does not hold.
fn doubts(live: &Live, profile: &Profile) -> Vec<String> {
    let mut doubts = Vec::new();
    for (what, complete) in [("users", &live.trust.users), ("groups", &live.trust.groups)] {
        match complete {
            ListTrust::Short(_) => {
                doubts.push(format!("not all {what} were read: the copy holds those that were"));
            }
            ListTrust::NotAsked if what == "users" => {
                doubts.push("people were looked up one by one: the copy holds nobody else".to_owned());
            }
            ListTrust::Whole | ListTrust::Shrunken { .. } | ListTrust::NotAsked => {}
        }
    }
    let unverified = profile.confidence.keys().filter(|fact| !profile.is_verified(fact)).count() as u64;
    if unverified > 0 {
        let are = if unverified == 1 { "is" } else { "are" };
        doubts.push(format!("{} of the profile `{}` {are} not verified", count(unverified, "fact"), profile.name));
    }
    doubts
}
