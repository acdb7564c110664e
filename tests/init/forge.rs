//! GitHub and GitLab as far as the scripts ask them: comments, statuses, issues and merged requests, kept in memory. Who
//! asks is told by the token.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The token of the workflow, and of somebody who may write to the repository too.
pub const BOT: &str = "token-of-the-workflow";
pub const MALLORY: &str = "token-of-mallory";

/// What is stored.
#[derive(Default)]
pub struct World {
    /// Comments and notes, each with the `number` of its request.
    pub comments: Vec<Value>,
    /// Statuses, each with its `sha`.
    pub statuses: Vec<Value>,
    pub issues: Vec<Value>,
    /// Merged requests, as each forge shows them.
    pub merged: Vec<Value>,
    /// Whether everything that writes is refused, as with a fork's token.
    pub read_only: bool,
    /// Method and path of everything that was asked.
    pub asked: Vec<String>,
    next: u64,
}

/// A forge on a thread of its own.
pub struct Forge {
    pub world: Arc<Mutex<World>>,
    pub url: String,
    runtime: tokio::runtime::Runtime,
}

impl Forge {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let world = Arc::new(Mutex::new(World::default()));
        let app = axum::Router::new().fallback(answer).with_state(world.clone());
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { world, url, runtime }
    }

    /// What somebody else does by hand.
    pub fn send(&self, token: &str, method: &str, path: &str, body: &Value) {
        let address = format!("{}{path}", self.url);
        let status = self.runtime.block_on(async {
            let request =
                reqwest::Client::new().request(method.parse().unwrap(), address).bearer_auth(token).json(body);
            request.send().await.unwrap().status()
        });
        assert!(status.is_success(), "{status}");
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.world.lock().unwrap())
    }
}

/// As GitHub and as GitLab name them.
fn person(headers: &HeaderMap) -> Option<Value> {
    let given = |name: &str| headers.get(name)?.to_str().ok().map(|text| text.trim_start_matches("Bearer ").to_owned());
    match given("authorization").or_else(|| given("private-token"))?.as_str() {
        BOT => Some(json!({ "login": "github-actions[bot]", "type": "Bot", "id": 1 })),
        MALLORY => Some(json!({ "login": "mallory", "type": "User", "id": 2 })),
        _ => None,
    }
}

async fn answer(
    State(world): State<Arc<Mutex<World>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(person) = person(&headers) else { return StatusCode::UNAUTHORIZED.into_response() };
    let mut world = world.lock().unwrap();
    let path = uri.path().to_owned();
    world.asked.push(format!("{method} {path}"));
    if method != Method::GET && world.read_only {
        return StatusCode::FORBIDDEN.into_response();
    }
    let sent: Value = serde_json::from_slice(&body).unwrap_or_default();
    let asked = |name: &str| {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        pairs.into_owned().find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let found = match parts.as_slice() {
        ["user"] => Some(person),
        ["repos", "acme", "people", rest @ ..] | ["projects", "7", rest @ ..] => {
            world.route(&method, rest, &sent, &person)
        }
        _ => None,
    };
    match found {
        None => (StatusCode::NOT_FOUND, format!("{method} {path}")).into_response(),
        Some(Value::Array(all)) => {
            let number = |name: &str, or: usize| asked(name).and_then(|text| text.parse().ok()).unwrap_or(or);
            let (page, size) = (number("page", 1), number("per_page", 20));
            let some: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
            axum::Json(Value::Array(some)).into_response()
        }
        Some(one) => axum::Json(one).into_response(),
    }
}

impl World {
    fn route(&mut self, method: &Method, path: &[&str], sent: &Value, person: &Value) -> Option<Value> {
        let write = *method != Method::GET;
        Some(match path {
            ["issues" | "merge_requests", number, "comments" | "notes"] if !write => {
                self.comments.iter().filter(|comment| comment["number"] == **number).cloned().collect()
            }
            ["issues" | "merge_requests", number, "comments" | "notes"] => {
                let made = self.made(sent, person, &json!({ "number": number }));
                self.comments.push(made);
                Value::Null
            }
            ["issues", "comments", id] | ["merge_requests", _, "notes", id] if write => {
                change(&mut self.comments, id, sent)?
            }
            ["statuses", sha] if write => {
                let made = self.made(sent, person, &json!({ "sha": sha }));
                // The newest comes first.
                self.statuses.insert(0, made);
                Value::Null
            }
            ["commits", sha, "statuses"] => {
                self.statuses.iter().filter(|status| status["sha"] == **sha).cloned().collect()
            }
            ["commits", sha, "pulls"] | ["repository", "commits", sha, "merge_requests"] => {
                self.merged.iter().filter(|merged| merged["merge_commit_sha"] == **sha).cloned().collect()
            }
            ["issues"] if write => {
                let made = self.made(sent, person, &json!({ "state": "open" }));
                self.issues.push(made);
                Value::Null
            }
            ["issues"] => self.issues.iter().filter(|issue| issue["state"] == "open").cloned().collect(),
            ["issues", id] if write => change(&mut self.issues, id, sent)?,
            _ => return None,
        })
    }

    fn made(&mut self, sent: &Value, person: &Value, more: &Value) -> Value {
        self.next += 1;
        let mut made = json!({ "id": self.next, "number": self.next, "iid": self.next, "user": person, "author": person, "creator": person });
        let object = made.as_object_mut().unwrap();
        object.extend(sent.as_object().unwrap().clone());
        object.extend(more.as_object().unwrap().clone());
        made
    }
}

fn change(all: &mut [Value], id: &str, sent: &Value) -> Option<Value> {
    let one = all.iter_mut().find(|one| one["id"].as_u64() == id.parse().ok())?;
    one.as_object_mut()?.extend(sent.as_object()?.clone());
    if sent["state_event"] == "close" {
        one["state"] = "closed".into();
    }
    Some(Value::Null)
}
