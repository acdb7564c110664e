//! The rules of the expression language, through its public face.

mod errors;
mod filters;
mod laws;
mod rows;
mod semantics;

use serde_json::{Value as Json, json};

use super::{Context, Expression};
use crate::scim::Value;

fn ada() -> Value {
    Value::from(json!({
        "key": "ada", "userName": "ada@acme.example", "title": "Principal Engineer", "department": "Engineering",
        "employeeNumber": "1042", "timezone": null, "roles": [], "active": false, "starts": "2026-12-01", "manager": "grace",
        "name": { "givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace" },
        "emails": [
            { "value": "ada@acme.example", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "phoneNumbers": [
            { "value": "+44 (0)20 7946-0000", "type": "work" },
            { "value": "+44 20 7946 0018", "type": "mobile" },
        ],
        "addresses": [{ "locality": "London", "country": "GB" }],
        "custom": { "teeShirtSize": "M", "level": 7, "ratio": 0.5, "tags": ["a", "b"] },
    }))
}

fn compile(text: &str) -> Expression {
    Expression::compile(text, None).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn evaluate(text: &str) -> Option<Json> {
    let ada = ada();
    let value = compile(text).evaluate(&Context::user(&ada)).unwrap_or_else(|error| panic!("{text}: {error}"));
    value.map(|value| serde_json::to_value(value).unwrap())
}

fn test(text: &str) -> bool {
    let ada = ada();
    compile(text).test(&Context::user(&ada)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fails(text: &str) -> String {
    let ada = ada();
    compile(text).evaluate(&Context::user(&ada)).expect_err(text).message
}
