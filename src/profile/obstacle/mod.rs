//! What stands in the way at a target, and the settings that lift it. Every refusal, doubt or write that did not take is
//! one of these where a capability could be the way out: its message ends with [`Obstacle::way_out`], so that no dead end
//! leaves a reader to guess, and so that all say it in one form.

use serde_json::{Value, json};

use super::{AttributeRules, MembersShown, Profile, Setting};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;

/// What stands in the way.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle<'a> {
    /// A list is shorter than the total that it names.
    ShortList,
    /// A list shows resources several times and counts each time.
    RepeatingList,
    /// The total changes while a list is read.
    MovingTotal,
    /// One answer may or may not be the whole list.
    UnprovenWhole,
    /// A list without a further cursor may or may not be at its end.
    UnprovenCursor,
    /// Every page is the same.
    SamePages,
    /// A page is the one before once more.
    RepeatedPage,
    /// Cursors lead in a circle, or one is refused.
    BrokenCursor,
    /// A later page is refused.
    RefusedPage,
    /// A list holds a resource that the profile calls made up.
    MadeUp,
    /// A list is refused; the parameters that were sent.
    RefusedList(ResourceKind, &'a [&'a str]),
    /// A filter is taken no notice of.
    IgnoredFilter(ResourceKind),
    /// An answer is larger than what is read, or than the server would send.
    LargeAnswer,
    /// Requests come too fast.
    RateLimit,
    /// A method is not offered (405, 501).
    RefusedMethod(&'a str, ResourceKind),
    /// A PATCH is not understood (400).
    RefusedPatch(ResourceKind),
    /// A change of nothing but this attribute is refused, as one that does not change (`mutability`) or as a name.
    RefusedChange(ResourceKind, &'a str),
    /// The body's media type is not accepted (406, 415).
    RefusedType,
    /// A body is too large (413).
    LargeBody,
    /// A version is said to have changed (412).
    RefusedVersion,
    /// There are no groups (404).
    NoGroups,
    /// Neither PATCH nor PUT is offered, as the profile has it.
    NoUpdate(ResourceKind),
    /// Resources are not created, as the profile has it.
    NoCreate(ResourceKind),
    /// Resources are not deleted, as the profile has it.
    NoDelete(ResourceKind),
    /// Groups are not renamed, as the profile has it.
    NoRename,
    /// Access is not given again, as the profile has it.
    NoReactivation,
    /// Groups or users are left out, as the profile has it.
    NoResources(ResourceKind),
    /// Nobody shows who is in a group.
    HiddenMembers,
    /// Members went whom nobody had asked to take out.
    LostMembers,
    /// Membership requests in the form that is used do harm; this `memberWrite` was not tried yet.
    HarmfulMembers(&'static str),
    /// Members were accepted and not kept.
    MembersNotKept,
    /// A request that changes members is refused; whether it was a PUT.
    RefusedMembers(bool),
    /// A read by id shows less than a list, so that the whole of a resource can't be sent.
    ShowsLess,
    /// A read by id shows fewer members than a list, so that not all members can be sent.
    ShowsLessMembers,
    /// An update took away an attribute that it was not about.
    LostByUpdate(&'a str),
    /// An update of a group took out members; whether it was a PUT.
    MembersLostByUpdate(bool),
    /// An account that was deleted is still there.
    NotDeleted(ResourceKind),
    /// Who has access is shown neither in lists nor by id.
    HiddenAccess,
    /// An attribute was accepted and not kept.
    NotKept(&'a str),
    /// An attribute has a value that was not sent from here.
    SetElsewhere(&'a str),
    /// An account that was set active is shown as inactive.
    StillInactive,
    /// `active` is not sent, as the profile has it.
    NoActive,
    /// An attribute is not sent, as one of the profile's lists has it.
    Listed(&'static str, &'a str),
}

impl Obstacle<'_> {
    /// The end of a message: what to write, for a target of this profile and name. Empty where the profile's word is the
    /// vendor's own, which no setting changes.
    pub fn way_out(&self, profile: &Profile, target: Option<&str>) -> String {
        let ways: Vec<String> = self
            .settings(profile)
            .into_iter()
            .map(|(when, setting)| format!("{when}, set {}: `{}`", setting.names(), setting.at(target)))
            .collect();
        ways.join("; ")
    }

    /// What may be so, and the setting for it.
    pub fn settings(&self, profile: &Profile) -> Vec<(&'static str, Setting)> {
        let found = self.of_reads(profile).or_else(|| self.of_writes(profile)).or_else(|| self.of_members(profile));
        found.unwrap_or_else(|| self.of_facts(profile))
    }

    fn of_reads(&self, profile: &Profile) -> Option<Vec<(&'static str, Setting)>> {
        Some(match self {
            Self::ShortList => vec![
                ("if the target counts some that it does not list, and lists all others", set("totals", false)),
                ("if it does not list those who are deactivated", set("totals", false).and("inactiveListed", false)),
            ],
            Self::RepeatingList => vec![("if it counts each time that it shows one", set("totals", false))],
            Self::MovingTotal => {
                vec![("if it does so at every reading, and the lists are whole", set("totals", false))]
            }
            Self::UnprovenWhole => vec![("if it is", set("paging", "none"))],
            Self::UnprovenCursor => vec![("if it is so", set("paging", "cursor"))],
            Self::SamePages => vec![("if these are all", set("paging", "none"))],
            Self::RepeatedPage => vec![("if larger pages are accepted", set("pageSize", 2 * page_size(profile)))],
            Self::BrokenCursor => vec![("if the target pages by `startIndex` as well", set("paging", "index"))],
            Self::RefusedPage => vec![("if the pages before it hold all", set("totals", false))],
            Self::MadeUp => vec![("if it is a real one", set("synthetic", json!([])))],
            Self::RefusedList(kind, sent) => refused_list(*kind, sent),
            Self::IgnoredFilter(kind) => vec![("if filters do not work there", set(filters(*kind), json!([])))],
            Self::LargeAnswer => {
                vec![("if smaller pages are accepted", set("pageSize", (page_size(profile) / 2).max(1)))]
            }
            Self::RateLimit => vec![
                ("to send one request at a time", set("concurrency", 1)),
                ("to keep to the vendor's limit", set("rates", json!([{ "requests": 60, "seconds": 60 }]))),
            ],
            _ => return None,
        })
    }

    fn of_writes(&self, profile: &Profile) -> Option<Vec<(&'static str, Setting)>> {
        Some(match self {
            Self::RefusedMethod(method, kind) => refused_method(method, *kind),
            Self::RefusedPatch(kind) => refused_patch(*kind),
            Self::RefusedChange(ResourceKind::Group, path) if path.eq_ignore_ascii_case("displayName") => {
                vec![("if groups keep their names there", set("renameGroups", false))]
            }
            Self::RefusedChange(_, path) => {
                vec![("if it is set at creation only", listed(&profile.attributes, "createOnly", path))]
            }
            Self::RefusedType => vec![("if the target wants plain JSON", set("contentType", "application/json"))],
            Self::LargeBody => vec![
                ("to send fewer members at once", set("membersPerPatch", 20)),
                ("to keep to a size", set("bytesPerPatch", 65_536)),
            ],
            Self::RefusedVersion => vec![("if nothing else changes it", set("etag", false))],
            Self::NoGroups => vec![
                ("if the target has no groups", set("resources", json!({ "groups": false }))),
                ("if it creates none", set("createGroups", false)),
            ],
            Self::ShowsLess => vec![("if it accepts PATCH, which sends only what changes", set("patch", true))],
            Self::LostByUpdate(path) => {
                vec![("if the target does so with every update", listed(&profile.attributes, "resent", path))]
            }
            Self::NotDeleted(kind) => vec![("if the target deletes none", set(deletion(*kind), "none"))],
            Self::HiddenAccess => {
                vec![("if it has no `active`", listed(&profile.attributes, "unsupported", "active"))]
            }
            Self::NotKept(path) => not_kept(&profile.attributes, path),
            Self::SetElsewhere(path) => {
                vec![("if the target sets it itself", listed(&profile.attributes, "serverOwned", path))]
            }
            Self::StillInactive => vec![
                ("if people stay inactive until they set a password", Setting::attribute("pendingUntilPassword", true)),
                ("if the target decides on it", listed(&profile.attributes, "derived", "active")),
            ],
            _ => return None,
        })
    }

    fn of_members(&self, profile: &Profile) -> Option<Vec<(&'static str, Setting)>> {
        Some(match self {
            Self::HiddenMembers => hidden_members(profile),
            Self::LostMembers => vec![
                ("if the target removes by value", set("memberRemoval", "value")),
                ("if it only replaces all members", set("memberRemoval", "replace").and("replaceMembers", true)),
                ("if it accepts one member at a time", set("membersPerPatch", 1)),
            ],
            Self::HarmfulMembers(write) => vec![("to send memberships in another form", set("memberWrite", *write))],
            Self::MembersNotKept => vec![
                ("if the target accepts PATCH of members", set("memberWrite", "patch")),
                ("if it only replaces all members", set("memberWrite", "replace")),
                ("if it accepts PUT of groups", set("memberWrite", "put")),
                ("if it needs the address of each member", set("memberReference", true)),
                ("if it shows them nowhere", set("members", "never")),
            ],
            Self::RefusedMembers(put) => {
                let (when, write) = if *put {
                    ("if only PATCH is offered there", "patch")
                } else {
                    ("if only PUT is offered there", "put")
                };
                vec![(when, set("memberWrite", write))]
            }
            Self::ShowsLessMembers => vec![
                ("if it accepts PATCH of members, which sends only what changes", set("memberWrite", "patch")),
                ("if it hides members by id", set("members", "never")),
            ],
            Self::MembersLostByUpdate(true) => vec![("if it accepts PATCH", set("patch", true))],
            Self::MembersLostByUpdate(false) => vec![("if it accepts PUT of groups", set("write", "put"))],
            _ => return None,
        })
    }

    /// Refusals of our own, on a profile's word. One that was read in the vendor's own text, or was written by the user, is
    /// no dead end that a setting lifts.
    fn of_facts(&self, profile: &Profile) -> Vec<(&'static str, Setting)> {
        let doubted = |fact: &str| !profile.is_verified(fact);
        let not_so = |fact: &str, setting: Setting| {
            doubted(fact).then_some(("if that is not so", setting)).into_iter().collect::<Vec<_>>()
        };
        let (fact, value) = match self {
            Self::NoUpdate(kind) => {
                let put = if *kind == ResourceKind::Group { "putGroups" } else { "put" };
                return vec![("if it accepts PATCH", set("patch", true)), ("if it accepts PUT", set(put, true))];
            }
            Self::NoActive => {
                let lists = ["serverOwned", "ignored", "unsupported", "createOnly"].into_iter();
                let names = |list: &&str| {
                    profile.attributes.list(list).iter().any(|known| known.same(&AttrPath::attribute("active")))
                };
                return lists.filter(names).flat_map(|list| Self::Listed(list, "active").of_facts(profile)).collect();
            }
            Self::Listed(list, path) => {
                return not_so(&format!("attributes.{list}.{path}"), profile.attributes.without(list, path));
            }
            Self::NoCreate(kind) => (creates(*kind), json!(true)),
            Self::NoDelete(kind) => (deletion(*kind), json!("hard")),
            Self::NoRename => ("renameGroups", json!(true)),
            Self::NoReactivation => ("reactivation", json!(true)),
            Self::NoResources(ResourceKind::User) => ("resources", json!({ "users": true })),
            Self::NoResources(ResourceKind::Group) => ("resources", json!({ "groups": true })),
            _ => return Vec::new(),
        };
        not_so(&format!("capabilities.{fact}"), set(fact, value))
    }
}

/// A capability's setting.
fn set(name: &str, value: impl Into<Value>) -> Setting {
    Setting::new(name, value)
}

fn refused_list(kind: ResourceKind, sent: &[&str]) -> Vec<(&'static str, Setting)> {
    let all = [
        ("filter", "if it does not filter", Setting::new(filters(kind), json!([]))),
        ("attributes", "if it does not know `attributes`", Setting::new("attributesParameter", false)),
        ("cursor", "if it has no cursors", Setting::new("paging", "index")),
        ("count", "if it does not know `count` and `startIndex`", Setting::new("countParameter", false)),
    ];
    // A filter is the first suspect: the same list is read without one as well.
    let asked: Vec<_> = all.into_iter().filter(|(parameter, ..)| sent.contains(parameter)).collect();
    let filtered = asked.iter().any(|(parameter, ..)| *parameter == "filter");
    let suspects = asked.into_iter().filter(|(parameter, ..)| !filtered || *parameter == "filter");
    suspects.map(|(_, when, setting)| (when, setting)).collect()
}

fn refused_method(method: &str, kind: ResourceKind) -> Vec<(&'static str, Setting)> {
    let never = "if it is not offered there";
    match (method, kind) {
        ("PATCH", _) => vec![(never, set("patch", false).and("write", "put"))],
        ("PUT", ResourceKind::User) => vec![("if only PATCH is offered there", set("put", false).and("patch", true))],
        ("PUT", ResourceKind::Group) => {
            vec![("if only PATCH is offered there", set("putGroups", false).and("patch", true))]
        }
        ("POST", kind) => vec![(never, set(creates(kind), false))],
        ("DELETE", kind) => vec![(never, set(deletion(kind), "none"))],
        _ => Vec::new(),
    }
}

fn refused_patch(kind: ResourceKind) -> Vec<(&'static str, Setting)> {
    let mut ways = vec![
        ("if PATCH does not work there", set("patch", false).and("write", "put")),
        ("if it knows no filters in paths", set("pathFilters", false).and("memberRemoval", "value")),
    ];
    match kind {
        ResourceKind::User => ways.push(("if it clears by `null`", set("clear", "null"))),
        ResourceKind::Group => ways.push(("if it removes members by value", set("memberRemoval", "value"))),
    }
    ways
}

fn hidden_members(profile: &Profile) -> Vec<(&'static str, Setting)> {
    let filters = with(&profile.capabilities.filter_groups, "members.value");
    let asked = ("if it finds groups by a member", set("filterGroups", filters));
    if profile.capabilities.members == MembersShown::Never && profile.is_verified("capabilities.members") {
        return vec![asked];
    }
    vec![
        ("if it shows them by id", set("members", "byId")),
        ("if it shows them in lists, so that these groups are empty", set("members", "list")),
        ("if it hides them everywhere", set("members", "never")),
        asked,
    ]
}

fn not_kept(rules: &AttributeRules, path: &str) -> Vec<(&'static str, Setting)> {
    vec![
        ("if the target decides on it", listed(rules, "serverOwned", path)),
        ("if it accepts it at creation only", listed(rules, "createOnly", path)),
        ("if it drops it", listed(rules, "ignored", path)),
        ("if it keeps one value of several", listed(rules, "singleValued", path)),
    ]
}

fn filters(kind: ResourceKind) -> &'static str {
    if kind == ResourceKind::Group { "filterGroups" } else { "filterUsers" }
}

fn creates(kind: ResourceKind) -> &'static str {
    if kind == ResourceKind::Group { "createGroups" } else { "createUsers" }
}

fn deletion(kind: ResourceKind) -> &'static str {
    if kind == ResourceKind::Group { "groupDeletion" } else { "deletion" }
}

/// How many resources a page holds at most.
fn page_size(profile: &Profile) -> u64 {
    profile.capabilities.page_size.unwrap_or(100)
}

/// A list with a path more: what is pasted takes the place of the profile's list.
fn listed(rules: &AttributeRules, list: &str, path: &str) -> Setting {
    Setting::attribute(list, with(rules.list(list), path))
}

fn with(known: &[impl ToString], path: &str) -> Vec<String> {
    let mut all: Vec<String> = known.iter().map(ToString::to_string).collect();
    if !all.iter().any(|known| known == path) {
        all.push(path.to_owned());
    }
    all
}

#[cfg(test)]
mod tests;
