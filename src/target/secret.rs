//! Looks secrets up where the files say they are. Errors name the source, never the value.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};

use super::error::{ErrorKind, TargetError};
use super::pins::Permit;
use super::settings::{Credential, Login, ResolvedAuth};
use crate::directory::{Auth, Secret};

/// How long a command may take to print a secret.
const COMMAND_TIME: Duration = Duration::from_secs(30);

/// Longest secret that a command may print, in bytes.
const LONGEST: u64 = 1 << 20;

/// Gives the value of a secret.
pub trait SecretSource {
    /// The value, for the one target that the permit is for; an error of kind [`ErrorKind::Secret`] names where it was
    /// looked for, one of kind [`ErrorKind::Pinned`] says that it was not looked for.
    fn secret(&self, from: &Secret, permit: &Permit) -> Result<SecretString, TargetError>;
}

impl<F: Fn(&Secret) -> Result<SecretString, TargetError>> SecretSource for F {
    fn secret(&self, from: &Secret, permit: &Permit) -> Result<SecretString, TargetError> {
        permit.admits(from)?;
        self(from)
    }
}

/// Where secrets may be looked for beside the environment. What the files name may have been written by anyone.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Whether commands are run.
    pub commands: bool,
    /// The files that may be read, and the folders below which all may; any file where it is `None`.
    pub files: Option<Vec<PathBuf>>,
}

/// Looks in the environment, in files, and asks commands run in the repository root.
pub struct Lookup<E> {
    root: PathBuf,
    environment: E,
    sources: Sources,
    time: Duration,
}

impl<E: Fn(&str) -> Option<String>> Lookup<E> {
    /// A look-up below a repository root, with the edge's view of the environment.
    pub fn new(root: impl Into<PathBuf>, environment: E, sources: Sources) -> Self {
        Self { root: root.into(), environment, sources, time: COMMAND_TIME }
    }

    fn file(&self, path: &str) -> Result<String, Missing> {
        let unread = |error: std::io::Error| format!("can't be read: {}", error.kind());
        // Links and `..` are followed before it is judged, and what was judged is what is read.
        let path = self.root.join(path).canonicalize().map_err(unread)?;
        if let Some(allowed) = &self.sources.files {
            let below = |folder: &PathBuf| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder));
            if !allowed.iter().any(below) {
                return Err(Missing {
                    why: "is not looked at: SCIMFORM_ALLOWED_FILES does not name it, or a folder above it".to_owned(),
                    hint: Some(
                        "Where `CI` is set, set SCIMFORM_ALLOWED_FILES to the folder where scimform runs, or take the \
                         secret from the environment. docs/credentials.md tells why.",
                    ),
                });
            }
        }
        let bytes = std::fs::read(path).map_err(unread)?;
        String::from_utf8(bytes).map_err(|_| "is not text".to_owned().into())
    }

    fn command(&self, words: &[String]) -> Result<String, Missing> {
        if !self.sources.commands {
            return Err(Missing {
                why: "is not run without `--allow-commands`".to_owned(),
                hint: Some(
                    "Whoever can change the files can change the command. If you trust them as they are, give \
                     `--allow-commands` or set SCIMFORM_ALLOW_COMMANDS=1. docs/credentials.md tells more.",
                ),
            });
        }
        Ok(run(words, &self.root, self.time)?)
    }
}

impl<E: Fn(&str) -> Option<String>> SecretSource for Lookup<E> {
    fn secret(&self, from: &Secret, permit: &Permit) -> Result<SecretString, TargetError> {
        permit.admits(from)?;
        let found = match from {
            // Whoever has it can write a ledger that says whose account is whose.
            Secret::Env(name) if name.eq_ignore_ascii_case("SCIMFORM_LEDGER_KEY") => {
                Err("is the key of the ledger's seal, which is sent nowhere".to_owned().into())
            }
            Secret::Env(name) => (self.environment)(name).ok_or_else(|| "is not set".to_owned().into()),
            Secret::File(path) => self.file(path),
            Secret::Command(words) => self.command(words),
        };
        let text = found.map_err(|why| missing(from, why))?;
        let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if text.trim().is_empty() {
            return Err(missing(from, "is empty".to_owned().into()));
        }
        Ok(text.to_owned().into())
    }
}

/// Why there is no secret, and the way out where it is another than usual.
struct Missing {
    why: String,
    hint: Option<&'static str>,
}

impl From<String> for Missing {
    fn from(why: String) -> Self {
        Self { why, hint: None }
    }
}

