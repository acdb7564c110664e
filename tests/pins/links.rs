//! What a server says leads nowhere else: redirects, links in resources, cursors, discovery.

use serde_json::{Value, json};

use crate::pins::world::{Attacker, app, repo, silent};
use crate::support::Repo;
use crate::support::mock::Reply;
use crate::support::scripted::Scripted;

fn at(server: &Scripted, more: &str) -> Repo {
    let auth = "auth: { bearer: { env: TOKEN } }";
    let more = if more.contains("auth:") { more.to_owned() } else { format!("{auth}\n{more}") };
    repo(&app(&format!("profile: generic\nurl: {}\n{more}", server.url())))
        .env("SCIMFORM_ALLOWED_HOSTS", "127.0.0.1,localhost")
}

/// The attacker's host is allowed in these, and nothing goes there all the same: a server has no say in it.
#[test]
fn t80_a_redirect_to_another_origin_is_not_followed() {
    let evil = Attacker::start();
    for status in [301, 302, 303, 307, 308] {
        for method in ["GET", "POST"] {
            let place = format!("http://127.0.0.1:{}/scim/v2/Users", evil.port);
            let server = Scripted::new(move |seen, _| {
                (seen.method == method && seen.path.ends_with("/Users"))
                    .then(|| Reply::new(status, "").with("location", place.clone()))
            });
            let words: &[&str] = if method == "GET" { &["plan"] } else { &["apply", "--auto-approve", "--first-run"] };
            let ran = at(&server, "").run(words).expect(if method == "GET" { 1 } else { 4 });
            silent(&ran);
            let all = ran.said();
            assert!(all.contains("which is not followed"), "{status} {method}: {all}");
        }
    }
    assert_eq!(evil.taken(), 0);
}

#[test]
fn a_token_endpoint_that_redirects_is_not_followed() {
    let evil = Attacker::start();
    for status in [301, 302, 303, 307, 308] {
        let place = format!("http://127.0.0.1:{}/token", evil.port);
        let server = Scripted::new(move |seen, _| {
            (seen.path == "/token").then(|| Reply::new(status, "").with("location", place.clone()))
        });
        let auth = format!(
            "auth: {{ oauth2: {{ tokenUrl: \"{}/token\", clientId: us, clientSecret: {{ env: TOKEN }} }} }}",
            server.origin()
        );
        let ran = at(&server, &auth).run(&["plan"]).expect(1);
        silent(&ran);
        assert!(server.seen().iter().all(|seen| seen.path == "/token"));
    }
    assert_eq!(evil.taken(), 0);
}

/// A resource full of links.
fn linked(mut resource: Value, evil: &str) -> Value {
    resource["meta"] = json!({ "location": format!("{evil}/Users/x"), "resourceType": "User" });
    resource["profileUrl"] = json!(format!("{evil}/me"));
    resource["manager"] = json!({ "$ref": format!("{evil}/Users/boss"), "value": "boss" });
    resource["groups"] = json!([{ "$ref": format!("{evil}/Groups/g"), "value": "g" }]);
    resource
}

#[test]
fn links_of_a_server_are_data() {
    let evil = Attacker::start();
    let base = format!("http://127.0.0.1:{}/scim/v2", evil.port);
    let link = base.clone();
    let server = Scripted::new(move |seen, held| {
        let page = format!("{link}/Users?startIndex=2");
        if seen.path.ends_with("ServiceProviderConfig") {
            let scheme = json!({ "type": "oauth2", "name": "o", "description": "d", "primary": true,
                "specUri": format!("{link}/spec"), "documentationUri": format!("{link}/doc"), "tokenUrl": format!("{link}/token") });
            return Some(Reply::json(&json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], "documentationUri": format!("{link}/doc"),
                "patch": { "supported": true }, "filter": { "supported": true, "maxResults": 200 }, "bulk": { "supported": false },
                "sort": { "supported": false }, "etag": { "supported": false }, "changePassword": { "supported": false },
                "pagination": { "cursor": true, "index": true }, "authenticationSchemes": [scheme],
                "meta": { "location": format!("{link}/ServiceProviderConfig") } })));
        }
        if seen.path.ends_with("ResourceTypes") {
            let kind = |name: &str, endpoint: &str| {
                json!({ "id": name, "name": name, "endpoint": format!("{link}{endpoint}"),
                "schema": format!("urn:ietf:params:scim:schemas:core:2.0:{name}"), "meta": { "location": format!("{link}/ResourceTypes/{name}") } })
            };
            let all = [kind("User", "/Users"), kind("Group", "/Groups")];
            return Some(Reply::json(&json!({ "totalResults": 2, "Resources": all })));
        }
        let mut reply = held.answer(seen);
        if seen.method == "POST" {
            reply = reply.with("location", format!("{link}/Users/made-1"));
        }
        if let Ok(mut answer) = serde_json::from_str::<Value>(&reply.body) {
            if let Some(all) = answer["Resources"].as_array().cloned() {
                answer["Resources"] = all.into_iter().map(|one| linked(one, &link)).collect();
                answer["next"] = json!(page);
                answer["links"] = json!([{ "rel": "next", "href": page }]);
            } else if answer["id"].is_string() {
                answer = linked(answer, &link);
            }
            reply.body = answer.to_string();
        }
        Some(reply.with("link", format!("<{page}>; rel=\"next\"")).with("content-location", page))
    });
    server.put("Users", "old", json!({ "userName": "old@acme.example", "externalId": "old" }));
    let repo = at(&server, "manage: owned");
    repo.write("groups.yaml", "groups:\n  all: { displayName: All, members: [ada] }\n");
    repo.edit("bindings.yaml", "    target: app\n", "    target: app\n    push: [all]\n");
    // What it makes of such a server matters less than where it goes.
    for words in [
        &["plan"][..],
        &["probe", "app"],
        &["apply", "--auto-approve", "--first-run"],
        &["plan"],
        &["probe", "app", "--write", "--auto-approve"],
    ] {
        silent(&repo.run(words));
    }
    assert!(server.writes().iter().any(|seen| seen.method == "POST" && seen.path.ends_with("/Users")));
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == Some("Bearer secret-token")));
    assert_eq!(evil.taken(), 0);
}

#[test]
fn a_cursor_that_is_an_address_is_sent_back_and_not_followed() {
    let evil = Attacker::start();
    let link = format!("http://127.0.0.1:{}/scim/v2/Users?cursor=x", evil.port);
    let cursor = link.clone();
    let server = Scripted::new(move |seen, _| {
        (seen.method == "GET" && seen.path.ends_with("/Users")).then(|| {
            let mut page = json!({ "totalResults": 2, "Resources": [{ "id": "1", "userName": "a@acme.example" }] });
            if seen.param("cursor") == Some(link.as_str()) {
                page["Resources"][0]["id"] = json!("2");
                page["Resources"][0]["userName"] = json!("b@acme.example");
            } else {
                page["nextCursor"] = json!(link);
            }
            Reply::json(&page)
        })
    });
    let repo =
        at(&server, "manage: all\nlimits: { removals: { count: 9, percent: 100 } }\ncapabilities: { paging: cursor }");
    silent(&repo.run(&["plan"]));
    assert!(server.seen().iter().any(|seen| seen.param("cursor") == Some(cursor.as_str())));
    assert_eq!(evil.taken(), 0);
}
