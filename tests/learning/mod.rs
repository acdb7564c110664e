//! `probe --write` on servers that nobody described: each does one thing of its own, and the block says so.

mod refusals;

use crate::support::mock::{Reply, Seen};
use crate::support::scripted::{Held, Scripted, body};
use crate::support::{Repo, side_by_side, target};
use serde_json::{Value, json};

/// How a server bends what the plain one does.
type Bend = fn(&Seen, &mut Held) -> Option<Reply>;

/// The plain answer to a list of a kind, changed.
fn listed(seen: &Seen, held: &mut Held, kind: &str, change: fn(&mut Value)) -> Option<Reply> {
    (seen.method == "GET" && seen.path.ends_with(kind)).then(|| {
        let mut list: Value = serde_json::from_str(&held.answer(seen).body).unwrap();
        change(&mut list);
        Reply::json(&list)
    })
}

/// What is learned of a server. Nothing of what was made may stay, unless it is named.
#[track_caller]
fn learned(bend: Bend) -> (Value, Scripted) {
    let server = Scripted::new(bend);
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", ""))]);
    let ran = repo.run(&["probe", "app", "--write", "--auto-approve", "--format", "json"]).expect(0);
    let result = ran.json();
    let there = server.all("Users").len() + server.all("Groups").len();
    assert_eq!(result["left"].as_array().map_or(0, Vec::len), there, "{result:#}");
    // The block is one that a target takes, and with it nothing is missing.
    let more = format!("    capabilities: {}\n", result["capabilities"]);
    repo.write("scimform.yaml", target(server.url(), "generic", &more));
    let again = repo.run(&["probe", "app", "--write", "--auto-approve", "--format", "json"]).expect(0).json();
    assert_eq!(again["capabilities"], json!({}), "{:#}", again["learned"]);
    (result["capabilities"].clone(), server)
}

/// The block is the one of a plain server and this.
#[track_caller]
fn learns(bend: Bend, more: Value) {
    let mut wanted = json!({ "patch": true });
    for (name, value) in more.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities, wanted);
}

/// What is learned of a server without a look at what stays.
#[track_caller]
fn result(bend: Bend) -> (Value, Scripted) {
    let server = Scripted::new(bend);
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", ""))]);
    let ran = repo.run(&["probe", "app", "--write", "--auto-approve", "--format", "json"]).expect(0);
    (ran.json(), server)
}

fn is(seen: &Seen, method: &str, endpoint: &str) -> bool {
    seen.method == method && seen.path.contains(endpoint)
}

fn is_list(seen: &Seen) -> bool {
    seen.method == "GET" && (seen.path.ends_with("Users") || seen.path.ends_with("Groups"))
}

/// The plain server's answer to another body.
fn with_body(seen: &Seen, held: &mut Held, change: impl FnOnce(&mut Value)) -> Option<Reply> {
    let mut body = body(seen);
    change(&mut body);
    Some(held.answer(&Seen { body: body.to_string(), ..seen.clone() }))
}

/// What the plain server holds, after each request changed like this.
fn stored(seen: &Seen, held: &mut Held, endpoint: &str, change: impl Fn(&mut Value)) -> Option<Reply> {
    let reply = held.answer(seen);
    for ((of, _), resource) in &mut held.resources {
        if of == endpoint {
            change(resource);
        }
    }
    if seen.method == "GET" { Some(held.answer(seen)) } else { Some(reply) }
}

