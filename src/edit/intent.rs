//! What a file should say after an edit.

use serde_json::{Map, Value as Json};

use super::{Edit, Step};

/// Why an edit makes no sense for a file.
pub(super) type Nonsense = String;

/// Makes an edit on what a file says.
pub(super) fn apply(root: &mut Json, edit: &Edit) -> Result<(), Nonsense> {
    match edit {
        Edit::Insert { section, entries } => {
            let map = mapping(mapping(root, "the file")?.entry(section.clone()).or_insert(Json::Null), section)?;
            for (key, value) in entries {
                if map.contains_key(key) {
                    return Err(format!("`{key}` stands in `{section}` already"));
                }
                map.insert(key.clone(), json(value)?);
            }
        }
        Edit::Set { path, value } => *place(root, path)? = json(value)?,
        Edit::AddItems { path, items } => {
            let list = place(root, path)?;
            if list.is_null() {
                *list = Json::Array(Vec::new());
            }
            let list = list.as_array_mut().ok_or_else(|| format!("`{}` is no list", shown(path)))?;
            for item in items {
                list.push(json(item)?);
            }
        }
        Edit::Remove { path } => {
            let (last, way) = path.split_last().ok_or_else(|| "nothing is named".to_owned())?;
            let missing = || format!("`{}` is not there", shown(path));
            let parent = find(root, way).ok_or_else(missing)?;
            match last {
                Step::Key(key) => parent.as_object_mut().and_then(|map| map.shift_remove(key)).map(drop),
                Step::Index(at) => {
                    parent.as_array_mut().filter(|list| *at < list.len()).map(|list| drop(list.remove(*at)))
                }
            }
            .ok_or_else(missing)?;
        }
        Edit::RemoveItems { path, items } => {
            let list = find(root, path).and_then(Json::as_array_mut);
            let list = list.ok_or_else(|| format!("`{}` is no list", shown(path)))?;
            let there: std::collections::BTreeSet<&str> = list.iter().filter_map(name).collect();
            if let Some(missing) = items.iter().find(|item| !there.contains(item.as_str())) {
                return Err(format!("`{missing}` does not stand in `{}`", shown(path)));
            }
            let gone: std::collections::BTreeSet<&str> = items.iter().map(String::as_str).collect();
            list.retain(|item| name(item).is_none_or(|name| !gone.contains(name)));
        }
    }
    Ok(())
}

/// The word that an item is known by: itself, or its `user`.
pub(super) fn name(item: &Json) -> Option<&str> {
    item.as_str().or_else(|| item.get("user").and_then(Json::as_str))
}

/// A path as people read it.
pub(super) fn shown(path: &[Step]) -> String {
    let steps: Vec<String> = path
        .iter()
        .map(|step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(at) => at.to_string(),
        })
        .collect();
    steps.join(".")
}

/// A value as a file says it.
pub(super) fn json(value: &crate::scim::Value) -> Result<Json, Nonsense> {
    serde_json::to_value(value).map_err(|error| error.to_string())
}

fn mapping<'j>(value: &'j mut Json, name: &str) -> Result<&'j mut Map<String, Json>, Nonsense> {
    if value.is_null() {
        *value = Json::Object(Map::new());
    }
    value.as_object_mut().ok_or_else(|| format!("`{name}` is no mapping"))
}

fn find<'j>(root: &'j mut Json, path: &[Step]) -> Option<&'j mut Json> {
    path.iter().try_fold(root, |at, step| match step {
        Step::Key(key) => at.get_mut(key.as_str()),
        Step::Index(index) => at.get_mut(*index),
    })
}

/// A place, whose mappings on the way are made.
fn place<'j>(root: &'j mut Json, path: &[Step]) -> Result<&'j mut Json, Nonsense> {
    path.iter().try_fold(root, |at, step| match step {
        Step::Key(key) => Ok(mapping(at, key)?.entry(key.clone()).or_insert(Json::Null)),
        Step::Index(index) => at.get_mut(*index).ok_or_else(|| format!("`{}` is not there", shown(path))),
    })
}
