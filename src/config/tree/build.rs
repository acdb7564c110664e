//! Parser events to a tree, and the YAML that is refused on the way.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Core, Entry, Kind, Node, block, is_old_boolean, scalar, syntax};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{FileId, Span};

/// Levels of nesting, aliases resolved.
pub(super) const MAX_DEPTH: usize = 100;
/// Nodes that aliases may copy, in one file.
const MAX_COPIES: usize = 1_000_000;
/// Up to this many keys, a repeated one is looked for by comparing all of them.
const FEW_KEYS: usize = 16;

/// A parsed file.
#[derive(Debug, Default)]
pub(in crate::config) struct Tree<'s> {
    /// The document; `None` for an empty file and for one that can't be read.
    pub(in crate::config) root: Option<Node<'s>>,
    /// Whether the file could be read to its end.
    pub(in crate::config) complete: bool,
}

/// Parses a file. What is refused is reported; a file that is not YAML has no tree.
pub(in crate::config) fn parse<'s>(text: &'s str, file: FileId, found: &mut Diagnostics) -> Tree<'s> {
    match block::read(text) {
        Some(root) => Tree { root: Some(root), complete: true },
        None => parse_any(text, file, found),
    }
}

/// The full parser: all of YAML.
pub(super) fn parse_any<'s>(text: &'s str, file: FileId, found: &mut Diagnostics) -> Tree<'s> {
    let mut options = granit_parser::options! { flow_nesting_limit: MAX_DEPTH, block_nesting_limit: MAX_DEPTH };
    options.set_emit_comments(false);
    let mut builder = Builder::new(text, file, found);
    for event in Parser::new_from_str_with_options(text, options) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err(Box::new(syntax::diagnostic(&error, text, file))),
        };
        if let Err(fatal) = step {
            builder.found.push(*fatal);
            return Tree::default();
        }
    }
    Tree { root: builder.root, complete: true }
}

/// A tag that means nothing here.
pub(super) fn tag_refused(span: Span) -> Diagnostic {
    Diagnostic::new(Code::YamlUnsupported, span, "tags of your own (`!name`) mean nothing here")
        .hint("Remove the tag; if the text starts with `!`, quote it.")
}

/// A second document in one file.
pub(super) fn second_document(span: Span) -> Diagnostic {
    Diagnostic::new(Code::YamlUnsupported, span, "a second document starts here; one file holds one document")
        .hint("Put it in a file of its own, or remove the `---`.")
}

type Step<T = ()> = Result<T, Box<Diagnostic>>;

/// A list or mapping whose end has not come yet.
struct Frame<'s> {
    start: u32,
    anchor: usize,
    /// Levels below this one so far, this one included.
    height: usize,
    flow: bool,
    content: Content<'s>,
}

enum Content<'s> {
    Sequence(Vec<Node<'s>>),
    Mapping { entries: Vec<Entry<'s>>, index: HashMap<Cow<'s, str>, usize>, key: Option<Key<'s>> },
}

struct Key<'s> {
    text: Cow<'s, str>,
    start: u32,
    end: u32,
    /// Refused: the value is parsed and dropped.
    dropped: bool,
}

/// A value that can be repeated.
struct Anchored<'s> {
    node: Node<'s>,
    height: usize,
    size: usize,
}

struct Builder<'s, 'd> {
    text: &'s str,
    file: FileId,
    found: &'d mut Diagnostics,
    frames: Vec<Frame<'s>>,
    anchors: BTreeMap<usize, Anchored<'s>>,
    copies: usize,
    documents: usize,
    root: Option<Node<'s>>,
}

