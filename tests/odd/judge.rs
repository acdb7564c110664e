//! What must hold of a plan, of the requests of an apply, and of what it leaves behind.

use std::collections::BTreeSet;

use scimform::scim::ResourceKind::{Group, User};
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Hidden, Listed, Of};
use crate::odd::run::{Run, brief};
use crate::odd::server::{Asked, id, is_off};
use crate::support::Ran;

impl Run {
    pub fn judge_before(&mut self, change: &Value, log: &[Asked]) {
        let Some(held) = self.held(change["id"].as_str().unwrap_or_default()) else { return };
        let said: Vec<String> = change["attributes"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|attribute| {
                let path = attribute["path"].as_str().unwrap_or_default();
                comparable(path, &attribute["before"]) != comparable(path, at(&held, path))
                    && self.is_readable(&held, path)
            })
            .map(|attribute| {
                format!(
                    "{} before {}, is {}",
                    attribute["path"],
                    attribute["before"],
                    at(&held, attribute["path"].as_str().unwrap())
                )
            })
            .collect();
        let is_member = |member: &Value| {
            held["members"].as_array().is_some_and(|all| all.iter().any(|one| one["value"] == member["id"]))
        };
        let members = |side: &str, there: bool| {
            let all = change["members"][side].as_array().cloned().unwrap_or_default();
            all.into_iter().filter(|member| member["id"].is_string() && is_member(member) != there).collect::<Vec<_>>()
        };
        let wrong = [members("add", false), members("remove", true)].concat();
        if !said.is_empty() || (!wrong.is_empty() && self.is_readable(&held, "members")) {
            self.breaks("an untrue before", format!("{said:?} {wrong:?} in {change:#}\n{:#?}", brief(log)));
        }
    }

    /// Whether any read shows this attribute of the resource.
    fn is_readable(&self, held: &Value, path: &str) -> bool {
        let attribute = path.split('.').next().unwrap_or_default();
        let kind = if held["userName"].is_null() { Group } else { User };
        let shows = |answer| {
            let hides = |one: &Hidden| {
                one.kind == kind && one.attribute == attribute && one.from.contains(&answer) && one.of != Of::Empty
            };
            !self.bends.hidden.iter().any(hides)
        };
        shows(Answer::ById) || (shows(Answer::List) && self.bends.listed == Listed::All)
    }

    pub fn judge_writes(&mut self, written: &[Asked], ran: &Ran) {
        for asked in written {
            let Some(wanted) = asked.id.clone().filter(|_| asked.kind == Some(User)) else { continue };
            let off = asked.method == "DELETE"
                || asked.body["active"] == false
                || asked.body.to_string().contains("\"active\",\"value\":false");
            match self.owners.get(&wanted).copied() {
                None if self.strangers.iter().any(|stranger| id(stranger) == wanted) => {
                    self.breaks(
                        "a stranger is written to",
                        format!("{:?}\n{}", brief(std::slice::from_ref(asked)), ran.said()),
                    );
                }
                Some(owner) if off && self.company.humans[owner].has_access() && self.is_only_account(owner) => {
                    self.breaks(
                        "somebody who is declared is switched off",
                        format!("{:?}\n{}", brief(written), ran.said()),
                    );
                }
                Some(owner) if self.ours.contains(&wanted) => {
                    let to = self.company.human(&asked.body);
                    if to.is_some_and(|to| to != owner) {
                        self.breaks("an account changes hands", format!("{:?}\n{}", brief(written), ran.said()));
                    }
                }
                _ => {}
            }
        }
    }

    fn is_only_account(&self, owner: usize) -> bool {
        self.owners.values().filter(|other| **other == owner).count() == 1
    }

    /// Whatever is not as declared must be said.
    pub fn judge_state(&mut self, ran: &Ran) {
        for stranger in self.strangers.clone() {
            if self.held(id(&stranger)).as_ref() != Some(&stranger) {
                self.breaks("a stranger has changed", ran.said());
            }
        }
        let people = (0..self.company.humans.len()).filter_map(|who| self.person_differs(who));
        let teams = (0..self.company.teams.len()).flat_map(|team| self.members_differ(team));
        let wrong: Vec<Wrong> = people.chain(teams).filter(|wrong| !wrong.is_said(ran)).collect();
        for Wrong { what, .. } in wrong {
            self.unsaid(ran, what);
        }
    }

    fn unsaid(&mut self, ran: &Ran, what: String) {
        let law = if ran.code == 0 { "a green run is no true run" } else { "held back without a name" };
        let log = brief(&self.world.server.state().log[self.from..]);
        self.breaks(law, format!("{what}\n{}\n{log:#?}", ran.said()));
    }

    fn accounts(&self, who: usize) -> Vec<Value> {
        let state = self.world.server.state();
        state.users.iter().filter(|user| self.owners.get(id(user)) == Some(&who)).cloned().collect()
    }

