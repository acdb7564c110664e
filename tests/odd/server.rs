//! A SCIM server that can be bent: it keeps what it is sent and answers as the RFC says, until a rule says otherwise.
//!
//! Rules that several tests share, and those that random servers are made of, are data ([`Bends`]). What only one test
//! needs is a function: `keep` changes what is stored, `hook` answers a request in the server's place.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use scimform::scim::ResourceKind::{self, Group, User};
use scimform::scim::filter::Filter;
use scimform::scim::patch::{self, PatchRequest};
use scimform::scim::schema::Schemas;
use serde_json::{Value, json};

use crate::odd::bends::{Answer, Bends, Deletion, Effect, Filters, Listed, Of, Order, Tags, Taken, Total};
use crate::support::mock::{Mock, Reply, Seen};

/// A request, as the server understood it, and the status of its answer.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub kind: Option<ResourceKind>,
    pub id: Option<String>,
    pub query: BTreeMap<String, String>,
    pub body: Value,
    pub path: String,
    pub if_match: bool,
    authorized: bool,
    pub status: u16,
}

impl Asked {
    fn of(seen: &Seen) -> Self {
        let rest = seen.path.strip_prefix("/scim/v2/").unwrap_or_default();
        let (endpoint, id) = rest.split_once('/').map_or((rest, None), |(endpoint, id)| (endpoint, Some(id)));
        let kind = match endpoint {
            "Users" => Some(User),
            "Groups" => Some(Group),
            _ => None,
        };
        Self {
            method: seen.method.clone(),
            kind,
            id: id.map(str::to_owned),
            query: seen.params.clone(),
            body: serde_json::from_str(&seen.body).unwrap_or_default(),
            path: seen.path.clone(),
            if_match: seen.header("if-match").is_some(),
            authorized: seen.header("authorization") == Some("Bearer secret-token"),
            status: 0,
        }
    }

    pub fn is(&self, method: &str, kind: ResourceKind) -> bool {
        self.method == method && self.kind == Some(kind)
    }

    pub fn number(&self, name: &str) -> Option<usize> {
        self.query.get(name).and_then(|text| text.parse().ok())
    }
}

type Hook = Arc<dyn Fn(&Asked, &mut State) -> Option<Reply> + Send + Sync>;
type Keep = Arc<dyn Fn(ResourceKind, Value, Option<&Value>) -> Value + Send + Sync>;

/// What the server holds, in the order of its coming.
pub struct State {
    pub users: Vec<Value>,
    pub groups: Vec<Value>,
    pub log: Vec<Asked>,
    pub bends: Bends,
    hook: Hook,
    keep: Keep,
    made: usize,
    lists: usize,
    /// What reads still show after a write (nothing after a create), and how often.
    late: BTreeMap<String, (Option<Value>, usize)>,
}

impl State {
    pub fn held(&mut self, kind: ResourceKind) -> &mut Vec<Value> {
        if kind == User { &mut self.users } else { &mut self.groups }
    }

    fn find(&mut self, kind: ResourceKind, id: &str) -> Option<&mut Value> {
        self.held(kind).iter_mut().find(|one| one["id"] == id)
    }

    /// Puts a resource there; its id is made up where it has none.
    pub fn add(&mut self, kind: ResourceKind, mut resource: Value) -> Value {
        self.made += 1;
        if !resource["id"].is_string() {
            resource["id"] = json!(format!("{}{}", if kind == User { 'u' } else { 'g' }, self.made));
        }
        resource["schemas"] = json!([format!("urn:ietf:params:scim:schemas:core:2.0:{}", kind.name())]);
        resource["meta"] = json!({"version": 1});
        self.held(kind).push(resource.clone());
        resource
    }

    fn answer(&mut self, seen: &Seen) -> Reply {
        let mut asked = Asked::of(seen);
        let hook = self.hook.clone();
        let reply = hook(&asked, self).unwrap_or_else(|| self.plain(&asked));
        asked.status = reply.status;
        self.log.push(asked);
        reply
    }

    fn plain(&mut self, asked: &Asked) -> Reply {
        if !asked.authorized {
            return Reply::error(401, "", "bad token");
        }
        let Some(kind) = asked.kind else { return self.discovery(asked) };
        let refused = self.bends.refused.iter().find(|(method, of, _)| asked.is(method, *of));
        if let Some((_, _, status)) = refused {
            return Reply::error(*status, "", "not supported here");
        }
        if asked.method == "PATCH" && !self.bends.patch {
            return Reply::error(501, "", "PATCH is not implemented");
        }
        match (asked.method.as_str(), &asked.id) {
            ("GET", None) => self.list(kind, asked),
            ("POST", None) => self.create(kind, &asked.body),
            (method, Some(id)) => self.on(method, kind, id, asked),
            _ => Reply::error(405, "", "not here"),
        }
    }

