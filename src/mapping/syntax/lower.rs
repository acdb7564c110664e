//! From the tree to the text that minijinja compiles.
//!
//! minijinja joins and compares undefined like an empty text, or refuses the whole expression. Neither is the rule of the
//! file language, so operators, filters and tests go through filters of the engine's that know undefined:
//! `user.a ~ "x"` becomes `user.a|__operator("~","x")`, `x | upper` becomes `x|__filter("upper")`.

use std::fmt::Write;
use std::ops::Range;

use super::tree::{Call, Kind, Node};

/// A text for the engine, and which part of the original each part of it stands for.
#[derive(Debug)]
pub(in crate::mapping) struct Lowered {
    text: String,
    /// Lowered bytes, original bytes; inner parts before the parts that hold them.
    parts: Vec<(Range<usize>, Range<usize>)>,
}

impl Lowered {
    /// The text for the engine.
    pub(in crate::mapping) fn text(&self) -> &str {
        &self.text
    }

    /// The original bytes of the smallest part that holds these.
    pub(in crate::mapping) fn original(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let holds = |part: &Range<usize>| part.start <= range.start && range.end <= part.end;
        let part = self.parts.iter().filter(|(part, _)| holds(part)).min_by_key(|(part, _)| part.len())?;
        Some(part.1.clone())
    }
}

/// Writes a tree for the engine.
pub(in crate::mapping) fn lower(tree: &Node, text: &str) -> Lowered {
    let mut writer = Writer { source: text, out: Lowered { text: String::new(), parts: Vec::new() } };
    writer.node(tree);
    writer.out
}

/// What may stand around a part without brackets.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binding {
    /// `not`, `and`, `or`, `if`: brackets everywhere.
    Loose,
    /// Filters: brackets before `.` and `[`.
    Filtered,
    /// Names, attributes, literals.
    Tight,
}

struct Writer<'a> {
    source: &'a str,
    out: Lowered,
}

fn binding(kind: &Kind) -> Binding {
    match kind {
        Kind::Not(_) | Kind::And(..) | Kind::Or(..) | Kind::If { .. } => Binding::Loose,
        Kind::Binary(..) | Kind::Filter(..) | Kind::Test(..) | Kind::Slice(..) | Kind::Negative(_) => Binding::Filtered,
        Kind::Name(_) | Kind::Literal | Kind::Attribute(..) | Kind::Item(..) | Kind::List(_) | Kind::Map(_) => {
            Binding::Tight
        }
    }
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.out.text.push_str(text);
    }

    fn literal(&mut self, range: &Range<usize>) {
        let source = self.source;
        self.put(source.get(range.clone()).unwrap_or_default());
    }

    /// Writes a part, in brackets if it binds less than what is around it needs.
    fn inner(&mut self, node: &Node, needs: Binding) {
        // An index right after a number would be read as its fraction, so literals count as filtered before `.`.
        let bracket = binding(&node.kind) < needs || (needs == Binding::Tight && matches!(node.kind, Kind::Literal));
        if bracket {
            self.put("(");
        }
        self.node(node);
        if bracket {
            self.put(")");
        }
    }

    fn list<'n>(&mut self, nodes: impl Iterator<Item = &'n Node>) {
        for (index, node) in nodes.enumerate() {
            if index > 0 {
                self.put(",");
            }
            self.node(node);
        }
    }

    fn node(&mut self, node: &Node) {
        let start = self.out.text.len();
        self.kind(&node.kind, &node.range);
        self.out.parts.push((start..self.out.text.len(), node.range.clone()));
    }

    fn kind(&mut self, kind: &Kind, range: &Range<usize>) {
        match kind {
            Kind::Name(name) => self.put(name),
            Kind::Literal => self.literal(range),
            Kind::Attribute(base, name, _) => {
                self.inner(base, Binding::Tight);
                self.put(".");
                self.put(name);
            }
            Kind::Item(base, index) => {
                self.inner(base, Binding::Tight);
                self.put("[");
                self.node(index);
                self.put("]");
            }
            Kind::Slice(base, bounds) => self.slice(base, bounds),
            Kind::Filter(base, call) => self.call("__filter", base, call),
            Kind::Test(base, call) => self.call("__test", base, call),
            Kind::Not(inner) => {
                self.put("not ");
                self.inner(inner, Binding::Filtered);
            }
            Kind::Negative(inner) => {
                self.inner(inner, Binding::Filtered);
                self.put("|__negative");
            }
            Kind::And(left, right) => self.both(left, " and ", right, matches!(left.kind, Kind::And(..))),
            Kind::Or(left, right) => self.both(left, " or ", right, matches!(left.kind, Kind::Or(..))),
            Kind::Binary(operator, left, right) => {
                self.inner(left, Binding::Filtered);
                self.put("|__operator(\"");
                self.put(operator);
                self.put("\",");
                self.node(right);
                self.put(")");
            }
            Kind::If { then, test, otherwise } => {
                self.inner(then, Binding::Filtered);
                self.put(" if ");
                self.inner(test, Binding::Filtered);
                if let Some(otherwise) = otherwise {
                    self.put(" else ");
                    self.inner(otherwise, Binding::Filtered);
                }
            }
            Kind::List(items) => {
                self.put("[");
                self.list(items.iter());
                self.put("]");
            }
            Kind::Map(pairs) => {
                self.put("{");
                for (key, value) in pairs {
                    self.node(key);
                    self.put(":");
                    self.node(value);
                    self.put(",");
                }
                self.put("}");
            }
        }
    }

    fn both(&mut self, left: &Node, word: &str, right: &Node, same: bool) {
        if same {
            self.node(left);
        } else {
            self.inner(left, Binding::Filtered);
        }
        self.put(word);
        self.inner(right, Binding::Filtered);
    }

    fn slice(&mut self, base: &Node, bounds: &[Option<Box<Node>>; 3]) {
        self.inner(base, Binding::Filtered);
        self.put("|__slice(");
        for (index, bound) in bounds.iter().enumerate() {
            if index > 0 {
                self.put(",");
            }
            match bound {
                Some(bound) => self.node(bound),
                None => self.put("none"),
            }
        }
        self.put(")");
    }

    fn call(&mut self, through: &str, base: &Node, call: &Call) {
        self.inner(base, Binding::Filtered);
        // Names are words of the language, so they need no escaping.
        let _ = write!(self.out.text, "|{through}(\"{}\"", call.name);
        for argument in &call.positional {
            self.put(",");
            self.node(argument);
        }
        for (name, argument) in &call.named {
            self.put(",");
            self.put(name);
            self.put("=");
            self.node(argument);
        }
        self.put(")");
    }
}
