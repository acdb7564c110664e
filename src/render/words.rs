//! Words that every format uses alike.

use crate::plan::{Action, AttributeChange, Reason};
use crate::scim::Value;

/// The action as the verb of a sentence: "3 to create".
pub const fn action_word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Adopt => "adopt",
        Action::Update => "update",
        Action::Reactivate => "reactivate",
        Action::Deactivate => "deactivate",
        Action::Delete => "delete",
        Action::Forget => "forget",
    }
}

/// The reason as a short phrase.
pub const fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::NotThere => "not there yet",
        Reason::ChangedInRepository => "changed in the repository",
        Reason::ChangedAtTarget => "changed at the target",
        Reason::ChangedOnBothSides => "changed on both sides",
        Reason::Differs => "differs",
        Reason::NoLongerDeclared => "no longer declared",
        Reason::NoLongerAssigned => "no longer assigned",
        Reason::NotDeclared => "not declared",
        Reason::DeclaredInactive => "declared inactive",
        Reason::OutsideDates => "outside its dates",
        Reason::AccessAgain => "has access again",
        Reason::MembersDiffer => "members differ",
        Reason::TakenBack => "an apply is taken back",
    }
}

/// Why an attribute changes, as a short phrase.
pub fn attribute_reason(attribute: &AttributeChange) -> &'static str {
    let moved_there = attribute.path.is("active") && attribute.reason == Reason::ChangedAtTarget;
    match &attribute.after {
        Value::Bool(true) if moved_there => "deactivated at the target",
        Value::Bool(false) if moved_there => "active again at the target",
        _ => reason_words(attribute.reason),
    }
}

/// Why a member comes or goes, as a short phrase. What a plan puts in again was taken out at the target, and the other way
/// round.
pub const fn member_reason(reason: Reason, comes: bool) -> &'static str {
    match (reason, comes) {
        (Reason::ChangedAtTarget, true) => "taken out at the target",
        (Reason::ChangedAtTarget, false) => "put in at the target",
        (Reason::OutsideDates, _) => "the last day is over",
        _ => reason_words(reason),
    }
}
