use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::{Ran, Repo};

/// The value of `TOKEN`, `OTHER_TOKEN` and every other secret here.
pub const SECRETS: [&str; 4] = ["secret-token", "other-s3cret", "first-passw0rd", "filed-s3cret"];

/// A listener of the attacker's, which takes every connection and counts it.
pub struct Attacker {
    pub port: u16,
    taken: Arc<AtomicUsize>,
}

impl Attacker {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(AtomicUsize::new(0));
        let count = taken.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Self { port, taken }
    }

    /// Connections so far. What has connected by now is waited for.
    pub fn taken(&self) -> usize {
        // One connection of our own: those before it have been taken by the time that it is.
        let before = self.taken.load(Ordering::SeqCst);
        std::net::TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        while self.taken.load(Ordering::SeqCst) == before {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(5));
        self.taken.fetch_sub(1, Ordering::SeqCst) - 1
    }
}

/// One person, in a run as a CI has it: two tokens in the environment.
pub fn repo(root: &str) -> Repo {
    let bindings = "bindings:\n  everyone:\n    target: app\n    assign: { where: user.userName is defined }\n";
    let people = "users:\n  ada:\n    userName: ada@acme.example\n    displayName: Ada\n    name: { givenName: Ada, familyName: Test }\n    \
                  emails: [{ value: ada@acme.example, primary: true }]\n";
    Repo::new(&[("scimform.yaml", root), ("bindings.yaml", bindings), ("people.yaml", people)])
        .env("CI", "true")
        .env("OTHER_TOKEN", "other-s3cret")
        .env("FIRST_PASSWORD", "first-passw0rd")
}

/// A target called `app`.
pub fn app(facts: &str) -> String {
    format!("version: 1\ntargets:\n  app:\n{}", facts.lines().map(|line| format!("    {line}\n")).collect::<String>())
}

/// No secret is in what was printed.
#[track_caller]
pub fn silent(ran: &Ran) {
    for secret in SECRETS {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{secret} in:\n{}\n{}", ran.out, ran.err);
    }
}
