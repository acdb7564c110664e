//! What can be said of an expression before it meets a value.

use std::ops::Range;

use super::tree::{Call, Kind, Node};
use crate::mapping::filters::{self, Named};
use crate::mapping::{ExpressionError, Reference};
use crate::wording::count;

/// Checks the names and argument counts of filters and tests; gives the names that the expression reads.
pub(in crate::mapping) fn check(tree: &Node, text: &str) -> Result<Vec<Reference>, ExpressionError> {
    let mut references = Vec::new();
    visit(tree, text, &mut references)?;
    references.sort_by_key(|reference: &Reference| reference.ranges.first().map(|range| range.start));
    Ok(references)
}

/// The names, if the tree is nothing but a name and attributes of it.
pub(in crate::mapping) fn plain_path(tree: &Node) -> Option<Vec<String>> {
    match &tree.kind {
        Kind::Name(name) => Some(vec![name.clone()]),
        Kind::Attribute(base, name, _) => {
            let mut path = plain_path(base)?;
            path.push(name.clone());
            Some(path)
        }
        _ => None,
    }
}

fn visit(node: &Node, text: &str, references: &mut Vec<Reference>) -> Result<(), ExpressionError> {
    match &node.kind {
        Kind::Name(_) | Kind::Attribute(..) | Kind::Item(..) => {
            if let Some(reference) = reference(node, text) {
                references.push(reference);
                return Ok(());
            }
        }
        Kind::Filter(_, call) => {
            known(call, filters::FILTERS, "filter")?;
            inner_name(call, text)?;
        }
        Kind::Test(_, call) => known(call, filters::TESTS, "test")?,
        _ => {}
    }
    node.children().try_for_each(|child| visit(child, text, references))
}

/// The names that a part reads, if it is nothing but names: `user.name`, `user['name']`.
fn reference(node: &Node, text: &str) -> Option<Reference> {
    match &node.kind {
        Kind::Name(name) => Some(Reference { path: vec![name.clone()], ranges: vec![node.range.clone()] }),
        Kind::Attribute(base, name, range) => {
            let mut reference = reference(base, text)?;
            reference.path.push(name.clone());
            reference.ranges.push(range.clone());
            Some(reference)
        }
        Kind::Item(base, index) => {
            let name = quoted(index, text)?;
            let mut reference = reference(base, text)?;
            reference.path.push(name.to_owned());
            reference.ranges.push(index.range.clone());
            Some(reference)
        }
        _ => None,
    }
}

fn known(call: &Call, table: &[Named], what: &str) -> Result<(), ExpressionError> {
    let entry = entry(&call.name, &call.range, table, what)?;
    if let Some((name, value)) = call.named.first().filter(|_| !filters::takes_names(entry.name)) {
        let message = format!("the {what} `{}` takes no arguments with names", entry.name);
        return Err(ExpressionError::at(value.range.clone(), message).hint(format!("Leave out `{name}=`.")));
    }
    let given = call.positional.len() + call.named.len();
    let (least, most) = entry.arguments;
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let message = format!("the {what} `{}` takes {}, not {given}", entry.name, arguments(least, most));
    Err(ExpressionError::at(call.range.clone(), message).hint(format!("Write `{}`.", entry.usage)))
}

fn entry<'a>(name: &str, range: &Range<usize>, table: &'a [Named], what: &str) -> Result<&'a Named, ExpressionError> {
    table.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let error = ExpressionError::at(range.clone(), format!("there is no {what} `{name}`"));
        match crate::profile::closest(name, table.iter().map(|entry| entry.name)) {
            Some(name) => error.hint(format!("Did you mean `{name}`?")),
            None => error,
        }
    })
}

/// `map`, `select` and their like name a filter or a test in quotes.
fn inner_name(call: &Call, text: &str) -> Result<(), ExpressionError> {
    let Some((place, table, what)) = filters::names_another(&call.name) else { return Ok(()) };
    let Some(argument) = call.positional.get(place) else { return Ok(()) };
    match quoted(argument, text) {
        Some(name) => entry(name, &argument.range, table, what).map(|_| ()),
        None => Err(ExpressionError::at(
            argument.range.clone(),
            format!("`{}` needs the name of a {what} in quotes", call.name),
        )),
    }
}

/// What stands between the quotes of a literal without escapes.
fn quoted<'t>(node: &Node, text: &'t str) -> Option<&'t str> {
    let literal = text.get(node.range.clone()).filter(|_| matches!(node.kind, Kind::Literal))?;
    let inner = ['"', '\''].iter().find_map(|quote| literal.strip_prefix(*quote)?.strip_suffix(*quote))?;
    (!inner.contains('\\')).then_some(inner)
}

fn arguments(least: usize, most: usize) -> String {
    match (least, most) {
        (_, 0) => "no arguments".to_owned(),
        (least, most) if least == most => count(most, "argument"),
        (least, most) => format!("{least} to {}", count(most, "argument")),
    }
}
