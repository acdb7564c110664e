//! Laws end to end, over random people, groups and targets, for each profile: an apply ends well and leaves nothing to do,
//! what is not ours stays as it was byte for byte, and attributes that nobody asserts stay.

pub mod cases;
pub mod needs;
pub mod world;

use std::collections::BTreeSet;
use std::sync::Mutex;

use cases::Case;
use needs::Needs;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use scimform::profile;
use world::World;

/// Runs the law for one profile, `PROPTEST_CASES` times (8 if not set). The cases are the same on every run, so that a
/// change is judged by what it changed; `PROPTEST_RNG_SEED` asks for others.
fn converges(name: &str) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let mut config = Config { cases, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_201);
    }
    let profile = profile::builtin(name).unwrap();
    let needs = Needs::of(&profile);
    // Changes, strangers, directories, most applies for one.
    let sums = Mutex::new((0, 0, 0, 0));
    let outcome = TestRunner::new(config).run(&cases::case(&needs), |case: Case| {
        let world = World::of(&profile, &needs, &case);
        for directory in &case.directories {
            let done = world.converge(directory).map_err(TestCaseError::fail)?;
            let mut sums = sums.lock().unwrap();
            *sums = (sums.0 + done.changes, sums.1, sums.2 + 1, sums.3.max(done.applies));
        }
        sums.lock().unwrap().1 += case.strangers();
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{name}: {error}");
    }
    let (changes, strangers, directories, applies) = sums.into_inner().unwrap();
    println!(
        "{name}: {cases} worlds, {directories} directories, {changes} changes applied, {strangers} strangers watched, at most \
         {applies} apply for each"
    );
    assert!(changes > u64::from(cases) && strangers > 0, "the cases are too tame: {changes} {strangers}");
}

macro_rules! profiles {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { converges($name); })*

        #[test]
        fn no_profile_is_left_out() {
            let tested: BTreeSet<&str> = [$($name),*].into();
            assert_eq!(tested, profile::names().collect());
        }
    };
}

profiles! {
    one_password: "1password",
    atlassian: "atlassian",
    aws_iam_identity_center: "aws-iam-identity-center",
    cloudflare: "cloudflare",
    configcat: "configcat",
    databricks: "databricks",
    entra_style: "entra-style",
    figma: "figma",
    generic: "generic",
    github_enterprise: "github-enterprise",
    github_organization: "github-organization",
    gitlab: "gitlab",
    gitlab_self_managed: "gitlab-self-managed",
    google_cloud_identity: "google-cloud-identity",
    grafana: "grafana",
    hcp_terraform: "hcp-terraform",
    ibm_verify: "ibm-verify",
    jumpcloud: "jumpcloud",
    keycloak: "keycloak",
    lattice: "lattice",
    miro: "miro",
    notion: "notion",
    salesforce: "salesforce",
    scalekit: "scalekit",
    sentry: "sentry",
    slack: "slack",
    snowflake: "snowflake",
    tailscale: "tailscale",
    workos: "workos",
    zitadel: "zitadel",
    zoom: "zoom",
    zscaler: "zscaler",
}
