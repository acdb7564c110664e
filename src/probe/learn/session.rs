//! What all trials share: the way to the target, who was made, and what was learned so far.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::civil::Date;

use super::parts::{Fate, Part, fate};
use crate::apply::{Cancel, whole_body};
use crate::live::Discovery;
use crate::plan::Verb;
use crate::plan::schedule::verb;
use crate::probe::learned::Learned;
use crate::probe::model::{Outcome, Probe};
use crate::probe::person::{ProbeUser, Role};
use crate::profile::{Clear, Profile};
use crate::scim::patch::PatchOp;
use crate::scim::{Object, ResourceKind, Value};
use crate::target::{Connection, Reader, TargetError, Writer, Written};

/// Waits before each look, for servers that are late.
const LOOKS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(400)];

/// What some servers want in place of the media type of SCIM.
const PLAIN: &str = "application/json";

/// A made-up account.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) role: Role,
    pub(super) id: String,
    /// The userName as the server shows it.
    pub(super) name: String,
    /// What was sent last.
    pub(super) sent: Object,
    /// What the server shows of it.
    pub(super) shown: Object,
    /// What became of each part.
    pub(super) fates: Vec<(Part, Fate)>,
}

/// A resource that this run made and has to remove.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) kind: ResourceKind,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) inactive: bool,
}

/// A trial of one verb on users.
#[derive(Clone, Debug, Default)]
pub(super) struct VerbTrial {
    /// Whether a change of one attribute was accepted and took.
    pub(super) works: bool,
    /// Whether what was seen says something of the verb, and not of a bad moment.
    pub(super) certain: bool,
    /// What was seen, in words.
    pub(super) says: String,
    /// What became of each part when all were changed.
    pub(super) fates: Vec<(Part, Fate)>,
    /// Whether attributes could be cleared.
    pub(super) clears: bool,
    /// The form in which PATCH cleared one, where that is not the profile's.
    pub(super) clear: Option<Clear>,
    /// What a change of another attribute took away.
    pub(super) lost: Vec<Part>,
    /// What was refused alone, and how.
    pub(super) refused: Vec<(Part, String)>,
    /// What was refused in a way that says nothing of the part for sure.
    pub(super) unclear: Vec<(Part, String)>,
    /// Why it is not known which parts are refused, where that could not be found out.
    pub(super) unknown: Option<String>,
}

/// A refusal in words.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) says: String,
    /// Whether an answer came at all.
    pub(super) answered: bool,
    /// Whether it speaks of what was sent.
    pub(super) certain: bool,
}

impl From<&TargetError> for Refusal {
    fn from(error: &TargetError) -> Self {
        Self { says: refusal(error), answered: error.status().is_some(), certain: is_certain(error) }
    }
}

