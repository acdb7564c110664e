//! Files that hold a way back.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::super::Failure;
use crate::apply::{Journal, Trace};
use crate::ledger::Store;
use crate::plan::undo::{FORMAT, Undo, UndoTarget};
use crate::render::escape::terminal;

/// Files that are kept; older ones go.
const KEPT: usize = 20;

/// The folder of the files.
pub(super) fn folder(store: &Store) -> PathBuf {
    store.local().join("undo")
}

/// Reads a file that an apply left. Where that apply was cut off, its journal says what became of the changes.
pub(super) fn read(folder: &Path, root: &Path, file: &Path, store: &Store) -> Result<Undo, Failure> {
    // Applies name it from the root of the repository.
    let here = folder.join(file);
    let path = if here.exists() { here } else { root.join(file) };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
    let hint = "Each apply that changes something names the file it leaves, as `.scimform/undo/….json`.";
    let mut undo: Undo = serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!("{} is no way back from an apply: {error}", path.display())).hint(hint)
    })?;
    if undo.format != FORMAT {
        let format = terminal(&undo.format);
        return Err(Failure::new(format!("{} has the format `{format}`, not `{FORMAT}`", path.display())).hint(hint));
    }
    if !undo.is_whole() {
        return Err(Failure::new(format!("{} was changed since the apply wrote it", path.display()))
            .hint("To take only a part back, give `--target` or `--only`."));
    }
    for target in undo.targets.iter_mut().filter(|target| !target.settled) {
        settle(target, store)?;
    }
    Ok(undo)
}

fn settle(target: &mut UndoTarget, store: &Store) -> Result<(), Failure> {
    let journal = target.journal.as_deref().and_then(|name| Path::new(name).file_name());
    let Some(path) = journal.map(|name| store.journals().join(name)) else {
        // The apply ended before this target's turn came.
        Trace::default().settle(target);
        return Ok(());
    };
    match Journal::read(&path) {
        Ok(lines) => Trace::of_journal(&lines).settle(target),
        // Without it what the target shows has to do.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => {
            return Err(Failure::new(format!("cannot read the journal {}: {error}", path.display()))
                .hint("It tells what the apply that was cut off did. Mend it, or move it away to do without."));
        }
    }
    Ok(())
}

/// A name for a new file, by time (to the millisecond, so that names sort by age) and by the plan that is applied.
pub(super) fn fresh(folder: &Path, now: jiff::Timestamp, plan: &str) -> PathBuf {
    let stem = format!("{}-{}", now.strftime("%Y%m%dT%H%M%S.%3fZ"), plan.get(..8).unwrap_or(plan));
    let names = (1..).map(|turn: u32| if turn == 1 { format!("{stem}.json") } else { format!("{stem}-{turn}.json") });
    let mut paths = names.map(|name| folder.join(name));
    paths.find(|path| !path.exists()).unwrap_or_else(|| folder.join(format!("{stem}.json")))
}

/// Writes a file whole or not at all, readable by its owner alone, and on the disk when this returns.
pub(super) fn write(path: &Path, undo: &Undo) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    if !folder.is_dir() {
        std::fs::create_dir_all(folder)?;
    }
    // They hold people's data in clear: they must not be committed by accident.
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n")?;
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let mut buffered = std::io::BufWriter::new(file.as_file_mut());
    serde_json::to_writer(&mut buffered, undo)?;
    buffered.write_all(b"\n")?;
    // A buffer that is dropped would keep what went wrong with its last bytes to itself.
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Removes all but the newest files beside the one that was just written, which stays even where the clock was set back
/// and its name is older than theirs.
pub(super) fn prune(written: &Path) -> std::io::Result<()> {
    let Some(folder) = written.parent() else { return Ok(()) };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json") && path != written)
        .collect();
    files.sort();
    let old = (files.len() + 1).saturating_sub(KEPT);
    files.iter().take(old).try_for_each(std::fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_just_written_is_kept_though_the_clock_was_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, "{}").unwrap();
            path
        };
        let later: Vec<PathBuf> = (10..10 + KEPT).map(|day| file(format!("202612{day}T000000Z-aa.json"))).collect();
        let written = file("20261101T000000Z-bb.json".to_owned());
        prune(&written).unwrap();
        assert!(written.exists(), "the way back of the last apply");
        assert!(!later.first().unwrap().exists(), "the oldest of the others goes instead");
        assert_eq!(later.iter().filter(|path| path.exists()).count(), KEPT - 1);
    }
}
