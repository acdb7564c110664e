//! A plan for a terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::rehearsal::told;
use super::values::sides;
use super::{read_words, totals};
use crate::plan::{Action, Adoption, AttributeChange, Change, MemberRef, Mode, Plan, PlanNotice, TargetPlan};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::{action_word, attribute_reason, count, member_reason, reason_words};
use crate::scim::ResourceKind;

/// Creations of a kind shown before the rest is folded. Nothing else is ever folded as a whole.
const CREATES: usize = 10;
/// Members shown before the rest is folded.
const MEMBERS: usize = 8;
/// From this many characters on, both sides of a text change get a line each with the changed words marked.
const LONG: usize = 48;

/// The whole plan.
pub fn human(plan: &Plan, look: &Look) -> String {
    let mut page = Page { text: String::new(), look };
    for target in &plan.targets {
        page.target(target);
    }
    page.foot(plan);
    page.text
}

struct Page<'a> {
    text: String,
    look: &'a Look,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

fn mark(action: Action) -> (&'static str, Style) {
    match action {
        Action::Create => ("+", AnsiColor::Green.on_default()),
        Action::Adopt => ("=", AnsiColor::Cyan.on_default()),
        Action::Update => ("~", YELLOW),
        Action::Reactivate => ("^", AnsiColor::Green.on_default()),
        Action::Deactivate => ("!", RED),
        Action::Delete => ("-", RED),
        Action::Forget => ("/", AnsiColor::Cyan.on_default()),
    }
}

