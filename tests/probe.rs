//! `probe` and `profile` as a user runs them: every built-in profile against the sandbox, and servers that can't be used.

use std::fmt::Write as _;

use crate::support::golden::golden;
use crate::support::mock::Reply;
use crate::support::scripted::Scripted;
use crate::support::{Ran, Repo, Server, applied};
use scimform::profile::{self, AuthForm, Deletion, Profile};
use scimform::sandbox::Options;

/// A sandbox that plays a profile and wants the token.
fn play(profile: &str) -> Server {
    Server::with(Options {
        token: Some("secret-token".to_owned().into()),
        profile: profile::builtin(profile),
        ..Options::default()
    })
}

fn auth(profile: &Profile) -> String {
    match &profile.auth {
        AuthForm::Header(name) => format!("{{ header: {{ name: {name}, value: {{ env: TOKEN }} }} }}"),
        AuthForm::Bearer | AuthForm::Basic | AuthForm::OAuth2 => "{ bearer: { env: TOKEN } }".to_owned(),
    }
}

/// A repository with one target, `app`.
fn repo(profile: &str, url: &str, more: &str) -> Repo {
    let known = profile::builtin(profile).unwrap();
    let target = format!("profile: {profile}\n    url: {url}\n    auth: {}\n{more}", auth(&known));
    Repo::new(&[("scimform.yaml", &format!("version: 1\ntargets:\n  app:\n    {target}"))])
}

fn probe(repo: &Repo, more: &[&str]) -> Ran {
    repo.run(&[&["probe", "app"], more].concat())
}

/// The text without line breaks, which depend on the width.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a step of a JSON result says.
#[track_caller]
fn step(result: &serde_json::Value, name: &str) -> (String, String) {
    let steps = result["steps"].as_array().unwrap();
    let found =
        steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("no step `{name}`: {steps:#?}"));
    (found["outcome"].as_str().unwrap().to_owned(), found["says"].as_str().unwrap().to_owned())
}

#[test]
fn s2_07_every_profile_can_be_probed_and_nothing_is_written() {
    for name in profile::names() {
        let server = play(name);
        let repo = repo(name, server.url(), "");
        let ran = probe(&repo, &["--format", "json"]).expect(0);
        let result = ran.json();
        assert_eq!(result["usable"], true, "{name}: {result:#}");
        assert_eq!(result["format"], "scimform.probe/v1");
        assert!(server.running().request_count() > 3, "{name}");
        assert_eq!(server.writes(), 0, "{name}");
        assert_eq!(result["requests"], server.running().request_count(), "{name}");
        let known = profile::builtin(name).unwrap();
        assert_eq!(result["quirks"].as_array().unwrap().len(), known.quirks.len(), "{name}");
        assert!(!ran.out.contains("secret-token") && !ran.err.contains("secret-token"), "{name}");
        assert!(!repo.path().join(".scimform").exists(), "{name}: a probe leaves nothing in the repository");
    }
}

/// What a probe sees otherwise than a profile says, since the embedded server plays that part on its own account.
const SEEN_OTHERWISE: [(&str, &[&str]); 2] = [("aws-iam-identity-center", &["totals"]), ("lattice", &["filterUsers"])];

#[test]
fn s3_07_every_profile_takes_a_probe_user_and_what_stays_is_said() {
    for name in profile::names() {
        let known = profile::builtin(name).unwrap();
        let server = play(name);
        let repo = repo(name, server.url(), "");
        let result = probe(&repo, &["--write", "--auto-approve", "--format", "json"]).json();
        assert!(!repo.path().join(".scimform").exists(), "{name}: no ledger is written");
        if !known.capabilities.create_users {
            assert_eq!(step(&result, "create").0, "left", "{name}");
            assert_eq!(server.writes(), 0, "{name}");
            continue;
        }
        assert_eq!(result["usable"], true, "{name}: {result:#}");
        assert_eq!(step(&result, "read").0, "good", "{name}: {result:#}");
        let text = format!("{result:#}");
        let agreed: Vec<&str> = result["capabilities"].as_object().unwrap().keys().map(String::as_str).collect();
        let known_better = SEEN_OTHERWISE.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, facts)| facts);
        assert_eq!(agreed, known_better, "{name}: {:#}", result["learned"]);
        let (removed, why) = step(&result, "remove");
        if matches!(known.capabilities.deletion, Deletion::Hard | Deletion::Irreversible) {
            assert_eq!(removed, "good", "{name}: {why}\n{text}");
            // Who can't be found once inactive is named, since nobody can see that nothing is left.
            let left = result["left"].as_array().map_or(&[][..], Vec::as_slice);
            assert_eq!(left.len(), usize::from(known.capabilities.deactivation_removes), "{name}: {text}");
            let vanished =
                |left: &serde_json::Value| left["because"].as_str().unwrap().starts_with("not found any more");
            assert!(left.iter().all(vanished), "{name}: {text}");
        } else {
            let stayed = &result["stayed"];
            assert!(stayed["userName"].as_str().unwrap().starts_with("scimform-probe-"), "{name}: {text}");
            assert!(stayed["id"].as_str().is_some_and(|id| !id.is_empty()), "{name}: {text}");
            assert_eq!(stayed["state"], "deactivated", "{name}: {text}");
            let left = result["left"].as_array().unwrap();
            assert!(left.len() >= 3 && left.iter().all(|left| left["state"] == "deactivated"), "{name}: {text}");
        }
    }
}

