//! Profiles of the user's own: each built on the one that it extends, its paths and rows checked where they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::facts::{Said, is_header_name};
use super::{Check, mappings, rows, targets};
use crate::config::model::{self, Declared};
use crate::diag::{Code, Diagnostic};
use crate::directory::covers;
use crate::mapping::Subject;
use crate::profile::{self, Profile};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::source::Spanned;

/// The profile that is meant where none is named.
const BASE: &str = "generic";

/// Builds every declared profile. One that is wrong stands as what it extends, so that nothing else is reported for it.
pub(super) fn build(check: &mut Check<'_>) {
    let config = check.config;
    for name in config.profiles.keys() {
        for name in chain(config, name).into_iter().rev() {
            if check.profiles.contains_key(name) {
                continue;
            }
            let Some(written) = config.profiles.get(name) else { continue };
            if profile::builtin(name).is_some() {
                let message = format!("`{name}` is the name of a profile that comes with scimform");
                let hint = format!("Give yours another name; with `extends: {name}` it builds on that one.");
                check.found.push(Diagnostic::new(Code::Profile, written.key, message).hint(hint));
                continue;
            }
            if let Some(profile) = one(check, name, written) {
                check.profiles.insert(name.to_owned(), Arc::new(profile));
            }
        }
    }
}

/// A profile and those that it builds on, as far as they are declared; a cycle has been reported.
fn chain<'a>(config: &'a model::Config, name: &'a str) -> Vec<&'a str> {
    let mut chain = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = Some(name);
    while let Some(name) = next.filter(|name| config.profiles.contains_key(*name) && seen.insert(*name)) {
        chain.push(name);
        next = config.profiles.get(name).and_then(|profile| profile.extends.as_ref()).map(|base| base.value.as_str());
    }
    chain
}

fn one(check: &mut Check<'_>, name: &str, written: &Declared<model::Profile>) -> Option<Profile> {
    let base = match &written.value.extends {
        Some(base) => targets::profile_named(check, base),
        None => None,
    };
    let base = base.or_else(|| profile::builtin(BASE))?;
    if let Some(url) = &written.value.url {
        targets::address(check, name, url);
    }
    let said = Said {
        capabilities: written.value.capabilities.as_ref().map(|facts| &facts.value),
        attributes: written.value.attributes.as_ref().map(|facts| &facts.value),
    };
    let sound = said.paths(check);
    if let Some(auth) = &written.value.auth {
        header_form(check, name, auth);
    }
    let rows = written.value.mapping.as_ref().map(|mapping| rows_of(mapping, &compiled(check, mapping)));
    let profile = match base.extended(name, &facts(&written.value, sound, rows)) {
        Ok(profile) => profile,
        Err(why) => {
            let place = written.value.capabilities.as_ref().map_or(written.key, |facts| facts.span);
            let message = format!("the profile `{name}` can't be read: {why}");
            check.found.push(Diagnostic::new(Code::Profile, place, message));
            base.extended(name, &json!({})).ok()?
        }
    };
    said.judge(check, name, &profile, &base);
    for (fact, said) in written.value.confidence.iter().flatten() {
        if !profile.has_fact(fact) {
            let message = format!("the profile `{name}` has no fact `{fact}`");
            let hint = "Write its dotted name, such as `capabilities.deletion`.";
            check.found.push(Diagnostic::new(Code::Profile, said.key, message).hint(hint));
        }
    }
    if let Some(mapping) = &written.value.mapping {
        unknown(check, name, mapping, &profile);
    }
    Some(profile)
}

/// The name of a header must be one.
fn header_form(check: &mut Check<'_>, name: &str, auth: &Spanned<Json>) {
    let Some(header) = auth.value.get("header").and_then(Json::as_str) else { return };
    if !is_header_name(header) {
        let message =
            format!("the profile `{name}` logs in by a header of no possible name: `{}`", header.escape_debug());
        let diagnostic = Diagnostic::new(Code::Profile, auth.span, message)
            .hint("Write its name alone, such as `x-api-key`: letters, digits and dashes.");
        check.found.push(diagnostic);
    }
}

