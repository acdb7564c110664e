//! Changes of a group's members. They are worked out on the side, so that a change of a few members of a large group
//! costs as much as the few.

use std::collections::HashSet;
use std::sync::Arc;

use indexmap::IndexMap;

use super::app::Session;
use super::reply::Failure;
use super::store::{Joined, MemberChange, Members, State};
use crate::profile::MemberRemoval;
use crate::scim::filter::{Filter, Literal};
use crate::scim::patch::{Op, PatchOp};
use crate::scim::path::AttrPath;
use crate::scim::schema::Schemas;
use crate::scim::{Object, ResourceKind, Value};

/// The members of a group while a request works on them.
pub(super) struct Edit<'a> {
    session: &'a Session<'a>,
    state: &'a State,
    group: &'a str,
    base: &'a Members,
    cleared: bool,
    left: HashSet<Arc<str>>,
    joined: IndexMap<Arc<str>, Joined>,
    named: usize,
}

impl<'a> Edit<'a> {
    /// Of a group that has these members; `group` is empty for one that is being made.
    pub(super) fn new(session: &'a Session<'a>, state: &'a State, group: &'a str, base: &'a Members) -> Self {
        Self { session, state, group, base, cleared: false, left: HashSet::new(), joined: IndexMap::new(), named: 0 }
    }

