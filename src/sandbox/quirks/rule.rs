//! Rules of values: what a vendor refuses.

use super::super::reply::Failure;
use crate::profile::AttributeRule;
use crate::scim::Object;

/// Refuses an object that breaks a rule.
pub(super) fn keep(rule: &AttributeRule, object: &Object) -> Result<(), Failure> {
    let path = &rule.path;
    let found = path.read(object);
    let texts: Vec<&str> = found.iter().filter_map(|value| value.as_str()).collect();
    let because = rule.because.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let refuse = |what: &str| Err(Failure::bad("invalidValue", format!("`{path}` {what}{because}")));
    if rule.required && found.iter().all(|value| value.is_unassigned()) {
        return refuse("is required");
    }
    if rule.email && texts.iter().any(|text| !looks_like_email(text)) {
        return refuse("must be an e-mail address");
    }
    if let Some(forbidden) = &rule.forbid
        && texts.iter().any(|text| text.contains(forbidden.as_str()))
    {
        return refuse(&format!("must not contain \"{forbidden}\""));
    }
    if let Some(most) = rule.max_length
        && texts.iter().any(|text| text.chars().count() as u64 > most)
    {
        return refuse(&format!("must have {most} characters at most"));
    }
    Ok(())
}

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.contains('@') && !text.contains(char::is_whitespace)
    })
}
