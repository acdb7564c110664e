//! Targets: profile and overrides, address, login.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts::Said;
use super::{Check, expressions};
use crate::config::model::{self, Declared};
use crate::diag::{Code, Diagnostic, Severity};
use crate::directory::{
    Actions, Auth, Limit, Limits, Manage, Mode, OnRemove, Places, Protect, RemoveGroups, RemoveUsers, Secret, Target,
    TargetName, is_loopback,
};
use crate::mapping::Subject;
use crate::profile::{self, AuthForm, Deletion, Profile};
use crate::scim::PerKind;
use crate::scim::path::AttrPath;
use crate::source::Spanned;

/// The targets whose profile is known.
pub(super) fn build(check: &mut Check<'_>) -> BTreeMap<TargetName, Target> {
    let config = check.config;
    let mut targets = BTreeMap::new();
    for (name, written) in &config.targets {
        if let Some(url) = &written.value.url {
            address(check, name, url);
        }
        token_address(check, name, written);
        login_header(check, name, written);
        limits(check, written);
        let profile = profile_of(check, name, written);
        check.vendors = profile.as_deref().map(|profile| vendors(check.config, profile)).unwrap_or_default();
        let protect = Protect {
            rules: PerKind {
                users: expressions::protect(check, &written.value.protect.users, Subject::LiveUser),
                groups: expressions::protect(check, &written.value.protect.groups, Subject::LiveGroup),
            },
            identity: written.value.protect.identity.clone(),
        };
        let Some(profile) = profile else { continue };
        login_form(check, name, written, &profile);
        let url = written.value.url.as_ref().map(|url| url.value.clone()).or_else(|| profile.url.clone());
        let mode = mode(written);
        lifecycle(check, name, written, &profile);
        if url.is_none() && mode != Mode::Disabled {
            let message = format!("the target `{name}` has no url, and its profile `{}` has none either", profile.name);
            let mut diagnostic = Diagnostic::new(Code::Target, written.key, message)
                .hint("Write its `url`. Until then only `--sandbox` works.");
            diagnostic.severity = Severity::Warning;
            check.found.push(diagnostic);
        }
        let target = Target {
            name: name.as_str().into(),
            origin: written.key,
            profile,
            url,
            auth: written.value.auth.as_ref().map(|auth| login(&auth.value)),
            places: places(written),
            manage: match written.value.manage.as_ref().map(|manage| manage.value) {
                Some(model::Manage::All) => Manage::All,
                Some(model::Manage::Owned) | None => Manage::Owned,
            },
            mode,
            actions: actions(written.value.actions.as_deref()),
            expires: written.value.expires,
            on_remove: on_remove(written.value.on_remove),
            limits: limits_of(written.value.limits),
            protect,
        };
        targets.insert(target.name.clone(), target);
    }
    targets
}

fn places(written: &Declared<model::Target>) -> Places {
    let token_url = match written.value.auth.as_ref().map(|auth| &auth.value) {
        Some(model::Auth::OAuth2(oauth)) => Some(oauth.token_url.span),
        _ => None,
    };
    Places { url: written.value.url.as_ref().map_or(written.key, |url| url.span), token_url }
}

fn mode(written: &Declared<model::Target>) -> Mode {
    match written.value.mode.as_ref().map(|mode| mode.value) {
        Some(model::Mode::ReadOnly) => Mode::ReadOnly,
        Some(model::Mode::Disabled) => Mode::Disabled,
        Some(model::Mode::Sync) | None => Mode::Sync,
    }
}