#[test]
fn a_probe_user_never_touches_anyone_else() {
    let (server, repo) = applied(&["ada", "bo"]);
    let before = server.list("Users");
    let ran = probe(&repo, &["--write", "--auto-approve"]).expect(0);
    assert!(ran.out.contains("`userName eq` works"), "{}", ran.out);
    assert!(ran.out.contains("Nothing is missing under `capabilities:`"), "{}", ran.out);
    assert_eq!(server.list("Users"), before);
    assert_eq!(repo.plan()["changes"].as_array().unwrap().len(), 0);
}

#[test]
fn a_verb_that_fails_is_a_finding_and_leaves_nothing_behind() {
    let server = Server::start();
    server.fault("500,on=PATCH");
    let repo = repo("generic", server.url(), "");
    let result = probe(&repo, &["--learn", "--auto-approve", "--format", "json"]).expect(0).json();
    // A failure of the server is no refusal; PUT is what worked.
    assert_eq!(result["capabilities"].get("patch"), None, "{result:#}");
    assert_eq!(result["capabilities"]["write"], "put", "{result:#}");
    assert_eq!(step(&result, "remove").0, "good", "{result:#}");
    server.heal();
    assert!(server.list("Users").is_empty() && server.list("Groups").is_empty());
}

#[test]
fn a_user_that_cannot_be_removed_is_named() {
    let server = Server::start();
    server.fault("500,on=DELETE");
    let repo = repo("generic", server.url(), "");
    let ran = probe(&repo, &["--write", "--auto-approve"]);
    server.heal();
    let users = server.list("Users");
    assert_eq!(users.len(), 3);
    let (id, name) = (users[0]["id"].as_str().unwrap(), users[0]["userName"].as_str().unwrap());
    assert!(
        flat(&ran.out)
            .contains(&format!("What stayed: the user `{name}`, id {id}, deactivated: a DELETE was answered with 500")),
        "{}",
        ran.out
    );
}

#[test]
fn a_target_that_is_not_to_be_written_to_is_not() {
    let server = Server::start();
    for more in ["    mode: readOnly\n", "    actions: [update]\n"] {
        let repo = repo("generic", server.url(), more);
        let ran = probe(&repo, &["--write", "--auto-approve"]).expect(3);
        assert!(ran.err.contains("Leave `--write` out."), "{}", ran.err);
        probe(&repo, &[]).expect(0);
    }
    assert_eq!(server.writes(), 0);
}

#[test]
fn without_a_terminal_a_write_needs_a_flag() {
    let server = Server::start();
    let ran = probe(&repo("generic", server.url(), ""), &["--write"]).expect(64);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    assert_eq!(server.running().request_count(), 0);
}

#[test]
fn s0_13_refusals_come_with_the_vendors_way_out() {
    let vendors: Vec<(&str, String)> =
        profile::names().filter_map(|name| Some((name, profile::builtin(name)?.hints.unauthorized.clone()?))).collect();
    for (name, hint) in &vendors {
        let server = play(name);
        let repo = repo(name, server.url(), "").env("TOKEN", "wrong-token");
        let ran = probe(&repo, &["--format", "json"]).expect(1);
        assert_eq!(ran.json()["hint"], hint.as_str(), "{name}");
        assert!(!ran.out.contains("wrong-token"), "{name}");
        let plan = repo.run(&["plan"]).expect(1);
        assert!(flat(&plan.out).contains(&flat(hint)), "{name}: {}", plan.out);
    }
    let server = Server::start();
    let repo = repo("generic", server.url(), "").env("TOKEN", "wrong-token");
    let ran = probe(&repo, &[]).expect(1);
    assert!(ran.out.contains("401"), "{}", ran.out);
    assert!(flat(&ran.out).contains("is SCIM enabled"), "{}", ran.out);
}

