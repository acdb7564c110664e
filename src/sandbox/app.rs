//! The server's parts, and one request's way to them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::limits::Limits;
use super::model::Model;
use super::options::{Clock, Options, SandboxError};
use super::quirks::Quirks;
use super::reply::Failure;
use super::seed;
use super::store::State;
use crate::scim::ResourceKind;

/// All parts of a running server.
pub(super) struct App {
    state: RwLock<State>,
    clock: Clock,
    /// What the server can do.
    pub(super) limits: Limits,
    /// The schemas it knows.
    pub(super) model: Model,
    /// How it treats single attributes.
    pub(super) quirks: Quirks,
    /// How long a cursor may be used.
    pub(super) cursor_timeout: Duration,
    /// The header that carries the token, for `authenticationSchemes`; `None` is `Authorization: Bearer`.
    pub(super) auth_header: Option<String>,
}

impl App {
    /// Opens the store.
    pub(super) fn new(options: &Options, auth_header: Option<String>) -> Result<Self, SandboxError> {
        let mut state = State::open(&options.store)?;
        let profile = options.profile.as_deref();
        let limits = Limits::new(profile);
        let model = Model::new(profile, &options.seeds);
        let quirks = Quirks::new(profile.map(|profile| &profile.attributes), limits.can.reactivation);
        seed::plant(&mut state, &options.seeds, &model, &quirks, (options.clock)());
        state.flush();
        Ok(Self {
            state: RwLock::new(state),
            clock: Arc::clone(&options.clock),
            model,
            quirks,
            limits,
            cursor_timeout: options.cursor_timeout,
            auth_header,
        })
    }

    /// The state, to read.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time, to the millisecond: finer fractions trip clients up.
    pub(super) fn now(&self) -> Timestamp {
        let now = (self.clock)();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Whether the states before changes are kept from now on.
    pub(super) fn keep_history(&self, keep: bool) {
        if self.state().history != keep {
            self.state.write().unwrap_or_else(PoisonError::into_inner).history = keep;
        }
    }

    /// Closes the store's file.
    pub(super) fn close(&self) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).close();
    }
}

/// One request at work.
pub(super) struct Session<'a> {
    /// The server.
    pub(super) app: &'a App,
    /// The base URL as the client knows it, without a slash at the end.
    pub(super) base: String,
    /// Reads don't see what was changed after this, if a fault says so.
    pub(super) horizon: Option<Instant>,
    /// What writes leave undone, if a fault says so: everything (no names) or these attributes.
    pub(super) lie: Option<Vec<String>>,
    /// Resources that later operations of the same bulk request will make, by id.
    pub(super) promised: RefCell<HashMap<String, ResourceKind>>,
}

impl<'a> Session<'a> {
    /// A request that came to this base URL.
    pub(super) fn new(app: &'a App, base: String) -> Self {
        Self { app, base, horizon: None, lie: None, promised: RefCell::default() }
    }

    /// Whether writes are to be answered and not done.
    pub(super) fn is_dry(&self) -> bool {
        self.lie.as_ref().is_some_and(Vec::is_empty)
    }

    /// Changes the state; all of one call is on disk or none of it.
    pub(super) fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.app.state.write().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut state);
        state.flush();
        result
    }

    /// That everything so far is on disk.
    pub(super) fn is_kept(&self) -> Result<(), Failure> {
        self.app
            .state()
            .failure()
            .map_or(Ok(()), |reason| Err(Failure::new(500, format!("the sandbox's store can't be written: {reason}"))))
    }
}