    /// Adds those of an array, or of one object.
    pub(super) fn add(&mut self, value: &Value) -> Result<(), Failure> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items.iter().filter(|item| !item.is_unassigned()) {
            self.named += 1;
            let member = self.resolve(item)?;
            if !self.contains(&member.id) {
                self.joined.insert(Arc::clone(&member.id), member);
            }
        }
        Ok(())
    }

    /// Puts those of an array in place of all.
    pub(super) fn replace(&mut self, value: &Value) -> Result<(), Failure> {
        self.clear();
        self.add(value)
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        self.cleared = true;
        self.left.clear();
        self.joined.clear();
    }

    fn remove(&mut self, id: &str) {
        self.named += 1;
        self.joined.swap_remove(id);
        if !self.cleared && self.base.contains(id) {
            self.left.insert(Arc::from(id));
        }
    }

    /// Applies an operation whose path is `members`.
    pub(super) fn apply(&mut self, operation: &PatchOp, schemas: &Schemas) -> Result<(), Failure> {
        let path = operation.path.as_ref();
        if path.is_some_and(|path| path.sub.is_some()) {
            // RFC 7643 section 8.7.1: the parts of a member are immutable.
            return Err(Failure::bad("mutability", "the parts of a member can't be changed; replace the member"));
        }
        let value = operation.value.as_ref().filter(|value| !matches!(value, Value::Null));
        let filtered = path.is_some_and(|path| path.filter.is_some());
        self.understood(operation.op, filtered, value.is_some())?;
        match (operation.op, path.and_then(|path| path.filter.as_ref()), value) {
            (Op::Add, None, Some(value)) => self.add(value),
            (Op::Replace, None, Some(value)) => self.replace(value),
            (Op::Replace | Op::Remove, None, None) => {
                self.clear();
                Ok(())
            }
            (Op::Remove, None, Some(value)) => self.remove_listed(value),
            (Op::Remove, Some(filter), _) => {
                for id in self.matching(filter, schemas) {
                    self.remove(&id);
                }
                Ok(())
            }
            (Op::Replace, Some(filter), Some(value)) => {
                let matching = self.matching(filter, schemas);
                if matching.is_empty() {
                    return Err(Failure::bad("noTarget", format!("no member fulfils `{filter}`")));
                }
                for id in matching {
                    self.remove(&id);
                }
                self.add(value)
            }
            _ => Err(Failure::bad("invalidValue", format!("`{}` of members needs a value", operation.op))),
        }
    }

    /// Whether the server knows this form of a change. Some know a `remove` whose value lists the members, which is not
    /// the RFC's form, or none at all; some can't change all members at once.
    fn understood(&self, op: Op, filtered: bool, valued: bool) -> Result<(), Failure> {
        let can = &self.session.app.limits.can;
        if !can.replace_members && (op == Op::Replace || (op == Op::Remove && !filtered && !valued)) {
            return Err(Failure::bad("invalidValue", "this server can't change all members at once"));
        }
        if op != Op::Remove || !(filtered || valued) {
            return Ok(());
        }
        match (can.member_removal, filtered) {
            (MemberRemoval::Filter, true) | (MemberRemoval::Value, false) => Ok(()),
            (MemberRemoval::Filter, false) => {
                let detail = "`remove` takes no value (RFC 7644 section 3.5.2.2); use members[value eq \"…\"]";
                Err(Failure::bad("invalidSyntax", detail))
            }
            (MemberRemoval::Value, true) => {
                Err(Failure::bad("invalidPath", "this server takes no filter in a path; list the members in the value"))
            }
            (MemberRemoval::Replace, _) => {
                Err(Failure::bad("invalidSyntax", "this server removes no single members; replace them all"))
            }
        }
    }

    /// The members named in a `remove`.
    fn remove_listed(&mut self, value: &Value) -> Result<(), Failure> {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            let id = item.get("value").and_then(Value::as_str).or(item.as_str());
            self.remove(id.ok_or_else(|| Failure::bad("invalidValue", "a member to remove has no `value`"))?);
        }
        Ok(())
    }

    fn matching(&self, filter: &Filter, schemas: &Schemas) -> Vec<Arc<str>> {
        if let Some([(path, Literal::String(id))]) = filter.equalities().as_deref()
            && path.attribute.eq_ignore_ascii_case("value")
        {
            return Some(id.as_str()).filter(|id| self.contains(id)).map(Arc::from).into_iter().collect();
        }
        let attribute = schemas.attribute(&AttrPath::attribute("members"));
        let fits = |Joined { id, kind, display }: &&Joined| {
            let own = || self.state.table(*kind).get(id)?.record.keys.label.clone();
            let label = display.as_deref().map(str::to_owned).or_else(own);
            let parts = [
                ("value", Some(id.to_string())),
                ("type", Some(kind.name().to_owned())),
                ("display", label),
                ("$ref", Some(format!("{}/{}/{id}", self.session.base, kind.endpoint()))),
            ];
            let member: Object =
                parts.into_iter().filter_map(|(name, text)| Some((name, Value::from(text?)))).collect();
            filter.matches_element(&Value::Object(member), attribute)
        };
        let kept = self.base.iter().filter(|member| !self.cleared && !self.left.contains(&member.id));
        kept.chain(self.joined.values()).filter(fits).map(|member| Arc::clone(&member.id)).collect()
    }

    fn contains(&self, id: &str) -> bool {
        self.joined.contains_key(id) || (!self.cleared && self.base.contains(id) && !self.left.contains(id))
    }

    /// A member, which must exist: `value`, or the end of `$ref`.
    fn resolve(&self, item: &Value) -> Result<Joined, Failure> {
        let invalid = |detail: String| Failure::bad("invalidValue", detail);
        let tail = || item.get("$ref").and_then(Value::as_str).and_then(|link| link.rsplit('/').next());
        let id = item.get("value").and_then(Value::as_str).or_else(tail);
        let id = id.ok_or_else(|| invalid("a member must be an object with a `value`".to_owned()))?;
        let promised = || self.session.promised.borrow().get(id).map(|kind| (Arc::from(id), *kind));
        // Who is in the group already may be someone whom a copy does not hold.
        let inside = || self.base.get(id).map(|member| (Arc::clone(&member.id), member.kind));
        let known = self.state.kind_of(id).or_else(promised).or_else(inside);
        let (id, kind) = known.ok_or_else(|| invalid(format!("there is no member \"{id}\"")))?;
        if item.get("type").and_then(Value::as_str).is_some_and(|said| !said.eq_ignore_ascii_case(kind.name())) {
            return Err(invalid(format!("the member \"{id}\" is a {}", kind.name())));
        }
        if kind == ResourceKind::Group && !self.session.app.limits.can.nested_groups {
            return Err(invalid("this server has no groups in groups".to_owned()));
        }
        if &*id == self.group {
            return Err(invalid("a group can't be its own member".to_owned()));
        }
        let display = item.get("display").and_then(Value::as_str).map(Arc::from);
        Ok(Joined { id, kind, display })
    }

    /// How many members the request named, for the limit of one PATCH.
    pub(super) fn named(&self) -> usize {
        self.named
    }

    /// What is to be stored.
    pub(super) fn finish(mut self) -> MemberChange {
        let mut leave: Vec<Arc<str>> = if self.cleared {
            self.base.iter().map(|member| Arc::clone(&member.id)).collect()
        } else {
            self.left.into_iter().collect()
        };
        // Who leaves and joins again in one request just stays, unless it is to be shown in another way.
        let stays = |id: &str, joined: &IndexMap<Arc<str>, Joined>| {
            joined.get(id).is_some_and(|new| {
                self.base.get(id).is_some_and(|old| new.display.is_none() || new.display == old.display)
            })
        };
        leave.retain(|id| !stays(id, &self.joined));
        leave.sort_unstable();
        let staying: HashSet<Arc<str>> = self.joined.keys().filter(|id| stays(id, &self.joined)).cloned().collect();
        self.joined.retain(|id, _| !staying.contains(id));
        MemberChange { leave, join: self.joined.into_values().collect() }
    }
}
