//! What is read before a plan is made, of servers that show less than they hold: lists that hide attributes of all or of
//! some, leave out resources or shrink, filters that find nothing, and reads by id that are refused.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::laws::{Scene, build, scene};
use super::world::*;
use crate::directory::Manage;
use crate::ledger::Seen;
use crate::live::normal::Comparison;
use crate::live::{ListTrust, Live, LiveResource, Members};
use crate::plan::observe::{Answer, Found, LookUps, Lookup, Need, Next, Observed, Purpose};
use crate::plan::{Action, TargetPlan};
use crate::scim::{ResourceKind, Value};

/// How a server bends what it holds. Each number is a set of resources, a bit for each place.
#[derive(Clone, Debug)]
struct Bends {
    /// Whose `active`, `title` and members the lists do not show.
    hide: [u16; 3],
    /// Which groups the lists show as empty.
    empty: u16,
    /// The accounts that the lists leave out.
    omit: u16,
    /// Whether the lists say that they are not whole.
    short: bool,
    /// Whether the last apply saw many more.
    shrunken: bool,
    /// Whose read by id is refused.
    refuse: u16,
    /// Whether filters find anything: not at all, never, always.
    filters: u8,
    /// Whether to look people up takes fewer requests than to list everyone.
    huge: bool,
}

fn bends() -> impl Strategy<Value = Bends> {
    let some = || prop_oneof![2 => Just(0_u16), 1 => Just(u16::MAX), 3 => any::<u16>()];
    let refused = prop_oneof![3 => Just(0_u16), 1 => any::<u16>()];
    ([some(), some(), some()], some(), refused.clone(), any::<bool>(), any::<bool>(), refused, 0..3_u8).prop_map(
        |(hide, empty, omit, short, shrunken, refuse, filters)| Bends {
            hide,
            empty,
            omit,
            short,
            shrunken,
            refuse,
            filters,
            huge: false,
        },
    )
}

const fn is_in(set: u16, place: usize) -> bool {
    set >> (place % 16) & 1 == 1
}

fn finds(look_up: &Lookup, live: &LiveResource) -> bool {
    look_up.by.iter().any(|(path, text)| path.read(&live.attributes) == [&Value::from(text.as_str())])
}

/// A server that holds what `truth` is, and shows what the bends let it.
struct Server<'a> {
    truth: &'a Live,
    bends: &'a Bends,
    /// What was asked for so far.
    asked: BTreeSet<String>,
}

