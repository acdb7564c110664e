//! Bodies are never built from less than was seen. A PUT or a whole list of members starts from a read by id; where that shows
//! less than the read of the plan did, sending it could take away what is merely not shown.

use super::hints::way_out;
use super::job::{Context, Job, Work, ends_access};
use super::known::shown;
use super::service::Fault;
use super::trust::others;
use crate::live::normal::is_blank;
use crate::profile::Obstacle;
use crate::scim::path::AttrPath;
use crate::scim::schema::{Mutability, Schemas};
use crate::scim::{Object, ResourceKind, Value};

/// Why nothing may be built from `current`. A resource that this run wrote already is not as it was read.
pub(super) fn shows_less<S>(context: &Context<'_, S>, job: &Job, current: &Object) -> Option<Fault> {
    job.guard.fingerprint.as_ref()?;
    fewer_members(context, job, current).or_else(|| fewer_attributes(context, job, current))
}

fn fewer_members<S>(context: &Context<'_, S>, job: &Job, current: &Object) -> Option<Fault> {
    if job.kind != ResourceKind::Group || context.members_hidden {
        return None;
    }
    let stay = others(context, job);
    let there = current.get("members").and_then(Value::as_array).unwrap_or_default().len();
    (there < stay.len()).then(|| {
        let message = format!(
            "the target shows {there} members by id and showed {} before that are to stay, so the whole list was not sent: \
             it could take out those that are not shown",
            stay.len()
        );
        let obstacle = match job.work {
            Work::Members { .. } => Obstacle::ShowsLessMembers,
            _ => Obstacle::ShowsLess,
        };
        let hint = format!("If somebody took them out meanwhile, run again. {}", way_out(context, &obstacle));
        fault(message, hint)
    })
}

fn fewer_attributes<S>(context: &Context<'_, S>, job: &Job, current: &Object) -> Option<Fault> {
    let hidden = hidden(context, job, current);
    (!hidden.is_empty()).then(|| doubt(context, &hidden))
}

/// Names of attributes that the plan's read showed and a read by id does not, but for those that the job sets.
pub(super) fn hidden<S>(context: &Context<'_, S>, job: &Job, current: &Object) -> Vec<String> {
    let Some(before) = shown(context.live, job.kind, &job.id) else { return Vec::new() };
    let schemas = Schemas::core(job.kind);
    let sent = |name: &str| job.effects.iter().any(|effect| effect.path.attribute.eq_ignore_ascii_case(name));
    let writable = |path: &AttrPath| {
        let known = schemas.attribute(path);
        let managed =
            context.comparisons.keys().any(|(kind, managed)| *kind == job.kind && managed.parent().same(path));
        managed || known.is_some_and(|attribute| attribute.mutability != Mutability::ReadOnly)
    };
    let mut gone = Vec::new();
    for (name, value) in before.iter() {
        match (schemas.schema(name), value) {
            (Some(_), Value::Object(extension)) => {
                let now = current.get(name).and_then(Value::as_object);
                let lacks = |part: &str| now.and_then(|now| now.get(part)).is_none_or(is_blank);
                let paths = extension.iter().filter(|(part, value)| !is_blank(value) && lacks(part) && !sent(part));
                gone.extend(paths.filter_map(|(part, _)| format!("{name}:{part}").parse::<AttrPath>().ok()));
            }
            _ if !is_blank(value) && current.get(name).is_none_or(is_blank) && !sent(name) => {
                gone.push(AttrPath::attribute(name));
            }
            _ => {}
        }
    }
    gone.retain(writable);
    let mut gone: Vec<String> = gone.iter().map(ToString::to_string).collect();
    // To end access goes before keeping what nobody manages here.
    if !job.effects.iter().any(ends_access) {
        let unkept = context.live.find(job.kind, &job.id).map(|live| live.unkept).unwrap_or_default();
        let lost = unkept.names().filter(|name| current.get(name).is_none_or(is_blank) && !sent(name));
        gone.extend(lost.map(str::to_owned));
    }
    gone
}

/// What is said of attributes that a read by id does not show.
pub(super) fn doubt<S>(context: &Context<'_, S>, hidden: &[String]) -> Fault {
    let names: Vec<String> = hidden.iter().map(|name| format!("`{name}`")).collect();
    let message = format!(
        "a read by id does not show {}, which the target showed before, so nothing was sent: a request built from it could \
         take that away",
        names.join(", ")
    );
    let hint = format!("If somebody cleared it meanwhile, run again. {}", way_out(context, &Obstacle::ShowsLess));
    fault(message, hint)
}

fn fault(message: String, hint: String) -> Fault {
    // An answer came, and it was not what is needed.
    Fault { message, hint: Some(hint), status: Some(200), ..Fault::default() }
}
