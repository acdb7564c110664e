//! The schemas of RFC 7643 section 8.7.1, with the common attributes of section 3.1, in words of our own.

use std::sync::LazyLock;

use super::build::{boolean, complex, many, plural, reference, text, typed};
use super::{Attribute, Schema, Schemas, Type};
use crate::scim::{ResourceKind, urn};

static USER: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(vec![user(), enterprise()]));
static GROUP: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(vec![group()]));
static ANY: LazyLock<Schemas> = LazyLock::new(|| {
    let mut both = user();
    both.attributes.extend(group().attributes);
    Schemas::new(vec![both, enterprise()])
});
static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(common);

impl Schemas {
    /// The schemas of the RFC for a kind of resource: the core one, and for users the enterprise extension.
    pub fn core(kind: ResourceKind) -> &'static Self {
        match kind {
            ResourceKind::User => &USER,
            ResourceKind::Group => &GROUP,
        }
    }

    /// All attributes of the RFC at once, for where the kind of resource does not matter.
    pub(in crate::scim) fn any() -> &'static Self {
        &ANY
    }
}

/// `schemas`, `id`, `externalId` and `meta`, which every resource has and no schema lists (RFC 7643 section 3.1).
pub(super) fn common_attributes() -> &'static [Attribute] {
    &COMMON
}

fn common() -> Vec<Attribute> {
    vec![
        reference("schemas", &["uri"], "URNs of the schemas whose attributes are present.").multi().required().always(),
        text("id", "Identifier that the server gave.").exact().required().read_only().always().unique(),
        text("externalId", "Identifier that the client gave.").exact(),
        complex(
            "meta",
            "Facts about the resource that the server keeps.",
            vec![
                text("resourceType", "Name of the resource's type.").exact(),
                typed(Type::DateTime, "created", "When it was made."),
                typed(Type::DateTime, "lastModified", "When it was last changed."),
                reference("location", &["uri"], "Its URI."),
                text("version", "Its entity tag.").exact(),
            ],
        )
        .read_only(),
    ]
}

fn user() -> Schema {
    let mut attributes = single_valued();
    attributes.extend(contacts());
    attributes.extend(affiliations());
    Schema {
        id: urn::USER.to_owned(),
        name: "User".to_owned(),
        description: "An account of a person.".to_owned(),
        attributes,
    }
}

/// RFC 7643 section 4.1.1.
fn single_valued() -> Vec<Attribute> {
    vec![
        text("userName", "Name to sign in with.").required().unique(),
        complex(
            "name",
            "The parts of the person's name.",
            vec![
                text("formatted", "The whole name, for display."),
                text("familyName", "Family name."),
                text("givenName", "Given name."),
                text("middleName", "Middle names."),
                text("honorificPrefix", "What stands before the name, as a title."),
                text("honorificSuffix", "What stands after the name."),
            ],
        ),
        text("displayName", "Name for display."),
        text("nickName", "What the person is called informally."),
        reference("profileUrl", &["external"], "The person's page."),
        text("title", "Position, as Vice President."),
        text("userType", "Relation to the organisation, as Contractor."),
        text("preferredLanguage", "Preferred languages, as in Accept-Language."),
        text("locale", "Language and region for formats."),
        text("timezone", "Time zone by its IANA name."),
        boolean("active", "Whether the account can be used."),
        text("password", "Clear-text password, to set it.").write_only(),
    ]
}

/// RFC 7643 section 4.1.2.
fn contacts() -> Vec<Attribute> {
    const PLACES: &[&str] = &["work", "home", "other"];
    vec![
        plural("emails", "E-mail addresses.", text("value", "The address."), PLACES),
        plural(
            "phoneNumbers",
            "Telephone numbers.",
            text("value", "The number, best as a tel URI."),
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        plural(
            "ims",
            "Instant messaging addresses.",
            text("value", "The address."),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        plural(
            "photos",
            "Pictures of the person.",
            reference("value", &["external"], "Where the picture is."),
            &["photo", "thumbnail"],
        ),
        many(
            "addresses",
            "Postal addresses.",
            vec![
                text("formatted", "The whole address, for display."),
                text("streetAddress", "Street, house and flat."),
                text("locality", "City."),
                text("region", "State or region."),
                text("postalCode", "Postal code."),
                text("country", "Country by its two letters (ISO 3166-1)."),
                text("type", "What the address is used for.").suggests(PLACES),
                boolean("primary", "Whether it is the preferred address; true at most once."),
            ],
        ),
    ]
}

/// RFC 7643 section 4.1.2.
fn affiliations() -> Vec<Attribute> {
    vec![
        many(
            "groups",
            "Groups that the person belongs to; changed through the groups.",
            vec![
                text("value", "The group's id.").exact(),
                reference("$ref", &["User", "Group"], "The group's URI."),
                text("display", "The group's name."),
                text("type", "How the person belongs to it.").suggests(&["direct", "indirect"]),
            ],
        )
        .read_only(),
        plural("entitlements", "What the person is entitled to.", text("value", "The entitlement."), &[]),
        plural("roles", "The person's roles.", text("value", "The role."), &[]),
        plural(
            "x509Certificates",
            "Certificates issued to the person.",
            typed(Type::Binary, "value", "The certificate, DER in base 64.").exact(),
            &[],
        ),
    ]
}

/// RFC 7643 section 4.3.
fn enterprise() -> Schema {
    Schema {
        id: urn::ENTERPRISE_USER.to_owned(),
        name: "EnterpriseUser".to_owned(),
        description: "What an enterprise knows about a person.".to_owned(),
        attributes: vec![
            text("employeeNumber", "Number or code given by the organisation."),
            text("costCenter", "Name of a cost centre."),
            text("organization", "Name of an organisation."),
            text("division", "Name of a division."),
            text("department", "Name of a department."),
            complex(
                "manager",
                "The person's manager.",
                vec![
                    text("value", "The manager's id.").exact(),
                    reference("$ref", &["User"], "The manager's URI."),
                    text("displayName", "The manager's name.").read_only(),
                ],
            ),
        ],
    }
}

/// RFC 7643 section 4.2. Section 4.2 requires `displayName`, section 8.7.1 does not: it is required here.
/// `display` of a member is in the RFC's examples and in most answers, though not in 8.7.1; ids are case-exact by
/// section 3.1, though 8.7.1 says otherwise of `members.value`.
fn group() -> Schema {
    Schema {
        id: urn::GROUP.to_owned(),
        name: "Group".to_owned(),
        description: "A group of people and groups.".to_owned(),
        attributes: vec![
            text("displayName", "Name for display.").required(),
            many(
                "members",
                "The group's members.",
                vec![
                    text("value", "The member's id.").exact().immutable(),
                    reference("$ref", &["User", "Group"], "The member's URI.").immutable(),
                    text("type", "What kind of resource the member is.").suggests(&["User", "Group"]).immutable(),
                    text("display", "The member's name.").immutable(),
                ],
            ),
        ],
    }
}
