//! Files that a person has reviewed: pages, plans, schemas. `SNAPSHOTS=overwrite cargo test` writes those that differ.

use std::path::{Path, PathBuf};

use snapbox::assert::DEFAULT_ACTION_ENV;
use snapbox::data::DataFormat;
use snapbox::report::Palette;
use snapbox::{Assert, Data, IntoData};

/// A path in this repository.
pub fn in_repository(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of this repository, with the line ends of Unix.
#[track_caller]
pub fn read(path: impl AsRef<Path>) -> String {
    let path = in_repository(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).replace("\r\n", "\n")
}

/// Ends the test unless this file holds this text.
#[track_caller]
pub fn golden(path: impl AsRef<Path>, real: &str) {
    if let Some(difference) = difference(path, real) {
        panic!("{difference}");
    }
}

/// How a file differs from a text.
pub fn difference(path: impl AsRef<Path>, real: &str) -> Option<String> {
    let stored = Data::read_from(&in_repository(path), Some(DataFormat::Text)).raw();
    let assert = Assert::new().action_env(DEFAULT_ACTION_ENV).palette(Palette::plain());
    let verdict = assert.try_eq(Some(&"real"), real.into_data(), stored);
    verdict.err().map(|error| error.to_string())
}
