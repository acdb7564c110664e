//! The read-only steps of a test.

use super::learn::lists::{Fact, hidden, manners};
use super::model::{Outcome, Probe};
use crate::live::Discovery;
use crate::live::disagreement::Says;
use crate::profile::{Paging, Profile};
use crate::scim::ResourceKind;
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::target::{Announced, ErrorKind, Glimpse, Reader, TargetError, Wanted};
use crate::wording::count;

/// Resources that are read by id, to see what lists hide.
const SAMPLES: usize = 2;

/// What the server said.
#[derive(Default)]
pub struct Seen {
    /// What discovery says.
    pub discovery: Discovery,
    /// The server's own schemas.
    pub schemas: Schemas,
    /// Whether users or groups can be read.
    pub usable: bool,
}

/// Asks for discovery, a page of users, one who is not there, and a page of groups.
pub async fn look(reader: &Reader, profile: &Profile, mark: &str, probe: &mut Probe) -> Seen {
    let announced = reader.announced().await;
    let mut seen = Seen { discovery: announced.discovery.clone(), ..Seen::default() };
    if let Some(error) = out_of_reach(announced) {
        end(probe, "connection", error);
        return seen;
    }
    described(probe, &profile.capabilities.config_endpoint, &announced.config);
    if seen.discovery.outdated {
        let error = reader.outdated();
        end(probe, "version", &error);
        return seen;
    }
    described(probe, "ResourceTypes", &announced.types);
    let schemas = reader.schemas().await;
    match &schemas {
        Ok(schemas) if schemas.iter().next().is_none() => {
            probe.tried("Schemas", Outcome::Odd, "holds no schema, so the profile decides");
        }
        Ok(schemas) => probe.tried("Schemas", Outcome::Good, count(schemas.iter().count() as u64, "schema")),
        Err(error) => described(probe, "Schemas", &Err(error.clone())),
    }
    seen.schemas = schemas.unwrap_or_default();
    let facts = &profile.capabilities;
    let mut people = None;
    if facts.resources.users {
        match glimpse(reader, profile, ResourceKind::User, probe).await {
            Ok(page) => people = Some(page),
            Err(error) => {
                end(probe, "users", &error);
                return seen;
            }
        }
    }
    if let Some(page) = people {
        let (outcome, says) = shown(page, "user");
        probe.tried("users", outcome, says);
        filter(reader, profile, mark, page, probe).await;
        lists(reader, profile, ResourceKind::User, page, probe).await;
    }
    seen.usable = groups(reader, profile, probe, &mut seen.discovery).await || people.is_some();
    seen
}

/// A page of one; where that is refused, a page of any size.
async fn glimpse(
    reader: &Reader,
    profile: &Profile,
    kind: ResourceKind,
    probe: &mut Probe,
) -> Result<Glimpse, TargetError> {
    match reader.glimpse(kind).await {
        Err(error) if matches!(error.status(), Some(400 | 422 | 500 | 501)) => {
            let Some(seen) = manners(reader, kind, profile.capabilities.page_size).await else { return Err(error) };
            learn(probe, profile, seen.facts);
            let shown = seen.page.resources.len() as u64;
            Ok(Glimpse { shown, total: seen.page.total, cursor: seen.page.cursor, says_nothing: false })
        }
        answer => answer,
    }
}

fn learn(probe: &mut Probe, profile: &Profile, facts: Vec<Fact>) {
    for (name, value, because) in facts {
        // A paging that the profile chose is a choice.
        if name != "paging" || profile.capabilities.paging == Paging::Auto {
            probe.learned.fact(profile, name, value, because);
        }
    }
}

