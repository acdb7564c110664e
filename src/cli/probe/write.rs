//! `--write`: one marked user is made, found, changed, deactivated and removed, by the same plan and apply as everyone.

use std::time::Duration;

use crate::apply::{Cancel, Event, Known, Matching, Observer, Run, TargetReport, Timing, Wire, apply};
use crate::desired::{CHANGEABLE, Desired, StandIn};
use crate::directory::{Target, TargetName};
use crate::ledger::{Hasher, TargetLedger};
use crate::live::matching::asserted_text;
use crate::live::probe::{Outcome, Probe, Stayed};
use crate::live::{ListTrust, Live};
use crate::plan::schedule::schedule;
use crate::plan::{self, Action, PlanInput, TargetPlan, Verb};
use crate::profile::Deletion;
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value};
use crate::source::SourceMap;
use crate::target::{Connection, Reader, Wanted};

use crate::engine::Engine;

/// Waits before each look, for servers that are late.
const LOOKS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(1)];

/// The probe user and what is known of it.
struct Marked<'a> {
    person: StandIn,
    sources: &'a SourceMap,
    connection: &'a Connection,
    hasher: Hasher,
    ledger: TargetLedger,
    as_of: jiff::civil::Date,
    cancel: Cancel,
    verb: Verb,
    /// The userName that the mapping gives it.
    name: String,
    active: bool,
}

struct Quiet;

impl Observer for Quiet {
    fn event(&mut self, _: &Event) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a round of plan and apply came to.
struct Round {
    plan: TargetPlan,
    report: TargetReport,
}

/// Makes the user, tries everything and removes it, whatever fails in between.
pub(super) async fn write(
    engine: &Engine,
    target: &TargetName,
    connection: &Connection,
    mark: &str,
    verb: Verb,
    probe: &mut Probe,
) {
    // Nobody else is looked at from here on.
    let person = match StandIn::new(engine.directory.clone(), target, mark) {
        Ok(person) => person,
        Err(why) => return probe.tried("create", Outcome::Bad, why),
    };
    let cancel = Cancel::default();
    let asked = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            asked.cancel();
        }
    });
    let mut marked = Marked {
        person,
        sources: &engine.sources,
        connection,
        hasher: Hasher::new(mark),
        ledger: TargetLedger::default(),
        as_of: engine.as_of,
        cancel,
        verb,
        name: mark.to_owned(),
        active: true,
    };
    marked.go(probe).await;
}

