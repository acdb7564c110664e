//! Equality, rule by rule; the numbers are those of the reference's table of non-differences.

mod attributes;
mod facts;
mod sets;
mod values;

use super::*;
use crate::scim::Object;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn generic() -> Profile {
    serde_json::from_str(r#"{"name":"p","title":"P"}"#).unwrap()
}

fn with(rules: &str) -> Profile {
    serde_json::from_str(&format!(r#"{{"name":"p","title":"P","attributes":{rules}}}"#)).unwrap()
}

fn kind_of(path: &AttrPath) -> ResourceKind {
    if path.attribute == "members" { ResourceKind::Group } else { ResourceKind::User }
}

/// Whether a desired value at a path is the same as a live value at that path.
fn eq(path: &str, desired: &str, live: &str) -> bool {
    let path: AttrPath = path.parse().unwrap();
    Comparison::new(&generic(), kind_of(&path), &path).same(&json(desired), &Found::One(&json(live)))
}

/// The same, with the whole live resource.
fn within(profile: &Profile, path: &str, desired: &str, resource: &str) -> bool {
    let Value::Object(resource) = json(resource) else { panic!("not an object") };
    let path: AttrPath = path.parse().unwrap();
    let comparison = Comparison::new(profile, kind_of(&path), &path);
    comparison.same(&json(desired), &comparison.find(&resource))
}

fn object(text: &str) -> Object {
    json(text).as_object().cloned().unwrap()
}
