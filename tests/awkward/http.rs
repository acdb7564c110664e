//! Answers that are none, limits of rate, redirects, secrets that come back, and logins that end.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;

use crate::awkward::identity::{USERS, person, repo};
use crate::support::mock::Reply;
use crate::support::plan::actions;
use crate::support::scripted::Scripted;
use crate::support::{Repo, files, folder};

const TOKEN: &str = "secret-token";

fn ada(url: &str) -> Repo {
    repo(url, "", USERS, &person("ada", "ada@x.example"))
}

/// Everything that runs have left in the repository's own folder.
fn left_behind(repo: &Repo) -> String {
    files(repo.path()).into_values().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn t81_addresses_that_hold_a_secret_are_refused_or_not_shown() {
    let repo = ada("https://ada:hunter2@app.example.com/scim");
    let ran = repo.run(&["validate"]).expect(1);
    assert!(ran.said().contains("holds a login") && !ran.said().contains("hunter2"), "{}", ran.said());
    let ran = ada("https://app.example.com/scim?token=hunter2").run(&["validate"]).expect(1);
    assert!(ran.said().contains("secret in its query") && !ran.said().contains("hunter2"), "{}", ran.said());
    let server = Scripted::new(|_, _| Some(Reply::error(403, "", "no")));
    let repo = ada(&format!("{}?tenant=hunter2", server.url()));
    let ran = repo.run(&["-vv", "plan", "--out", "plan.json"]).expect(1);
    assert!(ran.said().contains("403") && !ran.said().contains("hunter2"), "{}", ran.said());
    assert!(server.seen().iter().all(|seen| seen.query.starts_with("tenant=hunter2")));
    std::fs::remove_file(repo.path().join("scimform.yaml")).unwrap();
    assert!(!left_behind(&repo).contains("hunter2"));
}

#[test]
fn t82_a_server_that_repeats_our_secrets_does_not_make_us_print_them() {
    let server = Scripted::new(|seen, _| {
        let login = seen.header("authorization").unwrap_or_default().to_owned();
        (seen.method == "POST").then(|| {
            let echo = format!("you sent {login} and {}", seen.body);
            Reply::error(400, "invalidValue", &echo).with("x-echo", login.clone())
        })
    });
    let repo = ada(server.url());
    repo.write(
        "mapping.yaml",
        "mappings:\n  own:\n    extends: generic\n    user:\n      password: user.custom.first\n",
    );
    repo.edit("bindings.yaml", "target: app\n", "target: app\n    mapping: own\n");
    repo.write("people.yaml", person("ada", "ada@x.example") + "    custom: { first: Hunter-2-secret }\n");
    repo.run(&["plan", "--out", "plan.json"]).expect(0);
    let ran = repo.run(&["-vv", "apply", "--auto-approve", "--format", "json"]).expect(4);
    assert!(ran.said().contains("you sent"), "{}", ran.said());
    assert!(server.writes()[0].body.contains("Hunter-2-secret"));
    std::fs::remove_file(repo.path().join("people.yaml")).unwrap();
    for text in [ran.said(), left_behind(&repo)] {
        for secret in [TOKEN, "Hunter-2-secret"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[test]
fn t86_what_is_only_accepted_is_looked_at_until_it_is_there() {
    for done in [true, false] {
        let server = Scripted::new(move |seen, held| {
            (seen.method == "PUT").then(|| {
                if done {
                    held.answer(seen);
                }
                Reply::new(202, "")
            })
        });
        server.put("Users", "1", json!({"userName": "ada@x.example", "externalId": "ada"}));
        let repo = repo(server.url(), "", USERS, &(person("ada", "ada@x.example") + "    title: x\n"));
        let ran = repo.apply().expect(if done { 0 } else { 4 });
        assert_eq!(ran.out.contains("did not converge"), !done, "{}", ran.out);
        assert_eq!(actions(&repo.plan()).is_empty(), done);
    }
}

/// `openssl` in a folder.
#[cfg(target_os = "linux")]
fn openssl(folder: &std::path::Path, arguments: &str) -> std::process::Command {
    let mut command = std::process::Command::new("openssl");
    command.current_dir(folder).args(arguments.split(' ')).stdin(std::process::Stdio::null());
    command
}

/// A server with a certificate for this name; its authority's certificate is `ca.pem` in the folder.
#[cfg(target_os = "linux")]
fn with_tls(folder: &std::path::Path, name: &str, days: &str) -> (std::process::Child, u16) {
    std::fs::write(folder.join("name"), format!("subjectAltName={name}\nbasicConstraints=CA:FALSE\n")).unwrap();
    for step in [
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 30",
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.csr -subj /CN=own",
        &format!(
            "x509 -req -in own.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out own.pem -extfile name -days {days}"
        ),
    ] {
        let output = openssl(folder, step).output().expect("this test needs openssl");
        assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serve = format!("s_server -accept 127.0.0.1:{port} -cert own.pem -key own.key -www -quiet");
    let quiet = std::process::Stdio::null;
    let child = openssl(folder, &serve).stdout(quiet()).stderr(quiet()).spawn().unwrap();
    let is_up = |_| {
        std::thread::sleep(Duration::from_millis(20));
        std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
    };
    assert!((0..500).any(is_up), "openssl does not serve");
    (child, port)
}

#[cfg(target_os = "linux")]
#[test]
fn t90_certificates_are_checked_and_an_authority_of_ones_own_can_be_given() {
    let folder = folder();
    // A name that is right, another's name, and a day that is over.
    for (name, days, trusted) in
        [("IP:127.0.0.1", "5", true), ("DNS:other.example", "5", false), ("IP:127.0.0.1", "-1", false)]
    {
        let (mut server, port) = with_tls(folder.path(), name, days);
        let url = format!("https://127.0.0.1:{port}/scim/v2");
        let strange = ada(&url).run(&["plan"]);
        let authority = folder.path().join("ca.pem").display().to_string();
        let known = ada(&url).env("SSL_CERT_FILE", &authority).run(&["plan"]);
        server.kill().unwrap();
        server.wait().unwrap();
        strange.expect(1);
        let known = known.expect(1);
        assert_eq!(known.said().contains("web page"), trusted, "{name} {days}: {}", known.said());
        assert_eq!(known.said().contains("ertificate"), !trusted, "{name} {days}: {}", known.said());
    }
}

/// A server on this address that answers every list by nobody; gives its port and the first lines of the requests.
fn nobody(address: &str) -> (u16, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind((address, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).unwrap_or(0);
            let head = String::from_utf8_lossy(&buffer[..count]).lines().next().unwrap_or_default().to_owned();
            let _ = sender.send(head);
            let body = "{\"totalResults\":0,\"Resources\":[]}";
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            let _ = stream.write_all(head.as_bytes());
        }
    });
    (port, receiver)
}

#[test]
fn t91_addresses_of_every_form_are_joined() {
    let server = Scripted::new(|seen, held| {
        let mut inner = seen.clone();
        inner.path = seen.path.replace("/a%20b/v2", "/scim/v2");
        Some(held.answer(&inner))
    });
    for (base, query) in
        [("/a%20b/v2", ""), ("/a%20b/v2/", ""), ("/a%20b/v2/?flag", "flag"), ("/a%20b/v2?x=1&y=%2F", "x=1&y=%2F")]
    {
        let before = server.seen().len();
        assert_eq!(actions(&ada(&format!("{}{base}", server.origin())).plan()), ["create ada"], "{base}");
        for seen in &server.seen()[before..] {
            assert!(seen.path.starts_with("/a%20b/v2/") && !seen.path.contains("//"), "{}", seen.path);
            assert!(seen.query.starts_with(query), "{}", seen.query);
        }
    }
}

#[test]
#[ignore = "needs IPv6: see .ci/run"]
fn t91_an_address_of_ipv6_is_one() {
    let (port, _) = nobody("::1");
    assert_eq!(actions(&ada(&format!("http://[::1]:{port}/scim/v2")).plan()), ["create ada"]);
}

#[test]
fn t91_a_proxy_is_used_where_the_environment_names_one() {
    let (port, seen) = nobody("127.0.0.1");
    let repo = ada("https://scim.acme.invalid/scim/v2").env("HTTPS_PROXY", &format!("http://127.0.0.1:{port}"));
    repo.run(&["plan"]).expect(1);
    assert_eq!(seen.try_iter().next().unwrap(), "CONNECT scim.acme.invalid:443 HTTP/1.1");
    while seen.recv_timeout(Duration::from_millis(200)).is_ok() {}
    let direct = repo.env("NO_PROXY", "acme.invalid");
    direct.run(&["plan"]).expect(1);
    assert_eq!(seen.try_iter().count(), 0);
}
