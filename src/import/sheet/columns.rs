//! What a column means.

use std::collections::BTreeMap;

use super::cells::{Sheet, SheetError};
use crate::wording::{list, quoted};

/// What a cell says of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The key, from which it is made.
    Key,
    /// A text of a person, by its path: `userName`, `name.givenName`, `custom.size`.
    Text(Vec<String>),
    /// An e-mail address, by its kind.
    Email(String),
    /// A phone number, by its kind.
    Phone(String),
    /// A part of the work address.
    Address(String),
    /// Whether the person may log in.
    Active,
    /// The manager, by key, address, userName, number or name.
    Manager,
    /// `starts` or `ends`.
    Date(&'static str),
    /// Names of groups.
    Groups,
}

/// A column and what it means; nothing where it is left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The header.
    pub header: String,
    /// What it means.
    pub field: Option<Field>,
}

/// What the person said of columns: header to attribute, `-` for none.
pub type Plan = BTreeMap<String, String>;

/// Headers as exports write them, letters and digits alone, and what they mean. Of several columns for one attribute the
/// first entry here wins.
const KNOWN: [(&str, &str); 121] = [
    ("key", "key"),
    ("username", "userName"),
    ("userprincipalname", "userName"),
    ("upn", "userName"),
    ("login", "userName"),
    ("loginname", "userName"),
    ("samaccountname", "userName"),
    ("externalid", "externalId"),
    ("firstname", "name.givenName"),
    ("givenname", "name.givenName"),
    ("forename", "name.givenName"),
    ("vorname", "name.givenName"),
    ("namegivenname", "name.givenName"),
    ("legalfirstname", "name.givenName"),
    ("lastname", "name.familyName"),
    ("familyname", "name.familyName"),
    ("surname", "name.familyName"),
    ("nachname", "name.familyName"),
    ("namefamilyname", "name.familyName"),
    ("legallastname", "name.familyName"),
    ("sn", "name.familyName"),
    ("middlename", "name.middleName"),
    ("honorificprefix", "name.honorificPrefix"),
    ("honorificsuffix", "name.honorificSuffix"),
    ("displayname", "displayName"),
    ("fullname", "displayName"),
    ("name", "displayName"),
    ("employeename", "displayName"),
    ("nickname", "nickName"),
    ("preferredname", "nickName"),
    ("email", "emails.work"),
    ("emailaddress", "emails.work"),
    ("workemail", "emails.work"),
    ("workemailaddress", "emails.work"),
    ("businessemail", "emails.work"),
    ("companyemail", "emails.work"),
    ("primaryemail", "emails.work"),
    ("mail", "emails.work"),
    ("secondaryemail", "emails.home"),
    ("secondemail", "emails.home"),
    ("personalemail", "emails.home"),
    ("privateemail", "emails.home"),
    ("homeemail", "emails.home"),
    ("homesecondaryemail", "emails.home"),
    ("recoveryemail", "emails.home"),
    ("alternateemail", "emails.home"),
    ("phone", "phoneNumbers.work"),
    ("phonenumber", "phoneNumbers.work"),
    ("workphone", "phoneNumbers.work"),
    ("businessphone", "phoneNumbers.work"),
    ("officephone", "phoneNumbers.work"),
    ("primaryphone", "phoneNumbers.work"),
    ("telephone", "phoneNumbers.work"),
    ("telephonenumber", "phoneNumbers.work"),
    ("mobile", "phoneNumbers.mobile"),
    ("mobilephone", "phoneNumbers.mobile"),
    ("cellphone", "phoneNumbers.mobile"),
    ("homephone", "phoneNumbers.home"),
    ("title", "title"),
    ("jobtitle", "title"),
    ("position", "title"),
    ("employeetitle", "title"),
    ("role", "title"),
    ("department", "department"),
    ("departmentname", "department"),
    ("dept", "department"),
    ("division", "division"),
    ("businessunit", "division"),
    ("company", "organization"),
    ("companyname", "organization"),
    ("organization", "organization"),
    ("organisation", "organization"),
    ("costcenter", "costCenter"),
    ("costcentre", "costCenter"),
    ("employeenumber", "employeeNumber"),
    ("employeeid", "employeeNumber"),
    ("employeeno", "employeeNumber"),
    ("staffid", "employeeNumber"),
    ("workerid", "employeeNumber"),
    ("personnelnumber", "employeeNumber"),
    ("employmenttype", "userType"),
    ("employeetype", "userType"),
    ("workertype", "userType"),
    ("usertype", "userType"),
    ("contracttype", "userType"),
    ("manager", "manager"),
    ("manageremail", "manager"),
    ("managersemail", "manager"),
    ("managerworkemail", "manager"),
    ("manageruserprincipalname", "manager"),
    ("managerupn", "manager"),
    ("managerid", "manager"),
    ("manageremployeeid", "manager"),
    ("managername", "manager"),
    ("reportsto", "manager"),
    ("supervisor", "manager"),
    ("supervisoremail", "manager"),
    ("linemanager", "manager"),
    ("startdate", "starts"),
    ("hiredate", "starts"),
    ("employeehiredate", "starts"),
    ("dateofhire", "starts"),
    ("joiningdate", "starts"),
    ("enddate", "ends"),
    ("terminationdate", "ends"),
    ("employeeleavedatetime", "ends"),
    ("lastdayofwork", "ends"),
    ("contractenddate", "ends"),
    ("status", "active"),
    ("active", "active"),
    ("accountenabled", "active"),
    ("employmentstatus", "active"),
    ("userstatus", "active"),
    ("groups", "groups"),
    ("group", "groups"),
    ("teams", "groups"),
    ("team", "groups"),
    ("groupmemberships", "groups"),
    ("locale", "locale"),
    ("preferredlanguage", "preferredLanguage"),
    ("timezone", "timezone"),
];

