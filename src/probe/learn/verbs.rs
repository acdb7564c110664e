//! Tries PUT and PATCH on the first account: one attribute, then all, and what else that changed.

use super::bisect::{Culprit, Way, alone};
use super::parts::{Fate, Part, blamed, body, fate, has, only, parts};
use super::session::{Refusal, Session, VerbTrial, method};
use crate::desired::Asserted;
use crate::directory::{WriteRules, Writing};
use crate::plan::schedule::operations;
use crate::plan::{Effect, Verb};
use crate::probe::model::Outcome;
use crate::probe::person::{Given, Role};
use crate::profile::Clear;
use crate::scim::patch::PatchOp;
use crate::scim::{Object, ResourceKind, Value};

const CLEARED_BY_PUT: [&[&str]; 2] =
    [&["title", "timezone", "displayName"], &["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter"]];
const CLEARED_BY_PATCH: [&[&str]; 2] = [
    &["userType", "locale", "nickName", "displayName"],
    &["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"],
];

/// What a first change is tried on, likeliest to be writable first.
const SIMPLE: [&str; 6] = ["name.familyName", "displayName", "title", "nickName", "name.givenName", "name.formatted"];

impl Session<'_> {
    /// PUT goes first: where it does all, what PATCH refuses need not be found out.
    pub(super) async fn try_verbs(&mut self) {
        let Some(simple) = self.simple() else {
            return self.tried("update", Outcome::Left, "no attribute that can be changed is mapped");
        };
        self.try_both(&simple).await;
        if !self.can_change() && self.remake(&simple).await {
            self.try_both(&simple).await;
        }
        self.try_clearing(Verb::Put).await;
        self.try_clearing(Verb::Patch).await;
    }

    async fn try_both(&mut self, simple: &Part) {
        self.put = self.try_verb(Verb::Put, simple, [2, 3]).await;
        if !self.ended() {
            self.patch = self.try_verb(Verb::Patch, simple, [4, 5]).await;
        }
    }

    /// Clears one attribute of the core and one of an extension, others by each verb, and finds the form for it.
    async fn try_clearing(&mut self, verb: Verb) {
        let trial = if verb == Verb::Put { &self.put } else { &self.patch };
        let (works, candidates) = (trial.works, if verb == Verb::Put { CLEARED_BY_PUT } else { CLEARED_BY_PATCH });
        let mut cleared = true;
        let mut form = None;
        for names in candidates.into_iter().filter(|_| works) {
            let Some(account) = self.accounts.first().cloned() else { return };
            let Some(shown) = self.read(ResourceKind::User, &account.id).await else { return };
            let part = names.iter().filter_map(|name| name.parse::<Part>().ok()).find(|part| has(part, &shown));
            let Some(part) = part.filter(|_| !self.ended()) else { continue };
            let (done, found) = self.clear(verb, &account.id, &part, &shown).await;
            cleared &= done;
            form = found.or(form);
        }
        let trial = if verb == Verb::Put { &mut self.put } else { &mut self.patch };
        (trial.clears, trial.clear) = (cleared, form);
    }

    /// Whether the part was cleared, and in which form where that is not the profile's.
    async fn clear(&mut self, verb: Verb, id: &str, part: &Part, shown: &Object) -> (bool, Option<Clear>) {
        let said = self.profile.capabilities.clear;
        let others = [Clear::Remove, Clear::Null, Clear::Empty].into_iter().filter(|form| *form != said);
        for form in std::iter::once(said).chain(others.filter(|_| verb == Verb::Patch)) {
            let mut profile = self.profile.clone();
            profile.capabilities.clear = form;
            let (path, value) = (part.clone(), Value::Null);
            let asserted = Asserted::Value(Value::Null);
            let effect = Effect { path, value, asserted, lasting: true, shown: true, gives_way: false };
            let operations = operations(&profile, ResourceKind::User, verb, &[effect], Some(shown));
            let done = self.change(verb, ResourceKind::User, id, &operations).await.is_ok();
            let gone = |shown: &Object| !has(part, shown);
            if done && self.read_until(ResourceKind::User, id, gone).await.as_ref().is_some_and(gone) {
                return (true, Some(form).filter(|form| *form != said));
            }
        }
        (false, None)
    }

    /// Some servers accept at creation what keeps them from any change. Makes the first account again without what the
    /// refusals name, else with little.
    async fn remake(&mut self, simple: &Part) -> bool {
        let Some(account) = self.accounts.first().cloned() else { return false };
        let sent = parts(&account.sent);
        let refusals = [self.put.says.clone(), self.patch.says.clone()];
        let mut named: Vec<Part> = refusals.iter().flat_map(|says| blamed(says, &sent)).collect();
        named.retain(|part| !part.same(simple) && !part.attribute.eq_ignore_ascii_case("userName"));
        self.accounts.clear();
        if named.is_empty() {
            return self.make_again(None).await;
        }
        let why = format!("a change of another attribute of a user with it was refused: {}", self.patch.says);
        self.confirmed.extend(named.iter().cloned());
        self.refused_at_creation.extend(named.iter().map(|part| (part.clone(), why.clone())));
        self.make_again(Some(&named)).await
    }

    /// An attribute that the mapping gives and that was kept at creation.
    fn simple(&self) -> Option<Part> {
        let account = self.accounts.first()?;
        let kept = |name: &&str| {
            account.fates.iter().any(|(part, fate)| part.to_string() == **name && matches!(fate, Fate::Kept))
        };
        let rules = WriteRules::of(self.profile);
        let free = |path: &Part| rules.writing(ResourceKind::User, path) == Writing::Free;
        SIMPLE.iter().filter(|name| kept(name)).filter_map(|name| name.parse().ok()).find(free)
    }

    async fn try_verb(&mut self, verb: Verb, simple: &Part, versions: [u8; 2]) -> VerbTrial {
        let [once, again] = versions;
        let mut trial = self.try_simple(verb, simple, once).await;
        if trial.works && !self.ended() {
            self.try_everything(verb, again, &mut trial).await;
            if verb == Verb::Put || !self.put.works {
                self.confirm_refusals(verb, again).await;
            }
        }
        trial
    }

    /// Changes one attribute, and sees what else changed.
    async fn try_simple(&mut self, verb: Verb, simple: &Part, version: u8) -> VerbTrial {
        let mut trial = VerbTrial::default();
        let Some(account) = self.accounts.first().cloned() else { return trial };
        let role = Role { version, ..account.role };
        let name = method(verb);
        if let Err(why) = self.change_parts(verb, role, std::slice::from_ref(simple)).await {
            trial.says = format!("{name} of `{simple}` of a user was answered with {}", why.says);
            trial.certain = why.certain;
            return trial;
        }
        let sent = body(ResourceKind::User, &self.cast.given(role, self.as_of));
        let took = |shown: &Object| fate(simple, &sent, shown) == Fate::Kept;
        let Some(shown) = self.read_until(ResourceKind::User, &account.id, took).await else {
            trial.says = format!("after {name} of `{simple}` the user was not found by its id");
            return trial;
        };
        (trial.works, trial.certain) = (took(&shown), true);
        let word = if trial.works { "took" } else { "was accepted and changed nothing" };
        trial.says = format!("{name} of `{simple}` of a user {word}");
        let stood = |(part, fate): &&(Part, Fate)| fate.took() && !has(part, &shown);
        trial.lost = account.fates.iter().filter(stood).map(|(part, _)| part.clone()).collect();
        trial
    }

    /// Changes all that the mapping gives, and sees what became of each part.
    async fn try_everything(&mut self, verb: Verb, version: u8, trial: &mut VerbTrial) {
        let Some(account) = self.accounts.first().cloned() else { return };
        let role = Role { version, ..account.role };
        let wanted = body(ResourceKind::User, &self.cast.given(role, self.as_of));
        let all = parts(&wanted);
        let barred = self.refused_at_creation.clone();
        // What PUT does not keep is not sent by a plan.
        let dropped = |part: &Part| {
            verb == Verb::Patch && self.put.fates.iter().any(|(known, fate)| known == part && !fate.took())
        };
        let sent = |part: &&Part| !barred.iter().any(|(refused, _)| refused == *part) && !dropped(part);
        let mut kept: Vec<Part> = all.iter().filter(sent).cloned().collect();
        if let Err(why) = self.change_parts(verb, role, &kept).await {
            let says = why.says.clone();
            // What PUT does anyway need not be found out for PATCH.
            let needless = verb == Verb::Patch && self.put.does_all();
            let found = if needless { None } else { self.culprits(Way::Change(verb, role), &kept, why).await };
            let Some(found) = found else {
                trial.unknown = Some(says);
                return;
            };
            kept.retain(|part| !found.iter().any(|culprit| culprit.part == *part));
            for Culprit { part, refusal } in found {
                let list = if refusal.certain { &mut trial.refused } else { &mut trial.unclear };
                list.push((part, refusal.says));
            }
        }
        let sent = only(ResourceKind::User, &wanted, &kept);
        if let Some((shown, fates)) = self.shown(&account.id, &sent, &kept).await {
            trial.fates = fates;
            if let Some(account) = self.accounts.first_mut() {
                (account.role, account.sent, account.shown) = (role, sent, shown);
            }
        }
    }

    /// What the refusal of a create named is refused for sure where a change of it alone is refused as well.
    async fn confirm_refusals(&mut self, verb: Verb, version: u8) {
        let Some(account) = self.accounts.first() else { return };
        let role = Role { version, ..account.role };
        for (part, _) in self.refused_at_creation.clone() {
            let known = self.ended() || self.confirmed.contains(&part);
            let done = if known {
                Ok(())
            } else {
                self.change_parts(verb, role, &alone(Way::Change(verb, role), &part)).await
            };
            if done.is_err_and(|refusal| refusal.certain) {
                self.confirmed.push(part);
            }
        }
    }

    /// Sends these parts of a role to the first account.
    pub(super) async fn change_parts(&mut self, verb: Verb, role: Role, parts: &[Part]) -> Result<(), Refusal> {
        let Some(account) = self.accounts.first().cloned() else { return Ok(()) };
        let given = self.cast.given(role, self.as_of);
        let operations = self.operations(verb, &given, parts, &account.shown);
        let done = self.change(verb, ResourceKind::User, &account.id, &operations).await;
        done.map(drop).map_err(|error| Refusal::from(&error))
    }

    /// The operations that a plan would send for these parts.
    fn operations(&self, verb: Verb, given: &[Given], parts: &[Part], live: &Object) -> Vec<PatchOp> {
        let sent = only(ResourceKind::User, &body(ResourceKind::User, given), parts);
        let effects: Vec<Effect> = given
            .iter()
            .filter_map(|(path, _)| {
                let value = (*path.read(&sent).first()?).clone();
                let asserted = Asserted::Value(value.clone());
                Some(Effect { path: path.clone(), value, asserted, lasting: true, shown: true, gives_way: false })
            })
            .collect();
        operations(self.profile, ResourceKind::User, verb, &effects, Some(live))
    }
}
