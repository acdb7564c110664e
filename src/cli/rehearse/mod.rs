//! `plan --rehearse`: the plan applied to a copy of what was read, at an embedded server of the target's profile that lives
//! as long as this takes. The target, the ledger, journals and secrets are not touched.

mod copy;
mod result;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::read;
use super::survey::{Survey, Surveyed};
use crate::apply::{Cancel, Known, Matching, Observers, Run, TargetReport, Timing, Wire, apply};
use crate::desired::Desired;
use crate::directory::Target;
use crate::ledger::{Hasher, TargetLedger};
use crate::live::{Completeness, Discovery, Live};
use crate::plan::schedule::{fill_secrets, schedule};
use crate::plan::{self, PlanInput, PlanNotice, Rehearsal, RehearsalFailure, TargetPlan};
use crate::profile::{AuthForm, Profile};
use crate::sandbox::{Options, Running, Sandbox};
use crate::scim::Value;
use crate::target::{Connection, Credential, Login, Pins, ResolvedAuth, Settings};

/// Sent in place of every first password: the real ones are neither looked up nor needed.
const NO_SECRET: &str = "Rehearsal-0-placeholder";

/// What one rehearsal works with.
struct Stage<'a> {
    survey: &'a Survey,
    target: &'a Target,
    desired: &'a Desired,
    live: &'a Live,
    plan: &'a TargetPlan,
    computed: &'a TargetPlan,
    hasher: &'a Hasher,
    only: Option<&'a BTreeSet<String>>,
}

/// The plan of a target, rehearsed if there is something to rehearse with.
pub(super) async fn rehearsed(
    survey: &Survey,
    target: &Target,
    surveyed: Surveyed,
    ledger: &TargetLedger,
    hasher: &Hasher,
    only: Option<&BTreeSet<String>>,
) -> TargetPlan {
    let Surveyed { desired, live, mut plan, computed, unsettled, .. } = surveyed;
    let not = match &live {
        _ if plan.failed.is_some() => Some("nothing was read, so there is nothing to rehearse with"),
        Some(_) if !plan.is_written() => Some("nothing is written here, so there is nothing to rehearse"),
        _ => None,
    };
    if let Some(why) = not {
        plan.notices.push(PlanNotice { code: "not-rehearsed".to_owned(), message: why.to_owned(), origin: None });
        plan.notices.sort();
    } else if let Some(live) = &live {
        let stage = Stage { survey, target, desired: &desired, live, plan: &plan, computed: &computed, hasher, only };
        // As an apply begins, but for the ledger, which is a copy that nobody saves.
        let mut ledger = ledger.clone();
        ledger.seen = plan::seen(&ledger, live, &computed, false);
        unsettled.enter(&mut ledger);
        let rehearsal = stage.run(ledger).await;
        plan.rehearsal = Some(rehearsal.unwrap_or_else(|why| {
            let message = format!("the rehearsal ended early: {why}");
            let failure = RehearsalFailure { resource: None, key: None, at: None, message };
            Rehearsal { failures: vec![failure], ..Rehearsal::default() }
        }));
    }
    plan
}

impl Stage<'_> {
    async fn run(&self, mut ledger: TargetLedger) -> Result<Rehearsal, String> {
        let profile = Arc::new(played(&self.target.profile, &self.live.discovery));
        let copy = copy::of(self.live, self.desired, &ledger, &profile);
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
        let settings = Settings::new(self.target.name.as_str(), &server.base_url, auth, Arc::clone(profile));
        let connection = Connection::open(settings).map_err(|error| error.to_string())?;
        let reader = connection.reader();
        let report = self.apply(&connection, profile, ledger).await?;
        let reads = reader.requests();
        let requests = connection.requests() - reads;
        let (again, left) = self.look_again(&reader, ledger).await?;
        let seen = result::Seen { desired: self.desired, ledger, live: &again, profile };
        Ok(result::of(self.plan, &report, &left, &seen, (requests, reads)))
    }

    async fn apply(
        &self,
        connection: &Connection,
        profile: &Profile,
        ledger: &mut TargetLedger,
    ) -> Result<TargetReport, String> {
        let (desired, live) = (self.desired, self.live);
        let mut steps = schedule(self.plan, desired, live, profile, &live.discovery);
        fill_secrets(&mut steps, |_| Ok::<Value, String>(Value::from(NO_SECRET)))?;
        let matching = Matching::new(&self.survey.directory, self.target);
        let known = Known::find(desired, live, ledger, &matching, profile, self.computed, self.only);
        let run = Run {
            target: self.target.name.as_str(),
            service: &Wire::new(connection.reader(), connection.writer()),
            plan: self.plan,
            steps: &steps,
            desired,
            live,
            profile,
            ledger,
            hasher: self.hasher,
            known: &known,
            matching: &matching,
            as_of: self.survey.as_of,
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
        let survey = self.survey;
        let empty = Live::default();
        let input = PlanInput {
            target: self.target,
            desired: self.desired,
            live: &empty,
            ledger,
            hasher: self.hasher,
            directory: &survey.directory,
            sources: &survey.sources,
            as_of: survey.as_of,
            only: self.only,
        };
        let mut again = reader.read(&read::request(&input)).await.map_err(|error| error.to_string())?;
        for (complete, before) in [
            (&mut again.users_complete, &self.live.users_complete),
            (&mut again.groups_complete, &self.live.groups_complete),
        ] {
            if *before != Completeness::Complete {
                complete.clone_from(before);
            } else if self.plan.read.unconfirmed > 0 {
                *complete = Completeness::Incomplete("what the target's list left out is not in the copy".to_owned());
            }
        }
        again.discovery = self.live.discovery.clone();
        let plan = read::refine(input, &mut again, reader).await.map_err(|error| error.to_string())?;
        Ok((again, plan))
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
