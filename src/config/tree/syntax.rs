//! The parser's complaints in the user's words.

use granit_parser::{ErrorKind, ScanError};

use super::build::MAX_DEPTH;
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// Turns a complaint of the parser into a diagnostic at the character where it happened.
pub(super) fn diagnostic(error: &ScanError, text: &str, file: FileId) -> Diagnostic {
    let span = point(error.marker().byte_offset().unwrap_or(text.len()), text, file);
    let syntax = |message: &str| Diagnostic::new(Code::YamlSyntax, span, message);
    match error.kind() {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            syntax("a tab stands where YAML wants spaces").hint("Indent with spaces.")
        }
        ErrorKind::UnknownAnchor => syntax("an alias (`*name`) names no anchor that stands above it")
            .hint("Write `&name` before the value that should be repeated, or quote the text if it starts with `*`."),
        ErrorKind::RecursionLimitExceeded => too_deep(span),
        ErrorKind::UndeclaredTagHandle => super::build::tag_refused(span),
        ErrorKind::MultipleDocumentsUnsupported => super::build::second_document(span),
        ErrorKind::UnexpectedCharacter { character: '@' | '`' } => {
            syntax("a plain word can't start with `@` or a backtick").hint("Quote the text.")
        }
        ErrorKind::UnexpectedCharacter { character: '%' } => {
            syntax("a plain word can't start with `%`").hint("Quote the text.")
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => {
            syntax("a `:` followed by a blank can't stand here")
                .hint("If it is part of a text, quote the text; else check the indentation of this line.")
        }
        ErrorKind::UnclosedQuotedScalar => syntax("a quotation mark is never closed"),
        ErrorKind::SimpleKeyExpected | ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidSimpleKey => {
            syntax("a key and a `:` are expected here")
                .hint("Check that this line is indented like its neighbours and that the key is followed by `: `.")
        }
        ErrorKind::UnclosedFlowCollection { open } => syntax(&format!("a `{open}` is never closed")),
        ErrorKind::UnexpectedEofFlowMapping => syntax("a `{` is never closed"),
        ErrorKind::UnexpectedEofFlowSequence => syntax("a `[` is never closed"),
        kind => syntax(&kind.to_string()),
    }
}

/// More levels than are allowed.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::YamlUnsupported, span, format!("values are nested more than {MAX_DEPTH} levels deep"))
}

/// The character at an offset, or the last one if that is the end of the text.
fn point(offset: usize, text: &str, file: FileId) -> Span {
    let text_end = text.trim_end().len();
    let mut start = offset.min(text_end);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let width = text.get(start..).and_then(|rest| rest.chars().next()).filter(|next| !next.is_control()).map_or(0, char::len_utf8);
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { file, start: at(start), end: at(start + width) }
}
