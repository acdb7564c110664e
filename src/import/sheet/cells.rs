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
/// Text in another encoding, rows with more cells than headers, columns of one name, no rows.
pub fn read(bytes: &[u8], delimiter: Option<char>) -> Result<Sheet, SheetError> {
    let text = decode(bytes)?;
    let delimiter = delimiter.unwrap_or_else(|| found_delimiter(&text));
    let byte = u8::try_from(delimiter).ok().filter(u8::is_ascii);
    let byte = byte.ok_or_else(|| SheetError::new("the delimiter is no ASCII character", "Give `,`, `;` or `tab`."))?;
    let mut reader =
        csv::ReaderBuilder::new().delimiter(byte).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| SheetError::new(error.to_string(), "Save the sheet as CSV anew."))?;
        let line = record.position().map_or(0, csv::Position::line);
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