impl<'s, 'd> Builder<'s, 'd> {
    fn new(text: &'s str, file: FileId, found: &'d mut Diagnostics) -> Self {
        Self { text, file, found, frames: Vec::new(), anchors: BTreeMap::new(), copies: 0, documents: 0, root: None }
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.file, start, end }
    }

    fn event(&mut self, event: Event<'s>, place: granit_parser::Span) -> Step {
        let (start, end) = self.bytes(&place);
        let span = self.span(start, end);
        let tag_span = place.tag_span().map_or(span, |place| {
            let (start, end) = self.bytes(&place);
            self.span(start, end)
        });
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 { Err(Box::new(second_document(span))) } else { Ok(()) }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(text, style, tag.as_deref(), span, tag_span);
                self.keep(anchor, &node, 1)?;
                self.complete(node, 1);
                Ok(())
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", tag_span);
                self.open(start, anchor, style == granit_parser::StructureStyle::Flow, Content::Sequence(Vec::new()))
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", tag_span);
                let content = Content::Mapping { entries: Vec::new(), index: HashMap::new(), key: None };
                self.open(start, anchor, style == granit_parser::StructureStyle::Flow, content)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            Event::Alias(anchor) => self.alias(anchor, span),
            _ => Ok(()),
        }
    }

    /// Byte range of a place; the parser gives byte offsets for text in memory.
    fn bytes(&self, place: &granit_parser::Span) -> (u32, u32) {
        let at = |marker: &granit_parser::Marker| {
            u32::try_from(marker.byte_offset().unwrap_or(0).min(self.text.len())).unwrap_or(u32::MAX)
        };
        let start = at(&place.start);
        (start, at(&place.end).max(start))
    }

    fn open(&mut self, start: u32, anchor: usize, flow: bool, content: Content<'s>) -> Step {
        if self.frames.len() >= MAX_DEPTH {
            return Err(Box::new(syntax::too_deep(syntax::point(start as usize, self.text, self.file))));
        }
        self.frames.push(Frame { start, anchor, height: 1, flow, content });
        Ok(())
    }

    fn close(&mut self, end: u32) -> Step {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let (last, kind) = match frame.content {
            Content::Sequence(items) => (items.last().map(|item| item.end), Kind::Sequence(items)),
            Content::Mapping { entries, .. } => {
                (entries.last().map(|entry| entry.value.end.max(entry.end)), Kind::Mapping(entries))
            }
        };
        // A block ends where the next token starts, lines later perhaps: its last entry is what people see.
        let end = if frame.flow { end } else { last.unwrap_or(frame.start) };
        let node = Node::new(frame.start, end.max(frame.start), kind);
        self.keep(frame.anchor, &node, frame.height)?;
        self.complete(node, frame.height);
        Ok(())
    }

    /// Remembers an anchored value. Anchors within anchors are copies too.
    fn keep(&mut self, anchor: usize, node: &Node<'s>, height: usize) -> Step {
        if anchor == 0 {
            return Ok(());
        }
        let size = size(node);
        self.count(size, node.span(self.file))?;
        self.anchors.insert(anchor, Anchored { node: node.clone(), height, size });
        Ok(())
    }

    fn count(&mut self, copies: usize, span: Span) -> Step {
        self.copies = self.copies.saturating_add(copies);
        if self.copies <= MAX_COPIES {
            return Ok(());
        }
        let message = format!("anchors and aliases repeat more than {MAX_COPIES} values in this file");
        Err(Box::new(
            Diagnostic::new(Code::YamlUnsupported, span, message).hint("Write the values out, or use groups."),
        ))
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Step {
        let Some(size) = self.anchors.get(&anchor).map(|anchored| anchored.size) else {
            let message = "an alias (`*name`) stands within the value that it repeats";
            return Err(Box::new(Diagnostic::new(Code::YamlUnsupported, span, message)));
        };
        self.count(size, span)?;
        let Some(anchored) = self.anchors.get(&anchor) else { return Ok(()) };
        if self.frames.len() + anchored.height > MAX_DEPTH {
            return Err(Box::new(syntax::too_deep(span)));
        }
        let (node, height) = (anchored.node.clone(), anchored.height);
        self.complete(node, height);
        Ok(())
    }

    /// Puts a value where it belongs: a key, a value, an item, or the document.
    fn complete(&mut self, node: Node<'s>, height: usize) {
        let in_policy = self.in_policy();
        let file = self.file;
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.height = frame.height.max(height + 1);
        match &mut frame.content {
            Content::Sequence(items) => {
                warn_old_boolean(&node, "value", file, self.found);
                items.push(node);
            }
            Content::Mapping { key: slot @ None, entries, index } => {
                *slot = Some(key(node, entries, index, in_policy, file, self.found));
            }
            Content::Mapping { key, entries, index } => {
                if let Some(key) = key.take().filter(|key| !key.dropped) {
                    warn_old_boolean(&node, "value", file, self.found);
                    push_entry(key, node, entries, index);
                }
            }
        }
    }

    /// Whether the innermost mapping is an item of `policies`, whose key `on` is no boolean.
    fn in_policy(&self) -> bool {
        let [Frame { content: Content::Mapping { key: Some(section), .. }, .. }, _, _] = self.frames.as_slice() else {
            return false;
        };
        section.text == "policies"
    }

    fn scalar(
        &mut self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        span: Span,
        tag_span: Span,
    ) -> Node<'s> {
        let mut plain = style == ScalarStyle::Plain;
        if plain && scalar::is_not_finite(&text) {
            let message = format!("`{text}` is a number that JSON, and so SCIM, does not have");
            self.found.push(Diagnostic::new(Code::YamlUnsupported, span, message).hint("Quote it if it is text."));
        }
        if let Some(tag) = tag {
            let fits = |meaning: &Core| match (tag.core_suffix(), meaning) {
                (Some("str"), _)
                | (Some("null"), Core::Null)
                | (Some("bool"), Core::Boolean(_))
                | (Some("float"), Core::Number(_)) => true,
                (Some("int"), Core::Number(number)) => !number.is_f64(),
                _ => false,
            };
            let is_text = tag.core_suffix() == Some("str") || (tag.core_suffix().is_none() && is_bare(tag));
            if is_text {
                plain = false;
            } else if fits(&scalar::resolve(&text)) {
                plain = true;
            } else {
                self.found.push(tag_refused(tag_span));
            }
        }
        Node::new(span.start, span.end, Kind::Scalar { text, plain })
    }

    fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, span: Span) {
        if let Some(tag) = tag
            && tag.core_suffix() != Some(expected)
            && !is_bare(tag)
        {
            self.found.push(tag_refused(span));
        }
    }
}

