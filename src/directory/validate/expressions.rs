//! Conditions and policies: compiled, their names checked, faults shown at the character.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Check, names};
use crate::config::model;
use crate::diag::{Code, Diagnostic, Severity};
use crate::directory::{Policy, PolicySubject};
use crate::mapping::{self, Expression, ExpressionError, Subject};
use crate::source::{SourceMap, Span};

/// Conditions of the whole configuration, by the name of what they belong to.
pub(super) struct Compiled {
    pub(super) groups: BTreeMap<String, Expression>,
    pub(super) bindings: BTreeMap<String, Expression>,
    pub(super) policies: Vec<Policy>,
}

/// Compiles every `where` and every policy.
pub(super) fn compile(check: &mut Check<'_>) -> Compiled {
    let config = check.config;
    let mut compiled = Compiled { groups: BTreeMap::new(), bindings: BTreeMap::new(), policies: Vec::new() };
    for (key, group) in &config.groups {
        let rule = group.value.rule.as_ref().and_then(|rule| one(check, rule, Subject::User));
        compiled.groups.extend(rule.map(|rule| (key.clone(), rule)));
    }
    for (name, binding) in &config.bindings {
        let rule = binding.value.assign.value.rule.as_ref().and_then(|rule| one(check, rule, Subject::User));
        compiled.bindings.extend(rule.map(|rule| (name.clone(), rule)));
    }
    for policy in &config.policies {
        compiled.policies.extend(compile_policy(check, &policy.value, policy.span));
    }
    compiled
}

fn compile_policy(check: &mut Check<'_>, written: &model::Policy, origin: Span) -> Option<Policy> {
    let (on, sees) = match written.on.as_ref()?.value {
        model::Subject::User => (PolicySubject::User, Subject::User),
        model::Subject::Group => (PolicySubject::Group, Subject::Group),
        model::Subject::Change => (PolicySubject::Change, Subject::Change),
    };
    let condition = written.deny.as_ref().or(written.warn.as_ref())?;
    Some(Policy {
        name: written.name.value.clone(),
        origin,
        on,
        condition: one(check, condition, sees)?,
        warn: written.deny.is_none(),
        message: written.message.as_ref().map(|message| message.value.clone()),
    })
}

/// Compiles conditions over live resources.
pub(super) fn protect(check: &mut Check<'_>, written: &[model::Expression], sees: Subject) -> Vec<Expression> {
    written.iter().filter_map(|condition| one(check, condition, sees)).collect()
}

/// Compiles one expression; reports why it can't be, or which names in it are not known.
pub(super) fn one(check: &mut Check<'_>, written: &model::Expression, sees: Subject) -> Option<Expression> {
    match Expression::compile(&written.value, Some(written.span)) {
        Ok(expression) => try_out(check, &expression, sees).then_some(expression),
        Err(error) => {
            check.found.push(failure(check.sources, written.span, &written.value, &error));
            None
        }
    }
}

/// Reports names that the expression's subject does not have, and what no value of the right kind could do. Whether it
/// can be evaluated at all.
pub(super) fn try_out(check: &mut Check<'_>, expression: &Expression, sees: Subject) -> bool {
    let Some(span) = expression.origin() else { return true };
    for wrong in names::check(expression, sees, &check.custom, &check.vendors) {
        let place = place(check.sources, span, expression.text(), Some(&wrong.problem.range));
        let mut diagnostic = Diagnostic::new(Code::UnknownAttribute, place, wrong.problem.message);
        diagnostic.hint = wrong.problem.hint;
        if wrong.doubtful {
            diagnostic.severity = Severity::Warning;
        }
        check.found.push(diagnostic);
    }
    match mapping::dry_run(expression, &[sees]) {
        Ok(()) => true,
        Err(error) => {
            check.found.push(failure(check.sources, span, expression.text(), &error));
            check.failed.insert(span);
            false
        }
    }
}

/// A fault of an expression that can't be compiled.
pub(super) fn failure(sources: &SourceMap, span: Span, text: &str, error: &ExpressionError) -> Diagnostic {
    let place = place(sources, span, text, error.range.as_ref());
    let mut diagnostic = Diagnostic::new(Code::Expression, place, error.message.clone());
    diagnostic.hint.clone_from(&error.hint);
    diagnostic
}

/// A fault of a compiled expression that showed when it met a value.
pub(super) fn diagnostic(
    sources: &SourceMap,
    expression: &Expression,
    error: &ExpressionError,
    message: String,
) -> Option<Diagnostic> {
    let span = expression.origin()?;
    let place = place(sources, span, expression.text(), error.range.as_ref());
    let mut diagnostic = Diagnostic::new(Code::Expression, place, message);
    diagnostic.hint.clone_from(&error.hint);
    Some(diagnostic)
}

/// The place of some bytes of a text whose scalar stands at `span`; the whole scalar where no bytes are given.
pub(super) fn place(sources: &SourceMap, span: Span, text: &str, range: Option<&Range<usize>>) -> Span {
    range.map_or(span, |range| sources.within(span, text, range))
}
