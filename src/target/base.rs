//! Base URLs: what is allowed, and how endpoints, ids and parameters are joined to them.

use std::fmt::{self, Write as _};

use url::Url;

use super::error::{ErrorKind, TargetError};
use crate::directory::is_loopback;
use crate::scim::percent;

/// The base URL of a target: RFC 7644 section 3.2 endpoints are appended to its path, its query stays in front
/// of ours.
#[derive(Clone)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Reads and checks a base URL: https unless it is this machine, no user name or password, no fragment.
    pub(crate) fn parse(text: &str) -> Result<Self, TargetError> {
        let refused = |why: &str| TargetError::new(ErrorKind::Setup, why);
        let mut url =
            Url::parse(text.trim()).map_err(|error| refused(&format!("the base URL can't be read: {error}")))?;
        check(&url).map_err(|why| refused(&format!("the base URL {} {why}", shown(&url))))?;
        if url.fragment().is_some() {
            return Err(refused("the base URL holds a `#` part, which is never sent"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// Appends path segments, percent-encoded each as one, and parameters after those of the base URL.
    ///
    /// A segment that is empty, `.` or `..` is refused: it would address something else.
    pub(crate) fn join(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, TargetError> {
        let mut path = self.0.path().trim_end_matches('/').to_owned();
        for segment in segments {
            if matches!(*segment, "" | "." | "..") {
                let why = format!("`{segment}` can't be an id: no URL can address it");
                return Err(TargetError::new(ErrorKind::Setup, why));
            }
            // Writing to a string does not fail.
            let _ = write!(path, "/{}", percent::encode(segment, percent::SEGMENT));
        }
        let mut url = self.0.clone();
        url.set_path(&path);
        let mut all = self.0.query().unwrap_or_default().trim_matches('&').to_owned();
        for (name, value) in query {
            let and = if all.is_empty() { "" } else { "&" };
            let encoded = |text| percent::encode(text, percent::SEGMENT);
            let _ = write!(all, "{and}{}={}", encoded(*name), encoded(*value));
        }
        url.set_query(if all.is_empty() { None } else { Some(&all) });
        Ok(url)
    }

    /// Whether a URL made by [`Self::join`] is of an endpoint and not of one resource below it.
    pub(crate) fn is_endpoint(&self, url: &Url) -> bool {
        let below = url.path().strip_prefix(self.0.path().trim_end_matches('/')).unwrap_or_default();
        !below.trim_start_matches('/').contains('/')
    }

    /// The address itself.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether the host is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

/// Why a URL must not be used with credentials, as the end of a sentence.
pub(crate) fn check(url: &Url) -> Result<(), &'static str> {
    if url.host().is_none() || url.cannot_be_a_base() {
        return Err("names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password; put it under `auth`");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err("is not https: plain http is for this machine only"),
        _ => Err("is not https"),
    }
}

/// A URL as errors and logs show it: no user, no password, no values of the query.
pub(crate) fn shown(url: &Url) -> String {
    let Some(host) = url.host_str() else {
        return format!("{}:…", url.scheme());
    };
    let mut text = format!("{}://{host}", url.scheme());
    if let Some(port) = url.port() {
        // Writing to a string does not fail.
        let _ = write!(text, ":{port}");
    }
    text.push_str(url.path());
    if url.query().is_some() {
        text.push_str("?…");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(base: &str, segments: &[&str], query: &[(&str, &str)]) -> String {
        BaseUrl::parse(base).unwrap().join(segments, query).unwrap().to_string()
    }

    #[test]
    fn t91_base_urls_join() {
        let one = [("startIndex", "1")];
        for (base, expected) in [
            ("https://h/scim/v2", "https://h/scim/v2/Users?startIndex=1"),
            ("https://h/scim/v2/", "https://h/scim/v2/Users?startIndex=1"),
            ("https://h/scim/v2//", "https://h/scim/v2/Users?startIndex=1"),
            ("https://h", "https://h/Users?startIndex=1"),
            ("https://h/scim/v2?flag", "https://h/scim/v2/Users?flag&startIndex=1"),
            ("https://h/scim/v2/?flag=a%20b&", "https://h/scim/v2/Users?flag=a%20b&startIndex=1"),
            ("https://h:8443/a%2Fb/v2", "https://h:8443/a%2Fb/v2/Users?startIndex=1"),
            ("http://[::1]:8080/scim", "http://[::1]:8080/scim/Users?startIndex=1"),
            ("https://[2001:db8::1]/scim", "https://[2001:db8::1]/scim/Users?startIndex=1"),
            ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x/Users?startIndex=1"),
        ] {
            assert_eq!(joined(base, &["Users"], &one), expected, "{base}");
        }
        assert_eq!(joined("https://h/v2?flag", &["Users"], &[]), "https://h/v2/Users?flag");
    }

    #[test]
    fn endpoints_are_told_from_resources() {
        for base in ["https://h", "https://h/scim/v2/"] {
            let base = BaseUrl::parse(base).unwrap();
            let is = |segments: &[&str]| base.is_endpoint(&base.join(segments, &[("a", "b/c")]).unwrap());
            assert!(is(&["Users"]));
            assert!(!is(&["Users", "1"]));
        }
    }

    #[test]
    fn t19_ids_and_filters_are_encoded_byte_by_byte() {
        assert_eq!(joined("https://h/v2", &["Users", "a/b?c#d%e"], &[]), "https://h/v2/Users/a%2Fb%3Fc%23d%25e");
        let filter = [("filter", "userName eq \"a+b&c'\\\\😀\"")];
        assert_eq!(
            joined("https://h/v2", &["Users"], &filter),
            "https://h/v2/Users?filter=userName%20eq%20%22a%2Bb%26c%27%5C%5C%F0%9F%98%80%22"
        );
        let base = BaseUrl::parse("https://h/v2").unwrap();
        for id in ["", ".", ".."] {
            assert!(base.join(&["Users", id], &[]).is_err(), "{id}");
        }
    }

    #[test]
    fn t81_credentials_and_plain_http_are_refused_without_being_shown() {
        for base in [
            "https://ada:secret@h/v2",
            "https://secret@h/v2",
            "http://example.com/v2",
            "ftp://h/v2",
            "data:secret",
            "secret",
        ] {
            let error = BaseUrl::parse(base).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert_eq!(format!("{:?}", BaseUrl::parse("https://h/v2?token=secret").unwrap()), "https://h/v2?…");
    }
}