/// Attributes of an address, with their headers.
const ADDRESS: [(&str, &str); 12] = [
    ("streetaddress", "streetAddress"),
    ("street", "streetAddress"),
    ("workaddress", "streetAddress"),
    ("city", "locality"),
    ("town", "locality"),
    ("state", "region"),
    ("province", "region"),
    ("stateprovince", "region"),
    ("postalcode", "postalCode"),
    ("zipcode", "postalCode"),
    ("zip", "postalCode"),
    ("countrycode", "country"),
];

const NAME: [&str; 6] = ["givenName", "familyName", "middleName", "formatted", "honorificPrefix", "honorificSuffix"];
const TEXTS: [&str; 15] = [
    "userName",
    "externalId",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "employeeNumber",
    "costCenter",
    "organization",
    "division",
    "department",
];

/// What every column means: as said, else by its header. Of several for one attribute one is taken, the others are left.
///
/// # Errors
/// Words for columns or attributes that do not exist; two columns that are said to be the same.
pub fn columns(sheet: &Sheet, said: &Plan) -> Result<Vec<Column>, SheetError> {
    let mut fields: BTreeMap<usize, Field> = BTreeMap::new();
    let mut refused: Vec<usize> = Vec::new();
    for (header, attribute) in said {
        let at = sheet.headers.iter().position(|one| one == header);
        let at = at.or_else(|| sheet.headers.iter().position(|one| letters(one) == letters(header)));
        let Some(at) = at else {
            return Err(SheetError::new(
                format!("there is no column `{header}`"),
                format!("There are {}.", list(sheet.headers.iter().map(quoted))),
            ));
        };
        if matches!(attribute.as_str(), "-" | "") {
            refused.push(at);
            continue;
        }
        let field = named(attribute).ok_or_else(|| unknown(attribute))?;
        if fields.values().any(|known| *known == field) {
            let message = format!("two columns are said to be `{attribute}`");
            return Err(SheetError::new(message, "Name one of them; `COLUMN=-` leaves a column out."));
        }
        fields.insert(at, field);
    }
    let by_header: BTreeMap<String, usize> = sheet
        .headers
        .iter()
        .enumerate()
        .rev()
        .filter(|(at, _)| !fields.contains_key(at) && !refused.contains(at))
        .map(|(at, header)| (plain(header), at))
        .collect();
    let known = KNOWN.iter().map(|(header, attribute)| (*header, (*attribute).to_owned()));
    let address = ADDRESS.iter().map(|(header, part)| (*header, format!("addresses.work.{part}")));
    for (header, attribute) in known.chain(address) {
        let (Some(at), Some(field)) = (by_header.get(header), named(&attribute)) else { continue };
        if !fields.values().any(|taken| *taken == field) {
            fields.entry(*at).or_insert(field);
        }
    }
    let column = |(at, header): (usize, &String)| Column { header: header.clone(), field: fields.get(&at).cloned() };
    Ok(sheet.headers.iter().enumerate().map(column).collect())
}