/// The trials of one target.
pub(super) struct Session<'a> {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    /// Another way, for servers that want their bodies as [`PLAIN`].
    pub(super) plain: Option<Connection>,
    pub(super) profile: &'a Profile,
    pub(super) discovery: &'a Discovery,
    pub(super) cast: ProbeUser,
    pub(super) as_of: Date,
    pub(super) cancel: Cancel,
    pub(super) probe: &'a mut Probe,
    pub(super) made: Vec<Made>,
    pub(super) accounts: Vec<Account>,
    /// Parts that a create was refused for, and how.
    pub(super) refused_at_creation: Vec<(Part, String)>,
    /// What of it is refused by a change as well, or keeps a user from any change.
    pub(super) confirmed: Vec<Part>,
    /// Whether a write without `If-Match` was refused for that.
    pub(super) conditional: AtomicBool,
    /// Parts that are not sent any more.
    pub(super) barred: Vec<Part>,
    pub(super) patch: VerbTrial,
    pub(super) put: VerbTrial,
    /// The verb for users from here on.
    pub(super) verb: Verb,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        connection: &Connection,
        profile: &'a Profile,
        discovery: &'a Discovery,
        cast: ProbeUser,
        as_of: Date,
        cancel: Cancel,
        probe: &'a mut Probe,
    ) -> Self {
        Self {
            reader: connection.reader(),
            writer: connection.writer(),
            plain: None,
            profile,
            discovery,
            cast,
            as_of,
            cancel,
            probe,
            made: Vec::new(),
            accounts: Vec::new(),
            refused_at_creation: Vec::new(),
            confirmed: Vec::new(),
            conditional: AtomicBool::new(false),
            barred: Vec::new(),
            patch: VerbTrial::default(),
            put: VerbTrial::default(),
            verb: verb(&profile.capabilities, discovery, ResourceKind::User),
        }
    }

    pub(super) fn ended(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// What was seen before the end was asked for is no whole picture: nothing is stated on it.
    pub(super) fn forget(&mut self) {
        self.probe.learned = Learned::default();
        (self.probe.written, self.probe.usable) = (false, false);
        self.probe.reason = Some("interrupted before all was tried".to_owned());
        self.tried("write", Outcome::Left, "interrupted: what was made is removed, and no capabilities are printed");
    }

    pub(super) fn tried(&mut self, step: &str, outcome: Outcome, says: impl Into<String>) {
        self.probe.tried(step, outcome, says);
    }

    pub(super) fn fact(&mut self, name: &str, value: impl Into<serde_json::Value>, because: impl Into<String>) {
        self.probe.learned.fact(self.profile, name, value, because);
    }

    pub(super) fn item(&mut self, name: &str, item: impl Into<serde_json::Value>, because: impl Into<String>) {
        self.probe.learned.items(self.profile, name, vec![item.into()], because);
    }

    /// The profile with all that was learned so far.
    pub(super) fn improved(&self) -> Profile {
        let learned = serde_json::Value::Object(self.probe.learned.capabilities.clone());
        self.profile.with_capabilities(&learned).unwrap_or_else(|_| self.profile.clone())
    }

    /// Makes a resource and remembers it.
    pub(super) async fn create(
        &mut self,
        kind: ResourceKind,
        name: &str,
        body: &Object,
    ) -> Result<String, TargetError> {
        let mut done = self.writer.create(kind, body).await;
        if let Err(error) = &done
            && matches!(error.status(), Some(406 | 415))
            && let Some(plain) = self.plain.take()
        {
            let because = format!("a create in the media type of SCIM was answered with {}", refusal(error));
            self.writer = plain.writer();
            done = self.writer.create(kind, body).await;
            if done.is_ok() {
                self.fact("contentType", PLAIN, because);
            }
        }
        let written = match done {
            Ok(written) => written,
            Err(error) => {
                // It may have come to be all the same.
                let found = if error.outcome_unknown() { self.find_again(kind, name).await } else { None };
                return found.ok_or(error);
            }
        };
        let id = match written.id {
            Some(id) => Some(id),
            None => self.find_again(kind, name).await,
        };
        let id = id.unwrap_or_default();
        if !id.is_empty() && !self.made.iter().any(|made| made.kind == kind && made.id == id) {
            self.made.push(Made { kind, id: id.clone(), name: name.to_owned(), inactive: false });
        }
        Ok(id)
    }

    /// Looks for what a create may have made without saying so, by its marked name.
    async fn find_again(&mut self, kind: ResourceKind, name: &str) -> Option<String> {
        let attribute = kind.name_attribute();
        let filter = format!("{attribute} eq \"{name}\"");
        let page = self.reader.raw_page(kind, &[("filter", &filter)]).await.ok()?;
        // A server that ignores the filter shows strangers, who must not be touched.
        let ours = |resource: &&Object| {
            resource.get(attribute).and_then(Value::as_str).is_some_and(|shown| shown.eq_ignore_ascii_case(name))
        };
        let found = page.resources.iter().find(ours)?;
        let id = found.get("id").and_then(Value::as_str)?.to_owned();
        if !self.made.iter().any(|made| made.kind == kind && made.id == id) {
            self.made.push(Made { kind, id: id.clone(), name: name.to_owned(), inactive: false });
        }
        Some(id)
    }

    /// What the server shows by id; none where it shows nothing.
    pub(super) async fn read(&self, kind: ResourceKind, id: &str) -> Option<Object> {
        self.reader.get_whole(kind, id).await.ok().flatten().map(|whole| whole.object)
    }

    /// What the server shows by id once that is as it should be, else what it showed last.
    pub(super) async fn read_until(
        &self,
        kind: ResourceKind,
        id: &str,
        settled: impl Fn(&Object) -> bool,
    ) -> Option<Object> {
        let mut last = None;
        for wait in LOOKS {
            tokio::time::sleep(wait).await;
            last = self.read(kind, id).await;
            if last.as_ref().is_some_and(&settled) {
                break;
            }
        }
        last
    }

    /// What the server shows of what was sent, and what became of each part.
    pub(super) async fn shown(&self, id: &str, sent: &Object, parts: &[Part]) -> Option<(Object, Vec<(Part, Fate)>)> {
        let kept = |shown: &Object| parts.iter().all(|part| fate(part, sent, shown) == Fate::Kept);
        let shown = self.read_until(ResourceKind::User, id, kept).await?;
        let fates = parts.iter().map(|part| (part.clone(), fate(part, sent, &shown))).collect();
        Some((shown, fates))
    }

    /// Changes a resource by this verb: PATCH with the operations, PUT with all that the server shows and them.
    pub(super) async fn change(
        &self,
        by: Verb,
        kind: ResourceKind,
        id: &str,
        operations: &[PatchOp],
    ) -> Result<Written, TargetError> {
        match self.change_if(by, kind, id, operations, None).await {
            Err(error) if self.wants_version(&error) => {
                let version = self.version(kind, id).await;
                self.change_if(by, kind, id, operations, version.as_deref()).await
            }
            done => done,
        }
    }

    async fn change_if(
        &self,
        by: Verb,
        kind: ResourceKind,
        id: &str,
        operations: &[PatchOp],
        version: Option<&str>,
    ) -> Result<Written, TargetError> {
        match by {
            Verb::Patch => self.writer.patch(kind, id, operations, version).await,
            Verb::Put => {
                let live = self.read(kind, id).await.unwrap_or_default();
                let body = whole_body(&live, kind, operations);
                self.writer.replace(kind, id, &body, version).await
            }
        }
    }

    /// Deletes a resource, of the version that is shown where the server asks for one.
    pub(super) async fn delete(&self, kind: ResourceKind, id: &str) -> Result<Written, TargetError> {
        match self.writer.delete(kind, id, None).await {
            Err(error) if self.wants_version(&error) => {
                let version = self.version(kind, id).await;
                self.writer.delete(kind, id, version.as_deref()).await
            }
            done => done,
        }
    }

    /// Whether a write is refused for want of a condition (RFC 6585 section 3).
    fn wants_version(&self, error: &TargetError) -> bool {
        let wants = error.status() == Some(428);
        self.conditional.fetch_or(wants, Ordering::Relaxed);
        wants
    }

    async fn version(&self, kind: ResourceKind, id: &str) -> Option<String> {
        let whole = self.reader.get_whole(kind, id).await.ok().flatten()?;
        let meta = || whole.object.get("meta")?.as_object()?.get("version")?.as_str().map(str::to_owned);
        whole.etag.clone().or_else(meta)
    }
}

/// The name of a verb.
pub(super) const fn method(verb: Verb) -> &'static str {
    match verb {
        Verb::Patch => "PATCH",
        Verb::Put => "PUT",
    }
}

/// Whether a refusal says something of what was sent: no failure of the server or on the way, no bad moment, no missing
/// condition.
pub(super) fn is_certain(error: &TargetError) -> bool {
    matches!(error.status(), Some(400..=499 | 501))
        && !matches!(error.status(), Some(401 | 408 | 412 | 415 | 425 | 428 | 429))
}

/// A refusal without its URL.
pub(super) fn refusal(error: &TargetError) -> String {
    let detail = error.detail().trim();
    // A body that is no sentence says nothing more than its status.
    let detail = if detail.starts_with(['{', '<']) { "" } else { detail };
    match error.status() {
        Some(status) if detail.is_empty() => status.to_string(),
        Some(status) => format!("{status} ({detail})"),
        None => detail.to_owned(),
    }
}
