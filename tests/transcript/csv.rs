//! A spreadsheet of 500 people to a first plan without changes.

use std::fmt::Write as _;

use crate::support::Repo;

const PEOPLE: usize = 500;
const GIVEN: [&str; 20] = [
    "Zoë",
    "Seán",
    "Nguyễn",
    "José María",
    "Anne-Marie",
    "Łukasz",
    "Åsa",
    "Chloé",
    "Noël",
    "Søren",
    "Ana",
    "Ivo",
    "Mei",
    "Øystein",
    "Bjørk",
    "D'Angelo",
    "Ümit",
    "Null",
    "Yes",
    "Omar",
];
const FAMILY: [&str; 25] = [
    "O'Neill",
    "Müßig",
    "van der Berg",
    "Lefèvre",
    "García-Márquez",
    "Nowak",
    "Ó Briain",
    "Šimić",
    "True",
    "Smith, Jr.",
    "D’Arcy",
    "Çelik",
    "Ivanova",
    "Ho",
    "No",
    "Dvořák",
    "Nuñez",
    "Þórsdóttir",
    "Mac an Bhaird",
    "St. John",
    "Li",
    "Ng",
    "Ødegård",
    "Kovács",
    "Haſe",
];
const DEPARTMENTS: [&str; 5] = ["Engineering", "R&D: Core", "Sales, EMEA", "People Team", "Finance #2"];
const TITLES: [&str; 6] = ["Engineer", "Account \"Hunter\"", "no", "- Lead -", "007", "Sr. Manager: Ops"];

/// The sheet, as an HR system writes it: always the same.
fn sheet() -> String {
    let mut out =
        "Employee ID,First Name,Last Name,Work Email,Job Title,Department,Manager Email,Start Date,Groups,Shoe Size\n"
            .to_owned();
    for at in 0..PEOPLE {
        let (given, family) = (GIVEN[at % GIVEN.len()], FAMILY[(at * 7 + at / GIVEN.len()) % FAMILY.len()]);
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let manager = if at == 0 { String::new() } else { mail(at / 10) };
        let groups = if at % 3 == 0 { "Everyone; On call" } else { "Everyone" };
        let _ = writeln!(
            out,
            "{:05},{},{},{},{},{},{manager},{}/{}/{},{groups},{}",
            at + 7,
            quoted(given),
            quoted(family),
            mail(at),
            quoted(TITLES[at % TITLES.len()]),
            quoted(DEPARTMENTS[at % DEPARTMENTS.len()]),
            at % 28 + 1,
            at % 12 + 1,
            2005 + at % 20,
            36 + at % 12
        );
    }
    out
}

fn mail(at: usize) -> String {
    format!("person.{at}@acme.example")
}

const ROOT: &str = "\
version: 1
targets:
  app: { profile: generic }
bindings:
  everyone: { target: app, assign: { where: user.userName is defined }, push: [everyone, on-call] }
";

/// Lines of a list that a reader needs of many.
const SHOWN: usize = 6;

/// The output, lists of people cut.
fn cut(text: &str) -> String {
    let mut out = String::new();
    let mut listed = 0;
    let is_listed = |line: &str| line.starts_with("  + create  user") || line.starts_with("  New       person.");
    for line in text.lines() {
        listed = if is_listed(line) { listed + 1 } else { 0 };
        if listed == SHOWN + 1 {
            out.push_str("  …\n");
        }
        if listed <= SHOWN {
            let _ = writeln!(out, "{}", if line.starts_with("as of ") { "as of …, digest …" } else { line });
        }
    }
    out
}

pub fn story() -> String {
    let repo = Repo::new(&[("people.csv", &sheet())]);
    let mut told = String::from("$ head -3 people.csv\n");
    sheet().lines().take(3).for_each(|line| told = format!("{told}{line}\n"));
    told.push('\n');
    repo.write("scimform.yaml", "version: 1\n");
    let mut run = |words: &str| {
        let arguments: Vec<&str> = words.split(' ').collect();
        let ran = repo.run(&arguments).expect(0);
        let _ = writeln!(told, "$ scimform {words}\n{}", cut(&crate::transcript::without_times(&ran.out)));
    };
    run("import --csv people.csv");
    repo.write("scimform.yaml", ROOT);
    run("validate");
    run("plan --sandbox");
    run("apply --sandbox --auto-approve");
    run("plan --sandbox");
    run("import --csv people.csv --new-only");
    told.trim_end().to_owned() + "\n"
}
