//! Reads filters (RFC 7644 Figure 1) and attribute paths (sections 3.5.2 and 3.10).

use super::{Comparison, Filter, Literal, MAX_DEPTH, Operator};
use crate::scim::SyntaxError;
use crate::scim::path::{AttrPath, Head};

/// A place in a text that is being read.
pub(in crate::scim) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    in_value_filter: bool,
}

impl<'a> Parser<'a> {
    pub(in crate::scim) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, in_value_filter: false }
    }

    /// A filter that is the whole text.
    pub(in crate::scim) fn whole_filter(mut self) -> Result<Filter, SyntaxError> {
        let filter = self.or()?;
        self.end()?;
        Ok(filter)
    }

    /// An attribute path that is the whole text, as in `path` of a PATCH operation.
    pub(in crate::scim) fn whole_path(mut self) -> Result<AttrPath, SyntaxError> {
        self.skip_spaces();
        // Names of extension attributes may hold spaces here (Lattice: "Tee Shirt Size"), so only `[` ends them.
        let rest = self.rest();
        let head = rest.split('[').next().unwrap_or(rest);
        let path = self.path(head.trim_end())?;
        self.end()?;
        Ok(path)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn error<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError { message: message.into(), offset: self.at })
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn end(&mut self) -> Result<(), SyntaxError> {
        self.skip_spaces();
        match self.peek() {
            None => Ok(()),
            Some(found) => self.error(format!("unexpected `{found}`")),
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), SyntaxError> {
        self.skip_spaces();
        if self.peek() == Some(wanted) {
            self.at += wanted.len_utf8();
            return Ok(());
        }
        self.error(format!("expected `{wanted}`"))
    }

    /// The letters that come next, without moving.
    fn word(&self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        rest.get(..length).unwrap_or_default()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        self.skip_spaces();
        let found = self.word().eq_ignore_ascii_case(keyword)
            && self.rest().get(keyword.len()..).is_some_and(|after| after.starts_with([' ', '\t', '(']));
        if found {
            self.at += keyword.len();
        }
        found
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        if self.depth >= MAX_DEPTH {
            return self.error(format!("nested more than {MAX_DEPTH} deep"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Filter, SyntaxError> {
        let first = self.and()?;
        let mut parts = vec![first];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        Ok(single_or(parts, Filter::Or))
    }

    fn and(&mut self) -> Result<Filter, SyntaxError> {
        let first = self.primary()?;
        let mut parts = vec![first];
        while self.keyword("and") {
            parts.push(self.primary()?);
        }
        Ok(single_or(parts, Filter::And))
    }

    fn primary(&mut self) -> Result<Filter, SyntaxError> {
        self.skip_spaces();
        if self.peek() == Some('(') {
            return self.group();
        }
        let start = self.at;
        if self.keyword("not") {
            self.skip_spaces();
            if self.peek() == Some('(') {
                return Ok(Filter::Not(Box::new(self.group()?)));
            }
            self.at = start;
        }
        self.expression()
    }

    fn group(&mut self) -> Result<Filter, SyntaxError> {
        self.nested(|parser| {
            parser.expect('(')?;
            let inner = parser.or()?;
            parser.expect(')')?;
            Ok(inner)
        })
    }

    /// `attrExp` or `valuePath`; also what servers and clients write beside the grammar:
    /// `emails[type eq "work"].value co "x"`.
    fn expression(&mut self) -> Result<Filter, SyntaxError> {
        let head = self.filter_head();
        if head.is_empty() {
            return self.error("expected an attribute");
        }
        let path = self.path(head)?;
        self.skip_spaces();
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            self.at += word.len();
            return Ok(Filter::Present(Box::new(path)));
        }
        let Some(op) = operator(word) else {
            if path.filter.is_some() && path.sub.is_none() {
                return Ok(Filter::Element(Box::new(path)));
            }
            return self.error(format!("expected an operator after `{path}`"));
        };
        self.at += word.len();
        if !self.peek().is_some_and(char::is_whitespace) {
            return self.error(format!("expected a space and a value after `{}`", op.name()));
        }
        self.skip_spaces();
        let value = self.literal()?;
        Ok(Filter::Compare(Box::new(Comparison { path, op, value })))
    }

    /// The text of a path up to its value filter or operator. After a URN, words are part of the name until one
    /// is an operator.
    fn filter_head(&self) -> &'a str {
        let rest = self.rest();
        let stop = |c: char| c.is_whitespace() || "()[]\"".contains(c);
        let mut length = rest.find(stop).unwrap_or(rest.len());
        while super::super::urn::is_urn(rest) {
            let after = rest.get(length..).unwrap_or_default();
            let next = after.trim_start_matches(' ');
            let word = next.get(..next.find(stop).unwrap_or(next.len())).unwrap_or_default();
            let ends = word.eq_ignore_ascii_case("pr") || operator(word).is_some();
            if ends || word.is_empty() || next.len() == after.len() {
                break;
            }
            length += after.len() - next.len() + word.len();
        }
        rest.get(..length).unwrap_or_default()
    }

    /// Reads a path whose text up to a value filter is known.
    fn path(&mut self, head: &str) -> Result<AttrPath, SyntaxError> {
        let Head { schema, attribute, sub } = Head::parse(head, self.at)?;
        self.at += head.len();
        if self.peek() != Some('[') {
            return Ok(AttrPath { schema, attribute, filter: None, sub });
        }
        if self.in_value_filter {
            return self.error("a value filter cannot hold another one");
        }
        if attribute.is_empty() || sub.is_some() {
            return self.error("a value filter belongs directly after an attribute");
        }
        let filter = self.nested(|parser| {
            parser.expect('[')?;
            parser.in_value_filter = true;
            let filter = parser.or();
            parser.in_value_filter = false;
            let filter = filter?;
            parser.expect(']')?;
            Ok(filter)
        })?;
        let mut sub = None;
        if self.peek() == Some('.') {
            self.at += 1;
            let rest = self.rest();
            let length = rest.find(|c: char| !is_name_char(c)).unwrap_or(rest.len());
            let name = rest.get(..length).unwrap_or_default();
            if !is_name(name) {
                return self.error("expected the name of a sub-attribute");
            }
            self.at += length;
            sub = Some(name.to_owned());
        }
        Ok(AttrPath { schema, attribute, filter: Some(filter), sub })
    }

    fn literal(&mut self) -> Result<Literal, SyntaxError> {
        let rest = self.rest();
        if rest.starts_with('"') {
            return self.string();
        }
        if rest.starts_with('\'') {
            return self.error("strings stand in double quotes");
        }
        let length = rest.find(|c: char| c.is_whitespace() || "()[]\"".contains(c)).unwrap_or(rest.len());
        let token = rest.get(..length).unwrap_or_default();
        // JSON's literals are lower-case; clients are known that write `True`.
        let literal = match token.to_ascii_lowercase().as_str() {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            _ if serde_json::from_str::<serde_json::Number>(token).is_ok() => Literal::Number(token.to_owned()),
            _ => return self.error("expected a value: a string in double quotes, a number, true, false or null"),
        };
        self.at += length;
        Ok(literal)
    }

    fn string(&mut self) -> Result<Literal, SyntaxError> {
        let rest = self.rest();
        let mut escaped = false;
        for (index, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    let quoted = rest.get(..=index).unwrap_or_default();
                    let Ok(text) = serde_json::from_str(quoted) else {
                        return self.error("not a JSON string");
                    };
                    self.at += quoted.len();
                    if self.peek().is_some_and(|after| !after.is_whitespace() && after != ')' && after != ']') {
                        return self.error("expected a space after the string");
                    }
                    return Ok(Literal::String(text));
                }
                _ => {}
            }
        }
        self.error("this string is not closed")
    }
}

fn single_or(mut parts: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

fn operator(word: &str) -> Option<Operator> {
    Operator::ALL.into_iter().find(|op| op.name().eq_ignore_ascii_case(word))
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$')
}

/// `ATTRNAME` of RFC 7643 section 2.1; `$ref` and a leading `_` are let through, as servers have them.
pub(in crate::scim) fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$' || c == '_') && name.chars().all(is_name_char)
}
