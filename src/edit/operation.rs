//! An edit as the next thing to do to the text.

use serde_json::Value as Json;

use super::intent::{self, json};
use super::shape::{Kind, Member, Shape};
use super::{Edit, Step};
use crate::scim::{Object, Value};

/// Where a value stands: behind a colon or a dash, or alone within brackets.
#[derive(Clone, Copy)]
pub(super) struct Slot<'a> {
    pub(super) node: &'a Shape,
    /// The entry whose value it is.
    pub(super) member: Option<&'a Member>,
    /// Whether brackets stand around it.
    pub(super) flow: bool,
}

/// One thing to do.
pub(super) enum Operation<'a> {
    /// Writes the first entries of an empty file.
    Begin { section: String, entries: Vec<(String, Value)> },
    /// Puts an entry into a mapping that has some.
    Put { map: &'a Shape, key: String, value: Value },
    /// Puts entries at the end of a section that has some.
    Append { map: &'a Shape, section: String, entries: Vec<(String, Value)> },
    /// Writes a section that is missing.
    Section { map: &'a Shape, section: String, entries: Vec<(String, Value)> },
    /// Writes the first entries of a section that is there and empty.
    Fill { slot: Slot<'a>, section: String, entries: Vec<(String, Value)> },
    /// Takes an entry out of a mapping that has more.
    Drop { map: &'a Shape, at: usize },
    /// Puts items into a list that has some.
    Push { list: &'a Shape, items: Vec<Value> },
    /// Takes items out of a list that has more.
    Pull { list: &'a Shape, at: Vec<usize> },
    /// Writes another value.
    Replace { slot: Slot<'a>, value: Value },
}

/// Why an edit can't be made: the byte, and the words.
pub(super) struct Trouble {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Trouble {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// What is to be done next for an edit; `None` where nothing is left.
pub(super) fn next<'a>(root: Option<&'a Shape>, meaning: &Json, edit: &Edit) -> Result<Option<Operation<'a>>, Trouble> {
    let Some(root) = root.filter(|root| !root.is_blank()) else {
        return Ok(begin(edit));
    };
    let top = Slot { node: root, member: None, flow: false };
    match edit {
        Edit::Insert { section, entries } => {
            let (section, entries) = (section.clone(), entries.clone());
            match down(top, meaning, &[Step::Key(section.clone())])? {
                Way::There(slot, said) if said.as_object().is_some_and(|map| !map.is_empty()) => {
                    Ok(Some(Operation::Append { map: slot.node, section, entries }))
                }
                Way::There(slot, _) => Ok(Some(Operation::Fill { slot, section, entries })),
                Way::Missing(..) if is_empty_map(root) => {
                    let value = Value::Object(
                        std::iter::once((section, Value::Object(entries.into_iter().collect()))).collect(),
                    );
                    Ok(Some(Operation::Replace { slot: top, value }))
                }
                Way::Missing(..) => Ok(Some(Operation::Section { map: root, section, entries })),
            }
        }
        Edit::Set { path, value } => match down(top, meaning, path)? {
            Way::There(slot, said) => change(slot, said, value, path),
            Way::Missing(slot, rest) => Ok(Some(make(slot, rest, value.clone())?)),
        },
        Edit::AddItems { path, items } => match down(top, meaning, path)? {
            Way::There(Slot { node, .. }, Json::Array(said)) if !said.is_empty() => {
                Ok(Some(Operation::Push { list: node, items: items.clone() }))
            }
            Way::There(slot, _) => Ok(Some(Operation::Replace { slot, value: Value::Array(items.clone()) })),
            Way::Missing(slot, rest) => Ok(Some(make(slot, rest, Value::Array(items.clone()))?)),
        },
        Edit::Remove { path } => removal(top, meaning, path),
        Edit::RemoveItems { path, items } => match down(top, meaning, path)? {
            Way::There(slot, Json::Array(said)) => {
                let gone: std::collections::BTreeSet<&str> = items.iter().map(String::as_str).collect();
                let is_gone = |item: &Json| intent::name(item).is_some_and(|name| gone.contains(name));
                let at = said.iter().enumerate().filter(|(_, item)| is_gone(item)).map(|(at, _)| at).collect();
                Ok(pull(slot, said.len(), at))
            }
            _ => Ok(None),
        },
    }
}

fn is_empty_map(shape: &Shape) -> bool {
    matches!(&shape.kind, Kind::Map { entries, .. } if entries.is_empty())
}

fn begin<'a>(edit: &Edit) -> Option<Operation<'a>> {
    let (path, value) = match edit {
        Edit::Insert { section, entries } => {
            return Some(Operation::Begin { section: section.clone(), entries: entries.clone() });
        }
        Edit::Set { path, value } => (path.clone(), value.clone()),
        Edit::AddItems { path, items } => (path.clone(), Value::Array(items.clone())),
        Edit::Remove { .. } | Edit::RemoveItems { .. } => return None,
    };
    let [Step::Key(section), Step::Key(key), rest @ ..] = path.as_slice() else { return None };
    Some(Operation::Begin { section: section.clone(), entries: vec![(key.clone(), nested(rest, value))] })
}

/// A way that ends at a value, or where the rest is missing.
enum Way<'a, 'j, 'p> {
    There(Slot<'a>, &'j Json),
    Missing(Slot<'a>, &'p [Step]),
}

fn down<'a, 'j, 'p>(top: Slot<'a>, meaning: &'j Json, path: &'p [Step]) -> Result<Way<'a, 'j, 'p>, Trouble> {
    let (mut slot, mut said, mut rest) = (top, meaning, path);
    while let Some((step, behind)) = rest.split_first() {
        let next = match (step, &slot.node.kind) {
            (Step::Key(key), Kind::Map { flow, entries }) => {
                let found = entries.iter().find(|entry| entry.key == *key);
                found.map(|entry| Slot { node: &entry.value, member: Some(entry), flow: slot.flow || *flow })
            }
            (Step::Index(at), Kind::List { flow, items }) => {
                items.get(*at).map(|node| Slot { node, member: None, flow: slot.flow || *flow })
            }
            (_, Kind::Alias) => {
                let message = "the value is repeated from elsewhere with an alias (`*name`)";
                return Err(Trouble::new(slot.node.start, message));
            }
            _ => None,
        };
        let below = match step {
            Step::Key(key) => said.get(key.as_str()),
            Step::Index(at) => said.get(*at),
        };
        match (next, below) {
            (Some(next), Some(below)) => (slot, said, rest) = (next, below, behind),
            _ => return Ok(Way::Missing(slot, rest)),
        }
    }
    Ok(Way::There(slot, said))
}

/// A value below the mappings of a way.
fn nested(path: &[Step], value: Value) -> Value {
    path.iter().rev().fold(value, |value, step| match step {
        Step::Key(key) => Value::Object(std::iter::once((key.clone(), value)).collect::<Object>()),
        Step::Index(_) => Value::Array(vec![value]),
    })
}

/// Makes what is missing on a way.
fn make<'a>(slot: Slot<'a>, rest: &[Step], value: Value) -> Result<Operation<'a>, Trouble> {
    let Some((Step::Key(key), behind)) = rest.split_first() else {
        return Err(Trouble::new(slot.node.start, "an item that is to be changed is not there"));
    };
    let value = nested(behind, value);
    match &slot.node.kind {
        Kind::Map { entries, .. } if !entries.is_empty() => {
            Ok(Operation::Put { map: slot.node, key: key.clone(), value })
        }
        _ => {
            let value = Value::Object(std::iter::once((key.clone(), value)).collect::<Object>());
            Ok(Operation::Replace { slot, value })
        }
    }
}

/// The first thing that makes a value of the file another one.
fn change<'a>(slot: Slot<'a>, said: &Json, value: &Value, path: &[Step]) -> Result<Option<Operation<'a>>, Trouble> {
    let meant = json(value).map_err(|message| Trouble::new(slot.node.start, message))?;
    if *said == meant {
        return Ok(None);
    }
    match (&slot.node.kind, said, value) {
        (Kind::Map { flow, entries }, Json::Object(map), Value::Object(wanted))
            if !wanted.is_empty() && !map.is_empty() =>
        {
            for (name, value) in wanted.iter() {
                let entry = entries.iter().find(|entry| entry.key == name);
                let Some((entry, said)) = entry.zip(map.get(name)) else {
                    let (key, value) = (name.to_owned(), value.clone());
                    return Ok(Some(Operation::Put { map: slot.node, key, value }));
                };
                let slot = Slot { node: &entry.value, member: Some(entry), flow: slot.flow || *flow };
                if let Some(operation) = change(slot, said, value, path)? {
                    return Ok(Some(operation));
                }
            }
            let extra = entries.iter().position(|entry| wanted.iter().all(|(name, _)| name != entry.key));
            Ok(extra.map(|at| Operation::Drop { map: slot.node, at }))
        }
        (Kind::List { flow, items }, Json::Array(list), Value::Array(wanted)) if !list.is_empty() => {
            changed_list(slot, *flow, items, list, wanted, path)
        }
        _ => Ok(Some(Operation::Replace { slot, value: value.clone() })),
    }
}