    fn discovery(&self, asked: &Asked) -> Reply {
        if asked.path != "/scim/v2/ServiceProviderConfig" || !self.bends.discovery {
            return Reply::error(404, "", "no such endpoint");
        }
        Reply::json(&json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": {"supported": self.bends.patch}, "etag": {"supported": self.bends.tags != Tags::None},
            "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": true, "maxResults": self.bends.page}, "changePassword": {"supported": false},
            "sort": {"supported": false}, "authenticationSchemes": []
        }))
    }

    /// What a read finds under this id at the moment.
    fn seen_by_id(&mut self, kind: ResourceKind, id: &str) -> Option<Value> {
        let now = self.find(kind, id).cloned();
        let shown = match self.late.get_mut(id) {
            Some((before, left)) if *left > 0 => {
                *left -= 1;
                before.clone()
            }
            _ => now,
        };
        shown.filter(|one| !(self.bends.off_is_gone && is_off(one)))
    }

    fn on(&mut self, method: &str, kind: ResourceKind, id: &str, asked: &Asked) -> Reply {
        if method == "GET" {
            return match self.seen_by_id(kind, id) {
                Some(one) => self.tagged(kind, &one, Answer::ById, 200),
                None => Reply::error(404, "", "no such resource"),
            };
        }
        let Some(old) = self.find(kind, id).cloned().filter(|one| !(self.bends.off_is_gone && is_off(one))) else {
            return Reply::error(404, "", "no such resource");
        };
        if asked.if_match && self.bends.tags == Tags::Refused {
            return Reply::error(412, "", "the resource has changed");
        }
        if method == "DELETE" {
            return self.delete(kind, id);
        }
        let new =
            if method == "PATCH" { self.patched(kind, &old, &asked.body) } else { Ok(self.put(&old, &asked.body)) };
        let mut new = match new {
            Ok(new) => new,
            Err(error) => return Reply::error(400, "invalidSyntax", &error),
        };
        new["id"] = old["id"].clone();
        new["meta"] = json!({"version": old["meta"]["version"].as_u64().unwrap_or(0) + 1});
        let sent = |attribute: &str| asked.body.to_string().contains(&format!("\"{attribute}"));
        self.slip(method, kind, &mut new, Some(&old), sent);
        if self.is_taken(kind, &new) {
            return Reply::error(if self.bends.taken == Taken::Error { 500 } else { 409 }, "uniqueness", "taken");
        }
        let new = self.kept(kind, new, Some(&old));
        self.late.insert(id.to_owned(), (Some(old), self.bends.lag));
        if let Some(held) = self.find(kind, id) {
            *held = new.clone();
        }
        self.tagged(kind, &new, Answer::Written, 200)
    }

    fn patched(&self, kind: ResourceKind, old: &Value, body: &Value) -> Result<Value, String> {
        let mut resource = old.clone();
        let adds = |operation: &Value| operation["op"] == "add" && operation["path"] == "members";
        if self.bends.add_replaces && body["Operations"].as_array().is_some_and(|all| all.iter().any(adds)) {
            resource["members"] = json!([]);
        }
        let mut object = serde_json::from_value(resource).map_err(|error| error.to_string())?;
        let request = serde_json::from_value(body.clone()).map_err(|error| error.to_string())?;
        let request = PatchRequest::read(&request).map_err(|error| error.to_string())?;
        patch::apply(&mut object, &request.operations, Schemas::core(kind)).map_err(|error| error.to_string())?;
        serde_json::to_value(&object).map_err(|error| error.to_string())
    }

    fn put(&self, old: &Value, body: &Value) -> Value {
        let mut new = if self.bends.put_merges { old.clone() } else { json!({}) };
        for (name, value) in body.as_object().into_iter().flatten() {
            new[name] = value.clone();
        }
        new
    }

    fn slip(
        &self,
        method: &str,
        kind: ResourceKind,
        new: &mut Value,
        old: Option<&Value>,
        sent: impl Fn(&str) -> bool,
    ) {
        for slip in self.bends.slips.iter().filter(|slip| slip.method == method && slip.kind == kind) {
            let before = old.and_then(|old| old.get(slip.attribute));
            let object = new.as_object_mut().unwrap();
            match (slip.effect, before) {
                (Effect::Ignored, Some(before)) => drop(object.insert(slip.attribute.to_owned(), before.clone())),
                (Effect::LostUnlessSent, _) if sent(slip.attribute) => {}
                _ => drop(object.remove(slip.attribute)),
            }
        }
    }

    fn kept(&self, kind: ResourceKind, mut new: Value, old: Option<&Value>) -> Value {
        for quirk in self.bends.quirks.iter().filter(|_| kind == User) {
            quirk.change(&mut new);
        }
        (self.keep)(kind, new, old)
    }

    fn is_taken(&self, kind: ResourceKind, new: &Value) -> bool {
        let (held, attribute) = match kind {
            User => (&self.users, "userName"),
            Group if self.bends.unique_groups => (&self.groups, "displayName"),
            Group => return false,
        };
        let folded = |one: &Value| one[attribute].as_str().map(str::to_lowercase);
        let mut others = held.iter().filter(|one| one["id"] != new["id"]);
        folded(new).is_some() && others.any(|one| folded(one) == folded(new))
    }

    fn create(&mut self, kind: ResourceKind, body: &Value) -> Reply {
        let mut new = body.clone();
        new["id"] = Value::Null;
        if self.is_taken(kind, &new) {
            let name = new["userName"].as_str().map(str::to_lowercase);
            let of = |one: &&Value| one["userName"].as_str().map(str::to_lowercase) == name;
            let there = self.users.iter().find(of).cloned();
            return match (self.bends.taken, there) {
                (Taken::Error, _) => Reply::error(500, "", "try another name"),
                _ => Reply::error(409, "uniqueness", "the name is taken"),
            };
        }
        self.slip("POST", kind, &mut new, None, |_| true);
        let new = self.kept(kind, new, None);
        let made = self.add(kind, new);
        self.late.insert(id(&made).to_owned(), (None, self.bends.lag));
        self.tagged(kind, &made, Answer::Written, 201)
    }

    fn delete(&mut self, kind: ResourceKind, id: &str) -> Reply {
        if kind == User && self.bends.deletion == Deletion::Deactivates {
            self.find(kind, id).unwrap()["active"] = json!(false);
            return Reply::new(204, "");
        }
        self.remove(kind, id);
        Reply::new(204, "")
    }

    /// Takes a resource away, out of all groups too.
    pub fn remove(&mut self, kind: ResourceKind, id: &str) {
        self.held(kind).retain(|one| one["id"] != id);
        for group in &mut self.groups {
            if let Some(members) = group["members"].as_array_mut() {
                members.retain(|member| member["value"] != id);
            }
        }
    }

    /// All reads show what is there from now on.
    pub fn settle(&mut self) {
        self.late.clear();
    }

    /// What an answer shows of a resource.
    pub fn shown(&self, kind: ResourceKind, one: &Value, answer: Answer) -> Value {
        let mut shown = one.clone();
        let held = if kind == User { &self.users } else { &self.groups };
        let number = held.iter().position(|other| other["id"] == one["id"]).unwrap_or_default();
        for hidden in self.bends.hidden.iter().filter(|hidden| hidden.kind == kind && hidden.from.contains(&answer)) {
            let applies = match hidden.of {
                Of::Everyone => true,
                Of::Half => number % 2 == 1,
                Of::Empty => matches!(&one[hidden.attribute], Value::Array(all) if all.is_empty()),
            };
            if applies {
                shown.as_object_mut().unwrap().remove(hidden.attribute);
            }
        }
        let version = one["meta"]["version"].to_string();
        shown["meta"] = json!({"resourceType": kind.name()});
        if self.bends.tags != Tags::None {
            shown["meta"]["version"] = json!(format!("W/\"{version}\""));
        }
        shown
    }

    fn tagged(&self, kind: ResourceKind, one: &Value, answer: Answer, status: u16) -> Reply {
        let shown = self.shown(kind, one, answer);
        let reply = Reply { status, ..Reply::json(&shown) };
        match shown["meta"]["version"].as_str() {
            Some(version) => reply.with("etag", version),
            None => reply,
        }
    }

    /// A page of a list.
    pub fn list(&mut self, kind: ResourceKind, asked: &Asked) -> Reply {
        let filter = asked.query.get("filter").filter(|_| self.bends.filters != Filters::Ignored);
        let answer = if asked.query.contains_key("filter") { Answer::Filtered } else { Answer::List };
        if filter.is_some() && self.bends.filters == Filters::Refused {
            return Reply::error(400, "invalidFilter", "filters are not supported");
        }
        let start = asked.number("startIndex").unwrap_or(1).max(1) - 1;
        let ids: Vec<String> = self.held(kind).iter().map(|one| id(one).to_owned()).collect();
        let mut all: Vec<Value> = ids.iter().filter_map(|id| self.seen_by_id(kind, id)).collect();
        match self.bends.listed {
            Listed::Active => all.retain(|one| !is_off(one)),
            Listed::HalfLater if filter.is_none() => {
                self.lists += usize::from(start == 0);
                if self.lists > 4 {
                    let half = all.len().div_ceil(2);
                    all.truncate(half);
                }
            }
            Listed::AllButLast if filter.is_none() => drop(all.pop()),
            Listed::All | Listed::AllButLast | Listed::HalfLater => {}
        }
        if let Some(filter) = filter {
            let Ok(filter) = filter.parse::<Filter>() else { return Reply::error(400, "invalidFilter", filter) };
            let works = self.bends.filters == Filters::Work;
            all.retain(|one| {
                works && filter.matches(&serde_json::from_value(one.clone()).unwrap(), Schemas::core(kind))
            });
        }
        if self.bends.repeats {
            all = all.into_iter().enumerate().flat_map(|(at, one)| vec![one; 1 + at % 3]).collect();
        }
        if self.bends.order == Order::Turning && !all.is_empty() {
            self.lists += usize::from(start == 0);
            let by = self.lists % all.len();
            all.rotate_left(by);
        }
        let count = asked.number("count").unwrap_or(self.bends.page).min(self.bends.page);
        let page: Vec<Value> = all.iter().skip(start).take(count).map(|one| self.shown(kind, one, answer)).collect();
        let mut list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": all.len(),
            "startIndex": start + 1, "itemsPerPage": page.len(), "Resources": page
        });
        match self.bends.total {
            Total::True => {}
            Total::Missing => drop(list.as_object_mut().unwrap().remove("totalResults")),
            Total::TooMany => list["totalResults"] = json!(all.len() + 1),
        }
        Reply::json(&list)
    }

    pub fn user(&mut self, name: &str) -> Option<&mut Value> {
        self.users.iter_mut().find(|user| user["userName"] == name)
    }

    pub fn group(&mut self, name: &str) -> Option<&mut Value> {
        self.groups.iter_mut().find(|group| group["displayName"] == name)
    }
}

