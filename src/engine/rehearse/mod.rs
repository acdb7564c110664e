//! `plan --rehearse`: the plan applied to a copy of what was read, at an embedded server of the target's profile that lives
//! as long as this takes. The target, the ledger, journals and secrets are not touched.

mod copy;
mod result;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::observe::{lists, observe};
use super::session::{Seen, Session};
use crate::apply::{Cancel, Known, Observers, Run, TargetReport, Timing, Wire, apply};
use crate::diag::NoticeCode;
use crate::ledger::{Hasher, TargetLedger};
use crate::live::{Discovery, ListTrust, Live};
use crate::plan::observe::{Answer, Need, Next, Observed, Purpose};
use crate::plan::schedule::{fill_secrets, schedule};
use crate::plan::{self, PlanNotice, Rehearsal, RehearsalFailure, TargetPlan, match_rules};
use crate::profile::{AuthForm, Profile};
use crate::sandbox::{Options, Running, Sandbox};
use crate::scim::{ResourceKind, Value};
use crate::target::{Connection, Credential, Login, Pins, ResolvedAuth, Settings};

/// Sent in place of every first password: the real ones are neither looked up nor needed.
const NO_SECRET: &str = "Rehearsal-0-placeholder";

/// What one rehearsal works with.
struct Stage<'a> {
    seen: &'a Seen<'a>,
    hasher: &'a Hasher,
    only: Option<&'a BTreeSet<String>>,
}

/// The plan of a target, rehearsed if there is something to rehearse with.
pub async fn rehearsed(session: &Session<'_>, mut seen: Seen<'_>) -> TargetPlan {
    let not = if seen.plan.failed.is_some() {
        Some("nothing was read, so there is nothing to rehearse with")
    } else if seen.read && !seen.plan.is_written() {
        Some("nothing is written here, so there is nothing to rehearse")
    } else {
        None
    };
    if let Some(why) = not {
        let message = why.to_owned();
        seen.plan.notices.push(PlanNotice { code: NoticeCode::NotRehearsed, message, origin: None });
        seen.plan.notices.sort();
    } else if seen.read {
        let stage = Stage { seen: &seen, hasher: session.hasher(seen.target), only: session.only.as_ref() };
        // As an apply begins, but for the ledger, which is a copy that nobody saves.
        let observed = &seen.observed;
        let mut ledger = TargetLedger::clone(&observed.ledger);
        ledger.seen = plan::seen(&ledger, &observed.live, &seen.computed, false);
        let rehearsal = stage.run(ledger).await.unwrap_or_else(|why| {
            let message = format!("the rehearsal ended early: {why}");
            let failure = RehearsalFailure { resource: None, key: None, at: None, message };
            Rehearsal { failures: vec![failure], ..Rehearsal::default() }
        });
        seen.plan.rehearsal = Some(rehearsal);
    }
    seen.plan
}

