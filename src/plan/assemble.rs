//! From the plans of targets to one plan.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::scim::ResourceKind;
use crate::source::SourceMap;

use super::{Change, MemberRef, Person, PersonAtTarget, Plan, Redaction, TargetPlan, digest};

/// What stands at the top of a plan.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// When it is made, RFC 3339 UTC.
    pub created_at: String,
    /// The day of the plan.
    pub as_of: Date,
    /// The git revision of the repository.
    pub revision: Option<String>,
    /// Hash of all files.
    pub configuration: Option<String>,
    /// Name and version of the tool.
    pub tool: String,
    /// Whether the targets are sandboxes.
    pub sandbox: bool,
    /// The keys to which it is narrowed.
    pub only: Vec<String>,
}

/// Hash of the paths and texts of all files, whatever their order.
pub fn configuration(sources: &SourceMap) -> String {
    let mut files: Vec<(&str, &str)> = sources.files().map(|(_, file)| (&**file.path(), file.text())).collect();
    files.sort_unstable();
    let mut all = Vec::new();
    for (path, text) in files {
        for part in [path, text] {
            all.extend_from_slice(&(part.len() as u64).to_le_bytes());
            all.extend_from_slice(part.as_bytes());
        }
    }
    digest::hash(&all)
}

/// Joins the plans of targets: sorted by name, with the impact on each person and the digest.
pub fn assemble(mut targets: Vec<TargetPlan>, heading: Heading) -> Plan {
    targets.sort_by(|a, b| a.name.cmp(&b.name));
    name_the_number(&mut targets);
    Plan {
        format: super::FORMAT.to_owned(),
        tool: heading.tool,
        created_at: heading.created_at,
        as_of: heading.as_of,
        revision: heading.revision,
        configuration: heading.configuration,
        sandbox: heading.sandbox,
        only: heading.only,
        redacted: Redaction::None,
        digest: digest::of_plan(&targets),
        people: people(&targets),
        targets,
    }
}

/// Says which number lifts a limit on removals: only the whole plan knows it.
fn name_the_number(targets: &mut [TargetPlan]) {
    let number: u64 = targets.iter().filter(|target| target.is_written()).map(|target| target.summary.removals).sum();
    for violation in targets.iter_mut().flat_map(|target| &mut target.violations) {
        if violation.code == super::guard::REMOVALS {
            let _ = write!(violation.allow, "; if all {number} are meant: `--confirm-removals {number}`");
        }
    }
}

/// The access impact per person: what happens to the account, groups gained and lost, attributes that change.
fn people(targets: &[TargetPlan]) -> Vec<Person> {
    let mut people: BTreeMap<String, Person> = BTreeMap::new();
    for target in targets.iter().filter(|target| target.is_written()) {
        let mut here: BTreeMap<&str, (&str, PersonAtTarget)> = BTreeMap::new();
        for change in &target.changes {
            match change.resource {
                ResourceKind::User => account(&mut here, target, change),
                ResourceKind::Group => memberships(&mut here, target, change),
            }
        }
        for (key, (name, mut at)) in here {
            at.gains.sort();
            at.loses.sort();
            let person = Person { key: key.to_owned(), name: name.to_owned(), targets: Vec::new() };
            people.entry(key.to_owned()).or_insert(person).targets.push(at);
        }
    }
    people.into_values().collect()
}

type Here<'t> = BTreeMap<&'t str, (&'t str, PersonAtTarget)>;

fn nothing(target: &TargetPlan) -> PersonAtTarget {
    PersonAtTarget {
        target: target.name.clone(),
        action: None,
        gains: Vec::new(),
        loses: Vec::new(),
        changes: Vec::new(),
    }
}

fn account<'t>(here: &mut Here<'t>, target: &TargetPlan, change: &'t Change) {
    let (_, at) = here.entry(&change.key).or_insert_with(|| (&change.name, nothing(target)));
    at.action = Some(change.action);
    at.changes = change.attributes.iter().map(|attribute| attribute.path.clone()).collect();
}

fn memberships<'t>(here: &mut Here<'t>, target: &TargetPlan, change: &'t Change) {
    let mut each = |members: &'t [MemberRef], gains: bool| {
        for member in members.iter().filter(|member| member.resource == ResourceKind::User) {
            let Some(key) = &member.key else { continue };
            let (_, at) = here.entry(key).or_insert_with(|| (&member.name, nothing(target)));
            if gains { &mut at.gains } else { &mut at.loses }.push(change.name.clone());
        }
    };
    each(&change.members.add, true);
    each(&change.members.remove, false);
}
