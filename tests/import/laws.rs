//! For every profile, over random tenants: an import of all gives valid files and an empty plan, and a second one the same
//! bytes.

use std::cell::Cell;

use proptest::test_runner::TestCaseError;
use scimform::profile;

use crate::convergence::cases::{self, Case};
use crate::convergence::needs::Needs;
use crate::convergence::world::World;
use crate::import::tenant::{empty, is_adopted, yaml};
use crate::support::laws;

/// How many were seen, declared and managed.
fn adopts(name: &str, case: &Case) -> Result<[u64; 3], String> {
    let profile = profile::builtin(name).unwrap();
    let needs = Needs::of(&profile);
    let world = World::of(&profile, &needs, case);
    // One repository makes people there, and another one takes over what it finds.
    world.converge(&case.directories[0])?;
    let server = world.vendor();
    let repo = empty(&server, name);
    let before = server.writes();
    let ran = repo.run(&["import", "app", "--all", "--format", "json"]);
    if !profile.capabilities.synthetic.is_empty() {
        // Nobody can be listed there, and that is said.
        let report = ran.expect(1).json();
        return if report["complete"] == false { Ok([0; 3]) } else { Err(report.to_string()) };
    }
    if ran.code != 0 {
        return Err(format!("import ended with {}: {}{}", ran.code, ran.out, ran.err));
    }
    let report = ran.json();
    let shown = || {
        let people = std::fs::read_to_string(repo.path().join("users.yaml")).unwrap_or_default();
        let groups = std::fs::read_to_string(repo.path().join("groups.yaml")).unwrap_or_default();
        let bindings = std::fs::read_to_string(repo.path().join("bindings.yaml")).unwrap_or_default();
        format!("{}\n{people}\n{groups}\n{bindings}", ran.out)
    };
    let count = |of: &str| report["summary"][of].as_u64().unwrap();
    let managed = report["entries"].as_array().unwrap().iter().filter(|entry| entry["managed"] == true).count() as u64;
    let plan = is_adopted(&repo).map_err(|why| format!("{why}\n{}", shown()))?;
    if plan["summary"]["adopted"] != managed {
        return Err(format!("{managed} are said to be managed: {:#}\n{}", plan["summary"], shown()));
    }
    if count("differing") > 0 {
        return Err(format!("said to differ, and the plan is empty\n{}", shown()));
    }
    let first = yaml(repo.path());
    repo.run(&["import", "app", "--all"]).expect(0);
    if first != yaml(repo.path()) {
        return Err(format!("a second import changes files\n{}", shown()));
    }
    if server.writes() != before {
        return Err("an import wrote to the target".to_owned());
    }
    Ok([count("new"), count("written"), managed])
}

fn law(name: &str) {
    let profile = profile::builtin(name).unwrap();
    let sums = Cell::new([0; 3]);
    laws::hold(name, 3, &cases::case(&Needs::of(&profile)), |case: Case| {
        let [new, declared, kept] = adopts(name, &case).map_err(TestCaseError::fail)?;
        let [seen, written, managed] = sums.get();
        sums.set([seen + new, written + declared, managed + kept]);
        Ok(())
    });
    let [seen, written, managed] = sums.get();
    // Who can't be told apart, or lacks what the vendor asks for, is left; that is not to become the rule.
    let listed = profile.capabilities.synthetic.is_empty();
    assert_eq!(listed, seen > 0);
    assert!(written * 10 >= seen * 8, "{name}: {seen} {written}");
    // Whoever waits for a password is shown without access, and to be managed would be to be activated.
    assert!(profile.attributes.pending_until_password || managed * 10 >= seen * 6, "{name}: {seen} {managed}");
}

#[test]
fn an_import_of_all_adopts_for_every_profile() {
    laws::each_profile(law);
}
