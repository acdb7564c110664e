//! Runs git so that nothing of the machine or the caller changes what it does, and so that it always ends.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that one command may take, transfers included.
const LIMIT: Duration = Duration::from_secs(60);
/// What a caller, such as a hook, may have set for another repository or index.
const FOREIGN: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_PUSH_OPTION_COUNT",
    "GIT_TRACE",
];
/// Settings of a machine that would run programs, sign, ask or do more than was asked.
const SETTINGS: &[&str] = &[
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=no",
    "fetch.writeCommitGraph=false",
    "maintenance.auto=false",
    "gc.auto=0",
    "credential.interactive=false",
    // Files that make up a repository may have been committed: its settings would run what a stranger wrote.
    "safe.bareRepository=explicit",
];
/// Nobody in particular: who ran is in the lock and in the history of the host.
const IDENTITY: [(&str, &str); 4] = [
    ("GIT_AUTHOR_NAME", "scimform"),
    ("GIT_AUTHOR_EMAIL", "scimform@localhost"),
    ("GIT_COMMITTER_NAME", "scimform"),
    ("GIT_COMMITTER_EMAIL", "scimform@localhost"),
];

/// Git in one folder.
#[derive(Debug)]
pub(super) struct Git {
    folder: PathBuf,
    /// Whether the machine says how ssh is to be run.
    own_ssh: OnceLock<bool>,
}

/// Why a command came to nothing, on one line, without secrets.
#[derive(Debug)]
pub(super) struct Failed(pub(super) String);

impl Git {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), own_ssh: OnceLock::new() }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a command with this standard input; its standard output, without the last line feed.
    pub(super) fn run(&self, arguments: &[&str], input: &[u8]) -> Result<String, Failed> {
        let out = self.bytes(arguments, input)?;
        Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
    }

    /// The same, with the output as it is.
    pub(super) fn bytes(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>, Failed> {
        let (status, out, err) = self.output(arguments, input)?;
        if status.success() { Ok(out) } else { Err(Failed(one_line(&err, &out))) }
    }

    /// Whether a command succeeds.
    pub(super) fn holds(&self, arguments: &[&str]) -> Result<bool, Failed> {
        self.output(arguments, &[]).map(|(status, ..)| status.success())
    }

    /// Refuses a folder that git would take for a repository without a `.git`: whoever commits such files writes its
    /// settings, and git before 2.38 does not know the one that forbids it.
    fn own(&self) -> Result<(), Failed> {
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let inside = folder.ancestors().take_while(|folder| !folder.join(".git").exists());
        match inside.into_iter().find(|folder| folder.join("HEAD").exists()) {
            None => Ok(()),
            Some(folder) => Err(Failed(format!(
                "{} holds a file `HEAD`, as a git repository of its own does, and git is not run below it; take it away",
                folder.display()
            ))),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.arg("-C").arg(&self.folder);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.args(arguments).envs(IDENTITY);
        command.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never").env("LC_ALL", "C");
        // The work tree and its index are never looked at, so their locks are never taken.
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            // Ctrl-C at the terminal asks us to end well, which takes one more save.
            use std::os::unix::process::CommandExt as _;
            command.process_group(0);
        }
        command
    }

    /// Without a setting of the machine, ssh must not ask for a password or a host's key.
    fn quiet_ssh(&self, command: &mut Command) {
        let own = *self.own_ssh.get_or_init(|| {
            let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            let configured = || {
                let output = self.command(&["config", "--get", "core.sshCommand"]).stdin(Stdio::null()).output();
                output.is_ok_and(|output| output.status.success())
            };
            set("GIT_SSH_COMMAND") || set("GIT_SSH") || configured()
        });
        if !own {
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
    }

    fn output(&self, arguments: &[&str], input: &[u8]) -> Result<(ExitStatus, Vec<u8>, Vec<u8>), Failed> {
        self.own()?;
        let mut command = self.command(arguments);
        self.quiet_ssh(&mut command);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failed("git is not installed here; install it".to_owned()),
            _ => Failed(format!("git can't be started: {error}")),
        })?;
        // On threads of their own: a full pipe must not hold up the other one, nor the limit.
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_owned();
            thread::spawn(move || stdin.write_all(&input));
        }
        let out = child.stdout.take().map(drain);
        let err = child.stderr.take().map(drain);
        let status = wait(&mut child)?;
        // What git started may outlive it and hold the pipe.
        let take = |pipe: Option<Receiver<Vec<u8>>>| {
            pipe.and_then(|pipe| pipe.recv_timeout(Duration::from_secs(5)).ok()).unwrap_or_default()
        };
        Ok((status, take(out), take(err)))
    }
}

fn drain(mut pipe: impl std::io::Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let _ = pipe.read_to_end(&mut text);
        let _ = sender.send(text);
    });
    receiver
}

fn wait(child: &mut Child) -> Result<ExitStatus, Failed> {
    let begun = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if begun.elapsed() > LIMIT => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Failed(format!("git did not end within {} seconds", LIMIT.as_secs())));
            }
            Ok(None) => thread::sleep(pause),
            Err(error) => return Err(Failed(format!("git can't be waited for: {error}"))),
        }
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// What git complains of, without its hints, and without a login in an address.
fn one_line(err: &[u8], out: &[u8]) -> String {
    let text = String::from_utf8_lossy(if err.is_empty() { out } else { err }).into_owned();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:"));
    let text: Vec<&str> = lines.take(6).collect();
    let text = without_logins(&text.join("; "));
    let text: String = text.chars().take(600).collect();
    if text.is_empty() { "git failed without a word".to_owned() } else { text }
}

fn without_logins(text: &str) -> String {
    let mut parts = text.split("://");
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        clean.push_str("://");
        let end = part.find(|c: char| c == '/' || c == '\'' || c.is_whitespace()).unwrap_or(part.len());
        let (authority, rest) = part.split_at(end);
        clean.push_str(authority.rsplit('@').next().unwrap_or(authority));
        clean.push_str(rest);
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_login_is_told() {
        let said = one_line(b"hint: x\nfatal: Authentication failed for 'https://u:t0k@host/x.git'\n", b"");
        assert_eq!(said, "fatal: Authentication failed for 'https://host/x.git'");
    }

    #[test]
    fn a_large_text_goes_in_and_out() {
        let folder = tempfile::tempdir().unwrap();
        let git = Git::new(folder.path());
        git.run(&["init", "-q"], &[]).unwrap();
        let text = vec![b'x'; 3_000_000];
        let id = git.run(&["hash-object", "-w", "--stdin"], &text).unwrap();
        assert_eq!(git.bytes(&["cat-file", "blob", &id], &[]).unwrap(), text);
        assert!(git.run(&["cat-file", "blob", "0123"], &[]).unwrap_err().0.starts_with("fatal:"));
    }
}
