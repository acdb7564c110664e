//! The files of a new repository.

use std::fmt::Write as _;

use super::answers::{Answers, Place};
use crate::cli::error::{CommandError, json};

/// A file to be written.
#[derive(Debug)]
pub(super) struct Written {
    /// Below the new repository, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// Whether it is one of the examples, which a repository that declares people already does not need.
    pub(super) example: bool,
}

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("templates/", $name))
    };
}

/// What runs in CI, whoever's: name and text.
const SCRIPTS: &[(&str, &str)] = &[
    ("install.sh", template!("ci/install.sh")),
    ("diff.sh", template!("ci/diff.sh")),
    ("plan.sh", template!("ci/plan.sh")),
    ("apply.sh", template!("ci/apply.sh")),
    ("drift.sh", template!("ci/drift.sh")),
    ("run.sh", template!("ci/run.sh")),
];

/// All files, in the order in which they are told.
pub(super) fn files(answers: &Answers) -> Result<Vec<Written>, CommandError> {
    let mut files = Vec::new();
    let mut add = |path: &str, text: String| files.push(Written { path: path.to_owned(), text, example: false });
    add("scimform.yaml", scimform(answers));
    add("README.md", readme(answers));
    add(".gitignore", ignored(answers));
    add(".editorconfig", template!("repo/editorconfig").to_owned());
    add(".vscode/settings.json", template!("repo/settings.json").to_owned());
    add(".vscode/extensions.json", template!("repo/extensions.json").to_owned());
    add(".vscode/scimform.schema.json", json(&crate::config::json_schema_draft07())?);
    if answers.forge.github() {
        add(".github/CODEOWNERS", owners(answers));
        for (name, text) in SCRIPTS {
            add(&format!(".github/actions/scimform/{name}"), (*text).to_owned());
        }
        add(".github/actions/scimform/forge.sh", template!("forge/github.sh").to_owned());
        add(".github/actions/scimform/action.yml", template!("github/action.yml").to_owned());
        add(".github/workflows/scimform-plan.yml", workflow(answers, template!("github/plan.yml")));
        add(".github/workflows/scimform-apply.yml", workflow(answers, template!("github/apply.yml")));
        add(".github/workflows/scimform-drift.yml", workflow(answers, template!("github/drift.yml")));
    }
    if answers.forge.gitlab() {
        add(".gitlab/CODEOWNERS", owners(answers));
        for (name, text) in SCRIPTS {
            add(&format!(".gitlab/scimform/{name}"), (*text).to_owned());
        }
        add(".gitlab/scimform/forge.sh", template!("forge/gitlab.sh").to_owned());
        add(".gitlab/scimform/scimform.yml", workflow(answers, template!("gitlab/scimform.yml")));
        add(".gitlab-ci.yml", template!("gitlab/gitlab-ci.yml").to_owned());
    }
    let mut example = |path: &str, text: String| files.push(Written { path: path.to_owned(), text, example: true });
    example("people/engineering.yaml", template!("repo/engineering.yaml").to_owned());
    example("people/product.yaml", template!("repo/product.yaml").to_owned());
    example("groups/teams.yaml", template!("repo/groups.yaml").to_owned());
    example("bindings.yaml", bindings(answers));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn scimform(answers: &Answers) -> String {
    let ledger = match &answers.ledger {
        Place::Git => "{ git: { ref: refs/scimform/ledger } }".to_owned(),
        Place::Directory => "{ dir: .scimform }".to_owned(),
        Place::Store(url) => format!("{{ url: {url} }}"),
    };
    let url = answers.url.as_ref().map(|url| format!("    url: {url}\n")).unwrap_or_default();
    template!("repo/scimform.yaml")
        .replace("@LEDGER@", &ledger)
        .replace("@TARGET@", &answers.target)
        .replace("@PROFILE@", &quoted(&answers.profile.name))
        .replace("@URL@", &url)
        .replace("@AUTH@", &answers.auth())
}

/// A name as YAML reads it as text.
fn quoted(name: &str) -> String {
    if name.starts_with(|letter: char| letter.is_ascii_digit()) { format!("\"{name}\"") } else { name.to_owned() }
}

fn bindings(answers: &Answers) -> String {
    let facts = &answers.profile.capabilities;
    let groups = facts.resources.groups && facts.create_groups;
    let push = if groups { "    push: assigned   # the group itself is made there as well\n" } else { "" };
    template!("repo/bindings.yaml").replace("@TARGET@", &answers.target).replace("@PUSH@\n", push)
}

fn ignored(answers: &Answers) -> String {
    let too = if answers.ledger == Place::Directory { ", and the ledger is this machine's" } else { "" };
    template!("repo/gitignore").replace("@LEDGER_TOO@", too)
}

fn readme(answers: &Answers) -> String {
    let mut ci = String::new();
    if answers.forge.github() || answers.forge.gitlab() {
        let name = if answers.forge.github() { "pull request" } else { "merge request" };
        let _ = write!(
            ci,
            "\nA {name} gets a comment that says who gains and who loses what. Once merged into `{}`, exactly what was \
             reviewed is\napplied. Each night is looked for what was changed at the target by hand.\n",
            answers.branch
        );
    }
    template!("repo/README.md").replace("@S@", &format!(" `{}`", answers.target)).replace("@CI@\n", &ci)
}

/// Who must approve what. The last line that fits decides, so what gives power over all comes last.
fn owners(answers: &Answers) -> String {
    let mut text = "# Who must approve changes. The last line that fits a file decides.\n".to_owned();
    let all = answers.owners.iter().find(|owner| owner.path == "*").map(|owner| owner.team.as_str());
    let (hash, all) = all.map_or(("# ", "@OWNER/TEAM"), |team| ("", team));
    let _ = writeln!(text, "{hash}* {all}");
    let own: Vec<_> = answers.owners.iter().filter(|owner| owner.path != "*").collect();
    if own.is_empty() {
        let _ = writeln!(text, "# /people/engineering.yaml @OWNER/ENGINEERING");
    }
    for owner in own {
        let _ = writeln!(text, "{} {}", owner.path, owner.team);
    }
    text.push_str("# What decides where people's data and tokens go.\n");
    let mut guarded = vec!["/scimform.yaml", "/bindings.yaml"];
    if answers.forge.github() {
        guarded.push("/.github/");
    }
    if answers.forge.gitlab() {
        guarded.extend(["/.gitlab/", "/.gitlab-ci.yml"]);
    }
    for path in guarded {
        let _ = writeln!(text, "{hash}{path} {all}");
    }
    text
}

/// Variables with which an object store is reached.
fn store_variables(place: &Place) -> &'static [&'static str] {
    match place {
        Place::Store(url) if url.starts_with("s3:") => &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
        Place::Store(url) if url.starts_with("gs:") => &["GOOGLE_SERVICE_ACCOUNT_KEY"],
        Place::Store(_) => &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"],
        Place::Git | Place::Directory => &[],
    }
}

