//! Plain block YAML, read in one pass: the part of the language that files of people are written in.
//!
//! It reads block mappings and lists, words with and without quotation marks, flow collections that end on their line,
//! and comments. For everything else, and for all that the full parser would report, it gives up, and the full parser
//! reads the file from its start. So there are two results: the tree of the full parser, place by place, or none.
//!
//! What makes that sure: every construct that is read ends on the line where it begins, so a line's meaning depends only
//! on its column and on the mappings and lists that are open. A line that is indented deeper than what it could belong to
//! may go on with a word of the line before, and is not read here.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::{Entry, Kind, Node, is_old_boolean, scalar};

/// Levels of nesting; deeper ones are left to the full parser, which has the limit.
const DEPTH: usize = 32;
/// Longest key in bytes, far below the 1,024 characters at which a key must end.
const LONGEST_KEY: usize = 256;
/// Up to this many keys, a repeated one is looked for by comparing all of them.
const FEW_KEYS: usize = 24;

/// The mapping that a text holds; `None` for anything that the full parser has to read.
pub(super) fn read(text: &str) -> Option<Node<'_>> {
    read_part(text, 0..text.len(), None)
}

/// The same of a part of a text: whole entries of one mapping. Those below a section's key, whose offset is given, come
/// as a mapping of that key.
pub(in crate::config) fn read_part(text: &str, part: Range<usize>, section: Option<usize>) -> Option<Node<'_>> {
    let mut reader = Reader::new(text, part.clone())?;
    let Some(section) = section else {
        reader.begin()?;
        return reader.last(0);
    };
    reader.at = section;
    let key = reader.key(Within::Block)?;
    reader.at = part.start;
    reader.step()?;
    let node = reader.last(reader.column.filter(|column| *column > 0)?)?;
    let (start, end) = (key.start, node.end);
    Some(Node::new(start, end, Kind::Mapping(vec![key.entry(node)])))
}

/// A key whose value comes next.
struct Key<'s> {
    text: Cow<'s, str>,
    start: u32,
    end: u32,
}

impl<'s> Key<'s> {
    fn entry(self, value: Node<'s>) -> Entry<'s> {
        Entry { key: self.text, start: self.start, end: self.end, value }
    }
}

/// What is around a word.
#[derive(Clone, Copy)]
enum Within {
    Block,
    /// Brackets, in which commas and brackets end a word.
    Flow,
}

/// A cursor on the first byte of a token, and what was read of the collections that are still open.
struct Reader<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    /// The token's column in bytes; `None` at the end of the text.
    column: Option<usize>,
    depth: usize,
    entries: Vec<Entry<'s>>,
    items: Vec<Node<'s>>,
}

impl<'s> Reader<'s> {
    fn new(text: &'s str, part: Range<usize>) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        let bytes = text.as_bytes().get(..part.end)?;
        let strange = |byte: &u8| (*byte < b' ' && *byte != b'\n') || *byte == 0x7f;
        let is_strange = |chunk: &[u8]| chunk.iter().fold(false, |found, byte| found | strange(byte));
        if bytes.get(part.start..)?.chunks(4096).any(is_strange) {
            return None;
        }
        Some(Self { text, bytes, at: part.start, column: None, depth: 0, entries: Vec::new(), items: Vec::new() })
    }

    fn rest(&self) -> &'s [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// To the first token, over the line that may begin a document.
    fn begin(&mut self) -> Option<()> {
        let whole = self.at == 0;
        self.step()?;
        if whole && self.column == Some(0) && self.rest().starts_with(b"---\n") {
            self.at += 4;
            self.step()?;
        }
        Some(())
    }

