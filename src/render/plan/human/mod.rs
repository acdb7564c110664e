//! A plan for a terminal.

mod changes;
mod fold;

use super::outlook::{NOTHING, OFFLINE, gone, happens, head, rest, sides};
use super::rehearsal::told;
use super::{read_words, totals};
use crate::plan::{Action, Base, Horizon, Mode, Origin, Plan, Rehearsal, TargetPlan};
use crate::render::escape::terminal;
use crate::render::look::Look;
use crate::render::view::terminal::{BOLD, CYAN, DIM, GREEN, Page, RED, Style, YELLOW, named, rest as more};
use crate::wording::{count, some};

/// Events shown before the rest is folded.
const EVENTS: usize = 30;
/// Columns that a line below a change is moved in by.
const DEEP: usize = 8;

/// The verdict alone, for those who ask for little.
pub fn brief(plan: &Plan, look: &Look) -> String {
    look.prose(&look.paint(BOLD, &verdict(plan)), 0)
}

/// The whole plan.
pub fn human(plan: &Plan, look: &Look) -> String {
    let mut page = Page::new(look);
    let offline = plan.base.is_some();
    if let Some(one) = &plan.base {
        base(&mut page, one);
    }
    for one in &plan.targets {
        target(&mut page, one, offline);
        page.blank();
    }
    if let Some(one) = &plan.horizon {
        horizon(&mut page, one);
    }
    foot(&mut page, plan);
    page.text
}

/// What a plan was held against in place of targets.
fn base(page: &mut Page<'_>, base: &Base) {
    let head = page.paint(BOLD, "Offline diff");
    let sides = sides(base, &terminal);
    page.prose(&format!("{head} {sides}. {OFFLINE}"), 2);
    for target in &base.gone {
        page.prose(&gone(&format!("`{}`", terminal(target))), 2);
    }
    page.blank();
}

/// What time will change.
fn horizon(page: &mut Page<'_>, horizon: &Horizon) {
    page.line(&page.paint(BOLD, &head(horizon)), 2);
    let shown = page.look.fold(horizon.events.len(), EVENTS);
    for event in horizon.events.iter().take(shown) {
        let key = event.key.as_deref();
        let who = event.name.as_deref().or(key).filter(|name| !name.is_empty());
        let who = who.map(|name| format!("{} ", named(name, key))).unwrap_or_default();
        let because = if event.because.is_empty() { String::new() } else { terminal(&event.because) };
        let place = event.origin.as_ref().map(|origin| page.origin(origin));
        let why: Vec<String> = Some(because).filter(|text| !text.is_empty()).into_iter().chain(place).collect();
        let why = page.paint(DIM, &why.join("  "));
        let happens = happens(event, &terminal);
        page.line(&format!("  {}  {who}{happens}  {why}", event.date), 14);
    }
    if shown < horizon.events.len() {
        let more = more(horizon.events.len() - shown, "");
        page.line(&format!("  {}", page.paint(DIM, &more)), 4);
    }
    if let Some(rest) = rest(horizon) {
        page.line(&format!("  {}", page.paint(DIM, &rest)), 4);
    }
    page.blank();
}

fn mark(action: Action) -> (&'static str, Style) {
    match action {
        Action::Create => ("+", GREEN),
        Action::Adopt => ("=", CYAN),
        Action::Update => ("~", YELLOW),
        Action::Reactivate => ("^", GREEN),
        Action::Deactivate => ("!", RED),
        Action::Delete => ("-", RED),
        Action::Forget => ("/", CYAN),
    }
}

