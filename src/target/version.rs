//! Which SCIM a server speaks. Version 1.1 looks alike and means other things: it is never read as 2.0.

/// What is said of a server that speaks SCIM 1.x.
pub(crate) const OUTDATED: &str = "the target speaks SCIM 1.1; scimform speaks SCIM 2.0";

/// Whether the `schemas` of an answer are those of SCIM 1.x (SCIM 1.1 core schema, section 10), such as
/// `urn:scim:schemas:core:1.0`. Some servers of SCIM 2.0 (RFC 7643 section 3) name an old extension next to their own
/// schemas; these are not meant.
pub(crate) fn is_outdated<'s>(schemas: impl Iterator<Item = &'s str>) -> bool {
    let mut old = false;
    for urn in schemas.map(str::to_ascii_lowercase) {
        if urn.starts_with("urn:ietf:params:scim:") {
            return false;
        }
        old |= urn.strip_prefix("urn:scim:schemas:").and_then(|rest| rest.rsplit(':').next()).is_some_and(is_one);
    }
    old
}

fn is_one(version: &str) -> bool {
    version == "1" || version.starts_with("1.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_schemas_are_known_unless_new_ones_stand_next_to_them() {
        for (schemas, outdated) in [
            (&["urn:scim:schemas:core:1.0"][..], true),
            (&["URN:SCIM:schemas:core:1.1"], true),
            (&["urn:scim:schemas:extension:enterprise:1.0"], true),
            (&["urn:example:x", "urn:scim:schemas:core:1.0"], true),
            (&["urn:scim:schemas:core:2.0"], false),
            (&["urn:scim:schemas:core:2.0:ListResponse"], false),
            (&["urn:scim:schemas:extension:enterprise:1.0", "urn:ietf:params:scim:schemas:core:2.0:User"], false),
            (&["urn:ietf:params:scim:api:messages:2.0:ListResponse"], false),
            (&["urn:example:x:1.0"], false),
            (&[], false),
        ] {
            assert_eq!(is_outdated(schemas.iter().copied()), outdated, "{schemas:?}");
        }
    }
}
