//! A target in memory, RFC-true unless told otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use super::twist::Twist;
use crate::apply::{Answer, Current, Fault, Service};
use crate::live::{ListTrust, Live, LiveMember, LiveResource, Members};
use crate::scim::patch::{self, PatchOp};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, PerKind, ResourceKind, Value};

#[derive(Default)]
pub(super) struct State {
    pub(super) store: BTreeMap<(ResourceKind, String), Object>,
    old: BTreeMap<(ResourceKind, String), (usize, Option<Object>)>,
    versions: BTreeMap<String, u64>,
    next: u64,
    pub(super) log: Vec<String>,
    pub(super) writes: usize,
    requests: u64,
    pub(super) lists: u64,
    pub(super) twists: Vec<Twist>,
    pub(super) etags: bool,
}

#[derive(Default)]
pub(super) struct Fake {
    state: Mutex<State>,
}

fn fault(status: u16, scim_type: Option<&str>) -> Fault {
    Fault {
        message: format!("status {status}"),
        status: Some(status),
        scim_type: scim_type.map(Into::into),
        ..Fault::default()
    }
}

fn lost() -> Fault {
    Fault { message: "the connection broke".into(), outcome_unknown: true, ..Fault::default() }
}

enum Fate {
    Go,
    Lose,
}

impl State {
    fn has(&self, test: impl Fn(&Twist) -> bool) -> bool {
        self.twists.iter().any(test)
    }

    /// Counts a write and says whether it comes through.
    fn write(&mut self, what: String) -> Result<Fate, Fault> {
        let turn = self.writes;
        self.writes += 1;
        self.requests += 1;
        self.log.push(what);
        let mut fate = Fate::Go;
        for twist in self.twists.clone() {
            match twist {
                Twist::CutBefore(at) if at == turn => return Err(lost()),
                Twist::ExpiresAt(at) if turn >= at => return Err(Fault { unauthorized: true, ..fault(401, None) }),
                Twist::DownAt(at) if turn >= at => {
                    return Err(Fault { message: "nobody answers".into(), ..Fault::default() });
                }
                Twist::Fails(at, status) if at == turn => return Err(fault(status, None)),
                Twist::CutAfter(at) if at == turn => fate = Fate::Lose,
                Twist::Cancels(at, cancel) if at == turn => cancel.cancel(),
                _ => {}
            }
        }
        Ok(fate)
    }

    fn put(&mut self, kind: ResourceKind, id: &str, mut object: Object) -> Object {
        let before = self.store.get(&(kind, id.to_owned())).cloned();
        for twist in self.twists.clone() {
            match twist {
                Twist::Ignores(name) => {
                    let old = before.as_ref().and_then(|before| before.get(name)).cloned();
                    match old {
                        Some(old) => drop(object.insert(name, old)),
                        None => drop(object.remove(name)),
                    }
                }
                Twist::Keeps(name, value) => {
                    let is = |item: &&Value| item.get("value").and_then(Value::as_str) == Some(value);
                    let old = before.as_ref().and_then(|before| before.get(name)).and_then(Value::as_array);
                    let kept = old.unwrap_or_default().iter().find(is).cloned();
                    let mut now = object.get(name).and_then(Value::as_array).unwrap_or_default().to_vec();
                    now.extend(kept.filter(|_| !now.iter().any(|item| is(&item))));
                    object.insert(name, Value::Array(now));
                }
                Twist::Shouts(name) => {
                    if let Some(Value::String(text)) = object.get_mut(name) {
                        *text = text.to_uppercase();
                    }
                }
                Twist::SwitchesOff if before.is_some() => drop(object.insert("active", Value::Bool(false))),
                Twist::Adds(name, value) => {
                    let mut all = object.get(name).and_then(Value::as_array).unwrap_or_default().to_vec();
                    all.retain(|item| item.get("value").and_then(Value::as_str) != Some(value));
                    all.push(Value::from(serde_json::json!({ "value": value })));
                    object.insert(name, Value::Array(all));
                }
                Twist::Loses(name) if before.is_some() => drop(object.remove(name)),
                Twist::Replaces(name) => {
                    let other = match object.get(name) {
                        Some(Value::Array(_)) => serde_json::json!([{ "value": "eve@other.example" }]),
                        _ => serde_json::json!("eve@other.example"),
                    };
                    object.insert(name, Value::from(other));
                }
                Twist::Starts(name) if before.is_none() => drop(object.remove(name)),
                Twist::Late(reads) => drop(self.old.insert((kind, id.to_owned()), (reads, before.clone()))),
                _ => {}
            }
        }
        object.retain(|_, value| !value.is_unassigned());
        object.insert("id", Value::from(id));
        let claimed = object.clone();
        self.lie(id, before.as_ref(), &mut object);
        *self.versions.entry(id.to_owned()).or_default() += 1;
        if self.has(|twist| matches!(twist, Twist::Vanishes)) && object.get("active") == Some(&Value::Bool(false)) {
            self.store.remove(&(kind, id.to_owned()));
        } else {
            self.store.insert((kind, id.to_owned()), object);
        }
        claimed
    }

