//! Makes the accounts, with as much of what the mapping gives as the server accepts.

use super::attributes::has_values_of_its_own;
use super::bisect::{Culprit, Way};
use super::parts::{Fate, Part, blamed, body, only, parts};
use super::session::{Account, Made, Refusal, Session, refusal};
use crate::probe::model::Outcome;
use crate::probe::person::{Given, Role};
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};
use crate::target::TargetError;

const FIRST: Role = Role { name: "One", version: 1 };
/// Who has a manager.
const MANAGED: Role = OTHERS[0];
const AGAIN: Role = Role { name: "Once-More", version: 1 };
const OTHERS: [Role; 2] = [Role { name: "Two", version: 1 }, Role { name: "Three", version: 1 }];
/// Who is made to find out what a create is refused for, and removed at once.
const SPARE: [&str; 12] =
    ["Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen", "Fourteen", "Fifteen"];

/// What is tried where a create of everything is refused and the answer does not say why: attributes that a server must
/// have, fewer each time.
const CORES: [&[&str]; 3] = [
    &["userName", "externalId", "name.givenName", "name.familyName", "displayName", "emails", "active"],
    &["userName", "name.givenName", "name.familyName", "emails.value"],
    &["userName"],
];

impl Session<'_> {
    /// Makes the first account; whether there is one to go on with.
    pub(super) async fn make_first_account(&mut self) -> bool {
        if !self.profile.capabilities.create_users {
            self.tried("create", Outcome::Left, "the profile has it that users can't be created there");
            return false;
        }
        let wanted = body(ResourceKind::User, &self.cast.given(FIRST, self.as_of));
        let made = match self.create_as_much(FIRST, &wanted).await {
            Ok(made) => made,
            Err(error) => {
                self.creation_failed(error.as_ref());
                return false;
            }
        };
        self.meet(made).await
    }

    /// The first account again, by another name: without these parts, or with the core of it only.
    pub(super) async fn make_again(&mut self, without: Option<&[Part]>) -> bool {
        let wanted = body(ResourceKind::User, &self.cast.given(AGAIN, self.as_of));
        let kept = |part: &Part| match without {
            Some(without) => !without.contains(part),
            None => CORES.first().is_some_and(|core| is_in(core, part)),
        };
        let kept: Vec<Part> = parts(&wanted).into_iter().filter(kept).collect();
        let sent = only(ResourceKind::User, &wanted, &kept);
        match self.create(ResourceKind::User, &name_of(&sent), &sent).await {
            Ok(id) => self.meet((AGAIN, id, sent)).await,
            Err(error) => {
                self.tried("create", Outcome::Odd, format!("a further user was refused: {}", refusal(&error)));
                false
            }
        }
    }

    fn creation_failed(&mut self, error: Option<&TargetError>) {
        let says = error.map_or_else(|| "refused in every form".to_owned(), refusal);
        let status = error.and_then(TargetError::status);
        if matches!(status, Some(404 | 405 | 501)) {
            self.fact("createUsers", false, format!("a create of a user was answered with {says}"));
        }
        self.tried("create", Outcome::Bad, says.clone());
        self.probe.usable = false;
        self.probe.reason = Some(format!("create: {says}"));
        self.probe.hint = error.and_then(TargetError::hint).map(str::to_owned);
    }

    /// Creates with everything, without what refusals name, or with the core of it.
    async fn create_as_much(
        &mut self,
        role: Role,
        wanted: &Object,
    ) -> Result<(Role, String, Object), Option<TargetError>> {
        let all = parts(wanted);
        let mut kept = all.clone();
        let mut refused: Vec<(Part, String)> = Vec::new();
        let mut first = None;
        for _ in 0..=all.len() {
            let sent = only(ResourceKind::User, wanted, &kept);
            let error = match self.create(ResourceKind::User, &name_of(wanted), &sent).await {
                Ok(id) => {
                    self.refused_at_creation = refused;
                    return Ok((role, id, sent));
                }
                Err(error) => error,
            };
            if !is_about_the_body(&error) {
                return Err(Some(error));
            }
            let mut named = blamed(error.detail(), &kept);
            named.retain(|part| !part.attribute.eq_ignore_ascii_case("userName"));
            kept.retain(|part| !named.contains(part));
            let why = format!("a create with it was answered with {}", refusal(&error));
            refused.extend(named.iter().map(|part| (part.clone(), why.clone())));
            first.get_or_insert(error);
            if named.is_empty() {
                break;
            }
        }
        for core in CORES {
            let kept: Vec<Part> = all.iter().filter(|part| is_in(core, part)).cloned().collect();
            let sent = only(ResourceKind::User, wanted, &kept);
            match self.create(ResourceKind::User, &name_of(wanted), &sent).await {
                Ok(id) => return Ok((role, id, sent)),
                Err(error) if !is_about_the_body(&error) => return Err(Some(error)),
                Err(_) => {}
            }
        }
        Err(first)
    }

    /// Reads what was made. The steps are told for the first account only.
    async fn meet(&mut self, (role, id, sent): (Role, String, Object)) -> bool {
        let name = name_of(&sent);
        if id.is_empty() {
            self.tried("create", Outcome::Bad, format!("`{name}` was made and no id came back"));
            return false;
        }
        self.tried("create", Outcome::Good, format!("made `{name}`, id {id}"));
        let Some((shown, fates)) = self.shown(&id, &sent, &parts(&sent)).await else {
            self.tried("read", Outcome::Odd, "not found by the id that it was given");
            return false;
        };
        self.tried("read", Outcome::Good, "found by its id");
        let name = shown.get("userName").and_then(Value::as_str).unwrap_or(&name).to_owned();
        if let Some(made) = self.made.iter_mut().find(|made| made.kind == ResourceKind::User && made.id == id) {
            made.name.clone_from(&name);
        }
        self.accounts.push(Account { role, id, name, sent, shown, fates });
        true
    }

    /// Makes two more, as a plan would by now.
    pub(super) async fn make_other_accounts(&mut self) {
        for role in OTHERS {
            if self.ended() {
                return;
            }
            let mut given = self.cast.given(role, self.as_of);
            given.extend(self.managed().filter(|_| role == MANAGED));
            let wanted = body(ResourceKind::User, &given);
            let kept: Vec<Part> = parts(&wanted).into_iter().filter(|part| !self.barred.contains(part)).collect();
            let sent = only(ResourceKind::User, &wanted, &kept);
            let id = match self.create(ResourceKind::User, &name_of(&sent), &sent).await {
                Ok(id) if !id.is_empty() => id,
                Ok(_) => continue,
                Err(error) if is_about_the_body(&error) && self.bar_refused(&kept, Refusal::from(&error)).await => {
                    continue;
                }
                Err(error) => {
                    self.tried("create", Outcome::Odd, format!("a further user was refused: {}", refusal(&error)));
                    return;
                }
            };
            let Some((shown, fates)) = self.shown(&id, &sent, &kept).await else { continue };
            let name = shown.get("userName").and_then(Value::as_str).map_or_else(|| name_of(&sent), str::to_owned);
            self.judge_manager(&fates);
            self.accounts.push(Account { role, id, name, sent, shown, fates });
        }
    }

    /// The first account as the manager of another. Where nothing of the extension is kept, nor is that.
    fn managed(&mut self) -> Option<Given> {
        let (path, first) = (self.cast.manager()?, self.accounts.first()?.id.clone());
        let of_extension = |part: &&Part| part.top().0.is_some() && part.top().0 == path.top().0;
        let barred = self.barred.iter().filter(of_extension).count();
        let kept = self.accounts.first()?.fates.iter().map(|(part, _)| part).filter(of_extension).count();
        if barred > 0 && barred >= kept {
            let rules = self.improved().attributes;
            let known = |part: &Part| rules.unsupported.iter().any(|rule| rule.same(part));
            if self.barred.iter().filter(of_extension).all(known) {
                self.item("attributes.unsupported", path.to_string(), "manager: nothing of its extension is kept");
            }
            return None;
        }
        Some((path, Value::from(first)))
    }

    fn judge_manager(&mut self, fates: &[(Part, Fate)]) {
        let Some(path) = self.cast.manager() else { return };
        let fate = fates.iter().find(|(part, _)| part.parent().same(&path.parent())).map(|(_, fate)| fate);
        if fate.is_some_and(|fate| !fate.took()) {
            let because = "manager: the id of another user was accepted by POST and is not shown afterwards";
            self.item("attributes.unsupported", path.to_string(), because);
        }
    }

    /// Finds what a create is refused for although a change of it is accepted; whether it was found.
    async fn bar_refused(&mut self, kept: &[Part], refusal: Refusal) -> bool {
        let Some(found) = self.culprits(Way::Create, kept, refusal).await else { return false };
        for Culprit { part, refusal } in found {
            let because = format!("`{part}`: a create with it was answered with {}", refusal.says);
            if refusal.certain && !has_values_of_its_own(&part) {
                self.item("attributes.unsupported", part.to_string(), because);
            } else {
                self.tried("attributes", Outcome::Odd, because);
            }
            self.barred.push(part);
        }
        true
    }

    /// Whether a create with these parts is accepted; who was made for it is removed.
    pub(super) async fn creates_with(&mut self, kept: &[Part], turn: usize) -> Result<(), Refusal> {
        let Some(name) = SPARE.get(turn) else {
            return Err(Refusal { says: "too many tries".to_owned(), answered: false, certain: false });
        };
        let role = Role { name, version: 1 };
        let wanted = body(ResourceKind::User, &self.cast.given(role, self.as_of));
        let sent = only(ResourceKind::User, &wanted, kept);
        let id =
            self.create(ResourceKind::User, &name_of(&sent), &sent).await.map_err(|error| Refusal::from(&error))?;
        if self.delete(ResourceKind::User, &id).await.is_ok() {
            self.made.retain(|made: &Made| made.id != id);
        }
        Ok(())
    }
}

/// The userName of a body.
fn name_of(body: &Object) -> String {
    body.get("userName").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether another body may be accepted after such a refusal.
fn is_about_the_body(error: &TargetError) -> bool {
    matches!(error.status(), Some(400 | 409 | 422 | 500))
}

fn is_in(names: &[&str], part: &Part) -> bool {
    let named = |name: &&str| name.parse::<AttrPath>().is_ok_and(|rule| crate::directory::covers(&rule, part));
    names.iter().any(named)
}
