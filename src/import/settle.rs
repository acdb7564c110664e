//! Draws the files up, looks at the plan that they would give, and mends until it is empty or can't be made so.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::{Choice, Choices};
use super::draft::{self, Draft, Extras, Plan};
use super::inverse::{Inverse, Mended};
use super::listing::{Binds, Entry, Listing, Scope};
use super::model::{Difference, File, Item, Status, Summary};
use crate::config;
use crate::desired::project;
use crate::diag::{Diagnostic, NoticeCode, Severity};
use crate::directory::{self, Directory};
use crate::live::LiveResource;
use crate::plan::{Action, Change, PlanInput, TargetPlan, plan_target};
use crate::scim::{PerKind, ResourceKey, ResourceKind, Value};
use crate::source::{SourceMap, Span};
use crate::wording::list;

/// Drafts that are made at most: each mends everyone who differs, so that few are needed.
const MOST_DRAFTS: usize = 12;

/// What an import comes to.
#[derive(Debug)]
pub struct Settled {
    /// The new texts of files, by path from the repository's root.
    pub texts: BTreeMap<String, String>,
    /// The same, for the report.
    pub files: Vec<File>,
    /// Everyone, as the report lists them.
    pub items: Vec<Item>,
    /// Counts.
    pub summary: Summary,
    /// The binding that is made or added to.
    pub binding: Option<String>,
    /// What else should be known.
    pub notices: Vec<String>,
}

/// Why nothing can be written.
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// A file can't be edited.
    #[error("{0}")]
    Edit(#[from] crate::edit::EditError),
    /// The files would be wrong, at a place that no imported person or group is to blame for.
    #[error("the files would not be valid: {0}")]
    Invalid(String),
}

/// Places of one declaration that are looked through at most for the one that a mistake is in.
const MOST_PLACES: usize = 1000;

pub(super) struct Work<'a, 's> {
    pub(super) scope: &'s Scope<'a>,
    directory: &'s Directory,
    mapping: &'s crate::mapping::Mapping,
    plan: &'s Plan,
    inverse: PerKind<Inverse<'s>>,
    pub(super) choices: Choices<'s>,
    pub(super) extras: Extras,
    may_own_mapping: bool,
    /// Whether bindings that are there may give someone to the target by themselves.
    may_be_covered: bool,
    /// Changes that the last plan has besides.
    pub(super) others: u64,
    pub(super) violations: Vec<String>,
}

/// Settles what is written for those chosen, by their places in the listing.
///
/// # Errors
/// A file that can't be edited, or a result that would not be valid.
pub fn settle(
    scope: &Scope<'_>,
    directory: &Directory,
    listing: &Listing,
    chosen: &BTreeSet<usize>,
    plan: &Plan,
) -> Result<Settled, Unsettled> {
    let Some(target) = directory.targets.get(scope.target) else {
        return Err(Unsettled::Invalid(format!("there is no target `{}`", scope.target)));
    };
    let mapping = listing.mapping.as_ref();
    let bind = *scope.binds != Binds::Nobody;
    let name = draft::binding_name(scope);
    let mut work = Work {
        scope,
        directory,
        mapping,
        plan,
        inverse: PerKind::new(|kind| Inverse::new(&target.profile, kind, mapping)),
        choices: Choices::new(listing, chosen, bind),
        extras: Extras::default(),
        may_be_covered: bind && directory.bindings.values().any(|binding| binding.target == *scope.target),
        may_own_mapping: bind && !directory.bindings.contains_key(name.as_str()),
        others: 0,
        violations: Vec::new(),
    };
    if !target.profile.capabilities.resources.groups {
        for choice in work.choices.all.values_mut().filter(|choice| choice.entry.kind == ResourceKind::Group) {
            choice.leave("the target has no groups");
        }
    }
    work.find_covered()?;
    let mut drafted = Draft::default();
    for _ in 0..MOST_DRAFTS {
        drafted = draft::draft(scope, directory, mapping, plan, &work.choices, &work.extras)?;
        if !work.look(&drafted)? {
            return Ok(work.settled(listing, drafted));
        }
    }
    Ok(work.settled(listing, drafted))
}

impl Work<'_, '_> {
    fn live(&self, entry: &Entry) -> Option<&LiveResource> {
        let list = self.scope.live.of(entry.kind);
        list.get(entry.place)
    }

