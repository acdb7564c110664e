//! Runs what pages tell the reader to type.
//!
//! Real targets have stand-ins: `scimform` on the path adds `--sandbox` where a command takes it. What the reader would be
//! asked is answered by flags. `cargo` and the tools of a host are not run: the first is what CI does, the others need one.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::book::page::{Page, root};
use crate::support::folder;

/// Pages that begin with an empty folder; the others with the example company, already applied.
const EMPTY: [&str; 2] = ["README.md", "docs/start.md"];

const STAND_IN: &str = r#"#!/bin/bash
for word in "$@"; do case $word in --sandbox|--help|--csv) exec "$SCIMFORM" "$@";; esac; done
case "$1" in
  apply) exec "$SCIMFORM" "$@" --sandbox --auto-approve;;
  drift) case "$*" in *--write*) exec "$SCIMFORM" "$@" --sandbox --auto-approve;; esac; exec "$SCIMFORM" "$@" --sandbox;;
  plan|probe|import|explain|ledger) exec "$SCIMFORM" "$@" --sandbox;;
  report) case "$*" in *--live*) exec "$SCIMFORM" "$@" --sandbox;; esac;;
esac
exec "$SCIMFORM" "$@"
"#;

/// A folder with the example company and what stands for the outside.
pub struct World {
    folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        let world = Self { folder: folder() };
        let at = |name: &str| world.folder.path().join(name);
        std::fs::create_dir(at("bin")).unwrap();
        for (name, text) in [("scimform", STAND_IN), ("gh", "#!/bin/sh\n"), ("cargo", "#!/bin/sh\n")] {
            std::fs::write(at("bin").join(name), text).unwrap();
            executable(&at("bin").join(name));
        }
        let script = format!(
            "cp -r {}/examples/acme acme && cd acme && rm -f main.rs demo.rs && git init -q -b main && git add -A \
             && git commit -q -m start && git tag v1 && git init -q --bare ../origin.git && git remote add origin ../origin.git \
             && git push -q origin main && scimform apply \
             && sed -i '0,/title: .*/s//title: Pioneer/' people/engineering.yaml && git commit -q -a -m 'a title' && git tag v2 \
             && sleep 0.01 && scimform apply && ln -s sandbox/undo .scimform/undo",
            root().display()
        );
        let (ok, told) = world.shell(world.folder.path(), &script);
        assert!(ok, "{told}");
        world
    }

    fn shell(&self, folder: &Path, script: &str) -> (bool, String) {
        let path = format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.folder.path())
            .env("SCIMFORM", env!("CARGO_BIN_EXE_scimform"))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@acme.example")))
            .output()
            .unwrap();
        let told = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("");
        (output.status.success(), told)
    }

    /// What of a page's commands does not run.
    pub fn run(&self, page: &Page) -> Vec<String> {
        let blocks: Vec<_> = page.fences.iter().filter(|fence| fence.language == "sh").collect();
        if blocks.is_empty() {
            return Vec::new();
        }
        let folder = tempfile::tempdir_in(self.folder.path()).unwrap();
        let mut home = folder.path().to_owned();
        if EMPTY.contains(&page.path.as_str()) {
            // Files that the page shows before its commands are there when they run.
            for fence in
                page.fences.iter().filter(|fence| fence.language == "yaml" && fence.text.starts_with("version:"))
            {
                let path = home.join("scimform.yaml");
                if !path.exists() {
                    std::fs::write(path, &fence.text).unwrap();
                }
            }
        } else {
            let (ok, told) = self.shell(&home, "cp -r ../acme . && cp -r ../origin.git .");
            assert!(ok, "{told}");
            home.push("acme");
        }
        let mut wrong = Vec::new();
        for block in blocks {
            let (ok, told) = self.shell(&home, &expecting(&block.text));
            if !ok {
                wrong.push(format!("{}:{}: {}\n{told}", page.path, block.line, block.text.trim_end()));
            }
        }
        wrong
    }
}

/// The script with the exit codes that its comments name: `# exits with 3`.
fn expecting(script: &str) -> String {
    let mut told = String::new();
    for line in script.lines() {
        match line.split_once("# exits with ") {
            Some((command, code)) => {
                let code: String = code.chars().take_while(char::is_ascii_digit).collect();
                let _ = writeln!(told, "code=0; {command} || code=$?; [ $code = {code} ]");
            }
            None => {
                let _ = writeln!(told, "{line}");
            }
        }
    }
    told
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn executable(_: &Path) {}