impl Server<'_> {
    fn lists(&self) -> Live {
        let mut live = self.truth.clone();
        let Bends { hide: [active, title, members], omit, .. } = *self.bends;
        for list in [&mut live.users, &mut live.groups] {
            for (place, one) in list.iter_mut().enumerate() {
                let hidden = [(active, "active"), (title, "title")].into_iter().filter(|(set, _)| is_in(*set, place));
                hidden.for_each(|(_, name)| drop(one.attributes.remove(name)));
                if is_in(self.bends.empty, place) && one.kind == ResourceKind::Group {
                    one.members = Members::Known(Vec::new());
                }
                if is_in(members, place) {
                    one.members = Members::Unknown;
                }
            }
            let mut place = 0..;
            list.retain(|_| !is_in(omit, place.next().unwrap()));
        }
        if self.bends.short {
            live.trust.users = ListTrust::Short("page 2 is missing".to_owned());
        }
        live
    }

    /// The lists, of people only those whom a look-up finds.
    fn looked_up(&self, look_ups: &LookUps) -> Live {
        let mut live = self.lists();
        let sought = &look_ups.declared.users;
        live.users.retain(|one| look_ups.known.users.contains(&one.id) || sought.iter().any(|by| finds(by, one)));
        live.trust.users = ListTrust::NotAsked;
        live
    }

    fn by_id(&self, kind: ResourceKind, id: &str) -> Found {
        let place = self.truth.of(kind).iter().position(|one| one.id == id);
        match place {
            Some(place) if is_in(self.bends.refuse, place) => Found::Unanswered("500".to_owned()),
            Some(place) => Found::There(Box::new(LiveResource { by_id: true, ..self.truth.of(kind)[place].clone() })),
            None => Found::Gone,
        }
    }

    fn answer(&mut self, need: Need) -> Answer {
        match need {
            Need::Lists(lists) => Answer::Lists(Box::new(match &lists.look_ups {
                Some(look_ups) if self.bends.huge => self.looked_up(look_ups),
                _ => self.lists(),
            })),
            Need::ById(kind, ids) => {
                for id in &ids {
                    assert!(self.asked.insert(format!("{kind} {id}")), "{kind} {id} is asked for twice");
                }
                let found = ids.into_iter().map(|id| {
                    let found = self.by_id(kind, &id);
                    (id, found)
                });
                Answer::ById(kind, found.collect())
            }
            Need::LookUp(look_ups) => {
                let kind = look_ups[0].kind;
                let found = look_ups.into_iter().map(|one| {
                    assert!(self.asked.insert(format!("{kind} by {}", one.key)), "{} is looked up twice", one.key);
                    let hits = self.truth.of(kind).iter().filter(|live| finds(&one, live));
                    let hits: Vec<LiveResource> = hits.cloned().collect();
                    let found = match self.bends.filters {
                        0 => None,
                        1 => Some(Vec::new()),
                        _ => Some(hits),
                    };
                    (one.key, found)
                });
                Answer::LookUp(kind, found.collect())
            }
            Need::Memberships(_) => Answer::Memberships([].into(), Vec::new()),
            Need::Identity => {
                assert!(self.asked.insert("me".to_owned()), "the identity is asked for twice");
                Answer::Identity(None)
            }
        }
    }
}

/// A world whose ledger knows what was asserted, and that saw many more where the lists are to shrink.
fn world_of(scene: &Scene, bends: &Bends) -> World {
    let mut world = build(scene);
    if bends.shrunken {
        world.ledger.seen = Some(Seen { users: 60, groups: 0 });
    }
    world
}

