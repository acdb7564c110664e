//! Small servers that answer as a test says and remember what they were asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Response};
use scimform::live::Live;
use scimform::profile::{self, Profile};
use scimform::target::{
    Connection, Credential, Login, Pins, ReadRequest, Reader, ResolvedAuth, Settings, TargetError, Times, Wanted,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub query: String,
    pub params: BTreeMap<String, String>,
    pub headers: HeaderMap,
    pub body: String,
}

impl Seen {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    pub fn number(&self, name: &str) -> u64 {
        self.param(name).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// An answer.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub wait: Duration,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into(), wait: Duration::ZERO }
    }

    pub fn json(body: &Value) -> Self {
        Self::new(200, body.to_string()).with("content-type", "application/scim+json")
    }

    pub fn error(status: u16, scim_type: &str, detail: &str) -> Self {
        Self::new(status, json!({"status": status.to_string(), "scimType": scim_type, "detail": detail}).to_string())
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn after(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }
}

/// A server and its memory.
pub struct Mock {
    pub base: String,
    pub origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Mock {
    /// Answers all but discovery as the function says, which is also told how many requests came before.
    pub async fn start(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(false, answer).await
    }

    /// The same, with discovery left to the function as well if wanted.
    pub async fn start_with(discovery: bool, answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (memory, answer) = (seen.clone(), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| {
            let (memory, answer) = (memory.clone(), answer.clone());
            async move {
                let request = read(request).await;
                let reply = if !discovery && is_discovery(&request) {
                    Reply::new(404, "")
                } else {
                    let before = memory.lock().unwrap().len();
                    memory.lock().unwrap().push(request.clone());
                    answer(&request, before)
                };
                tokio::time::sleep(reply.wait).await;
                let mut response = Response::builder().status(reply.status);
                for (name, value) in reply.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(reply.body)).unwrap()
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base: format!("{origin}/scim/v2"), origin, seen }
    }

    /// What was asked, discovery aside.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How often it was asked, discovery aside.
    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

fn is_discovery(seen: &Seen) -> bool {
    ["ServiceProviderConfig", "ServiceProviderConfigs", "ResourceTypes"].iter().any(|end| seen.path.ends_with(end))
}

async fn read(request: Request) -> Seen {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let params = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query,
        params,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// A server that does with each connection what the function says, below HTTP; the number counts connections.
pub async fn raw<F, R>(serve: F) -> String
where
    F: Fn(TcpStream, usize) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut count = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, count));
            count += 1;
        }
    });
    origin
}

/// Reads a request's head and body, so that the answer comes after all of it.
pub async fn swallow(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Writes a whole answer and closes.
pub async fn answer(stream: &mut TcpStream, status: &str, body: &str) {
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

/// Limits short enough for tests.
pub fn times() -> Times {
    Times {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(400),
        request: Duration::from_secs(3),
        backoff: Duration::from_millis(5),
        retry_after: Duration::from_secs(60),
        answer_bytes: 1 << 20,
    }
}

/// The generic profile with other capabilities.
pub fn profile(overrides: &Value) -> Arc<Profile> {
    Arc::new(profile::builtin("generic").unwrap().with_capabilities(overrides).unwrap())
}

pub fn settings(base: &str, overrides: &Value) -> Settings {
    Settings { times: times(), ..Settings::new("test", base, ResolvedAuth::None, profile(overrides)) }
}

/// A login at this address, where nothing is pinned.
pub fn login(base: &str, credential: Credential) -> ResolvedAuth {
    ResolvedAuth::Login(Login::new(credential, Pins::none().permit(base, None, &profile(&json!({}))).unwrap()))
}

pub fn connect(base: &str, overrides: &Value) -> Connection {
    Connection::open(settings(base, overrides)).unwrap()
}

pub fn reader(base: &str, overrides: &Value) -> Reader {
    connect(base, overrides).reader()
}

/// What is read of the users of a server that answers so.
pub async fn read_with(
    overrides: Value,
    answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
) -> (Live, Mock) {
    let mock = Mock::start(answer).await;
    let live = reader(&mock.base, &overrides).read(&users_only()).await.unwrap();
    (live, mock)
}

/// The error of reading users of a server that answers so.
pub async fn refused(answer: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> (TargetError, Mock) {
    let mock = Mock::start(answer).await;
    let error = reader(&mock.base, &json!({})).read(&users_only()).await.unwrap_err();
    (error, mock)
}

pub fn users_only() -> ReadRequest {
    ReadRequest { users: Some(Wanted::of(["userName"])), ..ReadRequest::default() }
}

pub fn user(number: u64) -> Value {
    json!({"id": format!("id-{number:05}"), "userName": format!("user{number}@example.com"), "title": "x"})
}

/// Users `from..=to`, as a list that promises `total`.
pub fn list(total: impl Into<Value>, from: u64, to: u64) -> Value {
    let resources: Vec<Value> = (from..=to).map(user).collect();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total.into(), "startIndex": from, "itemsPerPage": resources.len(), "Resources": resources
    })
}

/// The page that an honest server gives: `have` users, at most `cap` a page.
pub fn honest(seen: &Seen, have: u64, cap: u64) -> Value {
    let start = seen.number("startIndex").max(1);
    let count = seen.param("count").map_or(cap, |_| seen.number("count")).min(cap);
    list(have, start, (start + count - 1).min(have))
}
