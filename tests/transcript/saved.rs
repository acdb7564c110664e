//! A stale plan refused per object, and a mass removal refused and then allowed by its exact number.

use std::fmt::Write as _;

use crate::support::{BINDINGS, Repo, Server, target};

struct Teller {
    server: Server,
    repo: Repo,
    told: String,
}

impl Teller {
    fn new(people: &str, limits: &str) -> Self {
        let server = Server::start();
        let repo = Repo::new(&[("scimform.yaml", &target(server.url(), "generic", limits)), ("people.yaml", people)]);
        repo.write("bindings.yaml", BINDINGS.replace("    push: [all]\n", ""));
        repo.apply().expect(0);
        Self { server, repo, told: String::new() }
    }

    /// Something that happens, told as a comment.
    fn say(&mut self, text: &str) {
        let _ = writeln!(self.told, "# {text}");
    }

    fn run(&mut self, words: &str, code: i32) {
        let arguments: Vec<&str> = words.split(' ').collect();
        let ran = self.repo.run(&arguments).expect(code);
        let refused: String =
            if code == 3 { ran.err.lines().map(|line| format!("{line}\n")).collect() } else { String::new() };
        let out: String = crate::transcript::without_times(&ran.out)
            .lines()
            .map(|line| format!("{}\n", without_digest(line)))
            .collect();
        let _ = write!(self.told, "$ scimform {words}\n{out}{refused}$ echo $?\n{code}\n\n");
    }
}

/// Digests hang on the server's ids, which are random, and the day is that of the test.
fn without_digest(line: &str) -> &str {
    if line.starts_with("as of ") { "as of …, digest …" } else { line }
}

fn stale() -> String {
    let people = "users:\n  ada: { userName: ada@acme.example, title: Engineer }\n  grace: { userName: grace@acme.example, title: Engineer }\n";
    let mut teller = Teller::new(people, "");
    teller.say("Ada and Grace are to be Principals. The plan is saved and reviewed.");
    teller.repo.write("people.yaml", people.replace("Engineer", "Principal"));
    teller.run("plan --out reviewed.json", 0);
    teller.say("Meanwhile somebody makes Ada a Director at the target, and another merge brings Linus in.");
    teller.server.set("ada", "title", "Director");
    let more = people.replace("Engineer", "Principal") + "  linus: { userName: linus@acme.example }\n";
    teller.repo.write("people.yaml", more);
    teller.run("apply reviewed.json", 4);
    teller.told
}

fn leavers() -> String {
    let people = |keys: &[&str]| {
        let each: String = keys.iter().map(|key| format!("  {key}: {{ userName: {key}@acme.example }}\n")).collect();
        format!("users:\n{each}")
    };
    let all = people(&["ada", "grace", "linus", "nadia", "oscar", "priya"]);
    let mut teller = Teller::new(&all, "    limits: { removals: { count: 3 } }\n");
    teller.say("Four of six people are taken out of the files; the limit of removals is three.");
    teller.repo.write("people.yaml", people(&["ada", "grace"]));
    teller.run("plan --out leavers.json", 3);
    teller.run("apply leavers.json --confirm-removals 3", 3);
    teller.run("apply leavers.json --confirm-removals 4", 0);
    teller.told
}

pub fn story() -> String {
    format!("{}{}", stale(), leavers().trim_end()) + "\n"
}