#[test]
fn what_a_server_does_otherwise_is_in_the_block() {
    let servers: [(Bend, Value); 11] = [
        (|_, _| None, json!({})),
        (|seen, _| (seen.method == "PATCH").then(|| Reply::new(405, "")), json!({ "patch": false })),
        (|seen, _| (seen.method == "PUT").then(|| Reply::error(501, "", "no")), json!({ "put": false })),
        (
            |seen, _| seen.param("count").map(|_| Reply::error(400, "", "unknown parameter")),
            json!({ "countParameter": false }),
        ),
        (
            |seen, held| {
                let params = seen.params.clone().into_iter().filter(|(name, _)| name != "filter").collect();
                Some(held.answer(&Seen { params, ..seen.clone() }))
            },
            json!({ "filterUsers": [], "filterGroups": [] }),
        ),
        (
            |seen, held| stored(seen, held, "Users", |user| drop(user.as_object_mut().unwrap().remove("title"))),
            json!({ "attributes": { "unsupported": ["title"] } }),
        ),
        (
            |seen, held| stored(seen, held, "Users", |user| user["emails"].as_array_mut().unwrap().truncate(1)),
            json!({ "attributes": { "singleValued": ["emails"] } }),
        ),
        (
            |seen, held| {
                let lower =
                    |user: &mut Value| user["userName"] = user["userName"].as_str().unwrap().to_lowercase().into();
                stored(seen, held, "Users", lower)
            },
            json!({ "attributes": { "normalised": [{ "path": "userName", "form": "lowerCase" }] } }),
        ),
        (
            |seen, _| seen.path.contains("Groups").then(|| Reply::error(404, "", "no such endpoint")),
            json!({ "resources": { "users": true, "groups": false } }),
        ),
        (
            |seen, _| {
                let filtered = is(seen, "PATCH", "Groups") && seen.body.contains("members[");
                filtered.then(|| Reply::error(400, "invalidPath", "no filters here"))
            },
            json!({ "memberRemoval": "value" }),
        ),
        (
            |seen, _| {
                let media = seen.header("content-type").filter(|media| !media.starts_with("application/json"));
                media.map(|_| Reply::error(415, "", "no"))
            },
            json!({ "contentType": "application/json" }),
        ),
    ];
    side_by_side(servers, |(bend, block)| learns(bend, block));
}

#[test]
fn the_type_of_an_address_is_refused_without_a_word() {
    let bend: Bend = |seen, _| {
        let typed = matches!(seen.method.as_str(), "POST" | "PUT" | "PATCH") && seen.path.contains("Users");
        let typed = typed && {
            let text = seen.body.clone();
            let emails =
                text.find("\"emails\"").map(|at| &text[at..text[at..].find(']').map_or(text.len(), |end| at + end)]);
            emails.is_some_and(|emails| emails.contains("\"type\""))
                || text
                    .split("\"path\":\"emails\"")
                    .nth(1)
                    .is_some_and(|rest| rest.split(']').next().unwrap().contains("\"type\""))
        };
        typed.then(|| Reply::error(400, "invalidValue", "bad request"))
    };
    learns(bend, json!({ "attributes": { "unsupported": ["emails.type"] } }));
}

/// A PATCH that is not about roles takes them away.
fn drops_roles(seen: &Seen, held: &mut Held) -> Option<Reply> {
    let reply = held.answer(seen);
    if is(seen, "PATCH", "Users") && !seen.body.contains("roles") {
        let id = seen.path.rsplit('/').next().unwrap().to_owned();
        let user = held.resources.get_mut(&("Users".to_owned(), id)).unwrap();
        user.as_object_mut().unwrap().remove("roles");
    }
    Some(reply)
}

#[test]
fn a_patch_drops_roles() {
    learns(drops_roles, json!({ "write": "put" }));
    let only_patch: Bend =
        |seen, held| if seen.method == "PUT" { Some(Reply::new(405, "")) } else { drops_roles(seen, held) };
    learns(only_patch, json!({ "put": false, "attributes": { "resent": ["roles"] } }));
}

#[test]
fn lists_hide_members() {
    let bend: Bend = |seen, held| {
        listed(seen, held, "Groups", |list| {
            for group in list["Resources"].as_array_mut().unwrap() {
                group.as_object_mut().unwrap().remove("members");
            }
        })
    };
    learns(bend, json!({ "members": "byId" }));
}

/// An `add` of members that replaces them all.
fn add_replaces(seen: &Seen, held: &mut Held) -> Option<Reply> {
    let adds = |one: &&mut Value| one["op"] == "add" && one["path"] == "members";
    is(seen, "PATCH", "Groups").then_some(())?;
    with_body(seen, held, |body| {
        body["Operations"].as_array_mut().unwrap().iter_mut().filter(adds).for_each(|one| one["op"] = "replace".into());
    })
}

