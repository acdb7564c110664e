//! What a reviewer should know, gathered per kind of note and attribute rather than per person.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{NoticeCode, NoticeKind};
use crate::directory::Target;
use crate::live::LiveResource;
use crate::plan::PlanNotice;
use crate::profile::Obstacle;
use crate::scim::ResourceKind;
use crate::wording::{self, joined, quoted};

/// One note: about an attribute (or nothing), on a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct Note {
    /// None where it is not for people: a list does not show all that matters of the resource whose id is the key.
    pub(in crate::plan) code: Option<NoticeCode>,
    pub(in crate::plan) subject: String,
    pub(in crate::plan) key: String,
}

impl Note {
    pub(in crate::plan) fn new(code: NoticeCode, subject: &str, key: &str) -> Self {
        Self { code: Some(code), subject: subject.to_owned(), key: key.to_owned() }
    }

    /// That a resource is to be read by its id.
    pub(in crate::plan) fn unread(live: &LiveResource) -> Self {
        Self { code: None, subject: String::new(), key: live.id.clone() }
    }

    /// Whether it tells of something that should be done and is not: an error of that key, and no remark.
    pub(in crate::plan) fn holds_back(&self) -> bool {
        self.code.is_some_and(|code| code.kind() == NoticeKind::Problem)
    }
}

/// Notes by code and subject.
#[derive(Debug, Default)]
pub(in crate::plan) struct Notes {
    found: BTreeMap<(NoticeCode, String), BTreeSet<String>>,
}

impl Notes {
    pub(in crate::plan) fn add(&mut self, note: Note) {
        if let Some(code) = note.code {
            self.found.entry((code, note.subject)).or_default().insert(note.key);
        }
    }

    /// Keeps notes on these keys.
    pub(in crate::plan) fn retain(&mut self, keys: &BTreeSet<String>) {
        self.found.retain(|_, found| {
            found.retain(|key| keys.contains(key));
            !found.is_empty()
        });
    }

    /// The notices, in the order of their codes and subjects.
    pub(in crate::plan) fn into_notices(self, target: &Target) -> Vec<PlanNotice> {
        self.found
            .into_iter()
            .map(|((code, subject), keys)| PlanNotice {
                code,
                message: code.message(&subject, &keys) + &code.way_out(&subject, target),
                origin: None,
            })
            .collect()
    }
}

