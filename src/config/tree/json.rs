//! The tree as the JSON that a JSON Schema is checked against, without a copy.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Number, Value};

use super::{Core, Entry, Kind, Node};

/// Our tree, to the validator.
pub(in crate::config) struct TreeJson;

/// A value of the tree, or a key that is checked like one.
#[derive(Clone, Copy)]
pub(in crate::config) enum View<'a> {
    /// A value.
    Node(&'a Node<'a>),
    /// A key.
    Key(&'a str),
}

impl Json for TreeJson {
    type Node<'a> = View<'a>;
    type PreparedKey = String;
    type StringBuffer = String;

    // Keys are found by comparing them in turn.
    const KEYS_PER_LOOKUP: usize = 4;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(View<'_>) -> T) -> T {
        buffer.clear();
        buffer.push_str(string);
        f(View::Key(buffer))
    }
}

impl<'a> View<'a> {
    fn core(&self) -> Option<Core<'a>> {
        match self {
            View::Node(node) => node.core(),
            View::Key(text) => Some(Core::Text(text)),
        }
    }

    fn kind(&self) -> Option<&'a Kind<'a>> {
        if let View::Node(node) = self { Some(&node.kind) } else { None }
    }
}

impl<'a> JsonNode<'a, TreeJson> for View<'a> {
    type Object = &'a [Entry<'a>];
    type Array = &'a [Node<'a>];
    type Number = Number;

    fn as_object(&self) -> Option<Self::Object> {
        if let Some(Kind::Mapping(entries)) = self.kind() { Some(entries) } else { None }
    }

    fn as_array(&self) -> Option<Self::Array> {
        if let Some(Kind::Sequence(items)) = self.kind() { Some(items) } else { None }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        if let Some(Core::Text(text)) = self.core() { Some(Cow::Borrowed(text)) } else { None }
    }

    fn as_number(&self) -> Option<Number> {
        if let Some(Core::Number(number)) = self.core() { Some(number) } else { None }
    }

    fn as_boolean(&self) -> Option<bool> {
        if let Some(Core::Boolean(flag)) = self.core() { Some(flag) } else { None }
    }

    fn is_null(&self) -> bool {
        matches!(self.core(), Some(Core::Null))
    }

    fn json_type(&self) -> JsonType {
        match self.kind() {
            Some(Kind::Mapping(_)) => return JsonType::Object,
            Some(Kind::Sequence(_)) => return JsonType::Array,
            Some(Kind::Scalar { .. }) | None => {}
        }
        match self.core() {
            None | Some(Core::Null) => JsonType::Null,
            Some(Core::Boolean(_)) => JsonType::Boolean,
            Some(Core::Number(_)) => JsonType::Number,
            Some(Core::Text(_)) => JsonType::String,
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        match self {
            // Errors carry the value they complain about. Ours show the text of the file instead, and a copy of a
            // whole section for each error would make many errors quadratic.
            View::Node(node) if matches!(node.kind, Kind::Scalar { .. }) => Cow::Owned(node.to_json()),
            View::Node(_) => Cow::Owned(Value::Null),
            View::Key(text) => Cow::Owned(Value::String((*text).to_owned())),
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match self {
            View::Node(node) => jsonschema::json::cmp::equal(&node.to_json(), expected),
            View::Key(text) => expected.as_str() == Some(text),
        }
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            View::Node(node) => Some(NodeIdentity::new(std::ptr::from_ref::<Node<'a>>(node) as usize)),
            View::Key(_) => None,
        }
    }
}

impl<'a> Object<'a, TreeJson> for &'a [Entry<'a>] {
    type Node = View<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        <[Entry<'a>]>::len(self)
    }

    fn get(&self, key: &String) -> Option<View<'a>> {
        (*self).iter().find(|entry| entry.key == *key).map(|entry| View::Node(&entry.value))
    }

    fn members(&self) -> Members<'a> {
        Members((*self).iter())
    }
}

/// Entries in their order.
pub(in crate::config) struct Members<'a>(std::slice::Iter<'a, Entry<'a>>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, View<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|entry| (entry.key.as_ref(), View::Node(&entry.value)))
    }
}

impl<'a> Array<'a, TreeJson> for &'a [Node<'a>] {
    type Node = View<'a>;
    type ElementsIter = Items<'a>;

    fn len(&self) -> usize {
        <[Node<'a>]>::len(self)
    }

    fn elements(&self) -> Items<'a> {
        Items((*self).iter())
    }

    fn is_unique(&self) -> bool {
        let mut seen: Vec<Value> = self.iter().map(Node::to_json).collect();
        seen.sort_by_key(ToString::to_string);
        seen.windows(2).all(|pair| pair.first() != pair.last())
    }
}

/// Items in their order.
pub(in crate::config) struct Items<'a>(std::slice::Iter<'a, Node<'a>>);

impl<'a> Iterator for Items<'a> {
    type Item = View<'a>;

    fn next(&mut self) -> Option<View<'a>> {
        self.0.next().map(View::Node)
    }
}
