//! Who gains and who loses what, a sentence per person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::plan::{AccountChange, Action, Person, PersonAtTarget, Plan, is_held, is_value};
use crate::render::comment::{Room, clip};
use crate::render::escape::markdown as text;
use crate::render::plan::short_path;
use crate::render::view::markdown::{NAME, fold, key, name, rows, split};
use crate::wording::{count, joined};

/// Who loses access named before the rest is folded.
const LOSERS: usize = 25;
/// Who gains access named before the rest is folded.
const GAINERS: usize = 15;
/// Who changes details alone named before all of them are folded.
const OTHERS: usize = 5;
/// With more people than these, what is lost and gained stands in a table before them.
const FEW: usize = 10;
/// Kinds of access in that table.
const KINDS: usize = 12;
/// Groups of a person at a target that are named.
const GROUPS: usize = 8;
/// Attributes of a person at a target that are named.
const PATHS: usize = 4;
/// Targets of which the same is said, and things said of one person.
const TARGETS: usize = 8;
const CLAUSES: usize = 24;

/// What a plan means for a person, the worst of it. The order is that of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Impact {
    Loses,
    GainsPrivileged,
    Gains,
    Details,
}

/// Everyone whom a plan concerns, by what it means for them: those with privileged access first, then by key.
#[derive(Default)]
pub(in crate::render) struct People<'p> {
    pub(in crate::render) losers: Vec<&'p Person>,
    pub(in crate::render) privileged: Vec<&'p Person>,
    pub(in crate::render) gainers: Vec<&'p Person>,
    pub(in crate::render) others: Vec<&'p Person>,
}

impl<'p> People<'p> {
    pub(in crate::render) fn of(plan: &'p Plan) -> Self {
        let mut people = Self::default();
        for person in &plan.people {
            match impact(person) {
                Impact::Loses => people.losers.push(person),
                Impact::GainsPrivileged => people.privileged.push(person),
                Impact::Gains => people.gainers.push(person),
                Impact::Details => people.others.push(person),
            }
        }
        people.losers.sort_by_key(|person| !has_privileged(person));
        people
    }

    /// How many of those who lose access lose privileged access.
    pub(super) fn privileged_losses(&self) -> usize {
        let lost = |at: &PersonAtTarget| at.loses.iter().any(|group| at.privileged.contains(group));
        self.losers.iter().filter(|one| one.targets.iter().any(|at| !at.inactive && lost(at))).count()
    }
}

fn has_privileged(person: &Person) -> bool {
    person.targets.iter().any(|at| !at.inactive && !at.privileged.is_empty())
}

fn impact(person: &Person) -> Impact {
    let at = |test: &dyn Fn(&PersonAtTarget) -> bool| person.targets.iter().any(|at| !at.inactive && test(at));
    if at(&|at| at.account == Some(AccountChange::Lost) || !at.loses.is_empty()) {
        Impact::Loses
    } else if at(&|at| !at.privileged.is_empty()) {
        Impact::GainsPrivileged
    } else if at(&|at| at.account == Some(AccountChange::Gained) || !at.gains.is_empty()) {
        Impact::Gains
    } else {
        Impact::Details
    }
}

/// The lists of people, as far as they fit.
pub(super) struct Lists {
    losers: Vec<String>,
    privileged: Vec<String>,
    gainers: Vec<String>,
    pub(super) others: Vec<String>,
}

impl Lists {
    pub(super) fn losers(people: &People<'_>, room: &mut Room) -> Self {
        let row = |person: &&Person| row(person);
        let losers = room.rows(200, &people.losers, row);
        let privileged = room.rows(200, &people.privileged, row);
        Self { losers, privileged, gainers: Vec::new(), others: Vec::new() }
    }

    pub(super) fn gainers(&mut self, people: &People<'_>, room: &mut Room) {
        self.gainers = room.rows(200, &people.gainers, |person| row(person));
    }

    pub(super) fn others(&mut self, people: &People<'_>, room: &mut Room) {
        self.others = room.rows(200, &people.others, |person| row(person));
    }

    /// How many of each list are left out.
    pub(super) fn cut(&self, people: &People<'_>) -> [(usize, &'static str); 3] {
        let gained = people.privileged.len() + people.gainers.len() - self.privileged.len() - self.gainers.len();
        [
            (people.losers.len() - self.losers.len(), "who lose access"),
            (gained, "who gain access"),
            (people.others.len() - self.others.len(), "of whom details change"),
        ]
    }

    /// The section of the page.
    pub(super) fn write(&self, page: &mut String, kinds: &str) {
        if [&self.losers, &self.privileged, &self.gainers, &self.others].iter().all(|rows| rows.is_empty()) {
            return;
        }
        page.push_str("### Who loses and who gains access\n\n");
        page.push_str(kinds);
        folded(page, "Lose access", &self.losers, LOSERS);
        folded(page, "Gain privileged access", &self.privileged, GAINERS);
        folded(page, "Gain access", &self.gainers, GAINERS);
        if self.others.len() <= OTHERS {
            folded(page, "Only change details", &self.others, OTHERS);
        } else {
            let who = count(self.others.len(), "person");
            fold(page, &format!("{who} only change details"), "", &self.others);
        }
    }
}

