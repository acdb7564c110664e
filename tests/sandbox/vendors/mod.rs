//! Vendors' limits and quirks, as their profiles' data say.

mod attributes;
mod deletion;
mod every;
mod groups;
mod lists;
mod rates;
mod shown;
mod verbs;

use scimform::profile::Capabilities;

fn capabilities(change: impl FnOnce(&mut Capabilities)) -> Capabilities {
    let mut capabilities = Capabilities::default();
    change(&mut capabilities);
    capabilities
}