impl Page<'_> {
    fn paint(&self, style: Style, text: &str) -> String {
        if self.look.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    fn target(&mut self, target: &TargetPlan) {
        let head = self.paint(BOLD, &terminal(&target.name));
        if target.mode == Mode::Disabled {
            let text = self.paint(DIM, "disabled: neither read nor written");
            self.line(&format!("{head} {text}"));
            self.remarks(target);
            self.line("");
            return;
        }
        if let Some(why) = &target.failed {
            let failed = self.paint(RED, "could not be read");
            self.line(&format!("{head} {failed}: {}", terminal(why)));
            self.remarks(target);
            self.line("");
            return;
        }
        let read =
            format!("{}, read {} in {}", target.profile, read_words(target), count(target.read.requests, "request"));
        let read = self.paint(DIM, &format!("({read})"));
        self.line(&format!("{head} {read}"));
        if target.mode == Mode::ReadOnly {
            let text = self.paint(YELLOW, "  read only: what differs is shown, and an apply writes nothing here");
            self.line(&text);
        }
        if let Some(why) = &target.read.incomplete_because {
            let text = format!("  incomplete read: {}; nothing is removed here", terminal(why));
            let text = self.paint(RED, &text);
            self.line(&text);
        }
        if !target.changes.is_empty() {
            self.line("");
            self.changes(&target.changes);
        }
        self.adoptions(target);
        self.remarks(target);
        self.summary(target);
        self.rehearsal(target);
        self.line("");
    }

    fn rehearsal(&mut self, target: &TargetPlan) {
        let Some(rehearsal) = &target.rehearsal else { return };
        let told = told(rehearsal);
        let style = if rehearsal.converges { AnsiColor::Green.on_default() } else { RED };
        let head = self.paint(style, "  rehearsal");
        self.line(&format!("{head} {}", terminal(&told.verdict)));
        for detail in &told.details {
            self.line(&format!("    {}", terminal(detail)));
        }
        let copy = self
            .paint(DIM, "    on a copy of what was read, at a server that follows the profile; the target may differ");
        self.line(&copy);
        for unknown in &told.unknown {
            let line = self.paint(DIM, &format!("    {}", terminal(unknown)));
            self.line(&line);
        }
    }

    fn changes(&mut self, changes: &[Change]) {
        let widest =
            |cell: &dyn Fn(&Change) -> usize, most: usize| changes.iter().map(cell).max().unwrap_or(0).min(most);
        let actions = widest(&|change| action_word(change.action).len(), 12);
        let keys = widest(&|change| terminal(&change.key).width(), 28);
        let names = widest(&|change| terminal(&change.name).width(), 32);
        for kind in [ResourceKind::User, ResourceKind::Group] {
            let (created, others): (Vec<&Change>, Vec<&Change>) = changes
                .iter()
                .filter(|change| change.resource == kind)
                .partition(|change| change.action == Action::Create);
            let shown = if self.look.everything || created.len() <= CREATES + 2 { created.len() } else { CREATES };
            for change in created.iter().take(shown) {
                self.change(change, [actions, keys, names]);
            }
            if shown < created.len() {
                let (sign, style) = mark(Action::Create);
                let more = count((created.len() - shown) as u64, &format!("more {kind}"));
                let line = format!(
                    "  {} {}",
                    self.paint(style, sign),
                    self.paint(DIM, &format!("{more} to create (-v shows all)"))
                );
                self.line(&line);
            }
            for change in others {
                self.change(change, [actions, keys, names]);
            }
        }
    }

    fn change(&mut self, change: &Change, [actions, keys, names]: [usize; 3]) {
        let (sign, style) = mark(change.action);
        let verb = format!("{sign} {:<actions$}", action_word(change.action));
        let verb = self.paint(style, &verb);
        let resource = format!("{:<5}", change.resource.to_string());
        let key = pad(&terminal(&change.key), keys);
        let name = pad(&terminal(&change.name), names);
        let because =
            if change.because.is_empty() { reason_words(change.reason).to_owned() } else { terminal(&change.because) };
        let origin = change.origin.as_ref().map(|origin| format!("  {}:{}", terminal(&origin.file), origin.line));
        let adopted = if change.adopted && change.action != Action::Adopt { ", adopted" } else { "" };
        let tail = self.paint(DIM, &format!("{because}{adopted}{}", origin.unwrap_or_default()));
        self.line(&format!("  {verb}  {resource} {key}  {name}  {tail}"));
        let creates = change.action == Action::Create;
        if !creates || self.look.everything {
            // What is said of the change holds for its only attribute.
            let said =
                change.action == Action::Deactivate && change.attributes.iter().all(|one| one.reason == change.reason);
            self.attributes(&change.attributes, creates, !creates && !said);
        }
        self.members(&change.members.add, "+", !creates);
        self.members(&change.members.remove, "-", true);
    }

    fn attributes(&mut self, attributes: &[AttributeChange], creates: bool, reasons: bool) {
        let paths = attributes.iter().map(|attribute| short_path(&attribute.path).width()).max().unwrap_or(0).min(40);
        for attribute in attributes {
            let path = pad(&terminal(short_path(&attribute.path)), paths);
            let (before, after) = sides(attribute);
            let (before, after) = (terminal(&before), terminal(&after));
            let why = if reasons { self.paint(DIM, attribute_reason(attribute)) } else { String::new() };
            if creates {
                self.line(&format!("        {path}  {after}"));
            } else if before.chars().count().max(after.chars().count()) < LONG {
                let before = self.paint(RED, &before);
                let after = self.paint(AnsiColor::Green.on_default(), &after);
                self.line(&format!("        {path}  {before} -> {after}  {why}"));
            } else {
                self.line(&format!("        {path}  {why}"));
                self.long_sides(&before, &after);
            }
        }
    }

    /// Both sides of a long text, changed words stressed.
    fn long_sides(&mut self, before: &str, after: &str) {
        let diff = similar::TextDiff::from_words(before, after);
        let (mut old, mut new) = (String::new(), String::new());
        let stress = Style::new().bold().underline();
        for change in diff.iter_all_changes() {
            match change.tag() {
                similar::ChangeTag::Equal => {
                    old.push_str(change.value());
                    new.push_str(change.value());
                }
                similar::ChangeTag::Delete => old.push_str(&self.paint(stress, change.value())),
                similar::ChangeTag::Insert => new.push_str(&self.paint(stress, change.value())),
            }
        }
        let (minus, plus) = (self.paint(RED, "-"), self.paint(AnsiColor::Green.on_default(), "+"));
        self.line(&format!("          {minus} {old}"));
        self.line(&format!("          {plus} {new}"));
    }

    fn members(&mut self, members: &[MemberRef], sign: &str, reasons: bool) {
        let comes = sign == "+";
        let style = if comes { AnsiColor::Green.on_default() } else { RED };
        let shown = if self.look.everything || members.len() <= MEMBERS + 1 { members.len() } else { MEMBERS };
        for member in members.iter().take(shown) {
            let sign = self.paint(style, sign);
            let key = member.key.as_ref().filter(|key| **key != member.name);
            let key = key.map(|key| format!(" ({})", terminal(key))).unwrap_or_default();
            let nested = if member.resource == ResourceKind::Group { "group " } else { "" };
            let why = member.reason.filter(|_| reasons).map(|reason| member_reason(reason, comes));
            let why = why.map(|why| self.paint(DIM, why)).unwrap_or_default();
            self.line(&format!("        {sign} {nested}{}{key}  {why}", terminal(&member.name)));
        }
        if shown < members.len() {
            let sign = self.paint(style, sign);
            let rest = self.paint(DIM, &format!("and {} more (-v shows all)", members.len() - shown));
            self.line(&format!("        {sign} {rest}"));
        }
    }

    /// What is there already and managed from now on; a change on such a resource says so itself.
    fn adoptions(&mut self, target: &TargetPlan) {
        let changed: BTreeSet<_> = target.changes.iter().map(|change| (change.resource, change.key.as_str())).collect();
        let quiet: Vec<&Adoption> = target
            .adoptions
            .iter()
            .filter(|adoption| !changed.contains(&(adoption.resource, adoption.key.as_str())))
            .collect();
        if quiet.is_empty() {
            return;
        }
        self.line("");
        let (sign, style) = mark(Action::Adopt);
        let shown = if self.look.everything || quiet.len() <= CREATES + 2 { quiet.len() } else { CREATES };
        let widest = |cell: &dyn Fn(&Adoption) -> usize, most: usize| {
            quiet.iter().take(shown).map(|adoption| cell(adoption)).max().unwrap_or(0).min(most)
        };
        let keys = widest(&|adoption| terminal(&adoption.key).width(), 28);
        let names = widest(&|adoption| terminal(&adoption.name).width(), 32);
        for adoption in quiet.iter().take(shown) {
            let verb = self.paint(style, &format!("{sign} {}", action_word(Action::Adopt)));
            let resource = format!("{:<5}", adoption.resource.to_string());
            let (key, name) = (pad(&terminal(&adoption.key), keys), pad(&terminal(&adoption.name), names));
            let by = adoption.by.as_ref().map_or_else(String::new, |by| format!("found by {}", terminal(by)));
            let tail = self.paint(DIM, &by);
            self.line(&format!("  {verb}  {resource} {key}  {name}  {tail}"));
        }
        if shown < quiet.len() {
            let sign = self.paint(style, sign);
            let rest = self.paint(DIM, &format!("{} more to adopt (-v shows all)", quiet.len() - shown));
            self.line(&format!("  {sign} {rest}"));
        }
    }

    fn remarks(&mut self, target: &TargetPlan) {
        for problem in &target.errors {
            let place = problem.origin.as_ref().map(|origin| format!(" ({}:{})", terminal(&origin.file), origin.line));
            let label = self.paint(RED, &format!("error[{}]", problem.code));
            let text = format!(
                "  {label} {} {}: {}{}",
                problem.resource,
                terminal(&problem.key),
                terminal(&problem.message),
                place.unwrap_or_default()
            );
            self.line(&text);
        }
        for violation in &target.violations {
            let (word, style) = if violation.warn { ("warning", YELLOW) } else { ("refused", RED) };
            let label = self.paint(style, &format!("{word}[{}]", violation.code));
            self.line(&format!("  {label} {}", terminal(&violation.message)));
            if !violation.allow.is_empty() && !violation.warn {
                self.line(&format!("    to allow it: {}", terminal(&violation.allow)));
            }
        }
        for notice in &target.notices {
            let label = self.paint(DIM, &format!("note[{}]", notice.code));
            self.line(&format!("  {label} {}", terminal(&notice.message)));
        }
    }

    fn summary(&mut self, target: &TargetPlan) {
        let kept = &target.summary;
        let mut text = format!("  {}", totals([target]).unwrap_or_else(|| "no changes".to_owned()));
        let _ = write!(text, "; {} unchanged", kept.unchanged);
        if kept.adopted > 0 {
            let _ = write!(text, ", {} adopted", kept.adopted);
        }
        let _ = write!(text, ", {} left alone", kept.unmanaged);
        if kept.protected > 0 {
            let _ = write!(text, ", {} protected", kept.protected);
        }
        if kept.suppressed > 0 {
            let _ = write!(text, ", {} suppressed", kept.suppressed);
        }
        if target.cost.requests > 0 {
            let _ = write!(text, "; {}", count(target.cost.requests, "request"));
        }
        if target.cost.seconds > 0 {
            let _ = write!(text, ", about {} s", target.cost.seconds);
        }
        self.line(&text);
    }

    fn foot(&mut self, plan: &Plan) {
        let verdict = self.paint(BOLD, &verdict(plan));
        self.line(&verdict);
        let detail = self.paint(DIM, &format!("as of {}, digest {}", plan.as_of, plan.digest));
        self.line(&detail);
        if let Some(undo) = &plan.undo {
            let text = format!("takes back the apply of {}: {}", terminal(&undo.created_at), terminal(&undo.file));
            let text = self.paint(DIM, &text);
            self.line(&text);
        }
    }
}

