//! Talks to a SCIM service provider: login, pages, retries, limits. `Reader` only knows GET.
