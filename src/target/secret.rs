//! Looks secrets up where the files say they are. Errors name the source, never the value.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secrecy::SecretString;

use super::error::{ErrorKind, TargetError};
use super::settings::ResolvedAuth;
use crate::directory::{Auth, Secret};

/// Gives the value of a secret.
pub trait SecretSource {
    /// The value; an error of kind [`ErrorKind::Secret`] names where it was looked for.
    fn secret(&self, from: &Secret) -> Result<SecretString, TargetError>;
}

impl<F: Fn(&Secret) -> Result<SecretString, TargetError>> SecretSource for F {
    fn secret(&self, from: &Secret) -> Result<SecretString, TargetError> {
        self(from)
    }
}

/// Looks in the environment, in files, and asks commands run in the repository root.
pub struct Lookup<E> {
    root: PathBuf,
    environment: E,
}

impl<E: Fn(&str) -> Option<String>> Lookup<E> {
    /// A look-up below a repository root, with the edge's view of the environment.
    pub fn new(root: impl Into<PathBuf>, environment: E) -> Self {
        Self { root: root.into(), environment }
    }
}

impl<E: Fn(&str) -> Option<String>> SecretSource for Lookup<E> {
    fn secret(&self, from: &Secret) -> Result<SecretString, TargetError> {
        let found = match from {
            Secret::Env(name) => (self.environment)(name).ok_or_else(|| "is not set".to_owned()),
            Secret::File(path) => read(&self.root.join(path)),
            Secret::Command(words) => run(words, &self.root),
        };
        let text = found.map_err(|why| missing(from, &why))?;
        let text = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if text.trim().is_empty() {
            return Err(missing(from, "is empty"));
        }
        Ok(text.to_owned().into())
    }
}

fn missing(from: &Secret, why: &str) -> TargetError {
    TargetError::new(ErrorKind::Secret, format!("the secret from {} {why}", source_name(from)))
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

fn read(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("can't be read: {}", error.kind()))?;
    String::from_utf8(bytes).map_err(|_| "is not text".to_owned())
}

fn run(words: &[String], root: &Path) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("names no program")?;
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("can't be run: {}", error.kind()))?;
    if !output.status.success() {
        return Err(match output.status.code() {
            Some(code) => format!("ended with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        });
    }
    String::from_utf8(output.stdout).map_err(|_| "did not print text".to_owned())
}

/// Credentials in hand, from where the files say they are.
pub fn resolve(auth: Option<&Auth>, secrets: &dyn SecretSource) -> Result<ResolvedAuth, TargetError> {
    Ok(match auth {
        None => ResolvedAuth::None,
        Some(Auth::Bearer(token)) => ResolvedAuth::Bearer(secrets.secret(token)?),
        Some(Auth::Header { name, value }) => {
            ResolvedAuth::Header { name: name.clone(), value: secrets.secret(value)? }
        }
        Some(Auth::Basic { username, password }) => {
            ResolvedAuth::Basic { username: username.clone(), password: secrets.secret(password)? }
        }
        Some(Auth::OAuth2 { token_url, client_id, client_secret, scopes }) => ResolvedAuth::OAuth2 {
            token_url: token_url.clone(),
            client_id: client_id.clone(),
            client_secret: secrets.secret(client_secret)?,
            scopes: scopes.clone(),
        },
    })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn look(secret: &Secret, root: &Path) -> Result<String, String> {
        let environment = |name: &str| match name {
            "TOKEN" => Some("s3cret\n".to_owned()),
            "EMPTY" => Some("\n".to_owned()),
            _ => None,
        };
        let found = Lookup::new(root, environment).secret(secret);
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
            (Secret::File("none".into()), "file `none` can't be read: entity not found"),
            (Secret::File("binary".into()), "file `binary` is not text"),
            (Secret::Command(script), "command `sh` ended with exit code 3"),
            (Secret::Command(vec![]), "command `` names no program"),
        ] {
            assert_eq!(look(&secret, root.path()).unwrap_err(), format!("the secret from {expected}"));
        }
    }
}
