//! Whether a plan that was kept in a file is still what was planned.

use super::{Adoption, Change, Plan, TargetPlan, digest};

/// Holds every change, and the plan as a whole, against its digest. The error names the first change that does not fit.
/// This finds edits by hand; it is no signature: who changes the digests as well is not found out.
pub fn verify(plan: &Plan) -> Result<(), String> {
    for target in &plan.targets {
        let edited = |change: &&Change| digest::of_change(change) != change.digest;
        if let Some(change) = target.changes.iter().find(edited) {
            let Change { resource, key, .. } = change;
            return Err(format!("{resource} `{key}` at `{}` does not fit its digest", target.name));
        }
        let edited = |one: &&Adoption| digest::of_adoption(one.resource, &one.key, &one.id) != one.digest;
        if let Some(Adoption { resource, key, .. }) = target.adoptions.iter().find(edited) {
            return Err(format!("the adoption of {resource} `{key}` at `{}` does not fit its digest", target.name));
        }
    }
    if digest::of_plan(&plan.targets) != plan.digest {
        return Err("the changes do not fit the digest of the plan: some are missing, added or in another order".into());
    }
    Ok(())
}

/// Changes of a plan up to which one is looked for that alone was not expected.
const TRIED: usize = 500;

/// The one change without which a plan would have the expected digest, where there is one.
pub fn unexpected<'p>(plan: &'p Plan, expected: &str) -> Option<(&'p str, &'p Change)> {
    if plan.targets.iter().map(|target| target.changes.len()).sum::<usize>() > TRIED {
        return None;
    }
    let mut bare: Vec<TargetPlan> = plan.targets.clone();
    for (place, target) in plan.targets.iter().enumerate() {
        for (index, change) in target.changes.iter().enumerate() {
            bare.get_mut(place)?.changes.remove(index);
            let fits = digest::of_plan(&bare) == expected;
            bare.get_mut(place)?.changes.insert(index, change.clone());
            if fits {
                return Some((&target.name, change));
            }
        }
    }
    None
}
