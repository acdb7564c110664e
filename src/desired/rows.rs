//! A mapping's rows, made ready once for everyone whom a binding gives to a target.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::NoticeCode;
use crate::directory::{Parts, WriteRules, Writing};
use crate::mapping::{Context, Expression, Mapping, Row, RowValue, ValueType};
use crate::scim::path::AttrPath;
use crate::scim::{ResourceKind, Value, urn};
use crate::source::Span;

use super::{Apply, Asserted, Assertion, Notice};

/// A row with what is the same for everyone.
pub(super) struct Ready<'a> {
    pub(super) row: &'a Row,
    /// The row's path, shared by all that it asserts.
    pub(super) path: Arc<AttrPath>,
    /// Declared attributes that the value is made of; one alone if it is taken as it is.
    from: Vec<String>,
    /// Whether the value is exactly one declared attribute.
    plain: bool,
    /// Whether the value names a person.
    pub(super) manager: bool,
    /// Whether values are never shown.
    pub(super) sensitive: bool,
    /// When it is sent.
    pub(super) apply: Apply,
    /// What the path takes, where the RFC says so.
    takes: Option<ValueType>,
}

/// Why a row gives nothing that can be sent: the code and the text of a problem.
pub(super) struct Unsendable {
    pub(super) code: NoticeCode,
    pub(super) message: String,
}

/// The rows that are sent, and whether the target takes `active`.
pub(super) struct Rows<'a> {
    pub(super) sent: Vec<Ready<'a>>,
    /// The row for `active`, which is joined with what is declared.
    pub(super) active: Option<Ready<'a>>,
    /// The path of `active`, where it is asserted at all.
    pub(super) asserts_active: Option<Arc<AttrPath>>,
    /// What the target does not let us write of what is sent.
    parts: Parts,
}

impl<'a> Rows<'a> {
    /// Leaves out what the target does not let us write; a row that the user wrote is then a notice.
    pub(super) fn new(mapping: &'a Mapping, kind: ResourceKind, rules: &WriteRules, notices: &mut Vec<Notice>) -> Self {
        let rows = mapping.rows.of(kind);
        let parts = rules.parts(kind);
        let mut ready = Self { sent: Vec::new(), active: None, asserts_active: None, parts };
        let active = AttrPath::attribute("active");
        for row in rows {
            let writing = rules.writing(kind, &row.path);
            if !writing.is_sent() {
                notices.extend(row.origin.map(|origin| not_sent(row, writing, origin)));
            } else if kind == ResourceKind::User && row.path.same(&active) {
                ready.active = Some(Ready::new(row, kind));
            } else {
                ready.sent.push(Ready::new(row, kind));
            }
        }
        let asserted = kind == ResourceKind::User && rules.writing(kind, &active).is_sent();
        ready.asserts_active = asserted.then(|| Arc::new(active));
        ready
    }

    /// Leaves out of what is asserted what the target does not let us write of it. Elements that a left-out part chooses
    /// can't be found by it, so those of one attribute are asserted together, as its list.
    pub(super) fn without_parts(&self, assertions: Vec<Assertion>) -> Vec<Assertion> {
        if self.parts.is_empty() {
            return assertions;
        }
        let mut left = Vec::with_capacity(assertions.len());
        let mut chosen: BTreeMap<String, Vec<Assertion>> = BTreeMap::new();
        for assertion in assertions {
            match assertion.value {
                Asserted::Value(value) if self.parts.hide(&assertion.path) => {
                    let assertion = Assertion { value: Asserted::Value(value), ..assertion };
                    chosen.entry(assertion.path.parent().key()).or_default().push(assertion);
                }
                Asserted::Value(value) => left.extend(
                    self.parts
                        .cut(&assertion.path, value)
                        .map(|value| Assertion { value: Asserted::Value(value), ..assertion }),
                ),
                Asserted::User(_) | Asserted::Secret(_) => left.push(assertion),
            }
        }
        left.extend(chosen.into_values().filter_map(|together| self.together(together)));
        left.sort_by(|a, b| a.path.cmp(&b.path));
        left
    }

