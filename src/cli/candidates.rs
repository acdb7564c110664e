//! What a shell offers for names that only the repository knows. It reads the files of the folder and nothing else: no
//! ledger, no secret, no network. What it can't find out it leaves out without a word, and it never takes long.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use clap_complete::engine::CompletionCandidate;

use crate::config::{self, Config};
use crate::source::SourceMap;
use crate::{profile, repo};

/// Nobody waits longer for a list after a key.
const PATIENCE: Duration = Duration::from_millis(600);
/// More text than this is not parsed whole for a list of names.
const MOST: usize = 4 << 20;

/// Targets that are declared.
pub(super) fn targets() -> Vec<CompletionCandidate> {
    declared(&["targets:"], |config| {
        let named = |(name, _): (&String, _)| candidate(name, "target");
        config.targets.iter().filter_map(named).collect()
    })
}

/// Keys of users and groups.
pub(super) fn keys() -> Vec<CompletionCandidate> {
    declared(&["users:", "groups:"], |config| {
        let users = config.users.keys().filter_map(|key| candidate(key, "user"));
        users.chain(config.groups.keys().filter_map(|key| candidate(key, "group"))).collect()
    })
}

/// Profiles, built in and of the repository.
pub(super) fn profiles() -> Vec<CompletionCandidate> {
    let mut all: Vec<_> = profile::names().filter_map(|name| candidate(name, "built in")).collect();
    all.extend(declared(&["profiles:"], |config| {
        config.profiles.keys().filter_map(|name| candidate(name, "of this repository")).collect()
    }));
    all
}

/// A name that a shell can put into its command line as it is: others would be read as more than a name there.
fn candidate(name: &str, what: &'static str) -> Option<CompletionCandidate> {
    let plain = |sign: char| sign.is_alphanumeric() || "-_.@+:/%,".contains(sign);
    let fits = name.chars().all(plain) && !name.starts_with('-') && !name.is_empty();
    fits.then(|| CompletionCandidate::new(name).help(Some(what.into())))
}

/// What the files declare, read within a short time.
fn declared(
    sections: &'static [&'static str],
    names: impl FnOnce(&Config) -> Vec<CompletionCandidate> + Send + 'static,
) -> Vec<CompletionCandidate> {
    let folder = folder(std::env::args_os());
    let (sender, found) = mpsc::channel();
    // It is left alone where it takes too long; the program ends without it.
    std::thread::spawn(move || {
        let Some(root) = repo::find_root(&folder) else { return };
        let (sources, _) = repo::load(&root);
        let (config, _) = config::parse(&bounded(sources, sections));
        let _ = sender.send(names(&config));
    });
    found.recv_timeout(PATIENCE).unwrap_or_default()
}

/// The files, or of a large repository those that have a section, as far as they are soon read.
fn bounded(sources: SourceMap, sections: &[&str]) -> SourceMap {
    let size: usize = sources.files().map(|(_, file)| file.text().len()).sum();
    if size <= MOST {
        return sources;
    }
    let mut left = MOST;
    let mut fewer = SourceMap::default();
    for (_, file) in sources.files() {
        let text = file.text();
        let named = |line: &str| sections.iter().any(|section| line.starts_with(section));
        if text.len() <= left && text.lines().any(named) {
            left -= text.len();
            fewer.add(Arc::clone(file.path()), text);
        }
    }
    fewer
}

/// The folder of the command that is completed: its words stand behind the first `--`.
fn folder(words: impl Iterator<Item = OsString>) -> PathBuf {
    let mut words = words.skip_while(|word| word != "--").skip(1);
    let mut folder = None;
    while let Some(word) = words.next() {
        let Some(text) = word.to_str() else { continue };
        match text.strip_prefix("-C") {
            Some("") => folder = words.next(),
            Some(joined) => folder = Some(joined.trim_start_matches('=').into()),
            None => {}
        }
    }
    folder.map_or_else(|| Path::new(".").to_owned(), PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_one_of_the_words_that_are_completed() {
        let of = |words: &[&str]| folder(words.iter().map(OsString::from));
        assert_eq!(of(&["scimform", "-C", "no", "--", "scimform", "-C", "yes", "plan"]), Path::new("yes"));
        assert_eq!(of(&["scimform", "--", "scimform", "-Cyes", "plan", "--target", ""]), Path::new("yes"));
        assert_eq!(of(&["scimform", "--", "scimform", "plan"]), Path::new("."));
    }

    #[test]
    fn names_that_a_shell_would_run_are_not_offered() {
        assert!(candidate("ada@acme.example", "user").is_some());
        for name in ["$(reboot)", "a b", "`x`", "a;b", "--force", "x\u{1b}[2J", "a'b", ""] {
            assert!(candidate(name, "user").is_none(), "{name}");
        }
    }

    #[test]
    fn of_a_large_repository_only_files_with_the_section_are_read() {
        let mut sources = SourceMap::default();
        sources.add("scimform.yaml", "version: 1\ntargets:\n  app: { profile: generic }\n");
        sources.add("people.yaml", format!("users:\n{}", "# much\n".repeat(MOST / 6)));
        let fewer = bounded(sources, &["targets:"]);
        assert_eq!(fewer.files().map(|(_, file)| file.path().to_string()).collect::<Vec<_>>(), ["scimform.yaml"]);
    }
}
