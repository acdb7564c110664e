//! Random servers, and random histories of a small company.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use scimform::scim::ResourceKind::{self, Group, User};
use serde_json::{Value, json};

use crate::odd::bends::{
    Answer, Bends, Deletion, Effect, Filters, Hidden, Listed, Of, Order, Quirk, Slip, Tags, Taken, Total,
};

/// One way in which a server is bent.
#[derive(Clone, Debug)]
pub enum Bend {
    Hides(Hidden),
    Slips(Slip),
    Refuses(&'static str, ResourceKind, u16),
    Filters(Filters),
    Turning,
    Total(Total),
    Listed(Listed),
    Repeats,
    Page(usize),
    Lag(usize),
    NoPatch,
    NoDiscovery,
    UniqueGroups,
    TakenIs500,
    DeletionDeactivates,
    OffIsGone,
    Tags(Tags),
    AddReplaces,
    PutMerges,
    Quirk(Quirk),
}

impl Bend {
    pub fn bend(&self, bends: &mut Bends) {
        match self.clone() {
            Self::Hides(hidden) => bends.hidden.push(hidden),
            Self::Slips(slip) => bends.slips.push(slip),
            Self::Refuses(method, kind, status) => bends.refused.push((method, kind, status)),
            Self::Filters(filters) => bends.filters = filters,
            Self::Turning => bends.order = Order::Turning,
            Self::Total(total) => bends.total = total,
            Self::Listed(listed) => bends.listed = listed,
            Self::Repeats => bends.repeats = true,
            Self::Page(page) => bends.page = page,
            Self::Lag(lag) => bends.lag = lag,
            Self::NoPatch => bends.patch = false,
            Self::NoDiscovery => bends.discovery = false,
            Self::UniqueGroups => bends.unique_groups = true,
            Self::TakenIs500 => bends.taken = Taken::Error,
            Self::DeletionDeactivates => bends.deletion = Deletion::Deactivates,
            Self::OffIsGone => bends.off_is_gone = true,
            Self::Tags(tags) => bends.tags = tags,
            Self::AddReplaces => bends.add_replaces = true,
            Self::PutMerges => bends.put_merges = true,
            Self::Quirk(quirk) => bends.quirks.push(quirk),
        }
    }
}

/// The server that is bent in all these ways.
pub fn bent(bends: &[Bend]) -> Bends {
    let mut all = Bends::default();
    for bend in bends {
        bend.bend(&mut all);
    }
    all
}

fn attribute() -> impl Strategy<Value = (ResourceKind, &'static str)> {
    select(vec![
        (User, "active"),
        (User, "active"),
        (User, "roles"),
        (User, "title"),
        (User, "emails"),
        (User, "externalId"),
        (User, "name"),
        (Group, "members"),
        (Group, "members"),
        (Group, "members"),
        (Group, "externalId"),
    ])
}

fn hides() -> impl Strategy<Value = Bend> {
    let answers = vec![Answer::List, Answer::Filtered, Answer::ById, Answer::Written];
    let of = select(vec![Of::Everyone, Of::Half, Of::Empty]);
    (attribute(), subsequence(answers, 1..=4), of)
        .prop_map(|((kind, attribute), from, of)| Bend::Hides(Hidden { kind, attribute, from, of }))
}

fn slips() -> impl Strategy<Value = Bend> {
    let effect = select(vec![Effect::Ignored, Effect::Lost, Effect::LostUnlessSent]);
    let slip = |((kind, attribute), method, effect)| Slip { method, kind, attribute, effect };
    (attribute(), select(vec!["POST", "PUT", "PATCH"]), effect).prop_map(move |parts| Bend::Slips(slip(parts)))
}

fn other() -> impl Strategy<Value = Bend> {
    select(vec![
        Bend::Filters(Filters::Ignored),
        Bend::Filters(Filters::Refused),
        Bend::Filters(Filters::Empty),
        Bend::Turning,
        Bend::Total(Total::Missing),
        Bend::Total(Total::TooMany),
        Bend::Listed(Listed::Active),
        Bend::Listed(Listed::AllButLast),
        Bend::Listed(Listed::HalfLater),
        Bend::Quirk(Quirk::UpperTitles),
        Bend::Quirk(Quirk::AddsRole),
        Bend::Quirk(Quirk::FirstRoleOnly),
        Bend::Quirk(Quirk::AddsMail),
        Bend::Quirk(Quirk::NoMailTypes),
        Bend::Repeats,
        Bend::Page(2),
        Bend::Page(3),
        Bend::Lag(1),
        Bend::Lag(2),
        Bend::NoPatch,
        Bend::NoPatch,
        Bend::NoDiscovery,
        Bend::UniqueGroups,
        Bend::TakenIs500,
        Bend::DeletionDeactivates,
        Bend::OffIsGone,
        Bend::Tags(Tags::Work),
        Bend::Tags(Tags::Refused),
        Bend::AddReplaces,
        Bend::PutMerges,
        Bend::Refuses("PATCH", User, 405),
        Bend::Refuses("PATCH", Group, 501),
        Bend::Refuses("PUT", Group, 404),
        Bend::Refuses("DELETE", User, 405),
    ])
}

/// What happens to the files, or past them at the target. Numbers choose a person or a group.
#[derive(Clone, Debug)]
pub enum Event {
    Joins(usize),
    Leaves(usize),
    /// No title, or one of two.
    Title(usize, usize),
    Roles(usize, usize),
    /// A new userName.
    Renamed(usize),
    /// A new key, with `previously`.
    Rekeyed(usize),
    /// The first gets the userName of the second, who gets another.
    Takes(usize, usize),
    /// The second leaves, and the first comes with that userName.
    Succeeds(usize, usize),
    Exchange(usize, usize),
    /// Declared inactive, or active again.
    Switched(usize),
    /// Into a group, or out of it.
    Member(usize, usize),
    GroupRenamed(usize),
    /// Declared, or not any more.
    Group(usize),
    OutsideOff(usize),
    OutsideTitle(usize),
    OutsideMember(usize, usize),
    OutsideDelete(usize),
    /// The account is gone, and its id is another person's.
    OutsideReuse(usize),
}

fn event() -> impl Strategy<Value = Event> {
    let (who, group) = (|| 0..PEOPLE, || 0..GROUPS);
    prop_oneof![
        3 => who().prop_map(Event::Joins),
        4 => who().prop_map(Event::Leaves),
        2 => (who(), 0..3_usize).prop_map(|(who, title)| Event::Title(who, title)),
        2 => (who(), 0..3_usize).prop_map(|(who, roles)| Event::Roles(who, roles)),
        1 => who().prop_map(Event::Renamed),
        1 => who().prop_map(Event::Rekeyed),
        2 => (who(), who()).prop_map(|(one, other)| Event::Takes(one, other)),
        2 => (who(), who()).prop_map(|(one, other)| Event::Succeeds(one, other)),
        1 => (who(), who()).prop_map(|(one, other)| Event::Exchange(one, other)),
        1 => who().prop_map(Event::Switched),
        4 => (who(), group()).prop_map(|(who, group)| Event::Member(who, group)),
        1 => group().prop_map(Event::GroupRenamed),
        1 => group().prop_map(Event::Group),
        1 => who().prop_map(Event::OutsideOff),
        1 => who().prop_map(Event::OutsideTitle),
        1 => (who(), group()).prop_map(|(who, group)| Event::OutsideMember(who, group)),
        1 => who().prop_map(Event::OutsideDelete),
        1 => who().prop_map(Event::OutsideReuse),
    ]
}

/// How somebody is at the target before the first apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Absent,
    /// With our externalId.
    Known,
    /// Found by userName alone.
    Namesake,
    Off,
}

