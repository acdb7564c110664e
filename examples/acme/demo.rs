//! The loop on a copy of this folder: validate, plan, apply, plan, edit, plan. The example runs it and prints it; a
//! test runs it and compares it with the transcript in `README.md`.

use std::path::Path;

/// The day on which the story is set: contractors have left by then, and a joiner has not started.
pub(crate) const AS_OF: &str = "2026-12-01";

/// One thing that a person does.
pub(crate) enum Act {
    /// Runs scimform with these arguments.
    Run(&'static [&'static str]),
    /// Replaces a text in a file.
    Edit(&'static str, &'static str, &'static str),
}

/// The whole story.
pub(crate) const STORY: [Act; 11] = [
    Act::Run(&["validate"]),
    Act::Run(&["plan", "--sandbox"]),
    Act::Run(&["apply", "--sandbox", "--auto-approve"]),
    Act::Run(&["plan", "--sandbox"]),
    Act::Edit("people/engineering.yaml", "title: Principal Engineer", "title: Distinguished Engineer"),
    Act::Edit("groups.yaml", "members: [nadia, oscar, priya, ", "members: [nadia, oscar, priya, linus, "),
    Act::Run(&["plan", "--sandbox"]),
    Act::Run(&["apply", "--sandbox", "--auto-approve"]),
    Act::Run(&["plan", "--sandbox"]),
    Act::Run(&["apply", "--sandbox", "--undo", LAST, "--auto-approve"]),
    Act::Run(&["plan", "--sandbox"]),
];

/// Stands for the file by which the last apply is taken back; its name has a time in it.
pub(crate) const LAST: &str = ".scimform/sandbox/undo/….json";

/// The arguments as they are run: those that plan get the day of the story.
pub(crate) fn arguments(words: &[&str]) -> Vec<String> {
    let mut arguments: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if words.contains(&"--sandbox") {
        arguments.extend(["--as-of".to_owned(), AS_OF.to_owned()]);
    }
    arguments
}

/// The same with names that are only known in the folder where it happens.
pub(crate) fn arguments_in(folder: &Path, words: &[&str]) -> Vec<String> {
    let last = || {
        let names = std::fs::read_dir(folder.join(".scimform/sandbox/undo")).ok()?;
        let names = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        // Those of one second sort by the time of their writing alone.
        let files = names.filter(|name| name.starts_with("20")).map(|name| format!(".scimform/sandbox/undo/{name}"));
        files.max_by_key(|name| std::fs::metadata(folder.join(name)).and_then(|data| data.modified()).ok())
    };
    let word = |word: String| if word == LAST { last().unwrap_or(word) } else { word };
    arguments(words).into_iter().map(word).collect()
}

/// What a shell would show before the output.
pub(crate) fn prompt(act: &Act) -> String {
    match act {
        Act::Run(words) => format!("$ scimform {}", arguments(words).join(" ")),
        Act::Edit(file, before, after) => format!("$ sed -i 's/{before}/{after}/' {file}").replace('[', "\\["),
    }
}

/// Replaces the text, which must stand there once.
pub(crate) fn edit(folder: &Path, file: &str, before: &str, after: &str) -> std::io::Result<()> {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path)?;
    assert_eq!(text.matches(before).count(), 1, "`{before}` must stand once in {file}");
    std::fs::write(path, text.replace(before, after))
}

/// Copies this folder's YAML files.
pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() && !name.to_string_lossy().starts_with('.') {
            copy(&path, &to.join(name))?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
