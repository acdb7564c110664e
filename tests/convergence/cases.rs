//! Random directories and live states, for any profile.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use super::needs::{Name, Needs};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Where names begin; the number makes them unique.
const STEMS: [&str; 6] = ["ada", "O'Brien", "zoë", "x+y", "a.b-c", "straße"];
const KEYS: usize = 6;
const WORDS: [&str; 5] = ["displayName", "title", "nickName", "department", "employeeNumber"];

/// What is at a target beforehand, and what is declared, one after the other.
#[derive(Clone, Debug)]
pub struct Case {
    pub live: Vec<Value>,
    pub stranger_groups: Vec<Vec<usize>>,
    pub directories: Vec<Value>,
}

impl Case {
    pub fn strangers(&self) -> usize {
        self.live.iter().filter(|user| is_stranger(user)).count()
    }
}

pub fn case(needs: &Needs) -> impl Strategy<Value = Case> + use<> {
    let groups = prop::collection::vec(prop::collection::vec(0..8_usize, 0..4), 0..3);
    (live(needs), groups, prop::collection::vec(directory(needs), 1..3))
        .prop_map(|(live, stranger_groups, directories)| Case { live, stranger_groups, directories })
}

fn user_name(number: usize) -> String {
    format!("{}.{number}@acme.example", STEMS[number % STEMS.len()])
}

fn text() -> BoxedStrategy<String> {
    let plain = select(vec![
        "Engineer",
        "",
        " ",
        "Engineer ",
        "\"quoted\" \\ 'x'",
        "Führung & Co",
        "工程師",
        "🦀",
        "true",
        "null",
        "0123",
        "e\u{301}",
        "line\nbreak",
        "a, b; c",
        "İstanbul",
    ]);
    prop_oneof![9 => plain.prop_map(str::to_owned), 1 => "x{1,200}"].boxed()
}

/// A value, `null`, or nothing at all.
fn maybe(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![3 => value.prop_map(Some), 1 => Just(Some(Value::Null)), 3 => Just(None)]
}

fn emails(number: usize, least: usize) -> impl Strategy<Value = Value> {
    let kinds = subsequence(vec!["work", "home", "other"], least..=3);
    (kinds, any::<prop::sample::Index>(), any::<bool>()).prop_map(move |(kinds, primary, upper)| {
        // Where the address is the name, it stays the same: others may have the name that it would become.
        let named = least > 0 && kinds.first() != Some(&"work");
        let kinds: Vec<&str> = named.then_some("work").into_iter().chain(kinds).collect();
        let primary = if kinds.is_empty() || least > 0 { 0 } else { primary.index(kinds.len()) };
        let emails = kinds.iter().enumerate().map(|(place, kind)| {
            let value = format!("{kind}.{number}@acme.example");
            let value = if upper { value.to_uppercase() } else { value };
            json!({"value": value, "type": kind, "primary": place == primary})
        });
        Value::Array(emails.collect())
    })
}

fn phones(number: usize) -> impl Strategy<Value = Value> {
    subsequence(vec!["work", "mobile"], 0..=2).prop_map(move |kinds| {
        kinds.iter().map(|kind| json!({"value": format!("+49 (30) 123-{number}"), "type": kind})).collect()
    })
}

/// Text that says something, where the target wants it; anything or nothing elsewhere.
fn wanted(needs: &Needs, attribute: &str) -> BoxedStrategy<Option<Value>> {
    if needs.wants(attribute) {
        select(vec!["Führung & Co", "工程師", "O'Neill", "Engineer"]).prop_map(|text| Some(json!(text))).boxed()
    } else {
        maybe(text().prop_map(Value::from)).boxed()
    }
}

fn person(needs: &Needs, number: usize) -> impl Strategy<Value = Value> + use<> {
    let least = needs.emails();
    let names = (wanted(needs, "name.givenName"), wanted(needs, "name.familyName"));
    let words: Vec<_> = WORDS.iter().map(|word| wanted(needs, word)).collect();
    let manager = prop::option::of(0..KEYS);
    let active = prop_oneof![5 => Just(None), 1 => any::<bool>().prop_map(Some)];
    let many = (emails(number, least), prop_oneof![Just(None), phones(number).prop_map(Some)]);
    (names, words, manager, active, many).prop_map(
        move |((given, family), words, manager, active, (emails, phones))| {
            let mut person = Map::new();
            person.insert("userName".into(), user_name(number).into());
            for (name, word) in WORDS.iter().zip(words) {
                // Two people with one number would match each other.
                let word = if *name == "employeeNumber" { word.map(|_| json!(format!("00{number}"))) } else { word };
                if let Some(word) = word {
                    person.insert((*name).into(), word);
                }
            }
            let mut name = Map::new();
            name.extend(given.map(|given| ("givenName".to_owned(), given)));
            name.extend(family.map(|family| ("familyName".to_owned(), family)));
            if !name.is_empty() {
                person.insert("name".into(), name.into());
            }
            person.insert("emails".into(), emails);
            person.extend(phones.map(|phones| ("phoneNumbers".to_owned(), phones)));
            person.extend(manager.map(|key| ("manager".to_owned(), json!(key))));
            person.extend(active.map(|active| ("active".to_owned(), json!(active))));
            person.into()
        },
    )
}