/// `!` alone: "no special meaning" (YAML 1.2 section 6.9.1).
fn is_bare(tag: &Tag) -> bool {
    (tag.handle() == "!" && tag.suffix().is_empty()) || (tag.handle().is_empty() && tag.suffix() == "!")
}

/// How many nodes a copy makes.
fn size(node: &Node<'_>) -> usize {
    match &node.kind {
        Kind::Scalar { .. } => 1,
        Kind::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Mapping(entries) => 1 + entries.iter().map(|entry| 1 + size(&entry.value)).sum::<usize>(),
    }
}

fn warn_old_boolean(node: &Node<'_>, what: &str, file: FileId, found: &mut Diagnostics) {
    if let Kind::Scalar { text, plain: true } = &node.kind
        && is_old_boolean(text)
    {
        let meant = if matches!(text.to_ascii_lowercase().as_str(), "yes" | "on") { "true" } else { "false" };
        let message = format!("the {what} `{text}` is text to some YAML readers and `{meant}` to others");
        let hint = format!("Quote it (\"{text}\") if it is text, write `{meant}` if it is a boolean.");
        found.push(Diagnostic::new(Code::YamlBoolean, node.span(file), message).hint(hint));
        node.mark_broken();
    }
}

/// Takes a node as a key, and says why if it can't be one.
fn key<'s>(
    node: Node<'s>,
    entries: &[Entry<'s>],
    index: &mut HashMap<Cow<'s, str>, usize>,
    in_policy: bool,
    file: FileId,
    found: &mut Diagnostics,
) -> Key<'s> {
    let span = node.span(file);
    let Kind::Scalar { text, plain } = node.kind else {
        found.push(Diagnostic::new(Code::YamlUnsupported, span, "a list or mapping can't be a key"));
        return Key { text: Cow::Borrowed(""), start: span.start, end: span.end, dropped: true };
    };
    let mut dropped = false;
    if plain && text == "<<" {
        let hint = "Write the keys out; a whole value can be repeated with `*name`.";
        found
            .push(Diagnostic::new(Code::YamlUnsupported, span, "merge keys (`<<`) are no part of YAML 1.2").hint(hint));
        dropped = true;
    } else if plain && is_old_boolean(&text) && !(in_policy && text == "on") {
        let message = format!("the key `{text}` is text to some YAML readers and a boolean to others");
        found.push(Diagnostic::new(Code::YamlBoolean, span, message).hint(format!("Quote it: \"{text}\".")));
    }
    let first = if entries.len() <= FEW_KEYS {
        entries.iter().find(|entry| entry.key == text)
    } else {
        if index.is_empty() {
            index.extend(entries.iter().zip(0..).map(|(entry, at)| (entry.key.clone(), at)));
        }
        index.get(&text).and_then(|at| entries.get(*at))
    };
    if let Some(first) = first {
        let message = format!("the key `{text}` stands twice in this mapping");
        found
            .push(Diagnostic::new(Code::DuplicateKey, span, message).label(first.key_span(file), "it is here already"));
        dropped = true;
    }
    Key { text, start: span.start, end: span.end, dropped }
}

fn push_entry<'s>(
    key: Key<'s>,
    mut value: Node<'s>,
    entries: &mut Vec<Entry<'s>>,
    index: &mut HashMap<Cow<'s, str>, usize>,
) {
    // A value that is not written has no place of its own.
    if value.start == value.end {
        (value.start, value.end) = (key.start, key.end);
    }
    if !index.is_empty() {
        index.insert(key.text.clone(), entries.len());
    }
    entries.push(Entry { key: key.text, start: key.start, end: key.end, value });
}