fn changed_list<'a>(
    slot: Slot<'a>,
    flow: bool,
    items: &'a [Shape],
    list: &[Json],
    wanted: &[Value],
    path: &[Step],
) -> Result<Option<Operation<'a>>, Trouble> {
    let meant: Vec<Json> = wanted
        .iter()
        .map(|value| json(value).map_err(|message| Trouble::new(slot.node.start, message)))
        .collect::<Result<_, _>>()?;
    if list.len() == meant.len() {
        for ((node, said), value) in items.iter().zip(list).zip(wanted) {
            let slot = Slot { node, member: None, flow: slot.flow || flow };
            if let Some(operation) = change(slot, said, value, path)? {
                return Ok(Some(operation));
            }
        }
        return Ok(None);
    }
    let mut next = meant.iter();
    let mut gone = Vec::new();
    let mut kept = 0_usize;
    for (at, said) in list.iter().enumerate() {
        let before = next.clone();
        if next.as_slice().first() == Some(said) {
            next.next();
            kept += 1;
        } else {
            next = before;
            gone.push(at);
        }
    }
    if !gone.is_empty() {
        return Ok(pull(slot, list.len(), gone));
    }
    let items = wanted.iter().skip(kept).cloned().collect();
    Ok(Some(Operation::Push { list: slot.node, items }))
}

