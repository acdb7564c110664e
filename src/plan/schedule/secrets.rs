//! Secrets that go into what is sent.

use std::collections::BTreeMap;

use crate::desired::Asserted;
use crate::directory::Secret;
use crate::plan::{Step, StepBody};
use crate::scim::Value;

/// Puts looked-up secrets into the bodies of creates, each looked up once. Only bodies hold them: neither effects nor
/// the ledger do.
///
/// # Errors
/// The first one of `look_up`, with the steps as they were from there on.
pub fn fill_secrets<E>(steps: &mut [Step], mut look_up: impl FnMut(&Secret) -> Result<Value, E>) -> Result<(), E> {
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for step in steps {
        let StepBody::Post(body) = &mut step.body else { continue };
        for effect in &step.effects {
            let Asserted::Secret(secret) = &effect.asserted else { continue };
            let name = format!("{secret:?}");
            let value = match found.get(&name) {
                Some(value) => value.clone(),
                None => look_up(secret)?,
            };
            effect.path.assign(body, value.clone());
            found.insert(name, value);
        }
    }
    Ok(())
}
