//! The golden plans as pages: whole, sound, and harmless whatever they name.

use std::collections::BTreeSet;

use scimform::plan::MemberRef;
use scimform::render::html;
use scimform::render::links::Links;

/// A page taken apart: its tags with their attributes, and its text.
struct Parsed {
    tags: Vec<(String, Vec<(String, String)>)>,
    text: String,
}

const VOID: [&str; 3] = ["meta", "input", "!DOCTYPE"];

/// Reads a page strictly: every tag closed in order, every attribute quoted or bare, nothing else between `<` and `>`.
fn parse(page: &str) -> Parsed {
    let mut parsed = Parsed { tags: Vec::new(), text: String::new() };
    let mut open: Vec<String> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        parsed.text.push_str(&plain(&rest[..start]));
        rest = &rest[start + 1..];
        if let Some(closing) = rest.strip_prefix('/') {
            let end = closing.find('>').unwrap();
            assert_eq!(open.pop().as_deref(), Some(&closing[..end]), "closed in the wrong order");
            rest = &closing[end + 1..];
            continue;
        }
        let name: String = rest.chars().take_while(|one| one.is_alphanumeric() || matches!(one, '!' | '-')).collect();
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        while !rest.starts_with('>') {
            rest = rest.strip_prefix(' ').unwrap_or_else(|| panic!("in <{name}: {}", &rest[..40.min(rest.len())]));
            let end = rest.find(['=', ' ', '>']).unwrap();
            let attribute = rest[..end].to_owned();
            rest = &rest[end..];
            let value = rest.strip_prefix("=\"").map(|quoted| {
                let end = quoted.find('"').unwrap();
                rest = &quoted[end + 1..];
                plain(&quoted[..end])
            });
            attributes.push((attribute, value.unwrap_or_default()));
        }
        rest = &rest[1..];
        if matches!(name.as_str(), "style" | "script") {
            let end = rest.find(&format!("</{name}>")).unwrap();
            rest = &rest[end + name.len() + 3..];
        } else if !VOID.contains(&name.as_str()) {
            open.push(name.clone());
        }
        parsed.tags.push((name, attributes));
    }
    parsed.text.push_str(&plain(rest));
    assert!(open.is_empty(), "left open: {open:?}");
    parsed
}

fn plain(text: &str) -> String {
    assert!(!text.contains('<') && !text.contains('>'), "a bare bracket in {text}");
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn links() -> Option<Links> {
    Links::below("https://git.acme.example/people")
}

#[test]
fn every_page_is_sound_and_loads_nothing() {
    for case in super::cases() {
        let plan = case.plan();
        let page = html::plan(&plan, "scimform plan", links().as_ref());
        assert_eq!(page, html::plan(&plan, "scimform plan", links().as_ref()), "{}", case.name);
        let parsed = parse(&page);
        let count = |name: &str| parsed.tags.iter().filter(|(tag, _)| tag == name).count();
        assert_eq!([count("script"), count("style"), count("h1"), count("main")], [1; 4], "{}", case.name);
        let mut ids = BTreeSet::new();
        let mut inside = BTreeSet::new();
        for (tag, attributes) in &parsed.tags {
            for (name, value) in attributes {
                let known =
                    ["href", "id", "class", "role", "lang", "dir", "title", "open", "hidden", "tabindex", "scope"];
                let geometry = ["x", "y", "cx", "cy", "r", "width", "height", "focusable"];
                assert!(
                    !name.starts_with("on") && !matches!(name.as_str(), "style" | "src" | "srcset"),
                    "{tag} {name}"
                );
                let other = name.starts_with("aria-") || name.starts_with("data-") || name.starts_with("pattern");
                let form = matches!(tag.as_str(), "meta" | "input" | "label" | "button" | "output" | "a" | "!DOCTYPE");
                let fine = known.contains(&name.as_str()) || geometry.contains(&name.as_str()) || other || form;
                assert!(fine, "{tag} {name}");
                match name.as_str() {
                    "id" => assert!(ids.insert(value.clone()), "{value} twice in {}", case.name),
                    "href" => match value.strip_prefix('#') {
                        Some(id) => drop(inside.insert(id.to_owned())),
                        None => assert!(value.starts_with("https://git.acme.example/people/"), "{value}"),
                    },
                    _ => {}
                }
            }
        }
        assert_eq!(inside.difference(&ids).collect::<Vec<_>>(), Vec::<&String>::new(), "{}", case.name);
    }
}

#[test]
fn a_page_holds_everything_of_its_plan() {
    for case in super::cases() {
        let plan = case.plan();
        let text = parse(&html::plan(&plan, "scimform plan", links().as_ref())).text;
        let holds = |what: &str| {
            let shown = scimform::render::escape::terminal(what);
            assert!(text.contains(&shown), "{}: no `{shown}`", case.name);
        };
        // In messages, what stands between backticks is set as code.
        let says = |message: &str| {
            holds(&if message.matches('`').count().is_multiple_of(2) {
                message.replace('`', "")
            } else {
                message.to_owned()
            });
        };
        holds(&plan.digest);
        for target in &plan.targets {
            holds(&target.name);
            target.errors.iter().for_each(|problem| says(&problem.message));
            target.notices.iter().for_each(|notice| says(&notice.message));
            target.adoptions.iter().for_each(|adoption| holds(&adoption.key));
            for violation in &target.violations {
                says(&violation.message);
                if !violation.warn {
                    says(&violation.allow);
                }
            }
            for change in target.changes.iter().chain(&target.suppressed) {
                holds(&change.key);
                says(&change.because);
                if let Some(origin) = &change.origin {
                    holds(&format!("{}:{}", origin.file, origin.line));
                }
                let names = |members: &[MemberRef]| members.iter().for_each(|member| holds(&member.name));
                names(&change.members.add);
                names(&change.members.remove);
                for attribute in change.attributes.iter().filter(|one| !one.sensitive && one.reference.is_none()) {
                    for side in [&attribute.before, &attribute.after] {
                        if let scimform::scim::Value::String(value) = side {
                            holds(&serde_json::to_string(value).unwrap());
                        }
                    }
                }
            }
        }
        plan.people.iter().for_each(|person| holds(&person.key));
    }
}

#[test]
fn no_page_holds_anything_hostile() {
    let hostile = super::cases().iter().find(|case| case.name == "hostile-names").unwrap();
    let page = html::plan(&hostile.plan(), "scimform plan", None);
    let hostile = |character: &char| {
        (character.is_control() && *character != '\n')
            || ('\u{202a}'..='\u{202e}').contains(character)
            || ('\u{200b}'..='\u{200f}').contains(character)
    };
    assert_eq!(page.chars().find(hostile), None);
    assert!(
        !page.contains("<img") && !page.contains("alert(1)</script>") && !page.contains("href=\"https"),
        "markup of others"
    );
    assert!(parse(&page).text.contains("<img src=x onerror=alert(1)>"), "the name itself is not shown");
}