impl Stage<'_> {
    async fn run(&self, mut ledger: TargetLedger) -> Result<Rehearsal, String> {
        let observed = &self.seen.observed;
        let profile = Arc::new(played(&self.seen.target.profile, &observed.live.discovery));
        let copy = copy::of(&observed.live, &observed.desired, &ledger, &profile);
        let unknown = copy.unknown;
        // The copy holds people's data: nobody else on this machine may read it while it is there.
        let token = uuid::Uuid::new_v4().to_string();
        let options = Options {
            seeds: copy.seeds,
            token: Some(token.clone().into()),
            profile: Some(Arc::clone(&profile)),
            ..Options::default()
        };
        let server = Sandbox::start(options).await.map_err(|error| error.to_string())?;
        let outcome = self.play(&server, token, &profile, &mut ledger).await;
        server.shutdown().await;
        outcome.map(|rehearsal| Rehearsal { unknown, ..rehearsal })
    }

    async fn play(
        &self,
        server: &Running,
        token: String,
        profile: &Arc<Profile>,
        ledger: &mut TargetLedger,
    ) -> Result<Rehearsal, String> {
        // The server is this process's own.
        let permit = Pins::none().permit(&server.base_url, None, profile).map_err(|_| "its address can't be used")?;
        let auth = ResolvedAuth::Login(Login::new(Credential::Bearer(token.into()), permit));
        let settings = Settings::new(self.seen.target.name.as_str(), &server.base_url, auth, Arc::clone(profile));
        let connection = Connection::open(settings).map_err(|error| error.to_string())?;
        let reader = connection.reader();
        let report = self.apply(&connection, profile, ledger).await?;
        let reads = reader.requests();
        let requests = connection.requests() - reads;
        let (again, left) = self.look_again(&reader, ledger).await?;
        let seen = result::Seen { desired: self.seen.desired(), ledger, live: &again, profile };
        Ok(result::of(&self.seen.plan, &report, &left, &seen, (requests, reads)))
    }

    async fn apply(
        &self,
        connection: &Connection,
        profile: &Profile,
        ledger: &mut TargetLedger,
    ) -> Result<TargetReport, String> {
        let observed = &self.seen.observed;
        let (desired, live) = (&observed.desired, &observed.live);
        let mut steps = schedule(&self.seen.plan, desired, live, profile, &live.discovery);
        fill_secrets(&mut steps, |_| Ok::<Value, String>(Value::from(NO_SECRET)))?;
        let matching = match_rules(observed.basis.directory, self.seen.target);
        let known = Known::new(observed.matches(), live, &self.seen.computed, self.only);
        let run = Run {
            target: self.seen.target.name.as_str(),
            service: &Wire::new(connection.reader(), connection.writer()),
            plan: &self.seen.plan,
            steps: &steps,
            desired,
            live,
            profile,
            ledger,
            hasher: self.hasher,
            known: &known,
            matching: &matching,
            as_of: observed.basis.as_of,
            // The embedded server is never late.
            timing: Timing { waits: vec![Duration::ZERO], ..Timing::default() },
            cancel: Cancel::default(),
        };
        Ok(apply(run, &mut Observers(Vec::new())).await)
    }

    /// What the copy holds now, and what a second plan finds. What was not all read at the target is no more whole here.
    async fn look_again(
        &self,
        reader: &crate::target::Reader,
        ledger: &TargetLedger,
    ) -> Result<(Live, TargetPlan), String> {
        let first = &self.seen.observed;
        let mut again = Observed::new(first.basis, first.desired.clone(), Arc::new(ledger.clone()), Purpose::Plan);
        if let Next::Read(needs) = again.next() {
            for need in needs {
                let Need::Lists(wanted) = need else { continue };
                let mut live = lists(reader, wanted).await.map_err(|error| error.to_string())?;
                for kind in ResourceKind::ALL {
                    let (trust, before) = (live.trust.of_mut(kind), first.live.trust.of(kind));
                    if !before.is_whole() {
                        trust.clone_from(before);
                    } else if self.seen.plan.read.unconfirmed > 0 {
                        *trust = ListTrust::Short("what the target's list left out is not in the copy".to_owned());
                    }
                }
                live.discovery = first.live.discovery.clone();
                again.take(Answer::Lists(Box::new(live)));
            }
        }
        let plan = observe(&mut again, reader).await.map_err(|error| error.to_string())?;
        Ok((again.live, plan))
    }
}

/// The profile that the embedded server plays: what discovery said where the profile says nothing, and no pace of its own.
fn played(profile: &Profile, discovery: &Discovery) -> Profile {
    let mut played = profile.clone();
    let facts = &mut played.capabilities;
    facts.rates.clear();
    // One after the other, so that the same plan gives the same numbers.
    facts.concurrency = 1;
    facts.patch = facts.patch.or(discovery.patch);
    facts.etag = facts.etag.or(discovery.etag);
    played.auth = AuthForm::Bearer;
    played
}
