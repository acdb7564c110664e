//! From the plans of targets to one plan.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::diag::NoticeCode;
use crate::source::SourceMap;

use super::undo::UndoOf;
use super::{Base, Horizon, Person, Plan, Redaction, TargetPlan, digest};

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
    /// The apply that it takes back.
    pub undo: Option<UndoOf>,
    /// The files that it is held against in place of live targets.
    pub base: Option<Base>,
    /// What time alone will change.
    pub horizon: Option<Horizon>,
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
        undo: heading.undo,
        base: heading.base,
        horizon: heading.horizon,
        redacted: Redaction::None,
        digest: digest::of_plan(&targets),
        people: people(&mut targets),
        targets,
    }
}

/// Says which number lifts a limit on removals: only the whole plan knows it.
fn name_the_number(targets: &mut [TargetPlan]) {
    let number: u64 = targets.iter().filter(|target| target.is_written()).map(|target| target.summary.removals).sum();
    for violation in targets.iter_mut().flat_map(|target| &mut target.violations) {
        if violation.code == NoticeCode::Removals {
            let _ = write!(violation.allow, "; if all {number} are meant: `--confirm-removals {number}`");
        }
    }
}

/// The access impact per person over all targets that are written to. Strangers are known by ids of their target, so the
/// same id at another one is somebody else.
fn people(targets: &mut [TargetPlan]) -> Vec<Person> {
    let mut people: BTreeMap<(String, Option<String>), Person> = BTreeMap::new();
    for target in targets {
        let here = std::mem::take(&mut target.people);
        for person in here.into_iter().filter(|_| target.is_written()) {
            let known = (person.key.clone(), person.stranger.then(|| target.name.clone()));
            match people.entry(known) {
                Entry::Vacant(place) => drop(place.insert(person)),
                Entry::Occupied(mut place) => place.get_mut().targets.extend(person.targets),
            }
        }
    }
    people.into_values().collect()
}