/// The id of a resource.
pub fn id(one: &Value) -> &str {
    one["id"].as_str().unwrap_or_default()
}

/// Whether an account is inactive.
pub fn is_off(one: &Value) -> bool {
    one["active"] == false
}

/// The server, on a thread of its own.
pub struct Odd {
    _runtime: tokio::runtime::Runtime,
    mock: Mock,
    state: Arc<Mutex<State>>,
}

impl Odd {
    pub fn new(bends: Bends) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let state = Arc::new(Mutex::new(State {
            users: Vec::new(),
            groups: Vec::new(),
            log: Vec::new(),
            bends,
            hook: Arc::new(|_, _| None),
            keep: Arc::new(|_, new, _| new),
            made: 0,
            lists: 0,
            late: BTreeMap::new(),
        }));
        let known = state.clone();
        let mock = runtime.block_on(Mock::start_with(true, move |seen, _| known.lock().unwrap().answer(seen)));
        Self { _runtime: runtime, mock, state }
    }

    /// Answers requests in the server's place.
    pub fn hook(self, hook: impl Fn(&Asked, &mut State) -> Option<Reply> + Send + Sync + 'static) -> Self {
        self.state().hook = Arc::new(hook);
        self
    }

    /// Changes what is kept; it is given what is there before as well.
    pub fn keep(self, keep: impl Fn(ResourceKind, Value, Option<&Value>) -> Value + Send + Sync + 'static) -> Self {
        self.state().keep = Arc::new(keep);
        self
    }

    /// Puts these there.
    pub fn holding(self, users: &[Value], groups: &[Value]) -> Self {
        for (kind, resources) in [(User, users), (Group, groups)] {
            for resource in resources {
                self.state().add(kind, resource.clone());
            }
        }
        self
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn url(&self) -> &str {
        &self.mock.base
    }

    #[track_caller]
    pub fn user(&self, name: &str) -> Value {
        self.state().user(name).cloned().unwrap_or_else(|| panic!("no user {name}"))
    }

    /// What is held under this id.
    #[track_caller]
    pub fn by_id(&self, id: &str) -> Value {
        let state = self.state();
        let found = state.users.iter().chain(&state.groups).find(|one| one["id"] == id);
        found.cloned().unwrap_or_else(|| panic!("nothing is held under {id}"))
    }

    /// Whether the account with this userName is active.
    #[track_caller]
    pub fn is_active(&self, name: &str) -> bool {
        !is_off(&self.user(name))
    }

    /// The userNames in a group, sorted; the id of who is not there.
    #[track_caller]
    pub fn members(&self, name: &str) -> Vec<String> {
        let mut state = self.state();
        let group = state.group(name).cloned().unwrap_or_else(|| panic!("no group {name}"));
        let named = |member: &Value| {
            let user = state.users.iter().find(|user| user["id"] == member["value"]);
            user.map_or(&member["value"], |user| &user["userName"]).as_str().unwrap_or_default().to_owned()
        };
        let mut names: Vec<String> = group["members"].as_array().into_iter().flatten().map(named).collect();
        names.sort();
        names
    }

    /// Requests that would change something.
    pub fn writes(&self) -> Vec<Asked> {
        self.state().log.iter().filter(|asked| asked.method != "GET").cloned().collect()
    }
}