impl Marked<'_> {
    async fn go(&mut self, probe: &mut Probe) {
        let made = self.create(probe).await;
        if made {
            self.read_back(probe).await;
            if !self.cancel.is_cancelled() {
                self.update(probe).await;
            }
            if !self.cancel.is_cancelled() {
                self.deactivate(probe).await;
            }
        }
        self.remove(probe, made).await;
    }

    fn target(&self) -> Option<&Target> {
        self.person.directory().targets.values().next()
    }

    fn reader(&self) -> Reader {
        self.connection.reader()
    }

    fn id(&self) -> Option<String> {
        self.ledger.users.get(self.person.key()).map(|entry| entry.id.clone())
    }

    /// Plans with the user as it is now.
    async fn plan(&self) -> Result<(Desired, Live, TargetPlan), String> {
        let target = self.target().ok_or("the target is gone")?;
        let reader = self.reader();
        let mut live = Live { discovery: reader.discover().await, ..Live::default() };
        (live.trust.users, live.trust.groups) = (ListTrust::NotAsked, ListTrust::NotAsked);
        if let Some(id) = self.id() {
            let shown = reader.get(ResourceKind::User, &id, &Wanted::everything()).await;
            live.users.extend(shown.map_err(|error| error.to_string())?);
        }
        let desired = self.person.desired(self.as_of);
        let plan = plan::plan_target(PlanInput {
            target,
            desired: &desired,
            live: &live,
            ledger: &self.ledger,
            hasher: &self.hasher,
            directory: self.person.directory(),
            sources: self.sources,
            as_of: self.as_of,
            only: None,
        });
        Ok((desired, live, plan))
    }

    /// Plans and applies.
    async fn round(&mut self) -> Result<Round, String> {
        let (desired, live, plan) = self.plan().await?;
        let target = self.target().ok_or("the target is gone")?;
        let profile = target.profile.clone();
        let matching = Matching::new(self.person.directory(), target);
        let steps = schedule(&plan, &desired, &live, &profile, &live.discovery);
        let known = Known::of_ledger(&self.ledger, &live);
        let wire = Wire::new(self.reader(), self.connection.writer());
        let name = target.name.to_string();
        let run = Run {
            target: &name,
            service: &wire,
            plan: &plan,
            steps: &steps,
            desired: &desired,
            live: &live,
            profile: &profile,
            ledger: &mut self.ledger,
            hasher: &self.hasher,
            known: &known,
            matching: &matching,
            as_of: self.as_of,
            timing: Timing::default(),
            cancel: Cancel::default(),
        };
        let report = apply(run, &mut Quiet).await;
        Ok(Round { plan, report })
    }

    async fn create(&mut self, probe: &mut Probe) -> bool {
        let creates = self.target().is_some_and(|target| target.profile.capabilities.create_users);
        if !creates {
            probe.tried("create", Outcome::Left, "the profile has it that users can't be created there");
            return false;
        }
        let desired = self.person.desired(self.as_of);
        let named =
            desired.users.get(self.person.key()).and_then(|user| asserted_text(user, &AttrPath::attribute("userName")));
        self.name = named.unwrap_or_else(|| self.name.clone());
        let round = match self.round().await {
            Ok(round) => round,
            Err(why) => return broken(probe, "create", why, None),
        };
        if let Some(problem) = round.plan.errors.first() {
            return broken(probe, "create", problem.message.clone(), None);
        }
        if let Some(failure) = round.report.failures.first() {
            return broken(probe, "create", failure.message.clone(), failure.hint.clone());
        }
        match self.id() {
            Some(id) => {
                let (outcome, kept) = kept(&round.report);
                probe.tried("create", outcome, format!("made `{}`, id {id}{kept}", self.name));
                true
            }
            None => broken(probe, "create", "no id came back".to_owned(), None),
        }
    }

    /// By its id and by a filter.
    async fn read_back(&mut self, probe: &mut Probe) {
        let Some(id) = self.id() else { return };
        match self.reader().get_whole(ResourceKind::User, &id).await {
            Ok(Some(whole)) => {
                // Some servers make a name of their own of it, by which it is found from then on.
                if let Some(name) = whole.object.get("userName").and_then(Value::as_str) {
                    name.clone_into(&mut self.name);
                }
                probe.tried("read", Outcome::Good, "found by its id");
            }
            Ok(None) => probe.tried("read", Outcome::Odd, "not found by the id that it was given"),
            Err(error) => probe.tried("read", Outcome::Odd, error.to_string()),
        }
        let Some(target) = self.target() else { return };
        let filters = &target.profile.capabilities.filter_users;
        if !filters.iter().any(|name| name.eq_ignore_ascii_case("userName")) {
            return probe.tried("find", Outcome::Left, "the profile has no filter by `userName`");
        }
        match self.find(Some(&id)).await {
            Ok(true) => probe.tried("find", Outcome::Good, "found by its userName"),
            Ok(false) => probe.tried("find", Outcome::Odd, "not found by its userName"),
            Err(why) => probe.tried("find", Outcome::Odd, why),
        }
    }

    /// Whether the filter gives this id.
    async fn find(&self, id: Option<&str>) -> Result<bool, String> {
        Ok(self.found().await?.iter().any(|found| id.is_none_or(|id| found == id)))
    }

    async fn found(&self) -> Result<Vec<String>, String> {
        let path = AttrPath::attribute("userName");
        let wanted = Wanted::of(["userName"]);
        let mut last = Vec::new();
        for wait in LOOKS {
            tokio::time::sleep(wait).await;
            let hits = self.reader().find(ResourceKind::User, &path, &self.name, &wanted).await;
            let hits = hits.map_err(|error| error.to_string())?;
            // A server that ignores the filter shows strangers, who must not be touched.
            let ours = hits.into_iter().filter(|hit| {
                let name = hit.attributes.get("userName").and_then(Value::as_str).unwrap_or_default();
                name.eq_ignore_ascii_case(&self.name)
            });
            last = ours.map(|hit| hit.id).collect();
            if !last.is_empty() {
                break;
            }
        }
        Ok(last)
    }

    /// One attribute that the mapping sends and the target lets us change.
    async fn update(&mut self, probe: &mut Probe) {
        for path in CHANGEABLE {
            let Some(before) = self.person.change(path, "Changed") else { continue };
            let planned = match self.plan().await {
                Ok((_, _, plan)) => plan,
                Err(why) => return probe.tried("update", Outcome::Bad, why),
            };
            let updates = planned.changes.iter().find(|change| change.action == Action::Update);
            if let Some(change) = updates {
                let paths: Vec<String> =
                    change.attributes.iter().map(|attribute| format!("`{}`", attribute.path)).collect();
                let round = self.round().await;
                let verb = match self.verb {
                    Verb::Patch => "PATCH",
                    Verb::Put => "PUT",
                };
                return told(probe, "update", &format!("changed {} by {verb}", paths.join(", ")), round);
            }
            if let Some(text) = before.as_str() {
                self.person.change(path, text);
            }
        }
        probe.tried("update", Outcome::Left, "no attribute that can be changed is mapped");
    }

    async fn deactivate(&mut self, probe: &mut Probe) {
        self.person.deactivate();
        let round = self.round().await;
        if let Ok(Round { plan, report }) = &round {
            if !plan.changes.iter().any(|change| change.action == Action::Deactivate) {
                let why =
                    plan.notices.iter().find(|notice| notice.code == "cannot-deactivate" || notice.code == "derived");
                let why = why.map_or("it is shown as inactive already", |notice| &notice.message);
                self.active = !self.shown_inactive().await;
                return probe.tried("deactivate", Outcome::Odd, why.to_owned());
            }
            self.active = !(report.failures.is_empty() && report.not_converged.is_empty());
        }
        told(probe, "deactivate", "access is taken away", round);
    }

    async fn shown_inactive(&self) -> bool {
        let Some(id) = self.id() else { return false };
        let whole = self.reader().get_whole(ResourceKind::User, &id).await.ok().flatten();
        whole.is_some_and(|whole| whole.object.get("active").is_some_and(is_false))
    }

    /// Removes the user as far as the profile can, and says what stayed.
    async fn remove(&mut self, probe: &mut Probe, made: bool) {
        let Some(target) = self.target() else { return };
        let (deletion, attempted) = (target.profile.capabilities.deletion, target.profile.capabilities.create_users);
        if !attempted {
            return;
        }
        let ids = match self.id() {
            Some(id) => vec![id],
            // A create that failed may have come to be all the same.
            None => match self.found().await {
                Ok(ids) => ids,
                Err(why) if made => return self.stays(probe, None, &format!("it can't be looked up: {why}")),
                Err(_) => Vec::new(),
            },
        };
        if ids.is_empty() {
            if made && !self.active {
                probe.tried("remove", Outcome::Good, "gone since it was set inactive");
            }
            return;
        }
        for id in ids {
            self.remove_one(probe, &id, deletion).await;
        }
    }

    async fn remove_one(&self, probe: &mut Probe, id: &str, deletion: Deletion) {
        if deletion == Deletion::None {
            return self.stays(probe, Some(id), "users can't be deleted there");
        }
        if let Err(error) = self.connection.writer().delete(ResourceKind::User, id).await {
            return self.stays(probe, Some(id), &error.to_string());
        }
        for wait in LOOKS {
            tokio::time::sleep(wait).await;
            match self.reader().get_whole(ResourceKind::User, id).await {
                Ok(None) => {
                    let name = if deletion == Deletion::Irreversible {
                        format!("; the name `{}` can never be used again there", self.name)
                    } else {
                        String::new()
                    };
                    return probe.tried("remove", Outcome::Good, format!("deleted{name}"));
                }
                Ok(Some(whole)) if deletion == Deletion::Deactivates => {
                    let off = whole.object.get("active").is_some_and(is_false);
                    let text =
                        if off { "a deletion only deactivates there" } else { "it is shown as active after a DELETE" };
                    let mut stayed = self.left(Some(id));
                    if off {
                        "deactivated".clone_into(&mut stayed.state);
                    }
                    probe.tried("remove", if off { Outcome::Good } else { Outcome::Odd }, text);
                    probe.stayed = Some(stayed);
                    return;
                }
                Ok(Some(_)) => {}
                Err(error) => return self.stays(probe, Some(id), &error.to_string()),
            }
        }
        self.stays(probe, Some(id), "it is still shown after a DELETE");
    }

    fn left(&self, id: Option<&str>) -> Stayed {
        let state = if self.active { "active" } else { "deactivated" };
        Stayed { id: id.map(str::to_owned), user_name: self.name.clone(), state: state.to_owned() }
    }

    fn stays(&self, probe: &mut Probe, id: Option<&str>, why: &str) {
        probe.tried("remove", Outcome::Odd, why.to_owned());
        probe.stayed = Some(self.left(id));
    }
}

