//! Every kind of mistake at once: all are told in one run, each at its place.

use scimform::render::look::Look;
use scimform::{config, render, repo};

use crate::support::golden::{golden, in_repository};

#[test]
fn every_mistake_is_told_in_one_run() {
    let root = in_repository("tests/validate/everything-wrong");
    let (sources, mut found) = repo::load(&root);
    let (config, problems) = config::parse(&sources);
    found.append(problems);
    let shown =
        render::diagnostics::human(&found.into_sorted(), &sources, &Look { width: Some(120), ..Look::default() });
    for secret in ["s3cr3t-token-value", "abcdef-secret", "hunter2"] {
        assert!(!shown.contains(secret), "a secret is shown");
    }
    golden("tests/validate/everything-wrong.txt", &shown);
    assert!(config.incomplete, "a file that is not YAML may declare anything");
    assert!(config.users.contains_key("ada") && config.targets.contains_key("lattice"));
    assert_eq!(config.users["ada"].attributes.get("title"), Some(&scimform::scim::Value::Null));
}