#[test]
fn a_403_asks_whether_scim_is_enabled_and_who_owns_the_token() {
    for name in profile::names() {
        let server = play(name);
        server.fault("403");
        let result = probe(&repo(name, server.url(), ""), &["--format", "json"]).expect(1).json();
        let hint = result["hint"].as_str().unwrap_or_else(|| panic!("{name}: {result:#}"));
        match &profile::builtin(name).unwrap().hints.forbidden {
            Some(own) => assert_eq!(hint, own, "{name}"),
            None => assert!(hint.contains("Is SCIM enabled at the target"), "{name}: {hint}"),
        }
    }
}

#[test]
fn s0_15_a_wrong_base_url_a_web_page_and_silence_are_told_apart() {
    let server = Server::start();
    let wrong = repo("generic", &format!("{}/nowhere", server.url()), "");
    let ran = probe(&wrong, &[]).expect(1);
    assert!(ran.out.contains("404") && flat(&ran.out).contains("base URL right"), "{}", ran.out);

    let page = Scripted::new(|_, _| {
        let page = Reply::new(200, "<!doctype html><title>Sign in</title>");
        Some(page.with("content-type", "text/html"))
    });
    let ran = probe(&repo("generic", page.origin(), ""), &[]).expect(1);
    assert!(ran.out.contains("web page") && ran.out.contains("/scim/v2"), "{}", ran.out);

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = probe(&repo("generic", &format!("http://{nobody}/scim/v2"), ""), &[]).expect(1);
    assert!(flat(&ran.out).contains("Nobody listens there"), "{}", ran.out);
}

#[test]
fn a_missing_secret_and_a_missing_url_are_named() {
    let with = |target: &str| Repo::new(&[("scimform.yaml", &format!("version: 1\ntargets:\n  app: {target}\n"))]);
    let ran = probe(&with("{ profile: lattice, auth: { bearer: { env: NOT_SET } } }"), &[]).expect(1);
    assert!(ran.out.contains("environment variable `NOT_SET` is not set"), "{}", ran.out);
    let ran = probe(&with("{ profile: lattice, auth: { bearer: { file: secrets/token } } }"), &[]).expect(1);
    assert!(ran.out.contains("file `secrets/token`"), "{}", ran.out);
    let ran = probe(&with("{ profile: generic, auth: { bearer: { env: TOKEN } } }"), &[]).expect(1);
    assert!(ran.out.contains("the target has no `url`"), "{}", ran.out);
    probe(&with("{ profile: generic, auth: { bearer: { env: NOT_SET } } }"), &["--sandbox"]).expect(0);
    let ran = with("{ profile: generic }").run(&["probe", "ap"]).expect(64);
    assert!(ran.err.contains("Did you mean `app`?"), "{}", ran.err);
}

#[test]
fn the_source_of_the_secret_and_the_end_of_the_token_are_shown() {
    let server = Server::start();
    let ran = probe(&repo("generic", server.url(), "    expires: 2020-01-31\n"), &[]).expect(0);
    assert!(ran.out.contains("environment variable `TOKEN`, sent as a bearer token"), "{}", ran.out);
    assert!(ran.out.contains("The token ended") && ran.out.contains("2020-01-31"), "{}", ran.out);
    assert!(!ran.out.contains("secret-token"), "{}", ran.out);
}

#[test]
fn s3_09_groups_are_supported_unsupported_or_unknown() {
    for (fault, outcome, says) in [
        ("404,at=groups", "odd", "not supported"),
        ("501,at=groups", "odd", "not supported"),
        ("403,at=groups", "odd", "unknown"),
    ] {
        let server = Server::start();
        server.fault(fault);
        let result = probe(&repo("generic", server.url(), ""), &["--format", "json"]).expect(0).json();
        let seen = step(&result, "groups");
        assert!(seen.0 == outcome && seen.1.starts_with(says), "{fault}: {seen:?}");
    }
    let server = Server::start();
    let result = probe(&repo("generic", server.url(), ""), &["--format", "json"]).expect(0).json();
    assert_eq!(step(&result, "groups").0, "good");
}

