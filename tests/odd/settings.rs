//! Every dead end names its way out.

use serde_json::json;

use crate::odd::bends::Bends;
use crate::odd::server::Odd;
use crate::odd::world::{World, account, names};

#[test]
fn a_slip_in_the_token_or_the_url_is_told_in_words_that_lead_to_it() {
    let world = World::of(Odd::new(Bends::default()).holding(&[account("ada")], &[]));
    world.staff(&["ada"]);
    let url = world.server.url().to_owned();
    let run = |repo: &crate::support::Repo| repo.run(&["validate"]).said() + &repo.run(&["plan"]).said();
    let at = |url: &str| {
        world.at(url, json!({}));
        run(&world.repo)
    };
    let said = at(&format!("{url}/Users"));
    assert!(said.contains("/Users") && (said.contains("without") || said.contains("base URL")), "{said}");
    names(&at(url.strip_suffix("/scim/v2").unwrap()), &["scim/v2"]);
    names(&at(&format!("{url}/v2")), &["base URL"]);
    for (token, accepted) in [("Bearer secret-token", false), ("secret-token\n", true)] {
        let other = World::of(Odd::new(Bends::default()).holding(&[account("ada")], &[]));
        other.staff(&["ada"]);
        let World { server, repo } = other;
        let repo = repo.env("TOKEN", token);
        let said = run(&repo);
        let told = said.contains("Bearer");
        assert!(accepted || told, "{said}");
        assert!(!accepted || !said.contains("could not be read"), "{said}");
        drop(server);
    }
}