    fn together(&self, assertions: Vec<Assertion>) -> Option<Assertion> {
        let first = assertions.first()?.clone();
        let path = first.path.parent();
        let values = assertions.into_iter().filter_map(|one| match one.value {
            Asserted::Value(value) => Some((one.path.as_ref().clone(), value)),
            Asserted::User(_) | Asserted::Secret(_) => None,
        });
        let value = Asserted::Value(self.parts.joined(&path, values)?);
        Some(Assertion { path: Arc::new(path), value, ..first })
    }
}

impl<'a> Ready<'a> {
    fn new(row: &'a Row, kind: ResourceKind) -> Self {
        let plain = match &row.value {
            RowValue::Expression(expression) => expression.is_plain_attribute().map(str::to_owned),
            RowValue::Const(_) | RowValue::Secret(_) => None,
        };
        // RFC 7643 section 4.1.1: a password is never returned, so that it can't be compared.
        let sensitive =
            kind == ResourceKind::User && row.path.is_core() && row.path.attribute.eq_ignore_ascii_case("password");
        Self {
            row,
            path: Arc::new(row.path.clone()),
            from: plain.clone().map_or_else(|| sources(row), |name| vec![name]),
            plain: plain.is_some(),
            manager: kind == ResourceKind::User && names_manager(&row.path),
            sensitive,
            apply: if sensitive { Apply::OnCreate } else { row.apply },
            takes: ValueType::of(kind, &row.path),
        }
    }

    /// The value for one resource; `None` asserts nothing. An error says why there is none that can be sent.
    pub(super) fn evaluate(&self, context: &Context, key: &str) -> Result<Option<Value>, Unsendable> {
        let path = &self.path;
        let value = self.row.evaluate(context).map_err(|error| Unsendable {
            code: NoticeCode::Expression,
            message: format!("the row `{path}` can't be evaluated for `{key}`: {}", error.message),
        })?;
        match value.as_ref().and_then(|value| self.takes?.fault(value)) {
            Some(why) => Err(Unsendable {
                code: NoticeCode::ValueType,
                message: format!("the value for `{key}` does not fit: `{path}` {why}. Change the row or the value"),
            }),
            None => Ok(value),
        }
    }

    /// Whether the value is an `externalId` that the files say nothing of: the row is a profile's, and of what it reads
    /// only the key is declared.
    pub(super) fn gives_way(&self, declared: &Value) -> bool {
        let path = &self.path;
        let own = path.is_core() && path.sub.is_none() && path.attribute.eq_ignore_ascii_case("externalId");
        own && self.row.origin.is_none() && self.from.iter().all(|name| name == "key" || declared.get(name).is_none())
    }

    /// The place that a reader should look at: the declared attribute if one is named alone, else the row; a row that
    /// no file holds (a profile's) sends the reader to the first declared attribute that it uses.
    pub(super) fn origin(&self, place: impl Fn(&str) -> Option<Span>, fallback: Span) -> Span {
        let declared = || self.from.iter().find_map(|name| place(name));
        let first = if self.plain { declared().or(self.row.origin) } else { self.row.origin.or_else(declared) };
        first.unwrap_or(fallback)
    }
}

/// Top-level names of the declared attributes in a row's expressions.
fn sources(row: &Row) -> Vec<String> {
    let value = match &row.value {
        RowValue::Expression(expression) => Some(expression),
        RowValue::Const(_) | RowValue::Secret(_) => None,
    };
    let variables = value.into_iter().chain(&row.default).flat_map(Expression::variables);
    variables.filter_map(|name| name.split('.').nth(1).map(str::to_owned)).collect()
}

/// Whether a path is a person's manager: the enterprise attribute (RFC 7643 section 4.3) or a vendor's own of that name.
fn names_manager(path: &AttrPath) -> bool {
    let whole = path.sub.as_ref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
    let enterprise =
        path.schema.as_ref().is_none_or(|schema| schema.eq_ignore_ascii_case(urn::ENTERPRISE_USER) || !path.is_core());
    whole && enterprise && path.filter.is_none() && path.attribute.eq_ignore_ascii_case("manager")
}

fn not_sent(row: &Row, writing: Writing, origin: Span) -> Notice {
    Notice {
        code: NoticeCode::NotSent,
        message: format!("`{}` is not sent: it {}", row.path, writing.words()),
        origin: Some(origin),
    }
}
