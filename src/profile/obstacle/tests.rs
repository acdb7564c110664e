//! Every setting is a way out of something, or there is a reason why none is needed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Obstacle;
use crate::profile::{AttributeRules, Capabilities, Confidence, Profile, builtin};
use crate::scim::ResourceKind::{Group, User};
use crate::scim::path::AttrPath;

/// Settings to which no dead end leads, and why.
const NO_DEAD_END: &[(&str, &str)] = &[
    ("configEndpoint", "nothing is refused for want of a description of the service"),
    ("deactivationRemoves", "an account that is gone is made again like any other"),
    ("nestedGroups", "groups within groups are flattened, which gives the same people access"),
    ("patchAnswers", "what a write came to is read, whatever it is answered with"),
    ("filterAnd", "no filters are joined"),
    ("uniqueGroupNames", "the server's own 409 names the group that is there"),
    ("attributes", "the way to the settings below"),
    ("aliases", "both places are read; what is kept at neither is an attribute that was not kept"),
    ("defaults", "a value that is filled in was not kept as it was sent: `serverOwned` lifts that"),
    ("placeholders", "what stands for nothing is a value that a plan shows"),
    ("rules", "they warn of what the server would refuse in its own words"),
    ("extensions", "an unknown schema is a warning of the validation"),
    ("coupled", "an attribute that follows another one was not kept: `serverOwned` lifts that"),
    ("normalised", "the ledger remembers the form in which a value is kept"),
    ("disguisedWhenInactive", "nothing but `active` is compared of whom we deactivated"),
    ("idIsExternalId", "the new id is found by the match rules"),
    ("textBooleans", "flags are read in any form"),
    ("explicitNulls", "nothing is read in any form"),
];

/// A profile whose word on everything is in doubt.
fn doubtful() -> Profile {
    let mut profile = builtin("generic").unwrap().as_ref().clone();
    for part in ["capabilities", "attributes"] {
        profile.confidence.insert(part.to_owned(), Confidence::Unverified);
    }
    for list in [
        &mut profile.attributes.server_owned,
        &mut profile.attributes.create_only,
        &mut profile.attributes.derived,
        &mut profile.attributes.unsupported,
    ] {
        *list = vec![AttrPath::attribute("active"), AttrPath::attribute("title")];
    }
    profile
}

fn all() -> Vec<Obstacle<'static>> {
    let lists: &[&str] = &["startIndex", "count", "attributes", "cursor"];
    let plain = [
        Obstacle::ShortList,
        Obstacle::RepeatingList,
        Obstacle::MovingTotal,
        Obstacle::UnprovenWhole,
        Obstacle::UnprovenCursor,
        Obstacle::SamePages,
        Obstacle::RepeatedPage,
        Obstacle::BrokenCursor,
        Obstacle::RefusedPage,
        Obstacle::MadeUp,
        Obstacle::LargeAnswer,
        Obstacle::RateLimit,
        Obstacle::RefusedType,
        Obstacle::LargeBody,
        Obstacle::RefusedVersion,
        Obstacle::NoGroups,
        Obstacle::NoRename,
        Obstacle::NoReactivation,
        Obstacle::HiddenMembers,
        Obstacle::LostMembers,
        Obstacle::HarmfulMembers("replace"),
        Obstacle::MembersNotKept,
        Obstacle::RefusedMembers(true),
        Obstacle::RefusedMembers(false),
        Obstacle::LostByUpdate("roles"),
        Obstacle::MembersLostByUpdate(true),
        Obstacle::MembersLostByUpdate(false),
        Obstacle::HiddenAccess,
        Obstacle::ShowsLess,
        Obstacle::ShowsLessMembers,
        Obstacle::NotKept("title"),
        Obstacle::StillInactive,
        Obstacle::SetElsewhere("externalId"),
        Obstacle::NoActive,
        Obstacle::Listed("unsupported", "title"),
    ];
    let by_kind = [User, Group].into_iter().flat_map(|kind| {
        let methods = ["POST", "PUT", "PATCH", "DELETE"].map(|method| Obstacle::RefusedMethod(method, kind));
        let others = [
            Obstacle::RefusedList(kind, lists),
            Obstacle::RefusedList(kind, &["filter"]),
            Obstacle::IgnoredFilter(kind),
            Obstacle::RefusedPatch(kind),
            Obstacle::RefusedChange(kind, "displayName"),
            Obstacle::NoUpdate(kind),
            Obstacle::NoCreate(kind),
            Obstacle::NoDelete(kind),
            Obstacle::NoResources(kind),
            Obstacle::NotDeleted(kind),
        ];
        methods.into_iter().chain(others)
    });
    plain.into_iter().chain(by_kind).collect()
}

