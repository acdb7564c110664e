//! Tries the filters by which a plan would look for people and groups.

use std::time::Duration;

use super::session::{Session, is_certain, refusal};
use crate::probe::model::Outcome;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, filter};

/// Waits before each look, for servers whose index is late.
const LOOKS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(700)];

/// What a filter came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// Exactly what it should give.
    Right,
    /// Not what it should give, in words.
    Wrong(String),
}

impl Session<'_> {
    /// Each attribute that the profile or the mapping looks people up by.
    pub(super) async fn try_filters(&mut self) {
        let Some(account) = self.accounts.get(1).or(self.accounts.first()).cloned() else { return };
        let Some(shown) = self.read(ResourceKind::User, &account.id).await else { return };
        let known = self.profile.capabilities.filter_users.clone();
        let matched = self.cast.mapping().matching.users.iter().map(ToString::to_string).collect();
        let tried = self.try_each(ResourceKind::User, &account.id, &shown, &known, matched).await;
        self.judge_filters(ResourceKind::User, &known, &tried);
        self.try_and(&account.id, &shown, &tried).await;
    }

    /// What each of the attributes came to that the resource has a value for.
    pub(super) async fn try_each(
        &mut self,
        kind: ResourceKind,
        id: &str,
        shown: &Object,
        known: &[String],
        matched: Vec<String>,
    ) -> Vec<(String, Found)> {
        let mut names = known.to_vec();
        names.extend(matched);
        let mut tried: Vec<(String, Found)> = Vec::new();
        for name in names {
            if tried.iter().any(|(done, _)| done.eq_ignore_ascii_case(&name)) || self.ended() {
                continue;
            }
            let Ok(path) = name.parse::<AttrPath>() else { continue };
            let Some(value) = path.read(shown).first().and_then(|value| value.as_str()) else { continue };
            let text = filter::eq(path, value).to_string();
            let found = self.filtered(kind, id, &text).await;
            tried.push((name, found));
        }
        tried
    }

    /// Whether a filter gives this resource and nothing else that is ours.
    pub(super) async fn filtered(&self, kind: ResourceKind, id: &str, text: &str) -> Found {
        let mut last = Found::Wrong("not asked".to_owned());
        for wait in LOOKS {
            tokio::time::sleep(wait).await;
            last = match self.reader.raw_page(kind, &[("filter", text)]).await {
                Err(error) => {
                    let wrong = Found::Wrong(format!("it was answered with {}", refusal(&error)));
                    // A bad moment passes; a server that fails at each look can't be asked that way.
                    if is_certain(&error) {
                        return wrong;
                    }
                    wrong
                }
                Ok(page) if page.resources.len() > 1 && page.total != Some(1) => {
                    return Found::Wrong(format!("it gave {}, so it is ignored", page.resources.len()));
                }
                Ok(page) if page.resource(id).is_some() => return Found::Right,
                Ok(page) if page.resources.is_empty() => Found::Wrong("it gave nothing".to_owned()),
                Ok(_) => return Found::Wrong("it gave something else".to_owned()),
            };
        }
        last
    }

    /// States the attributes that filters work on.
    pub(super) fn judge_filters(&mut self, kind: ResourceKind, known: &[String], tried: &[(String, Found)]) {
        if tried.is_empty() {
            return;
        }
        let fate =
            |name: &String| tried.iter().find(|(done, _)| done.eq_ignore_ascii_case(name)).map(|(_, found)| found);
        // What could not be tried stays as the profile has it, unless no filter works at all.
        let none = !tried.is_empty() && tried.iter().all(|(_, found)| *found != Found::Right);
        let kept = |name: &&String| fate(name).map_or(!none, |found| *found == Found::Right);
        let mut works: Vec<String> = known.iter().filter(kept).cloned().collect();
        for (name, found) in tried {
            if *found == Found::Right && !works.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                works.push(name.clone());
            }
        }
        let says: Vec<String> = tried
            .iter()
            .map(|(name, found)| match found {
                Found::Right => format!("`{name} eq` works"),
                Found::Wrong(why) => format!("`{name} eq` of one {kind} does not work: {why}"),
            })
            .collect();
        let says = says.join("; ");
        let step = if kind == ResourceKind::User { "find" } else { "find groups" };
        let outcome = if tried.iter().all(|(_, found)| *found == Found::Right) { Outcome::Good } else { Outcome::Odd };
        self.tried(step, outcome, says.clone());
        let fact = if kind == ResourceKind::User { "filterUsers" } else { "filterGroups" };
        self.fact(fact, works, says);
    }

    async fn try_and(&mut self, id: &str, shown: &Object, tried: &[(String, Found)]) {
        if !self.profile.capabilities.filter_and || self.ended() {
            return;
        }
        let right = tried.iter().filter(|(_, found)| *found == Found::Right);
        let texts: Vec<String> = right
            .filter_map(|(name, _)| {
                let path: AttrPath = name.parse().ok()?;
                let value = path.read(shown).first().and_then(|value| value.as_str())?.to_owned();
                Some(filter::eq(path, &value).to_string())
            })
            .collect();
        let [first, second, ..] = texts.as_slice() else { return };
        if let Found::Wrong(why) = self.filtered(ResourceKind::User, id, &format!("{first} and {second}")).await {
            self.fact("filterAnd", false, format!("a filter of two joined by `and` does not work: {why}"));
        }
    }
}

/// The text of an attribute.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}
