//! Someone who comes and someone who goes in the same plan, or is there unmanaged, and who look like one person: most
//! likely a changed key.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::desired::{Asserted, Assertion, DesiredResource};
use crate::diag::NoticeCode;
use crate::directory::UserKey;
use crate::live::LiveResource;
use crate::plan::{Action, Change, Origin, PlanNotice, Reason};
use crate::scim::{Object, ResourceKind, Value, fold, urn};

use super::matched_target::{MatchedTarget, Owner};
use crate::wording::few;

/// What two descriptions of one person have in common, strongest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Trait {
    ExternalId(String),
    EmployeeNumber(String),
    Email(String),
    /// Given and family name, and the start of the user name.
    Name(String, String, String),
}

impl Trait {
    /// Whether it is meant to be one person's alone.
    fn is_strong(&self) -> bool {
        !matches!(self, Self::Name(..))
    }

    fn word(&self) -> &'static str {
        match self {
            Self::ExternalId(_) => "externalId",
            Self::EmployeeNumber(_) => "employeeNumber",
            Self::Email(_) => "e-mail address",
            Self::Name(..) => "name and a like userName",
        }
    }
}

/// One notice for each creation that looks like the other half of a removal, and those on unmanaged accounts.
pub(in crate::plan) fn renames(matched: &MatchedTarget<'_>, changes: &[Change]) -> Vec<PlanNotice> {
    let users = || changes.iter().filter(|change| change.resource == ResourceKind::User);
    let mut leaving: BTreeMap<Trait, BTreeSet<usize>> = BTreeMap::new();
    let removals: Vec<&Change> =
        users().filter(|change| matches!(change.action, Action::Deactivate | Action::Delete)).collect();
    for (index, change) in removals.iter().enumerate() {
        // Who is still declared is someone else.
        let declared = matched.input.directory.users.contains_key(&UserKey::from(change.key.as_str()));
        let live = change.id.as_deref().and_then(|id| matched.find(ResourceKind::User, id));
        let Some(live) = live else { continue };
        if !declared {
            for one in of_live(live) {
                leaving.entry(one).or_default().insert(index);
            }
        }
    }
    let creates: Vec<(&Change, BTreeSet<Trait>)> = users()
        .filter(|change| change.action == Action::Create)
        .filter_map(|change| Some((change, of_desired(matched.desired(ResourceKind::User, &change.key)?))))
        .collect();
    let mut notices = Vec::new();
    let mut others = Vec::new();
    for (change, traits) in creates {
        let shared = traits.iter().find_map(|one| {
            let who = leaving.get(one)?;
            // What several leavers have in common tells none of them apart.
            let only = if who.len() == 1 { who.first() } else { None };
            Some((one.word(), *removals.get(*only?)?))
        });
        match shared {
            Some((word, removal)) => notices.push(notice(change, removal, word)),
            None => others.push((change, traits)),
        }
    }
    notices.extend(unmanaged(matched, &others, &removals));
    notices
}

/// People who are created though an account that nobody manages has the same strong value; one notice for each kind of
/// value, as a whole target may be matched by the wrong attribute.
fn unmanaged(
    matched: &MatchedTarget<'_>,
    creates: &[(&Change, BTreeSet<Trait>)],
    removals: &[&Change],
) -> Vec<PlanNotice> {
    let mut coming: HashMap<&Trait, Vec<usize>> = HashMap::new();
    for (index, (_, traits)) in creates.iter().enumerate() {
        for one in traits.iter().filter(|one| one.is_strong()) {
            coming.entry(one).or_default().push(index);
        }
    }
    if coming.is_empty() {
        return Vec::new();
    }
    let leaving: HashSet<&str> = removals.iter().filter_map(|change| change.id.as_deref()).collect();
    let mut found: HashMap<&Trait, Vec<&LiveResource>> = HashMap::new();
    for live in matched.live(ResourceKind::User) {
        for one in of_live(live) {
            if let Some((one, _)) = coming.get_key_value(&one) {
                found.entry(one).or_default().push(live);
            }
        }
    }
    let is_unmanaged = |live: &LiveResource| {
        matched.owner(Some(ResourceKind::User), &live.id) == Owner::Nobody && !leaving.contains(live.id.as_str())
    };
    let mut pairs: BTreeMap<&str, BTreeMap<&str, (&Change, &LiveResource)>> = BTreeMap::new();
    for (change, traits) in creates {
        let shared = traits.iter().find_map(|one| match (coming.get(one)?.as_slice(), found.get(one)?.as_slice()) {
            // What several have in common tells none of them apart.
            ([_], [live]) if is_unmanaged(live) => Some((one.word(), *live)),
            _ => None,
        });
        if let Some((word, live)) = shared {
            pairs.entry(word).or_default().insert(&change.key, (*change, live));
        }
    }
    pairs.into_iter().map(|(word, pairs)| already_there(word, &pairs)).collect()
}

