//! A server for one test, and a client that speaks to it.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder, StatusCode};
use scimform::profile::{Capabilities, Profile};
use scimform::sandbox::{Options, Running, Sandbox};
use serde_json::{Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) struct Server {
    pub(crate) running: Running,
    client: reqwest::Client,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and `scimType` of an error, after a look at its form.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{}", self.body);
        assert_eq!(self.body["status"], json!(self.status.to_string()));
        assert!(self.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
        assert_eq!(self.header("content-type"), "application/scim+json");
        (self.status, self.body["scimType"].as_str().unwrap_or(""))
    }

    /// The `userName`s or `displayName`s of a list, in its order.
    pub(crate) fn names(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{}", self.body);
        let resources = self.body["Resources"].as_array().expect("a list");
        resources.iter().map(|one| one["userName"].as_str().or(one["displayName"].as_str()).unwrap()).collect()
    }
}

impl Server {
    pub(crate) async fn start(options: Options) -> Self {
        let running = Sandbox::start(options).await.expect("a server");
        Self { running, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) async fn plain() -> Self {
        Self::start(Options::default()).await
    }

    /// A server that plays a vendor with these capabilities and attribute rules.
    pub(crate) async fn vendor(capabilities: Capabilities, attributes: Value) -> Self {
        let mut profile: Profile = serde_json::from_value(json!({ "name": "v", "title": "V" })).unwrap();
        profile.capabilities = capabilities;
        profile.attributes = serde_json::from_value(attributes).unwrap();
        Self::start(Options { profile: Some(Arc::new(profile)), ..Options::default() }).await
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = match path.strip_prefix("http") {
            Some(_) => path.to_owned(),
            None => format!("{}{path}", self.running.base_url),
        };
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { "null" } else { text.as_str() };
        let body = serde_json::from_str(body).unwrap_or_else(|_| Value::String(text.clone()));
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{body}");
        Answer { status: status.as_u16(), headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("POST", path).json(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request("PUT", path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request("DELETE", path)).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        self.send(self.request("PATCH", path).json(&json!({ "schemas": [schema], "Operations": operations }))).await
    }

    /// Makes a user of this name with further attributes.
    pub(crate) async fn user(&self, name: &str, more: Value) -> Answer {
        let mut body = json!({ "schemas": [USER], "userName": name });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let answer = self.post("/Users", body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer
    }

    /// Makes a group of these members.
    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> Answer {
        let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
        let answer = self.post("/Groups", json!({ "schemas": [GROUP], "displayName": name, "members": members })).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer
    }

    /// Makes so many users in bulk requests: `user00000`, `user00001`, …
    pub(crate) async fn crowd(&self, count: usize) {
        let numbers: Vec<usize> = (0..count).collect();
        for part in numbers.chunks(1000) {
            let operations: Vec<Value> = part
                .iter()
                .map(|number| {
                    let data = json!({ "schemas": [USER], "userName": format!("user{number:05}"), "active": true });
                    json!({ "method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": data })
                })
                .collect();
            let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
            let answer = self.post("/Bulk", json!({ "schemas": [schema], "Operations": operations })).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
}

/// The `value`s of members or groups, sorted.
pub(crate) fn values(list: &Value) -> Vec<&str> {
    let mut values: Vec<&str> =
        list.as_array().into_iter().flatten().map(|item| item["value"].as_str().unwrap()).collect();
    values.sort_unstable();
    values
}
