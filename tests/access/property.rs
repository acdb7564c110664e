//! Whatever is declared: every account and every membership that a plan would make is told once, and why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{Repo, target};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn some(&mut self, of: &[String]) -> Vec<String> {
        of.iter().filter(|_| self.below(3) == 0).cloned().collect()
    }
}

/// People and groups nested within each other, given through two bindings by every way there is.
fn world(dice: &mut Dice) -> Repo {
    let people: Vec<String> = (0..8).map(|number| format!("p{number}")).collect();
    let groups: Vec<String> = (0..6).map(|number| format!("g{number}")).collect();
    let mut text = String::from("users:\n");
    for key in &people {
        let (unit, dates) = (dice.one(&["X", "Y"]), dice.one(&["", "", ", ends: 2027-02-28", ", starts: 2026-09-01"]));
        let dates = match key.as_str() {
            "p6" => ", ends: 2026-06-30",
            "p7" => ", starts: 2027-01-15",
            _ => dates,
        };
        let _ = writeln!(text, "  {key}: {{ userName: {key}@acme.example, department: {unit}{dates} }}");
    }
    text.push_str("groups:\n");
    for (place, key) in groups.iter().enumerate() {
        let until = |dice: &mut Dice, person: &str| match person {
            "p6" | "p7" => "",
            _ => dice.one(&["", "", ", until: 2027-01-31", ", until: 2026-10-31"]),
        };
        let members: Vec<String> = dice
            .some(&people)
            .into_iter()
            .map(|person| format!("{{ user: {person}{} }}", until(dice, &person)))
            .collect();
        let nested = dice.some(&groups[place + 1..]).join(", ");
        let rule = dice.one(&["", "", ", where: user.department == 'X'"]);
        let members = members.join(", ");
        let _ =
            writeln!(text, "  {key}: {{ displayName: Group {key}, members: [{members}], groups: [{nested}]{rule} }}");
    }
    text.push_str("bindings:\n");
    for name in ["first", "second"] {
        let (of, users, push) = (dice.some(&groups).join(", "), dice.some(&people).join(", "), dice.some(&groups));
        let rule = dice.one(&["", ", where: user.department == 'Y'"]);
        let assign = format!("groups: [g0, {of}], users: [{users}]{rule}").replace("g0, g0", "g0").replace(", ]", "]");
        let push = push.join(", ");
        let _ = writeln!(text, "  {name}: {{ target: app, assign: {{ {assign} }}, push: [{push}] }}");
    }
    let config = target("https://app.acme.example/scim/v2", "generic", "");
    Repo::new(&[("scimform.yaml", &config), ("people.yaml", &text)])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What a plan for an empty target would make: accounts, and who is in which group.
fn made(repo: &Repo) -> BTreeSet<(String, String)> {
    let plan = repo.run(&["plan", "--sandbox", "--as-of", "2026-12-01", "--format", "json"]).json();
    let mut made = BTreeSet::new();
    for change in list(&plan["targets"][0]["changes"]) {
        if change["resource"] == "user" {
            made.insert((text(&change["key"]), String::new()));
        }
        for member in list(&change["members"]["add"]).filter(|member| member["resource"] != "group") {
            made.insert((text(&member["key"]), text(&change["key"])));
        }
    }
    made
}

#[test]
fn every_account_and_membership_is_told_once_with_a_reason() {
    let (mut accounts, mut memberships) = (0, 0);
    for seed in 1..=12_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let repo = world(&mut dice);
        let report = repo.run(&["report", "access", "--as-of", "2026-12-01", "--format", "json"]).expect(0).json();
        let mut told = BTreeSet::new();
        let mut tell = |what: (String, String)| assert!(told.insert(what.clone()), "{seed}: {what:?} is told twice");
        let reason =
            |why: &Value| assert!(!text(&why["place"]["file"]).is_empty() && why["cause"].is_string(), "{why}");
        for account in list(&report["targets"][0]["accounts"]) {
            let key = text(&account["key"]);
            assert!(list(&account["assigned"]).next().is_some(), "{seed}: nothing gives {key} the account");
            list(&account["assigned"]).for_each(|one| reason(&one["why"]));
            if account["active"] == true {
                tell((key.clone(), String::new()));
                accounts += 1;
            }
            let held: Vec<&Value> = list(&account["grants"]).collect();
            for grant in &held {
                reason(&grant["why"]);
            }
            for grant in held.into_iter().filter(|grant| grant["nested"] != true) {
                tell((key.clone(), text(&grant["key"])));
                memberships += 1;
            }
        }
        assert_eq!(told, made(&repo), "{seed}");
    }
    assert!(accounts > 20 && memberships > 20, "{accounts} accounts and {memberships} memberships prove little");
}
