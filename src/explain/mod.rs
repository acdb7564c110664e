//! Why one person or group is at a target as it is: declared where, in scope why, matched how, each value, what is sent.

mod matched;
mod model;
mod requests;
mod scope;
mod values;

/// Name of the published format; it only grows.
pub const FORMAT: &str = "scimform.explain/v1";

/// The JSON Schema of the published format.
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Explanation).to_value()
}

pub use model::{
    AtTarget, Bound, Declared, Explanation, Found, Matched, MemberRow, Request, Source, State, Subject, ValueRow,
};

use crate::access::Place;
use crate::directory::Directory;
use crate::plan::observe::Observed;
use crate::plan::{Change, TargetPlan};
use crate::scim::ResourceKind;
use crate::source::{SourceMap, Span};

/// A place as an explanation shows it.
fn place(sources: &SourceMap, span: Span) -> Place {
    let location = sources.location(span);
    Place { file: location.file.to_string(), line: location.line }
}

/// Where a key is declared (step 1); nothing where it is not.
pub fn declared(directory: &Directory, sources: &SourceMap, kind: ResourceKind, key: &str) -> Option<Declared> {
    match kind {
        ResourceKind::User => {
            let user = directory.users.get(key)?;
            let attributes = user.places.iter().map(|(name, span)| (name.to_owned(), place(sources, span)));
            Some(Declared {
                place: place(sources, user.origin),
                attributes: attributes.collect(),
                since: user.starts,
                until: user.ends,
                active: user.active,
                previously: user.previously.iter().map(ToString::to_string).collect(),
            })
        }
        ResourceKind::Group => {
            let group = directory.groups.get(key)?;
            Some(Declared {
                place: place(sources, group.origin),
                previously: group.previously.iter().map(ToString::to_string).collect(),
                ..Declared::default()
            })
        }
    }
}

/// Steps 2 to 5 at one target. `read` is its plan, where the target was asked.
pub fn at_target(observed: &Observed<'_>, kind: ResourceKind, key: &str, read: Option<&TargetPlan>) -> AtTarget {
    let input = observed.input();
    let scope = scope::bound(&input, kind, key);
    let resource = input.desired.find(kind, key);
    let found = read.map(|_| matched::matched(&input, observed.matches(), kind, key, resource));
    let change = read.and_then(|plan| change(plan, kind, key));
    let live = found.as_ref().and_then(|found| found.1);
    let requests = read.map(|plan| requests::requests(&input, input.live, plan, kind, key)).unwrap_or_default();
    let problems = input.desired.problems.iter().filter(|problem| problem.kind == kind && problem.key == key);
    AtTarget {
        name: input.target.name.to_string(),
        profile: input.target.profile.name.clone(),
        failed: None,
        assigned: resource.is_some() || scope.iter().any(|one| one.holds),
        scope,
        presence: resource.map(|resource| match &resource.presence {
            crate::desired::Presence::Active => "active".to_owned(),
            crate::desired::Presence::Inactive(why) => format!("inactive: {why}"),
        }),
        problems: problems.map(|problem| problem.message.clone()).collect(),
        matched: found.map(|found| found.0),
        values: resource.map(|resource| values::values(&input, kind, resource, live, change)).unwrap_or_default(),
        members: resource.map(|resource| scope::members(&input, resource)).unwrap_or_default(),
        nothing_because: read.and_then(|plan| requests::nothing(plan, kind, key, requests.is_empty(), live.is_some())),
        action: change.map(|change| change.action),
        because: change.map(|change| change.because.clone()),
        requests,
    }
}

fn change<'a>(plan: &'a TargetPlan, kind: ResourceKind, key: &str) -> Option<&'a Change> {
    plan.changes.iter().chain(&plan.suppressed).find(|change| change.resource == kind && change.key == key)
}