/// Warns of settings that work against each other.
fn lifecycle(check: &mut Check<'_>, name: &str, written: &Declared<model::Target>, profile: &Profile) {
    let (value, mut warn) = (&written.value, |place, message: String, hint: &str| {
        let mut diagnostic = Diagnostic::new(Code::Target, place, message).hint(hint);
        diagnostic.severity = Severity::Warning;
        check.found.push(diagnostic);
    });
    let allowed = actions(value.actions.as_deref());
    let listed = value.actions.as_ref().and_then(|listed| listed.first()).map_or(written.key, |first| first.span);
    if value.actions.as_ref().is_some_and(Vec::is_empty) {
        let message = format!("`actions` of `{name}` is empty, so nothing is ever done there");
        warn(written.key, message, "Write `mode: readOnly` where that is meant.");
    }
    let on_remove = value.on_remove;
    let deletes = on_remove.users == model::RemoveUsers::Delete || on_remove.groups == model::RemoveGroups::Delete;
    if deletes && !allowed.delete {
        let message = format!("`onRemove` of `{name}` deletes, and `actions` does not hold `delete`");
        warn(listed, message, "Whoever is no longer declared keeps the account: add `delete`, or deactivate instead.");
    }
    if allowed.delete && written.value.mode.as_ref().is_none_or(|mode| mode.value == model::Mode::Sync) {
        let sets = match on_remove.delete_after {
            _ if on_remove.users == model::RemoveUsers::Delete => Some("onRemove: { users: delete }".to_owned()),
            Some(days) if on_remove.users == model::RemoveUsers::Deactivate => {
                Some(format!("onRemove: {{ deleteAfter: {days} }}"))
            }
            _ => None,
        };
        if let Some((message, hint)) = sets.and_then(|setting| deletion(&setting, name, profile)) {
            warn(written.key, message, hint);
        }
    }
    let Some(days) = on_remove.delete_after else { return };
    let setting = format!("`onRemove.deleteAfter: {days}` of `{name}`");
    if on_remove.users != model::RemoveUsers::Deactivate {
        let message = format!("{setting} does nothing, for nobody is deactivated first");
        warn(written.key, message, "Take it out, or write `users: deactivate` beside it.");
    } else if matches!(profile.capabilities.deletion, Deletion::None | Deletion::Deactivates) {
        let message = format!("{setting} does nothing, for the target deletes nobody");
        warn(written.key, message, "Take it out.");
    } else if !allowed.delete {
        let message = format!("{setting} does nothing, for `actions` does not hold `delete`");
        warn(listed, message, "Add `delete`, or take `deleteAfter` out.");
    }
}

/// What is to be known before a setting deletes people.
fn deletion(setting: &str, name: &str, profile: &Profile) -> Option<(String, &'static str)> {
    let keep = "Deactivate instead (`users: deactivate`, without `deleteAfter`), which can be taken back.";
    match profile.capabilities.deletion {
        Deletion::Irreversible => Some((
            format!("`{setting}` at `{name}` can't be taken back: the account and its name are gone for ever"),
            keep,
        )),
        Deletion::Hard | Deletion::Deactivates if !profile.is_verified("capabilities.deletion") => Some((
            format!("`{setting}` deletes at `{name}`, and what DELETE does there is not verified"),
            "Try it with an account that may be lost, and write what it does: `capabilities: { deletion: hard }`, `deactivates` or `irreversible`.",
        )),
        _ => None,
    }
}

/// Attributes at the top of live resources that the profile or a declared mapping names.
fn vendors(config: &model::Config, profile: &Profile) -> BTreeSet<String> {
    let rows = config.mappings.values().flat_map(|mapping| mapping.value.user.keys().chain(mapping.value.group.keys()));
    let attributes = &profile.attributes;
    let rows = rows.chain(profile.mapping.user.keys()).chain(profile.mapping.group.keys());
    let lists = [&attributes.server_owned, &attributes.create_only, &attributes.derived, &attributes.ignored];
    let named = attributes.aliases.values().chain(lists.into_iter().flatten()).cloned();
    let paths = rows.filter_map(|path| path.parse::<AttrPath>().ok()).chain(named);
    paths.filter(AttrPath::is_core).map(|path| path.attribute).collect()
}

fn profile_of(check: &mut Check<'_>, target: &str, written: &Declared<model::Target>) -> Option<Arc<Profile>> {
    let name = written.value.profile.as_ref()?;
    let known = profile_named(check, name)?;
    let Some(overrides) = &written.value.capabilities else { return Some(known) };
    let said = Said {
        capabilities: Some(&overrides.value),
        attributes: overrides.value.get("attributes").map(|all| &all.value),
    };
    if !said.paths(check) {
        return Some(known);
    }
    match known.with_capabilities(&overrides.value.to_json()) {
        Ok(profile) => {
            said.judge(check, target, &profile, &known);
            Some(Arc::new(profile))
        }
        Err(why) => {
            let message = format!("the profile `{}` can't be changed so: {why}", name.value);
            check.found.push(Diagnostic::new(Code::Profile, overrides.span, message));
            Some(known)
        }
    }
}