/// Users and groups as a file declares them; a reference to someone who is not there is left out.
fn directory(needs: &Needs) -> impl Strategy<Value = Value> + use<> {
    let people: Vec<BoxedStrategy<Value>> = (0..KEYS).map(|number| person(needs, number).boxed()).collect();
    let chosen = subsequence((0..KEYS).collect::<Vec<_>>(), 1..=KEYS);
    let members = prop::collection::vec(subsequence((0..KEYS).collect::<Vec<_>>(), 0..=KEYS), 0..4);
    (people, chosen, members, any::<bool>()).prop_map(|(people, chosen, members, nested)| {
        let key = |number: usize| format!("p{number}");
        let mut users = Map::new();
        for number in &chosen {
            let mut user = people[*number].clone();
            let manager = user["manager"].as_u64().and_then(|number| usize::try_from(number).ok());
            match manager.filter(|manager| chosen.contains(manager)) {
                Some(manager) => user["manager"] = json!(key(manager)),
                None => drop(user.as_object_mut().unwrap().remove("manager")),
            }
            users.insert(key(*number), user);
        }
        let mut groups = Map::new();
        for (number, members) in members.iter().enumerate() {
            let members: Vec<String> =
                members.iter().filter(|member| chosen.contains(member)).map(|member| key(*member)).collect();
            let within: Vec<String> = (nested && number > 0).then(|| format!("g{}", number - 1)).into_iter().collect();
            let group = json!({"displayName": format!("Gruppe {number}"), "members": members, "groups": within});
            groups.insert(format!("g{number}"), group);
        }
        json!({"users": users, "groups": groups})
    })
}

/// Some of the people that will be declared, as somebody else made them, and strangers.
fn live(needs: &Needs) -> impl Strategy<Value = Vec<Value>> + use<> {
    let needs = needs.clone();
    let extra = prop::collection::vec(maybe(text().prop_map(Value::from)), 3);
    let one = (any::<bool>(), 0..3_u8, prop::option::of(any::<bool>()), extra, any::<bool>());
    let all = prop::collection::vec(one, KEYS + 3);
    (subsequence((0..KEYS + 3).collect::<Vec<_>>(), 0..=KEYS + 3), all).prop_map(move |(chosen, all)| {
        let user = |number: usize| {
            let (upper, external, active, extra, phone) = &all[number];
            let known = number < KEYS;
            let mut name = if known { user_name(number) } else { format!("stranger{number}@partner.example") };
            let mut user = Map::new();
            if needs.wants("emails") {
                user.insert("emails".into(), json!([{"value": name, "type": "work", "primary": true}]));
            }
            match needs.name {
                Name::Local => name.truncate(name.find('@').unwrap()),
                Name::Address if known => name = format!("work.{number}@acme.example"),
                Name::Address | Name::Declared => {}
            }
            for part in ["displayName", "name.givenName", "name.familyName"] {
                if needs.wants(part) {
                    match part.split_once('.') {
                        None => drop(user.insert(part.into(), json!("Somebody"))),
                        Some((whole, part)) => user.entry(whole).or_insert(json!({}))[part] = json!("Somebody"),
                    }
                }
            }
            user.insert("schemas".into(), json!([USER]));
            user.insert("userName".into(), if *upper { name.to_ascii_uppercase() } else { name }.into());
            match external {
                0 if known => drop(user.insert("externalId".into(), json!(format!("p{number}")))),
                kind if *kind == 1 || needs.id_is_external_id || needs.wants("externalId") => {
                    drop(user.insert("externalId".into(), json!(format!("hr-{number}"))));
                }
                _ => {}
            }
            user.extend(active.map(|active| ("active".to_owned(), json!(active))));
            // At the vendor's place and at the standard one, by turns.
            let title = if number.is_multiple_of(2) { needs.title.as_str() } else { "title" };
            for (name, word) in [title, "timezone", "profileUrl"].iter().zip(extra) {
                user.extend(word.clone().map(|word| ((*name).to_owned(), word)));
            }
            if *phone {
                user.insert("phoneNumbers".into(), json!([{"value": "+1 555 0100", "type": "pager"}]));
            }
            Value::from(user)
        };
        chosen.into_iter().map(user).collect()
    })
}

pub fn is_stranger(user: &Value) -> bool {
    user["userName"].as_str().is_some_and(|name| name.to_lowercase().starts_with("stranger"))
}
