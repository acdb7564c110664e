//! `customSchema`: the user's own JSON Schemas for `custom`.

use super::check::Checker;
use super::tree::{self, Entry, Node};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, SourceMap};

const SECTION: &str = "customSchema";

/// The user's schemas, compiled.
#[derive(Default)]
pub(super) struct CustomCheckers {
    user: Option<Checker>,
    group: Option<Checker>,
}

impl CustomCheckers {
    /// Finds the schemas, whichever file they are in. A schema that is none is reported.
    pub(super) fn find(sources: &SourceMap, found: &mut Diagnostics) -> Self {
        let mut checkers = Self::default();
        // Only files that say the word can have the section; reading those twice costs little.
        for (id, file) in sources.files().filter(|(_, file)| file.text().contains(SECTION)) {
            let tree = tree::parse(file.text(), id, &mut Diagnostics::default());
            let Some(root) = &tree.root else { continue };
            let Some(section) = root.get(SECTION) else { continue };
            for entry in section.value.entries() {
                let slot = match entry.key.as_ref() {
                    "user" => &mut checkers.user,
                    "group" => &mut checkers.group,
                    _ => continue,
                };
                if slot.is_none() {
                    *slot = compile(entry, id, found);
                }
            }
        }
        checkers
    }

    /// Checks every `custom` of a file.
    pub(super) fn check<'t>(&self, root: &'t Node<'t>, file: FileId, found: &mut Diagnostics) {
        for (section, checker) in [("users", &self.user), ("groups", &self.group)] {
            let (Some(checker), Some(section)) = (checker, root.get(section)) else { continue };
            for declared in section.value.entries() {
                if let Some(custom) = declared.value.get("custom") {
                    checker.check(&custom.value, file, found);
                }
            }
        }
    }
}

fn compile(entry: &Entry<'_>, file: FileId, found: &mut Diagnostics) -> Option<Checker> {
    match Checker::new(entry.value.to_json(), Some(Code::CustomSchema)) {
        Ok(checker) => Some(checker),
        Err(message) => {
            let message = format!("this is not a JSON Schema that can be used: {message}");
            found.push(Diagnostic::new(Code::CustomSchema, entry.key_span(file), message));
            None
        }
    }
}