/// How the lists of a kind are paged, and what they do not show of the first resources that are shown by id.
async fn lists(reader: &Reader, profile: &Profile, kind: ResourceKind, page: Glimpse, probe: &mut Probe) {
    if page.shown == 0 || !probe.learned.is_empty() {
        return;
    }
    let Some(seen) = manners(reader, kind, profile.capabilities.page_size).await else { return };
    let mut says = seen.says;
    learn(probe, profile, seen.facts);
    for id in seen.page.ids().iter().take(SAMPLES) {
        let Ok(Some(whole)) = reader.get_whole(kind, id).await else { continue };
        let Some(listed) = seen.page.resource(id) else { continue };
        let hidden = hidden(listed, &whole.object);
        if hidden.iter().any(|name| name.eq_ignore_ascii_case("members")) {
            probe.learned.fact(profile, "members", "byId", "a list does not show members that are shown by id");
        }
        if !hidden.is_empty() {
            says.push(format!("shown by id and not in lists: {}", hidden.join(", ")));
            break;
        }
    }
    if says.is_empty() {
        return;
    }
    let step = if kind == ResourceKind::User { "lists" } else { "lists of groups" };
    probe.tried(step, if seen.odd { Outcome::Odd } else { Outcome::Good }, says.join("; "));
}

/// The failure before any answer, which every further request would meet as well.
fn out_of_reach(announced: &Announced) -> Option<&TargetError> {
    let error = announced.config.as_ref().err()?;
    let silent = matches!(
        error.kind(),
        ErrorKind::Setup
            | ErrorKind::Secret
            | ErrorKind::Token
            | ErrorKind::Dns
            | ErrorKind::Refused
            | ErrorKind::Tls
            | ErrorKind::Connect
            | ErrorKind::Timeout
    );
    (silent && announced.types.is_err()).then_some(error)
}

fn end(probe: &mut Probe, step: &str, error: &TargetError) {
    probe.tried(step, Outcome::Bad, words(error));
    probe.reason = Some(error.to_string());
    probe.hint = error.hint().map(str::to_owned);
}

fn described(probe: &mut Probe, step: &str, answer: &Result<(), TargetError>) {
    match answer {
        Ok(()) => probe.tried(step, Outcome::Good, "answered"),
        Err(error) if error.is_unauthorized() => probe.tried(step, Outcome::Odd, words(error)),
        Err(error) => probe.tried(step, Outcome::Odd, format!("{}; the profile decides", words(error))),
    }
}

/// The error without its URL, which stands above.
fn words(error: &TargetError) -> String {
    let detail = if error.detail().is_empty() { "no reason given" } else { error.detail() };
    error.status().map_or_else(|| detail.to_owned(), |status| format!("{status}: {detail}"))
}

fn shown(page: Glimpse, noun: &str) -> (Outcome, String) {
    if page.says_nothing {
        let text = "a list with neither `totalResults` nor `Resources`: it can't be told whether it is whole";
        return (Outcome::Odd, text.to_owned());
    }
    let total = page.total.map(|total| count(total, noun));
    let cursor = if page.cursor { ", by cursor" } else { "" };
    match total {
        Some(total) if page.shown > 1 => {
            (Outcome::Odd, format!("{total}{cursor}; asked for one, it showed {}", page.shown))
        }
        Some(total) => (Outcome::Good, format!("{total}{cursor}")),
        None => (Outcome::Good, format!("{} shown{cursor}; how many there are is not said", page.shown)),
    }
}

/// What the schemas say against the mappings, as rules of attributes: the best that reading alone can tell.
pub fn doubted(profile: &Profile, probe: &mut Probe) {
    for doubt in probe.doubts.clone() {
        let (rule, why) = match doubt.says {
            Says::ReadOnly => ("serverOwned", "is read-only in /Schemas"),
            Says::Immutable => ("createOnly", "is immutable in /Schemas"),
            Says::Unknown => ("unsupported", "is not named in /Schemas"),
        };
        if doubt.resource == ResourceKind::User {
            let because = format!("`{}` {why}; `--write` tries it", doubt.path);
            probe.learned.items(profile, &format!("attributes.{rule}"), vec![doubt.path.into()], because);
        }
    }
}

