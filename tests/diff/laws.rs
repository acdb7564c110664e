//! Laws: equal files differ in nothing, and a diff says what a plan says where nothing else happened.

use std::sync::Arc;

use proptest::test_runner::TestCaseError;
use scimform::profile;
use scimform::sandbox::Options;
use serde_json::{Value, json};

use crate::convergence::cases::{self, Case};
use crate::convergence::needs::Needs;
use crate::support::git::{commit, git};
use crate::support::{Repo, Server, laws, target};

/// A clone whose files declare a directory for one target.
struct World {
    repo: Repo,
    push: bool,
}

impl World {
    fn new(url: &str, profile: &str, needs: &Needs) -> Self {
        let repo = Repo::new(&[]).env("PATH", &std::env::var("PATH").unwrap());
        let limits = "    limits: { removals: { count: 1000 } }\n    capabilities: { rates: [] }\n";
        repo.write("scimform.yaml", target(url, profile, limits));
        repo.write(".gitignore", ".scimform/\n");
        git(repo.path(), &["init", "-q"]);
        Self { repo, push: needs.groups && needs.creates_groups }
    }

    fn declare(&self, directory: &Value) {
        let groups: Vec<&String> = directory["groups"].as_object().unwrap().keys().collect();
        let push = if self.push { json!(groups) } else { json!([]) };
        let assign = json!({"where": "user.userName is defined"});
        let binding = json!({"bindings": {"all": {"target": "app", "assign": assign, "push": push}}});
        self.repo.write("bindings.yaml", binding.to_string());
        self.repo.write("people.yaml", directory.to_string());
    }

    fn diff(&self) -> Result<Value, String> {
        let ran = self.repo.run(&["diff", "--format", "json"]);
        if ran.code == 0 { Ok(ran.json()["targets"][0].clone()) } else { Err(ran.said()) }
    }
}

/// The meaning of changes: all of it but ids and, where a vendor makes its own of what it is sent, what it shows.
fn meaning(plan: &Value, strict: bool) -> Vec<Value> {
    let mut changes = plan["changes"].as_array().unwrap().clone();
    for change in &mut changes {
        for name in ["id", "digest", "precondition"] {
            change.as_object_mut().unwrap().remove(name);
        }
        if !strict {
            change.as_object_mut().unwrap().remove("name");
            for attribute in change["attributes"].as_array_mut().unwrap() {
                attribute.as_object_mut().unwrap().remove("before");
            }
        }
        for side in ["add", "remove"] {
            for member in change["members"][side].as_array_mut().into_iter().flatten() {
                member.as_object_mut().unwrap().remove("id");
                if !strict {
                    member.as_object_mut().unwrap().remove("name");
                }
            }
        }
    }
    changes
}

#[test]
fn files_that_did_not_change_differ_in_nothing_whatever_the_profile() {
    laws::each_profile(|name| {
        let needs = Needs::of(&profile::builtin(name).unwrap());
        laws::hold(name, 2, &cases::case(&needs), |case: Case| {
            let world = World::new("https://app.acme.example/scim/v2", name, &needs);
            let directory = case.directories.first().unwrap();
            world.declare(directory);
            commit(world.repo.path(), "same");
            let diff = world.diff().map_err(TestCaseError::fail)?;
            if diff["changes"] != json!([]) || diff["errors"] != json!([]) {
                return Err(TestCaseError::fail(format!("{diff:#}")));
            }
            Ok(())
        });
    });
}

/// Compares with a plan after an apply of the former files, to an embedded server of the profile.
fn agrees(name: &str, cases: u32, strict: bool) {
    let mut profile = profile::builtin(name).unwrap().as_ref().clone();
    profile.capabilities.rates.clear();
    let (profile, needs) = (Arc::new(profile), Needs::of(&profile::builtin(name).unwrap()));
    let changes = std::cell::Cell::new(0);
    laws::hold(name, cases, &cases::case(&needs), |case: Case| {
        let [before, after] = case.directories.as_slice() else { return Err(TestCaseError::reject("one directory")) };
        let server =
            Server::with(Options { profile: Some(Arc::clone(&profile)), auth_header: None, ..Options::default() });
        let world = World::new(server.url(), name, &needs);
        // Whoever has no access now had it once: otherwise nothing would be there.
        let mut once = before.clone();
        for user in once["users"].as_object_mut().unwrap().values_mut() {
            user.as_object_mut().unwrap().remove("active");
        }
        for directory in [&once, before] {
            world.declare(directory);
            let applied = world.repo.apply();
            if applied.code != 0 {
                return Err(TestCaseError::fail(applied.said()));
            }
        }
        commit(world.repo.path(), "before");
        world.declare(after);
        let (plan, diff) = (world.repo.plan(), world.diff().map_err(TestCaseError::fail)?);
        changes.set(changes.get() + plan["changes"].as_array().unwrap().len());
        let (planned, told) = (meaning(&plan, strict), meaning(&diff, strict));
        if planned != told {
            let text = |side: &[Value]| format!("{:#}", json!(side));
            return Err(TestCaseError::fail(format!("plan: {}\ndiff: {}", text(&planned), text(&told))));
        }
        Ok(())
    });
    assert!(changes.get() > cases as usize, "{name}: the cases are too tame: {}", changes.get());
}

#[test]
fn a_diff_says_what_a_plan_says_after_the_former_files_were_applied() {
    agrees("generic", 3, true);
}

#[test]
fn where_the_vendor_makes_names_of_its_own_those_alone_differ() {
    for name in ["lattice", "jumpcloud", "slack", "sentry"] {
        agrees(name, 2, false);
    }
}
