//! The rules by which a server is bent, as data.

use scimform::scim::ResourceKind;
use serde_json::{Value, json};

/// Which answers a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A list without a filter.
    List,
    /// A list with a filter.
    Filtered,
    /// A read by id.
    ById,
    /// The answer to a write.
    Written,
}

/// Whose attribute is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Everyone,
    /// Resources whose number is odd, as they were added.
    Half,
    /// Those where the attribute is empty.
    Empty,
}

/// An attribute that some answers do not show.
#[derive(Clone, Debug)]
pub struct Hidden {
    pub kind: ResourceKind,
    pub attribute: &'static str,
    pub from: Vec<Answer>,
    pub of: Of,
}

/// What a write does to an attribute, whatever it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The attribute stays as it was; a create makes none.
    Ignored,
    /// The attribute is gone.
    Lost,
    /// The attribute is gone unless the request carries it.
    LostUnlessSent,
}

/// A write that does not do what it says.
#[derive(Clone, Debug)]
pub struct Slip {
    pub method: &'static str,
    pub kind: ResourceKind,
    pub attribute: &'static str,
    pub effect: Effect,
}

/// What a filter does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filters {
    #[default]
    Work,
    /// Everything is listed.
    Ignored,
    /// 400.
    Refused,
    /// Nothing is found.
    Empty,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    AsAdded,
    /// Another one for each list that is begun.
    Turning,
}

/// What `totalResults` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Total {
    #[default]
    True,
    Missing,
    /// One more than there is.
    TooMany,
}

/// The resources that a list leaves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    #[default]
    All,
    Active,
    /// All but the last one, in every list without a filter.
    AllButLast,
    /// Half of them in lists without a filter, once there were a few lists.
    HalfLater,
}

/// What DELETE of a user does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletion {
    #[default]
    Removes,
    /// 204, and the account is inactive.
    Deactivates,
}

/// How a POST with a name that is taken is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Taken {
    #[default]
    Conflict,
    /// 500, as some servers do.
    Error,
}

/// How the values of a person are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quirk {
    UpperTitles,
    /// Everyone has this role beside the others.
    AddsRole,
    FirstRoleOnly,
    /// The address once more, for recovery.
    AddsMail,
    NoMailTypes,
}

impl Quirk {
    pub fn change(self, user: &mut Value) {
        let list = |user: &Value, name: &str| user[name].as_array().cloned().unwrap_or_default();
        match self {
            Self::UpperTitles => {
                if let Some(title) = user["title"].as_str().map(str::to_uppercase) {
                    user["title"] = json!(title);
                }
            }
            Self::AddsRole => {
                let mut roles = list(user, "roles");
                roles.retain(|role| role["value"] != "user");
                roles.push(json!({"value": "user"}));
                user["roles"] = roles.into();
            }
            Self::FirstRoleOnly => user["roles"] = list(user, "roles").into_iter().take(1).collect(),
            Self::AddsMail => {
                let mut mails = list(user, "emails");
                mails.retain(|mail| mail["type"] != "recovery");
                if let Some(first) = mails.first().map(|mail| mail["value"].clone()) {
                    mails.insert(0, json!({"value": first, "type": "recovery", "primary": false}));
                }
                user["emails"] = mails.into();
            }
            Self::NoMailTypes => {
                for mail in user["emails"].as_array_mut().into_iter().flatten() {
                    mail.as_object_mut().unwrap().remove("type");
                }
            }
        }
    }
}

/// How ETags behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tags {
    #[default]
    None,
    Work,
    /// Every `If-Match` is answered 412.
    Refused,
}

/// All that may be bent by data.
#[derive(Clone, Debug)]
pub struct Bends {
    pub hidden: Vec<Hidden>,
    pub slips: Vec<Slip>,
    pub quirks: Vec<Quirk>,
    /// Methods that are refused with a status.
    pub refused: Vec<(&'static str, ResourceKind, u16)>,
    /// Whether there is a `ServiceProviderConfig`.
    pub discovery: bool,
    pub patch: bool,
    pub page: usize,
    pub filters: Filters,
    pub order: Order,
    pub total: Total,
    pub listed: Listed,
    /// Every resource is listed once, twice or three times in turn.
    pub repeats: bool,
    /// How many reads after a write still show what was there before it.
    pub lag: usize,
    pub unique_groups: bool,
    pub taken: Taken,
    pub deletion: Deletion,
    /// An inactive account is not found any more.
    pub off_is_gone: bool,
    pub tags: Tags,
    /// PATCH `add` of members replaces all of them.
    pub add_replaces: bool,
    /// PUT keeps what it does not carry.
    pub put_merges: bool,
}

impl Default for Bends {
    fn default() -> Self {
        Self {
            hidden: Vec::new(),
            slips: Vec::new(),
            quirks: Vec::new(),
            refused: Vec::new(),
            discovery: true,
            patch: true,
            page: 100,
            filters: Filters::default(),
            order: Order::default(),
            total: Total::default(),
            listed: Listed::default(),
            repeats: false,
            lag: 0,
            unique_groups: false,
            taken: Taken::default(),
            deletion: Deletion::default(),
            off_is_gone: false,
            tags: Tags::default(),
            add_replaces: false,
            put_merges: false,
        }
    }
}

/// Attributes that some answers hide.
pub fn hide(kind: ResourceKind, attributes: &[&'static str], from: &[Answer], of: Of) -> Vec<Hidden> {
    attributes.iter().map(|attribute| Hidden { kind, attribute, from: from.to_vec(), of }).collect()
}
