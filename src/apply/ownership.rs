//! Whose account an id is. A target may answer a create with any account that it likes; one that belongs to somebody else, or
//! that was there before and matched nobody, does not become ours by that.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::event::FailureCode;
use super::job::{Context, Ended, Job};
use super::known::shown;
use super::overlay::member_id;
use super::service::Fault;
use crate::live::normal::is_blank;
use crate::scim::path::AttrPath;
use crate::scim::{Object, ResourceKind, Value};

/// Takes the id that a create was answered with for the job's key; the end of the job where it is not its own. An id that
/// the read did not show is: a server may link an account that it hides from lists.
pub(super) fn claim<S>(context: &Context<'_, S>, job: &Job, id: &str) -> Result<(), Ended> {
    let former = |key: &str| {
        let declared = context.desired.find(job.kind, &job.key);
        declared.is_some_and(|resource| resource.previously.iter().any(|former| former == key))
    };
    let is_other = |key: &&str| *key != job.key && !former(key);
    let matched = context.owners.of(job.kind).get(id).copied();
    let noted = context.noted.of(job.kind).get(id).map(String::as_str);
    if let Some(owner) = matched.filter(is_other).or(noted.filter(is_other)) {
        return Err(belongs_to(job, id, owner));
    }
    let mut taken = context.taken.lock().unwrap_or_else(PoisonError::into_inner);
    let owner = taken.of_mut(job.kind).entry(id.to_owned()).or_insert_with(|| job.key.clone());
    if *owner == job.key { Ok(()) } else { Err(belongs_to(job, id, owner)) }
}

/// The same for an id in the answer to a POST, which must not have been there before. Where the read did not show it, an
/// answer that is somebody else's throughout says so.
pub(super) fn claim_new<S>(
    context: &Context<'_, S>,
    job: &Job,
    id: &str,
    (body, answer): Sides<'_>,
) -> Result<(), Ended> {
    let ours = context.owners.of(job.kind).get(id).is_some_and(|key| *key == job.key)
        || context.noted.of(job.kind).contains_key(id);
    match (shown(context.live, job.kind, id), answer) {
        (Some(there), _) if !ours => Err(was_there(job, id, there)),
        (None, Some(answer)) if !ours && is_anothers(job.kind, body, answer) => Err(was_there(job, id, answer)),
        _ => claim(context, job, id),
    }
}

/// What a POST sent, and what it was answered with.
type Sides<'a> = (&'a Object, Option<&'a Object>);

/// Whether an answer is about somebody else than was sent. A server may make a `userName` of its own, or take no notice of
/// one name; of a new account it does not make up another person. An e-mail address is what servers find accounts by,
/// so it does not tell.
fn is_anothers(kind: ResourceKind, sent: &Object, answer: &Object) -> bool {
    let text = |object: &Object, path: &AttrPath| {
        path.read(object).first()?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_lowercase)
    };
    let differs = |path: &str| {
        let path = path.parse().ok()?;
        Some(!is_form_of(&text(sent, &path)?, &text(answer, &path)?))
    };
    match kind {
        ResourceKind::User => {
            let names = ["externalId", "displayName", "name.givenName", "name.formatted"];
            let others: Vec<bool> = names.into_iter().filter_map(differs).collect();
            differs("userName") == Some(true) && !others.is_empty() && others.into_iter().all(|differs| differs)
        }
        ResourceKind::Group => {
            let members = |object: &Object| -> BTreeSet<String> {
                let members = object.get("members").and_then(Value::as_array).unwrap_or_default();
                members.iter().filter_map(member_id).map(str::to_owned).collect()
            };
            let strangers = !members(answer).is_subset(&members(sent));
            differs("displayName") == Some(true) && differs("externalId") != Some(false) && strangers
        }
    }
}

/// Whether one text may be what a server made of the other: it holds the other's part before the `@`.
fn is_form_of(one: &str, other: &str) -> bool {
    let local = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
    let (first, second) = (local(one), local(other));
    one == other || (!first.is_empty() && other.contains(&first)) || (!second.is_empty() && one.contains(&second))
}

fn belongs_to(job: &Job, id: &str, owner: &str) -> Ended {
    let message = format!(
        "the {} that the target has for `{}` belongs to `{owner}` (id {id}), so nothing more was sent to it",
        job.kind, job.key
    );
    let hint = format!(
        "If `{0}` is the same as `{owner}` under a new key, write `previously: [{owner}]` on `{0}`. Else declare values for \
         `{0}` by which the target does not take one for the other, such as its own `userName` and e-mail address.",
        job.key
    );
    conflict(message, hint)
}

fn was_there(job: &Job, id: &str, there: &Object) -> Ended {
    let text = |name: &str| there.get(name).filter(|value| !is_blank(value)).and_then(Value::as_str);
    let name = text("userName").or_else(|| text("displayName")).unwrap_or("without a name");
    let message = format!(
        "the target answered the create of `{}` with a {} that was there before and is another one: {name} (id {id}); \
         nothing more was sent to it",
        job.key, job.kind
    );
    let (names, such) = match job.kind {
        ResourceKind::User => {
            ("`userName` or `externalId`", "values that the target does not know yet, such as another e-mail address")
        }
        ResourceKind::Group => ("`displayName` or `externalId`", "another name"),
    };
    let hint = format!(
        "If it is `{0}`, declare for `{0}` the {names} that it has at the target, so that the next plan finds it. Else give \
         `{0}` {such}.",
        job.key
    );
    conflict(message, hint)
}

fn conflict(message: String, hint: String) -> Ended {
    Ended::Failed(FailureCode::Conflict, Fault { message, hint: Some(hint), status: Some(409), ..Fault::default() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn is_anothers(kind: ResourceKind, sent: &str, answer: &str) -> bool {
        let object = |text: &str| serde_json::from_str::<Value>(text).unwrap().as_object().unwrap().clone();
        super::is_anothers(kind, &object(sent), &object(answer))
    }

    const ADA: &str =
        r#"{"userName":"ada@acme.example","externalId":"ada","name":{"givenName":"Ada","familyName":"Doe"}}"#;

    #[test]
    fn an_answer_about_another_person_is_told_from_a_form_of_ours() {
        let user = |answer: &str| is_anothers(ResourceKind::User, ADA, answer);
        assert!(user(r#"{"userName":"eve@acme.example","name":{"givenName":"Eve","familyName":"Doe"}}"#));
        for ours in [
            r#"{"userName":"ada@acme.example.corp","externalId":"77","name":{"givenName":"A."}}"#,
            r#"{"userName":"u-4711","name":{"givenName":"ADA"}}"#,
            r#"{"userName":"u-4711"}"#,
            "{}",
        ] {
            assert!(!user(ours), "{ours}");
        }
    }

    #[test]
    fn an_answer_about_another_group_has_another_name_and_members() {
        let group = |answer: &str| is_anothers(ResourceKind::Group, r#"{"displayName":"Root"}"#, answer);
        assert!(group(r#"{"displayName":"Payroll","members":[{"value":"1"}]}"#));
        assert!(!group(r#"{"displayName":"Payroll"}"#));
        assert!(!group(r#"{"displayName":"acme:root","members":[{"value":"1"}]}"#));
    }
}
