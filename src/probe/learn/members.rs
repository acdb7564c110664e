//! Tries how members come and go, and where they are shown. What took is read, wherever it can be.

use super::filters::Found;
use super::groups::{Grouping, members_value};
use super::session::{Session, is_certain, refusal};
use crate::plan::Verb;
use crate::plan::schedule::MemberForm;
use crate::probe::model::Outcome;
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, filter};
use crate::target::TargetError;

/// Where members can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    ById,
    List,
    /// By asking for the groups of each person (`members.value` of groups).
    ByFilter,
    Nowhere,
}

/// A way in which members come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Add,
    RemoveByFilter,
    RemoveByValue,
    Replace,
    Put,
}

/// What a request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Came {
    Right,
    /// Accepted, and nobody can see whether it took.
    Unseen,
    /// In words, after "PATCH …".
    Wrong(String),
    /// No answer, or a failure of the server itself: nothing follows from it.
    Unknown(String),
}

impl Came {
    /// Whether the server said that it did so.
    fn accepted(&self) -> bool {
        match self {
            Self::Right | Self::Unseen => true,
            Self::Wrong(why) => why.starts_with(SHOWN),
            Self::Unknown(_) => false,
        }
    }

    /// Whether it took, as far as anybody can see.
    fn good(&self) -> bool {
        matches!(self, Self::Right | Self::Unseen)
    }

    fn refused(error: &TargetError) -> Self {
        let why = format!("was answered with {}", refusal(error));
        if is_certain(error) { Self::Wrong(why) } else { Self::Unknown(why) }
    }
}

/// The trial of one group's members.
struct Trial<'t> {
    group: &'t str,
    view: View,
    reference: bool,
    people: Vec<String>,
    /// Who should be in it by now, as far as is known.
    there: Vec<String>,
}

