//! What a public log may show.

use crate::support::{BINDINGS, Ran, Repo, Server, target};

/// Words that name people or are values of theirs.
const NAMES: [&str; 4] = ["zada", "Zlovelace", "zgrace", "zlinus"];
const VALUES: [&str; 3] = ["Zengineer", "Zprincipal", "zroom"];

const PEOPLE: &str = "users:
  zada: { userName: zada@acme.example, name: { givenName: Zlovelace }, title: Zengineer }
  zgrace: { userName: zgrace@acme.example, title: Zengineer, manager: zada }
groups:
  all: { displayName: All, members: [zada, zgrace] }
policies:
  - { name: no rooms, on: user, deny: user.title == 'Zroom', message: zroom is no title of zada }
";

fn shows(ran: &Ran, word: &str) -> bool {
    ran.out.to_lowercase().contains(&word.to_lowercase()) || ran.err.to_lowercase().contains(&word.to_lowercase())
}

#[track_caller]
fn withholds(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(!shows(ran, word), "{word} in:\n{}\n{}", ran.out, ran.err);
    }
}

fn repo(server: &Server) -> Repo {
    let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", "")), ("bindings.yaml", BINDINGS)]);
    repo.write("people/zada.yaml", PEOPLE);
    repo
}

#[test]
fn every_format_of_a_plan_withholds_what_it_was_asked_to() {
    let server = Server::start();
    let repo = repo(&server);
    for first in [true, false] {
        let digest = repo.run(&["plan", "--format", "json"]).json()["digest"].as_str().unwrap().to_owned();
        for format in ["human", "markdown", "html", "json"] {
            let plan = |level: &str| repo.run(&["plan", "-v", "--redact", level, "--format", format]).expect(0);
            let (values, names) = (plan("values"), plan("names"));
            withholds(&values, &VALUES);
            withholds(&names, &VALUES);
            withholds(&names, &NAMES);
            assert!(shows(&values, "zada"), "{}", values.out);
            assert!(shows(&names, "All") && shows(&names, "user-") && shows(&names, &digest), "{}", names.out);
        }
        if first {
            repo.apply().expect(0);
            repo.edit("people/zada.yaml", "title: Zengineer }", "title: Zprincipal }");
            repo.edit("people/zada.yaml", "members: [zada, zgrace]", "members: [zada]");
        }
    }
}

#[test]
fn an_apply_withholds_names_in_its_plan_its_progress_and_its_report() {
    let server = Server::start();
    let repo = repo(&server);
    for format in ["human", "json"] {
        server.fault("500,on=POST");
        let ran = repo.run(&["apply", "--auto-approve", "-vv", "--redact", "names", "--format", format]).expect(4);
        withholds(&ran, &NAMES);
        withholds(&ran, &VALUES);
        assert!(shows(&ran, "user-"), "{} {}", ran.out, ran.err);
        server.heal();
    }
    let ran = repo.run(&["apply", "--auto-approve", "--redact", "names"]).expect(0);
    withholds(&ran, &NAMES);
}

#[test]
fn the_file_of_a_redacted_plan_is_whole_and_what_is_left_of_it_is_withheld_too() {
    let server = Server::start();
    let repo = repo(&server);
    let ran = repo.run(&["plan", "--redact", "names", "--out", "reviewed.json"]).expect(0);
    withholds(&ran, &NAMES);
    repo.write("more.yaml", "users:\n  zlinus: { userName: zlinus@acme.example, title: Zprincipal }\n");
    let ran = repo.run(&["apply", "reviewed.json", "--redact", "names"]).expect(4);
    assert!(ran.out.contains("left app: create user user-"), "{}", ran.out);
    withholds(&ran, &NAMES);
    withholds(&ran, &VALUES);
    assert_eq!(server.list("Users").len(), 2);
}

#[test]
fn refusals_and_mistakes_in_files_name_nobody() {
    let server = Server::start();
    let repo = repo(&server);
    repo.edit("people/zada.yaml", "title: Zengineer }", "title: Zroom }");
    for format in ["human", "markdown", "json"] {
        let ran = repo.run(&["plan", "--redact", "names", "--format", format]).expect(3);
        withholds(&ran, &NAMES);
        withholds(&ran, &VALUES);
    }
    withholds(&repo.run(&["plan", "--redact", "names", "--only", "zgracy"]).expect(64), &NAMES[..3]);
    repo.edit("people/zada.yaml", "manager: zada", "manager: zadaa");
    let ran = repo.run(&["plan", "-v", "--redact", "names"]).expect(1);
    withholds(&ran, &NAMES);
    assert!(ran.err.contains("1 error"), "{}", ran.err);
}
