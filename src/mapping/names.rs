//! The attribute names that expressions may read.

use std::ops::Range;

use super::{Context, Expression, ExpressionError};
use crate::profile::closest;
use crate::scim::{Object, Value, urn};

/// What an expression is about, which decides the names it may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A declared person, as `user`.
    User,
    /// A declared group, as `group`.
    Group,
    /// A planned change, as `change`.
    Change,
    /// A person as a target shows it, as `user`: what `protect` looks at.
    LiveUser,
    /// A group as a target shows it, as `group`.
    LiveGroup,
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

const ENTERPRISE: &[&str] = &["costCenter", "department", "division", "employeeNumber", "manager", "organization"];

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
    ("description", Shape::Simple),
    ("displayName", Shape::Simple),
    ("externalId", Shape::Simple),
    ("key", Shape::Simple),
];

const CHANGE: &[(&str, Shape)] = &[
    ("action", Shape::Simple),
    ("adopted", Shape::Simple),
    ("attributes", Shape::List),
    ("id", Shape::Simple),
    ("key", Shape::Simple),
    ("members", Shape::Complex(&["add", "remove"])),
    ("name", Shape::Simple),
    ("privileged", Shape::Simple),
    ("profile", Shape::Simple),
    ("reason", Shape::Simple),
    ("resource", Shape::Simple),
    ("target", Shape::Simple),
];

const META: &[&str] = &["resourceType", "created", "lastModified", "location", "version"];

const LIVE_USER: &[(&str, Shape)] = &[
    ("groups", Shape::List),
    ("id", Shape::Simple),
    ("manager", Shape::Complex(&["value", "displayName", "$ref"])),
    ("meta", Shape::Complex(META)),
    ("schemas", Shape::List),
];

const LIVE_GROUP: &[(&str, Shape)] = &[
    ("displayName", Shape::Simple),
    ("externalId", Shape::Simple),
    ("id", Shape::Simple),
    ("members", Shape::List),
    ("meta", Shape::Complex(META)),
    ("schemas", Shape::List),
];

impl Subject {
    /// The name under which expressions see it.
    pub const fn root(self) -> &'static str {
        match self {
            Self::User | Self::LiveUser => "user",
            Self::Group | Self::LiveGroup => "group",
            Self::Change => "change",
        }
    }

    fn attributes(self) -> impl Iterator<Item = &'static (&'static str, Shape)> {
        let of_files = |name: &str| matches!(name, "custom" | "ends" | "key" | "manager" | "starts");
        let (own, shared) = match self {
            Self::User => (USER, [].as_slice()),
            Self::Group => (GROUP, [].as_slice()),
            Self::Change => (CHANGE, [].as_slice()),
            Self::LiveUser => (LIVE_USER, USER),
            Self::LiveGroup => (LIVE_GROUP, [].as_slice()),
        };
        own.iter().chain(shared.iter().filter(move |(name, _)| !of_files(name)))
    }

    /// What may follow a name; vendors' extensions stand under their URNs.
    fn shape(self, wanted: &str) -> Option<Shape> {
        let live = matches!(self, Self::LiveUser | Self::LiveGroup);
        if live && wanted.eq_ignore_ascii_case(urn::ENTERPRISE_USER) {
            return Some(Shape::Complex(ENTERPRISE));
        }
        if live && wanted.to_ascii_lowercase().starts_with("urn:") {
            return Some(Shape::Open);
        }
        self.attributes().find(|(name, _)| *name == wanted).map(|(_, shape)| *shape)
    }

    /// One of the kind with every attribute: text, but for flags, dates and lists.
    fn sample(self) -> Value {
        let element: Object = [("value", "x"), ("type", "work"), ("display", "x"), ("path", "x")]
            .map(|(name, text)| (name, Value::from(text)))
            .into_iter()
            .collect();
        let text_object = |parts: &[&str]| parts.iter().map(|part| (*part, Value::from("x"))).collect::<Object>();
        let attributes = self.attributes().map(|(name, shape)| {
            let value = match (*name, shape) {
                ("active" | "adopted" | "privileged", _) => Value::from(true),
                ("starts" | "ends", _) => Value::from("2026-01-31"),
                ("schemas", _) => Value::from(vec![Value::from("x")]),
                (_, Shape::Simple) => Value::from("x"),
                (_, Shape::Complex(["add", "remove"])) => ["add", "remove"]
                    .map(|part| (part, Value::from(vec![Value::from("x")])))
                    .into_iter()
                    .collect::<Object>()
                    .into(),
                (_, Shape::Complex(parts)) => text_object(parts).into(),
                (_, Shape::List) => Value::from(vec![Value::from(element.clone())]),
                (_, Shape::Open) => Value::from(Object::new()),
            };
            (*name, value)
        });
        Value::from(attributes.collect::<Object>())
    }
}

/// Names of the attributes that a subject may have.
pub fn known_attributes(subject: Subject) -> impl Iterator<Item = &'static str> {
    subject.attributes().map(|(name, _)| *name)
}

/// Runs an expression over made-up subjects: one with every attribute, one with none.
///
/// # Errors
/// What no value of the right kind could do, such as `user.emails | localPart`. Texts that are no number or date are let
/// through here, since others are.
pub fn dry_run(expression: &Expression, subjects: &[Subject]) -> Result<(), ExpressionError> {
    let empty = Value::from(Object::new());
    let samples: Vec<Value> = subjects.iter().map(|subject| subject.sample()).collect();
    let run = |values: &mut dyn Iterator<Item = &Value>| {
        let mut roots = subjects.iter().map(|subject| subject.root()).zip(values);
        let Some((name, value)) = roots.next() else { return Ok(()) };
        expression.rehearse(&roots.fold(Context::of(name, value), |context, (name, value)| context.and(name, value)))
    };
    run(&mut samples.iter())?;
    run(&mut std::iter::repeat(&empty))
}

/// What an expression gives for a made-up subject with every attribute: a value of the kind that it has for others.
/// `None` where that can't be said.
pub fn sample(expression: &Expression, subject: Subject) -> Option<Value> {
    let value = subject.sample();
    expression.evaluate(&Context::of(subject.root(), &value)).ok()?
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
        return Some(unknown(
            format!("there is no `{root}` here"),
            root,
            range,
            subjects.iter().map(|subject| subject.root()),
        ));
    };
    let (name, range) = names.next()?;
    let Some(shape) = subject.shape(name) else {
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
    if subject.root() == "user" && part == "value" {
        format!("Write `{root}.{name} | primary` for one of it, or `{root}.{name} | values` for all.")
    } else {
        format!(
            "Write `{root}.{name} | map(attribute=\"{part}\")` for all of them, `({root}.{name} | first).{part}` for the first."
        )
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
