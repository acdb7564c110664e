//! Bytes to rows.

use std::collections::BTreeMap;

/// A table with headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The first row.
    pub headers: Vec<String>,
    /// The rows that hold something: the line on which each starts, from 1, and its cells, trimmed.
    pub rows: Vec<(u64, Vec<String>)>,
    /// What stands between cells.
    pub delimiter: char,
}

/// Why a sheet can't be taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SheetError {
    /// What is wrong, with the line.
    pub message: String,
    /// The way out.
    pub hint: String,
}

impl SheetError {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// Reads CSV text: UTF-8 with or without a byte order mark, or UTF-16 with one. Without a `delimiter` it is found from
/// the first line.
///
/// # Errors
/// Text in another encoding, quotes that are not closed, rows with more cells than headers, columns of one name, no rows.
pub fn read(bytes: &[u8], delimiter: Option<char>) -> Result<Sheet, SheetError> {
    let decoded = decode(bytes)?;
    let (text, said) = without_sep(&decoded);
    let delimiter = delimiter.or(said).unwrap_or_else(|| found_delimiter(text));
    let byte = u8::try_from(delimiter).ok().filter(u8::is_ascii);
    let byte = byte.ok_or_else(|| SheetError::new("the delimiter is no ASCII character", "Give `,`, `;` or `tab`."))?;
    check_quotes(text, delimiter, u64::from(said.is_some()))?;
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 + u64::from(said.is_some()) };
    let mut reader =
        csv::ReaderBuilder::new().delimiter(byte).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| SheetError::new(error.to_string(), "Save the sheet as CSV anew."))?;
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        let cells: Vec<String> = record.iter().map(in_one_line).collect();
        if cells.iter().any(|cell| !cell.is_empty()) {
            rows.push((line, cells));
        }
    }
    if rows.len() < 2 {
        return Err(SheetError::new(
            "it holds no one: a line of headers and a line for each person are expected",
            "Is it the right file?",
        ));
    }
    let (_, headers) = rows.remove(0);
    check(&headers, &rows)?;
    Ok(Sheet { headers, rows, delimiter })
}

/// The text without the line `sep=;` that spreadsheets write first, and what that line says.
fn without_sep(text: &str) -> (&str, Option<char>) {
    let rest = text.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| text.get(4..));
    let mut letters = rest.unwrap_or_default().chars();
    let Some(said) = letters.next().filter(|said| matches!(said, ',' | ';' | '\t')) else { return (text, None) };
    let rest = letters.as_str();
    match rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])) {
        Some(rest) => (rest, Some(said)),
        None => (text, None),
    }
}

/// Counts lines up to places that come one after the other, as an editor would: the reader itself counts one too few where
/// they end with `\r`.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first row at or after a byte.
    fn of(&mut self, byte: u64) -> u64 {
        let place = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(letter) = self.text.get(self.at) {
            if self.at >= place && !matches!(letter, b'\r' | b'\n') {
                break;
            }
            self.at += 1;
            self.line += u64::from(ends_line(*letter, self.text.get(self.at)));
        }
        self.line
    }
}

/// Whether a letter ends a line, before the next one.
fn ends_line(letter: u8, next: Option<&u8>) -> bool {
    letter == b'\n' || (letter == b'\r' && next != Some(&b'\n'))
}

/// A quote that is never closed, or closed within another cell, would swallow the people below it.
fn check_quotes(text: &str, delimiter: char, before: u64) -> Result<(), SheetError> {
    let mut letters = text.bytes().peekable();
    let (mut line, mut opened, mut starts) = (1 + before, None, true);
    while let Some(letter) = letters.next() {
        line += u64::from(ends_line(letter, letters.peek()));
        match (letter, opened) {
            (b'"', None) if starts => opened = Some(line),
            (b'"', Some(_)) if letters.peek() == Some(&b'"') => {
                letters.next();
            }
            (b'"', Some(from)) => {
                let ended = letters
                    .peek()
                    .is_none_or(|next| matches!(next, b'\r' | b'\n') || u32::from(*next) == u32::from(delimiter));
                if !ended {
                    return Err(open_quote(from, Some(line)));
                }
                opened = None;
            }
            _ => {}
        }
        starts = opened.is_none() && (matches!(letter, b'\r' | b'\n') || u32::from(letter) == u32::from(delimiter));
    }
    opened.map_or(Ok(()), |from| Err(open_quote(from, None)))
}

fn open_quote(from: u64, to: Option<u64>) -> SheetError {
    let message = match to {
        Some(line) => {
            format!("line {from} opens a cell with `\"`, and more text stands behind the `\"` of line {line}")
        }
        None => format!("line {from} opens a cell with `\"` that is never closed"),
    };
    SheetError::new(message, "Write a quote within a cell twice (`\"\"`), and one at each end of the cell.")
}

/// A cell without what spreadsheets break its lines with.
fn in_one_line(cell: &str) -> String {
    cell.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(headers: &[String], rows: &[(u64, Vec<String>)]) -> Result<(), SheetError> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, header) in headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
        if let Some(first) = seen.insert(header, at) {
            let message = format!("two columns are called `{header}`: number {} and number {}", first + 1, at + 1);
            return Err(SheetError::new(message, "Give one of them another name."));
        }
    }
    let wide = rows.iter().find(|(_, cells)| cells.iter().skip(headers.len()).any(|cell| !cell.is_empty()));
    if let Some((line, cells)) = wide {
        let message = format!("line {line} has {} cells, but there are {} headers", cells.len(), headers.len());
        return Err(SheetError::new(
            message,
            "A cell that holds the delimiter needs quotes; or name it with `--delimiter`.",
        ));
    }
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<String, SheetError> {
    let wide = |pairs: &[u8], join: fn([u8; 2]) -> u16| -> Result<String, SheetError> {
        let units: Vec<u16> = pairs.as_chunks::<2>().0.iter().map(|pair| join(*pair)).collect();
        String::from_utf16(&units).map_err(|_| SheetError::new("it is broken UTF-16", "Save it as \"CSV UTF-8\"."))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [b'P', b'K', 3, 4, ..] => {
            Err(SheetError::new("it is a workbook and no CSV file", "Save the sheet as \"CSV UTF-8\"."))
        }
        _ => {
            let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
            let decoded = std::str::from_utf8(text).map_err(|error| {
                let before = text.get(..error.valid_up_to()).unwrap_or_default();
                let line = before.split(|byte| *byte == b'\n').count();
                let message = format!("line {line} is not UTF-8 text");
                SheetError::new(message, "Save it as \"CSV UTF-8\", or run `iconv -f WINDOWS-1252 -t UTF-8`.")
            })?;
            if decoded.contains('\0') {
                return Err(SheetError::new("it holds zero bytes", "Save it as \"CSV UTF-8\"."));
            }
            Ok(decoded.to_owned())
        }
    }
}

/// The delimiter that the line of headers has most of, outside quotes.
fn found_delimiter(text: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0_usize), (';', 0), ('\t', 0)];
    for letter in text.trim_start().chars() {
        match letter {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            other if !quoted => {
                counts.iter_mut().filter(|(known, _)| *known == other).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(delimiter, _)| *delimiter)
}