    /// Keeps what was there of attributes about which the answer lies.
    fn lie(&self, id: &str, before: Option<&Object>, object: &mut Object) {
        for twist in &self.twists {
            let name = match twist {
                Twist::Lies(name) => name,
                Twist::LiesAbout(name, whose) if *whose == id => name,
                _ => continue,
            };
            match before.and_then(|before| before.get(name)).cloned() {
                Some(old) => drop(object.insert(*name, old)),
                None => drop(object.remove(name)),
            }
        }
    }

    /// A resource as an answer shows it.
    fn shown(&self, mut object: Object) -> Object {
        if self.has(|twist| matches!(twist, Twist::Hides | Twist::Secret)) && object.get("displayName").is_some() {
            object.insert("members", Value::Array(Vec::new()));
        }
        object
    }

    /// What a PATCH does besides what it says.
    fn overdo(&self, before: &Object, ops: &[PatchOp], after: &mut Object) {
        let of = |wanted: patch::Op| {
            let named = |op: &&PatchOp| op.path.as_ref().is_some_and(|path| path.attribute == "members");
            ops.iter().filter(named).filter(|op| op.op == wanted).collect::<Vec<_>>()
        };
        let (added, removed) = (of(patch::Op::Add), of(patch::Op::Remove));
        if self.has(|twist| matches!(twist, Twist::Clears)) && !removed.is_empty() {
            after.remove("members");
        }
        if self.has(|twist| matches!(twist, Twist::AddReplaces))
            && let Some(op) = added.first()
        {
            after.insert("members", op.value.clone().unwrap_or_default());
        }
        if self.has(|twist| matches!(twist, Twist::Shifts)) && removed.len() > 1 {
            let left: Vec<String> = ids(after).intersection(&ids(before)).take(removed.len() - 1).cloned().collect();
            if let Some(Value::Array(members)) = after.get_mut("members") {
                members.retain(|member| id_of(member).is_none_or(|id| !left.contains(&id)));
            }
        }
    }

    fn etag(&self, id: &str) -> Option<String> {
        self.etags.then(|| format!("W/\"{}\"", self.versions.get(id).copied().unwrap_or_default()))
    }

    fn answer(&mut self, fate: &Fate, status: u16, id: &str, object: Object) -> Result<Answer, Fault> {
        if matches!(fate, Fate::Lose) {
            return Err(lost());
        }
        let terse = self.has(|twist| matches!(twist, Twist::Terse)) && status != 201;
        let object = self.shown(object);
        let object = (!terse).then_some(object);
        let status = if terse { 204 } else { status };
        Ok(Answer { status, object, id: Some(id.to_owned()), etag: self.etag(id), request: None })
    }

