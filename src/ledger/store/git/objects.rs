//! Trees and blobs of the ledger's ref.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::command::Failed;
use super::{FORMER, HEAD, Repo, part_file};
use crate::ledger::store::{Save, file_name};

/// An entry of a tree.
pub(super) struct Listed {
    /// `blob` or `tree`.
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) name: String,
}

/// A folder of the top tree that is put in place of the former one, or a name that is taken out.
pub(super) struct Change<'a> {
    pub(super) name: &'a str,
    pub(super) tree: Option<&'a str>,
}

impl Repo {
    /// The entries of a tree, or of a commit's.
    pub(super) fn list(&self, tree: &str) -> Result<Vec<Listed>, Failed> {
        // Without `--full-tree` git would list a folder of the tree where the clone's folder is not its root.
        let text = self.git.run(&["ls-tree", "-z", "--full-tree", tree], &[])?;
        let entry = |line: &str| {
            let (about, name) = line.split_once('\t')?;
            let mut words = about.split(' ').skip(1).map(str::to_owned);
            Some(Listed { kind: words.next()?, id: words.next()?, name: name.to_owned() })
        };
        Ok(text.split('\0').filter_map(entry).collect())
    }

    /// Refuses a ref that somebody else uses, such as a branch: every folder has a head, and beside them there is nothing
    /// but the document of earlier versions.
    pub(super) fn check_use(&self, commit: &str) -> Result<(), Failed> {
        let text = self.git.run(&["ls-tree", "-z", "-r", "--full-tree", "--name-only", commit], &[])?;
        let paths = text.split('\0').filter(|path| !path.is_empty());
        let files: Vec<(&str, &str)> = paths.map(|path| path.split_once('/').unwrap_or(("", path))).collect();
        let heads: BTreeSet<&str> = files.iter().filter(|(_, file)| *file == HEAD).map(|(folder, _)| *folder).collect();
        let ours = |(folder, file): &(&str, &str)| heads.contains(folder) || (folder.is_empty() && *file == FORMER);
        if !files.is_empty() && files.iter().all(ours) {
            return Ok(());
        }
        Err(Failed(format!("`{}` holds no ledger: it is used for something else", self.reference)))
    }

    /// The tree of a target in a commit.
    pub(super) fn folder(&self, commit: &str, target: &str) -> Result<Option<String>, Failed> {
        let name = file_name(target);
        let found = self.list(commit)?.into_iter().find(|one| one.name == name && one.kind == "tree");
        Ok(found.map(|one| one.id))
    }

    /// The texts of blobs, in this order; `None` where one is not there.
    pub(super) fn blobs(&self, names: &[String]) -> Result<Option<Vec<Vec<u8>>>, Failed> {
        let asked: String = names.iter().flat_map(|name| [name, "\n"]).collect();
        let out = self.git.bytes(&["cat-file", "--batch"], asked.as_bytes())?;
        let (mut rest, mut texts) = (out.as_slice(), Vec::with_capacity(names.len()));
        for _ in names {
            // `ID blob SIZE`, the text, a line feed; or `NAME missing`.
            let Some(text) = next_blob(&mut rest) else { return Ok(None) };
            texts.push(text.to_vec());
        }
        Ok(Some(texts))
    }

    /// The tree of a target after a save: its parts that stay, and what is new.
    pub(super) fn target_tree(&self, before: Option<&str>, save: &Save<'_>) -> Result<String, Failed> {
        let former = before.map(|tree| self.list(tree)).transpose()?.unwrap_or_default();
        let mut blobs: BTreeMap<String, String> = former.into_iter().map(|one| (one.name, one.id)).collect();
        for part in &save.new {
            blobs.insert(part_file(&part.name), self.blob(&part.text)?);
        }
        let mut files = BTreeMap::from([(HEAD.to_owned(), self.blob(save.head)?)]);
        for file in save.all.iter().map(part_file) {
            let blob = blobs.remove(&file).ok_or_else(|| Failed(format!("the part {file} is not there")))?;
            files.insert(file, blob);
        }
        self.make(files.iter().map(|(name, blob)| ("100644 blob", blob.as_str(), name.as_str())))
    }

    /// The top tree of a commit with these changes.
    pub(super) fn tree(&self, commit: Option<&str>, changes: &[Change<'_>]) -> Result<String, Failed> {
        let former = commit.map(|commit| self.list(commit)).transpose()?.unwrap_or_default();
        let kept = former.iter().filter(|one| !changes.iter().any(|change| change.name == one.name));
        let kept = kept.map(|one| {
            let mode = if one.kind == "tree" { "040000 tree" } else { "100644 blob" };
            (mode, one.id.as_str(), one.name.as_str())
        });
        let new = changes.iter().filter_map(|change| Some(("040000 tree", change.tree?, change.name)));
        self.make(kept.chain(new))
    }

    /// A tree of one file.
    pub(super) fn file_tree(&self, name: &str, text: &[u8]) -> Result<String, Failed> {
        let blob = self.blob(text)?;
        self.make([("100644 blob", blob.as_str(), name)])
    }

    fn blob(&self, text: &[u8]) -> Result<String, Failed> {
        self.git.run(&["hash-object", "-w", "--stdin"], text)
    }

    fn make<'a>(&self, entries: impl IntoIterator<Item = (&'a str, &'a str, &'a str)>) -> Result<String, Failed> {
        let mut text = String::new();
        for (mode, id, name) in entries {
            let _ = write!(text, "{mode} {id}\t{name}\0");
        }
        self.git.run(&["mktree", "-z"], text.as_bytes())
    }
}

fn next_blob<'o>(rest: &mut &'o [u8]) -> Option<&'o [u8]> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let (line, after) = rest.split_at_checked(end)?;
    let length: usize = std::str::from_utf8(line).ok()?.rsplit_once(" blob ")?.1.parse().ok()?;
    let (text, after) = after.get(1..)?.split_at_checked(length)?;
    *rest = after.get(1..)?;
    Some(text)
}
