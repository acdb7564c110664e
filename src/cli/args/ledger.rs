//! `ledger`.

use std::time::Duration;

use clap::Subcommand;
use clap_complete::engine::ArgValueCandidates;

use super::patience;
use crate::cli::candidates;

const EXAMPLES: &str = "\
Examples:\n\
\x20\x20scimform ledger list                      what is managed\n\
\x20\x20scimform ledger show ada                  everything known of one key\n\
\x20\x20scimform ledger forget lattice ada        stop managing, leave the account as it is";

#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct LedgerOptions {
    #[command(subcommand)]
    pub(in crate::cli) action: LedgerAction,
    /// The ledger of the embedded servers.
    #[arg(long, global = true)]
    pub(in crate::cli) sandbox: bool,
    /// Wait so long for another run to free the ledger, as in `5m` or `30s`; not at all if not given.
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = patience,
        default_value = "0",
        hide_default_value = true,
        global = true
    )]
    pub(in crate::cli) lock_timeout: Duration,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LedgerAction {
    /// What is managed, by target: kind, key, id.
    List,
    /// Everything known of one key.
    Show {
        /// The key.
        #[arg(value_name = "KEY", add = ArgValueCandidates::new(candidates::keys))]
        key: String,
    },
    /// Stop managing a user or group at a target, and leave it as it is.
    Forget {
        /// The target.
        #[arg(value_name = "TARGET", add = ArgValueCandidates::new(candidates::targets))]
        target: String,
        /// The keys.
        #[arg(value_name = "KEY", required_unless_present_any = ["all", "counts"], add = ArgValueCandidates::new(candidates::keys))]
        keys: Vec<String>,
        /// How many users and groups the target showed at the last apply, for one that truly shrank.
        #[arg(long, conflicts_with_all = ["keys", "all"])]
        counts: bool,
        /// Everything at the target, as after a tenant was emptied or replaced.
        #[arg(long, conflicts_with = "keys")]
        all: bool,
        /// How many users and groups `--all` forgets, exactly; asked for where it is not given.
        #[arg(long, value_name = "N", requires = "all")]
        confirm: Option<u64>,
    },
    /// Free a lock that a run which is no longer there has left.
    Unlock {
        /// The lock, as the message names it; asked for where it is not given.
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
    /// Seal the ledger as it is with the key in SCIMFORM_LEDGER_KEY, after a look at it.
    Seal {
        /// Take the seal off instead.
        #[arg(long)]
        remove: bool,
        /// How many users and groups stand in it, exactly; asked for where it is not given.
        #[arg(long, value_name = "N")]
        confirm: Option<u64>,
    },
}
