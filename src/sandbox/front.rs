//! HTTP: who may come in, what goes wrong on purpose, and the way to the answer.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};

use super::app::{App, Session};
use super::bulk::MAX_PAYLOAD;
use super::fault::{Effect, Fault, Faults, Place, RetryAfter};
use super::log::{Logged, RequestLog};
use super::params::Query;
use super::rate::Limiter;
use super::reply::{Failure, Reply};
use super::route::{self, Call};
use super::wire::Wire;
use crate::scim::Value;

/// Where the API is on the server.
pub(super) const BASE_PATH: &str = "/scim/v2";
/// Bytes of a body at most, outside of bulk requests.
const LARGEST_BODY: usize = 64 << 20;

/// Everything that a request meets.
pub(super) struct Front {
    /// The server behind it.
    pub(super) app: Arc<App>,
    /// What went through.
    pub(super) log: RequestLog,
    /// Whether the log keeps bodies.
    pub(super) log_bodies: bool,
    /// What goes wrong.
    pub(super) faults: Faults,
    /// The vendor's rate limits.
    pub(super) rates: Limiter,
    /// What a client must present.
    pub(super) token: Option<SecretString>,
    /// The address listened on, for clients that send no `Host`.
    pub(super) address: String,
}

/// A request that was read.
struct Incoming {
    method: String,
    /// Below the base URL.
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

/// Answers a request.
pub(super) async fn handle(
    State(front): State<Arc<Front>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let content_type = front.app.limits.can.content_type.clone();
    let below = parts.uri.path().strip_prefix(BASE_PATH).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let Some(path) = below.map(str::to_owned) else {
        let failure = Failure::new(404, format!("the API is at {BASE_PATH}"));
        return Reply::from(failure).into_response(&content_type);
    };
    let body = to_bytes(body, LARGEST_BODY).await;
    let too_large = body.is_err();
    let incoming = Incoming {
        method: parts.method.as_str().to_owned(),
        path,
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.unwrap_or_default(),
    };
    let place = route::place(&incoming.path);
    let struck = front.faults.strike(&incoming.method, place);
    let mut entry = front.entry(&incoming, &struck);
    let hangs = |effect: Effect| struck.iter().any(|fault| fault.effect == effect);
    if hangs(Effect::HangBefore) {
        front.log.push(entry);
        // Ends with the connection.
        return std::future::pending().await;
    }
    let reply = if too_large {
        Some(Failure::new(413, format!("a body of more than {LARGEST_BODY} bytes")).into())
    } else {
        front.answer(incoming, place, &struck).await
    };
    let Some(mut reply) = reply else {
        if hangs(Effect::Reset) {
            wire.reset();
        } else {
            wire.cut_after(0);
        }
        front.log.push(entry);
        return Response::new(Body::empty());
    };
    let mut cut = false;
    for fault in &struck {
        cut |= spoil(&mut reply, &fault.effect, &wire);
    }
    entry.status = (!cut).then(|| reply.status.as_u16());
    front.log.push(entry);
    if hangs(Effect::HangAfter) {
        return std::future::pending().await;
    }
    reply.into_response(&content_type)
}

impl Front {
    fn entry(&self, incoming: &Incoming, struck: &[Fault]) -> Logged {
        let mut path = incoming.path.clone();
        if !incoming.query.is_empty() {
            path = format!("{path}?{}", incoming.query);
        }
        let names: Vec<_> = struck.iter().map(ToString::to_string).collect();
        let body = (self.log_bodies && !incoming.body.is_empty())
            .then(|| String::from_utf8_lossy(&incoming.body).into_owned());
        Logged {
            number: 0,
            method: incoming.method.clone(),
            path,
            status: None,
            fault: (!names.is_empty()).then(|| names.join(" ")),
            body,
        }
    }

    /// The answer; `None` if the connection is cut before there is one.
    async fn answer(self: &Arc<Self>, incoming: Incoming, place: Place, struck: &[Fault]) -> Option<Reply> {
        if !self.may_enter(&incoming.headers) {
            return Some(unauthorized("the token is missing or wrong"));
        }
        let endpoint = incoming.path.split('/').nth(1).unwrap_or_default();
        if let Some(wait) = self.rates.refuse(&incoming.method, endpoint, Instant::now()) {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            return Some(too_many(Some(RetryAfter::Seconds(seconds))));
        }
        for fault in struck {
            match &fault.effect {
                Effect::Latency(time) => tokio::time::sleep(*time).await,
                Effect::CutBefore | Effect::Reset => return None,
                Effect::TooMany(retry_after) => return Some(too_many(*retry_after)),
                Effect::Status(401) => return Some(unauthorized("the token is not valid any more")),
                Effect::Status(status) => {
                    return Some(Failure::new(*status, "a fault that was asked for").into());
                }
                Effect::Html => return Some(html()),
                _ => {}
            }
        }
        let front = Arc::clone(self);
        let effects: Vec<Effect> = struck.iter().map(|fault| fault.effect.clone()).collect();
        let work = move || front.work(&incoming, place, &effects);
        // Scans and waits for the disk must not hold up other connections.
        let done = tokio::task::spawn_blocking(work).await;
        Some(done.unwrap_or_else(|_| Failure::new(500, "the sandbox failed at this request").into()))
    }

    fn work(&self, incoming: &Incoming, place: Place, effects: &[Effect]) -> Reply {
        self.app.keep_history(self.faults.wants_history());
        let mut session = Session::new(&self.app, self.base(&incoming.headers));
        for effect in effects {
            match effect {
                Effect::Lie(names) if incoming.method != "GET" => session.lie = Some(names.clone()),
                Effect::Stale(time) => session.horizon = Instant::now().checked_sub(*time),
                _ => {}
            }
        }
        let reply = dispatch(&session, incoming, place);
        match (reply, session.is_kept()) {
            (Ok(reply), Ok(())) => reply,
            (Ok(_), Err(failure)) | (Err(failure), _) => failure.into(),
        }
    }

