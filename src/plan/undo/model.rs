//! Types of the way back. They serialise as `scimform.undo/v1`; fields are only ever added.

use serde::{Deserialize, Serialize};

use crate::ledger::Entry;
use crate::plan::{Action, MemberChange, digest};
use crate::scim::{ResourceKind, Value};

/// What one apply did and what was there before, over all targets. It holds people's data in clear, and no secrets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// `scimform.undo/v1`.
    pub format: String,
    /// `scimform 0.1.0`.
    pub tool: String,
    /// When the apply began, RFC 3339 UTC.
    pub created_at: String,
    /// The git revision that was applied, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// Whether the targets were embedded servers; such a file is refused on real targets.
    #[serde(default)]
    pub sandbox: bool,
    /// Digest of the plan that was applied.
    pub plan: String,
    /// Digest of the file that the apply itself took back, where it was an undo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// Hash of everything else in the file.
    pub digest: String,
    /// One part per target, by name.
    pub targets: Vec<UndoTarget>,
}

/// What an apply did at one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoTarget {
    /// The target.
    pub name: String,
    /// Name of the journal that tells what became of the changes, as long as they are only planned here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// Whether the run ended and every change says what became of it.
    #[serde(default)]
    pub settled: bool,
    /// The changes, in the order of the plan.
    pub changes: Vec<Reversal>,
    /// Resources that were there before and are managed since, without any other change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopted: Vec<NewlyManaged>,
}

/// One change with what was before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reversal {
    /// What was done.
    pub action: Action,
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key; the id where the object was never ours.
    pub key: String,
    /// The server's id; of a creation, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The readable name.
    pub name: String,
    /// Whether the ledger knew it before.
    pub managed: bool,
    /// What became of it.
    pub state: State,
    /// Attributes by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<ReversedAttribute>,
    /// Members that came and went.
    #[serde(default, skip_serializing_if = "MemberChange::is_empty")]
    pub members: MemberChange,
    /// The ledger's entry, where the apply took it out and the resource stayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub entry: Option<Entry>,
    /// What can't be taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<NotRestored>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It is not known: the run was cut off before it said so.
    Planned,
    /// It was done.
    Done,
    /// Some of it was done, or it is not known how much: what the target shows decides.
    Partly,
    /// Nothing of it was sent.
    NotDone,
    /// What was to be made was there already and was taken over. What it held before is not known.
    TakenOver,
}

/// Both sides of an attribute that was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Turned")]
pub struct ReversedAttribute {
    /// SCIM attribute path.
    pub path: String,
    /// What the target held, as it showed it; null where nothing was assigned.
    #[schemars(with = "serde_json::Value")]
    pub before: Value,
    /// What was sent; null where it was cleared. A manager is named by key.
    #[schemars(with = "serde_json::Value")]
    pub after: Value,
    /// Key of the person whose id was sent (manager).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Something that no undo brings back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Lost")]
pub struct NotRestored {
    /// The attribute; none where it is the resource itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Why.
    pub why: String,
}

/// A resource that an apply began to manage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Forgone")]
pub struct NewlyManaged {
    /// User or group.
    #[schemars(with = "String")]
    pub resource: ResourceKind,
    /// Our key.
    pub key: String,
    /// The server's id.
    pub id: String,
    /// The readable name.
    pub name: String,
}

/// Which way back a plan goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoOf {
    /// The file, as it was named.
    pub file: String,
    /// The file's digest.
    pub digest: String,
    /// When the apply began that is taken back.
    pub created_at: String,
}

impl Undo {
    /// Brings the digest up to date.
    pub fn seal(&mut self) {
        self.digest.clear();
        self.digest = self.hash();
    }

    /// Whether the file is still what was written. This finds edits by hand; it is no signature.
    pub fn is_whole(&mut self) -> bool {
        let said = std::mem::take(&mut self.digest);
        let whole = said == self.hash();
        self.digest = said;
        whole
    }

    /// The hash of what is written while no digest is filled in. A part that is left out has no say, so a file of an
    /// earlier version stays whole.
    fn hash(&self) -> String {
        digest::hash(serde_json::to_string(self).unwrap_or_default().as_bytes())
    }

    /// What this apply did that can't be taken back, by target: only what was done or may have been.
    pub fn lost(&self) -> impl Iterator<Item = (&str, &Reversal, &NotRestored)> {
        self.targets.iter().flat_map(|target| {
            let happened = |change: &&Reversal| change.state != State::NotDone;
            let changes = target.changes.iter().filter(happened);
            changes.flat_map(move |change| change.lost.iter().map(move |lost| (target.name.as_str(), change, lost)))
        })
    }

    /// Whether the apply did anything that an undo would look at.
    pub fn is_empty(&self) -> bool {
        let nothing = |target: &UndoTarget| {
            target.adopted.is_empty() && target.changes.iter().all(|change| change.state == State::NotDone)
        };
        self.targets.iter().all(nothing)
    }
}