impl NoticeCode {
    /// What a setting of the target could lift, where the profile's word is in doubt.
    fn obstacle(self, subject: &str) -> Option<Obstacle<'_>> {
        let kind = if subject == "group" { ResourceKind::Group } else { ResourceKind::User };
        Some(match self {
            Self::CreateOnly => Obstacle::Listed("createOnly", subject),
            Self::Derived => Obstacle::Listed("derived", subject),
            Self::ForeignExternalId => Obstacle::SetElsewhere(subject),
            Self::CannotRename => Obstacle::NoRename,
            Self::CannotReactivate => Obstacle::NoReactivation,
            Self::CannotDeactivate => Obstacle::NoActive,
            Self::CannotDelete => Obstacle::NoDelete(kind),
            Self::CannotCreate => Obstacle::NoCreate(kind),
            Self::MembersUnknown | Self::MembersNotShown => Obstacle::HiddenMembers,
            Self::AccessNotShown => Obstacle::HiddenAccess,
            Self::PeopleLeftOut => Obstacle::NoResources(ResourceKind::User),
            _ => return None,
        })
    }

    /// The setting that could lift it, as the end of a sentence; mostly empty.
    fn way_out(self, subject: &str, target: &Target) -> String {
        let name = Some(target.name.as_str());
        let way_out = self.obstacle(subject).map(|obstacle| obstacle.way_out(&target.profile, name));
        way_out.filter(|way_out| !way_out.is_empty()).map_or_else(String::new, |way_out| format!("; {way_out}"))
    }

    fn message(self, subject: &str, keys: &BTreeSet<String>) -> String {
        format!("{}: {}", self.text(subject, keys.len()), names(keys))
    }

    /// What it says of a target, without keys.
    pub(in crate::plan) fn text_at(self, subject: &str, target: &Target) -> String {
        self.text(subject, 1) + &self.way_out(subject, target)
    }

    fn text(self, subject: &str, count: usize) -> String {
        let others = || self.of_members(subject, count).or_else(|| self.of_error(subject));
        self.of_attribute(subject).or_else(others).unwrap_or_else(|| self.of_resource(subject))
    }

    /// What is said about an attribute.
    fn of_attribute(self, subject: &str) -> Option<String> {
        Some(match self {
            Self::Normalised => {
                format!("`{subject}` is stored in the target's own form, which is no change")
            }
            Self::Coupled => {
                format!(
                    "the target keeps `{subject}` equal to another attribute, so what is declared for it is not sent"
                )
            }
            Self::Defaulted => {
                format!("`{subject}` is to have no value, but the target fills it in of its own accord")
            }
            Self::CreateOnly => {
                format!("`{subject}` differs and cannot be changed here, the target takes it at creation alone")
            }
            Self::ForeignExternalId => format!(
                "`{subject}` was not set by scimform and stays, since the logins of other clients may depend on it; to replace it, declare one or map it in a row of your own"
            ),
            Self::Derived => format!(
                "`{subject}` was sent before and differs still: the target computes it, so it is not sent again"
            ),
            Self::ValuesExchanged => format!(
                "`{subject}` is exchanged, which a target that requires it to be unique refuses; there it takes two applies: first give one of them a value that nobody has"
            ),
            Self::CannotRename => {
                format!(
                    "`{subject}` differs, but the target cannot rename groups; name it as it is there, or declare a new group under a new key"
                )
            }
            _ => return None,
        })
    }

    /// What is said about members of groups.
    fn of_members(self, subject: &str, count: usize) -> Option<String> {
        Some(match self {
            Self::MembersByLedger => "the target does not show who is in it, so only whom this repository added counts as a member; nobody else is seen or removed".to_string(),
            Self::MembersKept => format!(
                "{} of `{subject}` that are not declared stay, since its membership is additive",
                wording::count(count, "member")
            ),
            Self::MembersUnlisted => format!(
                "in `{subject}` and not among the people whom the target lists, so they stay: one of them may be someone declared whom the list hides"
            ),
            Self::MembersAbsent => {
                format!("not at the target and so not added to `{subject}`")
            }
            _ => return None,
        })
    }

    /// What is said of something that should be done and is not.
    fn of_error(self, subject: &str) -> Option<String> {
        Some(match self {
            Self::CannotDeactivate => "the target has no `active`, so access is not taken away; delete the account there or set `onRemove: { users: delete }`".to_owned(),
            Self::MembersUnknown => "the target does not show who is in it, so its members are left as they are.".to_owned(),
            Self::RemovalsOff => format!("{subject} held back, because not everything was read"),
            Self::Unconfirmed => {
                let what = if subject.is_empty() { "removal" } else { subject };
                format!("{what} held back, because a list is in doubt and a look-up by id has not confirmed it")
            }
            Self::NotSeen => "no longer declared and not among what was read, which is not everything, so nothing is done".to_owned(),
            Self::UnknownPeople => format!(
                "not declared and not removed, because it may be a {subject} that is declared but can't be planned; fix the errors of those first"
            ),
            Self::InConflict => {
                "no longer declared and not removed, because another error speaks of the same id; fix that first".to_owned()
            }
            _ => return None,
        })
    }

    /// What is said about resources as a whole.
    fn of_resource(self, subject: &str) -> String {
        match self {
            Self::CannotReactivate => {
                "the target cannot give a deactivated account access again, so it stays as it is".to_string()
            }
            Self::CannotDelete => {
                format!("the target deletes no {subject}s, so the gentler setting of `onRemove` is used")
            }
            Self::InactiveAbsent => "no access today and not at the target, so not created".to_owned(),
            Self::UnresolvedReference => {
                format!("`{subject}` is left as it is, because the person it names is not at the target")
            }
            Self::PendingPassword => {
                "shown as inactive until a password is set there, and the target sends no activation mail".to_owned()
            }
            Self::Irreversible => {
                "deleted for ever: the account can't be brought back, and its name can't be used again".to_owned()
            }
            Self::CannotUndo => no_way_back(subject),
            Self::MayBeActive => MAY_BE_ACTIVE.to_owned(),
            Self::Protected => {
                format!("not declared but protected by `{subject}`, so left alone")
            }
            Self::NotRead => {
                format!(
                    "no longer declared, and left alone because {subject}s are not read at this target (`resources.{subject}s: false`)"
                )
            }
            Self::LeftOut => {
                format!("`{subject}` waits for a resource that this run does not create")
            }
            Self::Suppressed => {
                format!("`{subject}` is switched off by `actions` of this target, so it is not done")
            }
            Self::PeopleLeftOut => {
                format!("people are left out at this target (`resources.users: false`), so `{subject}` is not done")
            }
            Self::CannotCreate => {
                format!(
                    "the target makes no {subject}s by SCIM, so nothing is created; make them at the target, and the next plan finds them by the match rules"
                )
            }
            Self::MembersNotShown => {
                "the target shows no members of any group, so they may be in it already".to_owned()
            }
            Self::AccessNotShown => {
                "the target shows `active` neither in lists nor by id, so it is not known who has access there"
                    .to_owned()
            }
            Self::DeletesLater => {
                format!("deactivated, and deleted by the first apply from {subject} on, unless declared again")
            }
            _ => self.to_string(),
        }
    }
}

/// What is said of a stranger whose `active` the target computes.
const MAY_BE_ACTIVE: &str = "shown as inactive, which the target computes: an open invitation may still give access. \
                 Not declared and not ours, so suspend the account there, or declare it with `active: false`";

/// Why no undo takes something back. The subject is a kind of resource that is deleted, `active` for access that is not
/// given again, or an attribute whose former value is not known.
fn no_way_back(subject: &str) -> String {
    match subject {
        "user" | "group" => {
            format!("no undo brings a deleted {subject} back: made again, it would be another one with a new id")
        }
        "active" => "no undo gives access back: the target gives no deactivated account access again".to_owned(),
        _ => format!("no undo brings the former value of `{subject}` back, since the target does not show it"),
    }
}

/// Up to five keys, and how many more.
pub(in crate::plan) fn names<K: std::fmt::Display>(keys: impl IntoIterator<Item = K>) -> String {
    joined(keys.into_iter().map(quoted), 5)
}
