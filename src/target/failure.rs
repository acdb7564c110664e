//! Tells apart how a request can fail without an answer.

use std::error::Error;

use super::error::ErrorKind;

/// What the connection said, without any URL.
pub(crate) fn words(error: &reqwest::Error) -> String {
    // The first layer only says "error sending request", with the URL.
    let mut parts: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    if parts.is_empty() { "the request failed".to_owned() } else { parts.join(": ") }
}

/// The kind of a failure before an answer; `Connect` and its finer kinds mean that nothing was sent.
pub(crate) fn kind(error: &reqwest::Error) -> ErrorKind {
    if error.is_builder() {
        return ErrorKind::Setup;
    }
    if !error.is_connect() {
        return if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Cut };
    }
    if error.is_dns() {
        return ErrorKind::Dns;
    }
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<std::io::Error>() {
            match io.kind() {
                std::io::ErrorKind::ConnectionRefused => return ErrorKind::Refused,
                // How the TLS library reports certificates and handshakes that it does not accept.
                std::io::ErrorKind::InvalidData => return ErrorKind::Tls,
                _ => {}
            }
        }
        let text = cause.to_string();
        if text.contains("dns error") {
            return ErrorKind::Dns;
        }
        if text.contains("certificate") || text.contains("handshake") || text.contains("tls") {
            return ErrorKind::Tls;
        }
        next = cause.source();
    }
    ErrorKind::Connect
}
