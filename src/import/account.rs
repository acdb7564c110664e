//! What a settled import comes to, entry by entry.

use super::choice::Choice;
use super::draft::{self, Draft};
use super::listing::Listing;
use super::model::{Item, Status, Summary};
use super::settle::{Settled, Work};
use crate::scim::{ResourceKey, ResourceKind};
use crate::wording::{count, few};

/// Members that are named in a note at most.
const MOST_NAMED: usize = 5;

impl Work<'_, '_> {
    pub(super) fn settled(self, listing: &Listing, drafted: Draft) -> Settled {
        let mut summary = Summary::default();
        let mut items = Vec::with_capacity(listing.entries.len());
        for entry in &listing.entries {
            let name = ResourceKey::new(entry.kind, &*entry.key);
            let choice = self.choices.all.get(&name).filter(|choice| choice.entry.id == entry.id);
            let written = choice.is_some_and(Choice::is_written);
            let managed = entry.bound || choice.is_some_and(|choice| choice.bound && choice.left.is_none());
            let mut notes: Vec<String> =
                choice.map(|choice| choice.notes.iter().cloned().collect()).unwrap_or_default();
            if let Some(choice) = choice.filter(|_| written) {
                notes.extend(self.content_note(choice));
                notes.extend(self.manager_note(choice));
            }
            match entry.status {
                Status::New => summary.new += 1,
                Status::Imported => summary.imported += 1,
            }
            let left = choice.map_or_else(|| entry.left.clone(), |choice| choice.left.clone());
            let differs = choice.filter(|_| managed).map(|choice| choice.differs.clone()).unwrap_or_default();
            summary.written += u64::from(written);
            summary.left += u64::from(choice.is_some() && left.is_some());
            summary.differing += u64::from(!differs.is_empty());
            summary.unmanaged += u64::from(!managed && (written || entry.status == Status::Imported));
            items.push(Item {
                resource: entry.kind,
                status: entry.status,
                key: entry.key.clone(),
                id: entry.id.clone(),
                name: entry.name.clone(),
                written,
                file: drafted.files.get(&name).filter(|_| written).cloned(),
                managed,
                differs,
                notes,
                left,
            });
        }
        let notices = self.notices(&drafted);
        Settled {
            files: draft::files(&drafted, self.scope.sources),
            texts: drafted.texts,
            items,
            summary,
            binding: drafted.binding,
            notices,
        }
    }

    fn notices(&self, drafted: &Draft) -> Vec<String> {
        let mut notices: Vec<String> = Vec::new();
        if self.others > 0 {
            notices.push(format!(
                "the plan has {} besides, of people or groups that were declared before",
                count(self.others, "change")
            ));
        }
        let words = match self.extras.on_create {
            _ if !drafted.own_mapping => None,
            (true, true) => Some("most people and groups have"),
            (true, false) => Some("most people have"),
            (false, true) => Some("groups have"),
            (false, false) => None,
        };
        notices.extend(words.map(|who| {
            format!(
                "{who} no externalId at the target: the mapping `{}` sends one to new accounts alone. Take its rows out once \
                 everyone is to get one",
                draft::binding_name(self.scope)
            )
        }));
        notices.extend(self.violations.iter().map(|text| format!("the plan would break a rule: {text}")));
        notices
    }

    fn content_note(&self, choice: &Choice<'_>) -> Option<String> {
        if choice.entry.kind != ResourceKind::Group {
            return None;
        }
        let others = self.choices.content(choice, self.scope).others;
        let named = few(&others, MOST_NAMED);
        (!named.is_empty()).then(|| format!("members that are not declared stay as they are: {named}"))
    }

    fn manager_note(&self, choice: &Choice<'_>) -> Option<String> {
        let id = choice.entry.manager.as_ref().filter(|_| choice.managed_by)?;
        self.choices.manager(choice).is_none().then(|| format!("its manager `{id}` is not declared, so none is"))
    }
}
