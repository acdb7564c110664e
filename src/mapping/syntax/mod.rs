//! The text of an expression: read here, so that places are exact and undefined is carried through, then handed to
//! the engine with every operator as a filter of ours (see [`lower()`]).

mod check;
mod lexer;
mod lower;
mod parser;
mod tree;

pub(super) use check::{check, plain_path};
pub(super) use lower::{Lowered, lower};
pub(super) use parser::parse;