fn target(page: &mut Page<'_>, target: &TargetPlan, offline: bool) {
    let head = page.paint(BOLD, &terminal(&target.name));
    if target.mode == Mode::Disabled {
        page.line(&format!("{head} {}", page.paint(DIM, "disabled: neither read nor written")), 2);
        remarks(page, target);
        return;
    }
    if let Some(why) = &target.failed {
        page.prose(&format!("{head} {}: {}", page.paint(RED, "could not be read"), terminal(why)), 2);
        remarks(page, target);
        return;
    }
    let read = if offline {
        format!("{}, {} before", target.profile, read_words(target))
    } else {
        format!("{}, read {} in {}", target.profile, read_words(target), count(target.read.requests, "request"))
    };
    page.line(&format!("{head} {}", page.paint(DIM, &format!("({read})"))), 2);
    if target.mode == Mode::ReadOnly {
        let text = page.paint(YELLOW, "read only: what differs is shown, and an apply writes nothing here");
        page.said(&format!("  {text}"));
    }
    if let Some(why) = &target.read.incomplete_because {
        let text = format!("incomplete read: {}; nothing is removed here", terminal(why));
        page.said(&format!("  {}", page.paint(RED, &text)));
    }
    if !target.changes.is_empty() {
        page.blank();
        changes::changes(page, &target.changes);
    }
    changes::adoptions(page, target);
    remarks(page, target);
    summary(page, target, offline);
    if let Some(one) = &target.rehearsal {
        rehearsal(page, one);
    }
}

fn rehearsal(page: &mut Page<'_>, rehearsal: &Rehearsal) {
    let told = told(rehearsal);
    let style = if rehearsal.converges { GREEN } else { RED };
    let head = page.paint(style, "rehearsal");
    page.said(&format!("  {head} {}", terminal(&told.verdict)));
    for detail in &told.details {
        page.said(&format!("    {}", terminal(detail)));
    }
    let copy = "on a copy of what was read, at a server that follows the profile; the target may differ";
    let unknown = told.unknown.iter().map(|unknown| terminal(unknown));
    for line in std::iter::once(copy.to_owned()).chain(unknown) {
        page.said(&format!("    {}", page.paint(DIM, &line)));
    }
}

/// A place in brackets, a link where there are links.
fn place(page: &Page<'_>, origin: Option<&Origin>) -> String {
    origin.map(|origin| format!(" ({})", page.origin(origin))).unwrap_or_default()
}

fn remarks(page: &mut Page<'_>, target: &TargetPlan) {
    for problem in &target.errors {
        let label = page.paint(RED, &format!("error[{}]", problem.code));
        let (key, message) = (terminal(&problem.key), terminal(&problem.message));
        let place = place(page, problem.origin.as_ref());
        page.said(&format!("  {label} {} {key}: {message}{place}", problem.resource));
    }
    for violation in &target.violations {
        let (word, style) = if violation.warn { ("warning", YELLOW) } else { ("refused", RED) };
        let label = page.paint(style, &format!("{word}[{}]", violation.code));
        page.said(&format!("  {label} {}", terminal(&violation.message)));
        if !violation.allow.is_empty() && !violation.warn {
            page.said(&format!("    to allow it: {}", terminal(&violation.allow)));
        }
    }
    for notice in &target.notices {
        let label = page.paint(DIM, &format!("note[{}]", notice.code));
        page.said(&format!("  {label} {}", terminal(&notice.message)));
    }
}

fn summary(page: &mut Page<'_>, target: &TargetPlan, offline: bool) {
    let (kept, cost) = (&target.summary, &target.cost);
    let totals = totals([target]).unwrap_or_else(|| "no changes".to_owned());
    let others = some([
        (true, format!("{} unchanged", kept.unchanged)),
        (kept.adopted > 0, format!("{} adopted", kept.adopted)),
        (!offline, format!("{} left alone", kept.unmanaged)),
        (kept.protected > 0, format!("{} protected", kept.protected)),
        (kept.suppressed > 0, format!("{} suppressed", kept.suppressed)),
    ]);
    let requests = if cost.requests > 0 { format!("; {}", count(cost.requests, "request")) } else { String::new() };
    let seconds = if cost.seconds > 0 { format!(", about {} s", cost.seconds) } else { String::new() };
    page.line(&format!("  {totals}; {others}{requests}{seconds}"), 4);
}

