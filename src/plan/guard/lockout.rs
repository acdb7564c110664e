//! Whoever applies keeps the account that the credentials belong to.

use crate::diag::NoticeCode;
use crate::live::LiveResource;
use crate::plan::diff::matched_target::MatchedTarget;
use crate::plan::diff::protect;
use crate::plan::{Action, Change, PlanNotice, TargetPlan, Violation};
use crate::scim::{ResourceKind, Value, fold};

/// The account behind the credentials: as declared in `protect.self`, else as the target says.
fn identity<'a>(matched: &MatchedTarget<'a>) -> Option<&'a LiveResource> {
    let users = matched.live(ResourceKind::User);
    match &matched.input.target.protect.identity {
        Some(declared) => {
            let name = fold::canonical(&declared.value);
            let is_named = |user: &LiveResource| {
                let shown = user.attributes.get("userName").and_then(Value::as_str);
                user.id == declared.value || shown.is_some_and(|shown| fold::canonical(shown) == name)
            };
            users.iter().find(|user| is_named(user))
        }
        None => matched.find(ResourceKind::User, matched.input.live.identity.as_deref()?),
    }
}

/// Changes after which the account behind the credentials could not be used as before: it loses its access or its
/// `userName`, or a place in a protected group.
pub(super) fn check(matched: &MatchedTarget<'_>, plan: &TargetPlan) -> Vec<Violation> {
    let Some(account) = identity(matched) else { return Vec::new() };
    let of_account = |change: &&Change| match change.resource {
        ResourceKind::User => change.id.as_deref() == Some(&account.id),
        ResourceKind::Group => {
            change.members.remove.iter().any(|member| member.id.as_deref() == Some(account.id.as_str()))
        }
    };
    let harms = |change: &Change| Some(violation(matched, account, change, &harm(matched, change)?));
    plan.changes.iter().filter(of_account).filter_map(harms).collect()
}

/// What a change of the account, or of a group that it is in, does to it.
fn harm(matched: &MatchedTarget<'_>, change: &Change) -> Option<String> {
    match (change.resource, change.action) {
        (ResourceKind::User, Action::Deactivate) => Some("deactivated".to_owned()),
        (ResourceKind::User, Action::Delete) => Some("deleted".to_owned()),
        (ResourceKind::User, _) => {
            let sets = |name: &str| change.attributes.iter().find(|one| one.path.is(name));
            if sets("active").is_some_and(|one| one.after == Value::Bool(false)) {
                return Some("deactivated".to_owned());
            }
            sets("userName").map(|one| format!("renamed to {}", one.after))
        }
        (ResourceKind::Group, _) => {
            let rule = protect::rule(matched, matched.find(ResourceKind::Group, change.id.as_deref()?)?)?;
            Some(format!("taken out of group {}, which is protected by `{rule}`", change.name))
        }
    }
}

fn violation(matched: &MatchedTarget<'_>, account: &LiveResource, change: &Change, harm: &str) -> Violation {
    let target = &matched.input.target.name;
    let declared = matched.input.target.protect.identity.as_ref();
    let known = if declared.is_some() { "by `protect.self`" } else { "by its own word (`/Me`)" };
    Violation {
        code: NoticeCode::Lockout,
        message: format!(
            "the credentials of `{target}` belong, {known}, to the account of {} (id {}), which would be {harm}",
            account.name(),
            account.id
        ),
        allow: format!(
            "declare it as it is, or give `{target}` the credentials of another account first; if they belong to another \
             one already, name that in `protect: {{ self: … }}`"
        ),
        warn: false,
        origin: declared
            .and_then(|declared| matched.input.origin(declared.span))
            .or_else(|| change.origin.clone())
            .or_else(|| matched.input.origin(matched.input.target.origin)),
    }
}

/// Said where `protect.self` names nobody who is there, and so guards nothing.
pub(in crate::plan) fn unknown(matched: &MatchedTarget<'_>) -> Option<PlanNotice> {
    let declared = matched.input.target.protect.identity.as_ref()?;
    if identity(matched).is_some() || !matched.input.live.trust.users.is_whole() {
        return None;
    }
    Some(PlanNotice {
        code: NoticeCode::SelfNotFound,
        message: format!("`protect.self` names `{}`, and the target shows no such account", declared.value),
        origin: matched.input.origin(declared.span),
    })
}

/// Whether a plan could take the account behind the credentials away from itself, so that it is worth asking whose they
/// are: someone loses access or gets a new `userName`, or a group loses members where groups are protected.
pub fn asks_identity(plan: &TargetPlan, guards_groups: bool) -> bool {
    let renames = |change: &Change| change.attributes.iter().any(|one| one.path.is("userName"));
    let risky = |change: &Change| match (change.resource, change.action) {
        (ResourceKind::User, Action::Deactivate | Action::Delete) => true,
        (ResourceKind::User, Action::Update | Action::Reactivate) => renames(change),
        (ResourceKind::User, _) => false,
        (ResourceKind::Group, _) => guards_groups && !change.members.remove.is_empty(),
    };
    plan.is_written() && plan.changes.iter().any(risky)
}