#[test]
fn adding_members_replaces_them_wherever_they_are_first_added() {
    learns(add_replaces, json!({ "memberWrite": "replace" }));
    // Where a create drops members and nothing is put, the first ones come by an `add` as well.
    let drops: Bend = |seen, held| match seen.method.as_str() {
        "POST" if seen.path.ends_with("Groups") => {
            with_body(seen, held, |body| drop(body.as_object_mut().unwrap().remove("members")))
        }
        "PUT" => Some(Reply::new(405, "")),
        _ => add_replaces(seen, held),
    };
    learns(drops, json!({ "put": false, "memberWrite": "replace" }));
}

#[test]
fn one_member_goes_in_one_request() {
    let bend: Bend = |seen, _| {
        let groups = seen.path.contains("Groups");
        let many = seen.body.matches("\"value\":\"made-").count();
        let refused = groups && matches!(seen.method.as_str(), "POST" | "PATCH") && many > 1;
        (refused || groups && seen.method == "PUT").then(|| Reply::error(400, "", "one member at a time"))
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities["membersPerPatch"], 1, "{capabilities:#}");
    assert_eq!(capabilities.get("memberWrite"), None, "{capabilities:#}");
}

/// A page of two from the cursor on.
fn by_cursor(seen: &Seen, held: &mut Held) -> Reply {
    let from = seen.param("cursor").map_or(0, |_| usize::try_from(seen.number("cursor")).unwrap());
    let params = seen.params.clone().into_iter().filter(|(name, _)| name == "filter").collect();
    let mut list: Value = serde_json::from_str(&held.answer(&Seen { params, ..seen.clone() }).body).unwrap();
    let all = list["Resources"].as_array().unwrap().clone();
    list["Resources"] = all.iter().skip(from).take(2).cloned().collect();
    if from + 2 < all.len() {
        list["nextCursor"] = (from + 2).to_string().into();
    }
    Reply::json(&list)
}

#[test]
fn lists_go_by_cursor_only() {
    let refused: Bend = |seen, held| {
        let listed = is_list(seen);
        if listed && seen.param("startIndex").is_some() {
            return Some(Reply::error(400, "", "use a cursor"));
        }
        listed.then(|| by_cursor(seen, held))
    };
    learns(refused, json!({ "paging": "cursor" }));
    let ignored: Bend = |seen, held| (is_list(seen)).then(|| by_cursor(seen, held));
    learns(ignored, json!({ "paging": "cursor" }));
}

#[test]
fn members_are_shown_by_a_filter_only() {
    let bend: Bend = |seen, held| {
        let reply = held.answer(seen);
        if !(seen.path.contains("Groups") && reply.body.contains("members")) {
            return Some(reply);
        }
        let mut shown: Value = serde_json::from_str(&reply.body).unwrap();
        let hide = |group: &mut Value| drop(group.as_object_mut().unwrap().remove("members"));
        match shown.get_mut("Resources").and_then(Value::as_array_mut) {
            Some(groups) => groups.iter_mut().for_each(hide),
            None => hide(&mut shown),
        }
        Some(Reply { status: reply.status, ..Reply::json(&shown) })
    };
    let (capabilities, _) = learned(bend);
    let filters = json!(["displayName", "externalId", "members.value"]);
    assert_eq!(capabilities["filterGroups"], filters, "{capabilities:#}");
    assert_eq!(capabilities["members"], "never", "{capabilities:#}");
    assert_eq!(capabilities.get("memberWrite"), None, "{capabilities:#}");
}

