//! Faults that stay for a whole apply. One fault at each request is in `harness`.

mod world;

use world::{Start, World};

#[test]
fn a_server_that_goes_on_lying_is_never_green() {
    let start = Start::new();
    let (_, wanted) = start.undisturbed();
    let lies = ["lie", "lie=title", "lie=members", "lie=active", "lie,on=PATCH"];
    for lie in lies {
        let (problems, code) = World::of(&start).play(lie, &wanted);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert!(code == 4, "{lie} ended with {code}");
    }
}

#[test]
fn a_list_that_shows_nothing_gives_nobody_up() {
    let start = Start::new();
    let (_, wanted) = start.undisturbed();
    for fault in ["empty,at=users", "empty,at=groups", "404,at=groups,on=GET", "empty"] {
        let (problems, code) = World::of(&start).play(fault, &wanted);
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert_ne!(code, 0, "{fault}");
    }
}