pub const PEOPLE: usize = 6;
/// Those who are declared from the start; the others are not at the target either.
pub const STAFF: usize = 4;
pub const GROUPS: usize = 2;

/// A server, and what is done with it.
#[derive(Clone, Debug)]
pub struct Case {
    pub bends: Vec<Bend>,
    pub start: Vec<Start>,
    pub deletes: bool,
    /// Whether the target's settings say how the server is bent, as far as there are settings.
    pub told: bool,
    pub rounds: Vec<Vec<Event>>,
}

pub fn case() -> impl Strategy<Value = Case> {
    let bend = prop_oneof![4 => hides(), 2 => slips(), 4 => other()];
    let start = select(vec![Start::Absent, Start::Known, Start::Namesake, Start::Off]);
    let rounds = prop::collection::vec(prop::collection::vec(event(), 1..5), 1..3);
    let people = prop::collection::vec(start, STAFF);
    (prop::collection::vec(bend, 0..4), people, any::<bool>(), any::<bool>(), rounds)
        .prop_map(|(bends, start, deletes, told, rounds)| Case { bends, start, deletes, told, rounds })
}

/// The target's capabilities in the files.
pub fn told(case: &Case, bends: &Bends) -> Value {
    let mut all = json!({"concurrency": 1});
    if !case.told {
        return all;
    }
    let members = bends.hidden.iter().filter(|one| one.attribute == "members" && one.of != Of::Empty);
    let hides = |answer| members.clone().any(|one| one.from.contains(&answer));
    if hides(Answer::List) {
        all["members"] = json!(if hides(Answer::ById) { "never" } else { "byId" });
    }
    if bends.total != Total::True || bends.repeats {
        all["totals"] = json!(false);
    }
    if bends.tags == Tags::Refused {
        all["etag"] = json!(false);
    }
    if bends.filters != Filters::Work {
        all["filterUsers"] = json!([]);
        all["filterGroups"] = json!([]);
    }
    if bends.deletion == Deletion::Deactivates {
        all["deletion"] = json!("deactivates");
    }
    if bends.add_replaces {
        all["write"] = json!("put");
    }
    all["inactiveListed"] = json!(bends.listed != Listed::Active);
    all["uniqueGroupNames"] = json!(bends.unique_groups);
    all["deactivationRemoves"] = json!(bends.off_is_gone);
    all
}
