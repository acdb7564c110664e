//! Single values.

use proptest::prelude::*;

use super::super::leaf::Leaf;
use super::eq;
use crate::scim::Value;

#[test]
fn e01_e02_t46_sixteen_combinations_of_nothing_and_something() {
    let forms = ["null", "[]", r#""""#, r#""x""#];
    for desired in forms {
        for live in forms {
            let nothing = |form: &str| form != r#""x""#;
            assert_eq!(eq("title", desired, live), nothing(desired) == nothing(live), "{desired} {live}");
        }
    }
    assert!(eq("name", "{}", "null") && eq("emails", "[]", r#"[{"value":""}]"#));
    assert!(eq("name", r#"{"middleName":null,"givenName":"A"}"#, r#"{"middleName":"","givenName":"A"}"#));
    assert!(!eq("active", "false", "null"), "left out means active (E29)");
    assert!(eq("active", "true", "null"));
}

#[test]
fn e12_booleans_as_text_and_digits() {
    for live in ["true", r#""True""#, r#""true""#, r#""1""#, "1"] {
        assert!(eq("active", "true", live) && !eq("active", "false", live), "{live}");
    }
    assert!(eq("active", "true", r#""yes""#) && !eq("active", "true", r#""banana""#));
    assert!(eq("urn:example:flags:manages", "true", r#""TRUE""#));
}

#[test]
fn e13_numbers_as_text() {
    assert!(eq("urn:example:a:level", "1", r#""1""#) && eq("urn:example:a:level", r#""1""#, "1"));
    assert!(eq("urn:example:a:level", "1", "1.0") && !eq("urn:example:a:level", "1", "2"));
    assert!(eq("urn:example:a:id", "9007199254740993", r#""9007199254740993""#));
    assert!(!eq("urn:example:a:id", "9007199254740993", "9007199254740992"));
}

/// A number is the text that it was made of only if nothing got lost on the way.
#[test]
fn numbers_in_place_of_texts_are_the_same_unless_something_was_lost() {
    const NUMBER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber";
    for path in ["externalId", "displayName", NUMBER, "urn:example:a:cost"] {
        assert!(eq(path, r#""701984""#, "701984") && eq(path, r#""42""#, "42.0"), "{path}");
        for lost in [r#""007""#, r#""+7""#, r#""7.0""#, r#""7e0""#, r#""true""#] {
            assert!(!eq(path, lost, "7"), "{path} {lost}");
        }
        assert!(!eq(path, r#""2.10""#, "2.1") && !eq(path, r#""1""#, "true"), "{path}");
        assert!(
            !eq(path, r#""12345678901234567890123""#, "12345678901234567890123"),
            "{path}: digits beyond a float's"
        );
    }
    assert!(eq("phoneNumbers.value", r#""555-1042""#, "5551042"));
    assert!(!eq("phoneNumbers.value", r#""+49 351""#, "49351") && !eq("phoneNumbers.value", r#""0351""#, "351"));
    assert!(eq("emails", r#"[{"value":"7"}]"#, r#"[{"value":7}]"#));
}

proptest! {
    /// What a server shows as a number matches a text exactly where the text is the number's own, in comparisons, in sets
    /// and in match keys alike.
    #[test]
    fn a_number_stands_for_its_own_text_only(number in any::<i64>(), text in "[+0-9.]{1,8}") {
        let shown = Value::from(number);
        for (leaf, text) in [Leaf::Exact, Leaf::Text, Leaf::Folded, Leaf::Phone, Leaf::Loose]
            .into_iter()
            .flat_map(|leaf| [(leaf, text.clone()), (leaf, number.to_string()), (leaf, format!("0{number}"))])
        {
            let text = Value::from(text);
            prop_assert_eq!(leaf.same(&text, &shown), leaf.text(&text) == number.to_string(), "{:?} {}", leaf, text);
            prop_assert_eq!(leaf.same(&text, &shown), leaf.match_text(&text) == leaf.match_text(&shown), "{:?} {}", leaf, text);
        }
    }
}

#[test]
fn e14_identifiers_have_no_case() {
    assert!(eq("userName", r#""Ada@X""#, r#""ada@x""#));
    assert!(eq("userName", r#""straße""#, r#""STRASSE""#));
    assert!(!eq("userName", r#""ada""#, r#""adam""#));
}

#[test]
fn e15_the_case_of_display_texts_is_a_change() {
    assert!(!eq("name.givenName", r#""anna""#, r#""Anna""#));
    assert!(!eq("displayName", r#""anna""#, r#""Anna""#));
    assert!(!eq("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", r#""it""#, r#""IT""#));
}

#[test]
fn e16_ids_count_character_by_character() {
    assert!(!eq("externalId", r#""Ab""#, r#""ab""#));
    assert!(!eq("externalId", r#""ab""#, r#""ab ""#));
    assert!(eq("externalId", r#""7""#, "7"));
}

#[test]
fn e17_mail_addresses_have_no_case() {
    assert!(eq("emails[type eq \"work\"].value", r#""Ada@Acme.Example""#, r#""ada@acme.example""#));
}

#[test]
fn e18_telephone_numbers_without_their_decoration() {
    let same = ["+1 555-555-5555", "tel:+1-555-555-5555", "+15555555555", "TEL:+1(555)555.5555"];
    for a in same {
        for b in same {
            assert!(eq("phoneNumbers.value", &format!("{a:?}"), &format!("{b:?}")), "{a} {b}");
        }
    }
    assert!(eq("phoneNumbers.value", r#""0351 12-34""#, r#""03511234""#));
    assert!(!eq("phoneNumbers.value", r#""5555555555""#, r#""+15555555555""#), "no country code is made up");
    assert!(!eq("phoneNumbers.value", r#""+15555555555;ext=1""#, r#""+15555555555;ext=2""#));
    assert!(eq("phoneNumbers.value", r#""+1555;ext=12""#, r#""tel:+1-555;EXT=12""#));
}

#[test]
fn e24_references_by_their_id() {
    let path = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref";
    assert!(eq(path, r#""https://a/scim/v2/Users/26%20b""#, r#""../Users/26 b""#));
    assert!(eq(path, r#""https://a/v2/Users/26""#, r#""https://a/scim/26/""#));
    assert!(!eq(path, r#""https://a/v2/Users/26""#, r#""https://a/v2/Users/27""#));
}

#[test]
fn e31_locales() {
    assert!(eq("locale", r#""en_US""#, r#""en-us""#));
    assert!(!eq("locale", r#""en_US""#, r#""en-GB""#));
    assert!(
        !eq("locale", r#""Dresden Neustadt""#, r#""dresden neustadt""#),
        "free text at targets that keep a place in it"
    );
}

#[test]
fn e32_preferred_languages_as_lists() {
    assert!(eq("preferredLanguage", r#""da, en-gb;q=0.8, en;q=0.7""#, r#""da;q=1.0,en;q=0.7,en-GB; q=0.8""#));
    assert!(!eq("preferredLanguage", r#""da, en;q=0.8""#, r#""en, da;q=0.8""#));
}

#[test]
fn e33_e34_moments() {
    let path = "urn:example:hr:startDate";
    for live in ["2011-05-13T04:42:34+00:00", "2011-05-13T04:42:34.000Z", "2011-05-13T06:42:34+02:00"] {
        assert!(eq(path, r#""2011-05-13T04:42:34Z""#, &format!("{live:?}")), "{live}");
    }
    assert!(!eq(path, r#""2011-05-13T04:42:34Z""#, r#""2011-05-13T04:42:34""#), "no zone, no instant");
    assert!(eq(path, r#""2011-05-13""#, r#""2011-05-13T00:00:00Z""#));
    assert!(!eq(path, r#""2011-05-13""#, r#""2011-05-14T00:00:00Z""#));
    assert!(!eq("title", r#""2011-05-13""#, r#""2011-05-13T00:00:00Z""#), "a title is no date");
}

#[test]
fn e35_base64_by_its_bytes() {
    assert!(eq("x509Certificates.value", r#""-_8=""#, r#""+/\n8""#));
    assert!(!eq("x509Certificates.value", r#""AAAA""#, r#""aaaa""#));
}

#[test]
fn e36_uris_in_normal_form() {
    assert!(eq("profileUrl", r#""HTTPS://Acme.Example:443""#, r#""https://acme.example/""#));
    assert!(!eq("profileUrl", r#""https://acme.example/A""#, r#""https://acme.example/a""#));
}

#[test]
fn e37_countries_are_not_translated() {
    assert!(!eq("addresses", r#"[{"type":"work","country":"Germany"}]"#, r#"[{"type":"work","country":"DE"}]"#));
}

#[test]
fn e38_composition_and_white_space_around() {
    assert!(eq("title", "\"Ame\u{301}lie\"", "\"Am\u{e9}lie \""));
    assert!(!eq("title", r#""A B""#, r#""AB""#));
}