fn foot(page: &mut Page<'_>, plan: &Plan) {
    page.text.push_str(&brief(plan, page.look));
    // What can't be applied needs no digest.
    let digest = if plan.base.is_some() { String::new() } else { format!(", digest {}", plan.digest) };
    page.line(&page.paint(DIM, &format!("as of {}{digest}", plan.as_of)), 2);
    if let Some(undo) = &plan.undo {
        let text = format!("takes back the apply of {}: {}", terminal(&undo.created_at), terminal(&undo.file));
        page.line(&page.paint(DIM, &text), 2);
    }
}

/// What is to be done and, in the same breath, what is not known.
pub(in crate::render) fn verdict(plan: &Plan) -> String {
    let number = |test: &dyn Fn(&&TargetPlan) -> bool| plan.targets.iter().filter(test).count() as u64;
    let failed = number(&|target| target.failed.is_some());
    let unwritten = number(&|target| target.mode == Mode::ReadOnly);
    let written = number(&|target| target.failed.is_none() && target.is_written());
    let read = number(&|target| target.failed.is_none() && target.mode != Mode::Disabled);
    let differs = number(&|target| target.mode == Mode::ReadOnly && !target.changes.is_empty());
    let incomplete =
        number(&|target| target.failed.is_none() && target.mode != Mode::Disabled && !target.read.complete);
    let unconfirmed: u64 = plan.targets.iter().map(|target| target.read.unconfirmed).sum();
    let errors: u64 = plan.targets.iter().map(|target| target.errors.len() as u64).sum();
    let refused = number(&|target| target.violations.iter().any(|violation| !violation.warn));
    let rehearsed = number(&|target| target.rehearsal.as_ref().is_some_and(|rehearsal| !rehearsal.converges));
    let left =
        number(&|target| !target.suppressed.is_empty() || target.notices.iter().any(|one| one.code.leaves_undone()));
    let unknown = number(&|target| target.notices.iter().any(|one| one.code.leaves_unknown()));
    let targets = |number: u64| count(number, "target");
    let doubts = some([
        (failed > 0, format!("{} could not be read", targets(failed))),
        (differs > 0, format!("{} read only and not as declared", targets(differs))),
        (incomplete > 0, format!("{} read in part", targets(incomplete))),
        (unconfirmed > 0, format!("{} held back", count(unconfirmed, "unconfirmed removal"))),
        (errors > 0, count(errors, "error")),
        (refused > 0, format!("refused at {}", targets(refused))),
        (rehearsed > 0, format!("does not converge in the rehearsal at {}", targets(rehearsed))),
        (left > 0, format!("not everything is as declared at {} (see its notes)", targets(left))),
        (unknown > 0, format!("not everything can be seen at {} (see its notes)", targets(unknown))),
    ]);
    let what = if plan.base.is_some() { "Diff" } else { "Plan" };
    let at = count(if unwritten > 0 { written } else { read }, "target");
    match (totals(plan.targets.iter().filter(|target| target.is_written())), doubts.is_empty()) {
        (Some(totals), true) => format!("{what}: {totals}, at {at}."),
        (Some(totals), false) => format!("{what}: {totals}, at {at}; {doubts}."),
        (None, true) if read == 0 => "No changes. Every target is disabled.".to_owned(),
        (None, true) if plan.undo.is_some() => "No changes. Everything is as it was before that apply.".to_owned(),
        (None, true) if plan.base.is_some() => NOTHING.to_owned(),
        (None, true) if read == 1 => "No changes. The target is as declared.".to_owned(),
        (None, true) => "No changes. All targets are as declared.".to_owned(),
        (None, false) => format!("No changes, as far as can be told: {doubts}."),
    }
}

/// The path without a long schema URN: the last part says enough for people.
pub(in crate::render) fn short_path(path: &str) -> &str {
    path.rsplit_once(":User:").or_else(|| path.rsplit_once(":user:")).map_or(path, |(_, rest)| rest)
}
