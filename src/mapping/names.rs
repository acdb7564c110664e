//! The attribute names that expressions may read.

use std::ops::Range;

use super::Expression;
use crate::profile::closest;

/// What an expression is about, which decides the names it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A declared person, as `user`.
    User,
    /// A declared group, as `group`.
    Group,
    /// A planned change, as `change`.
    Change,
}

/// A name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameProblem {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Bytes of the expression's text.
    pub range: Range<usize>,
    /// The way out, as a full sentence.
    pub hint: Option<String>,
}

/// An attribute with what may follow it.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Text, a number, a flag.
    Simple,
    /// A complex value with these parts.
    Complex(&'static [&'static str]),
    /// A list of complex values.
    List,
    /// Anything, described by the user or the server.
    Open,
}

const NAME: &[&str] = &["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];

/// RFC 7643 sections 4.1 and 4.3, side by side, and what the file language adds.
const USER: &[(&str, Shape)] = &[
    ("active", Shape::Simple),
    ("addresses", Shape::List),
    ("costCenter", Shape::Simple),
    ("custom", Shape::Open),
    ("department", Shape::Simple),
    ("displayName", Shape::Simple),
    ("division", Shape::Simple),
    ("emails", Shape::List),
    ("employeeNumber", Shape::Simple),
    ("ends", Shape::Simple),
    ("entitlements", Shape::List),
    ("externalId", Shape::Simple),
    ("ims", Shape::List),
    ("key", Shape::Simple),
    ("locale", Shape::Simple),
    ("manager", Shape::Simple),
    ("name", Shape::Complex(NAME)),
    ("nickName", Shape::Simple),
    ("organization", Shape::Simple),
    ("phoneNumbers", Shape::List),
    ("photos", Shape::List),
    ("preferredLanguage", Shape::Simple),
    ("profileUrl", Shape::Simple),
    ("roles", Shape::List),
    ("starts", Shape::Simple),
    ("timezone", Shape::Simple),
    ("title", Shape::Simple),
    ("userName", Shape::Simple),
    ("userType", Shape::Simple),
    ("x509Certificates", Shape::List),
];

const GROUP: &[(&str, Shape)] = &[
    ("custom", Shape::Open),
    ("displayName", Shape::Simple),
    ("externalId", Shape::Simple),
    ("key", Shape::Simple),
];

const CHANGE: &[(&str, Shape)] = &[
    ("action", Shape::Simple),
    ("adopted", Shape::Simple),
    ("attributes", Shape::List),
    ("key", Shape::Simple),
    ("members", Shape::Complex(&["add", "remove"])),
    ("name", Shape::Simple),
    ("reason", Shape::Simple),
    ("resource", Shape::Simple),
];

impl Subject {
    /// The name under which expressions see it.
    pub const fn root(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Change => "change",
        }
    }

    const fn attributes(self) -> &'static [(&'static str, Shape)] {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
            Self::Change => CHANGE,
        }
    }
}

/// Names of the attributes that a subject may have, sorted.
pub fn known_attributes(subject: Subject) -> impl Iterator<Item = &'static str> {
    subject.attributes().iter().map(|(name, _)| *name)
}

/// Every name in an expression that none of these subjects has.
pub fn check_names(expression: &Expression, subjects: &[Subject]) -> Vec<NameProblem> {
    let found = expression.references().iter();
    found.filter_map(|reference| check(&reference.path, &reference.ranges, subjects)).collect()
}

fn check(path: &[String], ranges: &[Range<usize>], subjects: &[Subject]) -> Option<NameProblem> {
    let mut names = path.iter().map(String::as_str).zip(ranges);
    let (root, range) = names.next()?;
    let Some(subject) = subjects.iter().find(|subject| subject.root() == root) else {
        return Some(unknown(format!("there is no `{root}` here"), root, range, subjects.iter().map(|subject| subject.root())));
    };
    let (name, range) = names.next()?;
    let Some((_, shape)) = subject.attributes().iter().find(|(known, _)| *known == name) else {
        return Some(unknown(format!("a {root} has no attribute `{name}`"), name, range, known_attributes(*subject)));
    };
    let (part, range) = names.next()?;
    let problem = |message: String, hint: Option<String>| Some(NameProblem { message, range: range.clone(), hint });
    match shape {
        Shape::Open => None,
        Shape::Simple => problem(format!("`{root}.{name}` has no parts, so no `{part}`"), None),
        Shape::Complex(parts) if parts.contains(&part) => None,
        Shape::Complex(parts) => {
            Some(unknown(format!("`{root}.{name}` has no `{part}`"), part, range, parts.iter().copied()))
        }
        Shape::List => {
            problem(format!("`{root}.{name}` is a list, so it has no `{part}`"), Some(list_hint(*subject, name, part)))
        }
    }
}

fn list_hint(subject: Subject, name: &str, part: &str) -> String {
    let root = subject.root();
    if subject == Subject::User && part == "value" {
        format!("Write `{root}.{name} | primary` for one of it, or `{root}.{name} | values` for all.")
    } else {
        format!("Write `{root}.{name} | map(attribute=\"{part}\")` for all of them, `({root}.{name} | first).{part}` for the first.")
    }
}

fn unknown<'a>(
    message: String,
    wrong: &str,
    range: &Range<usize>,
    known: impl Iterator<Item = &'a str>,
) -> NameProblem {
    let hint = closest(wrong, known).map(|name| format!("Did you mean `{name}`?"));
    NameProblem { message, range: range.clone(), hint }
}
