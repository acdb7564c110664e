//! All files to one [`Config`].

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;
use std::sync::LazyLock;

use rayon::prelude::*;
use serde::de::DeserializeOwned;

use super::check::{Checker, SchemaFault};
use super::custom::CustomCheckers;
use super::model::{Config, CustomSchemas, Declared, Ledger, User};
use super::parts::{self, PART, Part};
use super::schema::json_schema;
use super::tree::{self, Kind, Node, Tree};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, SourceFile, SourceMap, Span, Spanned};

/// The file that marks the root of a repository.
pub const ROOT_FILE: &str = "scimform.yaml";

/// The schema of the file language, compiled once.
static CHECKER: LazyLock<Result<Checker, SchemaFault>> = LazyLock::new(|| Checker::new(json_schema(), None));

/// Parses and checks every file and puts their sections together. All mistakes are reported; what can be read in
/// spite of them is in the result, so that what refers to it is not reported as well.
pub fn parse(sources: &SourceMap) -> (Config, Diagnostics) {
    let mut found = Diagnostics::default();
    let checker = match &*CHECKER {
        Ok(checker) => checker,
        Err(fault) => {
            let message =
                format!("the schema of the file language is broken: {} at `{}`", fault.message, fault.pointer);
            found.push(Diagnostic::global(Code::Schema, message));
            return (Config::default(), found);
        }
    };
    let schemas = Schemas { language: checker, custom: CustomCheckers::find(sources, &mut found) };
    let files: Vec<(FileId, &SourceFile)> = sources.files().collect();
    let parts: Vec<(Config, Diagnostics)> =
        files.into_par_iter().map(|(id, file)| file_config(id, file, &schemas)).collect();
    let mut config = Config { incomplete: sources.is_incomplete(), ..Config::default() };
    for (part, diagnostics) in parts {
        found.append(diagnostics);
        merge(&mut config, part, &mut found);
    }
    (config, found)
}

/// The schemas that every file is checked against.
struct Schemas<'a> {
    language: &'a Checker,
    custom: CustomCheckers,
}

impl Schemas<'_> {
    /// Checks a tree and reads its sections.
    fn read(&self, root: &Node<'_>, file: FileId, found: &mut Diagnostics) -> Config {
        let mut config = Config::default();
        self.language.check(root, file, found);
        self.custom.check(root, file, found);
        sections(root, file, &mut config, found);
        config
    }
}

fn file_config(id: FileId, file: &SourceFile, schemas: &Schemas<'_>) -> (Config, Diagnostics) {
    let mut found = Diagnostics::default();
    let large = file.text().len() > PART;
    let in_parts = large.then(|| in_parts(id, file.text(), schemas)).flatten();
    let config = in_parts.unwrap_or_else(|| whole(id, file.text(), schemas, &mut found));
    if !config.incomplete && config.version.is_none() && file.path().as_ref() == ROOT_FILE && !found.has_errors() {
        let span = Span { file: id, start: 0, end: 0 };
        let message = format!("`{ROOT_FILE}` does not say which version of the file language it is written in");
        found.push(Diagnostic::new(Code::MissingKey, span, message).hint("Write `version: 1` at its top."));
    }
    (config, found)
}

fn whole(id: FileId, text: &str, schemas: &Schemas<'_>, found: &mut Diagnostics) -> Config {
    let Tree { root, complete } = tree::parse(text, id, found);
    let root = root.filter(|root| !root.is_null());
    let mut config = root.map(|root| schemas.read(&root, id, found)).unwrap_or_default();
    config.incomplete = !complete;
    config
}

/// Reads the parts of a file side by side. `None` if there is anything to report: a mistake is told as one of the whole.
fn in_parts(id: FileId, text: &str, schemas: &Schemas<'_>) -> Option<Config> {
    let read = |part: Part| {
        let root = tree::read_part(text, part.range, part.section)?;
        let mut found = Diagnostics::default();
        let keys: Vec<(String, u32)> = root.entries().map(|entry| (entry.key.to_string(), entry.start)).collect();
        let config = schemas.read(&root, id, &mut found);
        found.is_empty().then_some((keys, config))
    };
    let parts: Option<Vec<_>> = parts::cut(text).into_par_iter().map(read).collect();
    let mut config = Config::default();
    let mut found = Diagnostics::default();
    let mut sections: BTreeMap<String, u32> = BTreeMap::new();
    for (keys, part) in parts? {
        for (key, start) in keys {
            // One section in several parts has one key.
            (*sections.entry(key).or_insert(start) == start).then_some(())?;
        }
        merge(&mut config, part, &mut found);
    }
    found.is_empty().then_some(config)
}

