//! What a target says of what is declared.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::declared::texts;
use super::{Account, Grant, GrantKind, Read, Standing, Status, TargetAccess};
use crate::live::matching::Matches;
use crate::live::normal::Handling;
use crate::live::{AccountReader, AccountState, Live, LiveMember, LiveResource, Members};
use crate::profile::Profile;
use crate::scim::{ResourceKind, Value};

/// What is known of a target besides what is declared.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// What it answered, its lists in whole.
    pub live: &'a Live,
    /// Which declared resource is which live one.
    pub matches: &'a Matches,
    /// Keys of people of whom an attribute differs.
    pub differing: &'a BTreeSet<&'a str>,
    /// Declared people of whom not all could be read.
    pub unread: &'a BTreeSet<&'a str>,
    /// What the target's profile says of `active`.
    pub profile: &'a Profile,
    /// Whether we took away the access of the person with this key.
    pub deactivated: &'a dyn Fn(&str) -> bool,
    /// What a live resource that nobody declared is to us.
    pub standing: &'a dyn Fn(&LiveResource) -> Standing,
    /// Requests that the read took.
    pub requests: u64,
}

/// Notes beside every account and membership whether it is there, and takes in those that nobody declared.
pub fn compare(access: &mut TargetAccess, seen: Seen<'_>) {
    access.read = Some(read(&seen));
    let groups = Groups::new(&seen);
    let accounts = AccountReader::new(seen.profile);
    for account in &mut access.accounts {
        let place = account.key.as_deref().and_then(|key| seen.matches.kinds.users.places.get(key));
        let found = place.and_then(|place| seen.live.users.get(*place));
        let status = account_status(account, found, &seen, &accounts);
        account.status = Some(status);
        account.id = found.map(|user| user.id.clone());
        for grant in &mut account.grants {
            grant.status = Some(match grant.kind {
                // Who is not found among what was read may well hold it.
                _ if found.is_none() && status == Status::Unknown => Status::Unknown,
                GrantKind::Group => groups.status(grant, found, &seen),
                GrantKind::Role | GrantKind::Entitlement => value_status(grant, found),
            });
        }
        if let Some(found) = found {
            let mut extra = groups.undeclared(found, &account.grants);
            // What an account holds whose access was taken gives nothing, and stays by design.
            let is_taken = account.key.as_deref().is_none_or(seen.deactivated);
            if account.active || accounts.state(&found.attributes).may_have_access(is_taken) {
                extra.extend(values(found, &account.grants));
            }
            account.grants.extend(extra);
        }
    }
    let taken = &seen.matches.kinds.users;
    let others = seen.live.users.iter().enumerate().filter(|(place, _)| !taken.keys.contains_key(place));
    let mut others: Vec<Account> = others.map(|(_, user)| undeclared(user, &groups, &accounts, &seen)).collect();
    others.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    access.accounts.append(&mut others);
    access.recount();
}

fn read(seen: &Seen<'_>) -> Read {
    let live = seen.live;
    let mut reasons: Vec<String> = live.short_because().into_iter().collect();
    let blind = live.groups.iter().filter(|group| group.members == Members::Unknown).count();
    if blind > 0 {
        reasons.push(format!("the members of {blind} groups are not shown"));
    }
    Read {
        users: live.users.len() as u64,
        groups: live.groups.len() as u64,
        complete: reasons.is_empty(),
        incomplete_because: (!reasons.is_empty()).then(|| reasons.join("; ")),
        requests: seen.requests,
    }
}

fn account_status(
    account: &Account,
    found: Option<&LiveResource>,
    seen: &Seen<'_>,
    accounts: &AccountReader,
) -> Status {
    let key = account.key.as_deref().unwrap_or_default();
    let state = found.map(|user| accounts.state(&user.attributes));
    match state {
        _ if seen.matches.kinds.users.failed.contains(key) => Status::Unknown,
        None if !seen.live.trust.users.is_whole() => Status::Unknown,
        None if account.active => Status::Missing,
        None => Status::Absent,
        Some(state) => match (account.active, state.may_have_access((seen.deactivated)(key))) {
            (true, false) => Status::Inactive,
            // What a target shows of others and not of this one proves nothing.
            _ if state == AccountState::NotShown && accounts.handling() == Handling::Compared => Status::Unknown,
            (false, true) => Status::StillActive,
            _ if seen.unread.contains(key) => Status::Unknown,
            _ if seen.differing.contains(key) => Status::Differs,
            _ => Status::Present,
        },
    }
}

fn value_status(grant: &Grant, found: Option<&LiveResource>) -> Status {
    let Some(user) = found else { return Status::Missing };
    let attribute = if grant.kind == GrantKind::Role { "roles" } else { "entitlements" };
    match user.attributes.get(attribute) {
        Some(value) if texts(value).iter().any(|text| text.eq_ignore_ascii_case(&grant.name)) => Status::Present,
        _ => Status::Missing,
    }
}

/// Roles and entitlements that a live person has, beyond those declared.
fn values(user: &LiveResource, declared: &[Grant]) -> Vec<Grant> {
    let mut found = Vec::new();
    for (attribute, kind) in [("roles", GrantKind::Role), ("entitlements", GrantKind::Entitlement)] {
        let known =
            |name: &str| declared.iter().any(|grant| grant.kind == kind && grant.name.eq_ignore_ascii_case(name));
        let names = user.attributes.get(attribute).map(texts).unwrap_or_default();
        let extra: BTreeSet<String> =
            names.into_iter().filter(|name| !name.trim().is_empty() && !known(name)).collect();
        found.extend(extra.into_iter().map(|name| Grant {
            kind,
            key: None,
            name,
            nested: false,
            why: None,
            status: Some(Status::Undeclared),
        }));
    }
    found
}