    fn person_differs(&self, who: usize) -> Option<Wrong> {
        let human = &self.company.humans[who];
        let accounts = self.accounts(who);
        let wrong =
            |attribute, what| Some(Wrong { names: vec![human.key.clone(), human.given.to_owned()], attribute, what });
        if !human.has_access() {
            let left = accounts.iter().find(|account| self.ours.contains(id(account)) && !is_off(account))?;
            return wrong("active", format!("{} has no access and is active: {left}", human.key));
        }
        let roles = |account: &Value| {
            let mut held = account["roles"].clone();
            // What a server adds by itself is no difference.
            if let Some(held) = held.as_array_mut() {
                held.retain(|role| role["value"] != "user");
            }
            human.roles.is_none_or(|roles| comparable("roles", &held) == comparable("roles", &json!(roles)))
        };
        let differs = |account: &Value| {
            [
                ("userName", account["userName"] != human.user_name.as_str()),
                ("active", is_off(account)),
                ("name", account["name"]["givenName"] != human.given),
                (
                    "title",
                    human.title.is_some_and(|title| {
                        !account["title"].as_str().is_some_and(|held| held.eq_ignore_ascii_case(title))
                    }),
                ),
                ("roles", !roles(account)),
            ]
            .into_iter()
            .find_map(|(attribute, differs)| differs.then_some(attribute))
        };
        let there = accounts.iter().map(|account| (differs(account), account));
        match there.min_by_key(|(differs, _)| differs.is_some()) {
            Some((None, _)) => None,
            Some((Some(attribute), account)) => wrong(attribute, format!("{}, {attribute}: {account}", human.key)),
            None => wrong("account", format!("{} has no account", human.key)),
        }
    }

    /// Who is in a group that holds them no more, or not in one that should.
    fn members_differ(&self, team: usize) -> Vec<Wrong> {
        let team = &self.company.teams[team];
        let state = self.world.server.state();
        let ours = self.groups.get(team.key);
        let is_it = |group: &&Value| ours.map_or(group["displayName"] == team.name.as_str(), |ours| id(group) == ours);
        let Some(group) = state.groups.iter().find(is_it).filter(|_| team.declared || ours.is_some()) else {
            return Vec::new();
        };
        let members: BTreeSet<usize> = group["members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|member| member["value"].as_str().filter(|id| self.ours.contains(*id)))
            .filter_map(|id| self.owners.get(id).copied())
            .collect();
        let wanted: BTreeSet<usize> = team
            .members
            .iter()
            .copied()
            .filter(|who| team.declared && self.company.humans[*who].has_access())
            .collect();
        let wrong = |who: &usize| {
            let human = &self.company.humans[*who];
            Wrong {
                names: vec![team.key.to_owned(), team.name.clone(), human.key.clone(), human.given.to_owned()],
                attribute: "members",
                what: format!("{} in {}: {group}", human.key, team.key),
            }
        };
        members.symmetric_difference(&wanted).map(wrong).collect()
    }
}

/// What is not as declared, and the words that may say so.
struct Wrong {
    names: Vec<String>,
    attribute: &'static str,
    what: String,
}

impl Wrong {
    /// Whether a run says it. After 0 only what stands beside the changes counts: a name, or the attribute of which nothing
    /// can be known.
    fn is_said(&self, ran: &Ran) -> bool {
        let beside =
            ["note[", "error[", "warning", "did not", "failed", "left ", "held", "refused", "skipped", "not created"];
        let all = ran.said();
        let (mut named, mut unknown) = (false, false);
        for line in all.lines() {
            // An address may be somebody else's by now.
            let mut words = line.split_whitespace().filter(|word| !word.contains('@'));
            let is_named = words.any(|word| {
                let word = word.trim_matches(|character: char| !character.is_alphanumeric());
                self.names.iter().any(|name| name == word)
            });
            named |= is_named && (ran.code != 0 || beside.iter().any(|word| line.contains(word)));
            unknown |= line.contains("note[") && line.contains(&format!("`{}", self.attribute));
        }
        named || unknown
    }
}

/// The value at a path, null where there is none.
fn at<'a>(resource: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(resource, |value, name| &value[name])
}

/// A value as a comparison sees it.
fn comparable(path: &str, value: &Value) -> Value {
    match value {
        Value::Array(all) if all.is_empty() => Value::Null,
        Value::Array(all) => {
            let mut all: Vec<String> =
                all.iter().map(|one| one.get("value").unwrap_or(one).as_str().unwrap_or_default().to_owned()).collect();
            all.sort();
            json!(all)
        }
        Value::Object(object) if object.contains_key("value") => comparable(path, &json!([value])),
        Value::Null if path == "active" => json!(true),
        other => other.clone(),
    }
}