/// The first of a list, and the others behind a fold.
fn folded(page: &mut String, head: &str, all: &[String], open: usize) {
    let (first, rest) = split(all, open);
    rows(page, &format!("**{head}**\n\n"), first);
    fold(page, &format!("{} more who {}", rest.len(), head.to_lowercase()), "", rest);
}

/// What comes and goes for how many, where that is more than a few: privileged first, then what most lose.
pub(super) fn kinds(plan: &Plan, people: &People<'_>) -> String {
    let mut page = String::new();
    if people.losers.len() + people.privileged.len() + people.gainers.len() <= FEW {
        return page;
    }
    let mut kinds: BTreeMap<(String, &str, bool), (u64, u64)> = BTreeMap::new();
    for at in plan.people.iter().flat_map(|person| &person.targets).filter(|at| !at.inactive) {
        let account = || ("an account".to_owned(), at.target.as_str(), false);
        match at.account {
            Some(AccountChange::Lost) => kinds.entry(account()).or_default().0 += 1,
            Some(AccountChange::Gained) => kinds.entry(account()).or_default().1 += 1,
            None => {}
        }
        let kind = |group: &String| (named(group), at.target.as_str(), at.privileged.contains(group));
        for group in &at.loses {
            kinds.entry(kind(group)).or_default().0 += 1;
        }
        for group in &at.gains {
            kinds.entry(kind(group)).or_default().1 += 1;
        }
    }
    let mut rows: Vec<_> = kinds.into_iter().collect();
    rows.sort_by_key(|((_, _, privileged), (lost, gained))| (!*privileged, u64::MAX - lost, u64::MAX - gained));
    page.push_str("| access | people who lose it | people who gain it |\n|---|---:|---:|\n");
    let number = |number: &u64| if *number == 0 { "–".to_owned() } else { number.to_string() };
    let rest = rows.split_off(KINDS.min(rows.len()));
    for ((name, target, privileged), (lost, gained)) in &rows {
        let privileged = if *privileged { ", privileged" } else { "" };
        let at = named(target);
        let lost = if *lost == 0 { number(lost) } else { format!("**{lost}**") };
        let _ = writeln!(page, "| {name} at {at}{privileged} | {lost} | {} |", number(gained));
    }
    if !rest.is_empty() {
        let lost: u64 = rest.iter().map(|(_, (lost, _))| lost).sum();
        let gained: u64 = rest.iter().map(|(_, (_, gained))| gained).sum();
        let _ =
            writeln!(page, "| {} more of these, each counted | {} | {} |", rest.len(), number(&lost), number(&gained));
    }
    page.push('\n');
    page
}

/// A name within a sentence. One that could be taken for a part of the sentence stands in quotation marks.
fn named(name: &str) -> String {
    let name = clip(name, NAME);
    let plain = |one: char| one.is_alphanumeric() || matches!(one, ' ' | '-' | '_' | '.' | '/' | '&' | '\'' | '+');
    let joins = [" at ", " and ", " with ", "loses", "gains"].iter().any(|word| name.contains(word));
    if name.chars().all(plain) && !joins && !name.is_empty() {
        return text(&name);
    }
    // Nobody's name ends the quotation.
    format!("“{}”", text(&name.replace(['“', '”', '„', '‟'], "\"")))
}

/// One person.
fn row(person: &Person) -> String {
    let stranger = if person.stranger { ", not managed" } else { "" };
    let key = key(&person.key);
    let losses = told(person.targets.iter().filter_map(losses), "<b>", "</b>");
    let gains = told(person.targets.iter().filter_map(gains), "", "");
    let nothing = (losses.is_empty() && !gains.is_empty()).then(|| "loses nothing".to_owned());
    let details = told(person.targets.iter().flat_map(details), "", "");
    let mut parts: Vec<String> = [losses, gains, details].into_iter().flatten().collect();
    let more = parts.len().saturating_sub(CLAUSES);
    parts.truncate(CLAUSES);
    parts.extend((more > 0).then(|| format!("and {more} more")));
    parts.extend(nothing);
    format!("- <b>{}</b> ({key}{stranger}): {}", name(&person.name), parts.join("; "))
}

/// What is said of one target: "loses the account", the target, "and with it Engineering".
struct Clause<'p> {
    head: String,
    target: &'p str,
    tail: String,
}

