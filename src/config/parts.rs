//! Large files in parts: where a text can be cut so that several threads read it.
//!
//! A cut is a guess by indentation. Whether it was right is found out by `tree::read_part`, which reads only what cannot
//! go on over the lines around it.

use std::ops::Range;

/// Bytes from which a file is cut, and of each part at least.
pub(super) const PART: usize = 512 * 1024;
/// Sections that are cut between their entries; the others are short.
const CUT: [&str; 2] = ["users:", "groups:"];

/// Some entries of a file's sections.
pub(super) struct Part {
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    /// Where the key of their section stands, if that is in a part before.
    pub(super) section: Option<usize>,
}

/// Cuts a text before some of its sections, and between entries of those with many.
pub(super) fn cut(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = Part { range: 0..0, section: None };
    let (mut section, mut entries) = (None, None);
    let mut next = 0;
    for line in text.split_inclusive('\n') {
        let offset = next;
        next += line.len();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let below = match line.as_bytes().get(indent) {
            None | Some(b'\n' | b'#') => continue,
            Some(_) if indent == 0 => {
                section = CUT.iter().any(|name| line.trim_end() == *name).then_some(offset);
                entries = None;
                None
            }
            // The first entry stays with its section's key.
            Some(_) if section.is_some() && entries.is_none() => {
                entries = Some(indent);
                continue;
            }
            Some(_) if entries == Some(indent) => section,
            Some(_) => continue,
        };
        if offset - part.range.start >= PART {
            part.range.end = offset;
            let range = offset..offset;
            parts.push(std::mem::replace(&mut part, Part { range, section: below }));
        }
    }
    part.range.end = text.len();
    parts.push(part);
    parts
}
