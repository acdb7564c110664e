//! Percent-encoding (RFC 3986 section 2.1) of ids in addresses and of paths in links.

use std::borrow::Cow;

use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, percent_decode_str, percent_encode};

pub use percent_encoding::AsciiSet;

/// What a segment of a path, or a part of a query, does not hold as it is: all but the unreserved characters (section
/// 2.3), so that no server mistakes `+`, `;` or `/` for something else.
pub const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same of a path, whose slashes stay.
pub const PATH: &AsciiSet = &SEGMENT.remove(b'/');

/// Text with the bytes of a set, and all that are not ASCII, written as `%2B`.
pub fn encode<'t>(text: &'t (impl AsRef<[u8]> + ?Sized), set: &'static AsciiSet) -> PercentEncode<'t> {
    percent_encode(text.as_ref(), set)
}

/// Undoes the encoding; what would be no text stays as it is.
pub fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8().unwrap_or(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_undoes_encoding() {
        for id in ["a/b", "ä😀", "100%", "%zz", "a+b", ""] {
            assert_eq!(decode(&encode(id, SEGMENT).to_string()), id);
        }
        for unchanged in ["%", "%4", "%+1", "%ff"] {
            assert_eq!(decode(unchanged), unchanged);
        }
        assert_eq!(encode("a b/ü", PATH).to_string(), "a%20b/%C3%BC");
    }
}