    /// The base URL as the client wrote it.
    fn base(&self, headers: &HeaderMap) -> String {
        let allowed = |host: &&str| {
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte))
        };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(allowed);
        format!("http://{}{BASE_PATH}", host.unwrap_or(&self.address))
    }

    fn may_enter(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given = match &self.app.auth_header {
            Some(name) => headers.get(name).and_then(|value| value.to_str().ok()),
            None => headers
                .get(header::AUTHORIZATION)
                .and_then(|value| value.to_str().ok())
                .and_then(|value| value.split_once(' '))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .map(|(_, token)| token.trim()),
        };
        // Hashes are compared, so that the time taken says nothing about the token.
        given.is_some_and(|given| blake3::hash(given.as_bytes()) == blake3::hash(token.expose_secret().as_bytes()))
    }
}

fn dispatch(session: &Session<'_>, incoming: &Incoming, place: Place) -> Result<Reply, Failure> {
    let text = |name: header::HeaderName| incoming.headers.get(name).and_then(|value| value.to_str().ok());
    if place == Place::Bulk && incoming.body.len() > MAX_PAYLOAD {
        let detail = format!("{} bytes; this server takes {MAX_PAYLOAD} in a bulk request", incoming.body.len());
        return Err(Failure::new(413, detail));
    }
    let most = session.app.limits.bytes_per_patch();
    if incoming.method == "PATCH" && incoming.body.len() > most {
        let detail = format!("{} bytes; this server takes {most} in a PATCH", incoming.body.len());
        return Err(Failure::new(413, detail));
    }
    let wanted = !incoming.body.is_empty() && incoming.method != "GET" && incoming.method != "DELETE";
    let body = wanted.then(|| decode(text(header::CONTENT_TYPE), &incoming.body)).transpose()?;
    let call = Call {
        method: &incoming.method,
        path: &incoming.path,
        query: Query::of_url(&incoming.query, &session.app.limits)?,
        body,
        if_match: text(header::IF_MATCH),
        if_none_match: text(header::IF_NONE_MATCH),
        own_id: None,
    };
    route::call(session, call)
}

/// JSON, said to be JSON (RFC 7644 section 3.1 and 8.1).
fn decode(content_type: Option<&str>, body: &[u8]) -> Result<Value, Failure> {
    let media = content_type.unwrap_or("application/scim+json").split(';').next().unwrap_or_default().trim();
    if !["application/scim+json", "application/json"].iter().any(|known| known.eq_ignore_ascii_case(media)) {
        return Err(Failure::new(415, format!("the body must be application/scim+json, not {media}")));
    }
    serde_json::from_slice(body).map_err(|error| Failure::bad("invalidSyntax", format!("the body is no JSON: {error}")))
}

fn unauthorized(detail: &str) -> Reply {
    Reply::from(Failure::new(401, detail)).with(header::WWW_AUTHENTICATE, "Bearer realm=\"SCIM\"")
}

fn too_many(retry_after: Option<RetryAfter>) -> Reply {
    let reply = Reply::from(Failure::new(429, "too many requests"));
    match retry_after {
        None => reply,
        Some(RetryAfter::Seconds(seconds)) => reply.with(header::RETRY_AFTER, seconds.to_string()),
        Some(RetryAfter::Date(seconds)) => {
            let date = SystemTime::now() + Duration::from_secs(seconds);
            reply.with(header::RETRY_AFTER, httpdate::fmt_http_date(date))
        }
    }
}

fn html() -> Reply {
    let page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";
    let mut reply = Reply::json(StatusCode::BAD_GATEWAY, page.to_owned());
    reply.content_type = Some("text/html; charset=utf-8");
    reply
}

/// Plays the faults that change an answer; whether the client gets none.
fn spoil(reply: &mut Reply, effect: &Effect, wire: &Wire) -> bool {
    match effect {
        Effect::CutAfter => {
            wire.cut_after(0);
            return true;
        }
        Effect::CutBody => {
            let half = reply.body.as_ref().map_or(0, |body| body.len() / 2);
            // The status line and the headers are longer than this, or the body begins: either way it is not whole.
            wire.cut_after(100 + half.saturating_sub(100));
            return true;
        }
        Effect::HangAfter => return true,
        Effect::FailAfter(status) => *reply = Failure::new(*status, "a fault that was asked for").into(),
        Effect::Garbage => {
            reply.status = StatusCode::OK;
            reply.body = Some("{\"schemas\":[\"urn:ietf:params:scim:api:mess".to_owned());
        }
        Effect::Empty => relist(reply, |list| {
            list.insert("totalResults".to_owned(), 0.into());
            list.insert("itemsPerPage".to_owned(), 0.into());
            list.insert("Resources".to_owned(), serde_json::Value::Array(Vec::new()));
            list.remove("nextCursor");
        }),
        Effect::Total(by) => relist(reply, |list| {
            let total = list.get("totalResults").and_then(serde_json::Value::as_i64).unwrap_or(0);
            list.insert("totalResults".to_owned(), (total + by).max(0).into());
        }),
        _ => {}
    }
    false
}

/// Changes an answer that is a list.
fn relist(reply: &mut Reply, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let body = reply.body.as_deref().and_then(|body| serde_json::from_str::<serde_json::Value>(body).ok());
    if let Some(serde_json::Value::Object(mut list)) = body
        && list.contains_key("totalResults")
    {
        change(&mut list);
        reply.body = Some(serde_json::Value::Object(list).to_string());
    }
}