fn pull(slot: Slot<'_>, all: usize, at: Vec<usize>) -> Option<Operation<'_>> {
    if at.is_empty() {
        None
    } else if at.len() == all {
        Some(Operation::Replace { slot, value: Value::Array(Vec::new()) })
    } else {
        Some(Operation::Pull { list: slot.node, at })
    }
}

fn removal<'a>(top: Slot<'a>, meaning: &Json, path: &[Step]) -> Result<Option<Operation<'a>>, Trouble> {
    let Some((last, way)) = path.split_last() else { return Ok(None) };
    let Way::There(slot, said) = down(top, meaning, way)? else { return Ok(None) };
    match (last, &slot.node.kind, said) {
        (Step::Index(at), Kind::List { .. }, Json::Array(list)) => Ok(pull(slot, list.len(), vec![*at])),
        (Step::Key(key), Kind::Map { entries, .. }, Json::Object(_)) => {
            let at = entries.iter().position(|entry| entry.key == *key);
            Ok(at.map(|at| {
                if entries.len() == 1 {
                    Operation::Replace { slot, value: Value::Object(Object::new()) }
                } else {
                    Operation::Drop { map: slot.node, at }
                }
            }))
        }
        (_, Kind::Alias, _) => {
            Err(Trouble::new(slot.node.start, "the value is repeated from elsewhere with an alias (`*name`)"))
        }
        _ => Ok(None),
    }
}
