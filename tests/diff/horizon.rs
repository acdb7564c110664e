//! What time alone changes.

use serde_json::{Value, json};

use crate::diff::clone_with;
use crate::support::Repo;
use crate::support::git::commit;

const PEOPLE: &str = "users:
  ada: { userName: ada, displayName: Ada, starts: 2026-12-01 }
  bob: { userName: bob, displayName: Bob, ends: 2026-12-15 }
  cy: { userName: cy, displayName: Cy }
  dee: { userName: dee, displayName: Dee, starts: 2027-06-01 }
groups:
  all:
    displayName: All
    members: [ada, bob, { user: cy, until: 2026-12-03 }, dee]
";

fn world() -> Repo {
    let repo = clone_with(&[]);
    repo.write("people.yaml", PEOPLE);
    repo.edit("scimform.yaml", "    auth:", "    expires: 2026-12-24\n    auth:");
    commit(repo.path(), "dates");
    repo
}

fn told(horizon: &Value) -> Vec<String> {
    let events = horizon["events"].as_array().unwrap().iter();
    events
        .map(|event| {
            let text = |name: &str| event[name].as_str().unwrap_or("-");
            let groups = |name: &str| event.get(name).map(ToString::to_string).unwrap_or_default();
            let (gains, loses) = (groups("gains"), groups("loses"));
            format!("{} {} {} +{gains} -{loses} {}", text("date"), text("key"), text("account"), text("because"))
        })
        .collect()
}

#[test]
fn events_come_by_day_with_their_cause_and_place() {
    let repo = world();
    let ran = repo.run(&["diff", "--as-of", "2026-11-22", "--horizon", "5w", "--format", "json"]).expect(0);
    let plan = ran.json();
    assert_eq!(plan["horizon"]["until"], json!("2026-12-27"));
    assert_eq!(
        told(&plan["horizon"]),
        [
            r#"2026-12-01 ada gained +["All"] - begins 2026-12-01"#,
            r#"2026-12-04 cy - + -["All"] membership ended 2026-12-03"#,
            r#"2026-12-16 bob lost + -["All"] ended 2026-12-15"#,
            "2026-12-24 - - + - the last day of the token",
        ]
    );
    assert_eq!(plan["horizon"]["events"][0]["origin"], json!({"file": "people.yaml", "line": 2}));
    let human = repo.run(&["diff", "--as-of", "2026-11-22", "--horizon", "35"]).expect(0).out;
    assert!(
        human.contains("2026-12-01  Ada (ada) gains an account at app") && human.contains("people.yaml:2"),
        "{human}"
    );
    assert!(human.contains("the last day of the token"), "{human}");
    let markdown = ["diff", "--as-of", "2026-11-22", "--horizon", "35d", "--format", "markdown"];
    let markdown = repo.run(&markdown).expect(0).out;
    assert!(markdown.contains("What time alone changes until 2026-12-27"), "{markdown}");
    assert!(markdown.contains("- 2026-12-16: <b>Bob</b> (`bob`) loses the account at app"), "{markdown}");
}

#[test]
fn it_says_what_a_plan_of_the_day_would_and_counts_for_no_digest() {
    let repo = world();
    let plan = |more: &[&str]| {
        let arguments = [&["plan", "--sandbox", "--format", "json"], more].concat();
        repo.run(&arguments).expect(0).json()
    };
    let (without, with) = (plan(&["--as-of", "2026-11-22"]), plan(&["--as-of", "2026-11-22", "--horizon", "30d"]));
    assert_eq!(without["digest"], with["digest"]);
    assert!(without.get("horizon").is_none());
    // Once today's is applied, the plan of a day is what was foretold for it.
    repo.run(&["apply", "--sandbox", "--auto-approve", "--as-of", "2026-11-22"]).expect(0);
    let events = told(&with["horizon"]);
    assert!(events.iter().any(|event| event.starts_with("2026-12-01 ada gained")), "{events:?}");
    for (day, key, action) in [("2026-11-30", None, ""), ("2026-12-01", Some("ada"), "create")] {
        let changes = plan(&["--as-of", day])["targets"][0]["changes"].clone();
        let first = changes.as_array().unwrap().first().cloned();
        assert_eq!(first.as_ref().and_then(|change| change["key"].as_str()), key, "{day}");
        assert!(first.is_none_or(|change| change["action"] == json!(action)));
    }
}

#[test]
fn a_leaver_is_deleted_when_the_days_are_over() {
    let repo = world();
    repo.edit("scimform.yaml", "    expires", "    onRemove: { users: deactivate, deleteAfter: 30 }\n    expires");
    repo.run(&["apply", "--sandbox", "--auto-approve", "--as-of", "2026-11-20"]).expect(0);
    repo.edit("people.yaml", "  cy: { userName: cy, displayName: Cy }\n", "");
    repo.edit("people.yaml", "{ user: cy, until: 2026-12-03 }, ", "");
    repo.run(&["apply", "--sandbox", "--auto-approve", "--as-of", "2026-11-22"]).expect(0);
    let plan = ["plan", "--sandbox", "--as-of", "2026-11-23", "--horizon", "30d", "--format", "json"];
    let plan = repo.run(&plan).expect(0).json();
    let events = plan["horizon"]["events"].as_array().unwrap();
    let gone = events.iter().find(|event| event["key"] == json!("cy")).unwrap_or_else(|| panic!("{events:#?}"));
    assert_eq!((&gone["date"], &gone["action"]), (&json!("2026-12-22"), &json!("delete")));
}

#[test]
fn dates_of_people_are_withheld_and_a_horizon_is_a_number_of_days() {
    let repo = world();
    for redact in ["values", "names"] {
        let arguments = ["--as-of", "2026-11-22", "--horizon", "30d", "--format", "json", "--redact", redact];
        let plan = repo.run(&[&["diff"][..], &arguments].concat()).expect(0).json();
        assert_eq!(plan["horizon"]["withheld"], json!(3), "{redact}");
        assert!(!plan["horizon"].to_string().contains("ada"));
    }
    for wrong in ["0", "soon", "-3", "30m", "99999999w"] {
        let ran = repo.run(&["diff", &format!("--horizon={wrong}")]).expect(64);
        assert!(ran.err.contains("write it as 30d, 4w or 90"), "{}", ran.err);
    }
}