/// What the profile says, as a profile file says it. Attributes are left out where a path is no path.
fn facts(written: &model::Profile, sound: bool, rows: Option<Json>) -> Json {
    let mut facts = Map::new();
    let mut put = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            facts.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.value.clone().into());
    let plain = |value: &Option<Spanned<Json>>| value.as_ref().map(|value| value.value.clone());
    put("title", text(&written.title));
    put("url", text(&written.url));
    put("urlForm", text(&written.url_form));
    put("auth", plain(&written.auth));
    put("quirks", plain(&written.quirks));
    put("hints", plain(&written.hints));
    put("capabilities", written.capabilities.as_ref().map(|facts| facts.value.to_json()));
    put("attributes", written.attributes.as_ref().filter(|_| sound).map(|facts| facts.value.to_json()));
    put("mapping", rows);
    let confidence = written.confidence.as_ref();
    put(
        "confidence",
        confidence.map(|all| all.iter().map(|(fact, said)| (fact.clone(), said.value.clone())).collect()),
    );
    Json::Object(facts)
}

/// The rows that can be compiled, as a profile file says them.
fn rows_of(mapping: &model::ProfileMapping, sound: &BTreeSet<String>) -> Json {
    let row = |row: &model::Row| match row {
        model::Row::TakenOut => Json::Null,
        model::Row::Expression(expression) => expression.value.clone().into(),
        model::Row::Full(full) => {
            let mut fields = Map::new();
            let texts = [("value", &full.value), ("default", &full.default)];
            for (name, expression) in texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
                fields.insert(name.to_owned(), expression.value.clone().into());
            }
            if let Some(constant) =
                full.constant.as_ref().and_then(|constant| serde_json::to_value(&constant.value).ok())
            {
                fields.insert("const".to_owned(), constant);
            }
            if full.apply == model::Apply::OnCreate {
                fields.insert("apply".to_owned(), "onCreate".into());
            }
            Json::Object(fields)
        }
    };
    let rows = |rows: &BTreeMap<String, Declared<model::Row>>, sees: Subject| -> Json {
        let rows = rows.iter().filter(|(path, _)| sound.contains(&format!("{sees:?} {path}")));
        rows.map(|(path, written)| (path.clone(), row(&written.value))).collect()
    };
    let matched = |paths: &Option<Vec<Spanned<String>>>| -> Json {
        let paths = paths.iter().flatten().filter(|path| path.value.parse::<AttrPath>().is_ok());
        paths.map(|path| Json::from(path.value.clone())).collect()
    };
    json!({
        "user": rows(&mapping.user, Subject::User),
        "group": rows(&mapping.group, Subject::Group),
        "matchUsers": matched(&mapping.match_users),
        "matchGroups": matched(&mapping.match_groups),
    })
}

/// Paths of the rows that can be compiled; what is wrong with the others is reported.
fn compiled(check: &mut Check<'_>, written: &model::ProfileMapping) -> BTreeSet<String> {
    let mut sound = BTreeSet::new();
    for (rows, sees) in [(&written.user, Subject::User), (&written.group, Subject::Group)] {
        sound.extend(mappings::own_rows(check, rows, sees).into_iter().map(|row| format!("{sees:?} {}", row.path)));
    }
    for paths in [&written.match_users, &written.match_groups].into_iter().flatten() {
        mappings::paths(check, paths);
    }
    sound
}

/// Warns of rows that name an attribute which neither SCIM nor the profile has.
fn unknown(check: &mut Check<'_>, name: &str, written: &model::ProfileMapping, profile: &Profile) {
    let facts = &profile.attributes;
    let named = facts.aliases.values().chain(&facts.create_only).chain(&facts.resent).chain(&facts.single_valued);
    let named: Vec<&AttrPath> = named.chain(facts.rules.iter().map(|rule| &rule.path)).collect();
    for (kind, rows) in [(ResourceKind::User, &written.user), (ResourceKind::Group, &written.group)] {
        let schemas = Schemas::core(kind);
        for (text, row) in rows {
            let Ok(path) = text.parse::<AttrPath>() else { continue };
            // A vendor's own extension may hold anything.
            if !path.is_core() || schemas.attribute(&path).is_some() || named.iter().any(|known| covers(known, &path)) {
                continue;
            }
            let message = format!("`{name}` is not known to have `{path}`");
            let mut diagnostic = Diagnostic::new(Code::UnknownScimAttribute, row.key, message);
            let near = rows::core_hint(schemas, &path.attribute, &path);
            diagnostic.hint = Some(near.unwrap_or_else(|| {
                "If it is the vendor's own place of a standard attribute, say so under `attributes.aliases`.".to_owned()
            }));
            check.found.push(diagnostic);
        }
    }
}
