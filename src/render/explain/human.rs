//! An explanation for a terminal.

use anstyle::{AnsiColor, Style};

use super::{days, expression, matched_words, outcome_words, state_words};
use crate::access::Place;
use crate::explain::{AtTarget, Declared, Explanation, State, Subject, ValueRow};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::plan::shown;
use crate::wording::list;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();

/// Members shown before the rest is folded.
const MEMBERS: usize = 12;

/// The five steps of each target.
pub fn human(explanation: &Explanation, look: &Look) -> String {
    let mut page = Page { text: String::new(), look };
    for subject in &explanation.subjects {
        page.subject(subject);
    }
    page.line(&look.paint(DIM, &format!("as of {}", explanation.as_of)), 0);
    page.text
}

struct Page<'a> {
    text: String,
    look: &'a Look,
}

impl Page<'_> {
    fn line(&mut self, text: &str, hanging: usize) {
        self.text.push_str(&self.look.line(text, hanging));
    }

    fn place(&self, place: &Place) -> String {
        if place.file.is_empty() {
            String::new()
        } else {
            self.look.paint(DIM, &self.look.place(&place.file, place.line))
        }
    }

    fn subject(&mut self, subject: &Subject) {
        let head = self.look.paint(BOLD, &format!("{} {}", subject.resource, terminal(&subject.key)));
        self.line(&head, 2);
        match &subject.declared {
            None => self.line("  1 declared   nowhere: the ledger alone knows it", 13),
            Some(declared) => self.declared(declared),
        }
        self.text.push('\n');
        for at in &subject.targets {
            self.target(at);
        }
    }

    fn declared(&mut self, declared: &Declared) {
        let days = days(declared);
        let days = if days.is_empty() { String::new() } else { format!("  {}", terminal(&days.join(", "))) };
        self.line(&format!("  1 declared   {}{days}", self.place(&declared.place)), 13);
        // Attributes that stand in another file than the key.
        for (name, place) in declared.attributes.iter().filter(|(_, place)| place.file != declared.place.file) {
            self.line(&format!("               {}  {}", terminal(name), self.place(place)), 15);
        }
    }

    fn target(&mut self, at: &AtTarget) {
        let profile = self.look.paint(DIM, &format!("({})", terminal(&at.profile)));
        let name = self.look.paint(BOLD, &terminal(&at.name));
        self.line(&format!("{name} {profile}"), 2);
        self.scope(at);
        let matched = terminal(&matched_words(at.matched.as_ref(), at.failed.as_deref()));
        self.line(&format!("  3 matched    {matched}"), 13);
        self.values(at);
        self.members(at);
        self.line(&format!("  5 sent       {}", terminal(&outcome_words(at))), 13);
        for request in &at.requests {
            let head = format!("{} {}", request.method, request.path);
            let note = request.note.as_ref().map(|note| format!("  ({note})")).unwrap_or_default();
            let note = self.look.paint(DIM, &note);
            self.line(&format!("    {}{note}", self.look.paint(BOLD, &terminal(&head))), 6);
            let body = request.body.as_ref().and_then(|body| serde_json::to_string_pretty(body).ok());
            for line in body.iter().flat_map(|body| body.lines()) {
                self.line(&format!("      {}", terminal(line)), 10);
            }
        }
        self.text.push('\n');
    }

    fn scope(&mut self, at: &AtTarget) {
        let mut label = "  2 in scope ";
        if !at.assigned {
            label = "  2 not given";
        }
        for bound in &at.scope {
            let sign = if bound.holds { self.look.paint(GREEN, "yes") } else { self.look.paint(DIM, "no ") };
            let mut places = Vec::new();
            for place in bound.places.iter().map(|place| self.place(place)).filter(|place| !place.is_empty()) {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            let (binding, why) = (terminal(&bound.binding), terminal(&bound.why));
            self.line(&format!("{label}  {sign}  {binding}: {why}  {}", places.join(" ")), 20);
            label = "             ";
        }
        if at.scope.is_empty() {
            self.line(&format!("{label}  no binding names this target"), 15);
        }
        if let Some(presence) = at.presence.as_ref().filter(|presence| *presence != "active") {
            self.line(&format!("               {}", self.look.paint(YELLOW, &terminal(presence))), 15);
        }
        for problem in &at.problems {
            let label = self.look.paint(RED, "can't be planned");
            self.line(&format!("               {label}: {}", terminal(problem)), 15);
        }
    }

    fn values(&mut self, at: &AtTarget) {
        if at.values.is_empty() {
            self.line("  4 values     none", 13);
            return;
        }
        self.line("  4 values", 13);
        let (said, silent): (Vec<&ValueRow>, Vec<&ValueRow>) =
            at.values.iter().partition(|row| row.state != State::Undefined || row.source.row.is_some());
        for row in said {
            self.value(row);
        }
        if self.look.everything {
            for row in silent {
                self.value(row);
            }
        } else if !silent.is_empty() {
            let names = list(silent.iter().map(|row| short(&row.path)));
            let text = format!("undefined, so asserts nothing (the profile's rows): {names}");
            self.line(&format!("    {}", self.look.paint(DIM, &terminal(&text))), 6);
        }
    }

    fn value(&mut self, row: &ValueRow) {
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
        let state = if words.is_empty() { String::new() } else { format!("  {}{live}", self.look.paint(style, words)) };
        self.line(&format!("    {}{value}{state}", terminal(&short(&row.path))), 6);
        let row_place = row
            .source
            .row
            .as_ref()
            .map_or_else(|| self.look.paint(DIM, "the profile's row"), |place| self.place(place));
        let row_place = if row.source.mapped { row_place } else { String::new() };
        let mut from = format!("      from {}  {row_place}", terminal(&expression(row))).trim_end().to_owned();
        if row.value.is_some()
            && let Some(place) = row.source.place.as_ref().filter(|place| row.source.row.as_ref() != Some(place))
        {
            from.push_str("  ");
            from.push_str(&self.place(place));
        }
        self.line(&from, 11);
    }

    fn members(&mut self, at: &AtTarget) {
        if at.members.is_empty() {
            return;
        }
        self.line(&format!("    members ({})", at.members.len()), 6);
        let number = self.look.fold(at.members.len(), MEMBERS);
        for member in at.members.iter().take(number) {
            self.line(
                &format!("      {} {}  {}", member.resource, terminal(&member.key), self.place(&member.place)),
                8,
            );
        }
        if number < at.members.len() {
            let rest = format!("      and {} more (-v shows all)", at.members.len() - number);
            self.line(&self.look.paint(DIM, &rest), 8);
        }
    }
}

/// A path without the URN of a schema of the RFC.
fn short(path: &str) -> String {
    let rest = path.strip_prefix(crate::scim::urn::ENTERPRISE_USER).and_then(|rest| rest.strip_prefix(':'));
    rest.unwrap_or(path).to_owned()
}
