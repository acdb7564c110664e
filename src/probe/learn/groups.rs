//! Makes groups, gives one another name, and puts one into another.

use super::filters::{Found, text};
use super::parts::body;
use super::session::{Session, is_certain, method, refusal};
use crate::plan::Verb;
use crate::plan::schedule::verb;
use crate::probe::model::Outcome;
use crate::probe::person::Given;
use crate::scim::patch::PatchOp;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value, filter, urn};
use crate::target::TargetError;

/// A made-up group.
#[derive(Clone, Debug)]
pub(super) struct Grouping {
    pub(super) id: String,
    pub(super) name: String,
    /// Members that its create named.
    pub(super) sent: Vec<String>,
}

impl Session<'_> {
    pub(super) async fn try_groups(&mut self) {
        if self.ended() {
            return;
        }
        if !self.profile.capabilities.create_groups {
            return self.tried("groups", Outcome::Left, "the profile has it that groups can't be created there");
        }
        let members: Vec<String> = self.accounts.first().map(|account| account.id.clone()).into_iter().collect();
        let Some(group) = self.make_group("Staff", &members).await else { return };
        let other = self.make_group("Crew", &[]).await;
        self.judge_external_id(&group).await;
        let mut tried = self.try_group_filters(&group).await;
        tried.extend(self.try_members(&group).await);
        if let Some(other) = &other {
            self.try_nesting(&group, other).await;
            tried.extend(self.try_group_rename(other).await);
        }
        let known = self.profile.capabilities.filter_groups.clone();
        self.judge_filters(ResourceKind::Group, &known, &tried);
    }

    /// With members, else without.
    async fn make_group(&mut self, name: &str, members: &[String]) -> Option<Grouping> {
        let name = format!("{}-{name}", self.cast.mark());
        let rows = &self.cast.mapping().rows.groups;
        let external = AttrPath::attribute("externalId");
        let has_external = rows.iter().any(|row| row.path.same(&external));
        let named: Given = (AttrPath::attribute("displayName"), Value::from(name.as_str()));
        let numbered = has_external.then(|| (external, Value::from(name.to_lowercase())));
        let mut forms: Vec<Vec<Given>> = vec![vec![named.clone()]];
        if let Some(numbered) = numbered {
            forms.insert(0, vec![named, numbered]);
        }
        let mut first: Option<TargetError> = None;
        for given in forms {
            for members in [members, &[]] {
                let mut sent = body(ResourceKind::Group, &given);
                if !members.is_empty() {
                    sent.insert("members", members_value(members));
                }
                match self.create(ResourceKind::Group, &name, &sent).await {
                    Ok(id) if !id.is_empty() => {
                        self.tried("groups", Outcome::Good, format!("made `{name}`, id {id}"));
                        return Some(Grouping { id, name, sent: members.to_vec() });
                    }
                    Ok(_) => return None,
                    Err(error) => {
                        first.get_or_insert(error);
                    }
                }
                if members.is_empty() {
                    break;
                }
            }
        }
        let error = first?;
        let because = format!("a create of a group was answered with {}", refusal(&error));
        if matches!(error.status(), Some(403 | 404 | 405 | 501)) {
            self.fact("createGroups", false, because.clone());
        }
        self.tried("groups", Outcome::Odd, because);
        None
    }

    /// Whether the group's `externalId` is shown where a check of a write looks for it.
    async fn judge_external_id(&mut self, group: &Grouping) {
        let Some(shown) = self.read(ResourceKind::Group, &group.id).await else { return };
        let rows = &self.cast.mapping().rows.groups;
        let mapped = rows.iter().any(|row| row.path.same(&AttrPath::attribute("externalId")));
        let wanted = group.name.to_lowercase();
        if mapped && text(&shown, "externalId").is_none_or(|shown| !shown.eq_ignore_ascii_case(&wanted)) {
            let path = format!("{}:externalId", urn::GROUP);
            let because = "`externalId` of a group is not shown by id after a create with it";
            self.item("attributes.unsupported", path, because);
        }
    }

    async fn try_group_filters(&mut self, group: &Grouping) -> Vec<(String, Found)> {
        let Some(shown) = self.read(ResourceKind::Group, &group.id).await else { return Vec::new() };
        let known = self.profile.capabilities.filter_groups.clone();
        let matched = self.cast.mapping().matching.groups.iter().map(ToString::to_string).collect();
        self.try_each(ResourceKind::Group, &group.id, &shown, &known, matched).await
    }

    /// The verb for attributes of groups, as the profile has it with what was learned.
    pub(super) fn group_verb(&self) -> Verb {
        verb(&self.improved().capabilities, self.discovery, ResourceKind::Group)
    }

    /// Another name, by the verb of groups, else by the other one. Whether it is found by the new one.
    async fn try_group_rename(&mut self, group: &Grouping) -> Option<(String, Found)> {
        let name = format!("{}-Team", self.cast.mark());
        let verbs = match self.group_verb() {
            Verb::Put => [Verb::Put, Verb::Patch],
            Verb::Patch => [Verb::Patch, Verb::Put],
        };
        let (mut says, mut known) = (Vec::new(), true);
        for (turn, by) in verbs.into_iter().enumerate() {
            if self.ended() {
                return None;
            }
            match self.rename_group(&group.id, &name, by).await {
                Ok(()) => {
                    if turn > 0 && known {
                        self.other_group_verb(by, &says.join("; "));
                    }
                    self.tried("rename group", Outcome::Good, format!("another name by {}", method(by)));
                    let by_name = filter::eq(AttrPath::attribute("displayName"), &name).to_string();
                    let found = self.filtered(ResourceKind::Group, &group.id, &by_name).await;
                    return (found != Found::Right).then(|| {
                        ("displayName".to_owned(), Found::Wrong("after a new name it gave nothing".to_owned()))
                    });
                }
                Err((sure, why)) => {
                    known &= sure;
                    says.push(format!("{} of the name of a group {why}", method(by)));
                }
            }
        }
        let because = says.join("; ");
        self.tried("rename group", Outcome::Odd, because.clone());
        if known {
            self.fact("renameGroups", false, because);
        }
        None
    }

    fn other_group_verb(&mut self, works: Verb, because: &str) {
        match works {
            Verb::Patch => self.fact("putGroups", false, because),
            Verb::Put if self.put.works => self.fact("write", "put", because),
            Verb::Put => self.tried("rename group", Outcome::Odd, format!("{because}; PUT of a group works")),
        }
    }

    /// Why it did not take, and whether that is sure.
    async fn rename_group(&mut self, id: &str, name: &str, by: Verb) -> Result<(), (bool, String)> {
        let change = [PatchOp::replace(AttrPath::attribute("displayName"), Value::from(name))];
        if let Err(error) = self.change(by, ResourceKind::Group, id, &change).await {
            return Err((is_certain(&error), format!("was answered with {}", refusal(&error))));
        }
        let took = |shown: &Object| text(shown, "displayName").is_some_and(|shown| shown.eq_ignore_ascii_case(name));
        match self.read_until(ResourceKind::Group, id, took).await {
            Some(shown) if took(&shown) => Ok(()),
            Some(_) => Err((true, "was accepted and changed nothing".to_owned())),
            None => Err((false, "was accepted, and the group was not shown afterwards".to_owned())),
        }
    }
}

/// Members as they are sent.
pub(super) fn members_value<S: AsRef<str>>(ids: &[S]) -> Value {
    let member = |id: &S| Value::Object([("value", Value::from(id.as_ref()))].into_iter().collect());
    Value::Array(ids.iter().map(member).collect())
}