    /// Takes away what an update leaves out.
    fn forget(&self, object: &mut Object, names: impl Fn(&str) -> bool) {
        for twist in &self.twists {
            if let Twist::Drops(name) = twist
                && !names(name)
            {
                object.remove(name);
            }
        }
    }

    /// The id of the resource with which every POST is answered.
    fn linked(&self) -> Option<String> {
        self.twists.iter().find_map(|twist| match twist {
            Twist::Links(id) => Some((*id).to_owned()),
            _ => None,
        })
    }

    fn offers(&self, method: &str) -> Result<(), Fault> {
        let status = self.twists.iter().find_map(|twist| match twist {
            Twist::Without(refused, status) if *refused == method => Some(*status),
            _ => None,
        });
        status.map_or(Ok(()), |status| Err(fault(status, None)))
    }

    fn matching(&self, id: &str, etag: Option<&str>) -> Result<(), Fault> {
        match etag {
            Some(_) if self.has(|twist| matches!(twist, Twist::RefusesEtags)) => Err(fault(412, None)),
            Some(etag) if self.etag(id).as_deref() != Some(etag) => Err(fault(412, None)),
            _ => Ok(()),
        }
    }

    fn refuses(&self, before: &Object, ops: &[PatchOp]) -> bool {
        let there = ids(before);
        ops.iter().filter(|op| op.path.as_ref().is_some_and(|path| path.attribute == "members")).any(|op| {
            let named: BTreeSet<String> =
                op.value.iter().flat_map(|value| value.as_array().unwrap_or_default()).filter_map(id_of).collect();
            let filter =
                op.path.as_ref().and_then(|path| path.filter.as_ref()).map(ToString::to_string).unwrap_or_default();
            let rejected = self.twists.iter().any(|twist| {
                matches!(twist, Twist::Rejects(id) if named.contains(id) || filter.contains(&format!("\"{id}\"")))
            });
            let strict = self.has(|twist| matches!(twist, Twist::Strict))
                && match op.op {
                    patch::Op::Add => named.iter().any(|id| there.contains(id)),
                    patch::Op::Remove => !there.iter().any(|id| filter.contains(&format!("\"{id}\""))),
                    patch::Op::Replace => false,
                };
            rejected || strict
        })
    }
}

fn id_of(value: &Value) -> Option<String> {
    value.get("value").and_then(Value::as_str).map(str::to_owned)
}

pub(super) fn ids(group: &Object) -> BTreeSet<String> {
    group.get("members").and_then(Value::as_array).unwrap_or_default().iter().filter_map(id_of).collect()
}

/// Whether an operation lets members come or go by their ids.
fn is_quick(op: &PatchOp) -> bool {
    op.path.as_ref().is_some_and(|path| path.attribute == "members")
        && (op.op == patch::Op::Add || (op.op == patch::Op::Remove && going(op).is_some()))
}

fn going(op: &PatchOp) -> Option<String> {
    let filter = op.path.as_ref()?.filter.as_ref()?.to_string();
    Some(filter.strip_prefix("value eq \"")?.strip_suffix('"')?.to_owned())
}

/// Lets members come and go as RFC 7644 has it, in time that grows with their number alone.
fn quickly(group: &mut Object, ops: &[PatchOp]) {
    if ops.is_empty() {
        return;
    }
    let gone: BTreeSet<String> = ops.iter().filter_map(going).collect();
    let mut there = ids(group);
    let Value::Array(mut members) = group.remove("members").unwrap_or(Value::Array(Vec::new())) else {
        panic!("an array")
    };
    for element in ops.iter().flat_map(|op| op.value.iter()).flat_map(|value| value.as_array().unwrap_or_default()) {
        if there.insert(id_of(element).unwrap()) {
            members.push(element.clone());
        }
    }
    members.retain(|element| id_of(element).is_none_or(|id| !gone.contains(&id)));
    group.insert("members", Value::Array(members));
}