#[test]
fn what_the_server_says_otherwise_is_told_and_the_profile_is_followed() {
    let server = Server::start();
    let more = "    capabilities: { patch: false, pageSize: 100000 }\n";
    let repo = repo("generic", server.url(), more);
    let ran = probe(&repo, &[]).expect(0);
    let row = ran.out.lines().find(|line| line.trim_start().starts_with("patch ")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["patch", "no", "yes", "no"]);
    assert!(ran.out.contains("the profile is followed"), "{}", ran.out);
    let plan = repo.plan();
    let notices: Vec<&str> = plan["notices"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|notice| notice["code"] == "discovery-disagrees")
        .map(|notice| notice["message"].as_str().unwrap())
        .collect();
    assert_eq!(notices.len(), 1, "{plan:#}");
    assert!(notices[0].contains("`patch` (no in the profile, yes by the server)"), "{}", notices[0]);
    let ran = probe(&repo, &["--write", "--auto-approve"]).expect(0);
    let line = "      # PATCH of `name.familyName` of a user took\n      patch: true\n";
    assert!(ran.out.contains(line), "{}", ran.out);
}

#[test]
fn s0_10_s2_16_a_profile_is_printed_with_its_whole_mapping_and_can_be_read_back() {
    let repo = Repo::new(&[]);
    for name in profile::names() {
        let ran = repo.run(&["profile", "show", name]).expect(0);
        let json: serde_json::Value = serde_yaml::from_str(&ran.out).unwrap();
        let shown: Profile = serde_json::from_value(json.clone()).unwrap();
        let known = profile::builtin(name).unwrap();
        assert_eq!(shown.capabilities, known.capabilities, "{name}");
        assert_eq!(shown.mapping.extends, None, "{name}");
        let rows = scimform::mapping::default_mapping(&known).unwrap();
        assert_eq!(shown.mapping.user.len(), rows.rows.users.len(), "{name}");
        assert_eq!(shown.mapping.group.len(), rows.rows.groups.len(), "{name}");
        assert_eq!(repo.run(&["profile", "show", name, "--format", "json"]).expect(0).json(), json, "{name}");
    }
    let list = repo.run(&["profile", "list"]).expect(0).out;
    for name in profile::names() {
        assert!(list.lines().any(|line| line.split_whitespace().next() == Some(name)), "{name}: {list}");
    }
    let ran = repo.run(&["profile", "show", "latice"]).expect(64);
    assert!(ran.err.contains("Did you mean `lattice`?"), "{}", ran.err);
}

#[test]
fn profiles_of_the_repository_are_listed_and_shown() {
    let text = "version: 1\nprofiles:\n  ours:\n    extends: lattice\n    title: Our own\n    capabilities: { patch: true }\n\
                targets:\n  app: { profile: ours }\n";
    let repo = Repo::new(&[("scimform.yaml", text)]);
    let list = repo.run(&["profile", "list"]).expect(0).out;
    let row = list.lines().find(|line| line.starts_with("ours ")).unwrap_or_else(|| panic!("{list}"));
    assert!(row.contains("Our own (of this repository)"), "{row}");
    let shown = repo.run(&["profile", "show", "ours", "--format", "json"]).expect(0).json();
    assert_eq!(shown["capabilities"]["patch"], true, "{shown:#}");
    let base = repo.run(&["profile", "show", "lattice", "--format", "json"]).expect(0).json();
    assert_eq!(shown["mapping"], base["mapping"]);
    probe(&repo, &["--sandbox"]).expect(0);
}

/// One probe with `--sandbox`, as the page of the documentation and the golden files show it.
fn rehearsed(name: &str) -> String {
    let repo = Repo::new(&[("scimform.yaml", &format!("version: 1\ntargets:\n  {name}: {{ profile: {name} }}\n"))]);
    let ran = repo.run(&["probe", name, "--sandbox"]);
    assert_eq!(ran.code, 0, "{name}: {}\n{}", ran.out, ran.err);
    ran.out
}

#[test]
fn the_page_of_probes_is_fresh() {
    let mut page = String::from(
        "# Probes\n\nWhat `scimform probe TARGET --sandbox` prints for each built-in profile: the embedded server plays the\n\
         vendor, so this is a rehearsal and no record of a vendor's own server. This page is generated.\n",
    );
    for name in profile::names() {
        let known = profile::builtin(name).unwrap();
        let _ = write!(page, "\n## {}\n\n```text\n{}```\n", known.title, rehearsed(name));
    }
    golden("docs/dev/probe.md", &page);
}
