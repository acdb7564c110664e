//! One compiled expression.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

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
    plain: Option<Vec<String>>,
    lowered: syntax::Lowered,
    compiled: engine::Compiled,
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
        let tree = syntax::parse(text)?;
        let references = syntax::check(&tree, text)?;
        let lowered = syntax::lower(&tree, text);
        let compiled = engine::compile(lowered.text()).map_err(|error| error_of(&error, &lowered))?;
        let plain = syntax::plain_path(&tree);
        Ok(Self(Arc::new(Parts { text: text.to_owned(), origin, references, plain, lowered, compiled })))
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
        match self.0.plain.as_deref() {
            Some([root, name]) if root == "user" => Some(name),
            _ => None,
        }
    }

    /// The value, types kept; `None` is undefined, `Value::Null` is `none`.
    ///
    /// # Errors
    /// Operations that a value does not allow, a result that no attribute can hold, more work than the limit allows.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Option<Value>, ExpressionError> {
        if let Some(path) = &self.0.plain {
            return Ok(context.read(path).cloned());
        }
        let result = self.0.compiled.eval(context.converted()).and_then(|value| convert::from_engine(&value));
        result.map_err(|error| error_of(&error, &self.0.lowered))
    }

    /// Runs over a context whose values are made up: an error is one of kinds, not of single values.
    pub(super) fn rehearse(&self, context: &Context<'_>) -> Result<(), ExpressionError> {
        match self.0.compiled.eval(context.converted()) {
            Err(error) if !convert::depends_on_value(&error) => Err(error_of(&error, &self.0.lowered)),
            _ => Ok(()),
        }
    }

    /// The value as a condition: undefined, `none`, `false`, zero and what is empty are false.
    ///
    /// # Errors
    /// As for [`Expression::evaluate`].
    pub fn test(&self, context: &Context<'_>) -> Result<bool, ExpressionError> {
        let result = self.0.compiled.eval(context.converted()).map(|value| value.is_true());
        result.map_err(|error| error_of(&error, &self.0.lowered))
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

fn error_of(error: &minijinja::Error, lowered: &syntax::Lowered) -> ExpressionError {
    let message = match (error.kind(), error.detail()) {
        (minijinja::ErrorKind::OutOfFuel, _) => "the expression takes too much work".to_owned(),
        (_, Some(detail)) => detail.to_owned(),
        (kind, None) => kind.to_string(),
    };
    let range = error.range().and_then(|range| lowered.original(&range));
    ExpressionError { message, range, hint: None }
}
