//! Pages of the book and what stands in them.

use std::path::{Path, PathBuf};

use crate::support::golden::in_repository;

/// A fenced block.
pub struct Fence {
    /// Where it begins, from 1.
    pub line: usize,
    /// The word after the fence.
    pub language: String,
    pub text: String,
}

pub struct Page {
    /// From the top of the repository.
    pub path: String,
    pub fences: Vec<Fence>,
    /// Everything outside of fences, a line for a line.
    pub prose: Vec<String>,
}

impl Page {
    fn read(root: &Path, path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let (mut fences, mut prose): (Vec<Fence>, Vec<String>) = (Vec::new(), Vec::new());
        let mut open: Option<(usize, Fence)> = None;
        for (number, line) in text.lines().enumerate() {
            let inner = line.trim_start();
            match &mut open {
                None if inner.starts_with("```") => {
                    let language = inner.trim_start_matches('`').to_owned();
                    let indent = line.len() - inner.len();
                    open = Some((indent, Fence { line: number + 1, language, text: String::new() }));
                }
                Some(_) if inner.starts_with("```") => fences.extend(open.take().map(|(_, fence)| fence)),
                Some((indent, fence)) => {
                    fence.text.push_str(line.get(*indent..).unwrap_or(inner));
                    fence.text.push('\n');
                }
                None => {
                    prose.push(line.to_owned());
                    continue;
                }
            }
            prose.push(String::new());
        }
        assert!(open.is_none(), "{}: a block is not closed", path.display());
        let path = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
        Self { path, fences, prose }
    }

    /// Anchors of its headings, as GitHub and mdBook make them.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.prose.iter().filter(|line| line.starts_with('#'));
        headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
    }

    /// Code in the prose: what stands between backticks, with its line. It may go on on the next line.
    pub fn code(&self) -> Vec<(usize, String)> {
        let text = self.prose.join("\n");
        let parts = text.split('`');
        let (mut line, mut found) = (1, Vec::new());
        for (turn, part) in parts.enumerate() {
            if turn % 2 == 1 {
                found.push((line, part.split_whitespace().collect::<Vec<_>>().join(" ")));
            }
            line += part.matches('\n').count();
        }
        found
    }

    /// Where its links lead.
    pub fn links(&self) -> Vec<String> {
        let text = self.prose.join("\n");
        let ends = text.match_indices("](").map(|(at, _)| at + 2);
        ends.filter_map(|at| text.get(at..)?.split_once(')')).map(|(link, _)| link.to_owned()).collect()
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The top of the repository.
pub fn root() -> PathBuf {
    in_repository("")
}

/// Every page for people, sorted.
pub fn all() -> Vec<Page> {
    let root = root();
    let top = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "examples/acme/README.md"];
    let mut paths: Vec<PathBuf> = top.iter().map(|name| root.join(name)).collect();
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    paths.extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    paths.sort();
    paths.iter().map(|path| Page::read(&root, path)).collect()
}