/// Some servers show booleans as text.
fn is_false(value: &Value) -> bool {
    value.as_bool() == Some(false) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}

fn broken(probe: &mut Probe, step: &str, why: String, hint: Option<String>) -> bool {
    probe.tried(step, Outcome::Bad, why.clone());
    probe.usable = false;
    (probe.reason, probe.hint) = (Some(format!("{step}: {why}")), hint);
    false
}

/// What the server did not keep as it was sent.
fn kept(report: &TargetReport) -> (Outcome, String) {
    let paths = |places: &[crate::apply::Place]| {
        places.iter().map(|place| format!("`{}`", place.path)).collect::<Vec<_>>().join(", ")
    };
    let mut text = String::new();
    if !report.normalised.is_empty() {
        text = format!("; kept in a form of its own: {}", paths(&report.normalised));
    }
    if report.not_converged.is_empty() {
        return (Outcome::Good, text);
    }
    (Outcome::Odd, format!("{text}; accepted and not kept: {}", paths(&report.not_converged)))
}

fn told(probe: &mut Probe, step: &str, done: &str, round: Result<Round, String>) {
    let report = match round {
        Ok(round) => round.report,
        Err(why) => {
            broken(probe, step, why, None);
            return;
        }
    };
    if let Some(failure) = report.failures.first() {
        broken(probe, step, failure.message.clone(), failure.hint.clone());
        return;
    }
    if let Some(skipped) = report.skipped.first() {
        return probe.tried(step, Outcome::Odd, skipped.because.clone());
    }
    let (outcome, kept) = kept(&report);
    probe.tried(step, outcome, format!("{done}{kept}"));
}
