use super::*;
use crate::desired::{Apply, Asserted, Assertion, Presence};
use crate::directory::UserKey;
use crate::live::Members;
use crate::scim::{Object, ResourceKind, Value};
use crate::source::Span;

fn declared(key: &str, values: &[(&str, &str)]) -> DesiredResource {
    let assertions = values
        .iter()
        .map(|(at, value)| Assertion {
            path: std::sync::Arc::new(at.parse().unwrap()),
            value: Asserted::Value(serde_json::from_str(value).unwrap()),
            apply: Apply::Always,
            origin: Span::default(),
            sensitive: false,
            gives_way: false,
        })
        .collect();
    DesiredResource {
        kind: ResourceKind::User,
        key: key.into(),
        previously: vec![],
        name: key.into(),
        origin: Span::default(),
        presence: Presence::Active,
        assertions,
        members: None,
        additive: false,
    }
}

fn live(id: &str, attributes: &str) -> LiveResource {
    let attributes: Object = match serde_json::from_str(attributes).unwrap() {
        Value::Object(object) => object,
        other => panic!("{other}"),
    };
    LiveResource {
        kind: ResourceKind::User,
        id: id.into(),
        version: None,
        attributes,
        members: Members::Unknown,
        by_id: false,
        unkept: crate::live::Unkept::default(),
    }
}

