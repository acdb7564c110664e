//! An expression as it is evaluated: the parser's tree with names, filters and arguments checked.

use std::ops::Range;

use minijinja::Value;
use minijinja::machinery::ast::{self, BinOpKind, CallArg, Expr, UnaryOpKind};

use super::filters::{self, Named};
use super::syntax::{bytes, place, too_deep};
use super::{ExpressionError, Reference};
use crate::wording::count;

/// Most levels of an expression.
const MAX_DEPTH: usize = 64;

/// A part of an expression with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Bytes in the text.
    pub(super) range: Range<usize>,
}

#[derive(Debug)]
pub(super) enum Kind {
    /// `user.name`, `user['name']`: names from the root on.
    Path(Vec<String>),
    /// `true`, `1`, `'x'`, `none`.
    Constant(Value),
    /// `.name` of what is no path.
    Attribute(Box<Node>, String),
    /// `[index]`.
    Item(Box<Node>, Box<Node>),
    /// `[start:stop:step]`.
    Slice(Box<Node>, [Option<Box<Node>>; 3]),
    /// `| name(arguments)`.
    Filter(Box<Node>, Call),
    /// `is name(arguments)`.
    Test(Box<Node>, Call),
    /// `not x`.
    Not(Box<Node>),
    /// `-x`.
    Negative(Box<Node>),
    /// `x and y`.
    And(Box<Node>, Box<Node>),
    /// `x or y`.
    Or(Box<Node>, Box<Node>),
    /// Any other operator between two parts.
    Binary(&'static str, Box<Node>, Box<Node>),
    /// `then if test else otherwise`.
    If { then: Box<Node>, test: Box<Node>, otherwise: Option<Box<Node>> },
    /// `[a, b]` and `(a, b)`.
    List(Vec<Node>),
    /// `{a: b}`.
    Map(Vec<(Node, Node)>),
}

/// A filter or test with its arguments.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) name: &'static str,
    pub(super) positional: Vec<Node>,
    pub(super) named: Vec<(String, Node)>,
}

/// Checks what the parser read; gives the names that it reads besides, in the order of the text.
pub(super) fn check(tree: &Expr<'_>, text: &str) -> Result<(Node, Vec<Reference>), ExpressionError> {
    let mut checker = Checker { text, references: Vec::new(), depth: 0 };
    let node = checker.node(tree)?;
    Ok((node, checker.references))
}

struct Checker<'t> {
    text: &'t str,
    references: Vec<Reference>,
    depth: usize,
}

