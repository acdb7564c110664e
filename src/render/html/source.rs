//! Sources of a content security policy: a page names its own style and script by their hashes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// `sha256-…`, as CSP level 3 section 2.3.1 writes it.
pub(super) fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest of nothing (FIPS 180-4), in base64.
    #[test]
    fn a_source_reads_as_a_policy_wants_it() {
        assert_eq!(source(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