/// The live groups, from both sides.
struct Groups<'a> {
    /// Live groups by declared key.
    by_key: BTreeMap<&'a str, &'a LiveResource>,
    /// Names and declared keys of the groups that a live id is in.
    of_member: HashMap<&'a str, Vec<(String, Option<&'a str>)>>,
    /// Ids of all who are in a group that holds other groups, however deep; by its id.
    within: HashMap<&'a str, HashSet<&'a str>>,
}

impl<'a> Groups<'a> {
    fn new(seen: &Seen<'a>) -> Self {
        let matched = &seen.matches.kinds.groups;
        let groups = &seen.live.groups;
        let by_key: BTreeMap<&str, &LiveResource> =
            matched.places.iter().filter_map(|(key, place)| Some((key.as_str(), groups.get(*place)?))).collect();
        let mut of_member: HashMap<&str, Vec<(String, Option<&str>)>> = HashMap::new();
        for (place, group) in groups.iter().enumerate() {
            let key = matched.keys.get(&place).map(String::as_str);
            let Members::Known(members) = &group.members else { continue };
            for member in members.iter().filter(|member| member.kind != Some(ResourceKind::Group)) {
                of_member.entry(&member.id).or_default().push((group.name(), key));
            }
        }
        Self { by_key, of_member, within: within(groups) }
    }

    fn status(&self, grant: &Grant, user: Option<&LiveResource>, seen: &Seen<'_>) -> Status {
        let Some(group) = grant.key.as_deref().and_then(|key| self.by_key.get(key)) else {
            let whole = seen.live.trust.groups.is_whole();
            return if whole { Status::Missing } else { Status::Unknown };
        };
        match (&group.members, user) {
            (Members::Unknown, _) => Status::Unknown,
            (Members::Known(_), None) => Status::Missing,
            (Members::Known(_), Some(user)) if grant.nested => {
                let inside = self.within.get(group.id.as_str()).is_some_and(|ids| ids.contains(user.id.as_str()));
                if inside { Status::Present } else { Status::Missing }
            }
            (Members::Known(members), Some(user)) => {
                match members.binary_search_by(|member| member.id.as_str().cmp(&user.id)) {
                    Ok(_) => Status::Present,
                    Err(_) => Status::Missing,
                }
            }
        }
    }

    /// Groups that a live person is in, beyond those declared.
    fn undeclared(&self, user: &LiveResource, declared: &[Grant]) -> Vec<Grant> {
        let known: BTreeSet<&str> =
            declared.iter().filter(|grant| !grant.nested).filter_map(|grant| grant.key.as_deref()).collect();
        let groups = self.of_member.get(user.id.as_str()).into_iter().flatten();
        let mut found: Vec<Grant> = groups
            .filter(|(_, key)| key.is_none_or(|key| !known.contains(key)))
            .map(|(name, key)| Grant {
                kind: GrantKind::Group,
                key: key.map(str::to_owned),
                name: name.clone(),
                nested: false,
                why: None,
                status: Some(Status::Undeclared),
            })
            .collect();
        found.sort_by(|a, b| (&a.name, &a.key).cmp(&(&b.name, &b.key)));
        found
    }
}

fn within(groups: &[LiveResource]) -> HashMap<&str, HashSet<&str>> {
    let ids: HashMap<&str, &[LiveMember]> = groups
        .iter()
        .filter_map(|group| match &group.members {
            Members::Known(members) => Some((group.id.as_str(), members.as_slice())),
            Members::Unknown => None,
        })
        .collect();
    let holds = |members: &[LiveMember]| members.iter().any(|member| ids.contains_key(member.id.as_str()));
    let all = |root: &LiveResource| {
        let mut found: HashSet<&str> = HashSet::new();
        let mut open = vec![root.id.as_str()];
        while let Some(id) = open.pop() {
            for member in ids.get(id).copied().into_iter().flatten() {
                let Some((own, _)) = ids.get_key_value(member.id.as_str()) else {
                    found.insert(&member.id);
                    continue;
                };
                if found.insert(own) {
                    open.push(own);
                }
            }
        }
        found
    };
    let nesting = groups.iter().filter(|group| ids.get(group.id.as_str()).is_some_and(|members| holds(members)));
    nesting.map(|group| (group.id.as_str(), all(group))).collect()
}

fn undeclared(user: &LiveResource, groups: &Groups<'_>, accounts: &AccountReader, seen: &Seen<'_>) -> Account {
    let has_access = accounts.state(&user.attributes).has_access();
    let mut grants = groups.undeclared(user, &[]);
    grants.extend(values(user, &[]));
    let user_name = user.attributes.get("userName").and_then(Value::as_str).map(str::to_owned);
    Account {
        id: Some(user.id.clone()),
        name: user.name(),
        user_name,
        active: has_access,
        inactive_because: (!has_access).then(|| "inactive at the target".to_owned()),
        grants,
        status: Some(Status::Undeclared),
        standing: Some((seen.standing)(user)),
        ..Account::default()
    }
}