impl Checker<'_> {
    fn place(&self, part: &Expr<'_>) -> Range<usize> {
        place(part, self.text)
    }

    fn node(&mut self, part: &Expr<'_>) -> Result<Node, ExpressionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.place(part)));
        }
        let kind = self.kind(part)?;
        self.depth -= 1;
        Ok(Node { kind, range: self.place(part) })
    }

    fn boxed(&mut self, part: &Expr<'_>) -> Result<Box<Node>, ExpressionError> {
        self.node(part).map(Box::new)
    }

    fn optional(&mut self, part: Option<&Expr<'_>>) -> Result<Option<Box<Node>>, ExpressionError> {
        part.map(|part| self.boxed(part)).transpose()
    }

    fn nodes(&mut self, parts: &[Expr<'_>]) -> Result<Vec<Node>, ExpressionError> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    fn kind(&mut self, part: &Expr<'_>) -> Result<Kind, ExpressionError> {
        Ok(match part {
            Expr::Var(name) => self.root(name.id, bytes(name.span()))?,
            Expr::Const(constant) => Kind::Constant(constant.value.clone()),
            Expr::GetAttr(attribute) => {
                let base = self.node(&attribute.expr)?;
                let end = bytes(attribute.span()).end;
                self.attribute(base, attribute.name, end - attribute.name.len()..end)
            }
            Expr::GetItem(item) => {
                let base = self.node(&item.expr)?;
                match quoted(&item.subscript_expr) {
                    Some(name) => self.attribute(base, name, self.place(&item.subscript_expr)),
                    None => Kind::Item(Box::new(base), self.boxed(&item.subscript_expr)?),
                }
            }
            Expr::Slice(slice) => Kind::Slice(
                self.boxed(&slice.expr)?,
                [
                    self.optional(slice.start.as_ref())?,
                    self.optional(slice.stop.as_ref())?,
                    self.optional(slice.step.as_ref())?,
                ],
            ),
            Expr::UnaryOp(operator) => {
                let inner = self.boxed(&operator.expr)?;
                match operator.op {
                    UnaryOpKind::Not => Kind::Not(inner),
                    UnaryOpKind::Neg => Kind::Negative(inner),
                }
            }
            Expr::BinOp(operator) => self.binary(operator)?,
            Expr::Compare(comparison) => return Err(self.chained(comparison)),
            Expr::IfExpr(choice) => Kind::If {
                then: self.boxed(&choice.true_expr)?,
                test: self.boxed(&choice.test_expr)?,
                otherwise: self.optional(choice.false_expr.as_ref())?,
            },
            Expr::Filter(filter) => {
                let Some(base) = &filter.expr else { return Err(self.no_call(part)) };
                let base = self.boxed(base)?;
                let at = bytes(filter.span()).start;
                Kind::Filter(base, self.call(filter.name, at, &filter.args, filters::FILTERS, "filter")?)
            }
            Expr::Test(test) => {
                let base = self.boxed(&test.expr)?;
                let at = bytes(test.span()).start;
                Kind::Test(base, self.call(test.name, at, &test.args, filters::TESTS, "test")?)
            }
            Expr::Call(call) => return Err(self.no_call(&call.expr)),
            Expr::List(list) => Kind::List(self.nodes(&list.items)?),
            Expr::Tuple(list) => Kind::List(self.nodes(&list.items)?),
            Expr::Map(map) => Kind::Map(
                map.keys.iter().zip(&map.values).map(|(key, value)| self.pair(key, value)).collect::<Result<_, _>>()?,
            ),
        })
    }

    fn root(&mut self, name: &str, range: Range<usize>) -> Result<Kind, ExpressionError> {
        if name == "null" {
            return Err(ExpressionError::at(range, "there is no `null` here").hint("Write `none`."));
        }
        self.references.push(Reference { path: vec![name.to_owned()], ranges: vec![range] });
        Ok(Kind::Path(vec![name.to_owned()]))
    }

    /// An attribute of a path makes the path longer, whose reference is the last one read.
    fn attribute(&mut self, base: Node, name: &str, range: Range<usize>) -> Kind {
        let name = name.to_owned();
        match (base.kind, self.references.last_mut()) {
            (Kind::Path(mut path), Some(reference)) => {
                reference.path.push(name.clone());
                reference.ranges.push(range);
                path.push(name);
                Kind::Path(path)
            }
            (kind, _) => Kind::Attribute(Box::new(Node { kind, range: base.range }), name),
        }
    }

    fn binary(&mut self, operator: &ast::BinOp<'_>) -> Result<Kind, ExpressionError> {
        let (left, right) = (self.boxed(&operator.left)?, self.boxed(&operator.right)?);
        let sign = match operator.op {
            BinOpKind::ScAnd => return Ok(Kind::And(left, right)),
            BinOpKind::ScOr => return Ok(Kind::Or(left, right)),
            // The opposite of `==`, so that it is true of undefined.
            BinOpKind::Ne => {
                let range = left.range.start..right.range.end;
                return Ok(Kind::Not(Box::new(Node { kind: Kind::Binary("==", left, right), range })));
            }
            BinOpKind::Eq => "==",
            BinOpKind::Lt => "<",
            BinOpKind::Lte => "<=",
            BinOpKind::Gt => ">",
            BinOpKind::Gte => ">=",
            BinOpKind::In => "in",
            BinOpKind::Concat => "~",
            BinOpKind::Add => "+",
            BinOpKind::Sub => "-",
            BinOpKind::Mul => "*",
            BinOpKind::Div => "/",
            BinOpKind::FloorDiv => "//",
            BinOpKind::Rem => "%",
            BinOpKind::Pow => "**",
        };
        Ok(Kind::Binary(sign, left, right))
    }

    fn pair(&mut self, key: &Expr<'_>, value: &Expr<'_>) -> Result<(Node, Node), ExpressionError> {
        if let Expr::Var(name) = key {
            let message = format!("the name `{}` in `{{…}}` must be quoted", name.id);
            return Err(ExpressionError::at(self.place(key), message).hint(format!("Write `'{}'`.", name.id)));
        }
        Ok((self.node(key)?, self.node(value)?))
    }

    fn call(
        &mut self,
        name: &str,
        at: usize,
        arguments: &[CallArg<'_>],
        table: &'static [Named],
        what: &str,
    ) -> Result<Call, ExpressionError> {
        let range = at..at + name.len();
        let entry = entry(name, &range, table, what)?;
        let mut call = Call { name: entry.name, positional: Vec::new(), named: Vec::new() };
        for (place, argument) in arguments.iter().enumerate() {
            match argument {
                CallArg::Pos(argument) => {
                    self.inner_name(entry.name, place, argument)?;
                    call.positional.push(self.node(argument)?);
                }
                CallArg::Kwarg(name, value) if filters::takes_names(entry.name) => {
                    call.named.push(((*name).to_owned(), self.node(value)?));
                }
                CallArg::Kwarg(name, value) => {
                    let message = format!("the {what} `{}` takes no arguments with names", entry.name);
                    return Err(ExpressionError::at(self.place(value), message).hint(format!("Leave out `{name}=`.")));
                }
                CallArg::PosSplat(value) | CallArg::KwargSplat(value) => {
                    return Err(ExpressionError::at(self.place(value), "arguments are written one by one"));
                }
            }
        }
        let (least, most) = entry.arguments;
        if (least..=most).contains(&arguments.len()) {
            return Ok(call);
        }
        let wanted = argument_count(least, most);
        let message = format!("the {what} `{}` takes {wanted}, not {}", entry.name, arguments.len());
        Err(ExpressionError::at(range, message).hint(format!("Write `{}`.", entry.usage)))
    }

    /// `map`, `select` and their like name a filter or a test in quotes.
    fn inner_name(&self, outer: &str, place: usize, argument: &Expr<'_>) -> Result<(), ExpressionError> {
        let Some((_, table, what)) = filters::names_another(outer).filter(|(wanted, ..)| *wanted == place) else {
            return Ok(());
        };
        let range = self.place(argument);
        match quoted(argument) {
            Some(name) => entry(name, &range, table, what).map(|_| ()),
            None => Err(ExpressionError::at(range, format!("`{outer}` needs the name of a {what} in quotes"))),
        }
    }

    fn no_call(&self, called: &Expr<'_>) -> ExpressionError {
        ExpressionError::at(self.place(called), "functions and methods can't be called")
            .hint("Apply a filter: `user.title | upper`.")
    }

    fn chained(&self, comparison: &ast::Spanned<ast::Compare<'_>>) -> ExpressionError {
        let range = self.place(&comparison.expr).start..bytes(comparison.span()).end;
        ExpressionError::at(range, "comparisons can't be chained").hint("Write `a < b and b < c`.")
    }
}

fn entry(
    name: &str,
    range: &Range<usize>,
    table: &'static [Named],
    what: &str,
) -> Result<&'static Named, ExpressionError> {
    table.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let error = ExpressionError::at(range.clone(), format!("there is no {what} `{name}`"));
        match crate::profile::closest(name, table.iter().map(|entry| entry.name)) {
            Some(name) => error.hint(format!("Did you mean `{name}`?")),
            None => error,
        }
    })
}

fn quoted<'t>(part: &'t Expr<'_>) -> Option<&'t str> {
    match part {
        Expr::Const(constant) => constant.value.as_str(),
        _ => None,
    }
}

fn argument_count(least: usize, most: usize) -> String {
    match (least, most) {
        (_, 0) => "no arguments".to_owned(),
        (least, most) if least == most => count(most, "argument"),
        (least, most) => format!("{least} to {}", count(most, "argument")),
    }
}