impl Session<'_> {
    /// Where members are shown, and by which requests they come and go; the filters that show them.
    pub(super) async fn try_members(&mut self, group: &Grouping) -> Vec<(String, Found)> {
        let people: Vec<String> = self.accounts.iter().map(|account| account.id.clone()).collect();
        let [one, two, ..] = people.as_slice() else {
            self.tried("members", Outcome::Left, "not tried, since there are no two users to try it with");
            return Vec::new();
        };
        let (one, two) = (one.clone(), two.clone());
        let mut trial = Trial { group: &group.id, view: View::ById, reference: false, people, there: Vec::new() };
        let Some(created) = self.ids_by_id(&group.id).await else {
            self.tried("members", Outcome::Odd, "not known: the group can't be read by its id");
            return Vec::new();
        };
        let listed = self.ids_listed(&group.id).await;
        trial.there.clone_from(&created);
        if created.is_empty() && !group.sent.is_empty() {
            self.tried("members", Outcome::Odd, "members named in a create are not shown by id afterwards");
        }
        let mut added = Came::Right;
        if created.is_empty() {
            added = self.first_member(&mut trial, &one, &listed).await;
        }
        // Whether who comes takes the place of who is there can't be seen in an empty group.
        if added.accepted() {
            added = self.first_member(&mut trial, &two, &listed).await;
        }
        self.judge_view(&mut trial, &mut added).await;
        if self.ended() {
            return Vec::new();
        }
        let removed = self.try_removal(&mut trial).await;
        if added.good() {
            self.try_several(&mut trial).await;
        }
        let replaced = self.try_all(&mut trial, Form::Replace, [&one, &two]).await;
        let put = self.try_all(&mut trial, Form::Put, [&one, &two]).await;
        self.judge_members(&trial, &added, &removed, &replaced, &put);
        let by_filter = (trial.view == View::ByFilter).then(|| ("members.value".to_owned(), Found::Right));
        by_filter.into_iter().collect()
    }

    /// Adds one person by PATCH; with `$ref` where it does not take without.
    async fn first_member(&mut self, trial: &mut Trial<'_>, who: &String, listed: &[String]) -> Came {
        let wanted = std::slice::from_ref(who);
        let came = self.request(trial, Form::Add, wanted).await;
        if !matches!(came, Came::Wrong(_)) || trial.reference || trial.there.contains(who) {
            return came;
        }
        trial.reference = true;
        let again = self.request(trial, Form::Add, wanted).await;
        if again == Came::Right {
            self.fact("memberReference", true, "a PATCH that adds members took with `$ref` and not without");
            return again;
        }
        trial.reference = false;
        // Seen by another view, or nowhere.
        let now = self.ids_listed(trial.group).await;
        if now.iter().any(|id| !listed.contains(id)) {
            (trial.view, trial.there) = (View::List, now);
            return Came::Right;
        }
        came
    }

    /// States where members are shown. Who was not seen after a PATCH may be seen after a PUT.
    async fn judge_view(&mut self, trial: &mut Trial<'_>, added: &mut Came) {
        if trial.view == View::List {
            return self.tried("members", Outcome::Odd, "members are shown in lists and not by id");
        }
        let mut by_id = self.ids_by_id(trial.group).await;
        let mut put = Came::Right;
        if by_id.as_ref().is_some_and(Vec::is_empty) {
            let everyone = trial.people.clone();
            put = self.request(trial, Form::Put, &everyone).await;
            by_id = self.ids_by_id(trial.group).await;
        }
        let Some(by_id) = by_id else {
            *added = Came::Unknown("can't be judged, since the group was not shown by its id any more".to_owned());
            return;
        };
        if !by_id.is_empty() {
            return match self.listed(trial.group).await {
                Some(listed) if same(&by_id, &listed) => {
                    self.fact("members", "list", "a list shows the members that are shown by id");
                }
                Some(_) => self.fact("members", "byId", "a list does not show the members that are shown by id"),
                // Some do not list what they have.
                None => {}
            };
        }
        if !added.accepted() && !put.accepted() {
            return self.tried("members", Outcome::Odd, "no request that gives a group members was accepted");
        }
        self.fact("members", "never", "members that were accepted are shown neither by id nor in a list");
        let Some(two) = trial.people.get(1) else { return };
        let seen = self.filtered(ResourceKind::Group, trial.group, &holding(two)).await;
        trial.view = if seen == Found::Right { View::ByFilter } else { View::Nowhere };
        if trial.view == View::ByFilter {
            trial.there = self.settled(trial, &[]).await.unwrap_or_default();
        }
        // That nobody was shown by id is no proof that nobody was added.
        if added.accepted() {
            *added = if trial.view == View::ByFilter { self.add_again(trial).await } else { Came::Unseen };
        }
    }

    /// Adds somebody where a filter shows who is there.
    async fn add_again(&mut self, trial: &mut Trial<'_>) -> Came {
        if trial.people.iter().all(|id| trial.there.contains(id)) {
            self.try_removal(trial).await;
        }
        let absent = trial.people.iter().find(|id| !trial.there.contains(id)).cloned();
        match absent {
            Some(who) => self.request(trial, Form::Add, &[who]).await,
            None => Came::Unseen,
        }
    }

    /// Adds more than one at once, which some refuse although they take one after the other.
    async fn try_several(&mut self, trial: &mut Trial<'_>) {
        let absent: Vec<String> = trial.people.iter().filter(|id| !trial.there.contains(id)).cloned().collect();
        if absent.len() < 2 || self.ended() {
            return;
        }
        if let Came::Wrong(why) = self.request(trial, Form::Add, &absent).await
            && !why.starts_with(SHOWN)
        {
            let because = format!("a PATCH that adds {} members {why}, and one at a time is accepted", absent.len());
            self.fact("membersPerPatch", 1, because);
        }
    }

    /// Takes one person out again: in the RFC's form, else by a list of values.
    async fn try_removal(&mut self, trial: &mut Trial<'_>) -> Vec<(Form, Came)> {
        let mut tried = Vec::new();
        for form in [Form::RemoveByFilter, Form::RemoveByValue] {
            let last = if trial.view == View::Nowhere { trial.people.last() } else { trial.there.last() };
            let Some(who) = last.map(|id| [id.clone()]) else { break };
            let came = self.request(trial, form, &who).await;
            let done = !matches!(came, Came::Wrong(_));
            tried.push((form, came));
            if done || self.ended() {
                break;
            }
            // A form that is not understood may have emptied the group.
            let everyone = trial.people.clone();
            self.request(trial, Form::Add, &everyone).await;
        }
        tried
    }

    /// Sends other members than there are.
    async fn try_all(&mut self, trial: &mut Trial<'_>, form: Form, [one, two]: [&String; 2]) -> Came {
        let all = [one.clone(), two.clone()];
        let ids = if same(&trial.there, &all) { &all[..1] } else { &all[..] };
        self.request(trial, form, ids).await
    }

    fn judge_members(
        &mut self,
        trial: &Trial<'_>,
        added: &Came,
        removed: &[(Form, Came)],
        replaced: &Came,
        put: &Came,
    ) {
        let good = Came::good;
        let removal = removed.iter().find(|(_, came)| good(came)).map(|(form, _)| *form);
        let says = wrong_of_all(added, removed, replaced, put);
        let because = says.join("; ");
        let outcome = if says.is_empty() { Outcome::Good } else { Outcome::Odd };
        let summary = match (says.is_empty(), trial.view) {
            (true, View::Nowhere) => {
                "PATCH and PUT of members are accepted; whether they took can't be seen".to_owned()
            }
            (true, _) => "members come and go by PATCH and by PUT".to_owned(),
            (false, _) => because.clone(),
        };
        let all = [added, replaced, put].into_iter().chain(removed.iter().map(|(_, came)| came));
        if all.clone().any(|came| matches!(came, Came::Unknown(_))) {
            let says = format!("not known how members come and go: {because}");
            return self.tried("members", Outcome::Odd, says);
        }
        self.tried("members", outcome, summary);
        let patches = good(added) && (removal.is_some() || good(replaced));
        let hidden = matches!(trial.view, View::Nowhere | View::ByFilter);
        match (good(added), removal) {
            (true, Some(Form::RemoveByValue)) => self.fact("memberRemoval", "value", because.clone()),
            (true, Some(_)) => self.fact("memberRemoval", "filter", "`remove` of `members[value eq …]` took"),
            (true, None) if good(replaced) && trial.view != View::Nowhere => {
                self.fact("memberRemoval", "replace", because.clone());
            }
            _ => {}
        }
        if patches && !good(replaced) {
            self.fact("replaceMembers", false, wrong("`replace` of `members`", replaced).unwrap_or_default());
        }
        let write = match self.group_verb() {
            // A create may drop members unseen; a PATCH says who comes and goes.
            _ if trial.view == View::Nowhere && patches => "patch",
            Verb::Patch if patches => "auto",
            Verb::Put if good(put) && !hidden => "auto",
            _ if patches => "patch",
            _ if good(replaced) => "replace",
            _ if good(put) => "put",
            _ => {
                return self.tried("members", Outcome::Odd, "no form was found in which members come and go");
            }
        };
        let because =
            if hidden { "members are not shown, and PATCH names those who come and go".to_owned() } else { because };
        if write == "patch" && self.improved().capabilities.patch == Some(false) {
            // PATCH of users does not work, that of groups does.
            self.fact("patch", true, "PATCH of the members of a group works");
            self.fact("write", "put", "PATCH of a user does not work");
        }
        self.fact("memberWrite", write, because);
    }

    /// Sends one request, and sees what became of the members.
    async fn request(&mut self, trial: &mut Trial<'_>, form: Form, ids: &[String]) -> Came {
        let before = trial.there.clone();
        let wanted: Vec<String> = match form {
            Form::Add => before.iter().chain(ids.iter().filter(|id| !before.contains(id))).cloned().collect(),
            Form::RemoveByFilter | Form::RemoveByValue => {
                before.iter().filter(|id| !ids.contains(id)).cloned().collect()
            }
            Form::Replace | Form::Put => ids.to_vec(),
        };
        let sent = self.members_sent(trial, ids);
        let members = AttrPath::attribute("members");
        let by = if form == Form::Put { Verb::Put } else { Verb::Patch };
        let operations: Vec<PatchOp> = match form {
            Form::Add => vec![PatchOp::add(members, sent)],
            Form::Replace | Form::Put => vec![PatchOp::replace(members, sent)],
            Form::RemoveByValue => vec![PatchOp { value: Some(sent), ..PatchOp::remove(members) }],
            Form::RemoveByFilter => {
                let one = |id: &String| {
                    PatchOp::remove(members.clone().with_filter(filter::eq(AttrPath::attribute("value"), id)))
                };
                ids.iter().map(one).collect()
            }
        };
        let done = self.change(by, ResourceKind::Group, trial.group, &operations).await;
        if trial.view == View::Nowhere {
            return match done {
                Ok(_) => Came::Unseen,
                Err(error) => Came::refused(&error),
            };
        }
        let Some(now) = self.settled(trial, &wanted).await else {
            return Came::Unknown("can't be judged, since the group was not shown afterwards".to_owned());
        };
        trial.there.clone_from(&now);
        match done {
            Err(error) => Came::refused(&error),
            Ok(_) if same(&now, &wanted) => Came::Right,
            Ok(_) => Came::Wrong(format!("{SHOWN}{}", outcome(&before, &wanted, &now))),
        }
    }

    fn members_sent(&self, trial: &Trial<'_>, ids: &[String]) -> Value {
        if !trial.reference {
            return members_value(ids);
        }
        let member = |id: &String| {
            let url = self.reader.location(ResourceKind::User, id);
            let fields = [("value", Value::from(id.as_str())), ("$ref", Value::from(url))];
            Value::Object(fields.into_iter().collect())
        };
        Value::Array(ids.iter().map(member).collect())
    }

    /// Who is in the group, once that is as it should be; none where nobody says.
    async fn settled(&self, trial: &Trial<'_>, wanted: &[String]) -> Option<Vec<String>> {
        match trial.view {
            View::ById => {
                let as_wanted = |shown: &Object| same(&ids(shown), wanted);
                let shown = self.read_until(ResourceKind::Group, trial.group, as_wanted).await;
                shown.as_ref().map(ids)
            }
            View::List => self.listed(trial.group).await,
            View::ByFilter => {
                let mut there = Vec::new();
                for id in &trial.people {
                    if self.filtered(ResourceKind::Group, trial.group, &holding(id)).await == Found::Right {
                        there.push(id.clone());
                    }
                }
                Some(there)
            }
            View::Nowhere => Some(wanted.to_vec()),
        }
    }

    async fn ids_by_id(&self, group: &str) -> Option<Vec<String>> {
        self.read(ResourceKind::Group, group).await.as_ref().map(ids)
    }

    async fn ids_listed(&self, group: &str) -> Vec<String> {
        self.listed(group).await.unwrap_or_default()
    }

    /// Its members as the list shows them; none where the list does not show the group.
    async fn listed(&self, group: &str) -> Option<Vec<String>> {
        self.first_page(ResourceKind::Group).await.and_then(|page| page.resource(group).map(ids))
    }

    /// One group in another.
    pub(super) async fn try_nesting(&mut self, group: &Grouping, other: &Grouping) {
        if self.ended() || !self.profile.capabilities.nested_groups {
            return;
        }
        let view = self.improved().capabilities.members;
        if view == crate::profile::MembersShown::Never {
            return;
        }
        let form = MemberForm::new(&self.improved().capabilities, self.discovery);
        let Some(there) = self.ids_by_id(&group.id).await else { return };
        if there.is_empty() && !self.ids_listed(&group.id).await.is_empty() {
            return self.tried("nested groups", Outcome::Left, "not tried, since members are not shown by id");
        }
        let member = [("value", Value::from(other.id.as_str())), ("type", Value::from("Group"))];
        let nested = Value::Object(member.into_iter().collect());
        let members = AttrPath::attribute("members");
        let operation = if form.sends_all(false) {
            let Value::Array(mut all) = members_value(&there) else { return };
            all.push(nested);
            PatchOp::replace(members, Value::Array(all))
        } else {
            PatchOp::add(members, Value::Array(vec![nested]))
        };
        let done = self.change(form.verb, ResourceKind::Group, &group.id, &[operation]).await;
        // Users and groups may have the same ids.
        let more = there.len() + 1;
        let took = |shown: &Object| ids(shown).len() == more && ids(shown).contains(&other.id);
        let shown = self.read_until(ResourceKind::Group, &group.id, took).await;
        let says = match done {
            Err(error) if !is_certain(&error) => {
                let says = format!("not known: a group as a member of a group was answered with {}", refusal(&error));
                return self.tried("nested groups", Outcome::Odd, says);
            }
            Err(error) => format!("a group as a member of a group was answered with {}", refusal(&error)),
            Ok(_) if shown.as_ref().is_some_and(took) => {
                return self.tried("nested groups", Outcome::Good, "a group can be a member of a group");
            }
            Ok(_) => "a group as a member of a group was accepted and is not shown".to_owned(),
        };
        self.tried("nested groups", Outcome::Odd, says.clone());
        self.fact("nestedGroups", false, says);
    }
}

