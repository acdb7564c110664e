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
    for wrong in names::check(expression, sees, &check.custom) {
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

/// The place of some bytes of a text whose scalar stands at `span`; the whole scalar where no bytes are given, or where
/// escapes make its spelling another one.
pub(super) fn place(sources: &SourceMap, span: Span, text: &str, range: Option<&Range<usize>>) -> Span {
    let Some(range) = range else { return span };
    let written = sources.text(span);
    let Some(body) = body(written) else { return span };
    let shift = body.start;
    let Some((start, end)) = aligned(text, written.get(body).unwrap_or_default(), range) else { return span };
    let at = |byte: usize| {
        u32::try_from(byte + shift).map_or(span.end, |byte| span.start.saturating_add(byte).min(span.end))
    };
    Span { file: span.file, start: at(start), end: at(end).max(at(start)) }
}

/// Bytes of a scalar's content: without quotes, without the first line of a block.
fn body(written: &str) -> Option<Range<usize>> {
    match written.chars().next()? {
        quote @ ('"' | '\'') => (written.len() >= 2 && written.ends_with(quote)).then(|| 1..written.len() - 1),
        '|' | '>' => Some(written.find('\n')? + 1..written.len()),
        _ => Some(0..written.len()),
    }
}

/// Where bytes of a text stand in its spelling. Lines may be folded and indented there: blanks aside, both are the same.
fn aligned(text: &str, written: &str, range: &Range<usize>) -> Option<(usize, usize)> {
    let inked =
        |text: &str| -> Vec<(usize, char)> { text.char_indices().filter(|(_, c)| !c.is_whitespace()).collect() };
    let (ours, theirs) = (inked(text), inked(written));
    let same = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|((_, a), (_, b))| a == b);
    if !same {
        return None;
    }
    let pairs = || ours.iter().zip(&theirs);
    let after = |(at, c): &(usize, char)| at + c.len_utf8();
    let last = pairs().take_while(|((at, _), _)| *at < range.end).last().map(|(_, place)| after(place));
    let start = pairs().find(|((at, _), _)| *at >= range.start).map(|(_, (at, _))| *at).or(last)?;
    Some((start, last.unwrap_or(start).max(start)))
}