/// Letters and digits alone, small.
fn letters(header: &str) -> String {
    header.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A header without what exports put around it: `user.email`, `profile.email`, `Email Address [Required]`.
fn plain(header: &str) -> String {
    let bare = header.split(['[', '(']).next().unwrap_or(header);
    let bare = bare.trim();
    let inner = ["user.", "profile.", "employee.", "person."]
        .iter()
        .find_map(|prefix| bare.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix)).map(str::len));
    letters(inner.and_then(|cut| bare.get(cut..)).unwrap_or(bare))
}

/// The field of an attribute as the person writes it.
pub(super) fn named(attribute: &str) -> Option<Field> {
    let parts: Vec<&str> = attribute.split('.').collect();
    Some(match parts.as_slice() {
        ["key"] => Field::Key,
        ["active"] => Field::Active,
        ["manager"] => Field::Manager,
        ["groups"] => Field::Groups,
        ["starts"] => Field::Date("starts"),
        ["ends"] => Field::Date("ends"),
        ["email"] => Field::Email("work".to_owned()),
        ["phone"] => Field::Phone("work".to_owned()),
        ["mobile"] => Field::Phone("mobile".to_owned()),
        ["emails", kind] if !kind.is_empty() => Field::Email((*kind).to_owned()),
        ["phoneNumbers", kind] if !kind.is_empty() => Field::Phone((*kind).to_owned()),
        ["addresses", "work", part] if ADDRESS.iter().any(|(_, known)| known == part) || *part == "formatted" => {
            Field::Address((*part).to_owned())
        }
        ["name", part] if NAME.contains(part) => Field::Text(vec!["name".to_owned(), (*part).to_owned()]),
        ["custom", name] if !name.is_empty() => Field::Text(vec!["custom".to_owned(), (*name).to_owned()]),
        [name] if TEXTS.contains(name) => Field::Text(vec![(*name).to_owned()]),
        _ => return None,
    })
}

fn unknown(attribute: &str) -> SheetError {
    SheetError::new(
        format!("`{attribute}` is no attribute that a column can be"),
        format!(
            "There are key, {}, name.givenName (and the like), email, emails.home, phone, mobile, addresses.work.locality (and \
             the like), active, manager, starts, ends, groups and custom.NAME; `-` leaves the column out.",
            TEXTS.join(", ")
        ),
    )
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key => f.write_str("key"),
            Self::Text(path) => f.write_str(&path.join(".")),
            Self::Email(kind) => write!(f, "emails.{kind}"),
            Self::Phone(kind) => write!(f, "phoneNumbers.{kind}"),
            Self::Address(part) => write!(f, "addresses.work.{part}"),
            Self::Active => f.write_str("active"),
            Self::Manager => f.write_str("manager"),
            Self::Date(name) => f.write_str(name),
            Self::Groups => f.write_str("groups"),
        }
    }
}