/// Begins what is said of an accepted request.
const SHOWN: &str = "was accepted and ";

/// What a request did in place of what it should.
fn outcome(before: &[String], wanted: &[String], now: &[String]) -> String {
    let lost = before.iter().filter(|id| wanted.contains(id) && !now.contains(id)).count();
    if same(before, now) {
        "changed nothing".to_owned()
    } else if lost > 0 {
        format!("took {lost} of the other members out")
    } else {
        format!("left {} members where {} were meant", now.len(), wanted.len())
    }
}

/// The ids of a group's members.
fn ids(group: &Object) -> Vec<String> {
    let Some(Value::Array(members)) = group.get("members") else { return Vec::new() };
    members.iter().filter_map(|member| member.get("value").and_then(Value::as_str)).map(str::to_owned).collect()
}

fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().all(|id| b.contains(id))
}

/// A filter of groups that hold a person.
fn holding(id: &str) -> String {
    filter::eq(AttrPath::attribute("members").with_sub("value"), id).to_string()
}

/// What did not work of a form, in words.
fn wrong(name: &str, came: &Came) -> Option<String> {
    match came {
        Came::Wrong(why) | Came::Unknown(why) => Some(format!("{name} {why}")),
        Came::Right | Came::Unseen => None,
    }
}

fn wrong_of_all(added: &Came, removed: &[(Form, Came)], replaced: &Came, put: &Came) -> Vec<String> {
    let removals = removed.iter().map(|(form, came)| {
        let by_filter = *form == Form::RemoveByFilter;
        (if by_filter { "`remove` of `members[value eq …]`" } else { "`remove` of `members` with values" }, came)
    });
    let all = std::iter::once(("PATCH that adds members", added)).chain(removals);
    let all = all.chain([("`replace` of `members`", replaced), ("PUT of a group with members", put)]);
    all.filter_map(|(name, came)| wrong(name, came)).collect()
}
