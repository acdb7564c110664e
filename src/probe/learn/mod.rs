//! Learns by writing: what a server that nobody described does with what a plan would send.

mod accounts;
mod attributes;
mod bisect;
mod clean;
mod filters;
mod groups;
pub(super) mod lists;
mod members;
mod parts;
mod session;
mod state;
mod verbs;

use jiff::civil::Date;

use super::model::{Outcome, Probe};
use super::person::ProbeUser;
use crate::apply::Cancel;
use crate::directory::{Directory, TargetName};
use crate::live::Discovery;
use crate::profile::Profile;
use crate::scim::ResourceKind;
use crate::target::Connection;
use session::Session;

/// What is needed to learn.
pub struct Lesson<'a> {
    /// Everything declared; people and groups of it are not looked at.
    pub directory: Directory,
    /// The target.
    pub target: &'a TargetName,
    /// Its profile.
    pub profile: &'a Profile,
    /// What it says of itself.
    pub discovery: &'a Discovery,
    /// Begins every name that is made up.
    pub mark: &'a str,
    /// The same target, with bodies as plain JSON.
    pub plain: Option<Connection>,
    /// Today.
    pub as_of: Date,
    /// Ends the trials; what was made is removed all the same.
    pub cancel: Cancel,
}

/// Makes marked users and groups, tries what a plan would do, and removes them, whatever fails in between.
pub async fn learn(lesson: Lesson<'_>, connection: &Connection, probe: &mut Probe) {
    let Lesson { directory, target, profile, discovery, mark, plain, as_of, cancel } = lesson;
    let cast = match ProbeUser::new(directory, target, mark) {
        Ok(cast) => cast,
        Err(why) => return probe.tried("create", Outcome::Bad, why),
    };
    probe.written = true;
    let mut session = Session::new(connection, profile, discovery, cast, as_of, cancel, probe);
    session.plain = plain;
    session.trials().await;
    if session.ended() {
        session.forget();
    }
    session.clean_up().await;
    let stay = probe.left.iter().any(|left| left.kind == ResourceKind::User);
    if probe.usable && stay && probe.deactivation_failed() {
        probe.usable = false;
        probe.reason = Some("nobody's access can be taken away: neither `active: false` nor a DELETE did".to_owned());
    }
}

impl Session<'_> {
    async fn trials(&mut self) {
        let resources = self.profile.capabilities.resources;
        if resources.users {
            self.try_users().await;
        }
        if resources.groups && self.discovery.groups != Some(false) {
            self.try_groups().await;
        }
    }

    /// Each trial leaves what it learned in the session; none ends the others.
    async fn try_users(&mut self) {
        if !self.make_first_account().await {
            return;
        }
        self.try_verbs().await;
        self.judge_attributes();
        self.make_other_accounts().await;
        // Filters come after a new name: some servers find people by the first one only.
        self.try_rename().await;
        self.try_filters().await;
        self.try_lists().await;
        self.try_deactivation().await;
    }
}
