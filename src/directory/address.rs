//! What is known of an address without asking anyone.

use url::{Host, Url};

/// Whether an address is of this machine: a loopback address, or `localhost` itself. No name below it counts, for those
/// may be asked of a name server.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_this_machine() {
        for (text, expected) in [
            ("http://localhost", true),
            ("http://LOCALHOST.:8080/x", true),
            ("http://127.0.0.1:1", true),
            ("http://127.9.9.9", true),
            ("http://2130706433", true),
            ("http://0x7f.1", true),
            ("http://[::1]:9", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://app.localhost", false),
            ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example", false),
            ("http://localhost@evil.example", false),
            ("http://evil.example#localhost", false),
            ("http://0.0.0.0", false),
            ("http://[::]", false),
            ("http://169.254.169.254", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(text).unwrap()), expected, "{text}");
        }
    }
}