/// Reads until the plan is made.
fn observed<'a>(world: &'a World, bends: &Bends) -> (Observed<'a>, TargetPlan) {
    let mut seen = Observed::new(world.basis(), world.desired.clone(), world.ledger.clone().into(), Purpose::Plan);
    let mut server = Server { truth: &world.live, bends, asked: BTreeSet::new() };
    for _ in 0..50 {
        match seen.next() {
            Next::Done(plan) => return (seen, *plan),
            Next::Read(needs) => {
                assert!(!needs.is_empty(), "nothing is asked for, and it goes on");
                for need in needs {
                    let answer = server.answer(need);
                    seen.take(answer);
                }
            }
        }
    }
    panic!("it does not end");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    /// Law 10: whatever lists hide, every `before` of a plan is what the server holds, and nothing is asked for twice.
    #[test]
    fn no_untrue_before(scene in scene(), bends in bends()) {
        let world = world_of(&scene, &bends);
        let (_, plan) = observed(&world, &bends);
        for change in plan.changes.iter().chain(&plan.suppressed).filter(|change| change.action != Action::Create) {
            let Some(truth) = change.id.as_deref().and_then(|id| world.live.find(change.resource, id)) else { continue };
            for one in change.attributes.iter().filter(|one| one.reference.is_none()) {
                let held = Comparison::new(&world.target.profile, change.resource, &one.path).find(&truth.attributes).to_value();
                prop_assert_eq!(&one.before, &held, "{} of {} in {:?}", one.path, change.key, &bends);
            }
            if let Members::Known(members) = &truth.members {
                let is_in = |id: &str| members.iter().any(|member| member.id == id);
                for member in change.members.add.iter().filter_map(|member| member.id.as_deref()) {
                    prop_assert!(!is_in(member), "{member} is in {} already: {bends:?}", change.key);
                }
                for member in change.members.remove.iter().filter_map(|member| member.id.as_deref()) {
                    prop_assert!(is_in(member), "{member} is not in {}: {bends:?}", change.key);
                }
            }
        }
    }

    /// Law 10: where everything can be read by id, a plan over lists that hide attributes is the plan over lists that do
    /// not.
    #[test]
    fn what_lists_hide_changes_no_plan(scene in scene(), bends in bends()) {
        let open = Bends { omit: 0, short: false, shrunken: false, refuse: 0, empty: 0, ..bends };
        let world = world_of(&scene, &open);
        let (_, plan) = observed(&world, &open);
        let (_, shown) = observed(&world, &Bends { hide: [0; 3], ..open });
        prop_assert_eq!(lines(&plan), lines(&shown));
    }

    /// Law 3: nobody who is there is created a second time, and nothing is forgotten or removed that could not be asked
    /// for, however the lists shrink.
    #[test]
    fn absence_is_confirmed(scene in scene(), bends in bends()) {
        let bends = Bends { refuse: 0, ..bends };
        let world = world_of(&scene, &bends);
        let (seen, plan) = observed(&world, &bends);
        for change in plan.changes.iter().filter(|change| change.action == Action::Forget) {
            let id = change.id.as_deref().unwrap();
            let there = world.live.find(change.resource, id).is_some();
            prop_assert!(!there || seen.live.find(change.resource, id).is_some(), "{} is there", change.key);
        }
        let known = |key: &str| world.ledger.users.get(key).and_then(|entry| world.live.find(ResourceKind::User, &entry.id));
        for change in plan.changes.iter().filter(|change| change.action == Action::Create && change.resource == ResourceKind::User) {
            prop_assert!(known(&change.key).is_none(), "{} is there by the ledger", change.key);
        }
    }

    /// A plan of one key is the same whether a few people were looked up or everyone was listed, and everyone is listed
    /// only where something is missing or in question.
    #[test]
    fn a_key_is_planned_by_look_ups(scene in scene(), hide in any::<[u16; 3]>(), pick in 0..9_usize) {
        let listed = Bends { hide, empty: 0, omit: 0, short: false, shrunken: false, refuse: 0, filters: 2, huge: false };
        let mut world = world_of(&scene, &listed);
        world.target.manage = Manage::Owned;
        world.only = Some([format!("k{pick}")].into());
        let (_, whole) = observed(&world, &listed);
        let (seen, few) = observed(&world, &Bends { huge: true, ..listed });
        prop_assert_eq!(lines(&few), lines(&whole));
        prop_assert_eq!(&few.errors, &whole.errors);
        prop_assert_eq!(violations(&few), violations(&whole));
        let missing = world.ledger.users.values().any(|entry| world.live.find(ResourceKind::User, &entry.id).is_none());
        // The person, a manager, and one more where the ledger knows neither.
        prop_assert!(missing || seen.live.users.len() <= 3, "{} people were read", seen.live.users.len());
    }

    /// Law 11: who could not be read is an error by name, and nothing is done to them.
    #[test]
    fn who_can_t_be_read_is_held_back_by_name(scene in scene(), hide in any::<u16>()) {
        let bends = Bends { hide: [hide; 3], empty: 0, omit: 0, short: false, shrunken: false, refuse: u16::MAX, filters: 2, huge: false };
        let world = world_of(&scene, &bends);
        let (_, plan) = observed(&world, &bends);
        for (place, one) in world.live.users.iter().enumerate().filter(|(place, _)| is_in(hide, *place)) {
            let touched = plan.changes.iter().any(|change| change.id.as_deref() == Some(one.id.as_str()) && change.action != Action::Forget);
            prop_assert!(!touched, "place {place}: {:?}", lines(&plan));
            let declared = one.attributes.get("externalId").and_then(Value::as_str).unwrap_or_default();
            if world.desired.users.contains_key(declared) {
                prop_assert!(plan.errors.iter().any(|error| error.key == declared), "{declared}: {:?}", plan.errors);
            }
        }
    }
}