fn already_there(word: &str, pairs: &BTreeMap<&str, (&Change, &LiveResource)>) -> PlanNotice {
    let named = pairs
        .values()
        .map(|(change, live)| format!("`{}` and the account of {} (id {})", change.key, live.name(), live.id));
    PlanNotice {
        code: NoticeCode::LikelyRename,
        message: format!(
            "created though an account that is not managed has the same {word}: {}. If that is the same person, add the account's `externalId`, write `previously` where a key was renamed, or match by what both have, and the account is adopted",
            few(named, 5)
        ),
        origin: pairs.values().next().and_then(|(change, _)| change.origin.clone()),
    }
}

fn notice(create: &Change, removal: &Change, word: &str) -> PlanNotice {
    let at = create.origin.as_ref();
    let place = at.map(|Origin { file, line }| format!(" ({file}:{line})")).unwrap_or_default();
    let goes = if removal.action == Action::Delete { "deleted" } else { "deactivated" };
    let (new, old) = (&create.key, &removal.key);
    let fix = if removal.reason == Reason::NotDeclared {
        format!("give `{new}` the userName or externalId that the account has, and it is changed in place")
    } else {
        format!("write `previously: [{old}]` at `{new}`, and the account is changed in place")
    };
    PlanNotice {
        code: NoticeCode::LikelyRename,
        message: format!(
            "`{new}`{place} is created and `{old}` ({}) is {goes}, though both have the same {word}: if that is one person, {fix}",
            removal.name
        ),
        origin: create.origin.clone(),
    }
}

/// The traits of someone who is declared, strongest first.
fn of_desired(resource: &DesiredResource) -> BTreeSet<Trait> {
    let mut seen = Object::new();
    let mut emails = Vec::new();
    for Assertion { path, value, .. } in &resource.assertions {
        let Asserted::Value(value) = value else { continue };
        let name = path.attribute.to_ascii_lowercase();
        let sub = path.sub.as_deref().map(str::to_ascii_lowercase);
        match (name.as_str(), sub.as_deref(), value) {
            ("emails", _, Value::Array(items)) => emails.extend(items.iter().filter_map(address)),
            ("emails", Some("value"), value) => emails.extend(address(value)),
            ("name", None, Value::Object(parts)) => {
                for part in ["givenName", "familyName"] {
                    if let Some(value) = parts.get(part) {
                        seen.insert(part, value.clone());
                    }
                }
            }
            ("name", Some("givenname"), value) => drop(seen.insert("givenName", value.clone())),
            ("name", Some("familyname"), value) => drop(seen.insert("familyName", value.clone())),
            ("externalid" | "employeenumber" | "username", None, value) => {
                seen.insert(name.as_str(), value.clone());
            }
            _ => {}
        }
    }
    traits(&seen, emails)
}

/// The traits of a live account.
fn of_live(live: &LiveResource) -> BTreeSet<Trait> {
    let mut seen = Object::new();
    let mut take = |object: &Object, name: &str| {
        if let Some(value) = object.get(name) {
            seen.insert(name, value.clone());
        }
    };
    for name in ["externalId", "employeeNumber", "userName"] {
        take(&live.attributes, name);
    }
    if let Some(extension) = live.attributes.get(urn::ENTERPRISE_USER).and_then(Value::as_object) {
        take(extension, "employeeNumber");
    }
    if let Some(parts) = live.attributes.get("name").and_then(Value::as_object) {
        take(parts, "givenName");
        take(parts, "familyName");
    }
    let emails = live.attributes.get("emails").and_then(Value::as_array).unwrap_or_default();
    traits(&seen, emails.iter().filter_map(address).collect())
}

fn address(value: &Value) -> Option<String> {
    let text = value.as_str().or_else(|| value.get("value").and_then(Value::as_str))?;
    (!text.is_empty()).then(|| fold::canonical(text))
}

fn traits(seen: &Object, emails: Vec<String>) -> BTreeSet<Trait> {
    let text = |name: &str| {
        let text = seen.get(name).and_then(Value::as_str).map(str::trim)?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let mut traits = BTreeSet::new();
    traits.extend(text("externalId").map(Trait::ExternalId));
    traits.extend(text("employeeNumber").map(Trait::EmployeeNumber));
    traits.extend(emails.into_iter().map(Trait::Email));
    if let (Some(given), Some(family), Some(user)) = (text("givenName"), text("familyName"), text("userName")) {
        let start: String = fold::canonical(&user).chars().take(3).collect();
        traits.insert(Trait::Name(fold::canonical(&given), fold::canonical(&family), start));
    }
    traits
}
