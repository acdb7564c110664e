//! One compiled expression.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::tree::{self, Kind, Node};
use super::{Context, convert, engine, syntax};
use crate::scim::Value;
use crate::source::Span;

/// A compiled expression over what a [`Context`] holds.
///
/// The language is that of minijinja expressions without calls, with one difference: *undefined*, the value of an
/// attribute that is not declared, is carried through instead of turning into an empty text. The rules:
///
/// - An attribute of undefined is undefined, a filter on undefined is undefined (only `default` steps in), `~` and
///   arithmetic with undefined are undefined, a list or map that holds undefined is undefined as a result.
/// - A condition that is undefined is false. Comparisons are always true or false: nothing equals, precedes or lies in
///   undefined, so `==`, `<` and `in` are false, and `!=` and `not in`, their opposites, are true. `not` of undefined is true.
/// - `none` (a declared `null`) goes through filters as `none`; nothing can be joined or computed with it, so `~` and
///   arithmetic with `none` are undefined, and order comparisons with it are false.
#[derive(Clone, Debug)]
pub struct Expression(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: String,
    origin: Option<Span>,
    references: Vec<Reference>,
    tree: Node,
}

/// A name that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The names from the root on: `["user", "name", "givenName"]`.
    pub path: Vec<String>,
    /// Bytes of each of them in the text.
    pub ranges: Vec<Range<usize>>,
}

/// Why an expression can't be compiled or evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Bytes of the expression's text, where the place is known.
    pub range: Option<Range<usize>>,
    /// The way out, as a full sentence.
    pub hint: Option<String>,
}

impl Expression {
    /// Compiles a text; `origin` is the place of its scalar, kept for messages.
    ///
    /// # Errors
    /// Text that is no expression, is too long or too deep; filters and tests that do not exist, or are given too few or
    /// too many arguments. Attribute names are checked by [`super::check_names`], since they depend on the subject.
    pub fn compile(text: &str, origin: Option<Span>) -> Result<Self, ExpressionError> {
        let (tree, references) = tree::check(&syntax::parse(text)?, text)?;
        Ok(Self(Arc::new(Parts { text: text.to_owned(), origin, references, tree })))
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The place of its scalar.
    pub fn origin(&self) -> Option<Span> {
        self.0.origin
    }

    /// What it reads, with the places, in the order of the text.
    pub fn references(&self) -> &[Reference] {
        &self.0.references
    }

    /// What it reads, as dotted names: `user.title`.
    pub fn variables(&self) -> BTreeSet<String> {
        self.0.references.iter().map(|reference| reference.path.join(".")).collect()
    }

    /// The name, if the expression is exactly `user.NAME`.
    pub fn is_plain_attribute(&self) -> Option<&str> {
        match &self.0.tree.kind {
            Kind::Path(path) => match path.as_slice() {
                [root, name] if root == "user" => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The value, types kept; `None` is undefined, `Value::Null` is `none`.
    ///
    /// # Errors
    /// Operations that a value does not allow, a result that no attribute can hold, more work than the limit allows.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Option<Value>, ExpressionError> {
        let tree = &self.0.tree;
        if let Kind::Path(path) = &tree.kind {
            return Ok(context.read(path).cloned());
        }
        let value = engine::evaluate(tree, context)?;
        Ok(convert::from_engine(&value).map_err(|error| engine::Failure::new(tree, error))?)
    }

    /// Runs over a context whose values are made up: an error is one of kinds, not of single values.
    pub(super) fn rehearse(&self, context: &Context<'_>) -> Result<(), ExpressionError> {
        match engine::evaluate(&self.0.tree, context) {
            Err(failure) if !failure.depends_on_value() => Err(failure.into()),
            _ => Ok(()),
        }
    }

    /// The value as a condition: undefined, `none`, `false`, zero and what is empty are false.
    ///
    /// # Errors
    /// As for [`Expression::evaluate`].
    pub fn test(&self, context: &Context<'_>) -> Result<bool, ExpressionError> {
        Ok(engine::evaluate(&self.0.tree, context)?.is_true())
    }
}

impl ExpressionError {
    pub(super) fn at(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { message: message.into(), range: Some(range), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
