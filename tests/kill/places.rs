//! Disks that are full or can't be written to: nothing is sent that the journal does not tell.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use scimform::apply::{Journal, JournalEntry};

use crate::kill::world::{Start, World};
use crate::support::{Ran, files};

/// An apply that can write no file longer than this; the system answers as a full disk does, with an error.
fn cramped(world: &World, blocks: u64) -> Ran {
    let apply = world.repo.command(&["apply", "--auto-approve"]);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"")).arg("sh");
    shell.arg(apply.get_program()).args(apply.get_args()).env_clear();
    shell.envs(apply.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", "/usr/bin:/bin");
    Ran::from(shell.output().unwrap())
}

/// Writes that the journals tell of.
fn told(world: &World) -> usize {
    let lines = world.journals().into_iter().flat_map(|path| Journal::read(&path).unwrap());
    lines.filter(|line| matches!(line.entry, JournalEntry::Sending { .. })).count()
}

#[test]
fn a_disk_that_fills_up_stops_the_apply_where_it_stands() {
    let start = Start::new();
    let whole = start.undisturbed();
    let (mut stopped, mut sent) = (0, 0);
    // Blocks of 512 bytes: from a ledger that can't be saved at all, through a journal that is cut, to room for everything.
    for blocks in [1, 12, 24, 28, 32, 36, 40, 64] {
        let world = World::of(&start);
        world.server.running().forget_requests();
        let first = cramped(&world, blocks);
        let writes = world.server.writes();
        // A membership is one step and may take several requests; nothing is sent before its line is there.
        assert!(writes == 0 || told(&world) > 0, "{blocks}: {writes}");
        if first.code != 0 {
            stopped += 1;
            sent += writes;
            let text = first.said();
            assert!([1, 4].contains(&first.code), "{blocks}: {text}");
            let said = [
                "journal can't be written",
                "the ledger can't be saved",
                "can't save the ledger",
                "can't lock",
                "can't be written, by which it could be taken back",
            ];
            assert!(said.iter().any(|why| text.contains(why)), "{blocks}: {text}");
            assert!(text.contains("File too large"), "{blocks}: {text}");
            assert!(writes > 0 || !text.contains("to take this back"), "{blocks}: {text}");
        }
        let problems = world.finish(&whole);
        assert!(problems.is_empty(), "{blocks}: {}\n--- first\n{}{}", problems.join("\n"), first.out, first.err);
    }
    assert!(stopped >= 3 && sent > 10, "{stopped} stopped, {sent} sent");
}

/// A small file system of memory, which only root mounts.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    fn mount(at: &'a Path, options: &str) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output().unwrap();
        assert!(mount.status.success(), "{}", String::from_utf8_lossy(&mount.stderr));
        Self(at)
    }

    fn again(&self, options: &str) {
        let remount = Command::new("mount").arg("-o").arg(format!("remount,{options}")).arg(self.0).status();
        assert!(remount.unwrap().success());
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
#[ignore = "mounts a file system, as root: see .ci/run"]
fn a_small_disk_is_left_in_order_and_room_lets_the_next_apply_finish() {
    let start = Start::new();
    let whole = start.undisturbed();
    let mut stopped = 0;
    for size in ["24k", "44k"] {
        let world = World::of(&start);
        let at = world.repo.path().join(".scimform");
        let ledger = files(&at);
        let disk = Small::mount(&at, &format!("size={size}"));
        for (path, text) in ledger {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let first = world.repo.apply();
        let text = first.said();
        assert!([0, 1, 4].contains(&first.code), "{size}: {text}");
        assert_eq!(first.code != 0, text.contains("No space left"), "{size}: {text}");
        stopped += usize::from(first.code != 0);
        disk.again("size=4m");
        let problems = world.finish(&whole);
        assert!(problems.is_empty(), "{size}: {}\n--- first\n{text}", problems.join("\n"));
    }
    assert!(stopped >= 1, "{stopped}");
}

/// An apply that ends for one of these reasons, before a request.
fn refused(world: &World, said: &[&str]) {
    world.server.running().forget_requests();
    let ran = world.repo.apply();
    assert!(ran.code != 0 && said.iter().any(|why| ran.said().contains(why)), "{}: {}", ran.code, ran.said());
    assert_eq!(world.server.writes(), 0, "{}", ran.said());
}

#[test]
fn where_no_journal_can_be_kept_nothing_is_sent() {
    let start = Start::new();
    let world = World::of(&start);
    // A file in the way, which stops root too.
    world.repo.write(".scimform/journal", "not a folder");
    refused(&world, &["cannot read the journal"]);
    std::fs::remove_file(world.repo.path().join(".scimform/journal")).unwrap();
    world.repo.apply().expect(0);
}

#[test]
#[ignore = "root mounts a file system for it: see .ci/run"]
fn where_nothing_can_be_written_nothing_is_sent() {
    let start = Start::new();
    let world = World::of(&start);
    let at = world.repo.path().join(".scimform");
    std::fs::set_permissions(&at, Permissions::from_mode(0o555)).unwrap();
    // Permissions do not stop root.
    let disk = std::fs::write(at.join("probe"), "").is_ok().then(|| Small::mount(&at, "size=1m"));
    if let Some(disk) = &disk {
        disk.again("ro");
    }
    refused(&world, &["Read-only file system", "Permission denied"]);
    drop(disk);
    let _ = std::fs::remove_file(at.join("probe"));
    std::fs::set_permissions(&at, Permissions::from_mode(0o755)).unwrap();
    world.repo.apply().expect(0);
}
