//! Tokens that come to their end.

use jiff::civil::Date;

use crate::diag::NoticeCode;
use crate::directory::Target;
use crate::source::SourceMap;

use super::{Origin, PlanNotice};
use crate::wording::count;

/// Days before the last one on which a plan begins to say so.
const AHEAD: i32 = 30;

/// The notice on a token whose last day is within 30 days of the plan's, or over.
pub fn expiry(target: &Target, sources: &SourceMap, as_of: Date) -> Option<PlanNotice> {
    let expires = target.expires.as_ref()?;
    let (last, left) = (expires.value, as_of.until(expires.value).ok()?.get_days());
    let name = &target.name;
    let renew = "make a new one there, put it where `auth` takes it from, and write its last day as `expires`";
    let message = match left {
        ..0 => format!("the token of `{name}` ended on {last}, {} ago: {renew}", count(-left, "day")),
        0 => format!("the token of `{name}` ends today: {renew}"),
        1..=AHEAD => format!("the token of `{name}` ends on {last}, in {}: {renew}", count(left, "day")),
        _ => return None,
    };
    let location = sources.location(expires.span);
    let origin = (!location.file.is_empty()).then(|| Origin { file: location.file.to_string(), line: location.line });
    Some(PlanNotice { code: NoticeCode::TokenExpires, message, origin })
}
