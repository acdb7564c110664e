//! The JSON Schema check: what the validator finds, in the user's words and at the user's text.

mod locate;
mod message;
mod suggest;
mod words;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

use self::locate::Locator;
use super::tree::{Node, TreeJson, View};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::FileId;

/// A compiled JSON Schema.
pub(super) struct Checker {
    validator: Validator<TreeJson>,
    schema: Value,
    /// Code of everything that is found, where it is not told by the kind of mistake.
    code: Option<Code>,
}

impl Checker {
    /// Compiles a schema; references to other documents are not followed. The error is the validator's own.
    pub(super) fn new(schema: Value, code: Option<Code>) -> Result<Self, String> {
        let validator = jsonschema::options_for::<TreeJson>()
            .offline()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .map_err(|error| error.masked().to_string())?;
        Ok(Self { validator, schema, code })
    }

    /// Reports what is wrong in a tree, and marks it, so that readers leave it out.
    pub(super) fn check<'t>(&self, root: &'t Node<'t>, file: FileId, found: &mut Diagnostics) {
        let mut locator = Locator::default();
        for error in self.validator.iter_errors(View::Node(root)) {
            self.report(&error, root, file, &mut locator, found);
        }
    }

    fn report<'t>(
        &self,
        error: &ValidationError<'_>,
        root: &'t Node<'t>,
        file: FileId,
        locator: &mut Locator<'t>,
        found: &mut Diagnostics,
    ) {
        if let Some(branch) = best_branch(error) {
            for inner in branch {
                self.report(inner, root, file, locator, found);
            }
            return;
        }
        let Some(place) = locator.find(root, error.instance_path().as_str()) else { return };
        let about = message::About { error, place: &place, schema: &self.schema, file };
        found.extend(about.diagnostics().into_iter().map(|diagnostic| self.recode(diagnostic)));
    }

    fn recode(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let Some(code) = self.code {
            diagnostic.code = code;
            diagnostic.severity = code.severity();
        }
        diagnostic
    }
}

/// Of several forms that are allowed, the one that was probably meant: its type fits, and it has the fewest mistakes.
/// `None` if no form fits better than the others.
fn best_branch<'e>(error: &'e ValidationError<'_>) -> Option<&'e [ValidationError<'static>]> {
    // `oneOf` asks for one of several keys, `anyOf` for one of several types.
    let (context, by_key) = match error.kind() {
        ValidationErrorKind::AnyOf { context } => (context, false),
        ValidationErrorKind::OneOfNotValid { context } => (context, true),
        _ => return None,
    };
    let here = error.instance_path();
    let hopeless = |inner: &ValidationError<'_>| {
        inner.instance_path() == here
            && match inner.kind() {
                ValidationErrorKind::Type { .. } => true,
                ValidationErrorKind::Required { .. } => by_key,
                _ => false,
            }
    };
    let mut likely = context.iter().filter(|branch| !branch.iter().any(hopeless));
    let first = likely.next()?;
    let Some(second) = likely.next() else { return Some(first) };
    let constants = |branch: &[ValidationError<'_>]| {
        branch.iter().all(|inner| matches!(inner.kind(), ValidationErrorKind::Constant { .. }))
    };
    if constants(first) && constants(second) {
        return None;
    }
    std::iter::once(first).chain(std::iter::once(second)).chain(likely).min_by_key(|branch| branch.len()).map(Vec::as_slice)
}
