//! Where a person's attributes stand, in a few bytes each: there may be a million people.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;

use super::UserForm;
use crate::source::{FileId, Span};

/// Names that attributes of people can have, in order.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<UserForm>();
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    let mut names: Vec<String> = properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect();
    names.sort();
    names
});

/// Where the values of a person's attributes stand, all of them in one file.
#[derive(Clone, Debug, Default)]
pub struct AttributePlaces {
    file: FileId,
    entries: Box<[Place]>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// Index of the name, by which the entries are sorted.
    name: u8,
    start: u32,
    end: u32,
}

impl AttributePlaces {
    /// The places of some attributes, each named once. One whose name people's attributes can't have is left out.
    pub(in crate::config) fn new<'a>(file: FileId, places: impl Iterator<Item = (&'a str, Span)>) -> Self {
        let place = |(name, span): (&str, Span)| Some(Place { name: index(name)?, start: span.start, end: span.end });
        let mut entries: Vec<Place> = places.filter_map(place).collect();
        entries.sort_unstable_by_key(|place| place.name);
        Self { file, entries: entries.into_boxed_slice() }
    }

    /// Where the value of an attribute stands; `None` if it is not declared.
    pub fn get(&self, name: &str) -> Option<Span> {
        let name = index(name)?;
        let at = self.entries.binary_search_by_key(&name, |place| place.name).ok()?;
        self.entries.get(at).map(|place| self.span(place))
    }

    /// Every declared attribute and where its value stands, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Span)> {
        self.entries.iter().filter_map(|place| Some((NAMES.get(usize::from(place.name))?.as_str(), self.span(place))))
    }

    fn span(&self, place: &Place) -> Span {
        Span { file: self.file, start: place.start, end: place.end }
    }
}

fn index(name: &str) -> Option<u8> {
    let at = NAMES.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
    u8::try_from(at).ok()
}
