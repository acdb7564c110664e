//! Finds the parts that a write is refused for, in few requests.

use super::parts::{Part, blamed};
use super::session::Session;
use crate::plan::Verb;
use crate::probe::person::Role;

/// More refused parts than this are no oddity of single attributes.
const MOST: usize = 8;

/// More requests than this are not worth the answer.
const REQUESTS: usize = 40;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// A change of the first account.
    Change(Verb, Role),
    /// A create of somebody else.
    Create,
}

/// What is refused of the parts, with the answers; `None` where it is too much to be found out.
pub(super) type Culprits = Option<Vec<(Part, String)>>;

impl Session<'_> {
    /// Each time the shortest beginning of the list that is refused ends in a culprit, or the refusal names it.
    pub(super) async fn culprits(&mut self, way: Way, parts: &[Part], refusal: String) -> Culprits {
        let mut left = parts.to_vec();
        let mut found: Vec<(Part, String)> = Vec::new();
        let mut refusal = refusal;
        let mut turn = 0;
        while found.len() < MOST && turn < REQUESTS && !self.ended() {
            let named = match blamed(&refusal, &left) {
                named if named.is_empty() || named.len() == left.len() => {
                    vec![self.first_culprit(way, &left, &mut turn, &mut refusal).await?]
                }
                named => named,
            };
            left.retain(|part| !named.contains(part));
            found.extend(named.into_iter().map(|part| (part, refusal.clone())));
            turn += 1;
            match self.attempt(way, &left, turn).await {
                Ok(()) => return Some(found),
                Err(why) => refusal = why,
            }
        }
        None
    }

    /// The last of the shortest beginning that is refused.
    async fn first_culprit(
        &mut self,
        way: Way,
        parts: &[Part],
        turn: &mut usize,
        refusal: &mut String,
    ) -> Option<Part> {
        let (mut accepted, mut refused) = (0, parts.len());
        while refused - accepted > 1 && *turn < REQUESTS {
            let middle = accepted.midpoint(refused);
            *turn += 1;
            match self.attempt(way, parts.get(..middle)?, *turn).await {
                Ok(()) => accepted = middle,
                Err(why) => {
                    refused = middle;
                    *refusal = why;
                }
            }
        }
        parts.get(accepted).cloned()
    }

    async fn attempt(&mut self, way: Way, parts: &[Part], turn: usize) -> Result<(), String> {
        match way {
            Way::Change(verb, role) => self.change_parts(verb, role, parts).await,
            Way::Create => self.creates_with(parts, turn).await,
        }
    }
}
