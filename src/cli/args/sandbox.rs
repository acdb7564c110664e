//! `sandbox`.

use std::path::PathBuf;

use clap::ValueHint;
use clap_complete::engine::ArgValueCandidates;

use crate::cli::candidates;

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform sandbox --profile lattice       play a vendor on 127.0.0.1:8787\n\
\x20\x20scimform sandbox --fault 429,every=10    and refuse every tenth request";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct SandboxOptions {
    /// Address to listen on; only loopback ones without `--token` are accepted.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8787")]
    pub(in crate::cli) listen: std::net::SocketAddr,
    /// Play this vendor.
    #[arg(long, value_name = "PROFILE", add = ArgValueCandidates::new(candidates::profiles))]
    pub(in crate::cli) profile: Option<String>,
    /// The token that clients must send; taken from SCIMFORM_SANDBOX_TOKEN if set.
    #[arg(long, value_name = "TOKEN", env = "SCIMFORM_SANDBOX_TOKEN", hide_env_values = true)]
    pub(in crate::cli) token: Option<String>,
    /// Keep everything in this file; in memory if not given.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) store: Option<PathBuf>,
    /// A fault to play, as in `429,every=10` or `latency=200ms,on=POST`; may be given again.
    #[arg(long = "fault", value_name = "FAULT")]
    pub(in crate::cli) faults: Vec<String>,
}
