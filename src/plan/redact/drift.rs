//! What is withheld from drift that others may read.

use super::Redactor;
use crate::plan::{Drift, Drifted, DriftedAttribute, ReadSummary, TargetDrift};
use crate::scim::ResourceKind;

impl Redactor {
    /// Drift as others may see it.
    pub fn drift(&self, drift: &Drift) -> Drift {
        if self.is_open() {
            return drift.clone();
        }
        let Drift { format, tool, created_at, as_of, revision, sandbox, only, targets } = drift;
        Drift {
            format: format.clone(),
            tool: tool.clone(),
            created_at: created_at.clone(),
            as_of: *as_of,
            revision: revision.clone(),
            sandbox: *sandbox,
            only: only.iter().map(|key| self.key(ResourceKind::User, key)).collect(),
            targets: targets.iter().map(|target| self.target_drift(target)).collect(),
        }
    }

    fn target_drift(&self, drift: &TargetDrift) -> TargetDrift {
        let TargetDrift {
            name,
            profile,
            mode,
            read,
            drifted,
            both,
            repository,
            unknown,
            no_ledger,
            notices,
            errors,
            failed,
        } = drift;
        TargetDrift {
            name: name.clone(),
            profile: profile.clone(),
            mode: *mode,
            read: ReadSummary {
                incomplete_because: read.incomplete_because.as_ref().map(|why| self.text(why)),
                ..read.clone()
            },
            drifted: drifted.iter().map(|one| self.drifted(one)).collect(),
            both: *both,
            repository: *repository,
            unknown: *unknown,
            no_ledger: *no_ledger,
            notices: notices.iter().map(|notice| self.notice(notice)).collect(),
            errors: errors.iter().map(|problem| self.problem(problem)).collect(),
            failed: failed.as_ref().map(|why| self.text(why)),
        }
    }

    fn drifted(&self, drifted: &Drifted) -> Drifted {
        let Drifted { resource, key, id, name, event, attributes, joined, left, origin } = drifted;
        Drifted {
            resource: *resource,
            key: self.key(*resource, key),
            id: id.as_ref().map(|id| self.id(*resource, id)),
            name: self.name(*resource, name),
            event: *event,
            attributes: attributes.iter().map(|attribute| self.drifted_attribute(attribute)).collect(),
            joined: joined.iter().map(|member| self.member(member)).collect(),
            left: left.iter().map(|member| self.member(member)).collect(),
            origin: self.origin(origin.as_ref()),
        }
    }

    fn drifted_attribute(&self, attribute: &DriftedAttribute) -> DriftedAttribute {
        let DriftedAttribute { path, applied, live, reference: _, sensitive, origin } = attribute;
        DriftedAttribute {
            path: path.clone(),
            applied: self.value(applied),
            live: self.value(live),
            reference: None,
            sensitive: *sensitive,
            origin: self.origin(origin.as_ref()),
        }
    }
}