fn missing(from: &Secret, missing: Missing) -> TargetError {
    let error = TargetError::new(ErrorKind::Secret, format!("the secret from {} {}", source_name(from), missing.why));
    match missing.hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// Where a secret comes from, in words.
pub fn source_name(from: &Secret) -> String {
    match from {
        Secret::Env(name) => format!("environment variable `{name}`"),
        Secret::File(path) => format!("file `{path}`"),
        // Arguments may hold what should not be shown.
        Secret::Command(words) => format!("command `{}`", words.first().map_or("", String::as_str)),
    }
}

fn run(words: &[String], root: &Path, time: Duration) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("names no program")?;
    let until = Instant::now() + time;
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| format!("can't be run: {}", error.kind()))?;
    let printed = printed(&mut child, until);
    let ended = printed.and_then(|bytes| Some((ended(&mut child, until)?, bytes)));
    let Some((status, bytes)) = ended else {
        // It may have ended by itself just now; what it started keeps running.
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!("did not print it within {} s", time.as_secs_f32()));
    };
    if !status.success() {
        return Err(match status.code() {
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        });
    }
    String::from_utf8(bytes).map_err(|_| "did not print text".to_owned())
}

/// All that a command prints; `None` where that takes too long.
fn printed(child: &mut Child, until: Instant) -> Option<Vec<u8>> {
    let out = child.stdout.take()?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before a read failed is judged like the rest, and nobody may be waiting any more.
        let _ = out.take(LONGEST).read_to_end(&mut bytes);
        let _ = send.send(bytes);
    });
    receive.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
}

/// How a command ended; `None` where that takes too long.
fn ended(child: &mut Child, until: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(2)),
            _ => return None,
        }
    }
}

/// What was copied along with a token. None holds white space (RFC 6750 section 2.1), so such a one can't be right.
fn slip(token: &str) -> Option<String> {
    let token = token.trim();
    let (first, rest) = token.split_once(char::is_whitespace)?;
    let scheme = ["bearer", "basic", "token", "authorization:"].iter().any(|word| first.eq_ignore_ascii_case(word));
    Some(if scheme && !rest.is_empty() {
        format!("begins with `{first} `, which is no part of a token")
    } else {
        "holds a space, which no token does".to_owned()
    })
}

