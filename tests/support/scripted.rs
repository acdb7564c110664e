//! A server that a whole run of the program talks to: a plain SCIM server of users and groups, and a function that may
//! answer in its stead.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use scimform::scim::filter::Filter;
use scimform::scim::patch::{self, PatchRequest};
use scimform::scim::schema::Schemas;
use scimform::scim::{Object, ResourceKind};
use serde_json::{Value, json};

use super::mock::{Mock, Reply, Seen};

/// What the plain server holds: by endpoint and id.
#[derive(Default)]
pub struct Held {
    pub resources: BTreeMap<(String, String), Value>,
    made: usize,
}

impl Held {
    pub fn put(&mut self, endpoint: &str, id: &str, mut resource: Value) {
        resource["id"] = json!(id);
        self.resources.insert((endpoint.to_owned(), id.to_owned()), resource);
    }

    pub fn get(&self, endpoint: &str, id: &str) -> Option<&Value> {
        self.resources.get(&(endpoint.to_owned(), id.to_owned()))
    }

    pub fn all(&self, endpoint: &str) -> Vec<Value> {
        self.resources.iter().filter(|((of, _), _)| of == endpoint).map(|(_, resource)| resource.clone()).collect()
    }

    /// What the plain server answers.
    pub fn answer(&mut self, seen: &Seen) -> Reply {
        let rest = seen.path.strip_prefix("/scim/v2/").unwrap_or_default();
        let (endpoint, id) = rest.split_once('/').map_or((rest, None), |(endpoint, id)| (endpoint, Some(id)));
        if !matches!(endpoint, "Users" | "Groups") {
            return Reply::new(404, "");
        }
        let id = id.map(percent_decoded);
        match (seen.method.as_str(), id) {
            ("GET", None) => list(seen, self.matching(endpoint, seen.param("filter"))),
            ("POST", None) => self.create(endpoint, body(seen)),
            (method, Some(id)) => match self.get(endpoint, &id).cloned() {
                None => Reply::error(404, "", "not there"),
                Some(resource) if method == "GET" => Reply::json(&resource),
                Some(_) if method == "DELETE" => {
                    self.resources.remove(&(endpoint.to_owned(), id));
                    Reply::new(204, "")
                }
                Some(resource) => {
                    let new =
                        if method == "PATCH" { patched(endpoint, &resource, &body(seen)) } else { Ok(body(seen)) };
                    match new {
                        Ok(new) => self.put(endpoint, &id, new),
                        Err(why) => return Reply::error(400, "", &why),
                    }
                    Reply::json(self.get(endpoint, &id).unwrap())
                }
            },
            _ => Reply::error(405, "", "not here"),
        }
    }

    fn matching(&self, endpoint: &str, filter: Option<&str>) -> Vec<Value> {
        let all = self.all(endpoint);
        let Some(filter) = filter else { return all };
        let filter: Filter = filter.parse().unwrap();
        all.into_iter().filter(|one| filter.matches(&object(one), Schemas::core(kind(endpoint)))).collect()
    }

    fn create(&mut self, endpoint: &str, resource: Value) -> Reply {
        let name = resource["userName"].as_str().map(str::to_lowercase);
        let taken = |one: &Value| name.is_some() && one["userName"].as_str().map(str::to_lowercase) == name;
        if self.all(endpoint).iter().any(taken) {
            return Reply::error(409, "uniqueness", "the userName is taken");
        }
        self.made += 1;
        let id = format!("made-{}", self.made);
        self.put(endpoint, &id, resource);
        Reply { status: 201, ..Reply::json(self.get(endpoint, &id).unwrap()) }
    }
}

pub fn body(seen: &Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

/// A list response of all of these, cut to the page that was asked for.
pub fn list(seen: &Seen, all: Vec<Value>) -> Reply {
    let start = usize::try_from(seen.number("startIndex").max(1)).unwrap();
    let count = seen.param("count").map_or(all.len(), |_| usize::try_from(seen.number("count")).unwrap());
    let total = all.len();
    let page: Vec<Value> = all.into_iter().skip(start - 1).take(count).collect();
    Reply::json(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total, "startIndex": start, "itemsPerPage": page.len(), "Resources": page
    }))
}

fn kind(endpoint: &str) -> ResourceKind {
    if endpoint == "Users" { ResourceKind::User } else { ResourceKind::Group }
}

fn object(value: &Value) -> Object {
    serde_json::from_value(value.clone()).unwrap()
}

fn patched(endpoint: &str, resource: &Value, request: &Value) -> Result<Value, String> {
    let mut resource = object(resource);
    let request = PatchRequest::read(&serde_json::from_value(request.clone()).unwrap()).unwrap();
    let applied = patch::apply(&mut resource, &request.operations, Schemas::core(kind(endpoint)));
    applied.map_err(|error| format!("{error:?}"))?;
    Ok(serde_json::to_value(&resource).unwrap())
}

fn percent_decoded(text: &str) -> String {
    let query = format!("x={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(query.as_bytes()).next().unwrap().1.into_owned()
}

/// The server, on a thread of its own.
pub struct Scripted {
    _runtime: tokio::runtime::Runtime,
    mock: Mock,
    held: Arc<Mutex<Held>>,
}

impl Scripted {
    /// A plain server that does as the RFC says.
    pub fn plain() -> Self {
        Self::new(|_, _| None)
    }

    /// Whatever the function does not answer is the plain server's.
    pub fn new(answer: impl Fn(&Seen, &mut Held) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let held: Arc<Mutex<Held>> = Arc::default();
        let known = held.clone();
        let mock = runtime.block_on(Mock::start_with(true, move |seen, _| {
            let mut held = known.lock().unwrap();
            match answer(seen, &mut held) {
                Some(reply) => reply,
                None => held.answer(seen),
            }
        }));
        Self { _runtime: runtime, mock, held }
    }

    pub fn url(&self) -> &str {
        &self.mock.base
    }

    pub fn origin(&self) -> &str {
        &self.mock.origin
    }

    pub fn put(&self, endpoint: &str, id: &str, resource: Value) {
        self.held.lock().unwrap().put(endpoint, id, resource);
    }

    pub fn get(&self, endpoint: &str, id: &str) -> Option<Value> {
        self.held.lock().unwrap().get(endpoint, id).cloned()
    }

    pub fn all(&self, endpoint: &str) -> Vec<Value> {
        self.held.lock().unwrap().all(endpoint)
    }

    pub fn change(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.held.lock().unwrap());
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.mock.seen()
    }

    /// Requests that would change something.
    pub fn writes(&self) -> Vec<Seen> {
        self.seen().into_iter().filter(|seen| seen.method != "GET").collect()
    }
}
