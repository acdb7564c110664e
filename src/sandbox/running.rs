//! Starting and stopping.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::app::App;
use super::fault::Faults;
use super::front::{BASE_PATH, Front, handle};
use super::log::Logged;
use super::options::{Options, SandboxError};
use super::rate::Limiter;
use super::wire::{Cuttable, Wire};
use crate::profile::AuthForm;

/// How long requests in flight may take when the server stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// The embedded server.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Opens the store, listens, and answers in the background of the current runtime.
    pub async fn start(options: Options) -> Result<Running, SandboxError> {
        let failed = |source| SandboxError::Listen { address: options.listen, source };
        let profile_header = options.profile.as_ref().and_then(|profile| match &profile.auth {
            AuthForm::Bearer | AuthForm::Basic | AuthForm::OAuth2 => None,
            AuthForm::Header(name) => Some(name.clone()),
        });
        let auth_header =
            options.auth_header.clone().or(profile_header).filter(|name| !name.eq_ignore_ascii_case("authorization"));
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let app = Arc::new(App::new(&options, auth_header)?);
        let front = Arc::new(Front {
            rates: Limiter::new(&app.limits.can.rates),
            app,
            log: super::log::RequestLog::default(),
            log_bodies: options.log_bodies,
            faults: options.faults,
            token: options.token,
            address: address.to_string(),
        });
        let router =
            Router::new().fallback(handle).with_state(Arc::clone(&front)).into_make_service_with_connect_info::<Wire>();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = axum::serve(Cuttable(listener), router).with_graceful_shutdown(async move {
            // A handle that is dropped stops the server as well.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move {
            // `axum::serve` never ends with an error.
            let _ = serve.await;
        });
        let base_url = format!("http://{address}{BASE_PATH}");
        Ok(Running { base_url, front, stop: Some(stop), task })
    }
}

/// A running server. Dropping it stops it as well, but does not wait.
pub struct Running {
    /// The base URL, without a slash at the end.
    pub base_url: String,
    front: Arc<Front>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Running {
    /// The faults in force, to change them.
    pub fn faults(&self) -> &Faults {
        &self.front.faults
    }

    /// The requests so far, oldest first; the last 100,000 of them.
    pub fn requests(&self) -> Vec<Logged> {
        self.front.log.entries()
    }

    /// How many requests there were.
    pub fn request_count(&self) -> u64 {
        self.front.log.count()
    }

    /// Forgets the requests so far and counts from 0.
    pub fn forget_requests(&self) {
        self.front.log.clear();
    }

    /// Waits for requests in flight, and closes the store's file.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // The task may have ended by itself.
            let _ = stop.send(());
        }
        if tokio::time::timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
        self.front.app.close();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