/// Every secret that a job has, but for the ledger's key.
pub(super) fn secrets(answers: &Answers) -> Vec<&str> {
    std::iter::once(answers.variable.as_str()).chain(store_variables(&answers.ledger).iter().copied()).collect()
}

fn workflow(answers: &Answers, template: &str) -> String {
    let location = match &answers.ledger {
        Place::Git => "origin:refs/scimform/ledger",
        Place::Directory => ".scimform",
        Place::Store(url) => url,
    };
    let mut environment = format!("          SCIMFORM_LEDGER_LOCATION: {location}\n");
    for name in secrets(answers) {
        let _ = writeln!(environment, "          {name}: ${{{{ secrets.{name} }}}}");
    }
    let key = "          SCIMFORM_LEDGER_KEY: ${{ secrets.SCIMFORM_LEDGER_KEY }}\n";
    let contents = match answers.ledger {
        Place::Git => "contents: write # the files, and the ledger, which is a ref of this repository",
        _ => "contents: read # the files",
    };
    template
        .replace("@APPLY_ENV@\n", &format!("{environment}{key}"))
        .replace("@PLAN_ENV@\n", &environment)
        .replace("@CONTENTS@", contents)
        .replace("@BRANCH@", &answers.branch)
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@VARIABLES@", &secrets(answers).join(", "))
        .replace("@LEDGER_VARIABLE@", &format!("    SCIMFORM_LEDGER_LOCATION: \"{location}\""))
}
