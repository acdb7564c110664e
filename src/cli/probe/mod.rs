//! `probe`: tests the connection to one target and learns what it can do. It only reads unless `--write` is given.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::{ProbeFormat, ProbeOptions, Scope};
use super::context::Context;
use super::error::{CommandError, Exit, Outcome, json};
use super::load::engine;
use super::review;
use super::signals::{asked_to_end, runtime};
use crate::apply::Cancel;
use crate::directory::{Auth, Directory, Mode, Secret, Target, TargetName};
use crate::engine::{Engine, Keeping, Sandboxes};
use crate::live::disagreement::{doubts, facts};
use crate::mapping::{Mapping, default_mapping};
use crate::probe::{self, Expiry, InForce, Lesson, Outcome as Seen, Probe, look};
use crate::profile::{AuthForm, Deletion, Profile};
use crate::render;
use crate::target::Connection;
use crate::target::secret::source_name;

pub(super) fn run(context: &Context, options: &ProbeOptions) -> Outcome {
    let scope = Scope { targets: vec![options.target.clone()], sandbox: options.sandbox, ..Scope::default() };
    let engine = engine(context, &scope)?;
    let target = chosen(&engine)?;
    let mut probe = described(target, options.sandbox, engine.as_of);
    let mark = format!("scimform-probe-{}", random());
    if options.write {
        may_write(target)?;
        if !options.auto_approve && !approved(context, target, &mark)? {
            context.say("Nothing was changed.");
            return Ok(Exit::Error);
        }
    }
    let name = target.name.clone();
    runtime()?.block_on(engine.session(context, Keeping::Nothing, async |session, sandboxes| {
        test(session.engine, sandboxes, &name, (&mark, options.write), &mut probe).await
    }))?;
    if let Some(why) = probe.reason.as_mut().filter(|why| why.is_empty()) {
        "it can't be used as it is".clone_into(why);
    }
    let text = match options.format {
        ProbeFormat::Human => render::probe::human(&probe, &context.look()),
        ProbeFormat::Json => json(&probe)?,
    };
    context.print(&text)?;
    Ok(if probe.usable { Exit::Done } else { Exit::Error })
}

fn chosen(engine: &Engine) -> Result<&Target, CommandError> {
    let targets = engine.scope.targets(&engine.directory)?;
    targets.into_iter().next().ok_or_else(|| CommandError::usage("name the target to test"))
}

/// Text that nobody's name holds by chance.
fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect()
}

/// All that is known without asking the server.
fn described(target: &Target, sandbox: bool, today: jiff::civil::Date) -> Probe {
    let profile = &target.profile;
    let expires = target.expires.as_ref().map(|last| Expiry {
        date: last.value.to_string(),
        days: today.until(last.value).map_or(0, |span| span.get_days()),
    });
    Probe {
        format: probe::FORMAT,
        target: target.name.to_string(),
        profile: profile.name.clone(),
        title: profile.title.clone(),
        sandbox,
        expires,
        unverified: probe::unverified(profile),
        quirks: profile.quirks.clone(),
        ..Probe::default()
    }
}

/// A mapping, and the bindings that use it.
type Bound = (Arc<Mapping>, Vec<String>);

/// The mappings by which people get to the target, each with its bindings.
fn in_force(directory: &Directory, target: &Target) -> Result<Vec<Bound>, String> {
    let mut found: BTreeMap<String, Bound> = BTreeMap::new();
    for binding in directory.bindings.values().filter(|binding| binding.target == target.name) {
        let name = binding.mapping.name.clone();
        let known = found.entry(name).or_insert_with(|| (binding.mapping.clone(), Vec::new()));
        known.1.push(binding.name.to_string());
    }
    if found.is_empty() {
        let mapping = Arc::new(default_mapping(&target.profile)?);
        found.insert(mapping.name.clone(), (mapping, Vec::new()));
    }
    Ok(found.into_values().collect())
}

async fn test(
    engine: &Engine,
    sandboxes: &Sandboxes,
    name: &TargetName,
    (mark, write): (&str, bool),
    probe: &mut Probe,
) -> Result<(), CommandError> {
    let Some(target) = engine.directory.targets.get(name) else { return Ok(()) };
    let profile = target.profile.clone();
    let mappings = in_force(&engine.directory, target).map_err(CommandError::new)?;
    probe.mappings = mappings.iter().map(|(mapping, bindings)| InForce::new(mapping, bindings.clone())).collect();
    if let Some(connection) = open(engine, target, sandboxes, probe) {
        let seen = look(&connection.reader(), &profile, mark, probe).await;
        probe.facts = facts(&profile, &seen.discovery);
        probe.doubts = mappings.iter().flat_map(|(mapping, _)| doubts(mapping, &seen.schemas)).collect();
        probe.doubts.sort();
        probe.doubts.dedup();
        probe.usable = seen.usable;
        if !write {
            probe::doubted(&profile, probe);
        }
        if write && seen.usable {
            let (target, profile, discovery) = (name, &profile, &seen.discovery);
            let as_of = engine.as_of;
            let directory = engine.directory.clone();
            let plain = plain_json(engine, name, sandboxes);
            let others = plain.clone();
            let cancel = cancelled_by_signal();
            let lesson = Lesson { directory, target, profile, discovery, mark, plain, as_of, cancel };
            probe::learn(lesson, &connection, probe).await;
            probe.requests = others.map_or(0, |others| others.requests());
        } else if write {
            probe.tried("write", Seen::Left, "not tried, since the target can't be read");
        }
        probe.requests += connection.requests();
    }
    Ok(())
}

