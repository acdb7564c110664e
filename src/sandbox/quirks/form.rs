//! Forms in which servers store text.

use crate::profile::Form;

/// The text in a form.
pub(super) fn of(text: &str, form: Form) -> String {
    match form {
        Form::LowerCase => text.to_lowercase(),
        Form::Trimmed => text.trim().to_owned(),
        Form::Phone => phone(text),
        Form::Handle => {
            let local = text.split('@').next().unwrap_or_default().to_lowercase();
            local.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect()
        }
    }
}

/// No country code is made up: without a `+` there are digits alone. What holds no digit stays as it is.
fn phone(text: &str) -> String {
    let trimmed = text.trim();
    let number = match trimmed.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => trimmed.get(4..).unwrap_or_default(),
        _ => trimmed,
    };
    let number = number.split(';').next().unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match (digits.is_empty(), number.trim_start().starts_with('+')) {
        (true, _) => text.to_owned(),
        (false, true) => format!("+{digits}"),
        (false, false) => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, form, stored) in [
            ("Ada@ACME.example", Form::LowerCase, "ada@acme.example"),
            ("  Ada  ", Form::Trimmed, "Ada"),
            ("tel:+1-555-555-5555", Form::Phone, "+15555555555"),
            ("+1 (555) 555 5555;ext=3", Form::Phone, "+15555555555"),
            ("0170/123", Form::Phone, "0170123"),
            ("reception", Form::Phone, "reception"),
            ("Ada.Lovelace+x@acme.example", Form::Handle, "ada-lovelace-x"),
        ] {
            assert_eq!(of(text, form), stored, "{text}");
            assert_eq!(of(stored, form), stored, "the form of a form is itself");
        }
    }
}
