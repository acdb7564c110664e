//! What is withheld. Every format is made of the plan alone, so that what is not in the plan's JSON is in none.

use proptest::prelude::*;

use super::world::*;
use crate::desired::{MemberKey, Presence};
use crate::diag::NoticeCode;
use crate::directory::Manage;
use crate::ledger::Hasher;
use crate::plan::{Heading, Plan, PlanNotice, PlanProblem, Redaction, Redactor, Violation, WITHHELD, assemble, verify};
use crate::scim::{ResourceKind, Value};

/// One person: words that stand nowhere else, and what is the case.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn on its own")]
struct Seed {
    word: String,
    declared: bool,
    there: u8,
    owned: bool,
    member: bool,
    differs: bool,
}

fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    let one = ("[a-z]{6}", any::<bool>(), 0..3_u8, any::<bool>(), any::<bool>(), any::<bool>());
    let one = one.prop_map(|(word, declared, there, owned, member, differs)| Seed {
        word,
        declared,
        there,
        owned,
        member,
        differs,
    });
    proptest::collection::vec(one, 1..8)
}

/// `key…`, `title…`, `login…`: three secrets of each person.
fn words(index: usize, seed: &Seed) -> [String; 3] {
    ["zkey", "ztitle", "zlive"].map(|kind| format!("{kind}{}{index}q", seed.word))
}

fn plan(seeds: &[Seed], all: bool) -> Plan {
    let mut world = World::new();
    world.target.manage = if all { Manage::All } else { Manage::Owned };
    let mut members = Vec::new();
    let mut there = Vec::new();
    for (index, seed) in seeds.iter().enumerate() {
        let ([key, title, live], id) = (words(index, seed), format!("id{index}"));
        if seed.declared {
            world.declare(person(&key, Presence::Active, vec![assertion("title", Value::from(title.as_str()))]));
            if seed.member {
                members.push(MemberKey::user(key.as_str()));
            }
        }
        if seed.there > 0 {
            let title = if seed.differs { &live } else { &title };
            let more = format!(r#"{{"title":"{title}","displayName":"{key} name"}}"#);
            world.live.users.push(account(&id, &key, seed.there == 1, &more));
            there.push(id.clone());
        }
        if seed.owned {
            world.own(&key, &id);
        }
    }
    world.push(pushed("everyone", &members));
    let there: Vec<&str> = there.iter().map(String::as_str).collect();
    world.live.groups = vec![live_group("g", "everyone", &there)];
    let heading = Heading {
        only: seeds.iter().enumerate().map(|(index, seed)| words(index, seed)[0].clone()).collect(),
        ..Heading::default()
    };
    assemble(vec![world.plan()], heading)
}

fn shown(plan: &Plan, level: Redaction) -> (Plan, String) {
    let plan = Redactor::new(level, &Hasher::new("salt")).plan(plan);
    let text = serde_json::to_string(&plan).unwrap().to_lowercase();
    (plan, text)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn nothing_that_is_withheld_survives(seeds in seeds(), all in any::<bool>()) {
        let plan = plan(&seeds, all);
        let (values, without_values) = shown(&plan, Redaction::Values);
        let (names, without_names) = shown(&plan, Redaction::Names);
        for (index, seed) in seeds.iter().enumerate() {
            let [key, title, live] = words(index, seed);
            for secret in [&title, &live] {
                prop_assert!(!without_values.contains(secret.as_str()), "{secret} in {without_values}");
                prop_assert!(!without_names.contains(secret.as_str()), "{secret} in {without_names}");
            }
            prop_assert!(!without_names.contains(&key), "{key} in {without_names}");
        }
        for redacted in [values, names] {
            prop_assert_eq!(&redacted.digest, &plan.digest);
            let digests = |plan: &Plan| plan.targets[0].changes.iter().map(|change| change.digest.clone()).collect::<Vec<_>>();
            prop_assert_eq!(digests(&redacted), digests(&plan));
            prop_assert_eq!(&redacted.targets[0].summary, &plan.targets[0].summary);
        }
        let (whole, _) = shown(&plan, Redaction::None);
        prop_assert_eq!(&whole, &plan);
        prop_assert_eq!(verify(&whole), Ok(()));
    }
}

#[test]
fn a_pseudonym_is_the_same_for_the_same_person_and_hangs_on_the_salt() {
    let seed = Seed { word: "x".into(), declared: true, there: 1, owned: true, member: true, differs: true };
    let plan = plan(&[seed], false);
    let key = |salt: &str| {
        let shown = Redactor::new(Redaction::Names, &Hasher::new(salt)).plan(&plan);
        (shown.targets[0].changes[0].key.clone(), shown.people[0].key.clone())
    };
    let (change, person) = key("one");
    assert_eq!(change, person);
    assert!(change.starts_with("user-") && change.len() == 13, "{change}");
    assert_ne!(change, key("two").0);
}

#[test]
fn words_of_a_server_or_a_policy_are_withheld_and_counts_are_not() {
    let mut plan = plan(&[], false);
    let target = &mut plan.targets[0];
    let secret = "ada@acme.example";
    let say = |code: NoticeCode| format!("{code} says {secret}");
    for code in [NoticeCode::Policy, NoticeCode::ProtectedRemoval, NoticeCode::LastMember] {
        let (message, allow) = (say(code), say(code));
        target.violations.push(Violation { code, message, allow, warn: false, origin: None });
    }
    let message = "5 of 9 would be removed".to_owned();
    target.violations.push(Violation {
        code: NoticeCode::Removals,
        message: message.clone(),
        allow: String::new(),
        warn: false,
        origin: None,
    });
    target.notices.push(PlanNotice {
        code: NoticeCode::SelfNotFound,
        message: say(NoticeCode::SelfNotFound),
        origin: None,
    });
    let kind = ResourceKind::User;
    target.errors.push(PlanProblem {
        resource: kind,
        key: "k".into(),
        code: NoticeCode::Expression,
        message: say(NoticeCode::Expression),
        origin: None,
    });
    for level in [Redaction::Values, Redaction::Names] {
        let (shown, text) = shown(&plan, level);
        assert!(!text.contains(secret), "{text}");
        assert!(text.contains(&message) && text.contains(WITHHELD));
        assert_eq!(shown.redacted, level);
    }
}