fn sections(root: &Node<'_>, file: FileId, config: &mut Config, found: &mut Diagnostics) {
    let silent = found.has_errors();
    let mut reader = Reader { file, silent, found };
    for section in root.entries() {
        let node = &section.value;
        match section.key.as_ref() {
            "version" => config.version = reader.read::<Spanned<u64>>(node),
            "ledger" => config.ledger = reader.declared::<Ledger>(section.key_span(file), node),
            "customSchema" => {
                config.custom_schema = reader.declared::<CustomSchemas>(section.key_span(file), node);
            }
            "targets" => config.targets = reader.entries(node, Reader::lenient),
            "users" => config.users = reader.entries(node, |reader, node| User::read(node, reader.file)),
            "groups" => config.groups = reader.entries(node, Reader::lenient),
            "bindings" => config.bindings = reader.entries(node, Reader::lenient),
            "mappings" => config.mappings = reader.entries(node, Reader::lenient),
            "profiles" => config.profiles = reader.entries(node, Reader::lenient),
            "policies" => {
                if let Kind::Sequence(items) = &node.kind {
                    let readable = items.iter().filter(|item| !item.is_broken());
                    config.policies =
                        readable.map(|item| Spanned::new(reader.lenient(item), item.span(file))).collect();
                }
            }
            _ => {}
        }
    }
}

/// Reads nodes that the schema has checked.
struct Reader<'d> {
    file: FileId,
    /// The schema has found mistakes: what can't be read is among them.
    silent: bool,
    found: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn refused(&mut self, span: Span, message: String) {
        if !self.silent {
            self.found.push(Diagnostic::new(Code::Schema, span, message));
        }
    }

    fn read<T: DeserializeOwned>(&mut self, node: &Node<'_>) -> Option<T> {
        match tree::read(node, self.file) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refused(node.span(self.file), error.message);
                None
            }
        }
    }

    fn declared<T: DeserializeOwned>(&mut self, key: Span, node: &Node<'_>) -> Option<Declared<T>> {
        let value = self.read(node)?;
        Some(Declared { key, span: node.span(self.file), value })
    }

    /// Reads a declaration without those of its entries that can't be read.
    fn lenient<T: DeserializeOwned + Default>(&mut self, node: &Node<'_>) -> T {
        loop {
            let error = match tree::read(node, self.file) {
                Ok(value) => return value,
                Err(error) => error,
            };
            let field = error.field.as_deref().and_then(|field| node.get(field));
            let span = field.map_or(node.span(self.file), |field| field.value.span(self.file));
            self.refused(span, error.message);
            let Some(field) = field else { return T::default() };
            field.value.mark_broken();
        }
    }

    fn entries<'t, T>(
        &mut self,
        section: &'t Node<'t>,
        read: impl Fn(&mut Self, &'t Node<'t>) -> T,
    ) -> BTreeMap<String, Declared<T>> {
        let file = self.file;
        section
            .entries()
            .map(|entry| {
                let value = read(self, &entry.value);
                (entry.key.to_string(), Declared { key: entry.key_span(file), span: entry.value.span(file), value })
            })
            .collect()
    }
}

fn merge(config: &mut Config, part: Config, found: &mut Diagnostics) {
    config.incomplete |= part.incomplete;
    config.version = config.version.or(part.version);
    single(&mut config.ledger, part.ledger, "ledger", found);
    single(&mut config.custom_schema, part.custom_schema, "customSchema", found);
    join(&mut config.targets, part.targets, "target", found);
    join(&mut config.users, part.users, "user", found);
    join(&mut config.groups, part.groups, "group", found);
    join(&mut config.bindings, part.bindings, "binding", found);
    join(&mut config.mappings, part.mappings, "mapping", found);
    join(&mut config.profiles, part.profiles, "profile", found);
    config.policies.extend(part.policies);
}

fn single<T>(slot: &mut Option<Declared<T>>, part: Option<Declared<T>>, name: &str, found: &mut Diagnostics) {
    let Some(part) = part else { return };
    match slot {
        None => *slot = Some(part),
        Some(first) => found.push(twice(format!("`{name}` stands in two files"), part.key, first.key)),
    }
}

fn join<T>(
    all: &mut BTreeMap<String, Declared<T>>,
    part: BTreeMap<String, Declared<T>>,
    what: &str,
    found: &mut Diagnostics,
) {
    for (name, declared) in part {
        match all.entry(name) {
            Slot::Vacant(slot) => {
                slot.insert(declared);
            }
            Slot::Occupied(slot) => {
                let message = format!("the {what} `{}` is declared twice", slot.key());
                found.push(twice(message, declared.key, slot.get().key));
            }
        }
    }
}

fn twice(message: String, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateKey, second, message)
        .label(first, "it is here already")
        .hint("Remove one of the two, or give it another name.")
}
