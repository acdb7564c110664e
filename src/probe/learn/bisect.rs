//! Finds the parts that a write is refused for, in few requests.

use super::parts::{Part, blamed};
use super::session::{Refusal, Session};
use crate::plan::Verb;
use crate::probe::person::Role;

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way {
    /// A change of the first account.
    Change(Verb, Role),
    /// A create of somebody else.
    Create,
}

/// A part that a write of everything is refused for.
#[derive(Clone, Debug)]
pub(super) struct Culprit {
    pub(super) part: Part,
    /// How it was refused when nothing else was new. Only one that is certain says something of the part.
    pub(super) refusal: Refusal,
}

/// What is refused of the parts; `None` where that can't be found out.
pub(super) type Culprits = Option<Vec<Culprit>>;

impl Session<'_> {
    /// Each time the shortest beginning of the list that is refused ends in a culprit, or the refusal names it. A part
    /// that is accepted alone is none: then it is the number of them that is refused, or something else.
    pub(super) async fn culprits(&mut self, way: Way, parts: &[Part], refusal: Refusal) -> Culprits {
        let mut left = parts.to_vec();
        let mut found: Vec<Culprit> = Vec::new();
        let mut refusal = refusal;
        let mut turn = 0;
        while !left.is_empty() && refusal.answered && !self.ended() {
            let named = match blamed(&refusal.says, &left) {
                named if named.is_empty() || named.len() == left.len() => {
                    vec![self.first_culprit(way, &left, &mut turn).await?]
                }
                named => named,
            };
            for part in named {
                turn += 1;
                let refusal = self.attempt(way, &alone(way, &part), turn).await.err()?;
                left.retain(|other| *other != part);
                found.push(Culprit { part, refusal });
            }
            turn += 1;
            match self.attempt(way, &left, turn).await {
                Ok(()) => return Some(found),
                Err(why) => refusal = why,
            }
        }
        left.is_empty().then_some(found)
    }

    /// The last of the shortest beginning that is refused.
    async fn first_culprit(&mut self, way: Way, parts: &[Part], turn: &mut usize) -> Option<Part> {
        let (mut accepted, mut refused) = (0, parts.len());
        while refused - accepted > 1 {
            let middle = accepted.midpoint(refused);
            *turn += 1;
            match self.attempt(way, parts.get(..middle)?, *turn).await {
                Ok(()) => accepted = middle,
                Err(why) if !why.answered => return None,
                Err(_) => refused = middle,
            }
        }
        parts.get(accepted).cloned()
    }

    async fn attempt(&mut self, way: Way, parts: &[Part], turn: usize) -> Result<(), Refusal> {
        match way {
            Way::Change(verb, role) => self.change_parts(verb, role, parts).await,
            Way::Create => self.creates_with(parts, turn).await,
        }
    }
}

/// The part with as little as it can be sent with: what else an element has goes with its value, and whoever is made
/// has a name.
pub(super) fn alone(way: Way, part: &Part) -> Vec<Part> {
    let value = part.sub.is_some().then(|| part.parent().with_sub("value"));
    let name = matches!(way, Way::Create).then(|| Part::attribute("userName"));
    [name, value, Some(part.clone())].into_iter().flatten().collect()
}
