//! Takes secrets and control characters out of what servers say, before anyone sees it.

use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

use crate::scim::percent;

/// Longest text of a server that an error shows, in characters.
const SHOWN: usize = 200;

/// Texts shorter than this are no secrets worth hiding: hiding them would garble everything else.
const SHORTEST: usize = 4;

/// The secrets of one connection, in every form in which a server may echo them.
#[derive(Default)]
pub(crate) struct Redactor {
    known: RwLock<Vec<SecretString>>,
}

impl Redactor {
    /// Remembers a secret: as it is, and as JSON and a URL write it.
    pub(crate) fn learn(&self, secret: &str) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for form in forms(secret) {
            if !known.iter().any(|have| have.expose_secret() == form) {
                known.push(form.into());
            }
        }
        // Long ones first, so that a secret within another does not leave its rest behind.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
    }

    /// A short, harmless form of a server's text: secrets replaced, control characters gone, at most 200 characters.
    pub(crate) fn tame(&self, text: &str, passwords: &[SecretString]) -> String {
        let mut text = text.to_owned();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        for secret in known.iter() {
            text = text.replace(secret.expose_secret(), "[redacted]");
        }
        for form in passwords.iter().flat_map(|secret| forms(secret.expose_secret())) {
            text = text.replace(&form, "[redacted]");
        }
        clean(&text)
    }
}

fn forms(secret: &str) -> Vec<String> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let json = serde_json::to_string(secret).unwrap_or_default();
    let url = percent::encode(secret, percent::SEGMENT).to_string();
    let mut forms = vec![secret.to_owned(), json.trim_matches('"').to_owned(), url];
    forms.retain(|form| form.len() >= SHORTEST);
    forms.dedup();
    forms
}

/// Without control and direction characters, runs of white space as one space, at most 200 characters.
fn clean(text: &str) -> String {
    let mut out = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if count > 0 {
            out.push(' ');
            count += 1;
        }
        for c in word.chars().filter(|c| !is_format(*c)) {
            if count >= SHOWN {
                out.push('…');
                return out;
            }
            out.push(c);
            count += 1;
        }
    }
    out
}

/// Characters that change how a line is laid out without being seen (Unicode bidirectional and zero-width controls).
fn is_format(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t82_secrets_are_hidden_in_every_form() {
        let redactor = Redactor::default();
        redactor.learn("tok\"en+1");
        let text = r#"raw tok"en+1 json tok\"en+1 url tok%22en%2B1 pass hunter22"#;
        let tame = redactor.tame(text, &["hunter22".to_owned().into()]);
        assert_eq!(tame, "raw [redacted] json [redacted] url [redacted] pass [redacted]");
    }

    #[test]
    fn t75_control_characters_go_and_length_is_bound() {
        let redactor = Redactor::default();
        assert_eq!(redactor.tame("a\u{1b}[31m\r\n\tb\u{202e}c\0", &[]), "a [31m bc");
        let long = redactor.tame(&"ä".repeat(1000), &[]);
        assert_eq!(long.chars().count(), 201);
    }

    #[test]
    fn a_secret_within_another_leaves_nothing() {
        let redactor = Redactor::default();
        redactor.learn("abcd");
        redactor.learn("abcdefgh");
        assert_eq!(redactor.tame("x abcdefgh y", &[]), "x [redacted] y");
    }
}
