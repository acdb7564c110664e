//! What a pull request may write, and that none of it gets a token out.

use crate::pins::world::{Attacker, app, repo, silent};
use crate::support::Repo;
use crate::support::scripted::Scripted;

/// One change of the files.
struct Attack {
    name: &'static str,
    /// `scimform.yaml`; `GOOD` and `EVIL` are ports.
    root: String,
    /// What the refusal names.
    says: &'static [&'static str],
}

fn attack(name: &'static str, root: impl Into<String>, says: &'static [&'static str]) -> Attack {
    Attack { name, root: root.into(), says }
}

fn generic(rest: &str) -> String {
    app(&format!("profile: generic\n{rest}"))
}

const LOGIN: &str = "auth: { bearer: { env: TOKEN } }";
const OAUTH: &str =
    "auth: { oauth2: { tokenUrl: \"http://127.0.0.1:EVIL/token\", clientId: us, clientSecret: { env: TOKEN } } }";

/// What is refused before anything is looked up, by a message that names target, host, line and way out.
fn refused() -> Vec<Attack> {
    let at = |host: &str| generic(&format!("url: http://{host}/scim/v2\n{LOGIN}"));
    let own = |base: &str, fact: &str| {
        format!("{}profiles:\n  own:\n    extends: {base}\n    {fact}\n", app(&format!("profile: own\n{LOGIN}")))
    };
    let evil: &[&str] = &["`app`", "127.0.0.1:EVIL", "scimform.yaml:5", "SCIMFORM_ALLOWED_HOSTS=TOKEN=127.0.0.1:EVIL"];
    vec![
        attack("another port of an allowed host", at("127.0.0.1:EVIL"), evil),
        attack("another name of this machine", at("localhost:EVIL"), &["localhost:EVIL"]),
        attack("the same in capitals", at("LOCALHOST:EVIL"), &["localhost:EVIL"]),
        attack("with a dot at the end", at("localhost.:EVIL"), &["localhost.:EVIL"]),
        attack("as one number", at("2130706433:EVIL"), evil),
        attack("in hexadecimal", at("0x7f.1:EVIL"), evil),
        attack("as IPv6", at("[::1]:EVIL"), &["[::1]:EVIL"]),
        attack("as IPv4 within IPv6", at("[::ffff:127.0.0.1]:EVIL"), &["[::ffff:7f00:1]:EVIL"]),
        attack("a backslash", at("127.0.0.1:EVIL\\\\@127.0.0.1:GOOD"), evil),
        attack("a dot of another script", at("127。0。0。1:EVIL"), evil),
        attack(
            "a key of one's own",
            generic("url: http://127.0.0.1:EVIL\nauth: { header: { name: x-api-key, value: { env: TOKEN } } }"),
            evil,
        ),
        attack(
            "a password",
            generic("url: http://127.0.0.1:EVIL\nauth: { basic: { username: us, password: { env: TOKEN } } }"),
            evil,
        ),
        attack(
            "no login, people's data alone",
            generic("url: http://127.0.0.1:EVIL"),
            &["127.0.0.1:EVIL", "SCIMFORM_ALLOWED_HOSTS=127.0.0.1:EVIL"],
        ),
        attack(
            "a profile of one's own",
            own("generic", "url: \"http://127.0.0.1:EVIL\""),
            &["127.0.0.1:EVIL", "scimform.yaml:3"],
        ),
        attack(
            "one that builds on a vendor's",
            own("slack", "url: \"http://127.0.0.1:EVIL\""),
            &["127.0.0.1:EVIL", "pins api.slack.com"],
        ),
        attack(
            "a vendor's profile elsewhere",
            app(&format!("profile: slack\nurl: http://127.0.0.1:EVIL\n{LOGIN}")),
            &["pins api.slack.com"],
        ),
        attack(
            "a vendor's other host",
            app(&format!("profile: slack\nurl: https://files.slack.com/scim\n{LOGIN}")),
            &["files.slack.com"],
        ),
        attack(
            "a tenant of the vendor's",
            app(&format!("profile: scalekit\nurl: https://evil.scalekit.com/scim\n{LOGIN}")),
            &["evil.scalekit.com"],
        ),
        attack(
            "a token endpoint",
            generic(&format!("url: http://127.0.0.1:GOOD/scim/v2\n{OAUTH}")),
            &["`tokenUrl`", "127.0.0.1:EVIL", "scimform.yaml:6"],
        ),
        attack(
            "an address behind a token endpoint",
            generic(&format!("url: http://127.0.0.1:EVIL\n{}", OAUTH.replace("EVIL", "GOOD"))),
            evil,
        ),
        attack(
            "a second target",
            format!(
                "{}  bad:\n    profile: generic\n    url: http://127.0.0.1:EVIL\n    {LOGIN}\n",
                generic(&format!("url: http://127.0.0.1:GOOD/scim/v2\n{LOGIN}"))
            ),
            &["`bad`", "scimform.yaml:9"],
        ),
        attack(
            "another target's token",
            generic("url: http://127.0.0.1:GOOD/scim/v2\nauth: { bearer: { env: OTHER_TOKEN } }"),
            &["`OTHER_TOKEN` is bound to other.example", "127.0.0.1:GOOD"],
        ),
        attack(
            "the same in small letters",
            generic("url: http://127.0.0.1:GOOD/scim/v2\nauth: { bearer: { env: other_token } }"),
            &["is bound to other.example"],
        ),
    ]
}

/// What no file may say at all.
fn invalid() -> Vec<Attack> {
    let at = |host: &str| generic(&format!("url: \"http://{host}/scim/v2\"\n{LOGIN}"));
    vec![
        attack("a login in the address", at("127.0.0.1@127.0.0.1:EVIL"), &["holds a login"]),
        attack("a port in the login", at("127.0.0.1:GOOD@127.0.0.1:EVIL"), &["holds a login"]),
        attack(
            "a login in the token endpoint",
            generic(&format!("url: http://127.0.0.1:GOOD\n{}", OAUTH.replace("//", "//127.0.0.1@"))),
            &["holds a secret"],
        ),
        attack(
            "an address as capability",
            generic(&format!(
                "url: http://127.0.0.1:GOOD\n{LOGIN}\ncapabilities: {{ url: \"http://127.0.0.1:EVIL\" }}"
            )),
            &["url"],
        ),
        attack(
            "a pin as capability",
            generic(&format!("url: http://127.0.0.1:EVIL\n{LOGIN}\ncapabilities: {{ hosts: [127.0.0.1] }}")),
            &["hosts"],
        ),
        attack(
            "a pin in a profile",
            format!(
                "{}profiles:\n  own: {{ hosts: [127.0.0.1] }}\n",
                app(&format!("profile: own\nurl: http://127.0.0.1:EVIL\n{LOGIN}"))
            ),
            &["hosts"],
        ),
        attack(
            "the vendor of a profile",
            format!(
                "{}profiles:\n  own: {{ vendor: slack }}\n",
                app(&format!("profile: own\nurl: https://api.slack.com\n{LOGIN}"))
            ),
            &["vendor"],
        ),
        attack(
            "a profile of a vendor's name",
            format!(
                "{}profiles:\n  slack: {{ url: \"http://127.0.0.1:EVIL\" }}\n",
                app(&format!("profile: slack\n{LOGIN}"))
            ),
            &["`slack` is the name of a profile"],
        ),
    ]
}

/// All commands go through one door: each attack is tried on `plan` and on one of the others.
const OTHERS: [&[&str]; 6] = [
    &["drift"],
    &["plan", "--rehearse"],
    &["apply", "--auto-approve", "--first-run"],
    &["probe", "app"],
    &["-vv", "plan"],
    &["probe", "app", "--write", "--auto-approve"],
];

/// Plays an attack.
fn play(number: usize, attack: &Attack, good: &Scripted, evil: &Attacker) {
    let port = good.origin().rsplit(':').next().unwrap().to_owned();
    let filled = |text: &str| text.replace("GOOD", &port).replace("EVIL", &evil.port.to_string());
    let repo = repo(&filled(&attack.root))
        .env("SCIMFORM_ALLOWED_HOSTS", &format!("127.0.0.1:{port},OTHER_TOKEN=other.example"));
    // An environment is not the repository's to set.
    repo.write(".env", format!("SCIMFORM_ALLOWED_HOSTS=127.0.0.1:{}\nCI=\n", evil.port));
    let other = OTHERS[if attack.root.contains("  bad:") { 2 } else { number % OTHERS.len() }];
    for words in [&["plan"], other] {
        let ran = repo.run(words).expect(1);
        silent(&ran);
        for part in attack.says {
            let part = filled(part);
            assert!(ran.err.contains(&part), "{} {words:?}: no `{part}` in:\n{}", attack.name, ran.err);
        }
        assert_eq!((evil.taken(), good.seen().len()), (0, 0), "{} {words:?}:\n{}", attack.name, ran.err);
        assert!(!repo.path().join(".scimform").exists(), "{}", attack.name);
    }
}

#[test]
fn no_change_of_the_files_brings_a_token_to_another_host() {
    let (good, evil) = (Scripted::plain(), Attacker::start());
    let attacks = refused();
    assert!(attacks.len() > 20);
    for (number, attack) in attacks.iter().enumerate() {
        play(number, attack, &good, &evil);
    }
}

#[test]
fn what_is_no_address_for_a_token_is_an_error_of_the_files() {
    let (good, evil) = (Scripted::plain(), Attacker::start());
    for (number, attack) in invalid().iter().enumerate() {
        play(number, attack, &good, &evil);
    }
}

#[test]
fn the_attackers_listener_is_there_and_without_pins_it_is_reached() {
    let evil = Attacker::start();
    let root = generic(&format!("url: http://127.0.0.1:{}/scim/v2\n{LOGIN}", evil.port));
    for off in ["", "false", "0"] {
        let repo = repo(&root).env("CI", off);
        repo.run(&["plan"]).expect(1);
    }
    assert!(evil.taken() >= 3);
}

#[test]
fn a_secret_for_a_host_that_is_not_allowed_is_not_even_looked_up() {
    let evil = Attacker::start();
    let repo = repo(&generic(&format!(
        "url: http://127.0.0.1:{}\nauth: {{ bearer: {{ command: [touch, looked-up] }} }}",
        evil.port
    )));
    let ran = repo.run(&["plan", "--allow-commands"]).expect(1);
    assert!(ran.err.contains("nobody was contacted"), "{}", ran.err);
    assert!(!repo.path().join("looked-up").exists());
    assert_eq!(evil.taken(), 0);
    // Nor is that of a target which is disabled; and what is not asked for is not judged.
    repo.edit("scimform.yaml", "    profile: generic", "    mode: disabled\n    profile: generic");
    repo.run(&["plan", "--allow-commands"]).expect(0);
    assert!(!repo.path().join("looked-up").exists());
}

#[test]
fn a_first_password_goes_where_its_variable_may_go() {
    let good = Scripted::plain();
    let root = generic(&format!("url: {}\n{LOGIN}", good.url()));
    let mapped = |repo: &Repo| {
        repo.edit("bindings.yaml", "    target: app\n", "    target: app\n    mapping: own\n");
        repo.write(
            "mapping.yaml",
            "mappings:\n  own:\n    extends: generic\n    user:\n      password: { secret: { env: FIRST_PASSWORD } }\n",
        );
    };
    for (allowed, sent) in [("FIRST_PASSWORD=elsewhere.example,127.0.0.1", false), ("127.0.0.1", true)] {
        let repo = repo(&root).env("SCIMFORM_ALLOWED_HOSTS", allowed);
        mapped(&repo);
        let ran = repo.run(&["apply", "--auto-approve", "--first-run"]).expect(if sent { 0 } else { 4 });
        silent(&ran);
        let all = ran.said();
        assert_eq!(all.contains("`FIRST_PASSWORD` is bound to elsewhere.example"), !sent, "{all}");
        let writes = good.writes();
        assert_eq!(writes.iter().any(|seen| seen.body.contains("first-passw0rd")), sent);
        assert_eq!(writes.is_empty(), !sent);
    }
}