/// Looks for somebody who can't be there.
async fn filter(reader: &Reader, profile: &Profile, mark: &str, page: Glimpse, probe: &mut Probe) {
    // Where `count` is refused, so is a search with it.
    if !probe.learned.is_empty() {
        return;
    }
    let known = &profile.capabilities.filter_users;
    let name = known.iter().find(|name| name.eq_ignore_ascii_case("userName")).or_else(|| known.first());
    let name = name.map_or("userName", String::as_str);
    let Ok(path) = name.parse::<AttrPath>() else { return };
    let step = "filter";
    match reader.find(ResourceKind::User, &path, mark, &Wanted::default()).await {
        Ok(found) if !found.is_empty() => {
            let hits = count(found.len(), "user");
            ignored(probe, profile, &format!("`{name} eq` a name that nobody has gave {hits}"));
        }
        Ok(_) if page.shown == 0 && page.total.unwrap_or(0) == 0 => {
            let text = format!("`{name} eq` a name that nobody has gives nobody; but nobody is there at all");
            probe.tried(step, Outcome::Good, text);
        }
        Ok(_) => probe.tried(step, Outcome::Good, format!("`{name} eq` a name that nobody has gives nobody")),
        Err(error) if error.kind() == ErrorKind::Filter => ignored(probe, profile, error.detail()),
        Err(error) if known.is_empty() => {
            probe.tried(step, Outcome::Good, format!("refused, as the profile has it ({})", words(&error)));
        }
        Err(error) => {
            let text = format!("`{name} eq` was refused ({}); {NO_FILTER}", words(&error));
            probe.tried(step, Outcome::Odd, text);
        }
    }
}

const NO_FILTER: &str =
    "if filters do not work there, set `capabilities: { filterUsers: [] }`, and everyone is listed instead";

fn ignored(probe: &mut Probe, profile: &Profile, why: &str) {
    let known = &profile.capabilities.filter_users;
    probe.learned.fact(profile, "filterUsers", Vec::<String>::new(), format!("{why}: filters are ignored"));
    let advice = if known.is_empty() { "as the profile has it" } else { NO_FILTER };
    probe.tried("filter", Outcome::Odd, format!("{why}: the filter is ignored; {advice}"));
}

/// Whether there are groups; true where a page of them could be read.
async fn groups(reader: &Reader, profile: &Profile, probe: &mut Probe, discovery: &mut Discovery) -> bool {
    let expected = profile.capabilities.resources.groups;
    if !expected && discovery.groups != Some(true) {
        probe.tried("groups", Outcome::Left, "neither the profile nor discovery knows groups there");
        return false;
    }
    match glimpse(reader, profile, ResourceKind::Group, probe).await {
        Ok(page) => {
            lists(reader, profile, ResourceKind::Group, page, probe).await;
            let (outcome, says) = shown(page, "group");
            let more = if expected { "" } else { "; the profile has none, so they are not used" };
            probe.tried("groups", outcome, says + more);
            discovery.groups.get_or_insert(true);
            true
        }
        Err(error) if matches!(error.status(), Some(404 | 405 | 501)) => {
            discovery.groups = Some(false);
            let resources = serde_json::json!({ "users": profile.capabilities.resources.users, "groups": false });
            let because = format!("a list of groups was answered with {}", words(&error));
            probe.learned.fact(profile, "resources", resources, because);
            probe.tried("groups", Outcome::Odd, format!("not supported ({})", words(&error)));
            false
        }
        Err(error) if error.status() == Some(403) => {
            let hint = error.hint().unwrap_or_default();
            probe.tried("groups", Outcome::Odd, format!("unknown: not allowed to look ({}). {hint}", words(&error)));
            false
        }
        Err(error) => {
            probe.tried("groups", Outcome::Odd, words(&error));
            false
        }
    }
}
