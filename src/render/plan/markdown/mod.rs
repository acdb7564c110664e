//! A plan as a pull request comment: the verdict first, then a table, the people, and everything else behind folds.

mod details;
mod outlook;
mod people;
mod remarks;
mod table;
mod verdict;

use std::fmt::Write as _;

pub(in crate::render) use self::details::Weight;
use self::people::Lists;
pub(in crate::render) use self::people::People;
pub(in crate::render) use self::table::rounded;
pub(in crate::render) use self::verdict::verdict;
use crate::plan::{Plan, Redaction};
use crate::render::comment::{Comment, Room, clip};
use crate::render::escape::{code, markdown as text};
use crate::render::view::markdown::{fold, rows};
use crate::wording::{count, few};

/// The first line, by which a comment is found again to be brought up to date.
pub const MARKER: &str = "<!-- scimform:plan -->";
/// The same for an offline comparison.
pub const DIFF_MARKER: &str = "<!-- scimform:diff -->";

/// Problems that stand above the table.
const PROBLEMS: usize = 4;
/// What the words on what is left out take at most, with the address of the whole.
const CUT: usize = 1_600;

/// The whole plan, or as much of it as fits, and then what is left out. What is left out first, to the last: what time alone
/// brings, changes that are shown and not made, changes of values alone, adoptions, creations, people of whom details change, changes that give
/// access, notes, people who gain access, problems beyond the first, removals and privileged changes, people who gain
/// privileged access, and people who lose access. The verdict and the table stay.
pub fn markdown(plan: &Plan, comment: &Comment) -> String {
    let people = People::of(plan);
    let mut top = head(plan, &people);
    let mut problems = remarks::problems(plan, comment);
    // Signs that nobody sees take much room where they are made visible.
    let fits = problems.iter().scan(0, |used, line| {
        *used += line.len();
        Some(*used)
    });
    let above = fits.take_while(|used| *used <= comment.most() / 4).count();
    let more = problems.split_off(PROBLEMS.min(above));
    rows(&mut top, "", &problems);
    top.push_str(&table::table(plan, comment.most() / 4));
    let foot = foot(plan);
    let kinds = people::kinds(plan, &people);
    let fixed = top.len() + kinds.len() + foot.len() + CUT;
    let mut room = Room::new(comment.most().saturating_sub(fixed));

    let mut all = details::of(plan);
    let mut cut = Vec::new();
    let mut lists = Lists::losers(&people, &mut room);
    cut.extend(details::fit(&mut all, Weight::Removes, comment, &mut room));
    let (more, left) = some(&more, &mut room);
    cut.extend(left_out(left, "more problem"));
    lists.gainers(&people, &mut room);
    let (notes, left) = some(&remarks::notes(plan, comment), &mut room);
    cut.extend(left_out(left, "note"));
    cut.extend(details::fit(&mut all, Weight::Gives, comment, &mut room));
    lists.others(&people, &mut room);
    for weight in [Weight::Creates, Weight::Adopts, Weight::Changes, Weight::NotMade] {
        cut.extend(details::fit(&mut all, weight, comment, &mut room));
    }

    let mut ahead = String::new();
    if let Some(horizon) = &plan.horizon {
        let (section, left) = outlook::section(horizon, comment, &mut room);
        ahead = section;
        cut.extend(left_out(left, "later event"));
    }

    let mut page = top;
    let lost = lists.cut(&people).into_iter().filter(|(number, _)| *number > 0);
    let cut: Vec<String> = lost.map(|(number, who)| format!("{number} people {who}")).chain(cut).collect();
    if !cut.is_empty() {
        let whole = comment.whole(command(plan));
        let _ = writeln!(page, "**Too long for one comment.** Left out: {}. {whole}\n", cut.join(", "));
    }
    lists.write(&mut page, &kinds);
    page.push_str(&ahead);
    for (title, lines) in [("More problems", &more), ("Notes", &notes)] {
        fold(&mut page, &format!("{title} ({})", lines.len()), "", lines);
    }
    for details in &all {
        details.write(&mut page);
    }
    page.push_str(&foot);
    page
}

/// The marks for machines, the verdict and, of an offline comparison, what is compared.
fn head(plan: &Plan, people: &People<'_>) -> String {
    // Nothing was asked of a target, so there is no digest that an apply could be held to.
    let mut top = match &plan.base {
        Some(_) => format!("{DIFF_MARKER}\n"),
        None => format!("{MARKER}\n<!-- scimform:digest {} -->\n", plan.digest),
    };
    let what = match (&plan.undo, plan.sandbox) {
        (Some(_), true) => " (undo, sandbox)",
        (Some(_), false) => " (undo)",
        (None, true) => " (sandbox)",
        (None, false) => "",
    };
    let _ = writeln!(top, "## {}{what}: {}\n", command(plan), verdict::verdict(plan, people, text));
    outlook::base(&mut top, plan);
    top
}

/// The command that shows the same.
fn command(plan: &Plan) -> &'static str {
    if plan.base.is_some() { "scimform diff" } else { "scimform plan" }
}

fn some(lines: &[String], room: &mut Room) -> (Vec<String>, usize) {
    let shown = room.rows(100, lines, String::clone);
    let left = lines.len() - shown.len();
    (shown, left)
}

fn left_out(number: usize, noun: &str) -> Option<String> {
    (number > 0).then(|| count(number, noun))
}

fn foot(plan: &Plan) -> String {
    let mut parts = Vec::new();
    if let Some(undo) = &plan.undo {
        let file = code(&clip(&undo.file, 100));
        parts.push(format!("takes back the apply of {} ({file})", text(&clip(&undo.created_at, 40))));
    }
    if !plan.only.is_empty() {
        parts.push(format!("**only {}**", few(plan.only.iter().map(|key| code(&clip(key, 60))), 5)));
    }
    if plan.sandbox {
        parts.push("against the embedded sandbox, not the real targets".to_owned());
    }
    match plan.redacted {
        Redaction::None => {}
        Redaction::Values => parts.push("values are withheld".to_owned()),
        Redaction::Names => parts.push("values and names are withheld".to_owned()),
    }
    parts.push(format!("as of {}", plan.as_of));
    if let Some(revision) = &plan.revision {
        parts.push(format!("revision {}", code(&clip(revision, 12).replace('…', ""))));
    }
    // What can't be applied needs no digest.
    if plan.base.is_none() {
        parts.push(format!("digest {}", code(&plan.digest)));
    }
    format!("<sub>{}</sub>\n", parts.join(", "))
}
