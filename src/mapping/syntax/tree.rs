//! The tree of an expression.

use std::ops::Range;

/// A part of an expression with its place.
#[derive(Debug)]
pub(in crate::mapping) struct Node {
    pub(super) kind: Kind,
    /// Bytes in the text.
    pub(super) range: Range<usize>,
    /// Levels of parts below it.
    pub(super) depth: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// A name: `user`.
    Name(String),
    /// `true`, `1`, `'x'`, `none`, as written.
    Literal,
    /// `.name`, with the bytes of the name.
    Attribute(Box<Node>, String, Range<usize>),
    /// `[index]`.
    Item(Box<Node>, Box<Node>),
    /// `[start:stop:step]`.
    Slice(Box<Node>, [Option<Box<Node>>; 3]),
    /// `| name(arguments)`.
    Filter(Box<Node>, Call),
    /// `is name(arguments)`.
    Test(Box<Node>, Call),
    /// `not x`.
    Not(Box<Node>),
    /// `-x`.
    Negative(Box<Node>),
    /// `x and y`.
    And(Box<Node>, Box<Node>),
    /// `x or y`.
    Or(Box<Node>, Box<Node>),
    /// Any other operator between two parts.
    Binary(&'static str, Box<Node>, Box<Node>),
    /// `then if test else otherwise`.
    If { then: Box<Node>, test: Box<Node>, otherwise: Option<Box<Node>> },
    /// `[a, b]` and `(a, b)`.
    List(Vec<Node>),
    /// `{a: b}`.
    Map(Vec<(Node, Node)>),
}

/// A filter or test with its arguments.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) range: Range<usize>,
    pub(super) positional: Vec<Node>,
    pub(super) named: Vec<(String, Node)>,
}

impl Node {
    pub(super) fn new(kind: Kind, range: Range<usize>) -> Self {
        let mut node = Self { kind, range, depth: 0 };
        node.depth = node.children().map(|child| child.depth + 1).max().unwrap_or(0);
        node
    }

    /// The parts directly below, in the order of the text.
    pub(super) fn children(&self) -> Box<dyn Iterator<Item = &Node> + '_> {
        match &self.kind {
            Kind::Name(_) | Kind::Literal => Box::new(std::iter::empty()),
            Kind::Attribute(base, ..) | Kind::Not(base) | Kind::Negative(base) => Box::new(std::iter::once(&**base)),
            Kind::Item(left, right) | Kind::And(left, right) | Kind::Or(left, right) | Kind::Binary(_, left, right) => {
                Box::new([&**left, &**right].into_iter())
            }
            Kind::Slice(base, bounds) => {
                Box::new(std::iter::once(&**base).chain(bounds.iter().flatten().map(|bound| &**bound)))
            }
            Kind::Filter(base, call) | Kind::Test(base, call) => Box::new(
                std::iter::once(&**base).chain(&call.positional).chain(call.named.iter().map(|(_, argument)| argument)),
            ),
            Kind::If { then, test, otherwise } => Box::new([&**then, &**test].into_iter().chain(otherwise.as_deref())),
            Kind::List(items) => Box::new(items.iter()),
            Kind::Map(pairs) => Box::new(pairs.iter().flat_map(|(key, value)| [key, value])),
        }
    }
}