#[test]
fn who_is_inactive_is_gone_and_stays_behind() {
    let bend: Bend = |seen, held| {
        let id = seen.path.rsplit('/').next().unwrap();
        let gone = held.get("Users", id).is_some_and(|user| user["active"] == false);
        gone.then(|| Reply::error(404, "", "not there"))
    };
    let (result, server) = result(bend);
    assert_eq!(result["capabilities"]["deactivationRemoves"], true, "{result:#}");
    assert_eq!(result["left"].as_array().unwrap().len(), 1, "{result:#}");
    assert!(result["left"][0]["because"].as_str().unwrap().contains("not found any more"), "{result:#}");
    assert!(
        server
            .writes()
            .iter()
            .any(|seen| seen.method == "DELETE" && seen.path.ends_with(result["left"][0]["id"].as_str().unwrap()))
    );
}

#[test]
fn totals_count_what_is_not_there() {
    let bend: Bend = |seen, held| {
        if !(is_list(seen)) {
            return None;
        }
        let mut list: Value = serde_json::from_str(&held.answer(seen).body).unwrap();
        list["totalResults"] = (list["totalResults"].as_u64().unwrap() + 2).into();
        Some(Reply::json(&list))
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities["totals"], false, "{capabilities:#}");
}

#[test]
fn a_server_that_fails_says_nothing_of_itself() {
    let bend: Bend = |seen, _| is(seen, "PATCH", "Groups").then(|| Reply::error(500, "", "out of order"));
    let (result, _server) = result(bend);
    for fact in [
        "memberWrite",
        "memberRemoval",
        "replaceMembers",
        "membersPerPatch",
        "nestedGroups",
        "renameGroups",
        "putGroups",
    ] {
        assert_eq!(result["capabilities"].get(fact), None, "{:#}", result["learned"]);
    }
}

#[test]
fn members_need_a_reference() {
    let bend: Bend = |seen, _| {
        let bare = matches!(seen.method.as_str(), "POST" | "PUT" | "PATCH") && seen.path.contains("Groups");
        let bare = bare && seen.body.contains("\"value\":\"made-") && !seen.body.contains("$ref");
        bare.then(|| Reply::error(400, "invalidValue", "a member needs its $ref"))
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities["memberReference"], true, "{capabilities:#}");
}

#[test]
fn a_deletion_deactivates() {
    let bend: Bend = |seen, held| {
        if !is(seen, "DELETE", "Users") {
            return None;
        }
        let id = seen.path.rsplit('/').next().unwrap().to_owned();
        held.resources.get_mut(&("Users".to_owned(), id))?["active"] = false.into();
        Some(Reply::new(204, ""))
    };
    let (result, server) = result(bend);
    assert_eq!(result["capabilities"], json!({ "patch": true, "deletion": "deactivates" }));
    assert_eq!(result["left"].as_array().unwrap().len(), 3, "{result:#}");
    assert!(server.all("Users").iter().all(|user| user["active"] == false));
}

#[test]
fn who_is_inactive_is_not_listed() {
    let bend: Bend = |seen, held| {
        listed(seen, held, "Users", |list| {
            let all = list["Resources"].as_array_mut().unwrap();
            all.retain(|user| user["active"] != false);
            list["totalResults"] = list["Resources"].as_array().unwrap().len().into();
        })
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities["inactiveListed"], false, "{capabilities:#}");
}

#[test]
fn answers_without_a_body() {
    let bend: Bend = |seen, held| {
        let reply = held.answer(seen);
        Some(if matches!(seen.method.as_str(), "PATCH" | "PUT") && reply.status == 200 {
            Reply::new(204, "")
        } else {
            reply
        })
    };
    let (capabilities, _) = learned(bend);
    assert_eq!(capabilities["patch"], true, "{capabilities:#}");
}

#[test]
fn nothing_but_reading_is_done_without_the_flag() {
    let server = Scripted::plain();
    server.put("Users", "1", json!({ "userName": "ada@acme.example" }));
    server.put("Users", "2", json!({ "userName": "bo@acme.example" }));
    server.put("Groups", "7", json!({ "displayName": "All", "members": [{ "value": "1" }] }));
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", ""))]);
    let result = repo.run(&["probe", "app", "--format", "json"]).expect(0).json();
    assert_eq!(result["capabilities"], json!({}), "{result:#}");
    assert_eq!(result["written"], false);
    assert!(server.writes().is_empty());
}