    /// A mapping at a column, after which nothing follows.
    fn last(&mut self, column: usize) -> Option<Node<'s>> {
        let node = self.mapping(column)?;
        self.column.is_none().then_some(node)
    }

    /// From the start of a line to the next token; blank lines and comments are passed.
    fn step(&mut self) -> Option<()> {
        loop {
            let line = self.at;
            self.spaces();
            match self.byte(self.at) {
                None => self.column = None,
                Some(b'\n') => {
                    self.at += 1;
                    continue;
                }
                Some(b'#') => {
                    self.comment()?;
                    continue;
                }
                Some(_) => self.column = Some(self.at - line),
            }
            return Some(());
        }
    }

    fn spaces(&mut self) {
        while self.byte(self.at) == Some(b' ') {
            self.at += 1;
        }
    }

    /// Past the end of the line.
    fn comment(&mut self) -> Option<()> {
        let rest = self.rest();
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let end = self.at + length;
        is_printable(self.text.get(self.at..end)?).then_some(())?;
        self.at = (end + 1).min(self.bytes.len());
        Some(())
    }

    /// From the end of a value to the next token. Nothing but a comment can stand between.
    fn end_line(&mut self) -> Option<()> {
        let end = self.at;
        self.spaces();
        match self.byte(self.at) {
            None => {}
            Some(b'\n') => self.at += 1,
            Some(b'#') if self.at > end => self.comment()?,
            Some(_) => return None,
        }
        self.step()
    }

    fn is_dash(&self) -> bool {
        self.byte(self.at) == Some(b'-') && matches!(self.byte(self.at + 1), None | Some(b' ' | b'\n'))
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// A list or mapping at the token, whose column is known.
    fn block(&mut self, column: usize) -> Option<Node<'s>> {
        self.deeper(|reader| if reader.is_dash() { reader.sequence(column) } else { reader.mapping(column) })
    }

    fn mapping(&mut self, column: usize) -> Option<Node<'s>> {
        let (start, from) = (self.at, self.entries.len());
        while self.column == Some(column) && !self.is_dash() {
            let key = self.key(Within::Block)?;
            let value = self.value(&key, column)?;
            self.entries.push(key.entry(value));
        }
        self.closed(column)?;
        self.mapped(start, from, None)
    }

    /// Whether the token can follow a collection at a column.
    fn closed(&self, column: usize) -> Option<()> {
        self.column.is_none_or(|next| next <= column).then_some(())
    }

    /// The mapping of the entries read since `from`; a block ends where its last entry does.
    fn mapped(&mut self, start: usize, from: usize, end: Option<usize>) -> Option<Node<'s>> {
        let entries: Vec<Entry<'s>> = self.entries.drain(from..).collect();
        if repeats(&entries) {
            return None;
        }
        let end = match end {
            Some(end) => offset(end)?,
            None => entries.last().map(|entry| entry.value.end.max(entry.end))?,
        };
        Some(Node::new(offset(start)?, end, Kind::Mapping(entries)))
    }

    fn sequence(&mut self, column: usize) -> Option<Node<'s>> {
        let (start, from) = (self.at, self.items.len());
        while self.column == Some(column) && self.is_dash() {
            let item = self.item(column)?;
            self.items.push(item);
        }
        self.closed(column)?;
        let items: Vec<Node<'s>> = self.items.drain(from..).collect();
        let end = items.last()?.end;
        Some(Node::new(offset(start)?, end, Kind::Sequence(items)))
    }

    /// What follows a dash. An item that is not written has a place that only the full parser knows.
    fn item(&mut self, column: usize) -> Option<Node<'s>> {
        let dash = self.at;
        self.at += 1;
        self.spaces();
        if matches!(self.byte(self.at), None | Some(b'\n' | b'#')) {
            self.end_line()?;
            let inner = self.column.filter(|inner| *inner > column)?;
            return self.block(inner);
        }
        let inner = column + (self.at - dash);
        if self.is_dash() || self.starts_key() {
            self.column = Some(inner);
            return self.block(inner);
        }
        let node = self.inline()?;
        self.end_line()?;
        self.closed(column)?;
        Some(node)
    }

    /// What follows a key and its colon.
    fn value(&mut self, key: &Key<'s>, column: usize) -> Option<Node<'s>> {
        let end = self.at;
        self.spaces();
        if !matches!(self.byte(self.at), None | Some(b'\n' | b'#')) {
            let node = self.inline()?;
            self.end_line()?;
            self.closed(column)?;
            return Some(node);
        }
        self.at = end;
        self.end_line()?;
        match self.column {
            Some(inner) if inner > column => self.block(inner),
            Some(inner) if inner == column && self.is_dash() => {
                let mut list = self.block(inner)?;
                let Kind::Sequence(items) = &list.kind else { return None };
                // To the full parser, a list that is not indented begins behind its dash.
                let first = items.first()?.start;
                let dash = self.text.get(list.start as usize..first as usize)?;
                list.start = (!dash.contains('\n')).then_some(first)?;
                Some(list)
            }
            // A value that is not written has the place of its key.
            _ => Some(word(key.start, key.end, Cow::Borrowed("~"), true)),
        }
    }

    /// A key and its colon, if they stand at the token.
    fn key(&mut self, within: Within) -> Option<Key<'s>> {
        let start = self.at;
        let (text, end) = self.text(within)?;
        let ends = self.byte(end) == Some(b':') && matches!(self.byte(end + 1), None | Some(b' ' | b'\n'));
        if !ends || end - start > LONGEST_KEY {
            return None;
        }
        self.at = end + 1;
        Some(Key { text, start: offset(start)?, end: offset(end)? })
    }

    fn starts_key(&self) -> bool {
        self.text(Within::Block).is_some_and(|(_, end)| self.byte(end) == Some(b':'))
    }

    /// A value that begins and ends on this line; the cursor is left behind it.
    fn inline(&mut self) -> Option<Node<'s>> {
        match self.byte(self.at)? {
            b'[' => self.deeper(Self::flow_sequence),
            b'{' => self.deeper(Self::flow_mapping),
            _ => self.word(Within::Block),
        }
    }

    fn word(&mut self, within: Within) -> Option<Node<'s>> {
        let start = self.at;
        let (text, end) = self.text(within)?;
        let plain = !matches!(self.byte(start), Some(b'"' | b'\''));
        self.at = end;
        Some(word(offset(start)?, offset(end)?, text, plain))
    }

    /// The words at the token, and where they end.
    fn text(&self, within: Within) -> Option<(Cow<'s, str>, usize)> {
        if let quote @ (b'"' | b'\'') = self.byte(self.at)? {
            return self.quoted(self.at, quote);
        }
        let end = self.plain(self.at, within)?;
        Some((Cow::Borrowed(self.text.get(self.at..end)?), end))
    }

    /// A text in quotation marks that needs no more than a look for doubled ones, and where it ends.
    fn quoted(&self, start: usize, quote: u8) -> Option<(Cow<'s, str>, usize)> {
        let mut end = start + 1;
        let mut doubled = false;
        loop {
            match self.byte(end)? {
                b'\n' => return None,
                b'\\' if quote == b'"' => return None,
                byte if byte == quote && quote == b'\'' && self.byte(end + 1) == Some(quote) => {
                    doubled = true;
                    end += 1;
                }
                byte if byte == quote => break,
                _ => {}
            }
            end += 1;
        }
        let text = self.text.get(start + 1..end)?;
        let text = if doubled { Cow::Owned(text.replace("''", "'")) } else { Cow::Borrowed(text) };
        is_printable(&text).then_some((text, end + 1))
    }

    /// Where words without quotation marks end: at the end of the line, a comment, a colon or, in brackets, one of their
    /// signs.
    fn plain(&self, start: usize, within: Within) -> Option<usize> {
        let starts = match self.byte(start)? {
            b'-' | b'.' => self.byte(start + 1)?.is_ascii_alphanumeric(),
            b'_' | b'/' | b'+' | b'(' | b'~' | b'$' | 0x80.. => true,
            first => first.is_ascii_alphanumeric(),
        };
        starts.then_some(())?;
        let flow = matches!(within, Within::Flow);
        let (mut at, mut end) = (start, start);
        loop {
            match self.byte(at) {
                None | Some(b'\n') => break,
                Some(b':') => match self.byte(at + 1) {
                    // A blank before a colon is allowed, and rare.
                    None | Some(b' ' | b'\n') if end != at => return None,
                    None | Some(b' ' | b'\n') => break,
                    Some(b',' | b'[' | b']' | b'{' | b'}') if flow => return None,
                    Some(_) => {}
                },
                Some(b'#') if end != at => break,
                Some(b',' | b'[' | b']' | b'{' | b'}') if flow => break,
                Some(b' ') => {
                    at += 1;
                    continue;
                }
                Some(_) => {}
            }
            at += 1;
            end = at;
        }
        let text = self.text.get(start..end)?;
        let clear = is_printable(text) && !is_old_boolean(text) && !scalar::is_not_finite(text);
        clear.then_some(end)
    }

    fn flow_sequence(&mut self) -> Option<Node<'s>> {
        let (start, from) = (self.at, self.items.len());
        self.flow(b']', |reader| {
            let item = reader.flow_value()?;
            reader.items.push(item);
            Some(())
        })?;
        let items = self.items.drain(from..).collect();
        Some(Node::new(offset(start)?, offset(self.at)?, Kind::Sequence(items)))
    }

    fn flow_mapping(&mut self) -> Option<Node<'s>> {
        let (start, from) = (self.at, self.entries.len());
        self.flow(b'}', |reader| {
            let key = reader.key(Within::Flow)?;
            reader.spaces();
            let value = reader.flow_value()?;
            reader.entries.push(key.entry(value));
            Some(())
        })?;
        self.mapped(start, from, Some(self.at))
    }

    fn flow_value(&mut self) -> Option<Node<'s>> {
        match self.byte(self.at)? {
            b'[' | b'{' => self.inline(),
            _ => self.word(Within::Flow),
        }
    }

    /// What stands between two brackets, one comma between each and the next.
    fn flow(&mut self, close: u8, mut one: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.at += 1;
        self.spaces();
        while self.byte(self.at)? != close {
            one(self)?;
            self.spaces();
            match self.byte(self.at)? {
                b',' => {
                    self.at += 1;
                    self.spaces();
                    (self.byte(self.at)? != close).then_some(())?;
                }
                sign => (sign == close).then_some(())?,
            }
        }
        self.at += 1;
        Some(())
    }
}

fn word(start: u32, end: u32, text: Cow<'_, str>, plain: bool) -> Node<'_> {
    Node::new(start, end, Kind::Scalar { text, plain })
}

fn offset(at: usize) -> Option<u32> {
    u32::try_from(at).ok()
}

/// Whether a text has no character that YAML forbids or takes for a line break. Bytes below a space are none of it.
fn is_printable(text: &str) -> bool {
    let odd = |sign: char| {
        matches!(sign, '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    text.is_ascii() || !text.chars().any(odd)
}

/// Whether a key stands twice. Keys in order, as people's often are, need one look each.
fn repeats(entries: &[Entry<'_>]) -> bool {
    if entries.is_sorted_by(|one, next| one.key < next.key) {
        return false;
    }
    if entries.len() <= FEW_KEYS {
        let mut rest = entries;
        while let Some((last, before)) = rest.split_last() {
            if before.iter().any(|entry| entry.key == last.key) {
                return true;
            }
            rest = before;
        }
        return false;
    }
    let mut seen = HashSet::with_capacity(entries.len());
    !entries.iter().all(|entry| seen.insert(entry.key.as_ref()))
}