/// Whether a notice says that something declared is not so and stays so.
fn leaves_undone(notice: &PlanNotice) -> bool {
    matches!(
        notice.code.as_str(),
        "cannot-create" | "cannot-rename" | "cannot-reactivate" | "cannot-delete" | "suppressed" | "may-be-active"
    )
}

/// What is to be done and, in the same breath, what is not known.
fn verdict(plan: &Plan) -> String {
    let number = |test: &dyn Fn(&&TargetPlan) -> bool| plan.targets.iter().filter(test).count() as u64;
    let failed = number(&|target| target.failed.is_some());
    let disabled = number(&|target| target.mode == Mode::Disabled);
    let unwritten = number(&|target| target.mode == Mode::ReadOnly);
    let written = number(&|target| target.failed.is_none() && target.is_written());
    let read = plan.targets.len() as u64 - failed - disabled;
    let mut doubts = Vec::new();
    if failed > 0 {
        doubts.push(format!("{} could not be read", count(failed, "target")));
    }
    let differs = number(&|target| target.mode == Mode::ReadOnly && !target.changes.is_empty());
    if differs > 0 {
        doubts.push(format!("{} read only and not as declared", count(differs, "target")));
    }
    let incomplete =
        number(&|target| target.failed.is_none() && target.mode != Mode::Disabled && !target.read.complete);
    if incomplete > 0 {
        doubts.push(format!("{} read in part", count(incomplete, "target")));
    }
    let unconfirmed: u64 = plan.targets.iter().map(|target| target.read.unconfirmed).sum();
    if unconfirmed > 0 {
        doubts.push(format!("{} held back", count(unconfirmed, "unconfirmed removal")));
    }
    let errors: usize = plan.targets.iter().map(|target| target.errors.len()).sum();
    if errors > 0 {
        doubts.push(count(errors as u64, "error"));
    }
    let refused = number(&|target| target.violations.iter().any(|violation| !violation.warn));
    if refused > 0 {
        doubts.push(format!("refused at {}", count(refused, "target")));
    }
    let rehearsed = number(&|target| target.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.converges));
    if rehearsed > 0 {
        doubts.push(format!("does not converge in the rehearsal at {}", count(rehearsed, "target")));
    }
    let left = number(&|target| !target.suppressed.is_empty() || target.notices.iter().any(leaves_undone));
    if left > 0 {
        doubts.push(format!("not everything is as declared at {} (see its notes)", count(left, "target")));
    }
    let doubts = doubts.join(", ");
    let at = count(if unwritten > 0 { written } else { read }, "target");
    match (totals(plan.targets.iter().filter(|target| target.is_written())), doubts.is_empty()) {
        (Some(totals), true) => format!("Plan: {totals}, at {at}."),
        (Some(totals), false) => format!("Plan: {totals}, at {at}; {doubts}."),
        (None, true) if read == 0 => "No changes. Every target is disabled.".to_owned(),
        (None, true) if plan.undo.is_some() => "No changes. Everything is as it was before that apply.".to_owned(),
        (None, true) if read == 1 => "No changes. The target is as declared.".to_owned(),
        (None, true) => "No changes. All targets are as declared.".to_owned(),
        (None, false) => format!("No changes, as far as can be told: {doubts}."),
    }
}

/// The path without a long schema URN: the last part says enough for people.
pub(in crate::render) fn short_path(path: &str) -> &str {
    path.rsplit_once(":User:").or_else(|| path.rsplit_once(":user:")).map_or(path, |(_, rest)| rest)
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}
