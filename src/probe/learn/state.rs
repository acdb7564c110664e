//! Tries what happens to people: a new name, leaving, coming back.

use super::filters::{Found, text};
use super::parts::fate;
use super::session::{Account, Session, is_certain, method, refusal};
use crate::probe::model::{Left, Outcome};
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, filter};
use crate::target::TargetError;

/// What is left where `active` can't be changed.
const ONLY_BY_DELETION: &str = "; access can't be taken away by it, so leavers can only be removed: add `onRemove: { users: delete }` to the target";

impl Session<'_> {
    /// The userName of the second account.
    pub(super) async fn try_rename(&mut self) {
        let Some(account) = self.accounts.get(1).cloned() else { return };
        if self.ended() || !self.can_change() {
            return;
        }
        let Some(sent) = text(&account.sent, "userName") else { return };
        let name = sent.replacen("-Two", "-Deux", 1);
        let change = PatchOp::replace(AttrPath::attribute("userName"), Value::from(name.as_str()));
        let by = method(self.verb);
        let done = self.change(self.verb, ResourceKind::User, &account.id, &[change]).await;
        let (part, wanted) =
            (AttrPath::attribute("userName"), Object::from_iter([("userName", Value::from(name.as_str()))]));
        // Some make a form of their own of it.
        let took = |shown: &Object| fate(&part, &wanted, shown).took();
        let shown = self.read_until(ResourceKind::User, &account.id, took).await;
        let renamed = shown.as_ref().is_some_and(took);
        let now = shown.as_ref().and_then(|shown| text(shown, "userName")).unwrap_or(&name).to_owned();
        if renamed && let Some(made) = self.made.iter_mut().find(|made| made.id == account.id) {
            made.name.clone_from(&now);
        }
        match done {
            Ok(_) if renamed => {
                self.tried("rename", Outcome::Good, format!("another userName by {by}"));
            }
            Ok(_) if shown.is_none() => {
                self.tried("rename", Outcome::Odd, "not known: the user was not shown after another userName");
            }
            Ok(_) => {
                let because = format!("`userName`: a {by} of another one was accepted and changed nothing");
                self.tried("rename", Outcome::Odd, because.clone());
                self.item("attributes.createOnly", "userName", because);
            }
            Err(error) if !is_certain(&error) => {
                let says = format!("not known: a {by} of another userName was answered with {}", refusal(&error));
                self.tried("rename", Outcome::Odd, says);
            }
            Err(error) => {
                let because = format!("`userName`: a {by} of another one was answered with {}", refusal(&error));
                self.tried("rename", Outcome::Odd, because.clone());
                self.item("attributes.createOnly", "userName", because);
            }
        }
    }

    pub(super) fn can_change(&self) -> bool {
        self.patch.works || self.put.works || self.patch.untried()
    }

    /// Takes the access of the second account away, and gives it back.
    pub(super) async fn try_deactivation(&mut self) {
        let Some(account) = self.accounts.get(1).or(self.accounts.first()).cloned() else { return };
        if self.ended() || !self.can_change() {
            return;
        }
        let done = self.set_active(&account, false).await;
        let off = |shown: &Object| shown.get("active").is_some_and(is_false);
        let by = method(self.verb);
        if let Err(error) = done {
            let mut says = format!("{by} of `active: false` was answered with {}", refusal(&error));
            says += if is_certain(&error) { ONLY_BY_DELETION } else { ": not known whether access can be taken away" };
            return self.tried("deactivate", Outcome::Odd, says);
        }
        let shown = self.read_until(ResourceKind::User, &account.id, off).await;
        match shown {
            None => return self.vanished(&account).await,
            Some(shown) if off(&shown) => {
                self.mark_inactive(&account.id, true);
                self.tried("deactivate", Outcome::Good, format!("access is taken away by {by}"));
                if shown.get("active").is_some_and(|value| value.as_str().is_some()) {
                    self.fact("attributes.textBooleans", true, "`active` is shown as text");
                }
            }
            Some(shown) => {
                let says = if shown.get("active").is_none() {
                    format!(
                        "{by} of `active: false` was accepted, and `active` is not shown by id: whether it took can't be seen"
                    )
                } else {
                    format!("{by} of `active: false` was accepted and the user is shown as active")
                };
                return self.tried("deactivate", Outcome::Odd, says);
            }
        }
        self.try_inactive_in_lists(&account).await;
        self.try_reactivation(&account).await;
    }

    /// Who is not shown after being set inactive may be there still: it is deleted all the same, and named where
    /// nobody can see whether that took.
    async fn vanished(&mut self, account: &Account) {
        if !matches!(self.reader.get_whole(ResourceKind::User, &account.id).await, Ok(None)) {
            self.mark_inactive(&account.id, true);
            return self.tried(
                "deactivate",
                Outcome::Odd,
                "not known: the user could not be read by its id afterwards",
            );
        }
        let because = "a user who was set inactive is not found by its id any more";
        self.fact("deactivationRemoves", true, because);
        self.tried("deactivate", Outcome::Good, because);
        let answer = match self.delete(ResourceKind::User, &account.id).await {
            Ok(written) if written.status == 404 => Some("404".to_owned()),
            Ok(_) => None,
            Err(error) => Some(refusal(&error)),
        };
        let made = self.made.iter().position(|made| made.kind == ResourceKind::User && made.id == account.id);
        if let Some(made) = made.map(|at| self.made.remove(at))
            && let Some(answer) = answer
        {
            self.probe.left.push(Left {
                kind: made.kind,
                id: made.id,
                name: made.name,
                state: "deactivated".to_owned(),
                because: format!(
                    "not found any more after it was set inactive, and a DELETE was answered with {answer}"
                ),
            });
        }
        self.accounts.retain(|other| other.id != account.id);
    }

    async fn set_active(&self, account: &Account, active: bool) -> Result<(), TargetError> {
        let change = PatchOp::replace(AttrPath::attribute("active"), Value::Bool(active));
        self.change(self.verb, ResourceKind::User, &account.id, &[change]).await.map(drop)
    }

    fn mark_inactive(&mut self, id: &str, inactive: bool) {
        let account = self.made.iter_mut().find(|made| made.kind == ResourceKind::User && made.id == id);
        if let Some(made) = account {
            made.inactive = inactive;
        }
    }

    async fn try_inactive_in_lists(&mut self, account: &Account) {
        let Some(page) = self.first_page(ResourceKind::User).await else { return };
        let whole = !page.cursor && page.total.is_none_or(|total| total <= page.resources.len() as u64);
        // Some list neither.
        let others = self.accounts.iter().filter(|other| other.id != account.id);
        if !others.clone().any(|other| page.resource(&other.id).is_some()) && others.count() > 0 {
            return;
        }
        if page.resource(&account.id).is_some() {
            return self.fact("inactiveListed", true, "a list shows a user who was set inactive");
        }
        // Beyond the first page only a filter can tell.
        let by_name = filter::eq(AttrPath::attribute("userName"), &account.name).to_string();
        let filters = self.improved().capabilities.filter_users;
        let can_filter = filters.iter().any(|name| name.eq_ignore_ascii_case("userName"));
        let found = can_filter && self.filtered(ResourceKind::User, &account.id, &by_name).await == Found::Right;
        if whole || (can_filter && !found) {
            self.fact("inactiveListed", false, "a list does not show a user who was set inactive and is found by id");
        }
    }

    async fn try_reactivation(&mut self, account: &Account) {
        if self.ended() {
            return;
        }
        let done = self.set_active(account, true).await;
        let on = |shown: &Object| shown.get("active").is_some_and(|value| !is_false(value));
        let shown = self.read_until(ResourceKind::User, &account.id, on).await;
        if done.is_ok() && shown.as_ref().is_some_and(on) {
            self.mark_inactive(&account.id, false);
            return self.tried("reactivate", Outcome::Good, "access is given back");
        }
        if done.as_ref().is_err_and(|error| !is_certain(error)) || shown.is_none() {
            return self.tried("reactivate", Outcome::Odd, "not known: no answer says whether access is given back");
        }
        let why = done.err().map_or_else(|| "200, and the user stays inactive".to_owned(), |error| refusal(&error));
        let because = format!("`active: true` on an inactive user was answered with {why}");
        self.tried("reactivate", Outcome::Odd, because.clone());
        if account.shown.get("active").is_some_and(is_false) {
            let because = "a user who was made with `active: true` is shown as inactive";
            return self.fact("attributes.pendingUntilPassword", true, because);
        }
        self.fact("reactivation", false, because);
    }
}

/// Some servers show booleans as text.
pub(super) fn is_false(value: &Value) -> bool {
    value.as_bool() == Some(false) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}
