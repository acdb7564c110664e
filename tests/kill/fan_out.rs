//! Many runners that share one repository and its ledger, each at targets of its own; some die and are replaced.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::Repo;

const PEOPLE: [&str; 4] = ["ada", "grace", "linus", "margaret"];

fn repository(count: usize) -> Repo {
    let repo = Repo::new(&[]);
    repo.people(&PEOPLE);
    let (mut targets, mut bindings) = ("version: 1\ntargets:\n".to_owned(), "bindings:\n".to_owned());
    for number in 0..count {
        writeln!(targets, "  t{number}: {{ profile: generic, url: 'https://t{number}.example.com/scim/v2' }}").unwrap();
        writeln!(bindings, "  b{number}: {{ target: t{number}, assign: {{ where: 'true' }} }}").unwrap();
    }
    repo.write("scimform.yaml", targets);
    repo.write("bindings.yaml", bindings);
    repo
}

fn runner(repo: &Repo, number: usize) -> Child {
    let target = format!("t{number}");
    let mut apply = repo.command(&["apply", "--sandbox", "--auto-approve", "--target", &target]);
    apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Applies at all targets, so many at a time; each runner that is killed goes to the end of the queue again.
fn run(repo: &Repo, count: usize, runners: usize) -> usize {
    let queue: Mutex<VecDeque<(usize, bool)>> = Mutex::new((0..count).map(|number| (number, false)).collect());
    let killed = AtomicUsize::new(0);
    let work = || {
        while let Some((number, again)) = { queue.lock().unwrap().pop_front() } {
            let mut child = runner(repo, number);
            if number % 5 == 0 && !again {
                // At another moment for each, from the first read to the last save.
                std::thread::sleep(Duration::from_millis(40 + 6 * number as u64));
                child.kill().unwrap();
            }
            let ended = child.wait().unwrap();
            if ended.code().is_none() {
                killed.fetch_add(1, Ordering::Relaxed);
                queue.lock().unwrap().push_back((number, true));
            } else {
                assert!(ended.success(), "t{number}: {ended}");
            }
        }
    };
    std::thread::scope(|scope| (0..runners).for_each(|_| drop(scope.spawn(work))));
    killed.into_inner()
}

#[test]
fn runners_at_different_targets_go_on_side_by_side_and_a_dead_one_is_replaced() {
    for (runners, targets) in [(2, 16), (8, 50)] {
        let repo = repository(targets);
        let killed = run(&repo, targets, runners);
        assert!(killed > 0, "none of {runners} runners was killed in time");
        let plan = repo.run(&["plan", "--sandbox"]).expect(0);
        assert!(plan.out.contains("All targets are as declared") && !plan.out.contains("unmanaged"), "{}", plan.out);
        let list = repo.run(&["ledger", "list", "--sandbox"]).expect(0);
        assert_eq!(list.out.matches("user").count(), targets * PEOPLE.len(), "{}", list.out);
    }
}
