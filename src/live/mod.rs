//! What a target answered, how complete that is, and how it is matched and compared.

mod model;

pub mod disagreement;
pub mod matching;
pub mod normal;

pub use model::{Discovery, ListTrust, Live, LiveMember, LiveResource, Members, Memberships, Support, Unkept};
