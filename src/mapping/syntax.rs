//! The text of an expression, read by minijinja's own parser within limits.

use std::ops::Range;

use minijinja::machinery::ast::Expr;
use minijinja::machinery::{Span, Token, parse_expr, tokenize};

use super::ExpressionError;

/// Most bytes of an expression.
const MAX_TEXT: usize = 4096;
/// Most brackets, `-` and `not` that are open at once, so that the stack of a small thread is enough.
const MAX_OPEN: usize = 24;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Expr<'_>, ExpressionError> {
    if text.len() > MAX_TEXT {
        return Err(ExpressionError::at(0..text.len(), format!("an expression has at most {MAX_TEXT} bytes")));
    }
    if text.trim().is_empty() {
        return Err(ExpressionError::at(0..text.len(), "the expression is empty"));
    }
    check_depth(text)?;
    parse_expr(text).map_err(|error| unreadable(&error, text))
}

/// The parser follows `-` and `not` without a limit, and brackets further than a small stack.
fn check_depth(text: &str) -> Result<(), ExpressionError> {
    let (mut brackets, mut prefixes) = (0_usize, 0_usize);
    // What is no word is the parser's to tell.
    for (token, span) in tokenize(text, true, minijinja::syntax::SyntaxConfig::default()).map_while(Result::ok) {
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => brackets += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        prefixes = if matches!(token, Token::Minus | Token::Ident("not")) { prefixes + 1 } else { 0 };
        if brackets + prefixes > MAX_OPEN {
            return Err(too_deep(bytes(span)));
        }
    }
    Ok(())
}

pub(super) fn too_deep(range: Range<usize>) -> ExpressionError {
    ExpressionError::at(range, "the expression is nested too deeply")
}

fn unreadable(error: &minijinja::Error, text: &str) -> ExpressionError {
    let message = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    // What is missing at the end is placed there, not at the last word that is read.
    let at_end = message.starts_with("unexpected end of input").then_some(text.len()..text.len());
    let range = at_end.or_else(|| error.range()).filter(|range| text.get(range.clone()).is_some());
    let range = range.unwrap_or(0..text.len());
    let rest = text.get(range.start..).unwrap_or_default();
    let error = ExpressionError::at(range, message);
    match rest.chars().next() {
        Some('&') => error.hint("Write `and` for both."),
        Some('!') => error.hint("Write `not`, or `!=` for different."),
        Some('=') => error.hint("Write `==` to compare."),
        Some('“' | '”' | '‘' | '’') => error.hint("Use plain quotes, \" or '."),
        _ => error,
    }
}

pub(super) fn bytes(span: Span) -> Range<usize> {
    span.start_offset as usize..span.end_offset as usize
}

/// Bytes of a part of the text, from its first operand on: the parser's own places of operators begin later.
pub(super) fn place(part: &Expr<'_>, text: &str) -> Range<usize> {
    let own = bytes(part.span());
    let start = first_operand(part).map_or(own.start, |operand| bracketed(place(operand, text), text).start);
    // `not x` begins before its operand, `x is not y` with it.
    let start = if matches!(part, Expr::UnaryOp(_)) { own.start.min(start) } else { start };
    start..own.end
}

fn first_operand<'t, 'a>(part: &'t Expr<'a>) -> Option<&'t Expr<'a>> {
    match part {
        Expr::Slice(slice) => Some(&slice.expr),
        Expr::UnaryOp(operator) => Some(&operator.expr),
        Expr::BinOp(operator) => Some(&operator.left),
        Expr::Compare(comparison) => Some(&comparison.expr),
        Expr::IfExpr(choice) => Some(&choice.true_expr),
        Expr::Filter(filter) => filter.expr.as_ref(),
        Expr::Test(test) => Some(&test.expr),
        Expr::GetAttr(attribute) => Some(&attribute.expr),
        Expr::GetItem(item) => Some(&item.expr),
        Expr::Call(call) => Some(&call.expr),
        Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Tuple(_) | Expr::Map(_) => None,
    }
}

/// The range with the brackets around it. An operator follows, so a bracket that closes here was opened for this part.
fn bracketed(range: Range<usize>, text: &str) -> Range<usize> {
    let before = text.get(..range.start).and_then(|before| before.trim_end().strip_suffix('('));
    let after = text.get(range.end..).and_then(|after| after.trim_start().strip_prefix(')'));
    match (before, after) {
        (Some(before), Some(after)) => bracketed(before.len()..text.len() - after.len(), text),
        _ => range,
    }
}
