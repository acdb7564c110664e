//! An offline comparison says what a plan would: random directories, every profile.

use std::collections::BTreeSet;

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use scimform::profile;
use serde_json::{Value, json};

use crate::cases::{self, Case};
use crate::history::git;
use crate::needs::Needs;
use crate::support::{Repo, Server, target};

/// What a plan means, but for values that a server keeps in another form: action, key, paths, members.
fn meaning(plan: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for change in plan["targets"][0]["changes"].as_array().unwrap() {
        let mut paths: Vec<String> =
            change["attributes"].as_array().unwrap().iter().map(|one| one["path"].to_string()).collect();
        paths.sort();
        let keys = |side: &str| -> Vec<String> {
            let members = change["members"][side].as_array().into_iter().flatten();
            let mut keys: Vec<String> = members.map(|member| member["key"].to_string()).collect();
            keys.sort();
            keys
        };
        let line = json!([change["action"], change["resource"], change["key"], paths, keys("add"), keys("remove")]);
        all.insert(line.to_string());
    }
    all
}

fn law(name: &str) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let mut config = Config { cases, max_shrink_iters: 10, failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_122);
    }
    let profile = profile::builtin(name).unwrap();
    let needs = Needs::of(&profile);
    let outcome = TestRunner::new(config)
        .run(&cases::case(&needs), |case: Case| holds(&profile, &needs, &case).map_err(TestCaseError::fail));
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
}

fn holds(profile: &std::sync::Arc<profile::Profile>, needs: &Needs, case: &Case) -> Result<(), String> {
    let mut quick = profile::Profile::clone(profile);
    quick.capabilities.rates.clear();
    let options = scimform::sandbox::Options { profile: Some(quick.into()), auth_header: None, ..Default::default() };
    let server = Server::with(options);
    let repo = Repo::new(&[]).env("PATH", &std::env::var("PATH").unwrap());
    git(repo.path(), &["init", "-q"]);
    repo.write(".gitignore", ".scimform/\n");
    let limits = "    limits: { removals: { count: 1000 } }\n    capabilities: { rates: [] }\n";
    repo.write("scimform.yaml", target(server.url(), &profile.name, limits));
    let day = ["--as-of", "2026-12-01", "--format", "json"];
    for directory in &case.directories {
        let groups: Vec<&String> = directory["groups"].as_object().unwrap().keys().collect();
        let push = if needs.groups && needs.creates_groups { json!(groups) } else { json!([]) };
        let assign = json!({"where": "user.userName is defined"});
        let binding = json!({"bindings": {"all": {"target": "app", "assign": assign, "push": push}}});
        repo.write("bindings.yaml", binding.to_string());
        repo.write("people.yaml", directory.to_string());
        let fresh = server.list("Users").is_empty();
        let plan = repo.run(&[&["plan"], &day[..]].concat());
        if plan.code != 0 {
            return Err(format!("plan: {}{}", plan.out, plan.err));
        }
        if !fresh {
            let diff = repo.run(&[&["diff"], &day[..]].concat());
            if diff.code != 0 {
                return Err(format!("diff: {}{}", diff.out, diff.err));
            }
            let (offline, live) = (meaning(&diff.json()), meaning(&plan.json()));
            if offline != live {
                return Err(format!("offline {offline:#?}\nlive {live:#?}"));
            }
        }
        repo.run(&["apply", "--auto-approve", "--as-of", "2026-12-01"]).expect(0);
        git(repo.path(), &["add", "-A"]);
        git(repo.path(), &["commit", "-q", "--allow-empty", "-m", "next"]);
        let same = repo.run(&[&["diff"], &day[..]].concat()).expect(0).json();
        if same["targets"][0]["changes"] != json!([]) {
            return Err(format!("between equal files: {:#}", same["targets"][0]["changes"]));
        }
    }
    Ok(())
}

#[test]
fn files_that_are_the_same_imply_nothing_and_others_what_a_plan_would_say() {
    let names: Vec<&str> = profile::names().collect();
    let halves = names.chunks(names.len().div_ceil(2));
    std::thread::scope(|scope| halves.for_each(|half| drop(scope.spawn(|| half.iter().for_each(|name| law(name))))));
}