    /// Where the target knows no `externalId` for most, one that is made of keys is left to new accounts.
    fn leave_external_ids(&mut self) {
        if !self.may_own_mapping {
            return;
        }
        let missing = |kind: ResourceKind, inverse: &Inverse<'_>| {
            if inverse.external_id_of_key().is_none() {
                return (0, 0);
            }
            let named = |(name, choice): &(&ResourceKey, &Choice<'_>)| {
                name.kind == kind && choice.left.is_none() && !self.extras.covered.contains(*name)
            };
            let of_kind = self.choices.all.iter().filter(named);
            let lacking = |(_, choice): &(&ResourceKey, &Choice<'_>)| {
                self.live(choice.entry).is_some_and(|live| inverse.external_id(live).is_empty())
            };
            (of_kind.clone().filter(lacking).count(), of_kind.count())
        };
        let (lacking, all) = missing(ResourceKind::User, &self.inverse.users);
        let groups = missing(ResourceKind::Group, &self.inverse.groups).0 > 0;
        self.extras.on_create = (lacking * 2 > all, groups);
    }

    /// Finds out whom the bindings that are there give to the target by themselves.
    fn find_covered(&mut self) -> Result<(), Unsettled> {
        if self.may_be_covered {
            self.cover()?;
        }
        self.leave_external_ids();
        Ok(())
    }

    fn cover(&mut self) -> Result<(), Unsettled> {
        self.extras.covered = self.choices.all.keys().cloned().collect();
        let drafted = draft::draft(self.scope, self.directory, self.mapping, self.plan, &self.choices, &self.extras)?;
        let sources = merged(self.scope.sources, &drafted.texts);
        self.extras.covered.clear();
        if let (Some(directory), _) = directory::compile(&sources) {
            let desired = project(&directory, self.scope.target, self.scope.as_of);
            let found = |name: &ResourceKey| desired.find(name.kind, &name.key).is_some();
            self.extras.covered = self.choices.all.keys().filter(|name| found(name)).cloned().collect();
        }
        let name = draft::binding_name(self.scope);
        let Some(binding) = self.directory.bindings.get(name.as_str()).filter(|binding| binding.rule.is_some()) else {
            return Ok(());
        };
        let why = format!("the condition of the binding `{}` does not hold, so that it stays unmanaged", binding.name);
        for (name, choice) in &mut self.choices.all {
            if name.kind == ResourceKind::User && !self.extras.covered.contains(name) && choice.bound {
                choice.bound = false;
                choice.notes.insert(why.clone());
            }
        }
        Ok(())
    }

    /// Looks at what a draft gives and mends; whether there was something to mend.
    fn look(&mut self, drafted: &Draft) -> Result<bool, Unsettled> {
        let sources = merged(self.scope.sources, &drafted.texts);
        let (directory, found) = directory::compile(&sources);
        let Some(directory) = &directory else {
            let errors: Vec<Diagnostic> =
                found.into_sorted().into_iter().filter(|found| found.severity == Severity::Error).collect();
            return self.mend_files(&sources, &errors).map(|()| true);
        };
        let Some(target) = directory.targets.get(self.scope.target) else { return Ok(false) };
        let desired = project(directory, self.scope.target, self.scope.as_of);
        let plan = plan_target(PlanInput {
            target,
            desired: &desired,
            live: self.scope.live,
            ledger: self.scope.ledger,
            hasher: self.scope.hasher,
            directory,
            sources: &sources,
            as_of: self.scope.as_of,
            only: None,
        });
        let joined = self.extras.joins.clone();
        let mended = self.mend_plan(&plan);
        if joined != self.extras.joins {
            // The groups that they are declared in may be given to the target.
            self.find_covered()?;
        }
        Ok(mended)
    }

    /// Takes out what makes the files wrong.
    fn mend_files(&mut self, sources: &SourceMap, errors: &[Diagnostic]) -> Result<(), Unsettled> {
        let (config, _) = config::parse(sources);
        let holds =
            |outer: Span, inner: Span| outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end;
        let mut places: Vec<(Span, ResourceKey, Option<String>)> = Vec::new();
        for (name, _) in self.choices.all.iter().filter(|(_, choice)| choice.is_written()) {
            match name.kind {
                ResourceKind::User => {
                    let Some(user) = config.users.get(&name.key) else { continue };
                    let parts =
                        user.value.places.iter().map(|(part, span)| (span, name.clone(), Some(part.to_owned())));
                    places.extend(parts);
                    places.push((user.span, name.clone(), None));
                    places.push((user.key, name.clone(), None));
                }
                ResourceKind::Group => {
                    let Some(group) = config.groups.get(&name.key) else { continue };
                    places.extend(
                        group.value.groups.iter().map(|one| (one.span, name.clone(), Some("groups".to_owned()))),
                    );
                    places.push((group.span, name.clone(), None));
                    places.push((group.key, name.clone(), None));
                }
            }
        }
        places.sort_by_key(|(span, ..)| (span.file, span.start, std::cmp::Reverse(span.end)));
        // The innermost place that holds a mistake starts last before it, but for those that end earlier.
        let place = |inner: Span| {
            let end = places.partition_point(|(span, ..)| (span.file, span.start) <= (inner.file, inner.start));
            places.get(..end)?.iter().rev().take(MOST_PLACES).find(|(outer, ..)| holds(*outer, inner))
        };
        let mut mended = false;
        for error in errors {
            let Some(span) = error.span else { continue };
            let Some((_, name, part)) = place(span) else { continue };
            let Some(choice) = self.choices.all.get_mut(name) else { continue };
            mended = true;
            match part.as_deref() {
                Some("groups") => choice.nested = false,
                Some("manager") => choice.managed_by = false,
                Some(part) if part != "userName" && choice.declared.remove(part).is_some() => {
                    choice.notes.insert(format!("`{part}` is left out: {}", error.message));
                }
                // What the target asks for is only asked of those whom it is given to.
                None if choice.bound && error.code == crate::diag::Code::TargetRule => {
                    choice.bound = false;
                    choice.notes.insert(format!("it stays unmanaged: {}", error.message));
                }
                _ => choice.leave(error.message.clone()),
            }
        }
        if mended {
            return Ok(());
        }
        let first = errors.first();
        let place = first.and_then(|error| error.span).map(|span| format!("{}: ", sources.location(span)));
        let message = first.map_or("it is not known why", |error| error.message.as_str());
        Err(Unsettled::Invalid(format!("{}{message}", place.unwrap_or_default())))
    }

    fn mend_plan(&mut self, plan: &TargetPlan) -> bool {
        self.violations = plan.violations.iter().map(|violation| violation.message.clone()).collect();
        self.others = 0;
        let mut mended = false;
        for problem in &plan.errors {
            let Some(choice) = self.choices.all.get_mut(&ResourceKey::new(problem.resource, &*problem.key)) else {
                continue;
            };
            let inverse = self.inverse.of(problem.resource);
            let takes = matches!(problem.code, NoticeCode::Expression | NoticeCode::ValueType);
            match takes.then(|| inverse.mend_broken(&problem.key, &mut choice.declared)).flatten() {
                Some(how) => note(choice, &how, &problem.message),
                None => choice.leave(problem.message.clone()),
            }
            mended = true;
        }
        for change in plan.changes.iter().chain(&plan.suppressed) {
            let name = ResourceKey::new(change.resource, &*change.key);
            if self.choices.all.contains_key(&name) {
                mended |= self.mend_change(&name, change);
            } else if change.resource == ResourceKind::Group && self.joins(change) {
                mended = true;
            } else {
                self.others += 1;
            }
        }
        mended
    }

    /// Someone of ours is in a group that was declared before: new members are declared there too, and whoever would leave
    /// it is not given to the target.
    fn joins(&mut self, change: &Change) -> bool {
        let mut mended = false;
        for key in change.members.remove.iter().filter_map(|member| member.key.as_ref()) {
            let Some(choice) = self.choices.all.get_mut(&ResourceKey::user(&**key)) else { continue };
            let group = self.extras.joins.entry(change.key.clone()).or_default();
            if choice.is_written() && !group.contains(key) && self.directory.groups.contains_key(change.key.as_str()) {
                group.insert(key.clone());
                mended = true;
            } else {
                group.remove(key);
                mended |= unbind(choice, &would_leave(&change.key));
            }
        }
        self.extras.joins.retain(|_, users| !users.is_empty());
        mended
    }

    fn mend_change(&mut self, name: &ResourceKey, change: &Change) -> bool {
        let live = self.choices.all.get(name).and_then(|choice| self.live(choice.entry)).cloned();
        let (Some(choice), Some(live)) = (self.choices.all.get_mut(name), live) else { return false };
        let fresh = choice.entry.status == Status::New;
        if !choice.bound && !self.extras.covered.contains(name) {
            return false;
        }
        if !fresh {
            // It was declared before, by somebody who meant something else.
            let paths = list(change.attributes.iter().map(|one| &one.path));
            choice.bound = false;
            choice.notes.insert(format!(
                "declared and in no binding of this target; it is left so, since the target differs: {}",
                if paths.is_empty() { "its access".to_owned() } else { paths }
            ));
            return true;
        }
        match change.action {
            Action::Create | Action::Delete | Action::Forget | Action::Adopt => {
                choice.leave("it would not be found again: its match attributes are missing or not unique");
                return true;
            }
            Action::Deactivate if choice.declared.remove("active").is_some() => {
                choice.notes.insert("`active` is left out: the target computes it".to_owned());
                return true;
            }
            Action::Deactivate | Action::Reactivate if self.extras.covered.contains(name) => {
                let active = |value: bool| Value::Bool(value);
                let (live, sent) = (change.action == Action::Deactivate, change.action == Action::Reactivate);
                choice.differs = vec![Difference { path: "active".to_owned(), live: active(live), sent: active(sent) }];
                return false;
            }
            Action::Deactivate | Action::Reactivate => {
                return unbind(choice, "the plan would change its access (`active`), so that it stays unmanaged");
            }
            Action::Update => {}
        }
        let mut mended = self.mend_attributes(name, change, &live);
        let Some(choice) = self.choices.all.get_mut(name) else { return mended };
        let nested = !change.members.add.is_empty() && std::mem::take(&mut choice.nested);
        mended |= nested;
        let differs = !choice.differs.is_empty();
        if name.kind == ResourceKind::Group && differs && !mended {
            let paths = list(choice.differs.iter().map(|one| &one.path));
            return unbind(choice, &format!("it is not pushed, since the plan would change {paths}"));
        }
        let leaving: Vec<String> = change.members.remove.iter().filter_map(|member| member.key.clone()).collect();
        let added: Vec<String> = change.members.add.iter().filter_map(|member| member.key.clone()).collect();
        mended | self.mend_members(name, &leaving, nested, &added)
    }

    /// Mends what is declared of one, attribute by attribute; what can't be mended is noted.
    fn mend_attributes(&mut self, name: &ResourceKey, change: &Change, live: &LiveResource) -> bool {
        let Some(choice) = self.choices.all.get_mut(name) else { return false };
        let inverse = self.inverse.of(name.kind);
        let mut mended = false;
        choice.differs.clear();
        for attribute in &change.attributes {
            if attribute.reference.is_some() {
                mended |= std::mem::take(&mut choice.managed_by);
                choice.notes.insert("`manager` is left out: the target holds another person".to_owned());
                continue;
            }
            let external = name.kind == ResourceKind::Group && attribute.path.is("externalId");
            if external && self.may_own_mapping && !self.extras.on_create.1 && inverse.external_id_of_key().is_some() {
                self.extras.on_create.1 = true;
                mended = true;
                continue;
            }
            let before = choice.declared.clone();
            match inverse.mend(&attribute.path, live, &name.key, &mut choice.declared) {
                Some(how) if choice.declared != before => {
                    mended = true;
                    if !matches!(how, Mended::Emptied(_)) {
                        note(
                            choice,
                            &how,
                            &format!(
                                "the target holds {}, and the mapping would send {}",
                                shown(&attribute.before),
                                shown(&attribute.after)
                            ),
                        );
                    }
                }
                _ => choice.differs.push(Difference {
                    path: attribute.path.to_string(),
                    live: attribute.before.clone(),
                    sent: attribute.after.clone(),
                }),
            }
        }
        mended
    }

    /// Whoever would leave a group is without access: not given to the target, they stay as they are.
    fn mend_members(&mut self, group: &ResourceKey, leaving: &[String], nested: bool, added: &[String]) -> bool {
        let mut mended = false;
        let mut kept = false;
        for key in leaving {
            let found = self.choices.all.get_mut(&ResourceKey::user(&**key));
            let by_name = !self.extras.covered.contains(&ResourceKey::user(&**key));
            match found.filter(|choice| choice.bound && by_name) {
                Some(choice) => mended |= unbind(choice, &would_leave(&group.key)),
                None => kept = true,
            }
        }
        if !mended
            && !nested
            && (kept || !added.is_empty())
            && let Some(choice) = self.choices.all.get_mut(group)
        {
            mended = unbind(choice, "it is not pushed, since the plan would change its members");
        }
        mended
    }
}

fn would_leave(group: &str) -> String {
    format!("it has no access and would leave the group `{group}`, so that it stays unmanaged")
}

fn unbind(choice: &mut Choice<'_>, why: &str) -> bool {
    choice.notes.insert(why.to_owned());
    choice.differs.clear();
    std::mem::replace(&mut choice.bound, false)
}

fn note(choice: &mut Choice<'_>, how: &Mended, why: &str) {
    let text = match how {
        Mended::Emptied(name) => format!("`{name}` is declared empty: {why}"),
        Mended::Dropped(names) => format!("`{}` is left out: {why}", names.join("`, `")),
    };
    choice.notes.insert(text);
}

/// The files with new texts over the old ones, in the order of their paths.
pub(crate) fn merged(sources: &SourceMap, texts: &BTreeMap<String, String>) -> SourceMap {
    let mut all: BTreeMap<&str, &str> = sources.files().map(|(_, file)| (file.path().as_ref(), file.text())).collect();
    all.extend(texts.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let mut merged = SourceMap::default();
    for (path, text) in all {
        merged.add(path, text);
    }
    merged
}

/// A value on one line, as a reader would write it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}
