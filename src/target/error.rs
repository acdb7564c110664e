//! What can go wrong at a target, in words that help and hold no secret.

use std::fmt::{self, Write as _};

use reqwest::StatusCode;

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings do not allow a request; nothing was sent.
    Setup,
    /// A secret could not be had; nothing was sent.
    Secret,
    /// The address is neither pinned nor allowed; nothing was looked up or sent.
    Pinned,
    /// The token endpoint gave no access token.
    Token,
    /// The host name could not be resolved.
    Dns,
    /// Nobody listens there.
    Refused,
    /// The TLS handshake failed.
    Tls,
    /// No connection for another reason.
    Connect,
    /// No answer in time.
    Timeout,
    /// The answer began and then came too slowly to wait for.
    Trickle,
    /// The connection broke before the answer was whole.
    Cut,
    /// The server sends us elsewhere and we do not follow.
    Redirect,
    /// An error status.
    Status,
    /// Too many requests, whatever the status.
    Limited,
    /// A web page instead of SCIM.
    Html,
    /// An answer that is no SCIM.
    Body,
    /// An answer of SCIM 1.1.
    Version,
    /// A filter that the server took no notice of.
    Filter,
    /// An answer beyond the size limit.
    TooLarge,
}

/// A failed request, or one that could not be made. Holds no secret, no query and no body beyond 200 characters.
#[derive(Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct TargetError {
    facts: Box<Facts>,
}

#[derive(Clone)]
struct Facts {
    kind: ErrorKind,
    method: String,
    url: String,
    status: Option<u16>,
    scim_type: Option<String>,
    detail: String,
    attempts: u32,
    outcome_unknown: bool,
    advice: Option<String>,
}

impl TargetError {
    /// A failure without a request.
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        let facts = Facts {
            kind,
            method: String::new(),
            url: String::new(),
            status: None,
            scim_type: None,
            detail: detail.into(),
            attempts: 0,
            outcome_unknown: false,
            advice: None,
        };
        Self { facts: Box::new(facts) }
    }

    pub(crate) fn at(mut self, method: &str, shown_url: String) -> Self {
        method.clone_into(&mut self.facts.method);
        self.facts.url = shown_url;
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.facts.status = Some(status);
        self
    }

    pub(crate) fn with_scim_type(mut self, scim_type: Option<String>) -> Self {
        self.facts.scim_type = scim_type;
        self
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.facts.attempts = attempts;
        self
    }

    pub(crate) fn unknown(mut self, unknown: bool) -> Self {
        self.facts.outcome_unknown = unknown;
        self
    }

    /// Says the way out.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.facts.advice = Some(hint.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.facts.kind
    }

    /// The request's method; empty where nothing was sent.
    pub fn method(&self) -> &str {
        &self.facts.method
    }

    /// The request's URL without its query; empty where nothing was sent.
    pub fn url(&self) -> &str {
        &self.facts.url
    }

    /// The HTTP status, where an answer came.
    pub fn status(&self) -> Option<u16> {
        self.facts.status
    }

    /// `scimType` of the error body (RFC 7644 section 3.12).
    pub fn scim_type(&self) -> Option<&str> {
        self.facts.scim_type.as_deref()
    }

    /// What the server or the connection said, tamed.
    pub fn detail(&self) -> &str {
        &self.facts.detail
    }

    /// How many times the request was sent.
    pub fn attempts(&self) -> u32 {
        self.facts.attempts
    }

    /// Whether a write may have happened although it failed: look before doing it again.
    pub fn outcome_unknown(&self) -> bool {
        self.facts.outcome_unknown
    }

    /// Whether the credentials were refused: every further request would fail as well.
    pub fn is_unauthorized(&self) -> bool {
        self.facts.status == Some(401)
            || matches!(self.facts.kind, ErrorKind::Token | ErrorKind::Secret | ErrorKind::Pinned)
    }

    /// The way out, as a full sentence, where one is known: the vendor's first.
    pub fn hint(&self) -> Option<&str> {
        match &self.facts.advice {
            Some(advice) => Some(advice),
            None => hint(self.facts.kind, self.facts.status),
        }
    }

    fn sentence(&self) -> String {
        let Facts { method, url, status, detail, attempts, .. } = &*self.facts;
        let mut text = String::new();
        if !method.is_empty() {
            text = format!("{method} {url}: ");
        }
        if let Some(status) = status {
            text.push_str(&status_text(*status));
        }
        if !detail.is_empty() {
            if status.is_some() {
                text.push_str(": ");
            }
            text.push_str(detail);
        }
        if *attempts > 1 {
            // Writing to a string does not fail.
            let _ = write!(text, " (after {attempts} attempts)");
        }
        text
    }
}

impl fmt::Debug for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.facts.kind, self.sentence())
    }
}

fn status_text(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.map_or_else(|| status.to_string(), |reason| format!("{status} {reason}"))
}

fn hint(kind: ErrorKind, status: Option<u16>) -> Option<&'static str> {
    Some(match (kind, status) {
        (ErrorKind::Limited, _) => return None,
        (_, Some(401)) => {
            "Is the token valid and not expired, is it sent in the form that the vendor wants, and is SCIM enabled at the target?"
        }
        (ErrorKind::Html, _) => "This URL answers a web page; the SCIM base URL usually ends in /scim/v2.",
        (_, Some(403)) => {
            "Is SCIM enabled at the target, and may the token's owner manage users? Some vendors want an administrator's token."
        }
        (_, Some(404)) => "Is SCIM enabled at the target, and is the base URL right? It usually ends in /scim/v2.",
        (ErrorKind::Version, _) => {
            "Set the address of the target's SCIM 2.0 API as its `url`; it often ends in /v2, where that of SCIM 1.1 ends in /v1."
        }
        (ErrorKind::Redirect, _) => "Set the URL that the target points to as its `url`, if you trust it.",
        (ErrorKind::Refused, _) => "Nobody listens there: check host and port of the target's `url`.",
        (ErrorKind::Dns, _) => "The host name is not known: check the target's `url`, and the proxy settings.",
        (ErrorKind::Tls, _) => {
            "The target's certificate is not trusted here; a private authority's certificate can be given by SSL_CERT_FILE."
        }
        (ErrorKind::Connect, _) => "Check the network, and HTTPS_PROXY and NO_PROXY if a proxy is used.",
        (ErrorKind::Token, _) => {
            "Check `tokenUrl`, `clientId`, the client secret and the scopes under the target's `auth`."
        }
        (ErrorKind::Secret, _) => "Set it where scimform runs, or change what the target's `auth` names.",
        _ => return None,
    })
}
