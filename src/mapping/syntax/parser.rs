//! The grammar: minijinja's expressions, without calls and without chained comparisons.

use std::ops::Range;

use super::lexer::{self, Token, TokenKind};
use super::tree::{Call, Kind, Node};
use crate::mapping::ExpressionError;

/// Most bytes of an expression.
const MAX_TEXT: usize = 4096;
/// Most levels of an expression.
const MAX_DEPTH: usize = 64;
/// Most brackets and the like that are open at once, so that the stack of a small thread is enough.
const MAX_OPEN: usize = 24;

type Parsed = Result<Node, ExpressionError>;

/// Reads a whole text.
pub(in crate::mapping) fn parse(text: &str) -> Parsed {
    if text.len() > MAX_TEXT {
        return Err(ExpressionError::at(0..text.len(), format!("an expression has at most {MAX_TEXT} bytes")));
    }
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { text, tokens, next: 0, open: 0 };
    if parser.peek().kind == TokenKind::End {
        return Err(ExpressionError::at(0..text.len(), "the expression is empty"));
    }
    let tree = parser.expression()?;
    match parser.peek().kind {
        TokenKind::End => Ok(tree),
        _ => Err(parser.unexpected("an operator, a filter or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    /// How many brackets, `not`s and the like are open.
    open: usize,
}

const END: Token = Token { kind: TokenKind::End, range: 0..0 };
/// Words that can't be names.
const RESERVED: &[&str] = &["and", "or", "not", "in", "is", "if", "else"];

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).or(self.tokens.last()).unwrap_or(&END)
    }

    fn words(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn advance(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek().kind, TokenKind::Sign(next) if next == sign);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().kind == TokenKind::Word && self.words(&self.peek().range) == word;
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<Range<usize>, ExpressionError> {
        let range = self.peek().range.clone();
        if self.take_sign(sign) { Ok(range) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> ExpressionError {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::End => "the expression ends".to_owned(),
            _ => format!("unexpected `{}`", self.words(&token.range)),
        };
        ExpressionError::at(token.range.clone(), format!("{found}, expected {wanted}"))
    }

    /// Bytes from here to the last word taken.
    fn since(&self, start: usize) -> Range<usize> {
        let end =
            self.next.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(start, |token| token.range.end);
        start..end
    }

    fn make(&self, kind: Kind, start: usize) -> Parsed {
        let node = Node::new(kind, self.since(start));
        if node.depth > MAX_DEPTH { Err(too_deep(node.range)) } else { Ok(node) }
    }

    /// Reads something nested, so that the depth stays bounded.
    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.open += 1;
        if self.open > MAX_OPEN {
            return Err(too_deep(self.peek().range.clone()));
        }
        let node = read(self);
        self.open -= 1;
        node
    }

    fn expression(&mut self) -> Parsed {
        self.nested(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed {
        let start = self.peek().range.start;
        let mut node = self.or()?;
        while self.take_word("if") {
            let test = Box::new(self.or()?);
            let otherwise = if self.take_word("else") { Some(Box::new(self.expression()?)) } else { None };
            node = self.make(Kind::If { then: Box::new(node), test, otherwise }, start)?;
        }
        Ok(node)
    }

    fn or(&mut self) -> Parsed {
        let start = self.peek().range.start;
        let mut node = self.and()?;
        while self.take_word("or") {
            let right = self.and()?;
            node = self.make(Kind::Or(Box::new(node), Box::new(right)), start)?;
        }
        Ok(node)
    }

    fn and(&mut self) -> Parsed {
        let start = self.peek().range.start;
        let mut node = self.not()?;
        while self.take_word("and") {
            let right = self.not()?;
            node = self.make(Kind::And(Box::new(node), Box::new(right)), start)?;
        }
        Ok(node)
    }

    fn not(&mut self) -> Parsed {
        let start = self.peek().range.start;
        if self.take_word("not") {
            let inner = self.nested(Self::not)?;
            return self.make(Kind::Not(Box::new(inner)), start);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed {
        let start = self.peek().range.start;
        let left = self.binary(0)?;
        let Some((operator, negated)) = self.comparison_operator()? else { return Ok(left) };
        let right = self.binary(0)?;
        let after = self.next;
        if self.comparison_operator()?.is_some() {
            self.next = after;
            return Err(ExpressionError::at(self.peek().range.clone(), "comparisons can't be chained")
                .hint("Write `a < b and b < c`."));
        }
        let node = self.make(Kind::Binary(operator, Box::new(left), Box::new(right)), start)?;
        if negated { self.make(Kind::Not(Box::new(node)), start) } else { Ok(node) }
    }

    fn comparison_operator(&mut self) -> Result<Option<(&'static str, bool)>, ExpressionError> {
        for (sign, operator, negated) in [
            ("==", "==", false),
            ("!=", "==", true),
            ("<=", "<=", false),
            (">=", ">=", false),
            ("<", "<", false),
            (">", ">", false),
        ] {
            if self.take_sign(sign) {
                return Ok(Some((operator, negated)));
            }
        }
        if self.take_word("in") {
            return Ok(Some(("in", false)));
        }
        if self.take_word("not") {
            return if self.take_word("in") { Ok(Some(("in", true))) } else { Err(self.unexpected("`in`")) };
        }
        if matches!(self.peek().kind, TokenKind::Sign("=")) {
            return Err(self.unexpected("`==`"));
        }
        Ok(None)
    }

    /// Operators by how tightly they bind, loosest first.
    fn binary(&mut self, level: usize) -> Parsed {
        const LEVELS: [&[&str]; 4] = [&["+", "-"], &["~"], &["*", "/", "//", "%"], &["**"]];
        let Some(signs) = LEVELS.get(level) else { return self.filtered() };
        let start = self.peek().range.start;
        let mut node = self.binary(level + 1)?;
        while let TokenKind::Sign(sign) = self.peek().kind {
            if !signs.contains(&sign) {
                break;
            }
            self.next += 1;
            let right = self.binary(level + 1)?;
            node = self.make(Kind::Binary(sign, Box::new(node), Box::new(right)), start)?;
        }
        Ok(node)
    }

    fn filtered(&mut self) -> Parsed {
        let start = self.peek().range.start;
        let mut node = self.negative()?;
        loop {
            if self.take_sign("|") {
                let call = self.call("the name of a filter")?;
                node = self.make(Kind::Filter(Box::new(node), call), start)?;
            } else if self.take_word("is") {
                let negated = self.take_word("not");
                let call = self.call("the name of a test")?;
                node = self.make(Kind::Test(Box::new(node), call), start)?;
                if negated {
                    node = self.make(Kind::Not(Box::new(node)), start)?;
                }
            } else {
                return Ok(node);
            }
        }
    }

    fn negative(&mut self) -> Parsed {
        let start = self.peek().range.start;
        if self.take_sign("-") {
            let inner = self.nested(Self::negative)?;
            return self.make(Kind::Negative(Box::new(inner)), start);
        }
        self.postfix()
    }

    fn call(&mut self, wanted: &str) -> Result<Call, ExpressionError> {
        let token = self.peek().clone();
        // `in` is a word of the language and the name of a test.
        if token.kind != TokenKind::Word {
            return Err(self.unexpected(wanted));
        }
        self.next += 1;
        let name = self.words(&token.range).to_owned();
        let mut call = Call { name, range: token.range, positional: Vec::new(), named: Vec::new() };
        if self.take_sign("(") {
            self.arguments(&mut call)?;
        }
        Ok(call)
    }

    fn arguments(&mut self, call: &mut Call) -> Result<(), ExpressionError> {
        while !self.take_sign(")") {
            let word = self.peek().clone();
            let named = word.kind == TokenKind::Word
                && matches!(self.tokens.get(self.next + 1), Some(Token { kind: TokenKind::Sign("="), .. }));
            if named {
                self.next += 2;
                let name = self.words(&word.range).to_owned();
                let value = self.expression()?;
                call.named.push((name, value));
            } else if call.named.is_empty() {
                let value = self.expression()?;
                call.positional.push(value);
            } else {
                return Err(ExpressionError::at(word.range, "an argument without a name can't follow one with a name"));
            }
            if !self.take_sign(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(())
    }

    fn postfix(&mut self) -> Parsed {
        let start = self.peek().range.start;
        let mut node = self.primary()?;
        loop {
            if self.take_sign(".") {
                node = self.attribute(node, start)?;
            } else if self.take_sign("[") {
                node = self.subscript(node, start)?;
            } else if matches!(self.peek().kind, TokenKind::Sign("(")) {
                return Err(ExpressionError::at(node.range, "functions and methods can't be called")
                    .hint("Apply a filter: `user.title | upper`."));
            } else {
                return Ok(node);
            }
        }
    }

    fn attribute(&mut self, base: Node, start: usize) -> Parsed {
        let token = self.advance();
        match token.kind {
            TokenKind::Word => {
                let name = self.words(&token.range).to_owned();
                self.make(Kind::Attribute(Box::new(base), name, token.range), start)
            }
            TokenKind::Literal if self.words(&token.range).bytes().all(|byte| byte.is_ascii_digit()) => {
                let index = Node::new(Kind::Literal, token.range);
                self.make(Kind::Item(Box::new(base), Box::new(index)), start)
            }
            _ => {
                self.next -= 1;
                Err(self.unexpected("the name of an attribute"))
            }
        }
    }

    fn subscript(&mut self, base: Node, start: usize) -> Parsed {
        let mut bounds = [const { None }; 3];
        let mut colons = 0;
        for (index, bound) in bounds.iter_mut().enumerate() {
            if !matches!(self.peek().kind, TokenKind::Sign(":" | "]")) {
                *bound = Some(Box::new(self.expression()?));
            }
            if index == 2 || !self.take_sign(":") {
                break;
            }
            colons += 1;
        }
        self.expect("]")?;
        let kind = match (colons, bounds) {
            (0, [Some(index), _, _]) => Kind::Item(Box::new(base), index),
            (0, _) => return Err(ExpressionError::at(self.since(start), "nothing stands between `[` and `]`")),
            (_, bounds) => Kind::Slice(Box::new(base), bounds),
        };
        self.make(kind, start)
    }

    fn primary(&mut self) -> Parsed {
        let token = self.peek().clone();
        match token.kind {
            TokenKind::Literal => self.next += 1,
            TokenKind::Word => return self.word(&token),
            TokenKind::Sign("(") => return self.brackets(")"),
            TokenKind::Sign("[") => return self.brackets("]"),
            TokenKind::Sign("{") => return self.map(),
            _ => return Err(self.unexpected("a value")),
        }
        self.make(Kind::Literal, token.range.start)
    }

    fn word(&mut self, token: &Token) -> Parsed {
        let word = self.words(&token.range).to_owned();
        if RESERVED.contains(&word.as_str()) {
            return Err(self.unexpected("a value"));
        }
        self.next += 1;
        let literal = matches!(word.as_str(), "true" | "True" | "false" | "False" | "none" | "None");
        if word == "null" {
            return Err(ExpressionError::at(token.range.clone(), "there is no `null` here").hint("Write `none`."));
        }
        self.make(if literal { Kind::Literal } else { Kind::Name(word) }, token.range.start)
    }

    /// `[…]`, `(…)`: a list, or for one part in round brackets that part.
    fn brackets(&mut self, close: &str) -> Parsed {
        let start = self.advance().range.start;
        let mut items = Vec::new();
        let mut commas = 0;
        while !self.take_sign(close) {
            items.push(self.expression()?);
            if !self.take_sign(",") {
                self.expect(close)?;
                break;
            }
            commas += 1;
        }
        match (close, commas, items.len()) {
            (")", 0, 1) => items.pop().ok_or_else(|| self.unexpected("a value")),
            _ => self.make(Kind::List(items), start),
        }
    }

    fn map(&mut self) -> Parsed {
        let start = self.advance().range.start;
        let mut pairs = Vec::new();
        while !self.take_sign("}") {
            let word = self.peek().clone();
            let key = self.expression()?;
            if let (TokenKind::Word, Kind::Name(name)) = (word.kind, &key.kind) {
                return Err(ExpressionError::at(word.range, format!("the name `{name}` in `{{…}}` must be quoted"))
                    .hint(format!("Write `'{name}'`.")));
            }
            self.expect(":")?;
            pairs.push((key, self.expression()?));
            if !self.take_sign(",") {
                self.expect("}")?;
                break;
            }
        }
        self.make(Kind::Map(pairs), start)
    }
}

fn too_deep(range: Range<usize>) -> ExpressionError {
    ExpressionError::at(range, "the expression is nested too deeply")
}
