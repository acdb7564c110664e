//! A plan as a pull request comment.

use std::fmt::Write as _;

use super::rehearsal::told;
use super::values::sides;
use super::{read_words, totals};
use crate::plan::{Action, Change, Mode, Person, Plan, TargetPlan};
use crate::render::escape::{code, markdown as text};
use crate::render::{action_word, attribute_reason, count, member_reason, reason_words};

/// The whole plan: verdict, a table per target, impact per person, details folded.
pub fn markdown(plan: &Plan) -> String {
    let mut page = String::new();
    let refused = plan.targets.iter().flat_map(|target| &target.violations).any(|violation| !violation.warn);
    let failed = plan.targets.iter().any(|target| target.failed.is_some() || !target.errors.is_empty());
    let verdict = totals(plan.targets.iter().filter(|target| target.is_written()));
    let _ = match (&verdict, refused, failed) {
        (_, true, _) => writeln!(page, "## scimform plan: refused\n"),
        (_, _, true) => writeln!(page, "## scimform plan: with errors\n"),
        (Some(totals), ..) => writeln!(page, "## scimform plan: {totals}\n"),
        (None, ..) => writeln!(page, "## scimform plan: no changes\n"),
    };
    overview(&mut page, plan);
    people(&mut page, &plan.people);
    for target in &plan.targets {
        details(&mut page, target);
        adoptions(&mut page, target);
    }
    let _ = writeln!(page, "<sub>as of {}, digest `{}`</sub>", plan.as_of, plan.digest);
    page
}

fn overview(page: &mut String, plan: &Plan) {
    page.push_str("| target | plan | unchanged | left alone | read |\n|---|---|---:|---:|---|\n");
    for target in &plan.targets {
        let plan = match (&target.failed, totals([target])) {
            _ if target.mode == Mode::Disabled => "disabled".to_owned(),
            (None, Some(totals)) if target.mode == Mode::ReadOnly => format!("read only: {totals}, not applied"),
            (None, None) if target.mode == Mode::ReadOnly => "read only: no changes".to_owned(),
            (Some(_), _) => "**could not be read**".to_owned(),
            (None, Some(totals)) => totals,
            (None, None) => "no changes".to_owned(),
        };
        let read = if target.mode == Mode::Disabled {
            "nothing".to_owned()
        } else if target.read.incomplete_because.is_some() {
            "**incomplete**".to_owned()
        } else {
            read_words(target)
        };
        let kept = &target.summary;
        let alone = match kept.protected {
            0 => kept.unmanaged.to_string(),
            protected => format!("{}, {protected} protected", kept.unmanaged),
        };
        let _ = writeln!(page, "| {} | {plan} | {} | {alone} | {read} |", text(&target.name), kept.unchanged);
    }
    page.push('\n');
    for target in &plan.targets {
        remarks(page, target);
    }
}

fn remarks(page: &mut String, target: &TargetPlan) {
    let name = text(&target.name);
    let mut any = false;
    let mut line = |page: &mut String, body: String| {
        any = true;
        let _ = writeln!(page, "- {name}: {body}");
    };
    if let Some(why) = &target.failed {
        line(page, format!("**could not be read**: {}", text(why)));
    }
    if let Some(why) = &target.read.incomplete_because {
        line(page, format!("**incomplete read**, nothing is removed here: {}", text(why)));
    }
    for violation in &target.violations {
        let word = if violation.warn { "warning" } else { "**refused**" };
        let allow = if violation.warn { String::new() } else { format!(" To allow it: {}", text(&violation.allow)) };
        line(page, format!("{word} ({}): {}{allow}", violation.code, text(&violation.message)));
    }
    for problem in &target.errors {
        line(
            page,
            format!(
                "**error** ({}) {} {}: {}",
                problem.code,
                problem.resource,
                code(&problem.key),
                text(&problem.message)
            ),
        );
    }
    if let Some(rehearsal) = &target.rehearsal {
        let told = told(rehearsal);
        let mark = if rehearsal.converges { "" } else { "**" };
        let copy = "on a copy of what was read, at a server that follows the profile";
        line(page, format!("{mark}rehearsal {}{mark} ({copy})", text(&told.verdict)));
        for detail in told.details.iter().chain(&told.unknown) {
            line(page, format!("rehearsal: {}", text(detail)));
        }
    }
    for notice in &target.notices {
        line(page, format!("note ({}): {}", notice.code, text(&notice.message)));
    }
    if any {
        page.push('\n');
    }
}

