//! Dates that contradict each other. Their form is checked when files are parsed.

use super::Check;
use crate::diag::{Code, Diagnostic};

/// Reports people who leave before they start, and memberships that are over before their person starts.
pub(super) fn check(check: &mut Check<'_>) {
    let config = check.config;
    for (key, user) in &config.users {
        if let (Some(starts), Some(ends)) = (&user.starts, &user.ends)
            && ends.value < starts.value
        {
            let message = format!("`{key}` ends on {} before the start on {}", ends.value, starts.value);
            let diagnostic = Diagnostic::new(Code::Date, ends.span, message)
                .label(starts.span, "the first day")
                .hint("`ends` is the last day of access: the same day as `starts`, or a later one.");
            check.found.push(diagnostic);
        }
    }
    for (key, group) in &config.groups {
        for member in &group.members {
            let Some(until) = &member.value.until else { continue };
            let user = config.users.get(&member.value.user.value);
            let Some(starts) = user.and_then(|user| user.starts.as_ref()).filter(|starts| until.value < starts.value)
            else {
                continue;
            };
            let message = format!(
                "`{}` leaves `{key}` on {} before the start on {}",
                member.value.user.value, until.value, starts.value
            );
            let diagnostic = Diagnostic::new(Code::Date, until.span, message)
                .label(starts.span, "the person's first day")
                .hint("`until` is the last day of the membership: move it, or take the membership out.");
            check.found.push(diagnostic);
        }
    }
}