/// Credentials in hand, from where the files say they are. The permit was given for them.
pub fn resolve(auth: Option<&Auth>, permit: &Permit, secrets: &dyn SecretSource) -> Result<ResolvedAuth, TargetError> {
    let Some(auth) = auth else { return Ok(ResolvedAuth::None) };
    permit.admits_login(auth.secret())?;
    let secret = secrets.secret(auth.secret(), permit)?;
    let credential = match auth {
        Auth::Bearer(from) => match slip(secret.expose_secret()) {
            Some(why) => {
                let error = missing(from, why.into());
                return Err(
                    error.with_hint("Set it to the token only: the word `Bearer` and a space are sent before it.")
                );
            }
            None => Credential::Bearer(secret),
        },
        Auth::Header { name, .. } => Credential::Header { name: name.clone(), value: secret },
        Auth::Basic { username, .. } => Credential::Basic { username: username.clone(), password: secret },
        Auth::OAuth2 { client_id, scopes, .. } => {
            Credential::OAuth2 { client_id: client_id.clone(), client_secret: secret, scopes: scopes.clone() }
        }
    };
    Ok(ResolvedAuth::Login(Login::new(credential, permit.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permit() -> Permit {
        let profile = crate::profile::builtin("generic").unwrap();
        crate::target::Pins::none().permit("https://app.example/scim", None, &profile).unwrap()
    }

    fn look(secret: &Secret, root: &Path) -> Result<String, String> {
        let environment = |name: &str| match name {
            "TOKEN" => Some("s3cret\n".to_owned()),
            "EMPTY" => Some("\n".to_owned()),
            _ => None,
        };
        let lookup = Lookup::new(root, environment, Sources { commands: true, files: None });
        let found = lookup.secret(secret, &permit());
        found.map(|value| value.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn one_trailing_line_break_goes() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("token"), "s3cret\r\n").unwrap();
        std::fs::write(root.path().join("two"), "s3cret\n\n").unwrap();
        let command = vec!["sh".to_owned(), "-c".to_owned(), "cat token".to_owned()];
        assert_eq!(look(&Secret::Env("TOKEN".into()), root.path()).unwrap(), "s3cret");
        assert_eq!(look(&Secret::File("token".into()), root.path()).unwrap(), "s3cret");
        assert_eq!(look(&Secret::File("two".into()), root.path()).unwrap(), "s3cret\n");
        assert_eq!(look(&Secret::Command(command), root.path()).unwrap(), "s3cret");
    }

    #[test]
    fn errors_name_the_source_and_not_the_value() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("binary"), [0xff, 0xfe]).unwrap();
        let script = vec!["sh".to_owned(), "-c".to_owned(), "echo hidden; exit 3".to_owned()];
        for (secret, expected) in [
            (Secret::Env("NONE".into()), "environment variable `NONE` is not set"),
            (Secret::Env("EMPTY".into()), "environment variable `EMPTY` is empty"),
            (
                Secret::Env("SCIMFORM_LEDGER_KEY".into()),
                "environment variable `SCIMFORM_LEDGER_KEY` is the key of the ledger's seal, which is sent nowhere",
            ),
            (Secret::File("none".into()), "file `none` can't be read: entity not found"),
            (Secret::File("binary".into()), "file `binary` is not text"),
            (Secret::Command(script), "command `sh` ended with exit code 3"),
            (Secret::Command(vec![]), "command `` names no program"),
        ] {
            assert_eq!(look(&secret, root.path()).unwrap_err(), format!("the secret from {expected}"));
        }
    }

    #[test]
    fn what_was_copied_along_with_a_token_is_named_and_the_token_is_not() {
        for (token, why) in [
            ("Bearer s3cret", "begins with `Bearer `, which is no part of a token"),
            ("Authorization: Bearer s3cret", "begins with `Authorization: `, which is no part of a token"),
            ("s3cret s3cret", "holds a space, which no token does"),
        ] {
            let source = |_: &Secret| Ok(token.to_owned().into());
            let error = resolve(Some(&Auth::Bearer(Secret::Env("TOKEN".into()))), &permit(), &source).err().unwrap();
            assert_eq!(error.to_string(), format!("the secret from environment variable `TOKEN` {why}"));
            assert!(error.hint().unwrap().contains("`Bearer`"));
        }
        assert_eq!(slip("s3cret\n"), None);
    }

    #[test]
    fn commands_are_not_run_unless_that_is_allowed() {
        let root = tempfile::tempdir().unwrap();
        let command = Secret::Command(vec!["touch".to_owned(), "ran".to_owned()]);
        let lookup = Lookup::new(root.path(), |_: &str| None, Sources::default());
        let error = lookup.secret(&command, &permit()).err().unwrap();
        assert!(error.to_string().ends_with("command `touch` is not run without `--allow-commands`"), "{error}");
        assert!(error.hint().unwrap().contains("SCIMFORM_ALLOW_COMMANDS=1"));
        assert!(!root.path().join("ran").exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended() {
        let root = tempfile::tempdir().unwrap();
        let look = |script: &str| {
            let sources = Sources { commands: true, files: None };
            let mut lookup = Lookup::new(root.path(), |_: &str| None, sources);
            lookup.time = Duration::from_millis(200);
            let words = ["sh", "-c", script].map(str::to_owned).to_vec();
            lookup.secret(&Secret::Command(words), &permit()).map(drop).map_err(|error| error.to_string())
        };
        // It hangs; it prints and hangs; what it started holds the pipe open; it closes the pipe and hangs.
        for script in
            ["exec sleep 20", "echo s3cret; exec sleep 20", "sleep 20 & echo s3cret", "exec >&-; exec sleep 20"]
        {
            let began = Instant::now();
            assert_eq!(
                look(script).unwrap_err(),
                "the secret from command `sh` did not print it within 0.2 s",
                "{script}"
            );
            assert!(began.elapsed() < Duration::from_secs(10), "{script}");
        }
        assert_eq!(look("sleep 0.01; echo s3cret"), Ok(()));
    }

    #[cfg(unix)]
    #[test]
    fn files_elsewhere_are_not_read_where_files_are_named() {
        let (root, run) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let allowed = run.path().join("secrets");
        std::fs::create_dir(&allowed).unwrap();
        std::fs::write(allowed.join("token"), "s3cret").unwrap();
        std::fs::write(run.path().join("secrets-of-others"), "s3cret").unwrap();
        std::fs::write(root.path().join("own"), "s3cret").unwrap();
        std::os::unix::fs::symlink(run.path().join("secrets-of-others"), root.path().join("link")).unwrap();
        std::os::unix::fs::symlink(allowed.join("token"), root.path().join("good-link")).unwrap();
        let look = |path: &str, files: &[&Path]| {
            let files = Some(files.iter().map(|path| path.to_path_buf()).collect());
            let lookup = Lookup::new(root.path(), |_: &str| None, Sources { commands: false, files });
            lookup.secret(&Secret::File(path.to_owned()), &permit()).map(drop).map_err(|error| error.to_string())
        };
        let token = allowed.join("token").to_str().unwrap().to_owned();
        let climbing = format!("{}/../secrets-of-others", allowed.display());
        let others = run.path().join("secrets-of-others").to_str().unwrap().to_owned();
        assert_eq!(look(&token, &[&allowed]), Ok(()));
        assert_eq!(look("good-link", &[&allowed]), Ok(()));
        assert_eq!(look(&token, &[Path::new("/nowhere"), &allowed.join("token")]), Ok(()));
        for path in ["own", "link", "/proc/self/environ", climbing.as_str(), others.as_str()] {
            // What is not there on other systems can't be read either.
            let error = look(path, &[&allowed]).unwrap_err();
            assert!(error.contains("SCIMFORM_ALLOWED_FILES") || error.contains("can't be read"), "{path}: {error}");
        }
        assert!(look("own", &[]).unwrap_err().contains("SCIMFORM_ALLOWED_FILES"));
        assert!(look("link", &[&allowed]).unwrap_err().contains("SCIMFORM_ALLOWED_FILES"));
    }
}