impl Fake {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Puts a resource there, as someone else would.
    pub(super) fn seed(&self, kind: ResourceKind, id: &str, json: serde_json::Value) {
        let Value::Object(object) = Value::from(json) else { panic!("an object") };
        let mut state = self.state();
        let twists = std::mem::take(&mut state.twists);
        state.put(kind, id, object);
        state.twists = twists;
    }

    pub(super) fn object(&self, kind: ResourceKind, id: &str) -> Object {
        self.state().store.get(&(kind, id.to_owned())).cloned().unwrap_or_default()
    }

    pub(super) fn count(&self, kind: ResourceKind) -> usize {
        self.state().store.keys().filter(|(known, _)| *known == kind).count()
    }

    /// What a read would give.
    pub(super) fn live(&self) -> Live {
        let state = self.state();
        let of = |kind: ResourceKind| -> Vec<LiveResource> {
            let all = state.store.iter().filter(|((known, _), _)| *known == kind);
            all.map(|((_, id), object)| {
                let mut attributes = object.clone();
                attributes.retain(|name, _| !["id", "meta", "schemas", "members"].contains(&name));
                let member = |id| LiveMember { id, kind: None, display: None };
                let members = if state.has(|twist| matches!(twist, Twist::Secret)) {
                    Members::Unknown
                } else {
                    Members::Known(ids(object).into_iter().map(member).collect())
                };
                LiveResource {
                    kind,
                    id: id.clone(),
                    version: state.etag(id),
                    attributes,
                    members,
                    by_id: false,
                    unkept: crate::live::Unkept::default(),
                }
            })
            .collect()
        };
        Live {
            users: of(ResourceKind::User),
            groups: of(ResourceKind::Group),
            trust: PerKind { users: ListTrust::Whole, groups: ListTrust::Whole },
            ..Live::default()
        }
    }
}

impl Service for Fake {
    async fn get(&self, kind: ResourceKind, id: &str) -> Result<Option<Current>, Fault> {
        let mut state = self.state();
        state.requests += 1;
        let named = (kind, id.to_owned());
        if let Some((reads, before)) = state.old.get_mut(&named)
            && *reads > 0
        {
            *reads -= 1;
            return Ok(before.clone().map(|object| Current { object, etag: None }));
        }
        let etag = state.etag(id);
        let twists = state.twists.clone();
        let shown = |mut object: Object| {
            for twist in &twists {
                if let Twist::HidesById(name) = twist {
                    object.remove(name);
                }
            }
            state.shown(object)
        };
        Ok(state.store.get(&named).cloned().map(|object| Current { object: shown(object), etag }))
    }

    async fn find(&self, kind: ResourceKind, path: &AttrPath, value: &str) -> Result<Vec<String>, Fault> {
        let mut state = self.state();
        state.requests += 1;
        if state.has(|twist| matches!(twist, Twist::Blind)) {
            return Ok(Vec::new());
        }
        for twist in &state.twists {
            if let Twist::Deaf(name, status) = twist
                && path.attribute == *name
            {
                return Err(fault(*status, None));
            }
        }
        if path.attribute == "groups" {
            let group = state.store.get(&(ResourceKind::Group, value.to_owned()));
            return Ok(group.map(|group| ids(group).into_iter().collect()).unwrap_or_default());
        }
        let wanted = value.to_lowercase();
        let hit = |object: &Object| {
            path.read(object).iter().any(|value| value.as_str().is_some_and(|text| text.to_lowercase() == wanted))
        };
        Ok(state
            .store
            .iter()
            .filter(|((known, _), object)| *known == kind && hit(object))
            .map(|((_, id), _)| id.clone())
            .collect())
    }

    async fn list(&self, kind: ResourceKind, _: &[AttrPath]) -> Result<Vec<(String, Object)>, Fault> {
        let mut state = self.state();
        state.requests += 1;
        state.lists += 1;
        let all = state.store.iter().filter(|((known, _), _)| *known == kind);
        Ok(all.map(|((_, id), object)| (id.clone(), object.clone())).collect())
    }

