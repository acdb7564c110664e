//! What can be said of an expression before it meets a value.

use super::tree::{Call, Kind, Node};
use crate::mapping::filters::{self, Named};
use crate::mapping::{ExpressionError, Reference};

/// Checks the names and argument counts of filters and tests; gives the names that the expression reads.
pub(in crate::mapping) fn check(tree: &Node) -> Result<Vec<Reference>, ExpressionError> {
    let mut references = Vec::new();
    visit(tree, &mut references)?;
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

fn visit(node: &Node, references: &mut Vec<Reference>) -> Result<(), ExpressionError> {
    match &node.kind {
        Kind::Name(_) | Kind::Attribute(..) => {
            if let Some(reference) = reference(node) {
                references.push(reference);
                return Ok(());
            }
        }
        Kind::Filter(_, call) => known(call, filters::FILTERS, "filter")?,
        Kind::Test(_, call) => known(call, filters::TESTS, "test")?,
        _ => {}
    }
    node.children().try_for_each(|child| visit(child, references))
}

fn reference(node: &Node) -> Option<Reference> {
    match &node.kind {
        Kind::Name(name) => Some(Reference { path: vec![name.clone()], ranges: vec![node.range.clone()] }),
        Kind::Attribute(base, name, range) => {
            let mut reference = reference(base)?;
            reference.path.push(name.clone());
            reference.ranges.push(range.clone());
            Some(reference)
        }
        _ => None,
    }
}

fn known(call: &Call, table: &[Named], what: &str) -> Result<(), ExpressionError> {
    let Some(entry) = table.iter().find(|entry| entry.name == call.name) else {
        let error = ExpressionError::at(call.range.clone(), format!("there is no {what} `{}`", call.name));
        let names = table.iter().map(|entry| entry.name);
        return Err(match crate::profile::closest(&call.name, names) {
            Some(name) => error.hint(format!("Did you mean `{name}`?")),
            None => error,
        });
    };
    let given = call.positional.len() + call.named.len();
    let (least, most) = entry.arguments;
    if (least..=most).contains(&given) {
        return Ok(());
    }
    let message = format!("the {what} `{}` takes {}, not {given}", entry.name, count(least, most));
    Err(ExpressionError::at(call.range.clone(), message).hint(format!("Write `{}`.", entry.usage)))
}

fn count(least: usize, most: usize) -> String {
    let plural = if most == 1 { "" } else { "s" };
    match (least, most) {
        (_, 0) => "no arguments".to_owned(),
        (least, most) if least == most => format!("{least} argument{plural}"),
        (least, most) => format!("{least} to {most} argument{plural}"),
    }
}
