//! A file as its author wrote it: every value with its bytes, its style and what stands before it.

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

/// One value of a file.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// First byte of the value itself, without an anchor, a tag or the head of a block text.
    pub(super) start: usize,
    /// One past its last byte; line breaks behind it are no part of it.
    pub(super) end: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A word, by how it is quoted.
    Scalar(ScalarStyle),
    /// `*name`.
    Alias,
    /// A list.
    List { flow: bool, items: Vec<Shape> },
    /// A mapping.
    Map { flow: bool, entries: Vec<Member> },
}

/// One entry of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The key's text.
    pub(super) key: String,
    /// First byte of the key.
    pub(super) start: usize,
    /// One past its colon; `None` where the key is written in a way that is not edited (`? key`).
    pub(super) colon: Option<usize>,
    /// The value.
    pub(super) value: Shape,
}

impl Member {
    /// One past the last byte of the entry.
    pub(super) fn end(&self) -> usize {
        self.value.end.max(self.colon.unwrap_or(self.start))
    }
}

impl Shape {
    /// Whether nothing is written (`title:`).
    pub(super) fn is_blank(&self) -> bool {
        self.start == self.end && matches!(self.kind, Kind::Scalar(_))
    }

    /// Whether it is a list or mapping over lines.
    pub(super) fn is_block(&self) -> bool {
        matches!(self.kind, Kind::List { flow: false, .. } | Kind::Map { flow: false, .. })
    }
}

/// A comment of a file: its first byte and one past its last.
pub(super) type Comment = std::ops::Range<usize>;

/// What a file holds. `None` if it is no YAML.
pub(super) fn read(text: &str) -> Option<(Option<Shape>, Vec<Comment>)> {
    let mut builder = Builder { text, frames: Vec::new(), root: None, comments: Vec::new() };
    for event in Parser::new_from_str_with_options(text, granit_parser::Options::default()) {
        let (event, span) = event.ok()?;
        let at = |marker: &granit_parser::Marker| marker.byte_offset().unwrap_or(0).min(text.len());
        builder.event(&event, at(&span.start), at(&span.end));
    }
    Some((builder.root, builder.comments))
}

struct Builder<'t> {
    text: &'t str,
    frames: Vec<Frame>,
    root: Option<Shape>,
    comments: Vec<Comment>,
}

struct Frame {
    start: usize,
    flow: bool,
    content: Content,
}

enum Content {
    List(Vec<Shape>),
    Map(Vec<Member>, Option<(String, usize, usize)>),
}

impl Builder<'_> {
    fn event(&mut self, event: &Event<'_>, start: usize, end: usize) {
        match event {
            Event::Comment(..) => self.comments.push(start..end),
            Event::Alias(_) => self.complete(Shape { start, end, kind: Kind::Alias }, None),
            Event::Scalar(text, style, ..) => {
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let end = if block {
                    start + self.text.get(start..end).unwrap_or_default().trim_end().len()
                } else {
                    end.max(start)
                };
                self.complete(Shape { start, end, kind: Kind::Scalar(*style) }, Some(text));
            }
            Event::SequenceStart(style, ..) => self.open(start, *style, Content::List(Vec::new())),
            Event::MappingStart(style, ..) => self.open(start, *style, Content::Map(Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Frame { start, flow, content }) = self.frames.pop() else { return };
                let (last, kind) = match content {
                    Content::List(items) => (items.last().map(|item| item.end), Kind::List { flow, items }),
                    Content::Map(entries, _) => (entries.last().map(Member::end), Kind::Map { flow, entries }),
                };
                let end = if flow { end } else { last.unwrap_or(start) };
                self.complete(Shape { start, end: end.max(start), kind }, None);
            }
            _ => {}
        }
    }

    fn open(&mut self, start: usize, style: StructureStyle, content: Content) {
        let flow = style == StructureStyle::Flow;
        // Of a list that is indented no further than its key, the parser tells where the first item starts.
        let dash = |text: &str| text.strip_prefix('-').is_some_and(|rest| rest.starts_with([' ', '\t', '\r', '\n']));
        let known = flow || !matches!(content, Content::List(_)) || self.text.get(start..).is_some_and(dash);
        let before = self.text.get(..start).unwrap_or_default();
        let start = if known { start } else { before.rfind('-').unwrap_or(start) };
        self.frames.push(Frame { start, flow, content });
    }

    fn complete(&mut self, shape: Shape, word: Option<&str>) {
        match self.frames.last_mut().map(|frame| &mut frame.content) {
            None => self.root = Some(shape),
            Some(Content::List(items)) => items.push(shape),
            Some(Content::Map(_, key @ None)) => {
                *key = Some((word.unwrap_or_default().to_owned(), shape.start, shape.end));
            }
            Some(Content::Map(entries, key)) => {
                let Some((key, start, end)) = key.take() else { return };
                let rest = self.text.get(end..).unwrap_or_default();
                let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                let colon = rest.get(blank..).is_some_and(|rest| rest.starts_with(':')).then_some(end + blank + 1);
                entries.push(Member { key, start, colon, value: shape });
            }
        }
    }
}