fn names<T: serde::Serialize>(facts: &T) -> BTreeSet<String> {
    serde_json::to_value(facts).unwrap().as_object().unwrap().keys().cloned().collect()
}

/// The settings that messages name, each with one such message.
fn named() -> BTreeMap<String, String> {
    let profile = doubtful();
    let mut named = BTreeMap::new();
    for obstacle in all() {
        let message = obstacle.way_out(&profile, Some("app"));
        for (_, setting) in obstacle.settings(&profile) {
            let facts = setting.facts();
            let parts = facts.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
            for name in facts.as_object().unwrap().keys().filter(|name| *name != "attributes").chain(parts.keys()) {
                assert!(message.contains(&format!("{name}: ")), "{obstacle:?}: {message}");
                named.entry(name.clone()).or_insert_with(|| message.clone());
            }
        }
    }
    named
}

#[test]
fn a_message_names_every_setting_or_there_is_a_reason_for_none() {
    let settings: BTreeSet<String> =
        names(&Capabilities::default()).union(&names(&AttributeRules::default())).cloned().collect();
    let named = named();
    for setting in &settings {
        let reason = NO_DEAD_END.iter().find(|(name, _)| name == setting);
        match (named.get(setting), reason) {
            (Some(_), None) => {}
            (None, Some((_, reason))) => assert!(!reason.is_empty()),
            (Some(message), Some((_, reason))) => panic!("`{setting}`: {reason}, and yet: {message}"),
            (None, None) => panic!("no message names `{setting}`: add what it lifts to `Obstacle`, or a reason above"),
        }
    }
    let known = |name: &String| settings.contains(name);
    assert!(named.keys().all(known), "{:?}", named.keys().filter(|name| !known(name)).collect::<Vec<_>>());
}

#[test]
fn what_is_printed_can_be_pasted_and_is_accepted() {
    let profile = doubtful();
    for obstacle in all() {
        let settings = obstacle.settings(&profile);
        assert!(!settings.is_empty(), "{obstacle:?}");
        for (_, setting) in settings {
            let read: Value = serde_yaml::from_str(&setting.clone().at(Some("app")).to_string()).unwrap();
            let facts = &read["targets"]["app"]["capabilities"];
            assert_eq!(*facts, setting.facts());
            assert!(profile.with_capabilities(facts).is_ok(), "{setting}: {:?}", profile.with_capabilities(facts));
        }
    }
}

#[test]
fn a_list_that_is_pasted_keeps_what_the_profile_has_in_it() {
    let mut profile = builtin("generic").unwrap().as_ref().clone();
    profile.attributes.server_owned = vec![AttrPath::attribute("displayName")];
    let shown = Obstacle::NotKept("title").way_out(&profile, None);
    assert!(shown.contains("{ serverOwned: [displayName, title] }"), "{shown}");
    assert_eq!(
        profile.attributes.without("serverOwned", "displayname").to_string(),
        "capabilities: { attributes: { serverOwned: [] } }"
    );
}

#[test]
fn a_vendors_own_word_is_no_dead_end_that_a_setting_lifts() {
    let profile = builtin("lattice").unwrap();
    assert_eq!(Obstacle::NoDelete(User).way_out(&profile, Some("l")), "");
    assert_eq!(Obstacle::Listed("serverOwned", "displayName").way_out(&profile, Some("l")), "");
    assert!(Obstacle::NoDelete(User).way_out(&doubtful(), Some("app")).contains("{ deletion: hard }"));
}