/// The clauses as text, those that say the same of several targets in one.
fn told<'p>(clauses: impl Iterator<Item = Clause<'p>>, before: &str, after: &str) -> Vec<String> {
    let mut said: Vec<(Clause<'p>, Vec<&'p str>)> = Vec::new();
    for clause in clauses {
        let same = |one: &Clause<'_>| (&one.head, &one.tail) == (&clause.head, &clause.tail);
        if let Some((_, targets)) = said.iter_mut().find(|(one, _)| same(one)) {
            targets.push(clause.target);
        } else {
            let target = clause.target;
            said.push((clause, vec![target]));
        }
    }
    let text = |(clause, targets): &(Clause<'_>, Vec<&str>)| {
        let at = joined(targets.iter().map(|target| named(target)), TARGETS);
        format!("{before}{} at {at}{}{after}", clause.head, clause.tail)
    };
    said.iter().map(text).collect()
}

impl<'p> Clause<'p> {
    fn new(at: &'p PersonAtTarget, head: impl Into<String>, tail: impl Into<String>) -> Self {
        Self { head: head.into(), target: &at.target, tail: tail.into() }
    }
}

fn losses(at: &PersonAtTarget) -> Option<Clause<'_>> {
    if at.inactive {
        return None;
    }
    let groups = groups(&at.loses, at);
    let with = if groups.is_empty() { String::new() } else { format!(" and with it {groups}") };
    match (at.account, at.action) {
        (Some(AccountChange::Lost), Some(Action::Delete)) => {
            Some(Clause::new(at, "loses the account", format!(" (deleted){with}")))
        }
        (Some(AccountChange::Lost), _) => Some(Clause::new(at, "loses the account", with)),
        _ => (!groups.is_empty()).then(|| Clause::new(at, format!("loses {groups}"), "")),
    }
}

fn gains(at: &PersonAtTarget) -> Option<Clause<'_>> {
    if at.inactive {
        return None;
    }
    let groups = groups(&at.gains, at);
    let with = if groups.is_empty() { String::new() } else { format!(" with {groups}") };
    match (at.account, at.action) {
        (Some(AccountChange::Gained), Some(Action::Reactivate)) if at.adopted => {
            Some(Clause::new(at, "is given an account that was there without access", with))
        }
        (Some(AccountChange::Gained), Some(Action::Reactivate)) => Some(Clause::new(at, "gets back the account", with)),
        (Some(AccountChange::Gained), _) => Some(Clause::new(at, "gains an account", with)),
        _ => (!groups.is_empty()).then(|| Clause::new(at, format!("gains {groups}"), "")),
    }
}

/// What comes and goes besides access.
fn details(at: &PersonAtTarget) -> Vec<Clause<'_>> {
    let mut parts = Vec::new();
    if at.inactive {
        let moved = |names: &[String], verb: &str| {
            let groups = groups(names, at);
            (!groups.is_empty())
                .then(|| Clause::new(at, format!("{verb} {groups}"), ", where the account has no access"))
        };
        parts.extend([moved(&at.loses, "is taken out of"), moved(&at.gains, "is put into")].into_iter().flatten());
    }
    let without = |verb: &str| Clause::new(at, "the account", format!(", which has no access, is {verb}"));
    match at.action {
        Some(Action::Forget) => parts.push(Clause::new(at, "is no longer managed", "")),
        Some(Action::Delete) if at.account.is_none() => parts.push(without("deleted")),
        Some(Action::Deactivate) if at.account.is_none() => parts.push(without("deactivated")),
        Some(Action::Adopt) => parts.push(Clause::new(at, "is managed", " from now on")),
        _ => {}
    }
    // What is said of the account says it already.
    let told = at.gains.iter().chain(&at.loses).any(|name| is_value(name));
    let paths = at
        .changes
        .iter()
        .filter(|path| !(path.eq_ignore_ascii_case("active") || told && path.parse().is_ok_and(|path| is_held(&path))));
    let paths: Vec<&str> = paths.map(|path| short_path(path)).collect();
    if !paths.is_empty() && at.action != Some(Action::Create) {
        let verb = if paths.len() == 1 { "changes" } else { "change" };
        let named = joined(paths.iter().map(|path| name(path)), PATHS);
        parts.push(Clause::new(at, format!("{named} {verb}"), ""));
    }
    parts
}

/// Names of groups, privileged ones first and marked.
fn groups(names: &[String], at: &PersonAtTarget) -> String {
    let (privileged, others): (Vec<&String>, Vec<&String>) =
        names.iter().partition(|name| at.privileged.contains(name));
    let marked = privileged.iter().map(|name| format!("{} (privileged)", named(name)));
    joined(marked.chain(others.iter().map(|name| named(name))), GROUPS)
}