/// The same target, for servers that refuse the media type of SCIM. Nothing is sent by opening it.
fn plain_json(engine: &Engine, name: &TargetName, sandboxes: &Sandboxes) -> Option<Connection> {
    let mut target = engine.directory.targets.get(name)?.clone();
    let plain = serde_json::json!({ "contentType": "application/json" });
    target.profile = Arc::new(target.profile.with_capabilities(&plain).ok()?);
    engine.connect(&target, sandboxes).ok()
}

/// Ends the trials where the end is asked for; what was made is removed all the same.
fn cancelled_by_signal() -> Cancel {
    let cancel = Cancel::default();
    let asked = cancel.clone();
    tokio::spawn(async move {
        if asked_to_end().await.is_ok() {
            asked.cancel();
        }
    });
    cancel
}

/// Finds the secret and the address; says what is missing.
fn open(engine: &Engine, target: &Target, sandboxes: &Sandboxes, probe: &mut Probe) -> Option<Connection> {
    let connection = engine.connect(target, sandboxes);
    let login = if probe.sandbox { "none, the embedded server asks for none".to_owned() } else { login(target) };
    match &connection {
        Err(error) if error.kind() == crate::target::ErrorKind::Secret => {
            return failed(probe, "secret", error.to_string(), error.hint().map(str::to_owned));
        }
        _ if target.auth.is_none() && !probe.sandbox => {
            probe.tried("secret", Seen::Odd, "no `auth` is declared, so requests carry no login");
        }
        _ => probe.tried("secret", Seen::Good, login),
    }
    if let Some(wants) = other_form(target).filter(|_| !probe.sandbox) {
        probe.tried("login", Seen::Odd, wants);
    }
    match (&target.url, probe.sandbox) {
        (_, true) => probe.tried("base URL", Seen::Good, "of the embedded server"),
        (None, false) => {
            let form = target.profile.url_form.as_ref();
            let hint = form.map_or_else(
                || "Write its `url`; `--sandbox` tests against the embedded server.".to_owned(),
                |form| format!("Write its `url`, of the form {form}; `--sandbox` tests against the embedded server."),
            );
            return failed(probe, "base URL", "the target has no `url`".to_owned(), Some(hint));
        }
        (Some(_), false) => {}
    }
    match connection {
        Ok(connection) => {
            if !probe.sandbox {
                probe.tried("base URL", Seen::Good, connection.shown_url());
            }
            Some(connection)
        }
        Err(error) => failed(probe, "base URL", error.to_string(), error.hint().map(str::to_owned)),
    }
}

fn failed<T>(probe: &mut Probe, step: &str, why: String, hint: Option<String>) -> Option<T> {
    probe.tried(step, Seen::Bad, why.clone());
    (probe.reason, probe.hint) = (Some(why), hint);
    None
}

/// Where the secret comes from and how it is sent; never the secret.
fn login(target: &Target) -> String {
    let from = |secret: &Secret| source_name(secret);
    match &target.auth {
        None => String::new(),
        Some(Auth::Bearer(secret)) => format!("{}, sent as a bearer token", from(secret)),
        Some(Auth::Header { name, value }) => format!("{}, sent in the header `{name}`", from(value)),
        Some(Auth::Basic { username, password }) => {
            format!("{}, the password of `{username}`", from(password))
        }
        Some(Auth::OAuth2 { client_secret, client_id, .. }) => {
            format!("{}, the client secret of `{client_id}` (OAuth 2.0)", from(client_secret))
        }
    }
}

/// What the vendor wants where another form of login is declared.
fn other_form(target: &Target) -> Option<String> {
    let wanted = match (&target.profile.auth, target.auth.as_ref()?) {
        (AuthForm::Header(wanted), Auth::Header { name, .. }) if wanted.eq_ignore_ascii_case(name) => return None,
        (AuthForm::Header(wanted), _) => format!("the header `{wanted}`"),
        (AuthForm::Basic, Auth::Bearer(_) | Auth::Header { .. }) => "a user name and a password".to_owned(),
        _ => return None,
    };
    Some(format!("{} takes {wanted}, and another form is declared under `auth`", target.profile.title))
}

/// A target that is not to be written to is not, for a test either.
fn may_write(target: &Target) -> Result<(), CommandError> {
    if target.mode != Mode::Sync {
        return Err(CommandError::refused(format!("`{}` is not to be written to, as its `mode` says", target.name))
            .hint("Leave `--write` out."));
    }
    if !target.actions.create {
        return Err(CommandError::refused(format!(
            "nothing may be created at `{}`, as its `actions` say",
            target.name
        ))
        .hint("Leave `--write` out."));
    }
    Ok(())
}

fn approved(context: &Context, target: &Target, mark: &str) -> Result<bool, CommandError> {
    if !context.interactive {
        return Err(CommandError::usage("nobody can be asked here, since this is not a terminal")
            .hint("Give `--auto-approve` to write without being asked."));
    }
    context.say(&format!(
        "This makes users and groups named `{mark}-…` at `{}`, changes them in every way that a plan would, and removes \
         them. Nobody else is written to. {}",
        target.name,
        afterwards(&target.profile)
    ));
    review::approved(context, "Do you want to write there?")
}

/// What will be left, as the profile has it.
fn afterwards(profile: &Profile) -> &'static str {
    match profile.capabilities.deletion {
        Deletion::Hard => "What can't be removed is named at the end.",
        Deletion::Irreversible => "Their names can never be used again there.",
        Deletion::Deactivates => "A deletion only deactivates there, so the users stay, deactivated.",
        Deletion::None => "Users can't be deleted there, so they stay, deactivated.",
    }
}
