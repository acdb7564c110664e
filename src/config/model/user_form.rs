//! What can be written about a person: the core attributes of RFC 7643 section 4.1 and the enterprise
//! attributes of section 4.3 side by side. These types only describe; `parse` reads users into
//! [`User`](super::User), which keeps the attributes as written.
//!
//! `null` (and `[]`) is a statement of its own: the attribute is managed and empty. So most take `null`.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::transform;

/// A person. Attributes that are left out are not managed; those that are `null` or `[]` are kept empty.
#[derive(JsonSchema)]
#[schemars(title = "User", rename = "User", rename_all = "camelCase", deny_unknown_fields, transform = transform::optional)]
pub struct UserForm {
    /// The name with which the person logs in, unique at each target whatever its case.
    #[schemars(with = "String", length(min = 1), example = &"ada@acme.example")]
    pub user_name: Option<String>,
    /// The name by which targets know this person in our system. The key if left out, where the mapping sends it.
    #[schemars(example = &"e-1042")]
    pub external_id: Option<String>,
    /// The parts of the person's name.
    pub name: Option<Name>,
    /// The name that people see.
    #[schemars(example = &"Ada Lovelace")]
    pub display_name: Option<String>,
    /// How the person is called among friends, like `Bob` for Robert.
    pub nick_name: Option<String>,
    /// Address of a page about the person.
    #[schemars(example = &"https://people.acme.example/ada")]
    pub profile_url: Option<String>,
    /// The job title.
    #[schemars(example = &"Principal Engineer")]
    pub title: Option<String>,
    /// The relation to the organisation.
    #[schemars(example = &"Employee", example = &"Contractor", example = &"Intern")]
    pub user_type: Option<String>,
    /// Languages that the person prefers, as in HTTP's Accept-Language.
    #[schemars(example = &"en-GB")]
    pub preferred_language: Option<String>,
    /// Where dates, numbers and currencies are written as the person expects.
    #[schemars(example = &"en-GB")]
    pub locale: Option<String>,
    /// The time zone, a name of the IANA database.
    #[schemars(example = &"Europe/London")]
    pub timezone: Option<String>,
    /// Whether the person may log in. True if left out, within `starts` and `ends`.
    #[schemars(with = "bool")]
    pub active: Option<bool>,
    /// E-mail addresses.
    #[schemars(example = serde_json::json!([{ "value": "ada@acme.example", "type": "work", "primary": true }]))]
    pub emails: Option<Vec<Labelled>>,
    /// Phone numbers.
    #[schemars(example = serde_json::json!([{ "value": "tel:+44-20-5550-1042", "type": "work" }]))]
    pub phone_numbers: Option<Vec<Labelled>>,
    /// Addresses for instant messages.
    pub ims: Option<Vec<Labelled>>,
    /// Addresses of pictures of the person.
    #[schemars(example = serde_json::json!([{ "value": "https://people.acme.example/ada.jpg", "type": "photo" }]))]
    pub photos: Option<Vec<Labelled>>,
    /// Postal addresses.
    pub addresses: Option<Vec<Address>>,
    /// Things that the person has, as the target names them.
    pub entitlements: Option<Vec<Labelled>>,
    /// Roles of the person, as the target names them.
    #[schemars(example = serde_json::json!([{ "value": "admin" }]))]
    pub roles: Option<Vec<Labelled>>,
    /// Certificates of the person: DER in base64.
    pub x509_certificates: Option<Vec<Labelled>>,
    /// The number by which the organisation knows the person. Text: quote it.
    #[schemars(example = &"1042")]
    pub employee_number: Option<String>,
    /// The cost centre. Text: quote it if it is a number.
    #[schemars(example = &"4130")]
    pub cost_center: Option<String>,
    /// The organisation.
    pub organization: Option<String>,
    /// The division.
    pub division: Option<String>,
    /// The department.
    #[schemars(example = &"Engineering")]
    pub department: Option<String>,
    /// The manager: a user key.
    #[schemars(example = &"grace")]
    pub manager: Option<String>,
    /// First day of access, in UTC.
    #[schemars(schema_with = "transform::date")]
    pub starts: Option<String>,
    /// Last day of access, in UTC.
    #[schemars(schema_with = "transform::date")]
    pub ends: Option<String>,
    /// Attributes of your own, for expressions (`user.custom.teeShirtSize`). `customSchema` can describe them.
    #[schemars(with = "Custom", example = serde_json::json!({ "teeShirtSize": "M" }))]
    pub custom: Option<Custom>,
    /// Former keys of this person. Write the old key here when you rename one, or targets see a new person.
    #[schemars(with = "Vec<String>", example = ["ada-l"])]
    pub previously: Option<Vec<String>>,
}

/// The parts of a person's name.
#[derive(JsonSchema)]
#[schemars(title = "Name", rename_all = "camelCase", deny_unknown_fields)]
pub struct Name {
    /// The whole name, as it is written out.
    #[schemars(example = &"Ms. Ada King, Countess of Lovelace")]
    pub formatted: Option<String>,
    /// The family name.
    #[schemars(example = &"Lovelace")]
    pub family_name: Option<String>,
    /// The given name.
    #[schemars(example = &"Ada")]
    pub given_name: Option<String>,
    /// Middle names.
    pub middle_name: Option<String>,
    /// What stands before the name.
    #[schemars(example = &"Dr.")]
    pub honorific_prefix: Option<String>,
    /// What stands after the name.
    #[schemars(example = &"III")]
    pub honorific_suffix: Option<String>,
}

/// One value of a multi-valued attribute.
#[derive(JsonSchema)]
#[schemars(title = "Value", rename_all = "camelCase", deny_unknown_fields)]
pub struct Labelled {
    /// The value.
    pub value: String,
    /// What it is for.
    #[schemars(example = &"work", example = &"home", example = &"other")]
    pub r#type: Option<String>,
    /// Whether it is the preferred one; at most one value is.
    pub primary: Option<bool>,
    /// The value as people read it.
    pub display: Option<String>,
}

/// A postal address.
#[derive(JsonSchema)]
#[schemars(title = "Address", rename_all = "camelCase", deny_unknown_fields)]
pub struct Address {
    /// The whole address, as on an envelope.
    pub formatted: Option<String>,
    /// Street, house number, box.
    pub street_address: Option<String>,
    /// Town.
    pub locality: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// Postal code. Text: quote it.
    #[schemars(example = &"SW1Y 4JH", example = &"10117")]
    pub postal_code: Option<String>,
    /// Two letters of ISO 3166-1. Quote `"NO"`.
    #[schemars(example = &"GB")]
    pub country: Option<String>,
    /// What it is for.
    #[schemars(example = &"work", example = &"home", example = &"other")]
    pub r#type: Option<String>,
    /// Whether it is the preferred one; at most one is.
    pub primary: Option<bool>,
}

/// Attributes of your own.
#[derive(JsonSchema)]
#[schemars(title = "Custom attributes", transparent)]
pub struct Custom(#[expect(dead_code, reason = "describes what is read as it stands")] BTreeMap<String, serde_json::Value>);
