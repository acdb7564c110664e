//! The files of a small company, and what happens to them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::odd::random::{Event, GROUPS, PEOPLE, STAFF};

const NAMES: [&str; PEOPLE] = ["ada", "bob", "cleo", "dan", "eve", "finn"];
const TEAMS: [&str; GROUPS] = ["root", "choir"];
const TITLES: [Option<&str>; 3] = [None, Some("Chef"), Some("Cook")];
const ROLES: [Option<&[&str]>; 3] = [None, Some(&["admin"]), Some(&["admin", "auditor"])];

/// A person, who keeps the given name whatever else changes.
pub struct Human {
    pub given: &'static str,
    pub key: String,
    pub previously: Option<String>,
    pub user_name: String,
    pub title: Option<&'static str>,
    pub roles: Option<&'static [&'static str]>,
    pub declared: bool,
    pub active: bool,
    forms: usize,
}

impl Human {
    pub fn has_access(&self) -> bool {
        self.declared && self.active
    }

    /// A userName that nobody ever had.
    fn fresh_name(&mut self) -> String {
        self.forms += 1;
        format!("{}.{}@acme.example", self.given, self.forms)
    }

    fn declaration(&self) -> Value {
        let mut all = json!({
            "userName": self.user_name, "name": {"givenName": self.given, "familyName": "Doe"},
            "emails": [{"value": self.user_name, "type": "work", "primary": true}]
        });
        if let Some(title) = self.title {
            all["title"] = json!(title);
        }
        if let Some(roles) = self.roles {
            all["roles"] = roles.iter().map(|role| json!({"value": role})).collect();
        }
        if let Some(previously) = &self.previously {
            all["previously"] = json!([previously]);
        }
        if !self.active {
            all["active"] = json!(false);
        }
        all
    }
}

pub struct Team {
    pub key: &'static str,
    pub name: String,
    pub declared: bool,
    pub members: BTreeSet<usize>,
}

pub struct Company {
    pub humans: Vec<Human>,
    pub teams: Vec<Team>,
}

impl Company {
    /// The staff is declared; the first group holds the first two.
    pub fn new() -> Self {
        let human = |(at, given): (usize, &&'static str)| Human {
            given,
            key: (*given).to_owned(),
            previously: None,
            user_name: format!("{given}@acme.example"),
            title: TITLES[at % 3],
            roles: ROLES[at % 2],
            declared: at < STAFF,
            active: true,
            forms: 0,
        };
        let team = |(at, key): (usize, &&'static str)| Team {
            key,
            name: (*key).to_owned(),
            declared: true,
            members: if at == 0 { [0, 1].into() } else { BTreeSet::new() },
        };
        Self {
            humans: NAMES.iter().enumerate().map(human).collect(),
            teams: TEAMS.iter().enumerate().map(team).collect(),
        }
    }

    /// What an event does to the files; those at the target do nothing here.
    pub fn happens(&mut self, event: &Event) {
        match *event {
            Event::Joins(who) => self.humans[who].declared = true,
            Event::Leaves(who) => self.humans[who].declared = false,
            Event::Title(who, title) => self.humans[who].title = TITLES[title],
            Event::Roles(who, roles) => self.humans[who].roles = ROLES[roles],
            Event::Renamed(who) => self.humans[who].user_name = self.humans[who].fresh_name(),
            Event::Rekeyed(who) => {
                let human = &mut self.humans[who];
                let key = format!("{}{}", human.given, human.key.len());
                // Only a key that is declared can be a former one of the same person.
                if human.declared {
                    human.previously = Some(std::mem::replace(&mut human.key, key));
                }
            }
            Event::Takes(one, other) if one != other => {
                let fresh = self.humans[other].fresh_name();
                let name = std::mem::replace(&mut self.humans[other].user_name, fresh);
                self.humans[one].user_name = name;
            }
            Event::Succeeds(one, other) if one != other => {
                self.happens(&Event::Takes(one, other));
                self.humans[one].declared = true;
                self.humans[other].declared = false;
            }
            Event::Exchange(one, other) if one != other => {
                let name = self.humans[one].user_name.clone();
                self.humans[one].user_name = std::mem::replace(&mut self.humans[other].user_name, name);
            }
            Event::Switched(who) => self.humans[who].active = !self.humans[who].active,
            Event::Member(who, team) => {
                let members = &mut self.teams[team].members;
                if !members.remove(&who) {
                    members.insert(who);
                }
            }
            Event::GroupRenamed(team) => self.teams[team].name.push('x'),
            Event::Group(team) => self.teams[team].declared = !self.teams[team].declared,
            _ => {}
        }
    }

    pub fn users(&self) -> Value {
        let declared = self.humans.iter().filter(|human| human.declared);
        declared.map(|human| (human.key.clone(), human.declaration())).collect::<Map<_, _>>().into()
    }

    pub fn groups(&self) -> Value {
        let declared = self.teams.iter().filter(|team| team.declared);
        let group = |team: &Team| {
            let members: Vec<&String> = team
                .members
                .iter()
                .filter(|who| self.humans[**who].declared)
                .map(|who| &self.humans[*who].key)
                .collect();
            (team.key.to_owned(), json!({"displayName": team.name, "members": members}))
        };
        declared.map(group).collect::<Map<_, _>>().into()
    }

    /// Whose account this is, by the name that it was made with.
    pub fn human(&self, account: &Value) -> Option<usize> {
        let given = account["name"]["givenName"].as_str();
        self.humans.iter().position(|human| given == Some(human.given))
    }

    /// Whose key this is or was.
    pub fn keyed(&self, key: &str) -> Option<usize> {
        self.humans.iter().position(|human| key.trim_end_matches(|digit: char| digit.is_ascii_digit()) == human.given)
    }
}
