//! The first line of a comment, whatever became of the plan.

use scimform::plan::{Mode, Person, PersonAtTarget, Plan, Redactor, TargetPlan};
use scimform::render::comment::Comment;
use scimform::render::plan::markdown;

use crate::review::any_plan::Parts;
use crate::review::screen::Screen;

/// A plan of two targets, at which `people` and `changes` of each are.
fn plan(people: usize, changes: usize) -> Plan {
    let names = vec!["Ada Lovelace".to_owned()];
    Parts { names: &names, targets: 2, people, changes, problems: 0, reversed: false }.plan()
}

fn with(mut plan: Plan, change: impl Fn(&mut TargetPlan)) -> Plan {
    plan.targets[0].name = "app".into();
    change(&mut plan.targets[0]);
    plan
}

fn verdict(plan: &Plan) -> String {
    let page = markdown(plan, &Comment::default());
    assert!(page.contains("| target |"), "{page}");
    Screen::first(&page).verdict()
}

#[test]
fn a_plan_says_first_what_is_wrong_with_it() {
    assert_eq!(verdict(&plan(0, 0)), "scimform plan: no changes");
    let adopted = with(plan(0, 0), |app| app.summary.adopted = 3);
    assert_eq!(verdict(&adopted), "scimform plan: no changes, 3 resources adopted");
    let failed = with(plan(0, 0), |app| app.failed = Some("connection refused".into()));
    assert_eq!(verdict(&failed), "scimform plan: could not read app. Nothing else is known to change");
    let page = markdown(&failed, &Comment::default());
    assert!(
        page.contains("**app could not be read**: connection refused")
            && page.contains("| app: **could not be read** |")
    );

    // By fives: one loses a group, one gains an account, one loses and gains, one loses an account, one changes details.
    let part = with(plan(5, 0), |app| {
        app.read.complete = false;
        app.read.incomplete_because = Some("users: 3 are missing".into());
    });
    let told =
        "read only in part: app. 3 people lose access (1 privileged), 1 other gains access, 1 more changes details";
    assert_eq!(verdict(&part), format!("scimform plan: {told}"));
    assert!(markdown(&part, &Comment::default()).contains("so nothing is removed there: users: 3 are missing"));
    let held = with(plan(0, 0), |app| app.read.unconfirmed = 2);
    assert_eq!(verdict(&held), "scimform plan: 2 removals held back at app. No changes");
}

#[test]
fn a_plan_that_is_not_made_is_told_so() {
    let read_only = with(plan(0, 3), |app| app.mode = Mode::ReadOnly);
    let page = markdown(&read_only, &Comment::default());
    assert!(page.contains("app: read only, nothing is written") && page.contains("3 changes, not made"), "{page}");
    let mut disabled = plan(0, 0);
    disabled.targets.iter_mut().for_each(|target| target.mode = Mode::Disabled);
    assert_eq!(verdict(&disabled), "scimform plan: no changes, every target is disabled");
    let sandbox = Plan { sandbox: true, ..plan(0, 0) };
    assert_eq!(verdict(&sandbox), "scimform plan (sandbox): no changes");
}

#[test]
fn what_is_withheld_is_in_no_part_of_the_page() {
    let at = PersonAtTarget { target: "app".into(), loses: vec!["Staff".into()], ..PersonAtTarget::default() };
    let who = Person { key: "grace".into(), name: "Grace Hopper".into(), stranger: true, targets: vec![at] };
    let whole = Plan { people: vec![who], ..plan(0, 10) };
    let redactor = Redactor::new(scimform::plan::Redaction::Names, &scimform::ledger::Hasher::new("00"));
    let page = markdown(&redactor.plan(&whole), &Comment::default());
    for secret in ["Grace", "grace", "people/"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    assert!(page.contains("<b>loses Staff at app</b>") && page.contains("values and names are withheld"), "{page}");
}
