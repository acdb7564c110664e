//! Filters and tests of the expression language, listed once: the tables here are what the checks, the documentation and
//! the engine go by.

mod dates;
mod numbers;
mod people;
mod text;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::convert::wrong;

pub(super) use text::text_of;
pub use text::to_ascii;

/// A filter or a test.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// An expression that shows it, over the person of the documentation.
    pub example: &'static str,
    /// The result of the example as JSON; empty for undefined.
    pub result: &'static str,
    /// Least and most arguments.
    pub(super) arguments: (usize, usize),
}

const fn named(
    usage: &'static str,
    arguments: (usize, usize),
    about: &'static str,
    example: &'static str,
    result: &'static str,
) -> Named {
    let (name, _) = match find(usage.as_bytes(), b'(') {
        Some(at) => usage.split_at(at),
        None => (usage, ""),
    };
    Named { name, usage, about, example, result, arguments }
}

const fn find(text: &[u8], wanted: u8) -> Option<usize> {
    let mut rest = text;
    let mut at = 0;
    while let [first, tail @ ..] = rest {
        if *first == wanted {
            return Some(at);
        }
        rest = tail;
        at += 1;
    }
    None
}

/// Every filter, in the order of the documentation.
#[rustfmt::skip]
pub const FILTERS: &[Named] = &[
    // Values of multi-valued attributes.
    named("primary", (0, 0), "The value marked `primary`, else the first one.",
        "user.emails | primary", r#""ada@acme.example""#),
    named("ofType(type)", (1, 1), "The value of that type (the primary one if there are several); case does not matter.",
        r#"user.phoneNumbers | ofType("mobile")"#, r#""+44 20 7946 0018""#),
    named("values", (0, 0), "The values alone, as a list.",
        "user.emails | values", r#"["ada@acme.example","ada@home.example"]"#),
    // Text.
    named("localPart", (0, 0), "What stands before the last `@`; the whole text if there is none.",
        "user.userName | localPart", r#""ada""#),
    named("domain", (0, 0), "What stands after the last `@`; undefined if there is none.",
        "user.userName | domain", r#""acme.example""#),
    named("ascii", (0, 0), "Latin letters without their marks (`ü` is `u`, `ß` is `ss`, `ø` is `o`); other signs that ASCII lacks are left out. Undefined if nothing is left.",
        r#""Zoë Müßig" | ascii"#, r#""Zoe Mussig""#),
    named("slug(separator)", (0, 1), "`ascii` in lower case, everything but letters and digits turned into the separator (`-` if none is given). Undefined if nothing is left.",
        r#"user.name.formatted | slug(".")"#, r#""ada.lovelace""#),
    named("digits", (0, 0), "The digits alone. Undefined if there are none.",
        r#""ext. 10-42" | digits"#, r#""1042""#),
    named("e164", (0, 0), "A telephone number without spaces, dots, dashes, brackets and `tel:`. A country code is never made up; what is no number stays as it is.",
        r#"user.phoneNumbers | ofType("work") | e164"#, r#""+442079460000""#),
    named("lower", (0, 0), "In lower case.", "user.title | lower", r#""principal engineer""#),
    named("upper", (0, 0), "In upper case.", "user.title | upper", r#""PRINCIPAL ENGINEER""#),
    named("title", (0, 0), "Every word with a capital.", r#""ada lovelace" | title"#, r#""Ada Lovelace""#),
    named("capitalize", (0, 0), "The first letter in upper case, the others in lower case.", r#""ADA" | capitalize"#, r#""Ada""#),
    named("trim(characters)", (0, 1), "Without white space, or these characters, at both ends.", r#""  Ada " | trim"#, r#""Ada""#),
    named("replace(from, to)", (2, 2), "Every `from` replaced.", r#"user.userName | replace("@acme.", "@corp.")"#, r#""ada@corp.example""#),
    named("truncate(length)", (1, 1), "The first characters, at most that many.", "user.title | truncate(9)", r#""Principal""#),
    named("split(separator, limit)", (0, 2), "The parts of a text, as a list.", r#"user.userName | split("@")"#, r#"["ada","acme.example"]"#),
    named("startsWith(text)", (1, 1), "Whether it starts so; case matters.", r#"user.title | startsWith("Principal")"#, "true"),
    named("endsWith(text)", (1, 1), "Whether it ends so; case matters.", r#"user.emails | primary | endsWith("@acme.example")"#, "true"),
    named("contains(part)", (1, 1), "Whether a text holds this text, or a list this element; case matters.", r#"user.title | contains("Engineer")"#, "true"),
    named("date(format)", (0, 1), "The day of a date or date-time as written, in a strftime format (`%Y-%m-%d` if none is given).", r#"user.starts | date("%d.%m.%Y")"#, r#""01.12.2026""#),
    named("string", (0, 0), "As text.", "42 | string", r#""42""#),
    named("int", (0, 0), "As an integer.", "user.employeeNumber | int", "1042"),
    named("float", (0, 0), "As a decimal number.", r#""1.5" | float"#, "1.5"),
    named("bool", (0, 0), "As true or false.", "user.title | bool", "true"),
    named("round(places)", (0, 1), "Rounded.", "2.6 | round", "3.0"),
    named("abs", (0, 0), "Without its sign.", "(0 - 3) | abs", "3"),
    // Lists.
    named("first", (0, 0), "The first element, or the first character.", "[user.nickName, user.name.givenName] | select | first", r#""Ada""#),
    named("last", (0, 0), "The last element, or the last character.", r#"user.userName | split("@") | last"#, r#""acme.example""#),
    named("length", (0, 0), "How many elements or characters.", "user.emails | length", "2"),
    named("join(separator)", (0, 1), "The elements as one text; undefined if one of them is.", r#"[user.name.givenName, user.name.familyName] | join(" ")"#, r#""Ada Lovelace""#),
    named("map(filter | attribute=name)", (1, 4), "Every element through a filter, or one attribute of each.", r#"user.emails | map(attribute="type")"#, r#"["work","home"]"#),
    named("select(test)", (0, 4), "The elements that pass the test; those that are defined and not empty if none is given.", "[user.nickName, user.title] | select", r#"["Principal Engineer"]"#),
    named("reject(test)", (0, 4), "The elements that do not pass the test.", r#"["a", "b"] | reject("eq", "a")"#, r#"["b"]"#),
    named("selectattr(attribute, test, value)", (1, 4), "The elements with such an attribute.", r#"user.emails | selectattr("type", "eq", "work") | values"#, r#"["ada@acme.example"]"#),
    named("rejectattr(attribute, test, value)", (1, 4), "The elements without such an attribute.", r#"user.emails | rejectattr("type", "eq", "work") | values"#, r#"["ada@home.example"]"#),
    named("sort", (0, 3), "In order.", r#"["b", "a"] | sort"#, r#"["a","b"]"#),
    named("unique", (0, 2), "Every element once.", r#"["a", "a"] | unique"#, r#"["a"]"#),
    named("reverse", (0, 0), "From the last to the first.", r#"["a", "b"] | reverse"#, r#"["b","a"]"#),
    named("min", (0, 1), "The smallest.", "[2, 1] | min", "1"),
    named("max", (0, 1), "The largest.", "[2, 1] | max", "2"),
    named("sum", (0, 0), "All added.", "[2, 1] | sum", "3"),
    // Undefined.
    named("default(value)", (1, 2), "This value where the other is undefined; with `true` as second argument also where it is empty.",
        "user.nickName | default(user.name.givenName)", r#""Ada""#),
];

/// Every test (`is …`), in the order of the documentation.
#[rustfmt::skip]
pub const TESTS: &[Named] = &[
    named("defined", (0, 0), "Whether it is declared.", "user.title is defined", "true"),
    named("undefined", (0, 0), "Whether it is not declared.", "user.nickName is undefined", "true"),
    named("none", (0, 0), "Whether it is declared as `null`.", "user.timezone is none", "true"),
    named("true", (0, 0), "Whether it is `true` itself.", "user.active is true", "false"),
    named("false", (0, 0), "Whether it is `false` itself.", "user.active is false", "true"),
    named("boolean", (0, 0), "Whether it is true or false.", "user.title is boolean", "false"),
    named("string", (0, 0), "Whether it is text.", "user.title is string", "true"),
    named("number", (0, 0), "Whether it is a number.", "user.title is number", "false"),
    named("integer", (0, 0), "Whether it is an integer.", "user.title is integer", "false"),
    named("float", (0, 0), "Whether it is a decimal number.", "1.5 is float", "true"),
    named("sequence", (0, 0), "Whether it is a list.", "user.emails is sequence", "true"),
    named("mapping", (0, 0), "Whether it is a complex value.", "user.name is mapping", "true"),
    named("lower", (0, 0), "Whether it is in lower case.", "user.userName is lower", "true"),
    named("upper", (0, 0), "Whether it is in upper case.", "user.userName is upper", "false"),
    named("odd", (0, 0), "Whether it is odd.", "3 is odd", "true"),
    named("even", (0, 0), "Whether it is even.", "3 is even", "false"),
    named("divisibleby(number)", (1, 1), "Whether it can be divided without a rest.", "6 is divisibleby(3)", "true"),
    named("startingwith(text)", (1, 1), "Whether it starts so.", r#"user.title is startingwith("Principal")"#, "true"),
    named("endingwith(text)", (1, 1), "Whether it ends so.", r#"user.title is endingwith("Engineer")"#, "true"),
    named("in(list)", (1, 1), "Whether it lies in the list.", r#"user.department is in(["Engineering", "Design"])"#, "true"),
    named("eq(value)", (1, 1), "Whether it is the same.", "1 is eq(1)", "true"),
    named("ne(value)", (1, 1), "Whether it is different.", "1 is ne(1)", "false"),
    named("lt(value)", (1, 1), "Whether it is less.", "1 is lt(2)", "true"),
    named("le(value)", (1, 1), "Whether it is less or the same.", "1 is le(1)", "true"),
    named("gt(value)", (1, 1), "Whether it is more.", "1 is gt(2)", "false"),
    named("ge(value)", (1, 1), "Whether it is more or the same.", "1 is ge(1)", "true"),
];

/// Adds our filters to the engine's own.
pub(super) fn install(environment: &mut Environment<'static>) {
    environment.add_filter("primary", people::primary);
    environment.add_filter("ofType", people::of_type);
    environment.add_filter("values", people::values);
    environment.add_filter("localPart", text::local_part);
    environment.add_filter("domain", text::domain);
    environment.add_filter("ascii", text::ascii);
    environment.add_filter("slug", text::slug);
    environment.add_filter("digits", text::digits);
    environment.add_filter("e164", text::e164);
    environment.add_filter("truncate", text::truncate);
    environment.add_filter("startsWith", text::starts_with);
    environment.add_filter("endsWith", text::ends_with);
    environment.add_filter("contains", text::contains);
    environment.add_filter("string", text::string);
    environment.add_filter("join", text::join);
    environment.add_filter("lower", text::lower);
    environment.add_filter("upper", text::upper);
    environment.add_filter("date", dates::date);
    environment.add_filter("int", numbers::int);
    environment.add_filter("float", numbers::float);
}

/// Whether a filter itself decides what undefined means.
pub(super) fn sees_undefined(name: &str) -> bool {
    name == "default"
}

/// Whether a filter or test takes arguments with names.
pub(super) fn takes_names(name: &str) -> bool {
    matches!(name, "map" | "sort" | "unique")
}

/// Which argument of a filter is the name of a filter or test, and the table that it is in.
pub(super) fn names_another(name: &str) -> Option<(usize, &'static [Named], &'static str)> {
    match name {
        "map" => Some((0, FILTERS, "filter")),
        "select" | "reject" => Some((0, TESTS, "test")),
        "selectattr" | "rejectattr" => Some((1, TESTS, "test")),
        _ => None,
    }
}

/// Whether a filter makes one value of all elements, so that one undefined element makes the whole undefined.
pub(super) fn reads_all(name: &str) -> bool {
    matches!(name, "join" | "sum" | "min" | "max" | "sort")
}

/// Refuses what the engine's own filters would turn into text in a form that no one wants.
pub(super) fn check_input(name: &str, value: &Value) -> Result<(), Error> {
    if matches!(name, "title" | "capitalize" | "trim" | "replace" | "split") {
        text_for(value, name)?;
    }
    Ok(())
}

/// What a value is, in words.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "something undefined",
        ValueKind::None => "`none`",
        ValueKind::Bool => "true or false",
        ValueKind::Number => "a number",
        ValueKind::String => "text",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a complex value",
        _ => "something else",
    }
}

/// The text that a filter works on.
fn text_for<'a>(value: &'a Value, filter: &str) -> Result<&'a str, Error> {
    value.as_str().ok_or_else(|| {
        let hint = match value.kind() {
            ValueKind::Seq | ValueKind::Iterable => "; take one of it first with `primary` or `first`",
            ValueKind::Map => "; name one of its attributes",
            ValueKind::Number | ValueKind::Bool => "; apply `string` first",
            _ => "",
        };
        wrong(format!("`{filter}` works on text, not on {}{hint}", kind_of(value)))
    })
}
