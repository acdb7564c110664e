//! What a target answered, how complete that is, and how it is matched and compared.

mod account;
mod model;

pub mod disagreement;
pub mod matching;
pub mod normal;

pub use account::{AccountReader, AccountState};
pub use model::{Discovery, ListTrust, Live, LiveMember, LiveResource, Members, Memberships, Support, Unkept};
