//! Plays workflows: takes the steps out of the YAML that `init` wrote, and runs their shell as GitHub's runner does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value, json};

/// What a machine gives a job.
pub struct Machine {
    pub folder: PathBuf,
    pub workspace: PathBuf,
    /// `github`, `secrets`, `vars`, `inputs`, as expressions see them.
    pub context: Value,
    /// The variables that GitHub sets for every step.
    pub variables: BTreeMap<String, String>,
}

/// How a job went.
#[derive(Debug, Default)]
pub struct Job {
    pub skipped: bool,
    pub code: i32,
    pub log: String,
    pub summary: String,
    pub outputs: BTreeMap<String, String>,
    /// Paths of artifacts that were kept.
    pub kept: Vec<String>,
    /// The environment of every step that ran, and the lines that it ran.
    pub steps: Vec<(String, BTreeMap<String, String>)>,
}

impl Job {
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert!(!self.skipped, "the job did not run");
        assert_eq!(self.code, code, "log:\n{}\nsummary:\n{}", self.log, self.summary);
        self
    }
}

pub fn yaml(path: &Path) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The value of an expression of a workflow.
fn value(expression: &str, context: &Value) -> Value {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.add_function("always", || true);
    // `keep-plan` is one name there.
    let text =
        expression.replace("&&", " and ").replace("||", " or ").replace("inputs.keep-plan", "inputs['keep-plan']");
    let found = environment
        .compile_expression(&text)
        .unwrap()
        .eval(minijinja::Value::from(minijinja::value::Serde(context)))
        .unwrap();
    serde_json::to_value(&found).unwrap_or_default()
}

fn holds(expression: &str, context: &Value) -> bool {
    match value(expression, context) {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// A text with its expressions put in.
fn filled(text: &str, context: &Value) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap();
        out.push_str(before);
        match value(expression.trim(), context) {
            Value::Null => {}
            Value::String(text) => out.push_str(&text),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out + rest
}

fn texts(map: &Value, context: &Value) -> BTreeMap<String, String> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .map(|(name, value)| {
            (name.clone(), filled(&value.as_str().map_or_else(|| value.to_string(), str::to_owned), context))
        })
        .collect()
}

impl Machine {
    /// Runs a job of a workflow.
    pub fn job(&self, workflow: &str, name: &str) -> Job {
        let workflow = yaml(&self.workspace.join(".github/workflows").join(workflow));
        let job = &workflow["jobs"][name];
        assert!(job.is_object(), "there is no job {name}");
        assert_eq!(workflow["permissions"], json!({}), "a workflow has no permissions but those of its jobs");
        let mut context = self.context.clone();
        if job["environment"].is_null() {
            // Secrets are those of environments alone.
            context["secrets"] = json!({});
            context["vars"] = json!({});
        }
        if job["if"].as_str().is_some_and(|condition| !holds(condition, &context)) {
            return Job { skipped: true, ..Job::default() };
        }
        let mut environment = self.variables.clone();
        environment.extend(texts(&workflow["env"], &context));
        context["env"] = json!(environment);
        let mut run = Run { machine: self, context, job: Job::default(), failed: false, path: Vec::new() };
        for step in job["steps"].as_array().unwrap() {
            run.step(step, &environment, None);
        }
        run.job
    }
}

struct Run<'a> {
    machine: &'a Machine,
    context: Value,
    job: Job,
    failed: bool,
    path: Vec<String>,
}

impl Run<'_> {
    fn step(&mut self, step: &Value, environment: &BTreeMap<String, String>, action: Option<&Path>) {
        let condition = step["if"].as_str().unwrap_or("success()").replace("success()", "true");
        if (self.failed && !condition.contains("always()")) || !holds(&condition, &self.context) {
            return;
        }
        let mut environment = environment.clone();
        environment.extend(texts(&step["env"], &self.context));
        if let Some(uses) = step["uses"].as_str() {
            self.uses(uses, step, &environment);
            return;
        }
        let lines = step["run"].as_str().unwrap_or_else(|| panic!("neither `run` nor `uses`: {step}"));
        assert!(!lines.contains("${{"), "an expression in shell could be anything: {lines}");
        self.shell(lines, step["shell"].as_str(), environment, action);
        if let (Some(id), false) = (step["id"].as_str(), self.job.outputs.is_empty()) {
            self.context["steps"][id]["outputs"] = json!(self.job.outputs);
        }
    }

    fn uses(&mut self, uses: &str, step: &Value, environment: &BTreeMap<String, String>) {
        if uses.starts_with("actions/checkout@") {
            // The machine's clone stands for it; the login must not stay in it.
            assert_eq!(step["with"]["persist-credentials"], false);
        } else if uses.starts_with("actions/upload-artifact@") {
            self.job.kept.push(filled(step["with"]["path"].as_str().unwrap(), &self.context));
        } else {
            let folder = self.machine.workspace.join(uses);
            let action = yaml(&folder.join("action.yml"));
            let mut inputs: Map<String, Value> = Map::new();
            for (name, input) in action["inputs"].as_object().unwrap() {
                inputs.insert(name.clone(), filled(input["default"].as_str().unwrap(), &self.context).into());
            }
            for (name, given) in texts(&step["with"], &self.context) {
                assert!(inputs.contains_key(&name), "the action has no input {name}");
                inputs.insert(name, given.into());
            }
            let outside = std::mem::replace(&mut self.context["inputs"], Value::Object(inputs));
            for step in action["runs"]["steps"].as_array().unwrap() {
                self.step(step, environment, Some(&folder));
            }
            self.context["inputs"] = outside;
        }
    }

    fn shell(
        &mut self,
        lines: &str,
        shell: Option<&str>,
        mut environment: BTreeMap<String, String>,
        action: Option<&Path>,
    ) {
        let machine = self.machine;
        let file = |name: &str| machine.folder.join(name);
        for name in ["output", "summary", "path"] {
            std::fs::write(file(name), "").unwrap();
            environment.insert(
                format!("GITHUB_{}", name.to_uppercase().replace("SUMMARY", "STEP_SUMMARY")),
                file(name).display().to_string(),
            );
        }
        if let Some(action) = action {
            environment.insert("GITHUB_ACTION_PATH".into(), action.display().to_string());
        }
        let tools = environment.get("PATH_OF_TOOLS").cloned();
        let path = self.path.iter().cloned().chain(tools).chain(std::env::var("PATH")).collect::<Vec<_>>().join(":");
        std::fs::write(file("step.sh"), lines).unwrap();
        let mut command = Command::new("bash");
        match shell {
            Some("bash") => command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]),
            None => command.arg("-e"),
            Some(other) => panic!("a shell of {other}"),
        };
        command.arg(file("step.sh")).current_dir(&machine.workspace).env_clear().envs(&environment).env("PATH", path);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
        self.job.log += &(String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr));
        self.job.summary += &read("summary");
        self.path.splice(0..0, read("path").lines().map(str::to_owned));
        self.job.outputs.extend(
            read("output")
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        self.job.steps.push((lines.to_owned(), environment));
        if !output.status.success() {
            self.failed = true;
            self.job.code = output.status.code().unwrap_or(-1);
        }
    }
}
