//! What people write in YAML, and plans that have grown old.

use crate::awkward::identity::{USERS, repo};
use crate::support::BINDINGS;
use crate::support::plan::settled;
use crate::support::scripted::Scripted;

#[test]
fn t96_words_that_look_like_something_else_stay_text() {
    let server = Scripted::plain();
    let people = "users:\n  \"0123\": { userName: \"0123\", title: \"1e3\", nickName: 12:30, displayName: \"no\" }\n  1e3: { userName: 1e3@x.example, title: 1_000, employeeNumber: \"007\" }\n";
    let repo = repo(server.url(), "", USERS, people);
    repo.apply().expect(0);
    let users = server.all("Users");
    let of = |key: &str| users.iter().find(|user| user["externalId"] == key).unwrap_or_else(|| panic!("{users:#?}"));
    let ada = of("0123");
    assert_eq!(
        [&ada["userName"], &ada["title"], &ada["nickName"], &ada["displayName"]],
        ["0123", "1e3", "12:30", "no"]
    );
    assert_eq!(of("1e3")["title"], "1_000");
    assert_eq!(of("1e3")[crate::awkward::attributes::ENTERPRISE]["employeeNumber"], "007");
    settled(&repo);
}

#[test]
fn t97_an_empty_group_is_a_group() {
    let server = Scripted::plain();
    let people = "users:\n  ada: { userName: ada@x.example }\ngroups:\n  all: { displayName: All, members: [] }\n";
    let repo = repo(server.url(), "", BINDINGS, people);
    repo.apply().expect(0);
    assert_eq!(server.all("Groups").len(), 1);
    settled(&repo);
}
