//! Opens the way to a target.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder};

use super::auth::Authenticator;
use super::base::BaseUrl;
use super::error::{ErrorKind, TargetError};
use super::exchange::Exchange;
use super::getter::Getter;
use super::limiter::Limiter;
use super::pace::Tally;
use super::reader::Reader;
use super::redact::Redactor;
use super::settings::{ResolvedAuth, Settings};
use super::writer::Writer;
use crate::profile::Profile;

/// The way to one target; nothing is sent by opening it. Reader and writer share connections, limits and tokens.
#[derive(Clone)]
pub struct Connection {
    exchange: Arc<Exchange>,
    reader: Reader,
}

impl Connection {
    /// Checks the settings and makes the client. Errors are of kind [`ErrorKind::Setup`].
    pub fn open(settings: Settings) -> Result<Self, TargetError> {
        let Settings { name, base_url, auth, profile, times, user_agent } = settings;
        tracing::debug!(target_name = name, "opening");
        let base = BaseUrl::parse(&base_url)?;
        if let ResolvedAuth::Login(login) = &auth
            && !login.permit.is_for(&base)
        {
            return Err(setup("the login is for another address".to_owned()));
        }
        let facts = &profile.capabilities;
        let build = || builder(&base, &profile, &user_agent, times.connect);
        let client = build().build().or_else(|_| {
            // Where the system has no certificate store the builder fails, even for http.
            let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
            build().tls_certs_merge(roots.filter_map(|root| Certificate::from_der(root).ok())).build()
        });
        let client = client.map_err(|error| setup(format!("no HTTP client can be made: {}", error.without_url())))?;
        let redactor = Redactor::default();
        let auth = Authenticator::new(&auth, &client, &redactor)?;
        let content_type = HeaderValue::try_from(facts.content_type.as_str())
            .map_err(|_| setup("`capabilities.contentType` is no media type".to_owned()))?;
        let exchange = Arc::new(Exchange {
            client,
            base,
            auth,
            limiter: Limiter::new(facts.concurrency, &facts.rates),
            tally: Tally::default(),
            redactor,
            times,
            content_type,
            name,
            profile: Arc::clone(&profile),
            reads: AtomicU64::new(0),
            writes: AtomicU64::new(0),
        });
        let reader = Reader::new(Getter::new(Arc::clone(&exchange)), profile);
        Ok(Self { exchange, reader })
    }

    /// The read side.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// The base URL as messages show it: without a login or a query.
    pub fn shown_url(&self) -> String {
        format!("{:?}", self.exchange.base)
    }

    /// Requests sent so far, retries included.
    pub fn requests(&self) -> u64 {
        self.exchange.reads.load(Ordering::Relaxed) + self.exchange.writes.load(Ordering::Relaxed)
    }

    /// The write side.
    pub fn writer(&self) -> Writer {
        Writer::new(Arc::clone(&self.exchange))
    }
}

fn setup(why: String) -> TargetError {
    TargetError::new(ErrorKind::Setup, why)
}

fn builder(base: &BaseUrl, profile: &Profile, user_agent: &str, connect: std::time::Duration) -> ClientBuilder {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/scim+json, application/json;q=0.9"));
    let abreast = usize::try_from(profile.capabilities.concurrency.clamp(1, 64)).unwrap_or(1);
    let builder = Client::builder()
        .user_agent(user_agent)
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(connect)
        .pool_max_idle_per_host(abreast)
        .gzip(true)
        .zstd(true);
    if base.is_loopback() { builder.no_proxy() } else { builder.https_only(true) }
}
