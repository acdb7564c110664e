//! An explanation for a terminal.

use super::{days, expression, matched_words, outcome_words, state_words};
use crate::explain::{AtTarget, Declared, Explanation, State, Subject, ValueRow};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::plan::shown;
use crate::render::view::terminal::{BOLD, DIM, GREEN, Page, RED, YELLOW, rest};
use crate::wording::list;

/// Members shown before the rest is folded.
const MEMBERS: usize = 12;

/// The five steps of each target.
pub fn human(explanation: &Explanation, look: &Look) -> String {
    let mut page = Page::new(look);
    for one in &explanation.subjects {
        subject(&mut page, one);
    }
    page.line(&look.paint(DIM, &format!("as of {}", explanation.as_of)), 0);
    page.text
}

fn subject(page: &mut Page<'_>, subject: &Subject) {
    let head = page.paint(BOLD, &format!("{} {}", subject.resource, terminal(&subject.key)));
    page.line(&head, 2);
    match &subject.declared {
        None => page.line("  1 declared   nowhere: the ledger alone knows it", 13),
        Some(one) => declared(page, one),
    }
    page.blank();
    for at in &subject.targets {
        target(page, at);
    }
}

fn declared(page: &mut Page<'_>, declared: &Declared) {
    let days = days(declared);
    let days = if days.is_empty() { String::new() } else { format!("  {}", terminal(&days)) };
    page.line(&format!("  1 declared   {}{days}", page.place(&declared.place)), 13);
    // Attributes that stand in another file than the key.
    for (name, place) in declared.attributes.iter().filter(|(_, place)| place.file != declared.place.file) {
        page.line(&format!("               {}  {}", terminal(name), page.place(place)), 15);
    }
}

fn target(page: &mut Page<'_>, at: &AtTarget) {
    let profile = page.paint(DIM, &format!("({})", terminal(&at.profile)));
    let name = page.paint(BOLD, &terminal(&at.name));
    page.line(&format!("{name} {profile}"), 2);
    scope(page, at);
    let matched = terminal(&matched_words(at.matched.as_ref(), at.failed.as_deref()));
    page.line(&format!("  3 matched    {matched}"), 13);
    values(page, at);
    members(page, at);
    page.line(&format!("  5 sent       {}", terminal(&outcome_words(at))), 13);
    for request in &at.requests {
        let head = format!("{} {}", request.method, request.path);
        let note = request.note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
        let note = page.paint(DIM, &note);
        page.line(&format!("    {}{note}", page.paint(BOLD, &terminal(&head))), 6);
        let body = request.body.as_ref().and_then(|body| serde_json::to_string_pretty(body).ok());
        for line in body.iter().flat_map(|body| body.lines()) {
            page.line(&format!("      {}", terminal(line)), 10);
        }
    }
    page.blank();
}

fn scope(page: &mut Page<'_>, at: &AtTarget) {
    let mut label = "  2 in scope ";
    if !at.assigned {
        label = "  2 not given";
    }
    for bound in &at.scope {
        let sign = if bound.holds { page.paint(GREEN, "yes") } else { page.paint(DIM, "no ") };
        let mut places = Vec::new();
        for place in bound.places.iter().map(|place| page.place(place)).filter(|place| !place.is_empty()) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let (binding, why) = (terminal(&bound.binding), terminal(&bound.why));
        page.line(&format!("{label}  {sign}  {binding}: {why}  {}", places.join(" ")), 20);
        label = "             ";
    }
    if at.scope.is_empty() {
        page.line(&format!("{label}  no binding names this target"), 15);
    }
    if let Some(presence) = at.presence.as_ref().filter(|presence| *presence != "active") {
        page.line(&format!("               {}", page.paint(YELLOW, &terminal(presence))), 15);
    }
    for problem in &at.problems {
        let label = page.paint(RED, "can't be planned");
        page.line(&format!("               {label}: {}", terminal(problem)), 15);
    }
}

fn values(page: &mut Page<'_>, at: &AtTarget) {
    if at.values.is_empty() {
        page.line("  4 values     none", 13);
        return;
    }
    page.line("  4 values", 13);
    let (said, silent): (Vec<&ValueRow>, Vec<&ValueRow>) =
        at.values.iter().partition(|row| row.state != State::Undefined || row.source.row.is_some());
    for row in said {
        value(page, row);
    }
    if page.look.everything {
        for row in silent {
            value(page, row);
        }
    } else if !silent.is_empty() {
        let names = list(silent.iter().map(|row| short(&row.path)));
        let text = format!("undefined, so asserts nothing (the profile's rows): {names}");
        page.line(&format!("    {}", page.paint(DIM, &terminal(&text))), 6);
    }
}

fn value(page: &mut Page<'_>, row: &ValueRow) {
    let value = row.value.as_ref().map(|value| format!(" = {}", terminal(&shown(value)))).unwrap_or_default();
    let words = state_words(row.state);
    let style = match row.state {
        State::Differs => RED,
        State::Left | State::Witness => YELLOW,
        _ => DIM,
    };
    let live = row
        .live
        .as_ref()
        .filter(|_| matches!(row.state, State::Differs | State::Left | State::Witness | State::Normalised));
    let live = live.map(|live| format!(" (there {})", terminal(&shown(live)))).unwrap_or_default();
    let state = if words.is_empty() { String::new() } else { format!("  {}{live}", page.paint(style, words)) };
    page.line(&format!("    {}{value}{state}", terminal(&short(&row.path))), 6);
    let row_place =
        row.source.row.as_ref().map_or_else(|| page.paint(DIM, "the profile's row"), |place| page.place(place));
    let row_place = if row.source.mapped { row_place } else { String::new() };
    let mut from = format!("      from {}  {row_place}", terminal(&expression(row))).trim_end().to_owned();
    if row.value.is_some()
        && let Some(place) = row.source.place.as_ref().filter(|place| row.source.row.as_ref() != Some(place))
    {
        from.push_str("  ");
        from.push_str(&page.place(place));
    }
    page.line(&from, 11);
}

fn members(page: &mut Page<'_>, at: &AtTarget) {
    if at.members.is_empty() {
        return;
    }
    page.line(&format!("    members ({})", at.members.len()), 6);
    let number = page.look.fold(at.members.len(), MEMBERS);
    for member in at.members.iter().take(number) {
        page.line(&format!("      {} {}  {}", member.resource, terminal(&member.key), page.place(&member.place)), 8);
    }
    if number < at.members.len() {
        page.line(&page.paint(DIM, &format!("      {}", rest(at.members.len() - number, ""))), 8);
    }
}

/// A path without the URN of a schema of the RFC.
fn short(path: &str) -> String {
    let rest = path.strip_prefix(crate::scim::urn::ENTERPRISE_USER).and_then(|rest| rest.strip_prefix(':'));
    rest.unwrap_or(path).to_owned()
}