fn people(page: &mut String, people: &[Person]) {
    if people.is_empty() {
        return;
    }
    page.push_str("### Who gains and who loses what\n\n");
    for person in people {
        let _ = write!(page, "- **{}** ({}):", text(&person.name), code(&person.key));
        let mut parts = Vec::new();
        for at in &person.targets {
            let target = text(&at.target);
            match at.action {
                Some(Action::Create) => parts.push(format!("gains an account at {target}")),
                Some(Action::Reactivate) => parts.push(format!("gets the account at {target} back")),
                Some(Action::Deactivate) => parts.push(format!("**loses the account at {target}**")),
                Some(Action::Delete) => parts.push(format!("**the account at {target} is deleted**")),
                Some(Action::Forget) => parts.push(format!("is no longer managed at {target}")),
                Some(Action::Adopt | Action::Update) | None => {}
            }
            if !at.gains.is_empty() {
                parts.push(format!("gains {} at {target}", names(&at.gains)));
            }
            if !at.loses.is_empty() {
                parts.push(format!("**loses {} at {target}**", names(&at.loses)));
            }
            // What is said of the account says it already.
            let changes: Vec<&String> = at.changes.iter().filter(|path| !path.eq_ignore_ascii_case("active")).collect();
            if !changes.is_empty() && at.action != Some(Action::Create) {
                parts.push(format!(
                    "{} changes at {target}",
                    changes.iter().map(|path| code(path)).collect::<Vec<_>>().join(", ")
                ));
            }
        }
        let _ = writeln!(page, " {}", parts.join("; "));
    }
    page.push('\n');
}

fn names(groups: &[String]) -> String {
    groups.iter().map(|group| text(group)).collect::<Vec<_>>().join(", ")
}

fn details(page: &mut String, target: &TargetPlan) {
    if target.changes.is_empty() {
        return;
    }
    let changes = count(target.changes.len() as u64, "change");
    let _ = writeln!(page, "<details><summary>{}: {changes}</summary>\n", text(&target.name));
    page.push_str("| | who | what | why |\n|---|---|---|---|\n");
    for change in &target.changes {
        let origin =
            change.origin.as_ref().map(|origin| format!(" {}", code(&format!("{}:{}", origin.file, origin.line))));
        let because =
            if change.because.is_empty() { reason_words(change.reason).to_owned() } else { text(&change.because) };
        let _ = writeln!(
            page,
            "| {} | {} {} ({}) | {} | {because}{} |",
            action_word(change.action),
            change.resource,
            text(&change.name),
            code(&change.key),
            what(change),
            origin.unwrap_or_default()
        );
    }
    page.push_str("\n</details>\n\n");
}

fn adoptions(page: &mut String, target: &TargetPlan) {
    if target.adoptions.is_empty() {
        return;
    }
    let number = target.adoptions.len();
    let _ = writeln!(page, "<details><summary>{}: {number} adopted</summary>\n", text(&target.name));
    page.push_str("| who | found by |\n|---|---|\n");
    for adoption in &target.adoptions {
        let by = adoption.by.as_ref().map(|by| code(by)).unwrap_or_default();
        let _ = writeln!(page, "| {} {} ({}) | {by} |", adoption.resource, text(&adoption.name), code(&adoption.key));
    }
    page.push_str("\n</details>\n\n");
}

fn what(change: &Change) -> String {
    let mut parts: Vec<String> = Vec::new();
    if change.action == Action::Create {
        parts.push(count(change.attributes.len() as u64, "attribute"));
    } else {
        for attribute in &change.attributes {
            let (before, after) = sides(attribute);
            let why = attribute_reason(attribute);
            parts.push(format!("{} {} → {} ({why})", code(&attribute.path), code(&before), code(&after)));
        }
    }
    for (members, sign, comes) in [(&change.members.add, "+", true), (&change.members.remove, "−", false)] {
        for member in members {
            let why = member.reason.filter(|_| change.action != Action::Create);
            let why = why.map(|reason| format!(" ({})", member_reason(reason, comes))).unwrap_or_default();
            parts.push(format!("{sign} {}{why}", text(&member.name)));
        }
    }
    parts.join("<br>")
}