/// The profile of a name; one that does not exist is reported, unless it may stand in a file that could not be read.
pub(super) fn profile_named(check: &mut Check<'_>, name: &Spanned<String>) -> Option<Arc<Profile>> {
    let known = check.profile(&name.value);
    if known.is_none() && !check.config.incomplete && !check.config.profiles.contains_key(&name.value) {
        let message = format!("there is no profile `{}`", name.value);
        let hint = profile::closest(&name.value, check.profile_names()).map_or_else(
            || "Take `generic` for a server that has no profile, or declare one under `profiles`.".to_owned(),
            |near| format!("Did you mean `{near}`?"),
        );
        check.found.push(Diagnostic::new(Code::Profile, name.span, message).hint(hint));
    }
    known
}

/// The address must be one that a credential can be sent to.
pub(super) fn address(check: &mut Check<'_>, name: &str, text: &Spanned<String>) {
    // What can't be read as an address may hold a login all the same.
    let secret = text.value.contains('@') || text.value.contains('?');
    let mut report = |severity, message: String, hint: &str| {
        let mut diagnostic = Diagnostic::new(Code::Target, text.span, message).hint(hint);
        diagnostic.severity = severity;
        if secret {
            diagnostic = diagnostic.hide(text.span);
        }
        check.found.push(diagnostic);
    };
    let url = match url::Url::parse(&text.value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
        Ok(_) => {
            return report(
                Severity::Error,
                format!("the url of `{name}` is not of the web"),
                "Write one with `https://` and a host.",
            );
        }
        Err(why) => {
            return report(
                Severity::Error,
                format!("the url of `{name}` can't be read: {why}"),
                "Write the SCIM base URL, without `/Users`.",
            );
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        report(
            Severity::Error,
            format!("the url of `{name}` holds a login"),
            "Take it out and write `auth`, which names where the secret comes from.",
        );
    }
    if url.query_pairs().any(|(name, value)| is_secret(&name, &value)) {
        report(
            Severity::Error,
            format!("the url of `{name}` holds a secret in its query"),
            "Take it out and write `auth`, which names where the secret comes from.",
        );
    }
    if url.fragment().is_some() {
        report(Severity::Error, format!("the url of `{name}` has a part after `#`"), "Take it out: it is never sent.");
    }
    let last = url.path_segments().and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    if last.is_some_and(|last| matches!(last, "Users" | "Groups")) {
        report(
            Severity::Error,
            format!("the url of `{name}` is of its resources"),
            "Write the base URL, without `/Users` or `/Groups`.",
        );
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        report(
            Severity::Warning,
            format!("the url of `{name}` is not encrypted"),
            "Write `https://`: over `http://` everyone on the way reads the token.",
        );
    }
}

/// Whether a part of a query looks like a credential: by its name, or since it is long and no word.
fn is_secret(name: &str, value: &str) -> bool {
    const NAMES: &[&str] = &["token", "secret", "password", "passwd", "pwd", "auth", "credential", "sig", "key"];
    let name = name.to_ascii_lowercase();
    let opaque =
        value.len() >= 20 && value.chars().any(|c| c.is_ascii_digit()) && value.chars().any(char::is_alphabetic);
    !value.is_empty() && (NAMES.iter().any(|part| name.contains(part)) || opaque)
}

/// The token endpoint holds no login either.
fn token_address(check: &mut Check<'_>, name: &str, written: &Declared<model::Target>) {
    let Some(model::Auth::OAuth2(oauth)) = written.value.auth.as_ref().map(|auth| &auth.value) else { return };
    let Ok(url) = url::Url::parse(&oauth.token_url.value) else { return };
    let login = !url.username().is_empty() || url.password().is_some();
    if login || url.query_pairs().any(|(name, value)| is_secret(&name, &value)) {
        let place = oauth.token_url.span;
        let diagnostic = Diagnostic::new(Code::Target, place, format!("the tokenUrl of `{name}` holds a secret"))
            .hint("Take it out: `clientSecret` names where the secret comes from.")
            .hide(place);
        check.found.push(diagnostic);
    }
}

/// Headers that say where a request goes and where it ends.
const OF_THE_REQUEST: &[&str] =
    &["host", "connection", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"];

/// A secret in such a header would lead the request to another server behind the same address, or break it.
fn login_header(check: &mut Check<'_>, name: &str, written: &Declared<model::Target>) {
    let Some(model::Auth::Header(header)) = written.value.auth.as_ref().map(|auth| &auth.value) else { return };
    let own = &header.name;
    if OF_THE_REQUEST.iter().any(|taken| own.value.eq_ignore_ascii_case(taken)) {
        let message = format!("`{name}` can't log in with the header `{}`, which is part of every request", own.value);
        let hint = "Write the header that the vendor takes its key from, such as `x-api-key`.";
        check.found.push(Diagnostic::new(Code::Target, own.span, message).hint(hint));
    }
}

/// A vendor with a header of its own takes the key nowhere else.
fn login_form(check: &mut Check<'_>, name: &str, written: &Declared<model::Target>, profile: &Profile) {
    let (AuthForm::Header(wanted), Some(auth)) = (&profile.auth, &written.value.auth) else { return };
    if matches!(&auth.value, model::Auth::Header(header) if header.name.value.eq_ignore_ascii_case(wanted)) {
        return;
    }
    let message = format!("{} wants its key in the header `{wanted}`, and `{name}` logs in another way", profile.title);
    let hint = format!("Write `auth: {{ header: {{ name: {wanted}, value: {{ env: … }} }} }}`.");
    let mut diagnostic = Diagnostic::new(Code::Target, auth.span, message).hint(hint);
    diagnostic.severity = Severity::Warning;
    check.found.push(diagnostic);
}

fn limits(check: &mut Check<'_>, written: &Declared<model::Target>) {
    let limits = written.value.limits;
    let all = [limits.removals, limits.creates, limits.updates, limits.renames, limits.member_removals];
    let wrong =
        all.into_iter().flatten().filter_map(|limit| limit.percent).find(|percent| !(0.0..=100.0).contains(percent));
    if let Some(percent) = wrong {
        let message = format!("a limit of {percent} percent is not between 0 and 100");
        check.found.push(Diagnostic::new(Code::Schema, written.key, message));
    }
}

fn login(auth: &model::Auth) -> Auth {
    match auth {
        model::Auth::Bearer(token) => Auth::Bearer(secret(token)),
        model::Auth::Header(header) => Auth::Header { name: header.name.value.clone(), value: secret(&header.value) },
        model::Auth::Basic(basic) => {
            Auth::Basic { username: basic.username.value.clone(), password: secret(&basic.password) }
        }
        model::Auth::OAuth2(oauth) => Auth::OAuth2 {
            token_url: oauth.token_url.value.clone(),
            client_id: oauth.client_id.value.clone(),
            client_secret: secret(&oauth.client_secret),
            scopes: oauth.scopes.iter().map(|scope| scope.value.clone()).collect(),
        },
    }
}

/// The place of a secret as written.
pub(super) fn secret(written: &Spanned<model::Secret>) -> Secret {
    match &written.value {
        model::Secret::Env(name) => Secret::Env(name.value.clone()),
        model::Secret::File(path) => Secret::File(path.value.clone()),
        model::Secret::Command(words) => Secret::Command(words.iter().map(|word| word.value.clone()).collect()),
    }
}

/// What is listed; everything where nothing is.
fn actions(written: Option<&[Spanned<model::Action>]>) -> Actions {
    let Some(listed) = written else { return Actions::default() };
    let allowed = |action| listed.iter().any(|one| one.value == action);
    Actions {
        create: allowed(model::Action::Create),
        update: allowed(model::Action::Update),
        deactivate: allowed(model::Action::Deactivate),
        delete: allowed(model::Action::Delete),
    }
}

fn on_remove(written: model::OnRemove) -> OnRemove {
    OnRemove {
        users: match written.users {
            model::RemoveUsers::Deactivate => RemoveUsers::Deactivate,
            model::RemoveUsers::Delete => RemoveUsers::Delete,
            model::RemoveUsers::Ignore => RemoveUsers::Ignore,
        },
        groups: match written.groups {
            model::RemoveGroups::Empty => RemoveGroups::Empty,
            model::RemoveGroups::Delete => RemoveGroups::Delete,
            model::RemoveGroups::Ignore => RemoveGroups::Ignore,
        },
        delete_after: written.delete_after,
    }
}

fn limits_of(written: model::Limits) -> Limits {
    let limit = |limit: Option<model::Limit>| limit.map(|limit| Limit { count: limit.count, percent: limit.percent });
    Limits {
        removals: limit(written.removals),
        creates: limit(written.creates),
        updates: limit(written.updates),
        renames: limit(written.renames),
        member_removals: limit(written.member_removals),
    }
}