fn run(
    people: Vec<DesiredResource>,
    accounts: Vec<LiveResource>,
    known: &[(&'static str, &'static str)],
    rules: &[&str],
) -> Matches {
    let desired = Desired {
        users: people.into_iter().map(|one| (UserKey::from(one.key.as_str()), one)).collect(),
        ..Desired::default()
    };
    let live = Live { users: accounts, ..Live::default() };
    let rules: Vec<AttrPath> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let known = Known::new(|kind| if kind == ResourceKind::User { known.to_vec() } else { Vec::new() });
    let profile: Profile = serde_json::from_str(r#"{"name":"p","title":"P"}"#).unwrap();
    match_all(&desired, &live, &known, &MatchRules { users: rules, groups: Vec::new() }, &profile)
}

fn pairs(matches: &Matches) -> Vec<(&str, usize)> {
    matches.kinds.users.places.iter().map(|(key, place)| (key.as_str(), *place)).collect()
}

fn errors(matches: &Matches) -> Vec<(&str, &str)> {
    matches.errors.iter().map(|error| (error.key.as_str(), error.code.name())).collect()
}

#[test]
fn t01_a_renamed_user_name_is_found_by_the_next_rule() {
    let people = vec![declared("ada", &[("userName", r#""new@x""#), ("externalId", r#""7""#)])];
    let accounts = vec![live("1", r#"{"userName":"old@x","externalId":"7"}"#)];
    assert_eq!(pairs(&run(people, accounts, &[], &["userName", "externalId"])), [("ada", 0)]);
}

#[test]
fn t03_t04_names_match_after_folding() {
    for (ours, theirs) in [("ada@x", "ADA@X "), ("straße", "STRASSE"), ("jose\u{301}", "JOSÉ"), ("ΣΊΣΥΦΟΣ", "σίσυφος")]
    {
        let people = vec![declared("k", &[("userName", &format!("{ours:?}").replace("\\u{301}", "\u{301}"))])];
        let accounts = vec![live("1", &serde_json::json!({"userName": theirs}).to_string())];
        assert_eq!(pairs(&run(people, accounts, &[], &["userName"])), [("k", 0)], "{ours} {theirs}");
    }
}

#[test]
fn e16_external_ids_match_by_their_case() {
    let people = vec![declared("k", &[("externalId", r#""Ab""#)])];
    assert!(pairs(&run(people, vec![live("1", r#"{"externalId":"aB"}"#)], &[], &["externalId"])).is_empty());
}

#[test]
fn t08_two_hits_are_ambiguous_and_both_are_held() {
    let people = vec![declared("ada", &[("userName", r#""a@x""#)]), declared("bob", &[("userName", r#""b@x""#)])];
    let accounts = vec![
        live("2", r#"{"userName":"A@x"}"#),
        live("1", r#"{"userName":"a@X"}"#),
        live("3", r#"{"userName":"b@x"}"#),
    ];
    let matches = run(people, accounts, &[], &["userName"]);
    assert_eq!(errors(&matches), [("ada", "ambiguous")]);
    assert!(matches.errors[0].message.contains("`1`, `2`"), "{}", matches.errors[0].message);
    assert_eq!(matches.kinds.users.held, [0, 1].into());
    assert_eq!(pairs(&matches), [("bob", 2)], "the others go on");
}

#[test]
fn s2_19_a_later_rule_that_points_elsewhere_is_a_conflict() {
    let people = vec![declared("ada", &[("userName", r#""a@x""#), ("externalId", r#""7""#)])];
    let accounts =
        vec![live("1", r#"{"userName":"a@x","externalId":"1"}"#), live("2", r#"{"userName":"b@x","externalId":"7"}"#)];
    let matches = run(people, accounts, &[], &["userName", "externalId"]);
    assert_eq!(errors(&matches), [("ada", "conflicting-match")]);
    assert_eq!(matches.kinds.users.held, [0, 1].into());
}

#[test]
fn t16_an_earlier_rule_settles_what_a_later_one_finds_twice() {
    let people = vec![declared("ada", &[("userName", r#""a@x""#), ("displayName", r#""Ada""#)])];
    let accounts = vec![
        live("1", r#"{"userName":"a@x","displayName":"Ada"}"#),
        live("2", r#"{"userName":"b@x","displayName":"ada"}"#),
    ];
    assert_eq!(pairs(&run(people, accounts, &[], &["userName", "displayName"])), [("ada", 0)]);
}

#[test]
fn t09_one_account_for_two_people_is_an_error_on_both() {
    let people = vec![declared("ada", &[("userName", r#""a@x""#)]), declared("bob", &[("externalId", r#""7""#)])];
    let accounts = vec![live("1", r#"{"userName":"a@x","externalId":"7"}"#)];
    let matches = run(people, accounts, &[], &["userName", "externalId"]);
    assert_eq!(errors(&matches), [("ada", "shared-match"), ("bob", "shared-match")]);
    assert_eq!((pairs(&matches), matches.kinds.users.held.len()), (vec![], 1));
}

#[test]
fn the_ledger_decides_first_under_former_keys_too() {
    let mut ada = declared("ada", &[("userName", r#""new@x""#)]);
    ada.previously = vec!["countess".into()];
    let accounts = || vec![live("1", r#"{"userName":"old@x"}"#), live("2", r#"{"userName":"other@x"}"#)];
    assert_eq!(pairs(&run(vec![ada.clone()], accounts(), &[("countess", "1")], &["userName"])), [("ada", 0)]);
    // An id that is gone leaves it to the rules.
    assert!(pairs(&run(vec![ada.clone()], accounts(), &[("countess", "9")], &["userName"])).is_empty());
    // The new name is taken by another account.
    let taken = vec![live("1", r#"{"userName":"old@x"}"#), live("2", r#"{"userName":"new@x"}"#)];
    assert_eq!(errors(&run(vec![ada], taken, &[("countess", "1")], &["userName"])), [("ada", "conflicting-match")]);
}

#[test]
fn rules_reach_into_elements() {
    let people =
        vec![declared("ada", &[("emails", r#"[{"value":"A@x","type":"work"},{"value":"b@x","type":"home"}]"#)])];
    let accounts = vec![
        live("1", r#"{"emails":[{"value":"b@x","type":"work"}]}"#),
        live("2", r#"{"emails":[{"value":"a@X","type":"work"}]}"#),
    ];
    let matches = run(people, accounts, &[], &[r#"emails[type eq "work"].value"#]);
    assert_eq!(pairs(&matches), [("ada", 1)]);
}

#[test]
fn an_external_id_that_is_made_of_the_key_matches_by_former_keys_too() {
    let renamed = |gives_way: bool, value: &str| {
        let mut ada = declared("lovelace", &[("externalId", value), ("userName", r#""new@x""#)]);
        ada.previously = vec!["ada".into(), "countess".into()];
        ada.assertions[0].gives_way = gives_way;
        vec![ada]
    };
    let accounts = || vec![live("1", r#"{"externalId":"ada","userName":"old@x"}"#)];
    let rules = &["externalId", "userName"];
    assert_eq!(pairs(&run(renamed(true, r#""lovelace""#), accounts(), &[], rules)), [("lovelace", 0)]);
    // Written down, made of more than the key, or no match attribute at all.
    assert!(pairs(&run(renamed(false, r#""lovelace""#), accounts(), &[], rules)).is_empty());
    assert!(pairs(&run(renamed(true, r#""x-lovelace""#), accounts(), &[], rules)).is_empty());
    assert!(pairs(&run(renamed(true, r#""lovelace""#), accounts(), &[], &["userName"])).is_empty());
    // The key as it is now counts more, and so does the ledger.
    let two = || [accounts(), vec![live("2", r#"{"externalId":"lovelace","userName":"b@x"}"#)]].concat();
    assert_eq!(pairs(&run(renamed(true, r#""lovelace""#), two(), &[], rules)), [("lovelace", 1)]);
    let known = [("lovelace", "2")];
    let other = [accounts(), vec![live("2", r#"{"userName":"b@x"}"#)]].concat();
    assert_eq!(pairs(&run(renamed(true, r#""lovelace""#), other, &known, rules)), [("lovelace", 1)]);
    // Two former keys that are both there.
    let both = [accounts(), vec![live("2", r#"{"externalId":"countess"}"#)]].concat();
    assert_eq!(errors(&run(renamed(true, r#""lovelace""#), both, &[], rules)), [("lovelace", "ambiguous")]);
}

#[test]
fn what_the_ledger_knows_as_anothers_is_no_match() {
    let eve = || declared("eve", &[("userName", r#""ada@x""#), ("externalId", r#""eve""#)]);
    let accounts = || vec![live("1", r#"{"userName":"ada@x","externalId":"ada"}"#)];
    let rules = &["externalId", "userName"];
    // Ada is declared no more: both are errors, and nothing is done to the account.
    let refused = run(vec![eve()], accounts(), &[("ada", "1")], rules);
    assert_eq!(errors(&refused), [("ada", "belongs-to-another"), ("eve", "belongs-to-another")]);
    assert_eq!((pairs(&refused), refused.kinds.users.held.len(), refused.kinds.users.failed.len()), (vec![], 1, 2));
    assert!(refused.errors.iter().all(|error| error.message.contains("`previously: [ada]` under `eve`")));
    // It is said in words.
    let mut renamed = eve();
    renamed.previously = vec!["ada".into()];
    assert_eq!(pairs(&run(vec![renamed], accounts(), &[("ada", "1")], rules)), [("eve", 0)]);
    // Ada is declared, under another name: the account is hers, and Eve is new.
    let ada = declared("ada", &[("userName", r#""ada.l@x""#)]);
    let both = run(vec![ada, eve()], accounts(), &[("ada", "1")], rules);
    assert_eq!((pairs(&both), errors(&both)), (vec![("ada", 0)], vec![]));
    // Eve has an account of her own: Ada's is no matter of hers.
    let own = [accounts(), vec![live("2", r#"{"userName":"eve@x"}"#)]].concat();
    let known = [("ada", "1"), ("eve", "2")];
    let apart = run(vec![eve()], own, &known, rules);
    assert_eq!((pairs(&apart), errors(&apart), apart.kinds.users.held.len()), (vec![("eve", 1)], vec![], 0));
}