    async fn create(&self, kind: ResourceKind, body: &Object) -> Result<Answer, Fault> {
        let mut state = self.state();
        let fate = state.write(format!("POST {kind}"))?;
        if let Some(id) = state.linked() {
            let object = state.store.get(&(kind, id.clone())).cloned().unwrap();
            return state.answer(&fate, 201, &id, object);
        }
        let name = |object: &Object| object.get("userName").and_then(Value::as_str).map(str::to_lowercase);
        if name(body).is_some() && state.store.values().any(|known| name(known) == name(body)) {
            return Err(fault(409, Some("uniqueness")));
        }
        if ids(body).iter().any(|id| state.has(|twist| matches!(twist, Twist::Rejects(bad) if bad == id))) {
            return Err(fault(400, Some("invalidValue")));
        }
        state.next += 1;
        let id = format!("{}{}", if kind == ResourceKind::User { "u" } else { "g" }, state.next);
        let object = state.put(kind, &id, body.clone());
        state.answer(&fate, 201, &id, object)
    }

    async fn replace(&self, kind: ResourceKind, id: &str, body: &Object, etag: Option<&str>) -> Result<Answer, Fault> {
        let mut state = self.state();
        let fate = state.write(format!("PUT {kind} {id}"))?;
        let Some(before) = state.store.get(&(kind, id.to_owned())).cloned() else { return Err(fault(404, None)) };
        state.matching(id, etag)?;
        state.offers("PUT")?;
        let mut object = if state.has(|twist| matches!(twist, Twist::Forgets)) { Object::new() } else { before };
        for (name, value) in body.iter() {
            object.insert(name, value.clone());
        }
        state.forget(&mut object, |name| body.get(name).is_some());
        let object = state.put(kind, id, object);
        state.answer(&fate, 200, id, object)
    }

    async fn patch(&self, kind: ResourceKind, id: &str, ops: &[PatchOp], etag: Option<&str>) -> Result<Answer, Fault> {
        let mut state = self.state();
        let fate = state.write(format!("PATCH {kind} {id}"))?;
        let Some(mut object) = state.store.get(&(kind, id.to_owned())).cloned() else { return Err(fault(404, None)) };
        state.matching(id, etag)?;
        state.offers("PATCH")?;
        if state.refuses(&object, ops) {
            return Err(fault(400, Some("invalidValue")));
        }
        let before = object.clone();
        let (members, others): (Vec<PatchOp>, Vec<PatchOp>) = ops.iter().cloned().partition(is_quick);
        patch::apply(&mut object, &others, Schemas::core(kind)).map_err(|_| fault(400, Some("invalidPath")))?;
        quickly(&mut object, &members);
        state.overdo(&before, ops, &mut object);
        let named = |name: &str| ops.iter().any(|op| op.path.as_ref().is_some_and(|path| path.attribute == name));
        state.forget(&mut object, named);
        let object = state.put(kind, id, object);
        state.answer(&fate, 200, id, object)
    }

    async fn delete(&self, kind: ResourceKind, id: &str, etag: Option<&str>) -> Result<Answer, Fault> {
        let mut state = self.state();
        let fate = state.write(format!("DELETE {kind} {id}"))?;
        state.matching(id, etag)?;
        if let Some(place) = state.twists.iter().position(|twist| matches!(twist, Twist::Hesitates)) {
            state.twists.remove(place);
            return Err(fault(412, None));
        }
        if state.has(|twist| matches!(twist, Twist::Softly)) {
            let object = state.store.get_mut(&(kind, id.to_owned()));
            object.map(|object| object.insert("active", Value::Bool(false)));
            return Ok(Answer { status: 204, ..Answer::default() });
        }
        match (state.store.remove(&(kind, id.to_owned())), fate) {
            (_, Fate::Lose) => Err(lost()),
            (None, Fate::Go) => Err(fault(404, None)),
            (Some(_), Fate::Go) => Ok(Answer { status: 204, ..Answer::default() }),
        }
    }

    fn requests(&self) -> u64 {
        self.state().requests
    }
}
