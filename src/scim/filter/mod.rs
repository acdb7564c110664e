//! Filters (RFC 7644 section 3.4.2.2, Figure 1).

pub(super) mod matching;
pub(super) mod parse;
mod print;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use super::SyntaxError;
use super::path::AttrPath;

/// How deeply groups, `not` and value filters may be put into one another.
pub const MAX_DEPTH: usize = 64;

/// A filter. `And` and `Or` hold two parts or more.
///
/// Equality is of the spelling (`userName` is not `username`); [`Filter::lowered`] gives the form to compare.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Filter {
    /// Any of these.
    Or(Vec<Filter>),
    /// All of these; binds tighter than `Or`.
    And(Vec<Filter>),
    /// `not (…)`.
    Not(Box<Filter>),
    /// `path op value`.
    Compare(Box<Comparison>),
    /// `path pr`: there is a value that is not empty.
    Present(Box<AttrPath>),
    /// `emails[…]`: one element of a multi-valued attribute fulfils the whole value filter.
    Element(Box<AttrPath>),
}

/// `path op value`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comparison {
    /// What is compared.
    pub path: AttrPath,
    /// How.
    pub op: Operator,
    /// With what.
    pub value: Literal,
}

/// A comparison operator (RFC 7644 Table 3); `pr` is [`Filter::Present`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `eq`: equal.
    Eq,
    /// `ne`: not equal.
    Ne,
    /// `co`: contains.
    Co,
    /// `sw`: starts with.
    Sw,
    /// `ew`: ends with.
    Ew,
    /// `gt`: greater than.
    Gt,
    /// `ge`: greater than or equal.
    Ge,
    /// `lt`: less than.
    Lt,
    /// `le`: less than or equal.
    Le,
}

/// A JSON literal (`compValue`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written, such as `3.5e2`; always a JSON number.
    Number(String),
    /// A string, without its quotes and escapes.
    String(String),
}

/// The filter `path eq "value"`, quoted and escaped when printed.
pub fn eq(path: AttrPath, value: &str) -> Filter {
    Filter::Compare(Box::new(Comparison { path, op: Operator::Eq, value: Literal::String(value.to_owned()) }))
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// Its two letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl Filter {
    /// The same filter with names and URNs in lower case and core URNs left out: two filters that only differ in
    /// the case of names have one lowered form. Values keep their case.
    pub fn lowered(&self) -> Self {
        match self {
            Self::Or(parts) => Self::Or(parts.iter().map(Self::lowered).collect()),
            Self::And(parts) => Self::And(parts.iter().map(Self::lowered).collect()),
            Self::Not(inner) => Self::Not(Box::new(inner.lowered())),
            Self::Compare(comparison) => Self::Compare(Box::new(Comparison {
                path: comparison.path.lowered(),
                op: comparison.op,
                value: comparison.value.clone(),
            })),
            Self::Present(path) => Self::Present(Box::new(path.lowered())),
            Self::Element(path) => Self::Element(Box::new(path.lowered())),
        }
    }

    /// The comparisons `attribute eq value` that must all hold, if the filter is nothing but those: what an element
    /// made for the filter has to have.
    pub fn equalities(&self) -> Option<Vec<(&AttrPath, &Literal)>> {
        match self {
            Self::Compare(comparison) if comparison.op == Operator::Eq => {
                Some(vec![(&comparison.path, &comparison.value)])
            }
            Self::And(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend(part.equalities()?);
                }
                Some(all)
            }
            _ => None,
        }
    }
}

impl FromStr for Filter {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        parse::Parser::new(text).whole_filter()
    }
}
