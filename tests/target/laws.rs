//! Laws of listing, on servers made up at random.

use std::collections::BTreeSet;

use proptest::prelude::*;
use scimform::live::{ListTrust, Live};
use serde_json::{Value, json};

use crate::support::mock::{Mock, Reply, Seen, list, reader, user, users_only};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Total {
    Honest,
    Text,
    Missing,
    PageSize,
}

#[derive(Clone, Debug)]
struct Server {
    have: u64,
    cap: u64,
    total: Total,
    /// Left out of the pages although they are counted.
    hidden: BTreeSet<u64>,
    /// By cursor instead of by index.
    cursors: bool,
}

impl Server {
    fn page(&self, seen: &Seen) -> Value {
        let start = seen.number("cursor").max(seen.number("startIndex")).max(1);
        let end = (start + self.cap.min(seen.number("count")) - 1).min(self.have);
        let mut page = list(self.have, start, end);
        let shown: Vec<Value> = (start..=end).filter(|number| !self.hidden.contains(number)).map(user).collect();
        page["totalResults"] = match self.total {
            Total::Honest => json!(self.have),
            Total::Text => json!(self.have.to_string()),
            Total::Missing => Value::Null,
            Total::PageSize => json!(shown.len()),
        };
        page["Resources"] = json!(shown);
        if self.cursors && end < self.have {
            page["nextCursor"] = json!((end + 1).to_string());
        }
        page
    }
}

fn servers(total: impl Strategy<Value = Total>, hidden: std::ops::Range<usize>) -> impl Strategy<Value = Server> {
    (0_u64..120, 1_u64..40, total, any::<bool>()).prop_flat_map(move |(have, cap, total, cursors)| {
        let most = usize::try_from(have).unwrap();
        let hidden = hidden.start.min(most)..hidden.end.min(most + 1).max(hidden.start.min(most) + 1);
        proptest::collection::btree_set(1..=have.max(1), hidden).prop_map(move |hidden| Server {
            have,
            cap,
            total,
            hidden: if have == 0 { BTreeSet::new() } else { hidden },
            cursors,
        })
    })
}

fn read(server: &Server, concurrency: u64, page_size: u64) -> Live {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let server = server.clone();
        let mock = Mock::start(move |seen, _| Reply::json(&server.page(seen))).await;
        reader(&mock.base, &json!({"concurrency": concurrency, "pageSize": page_size}))
            .read(&users_only())
            .await
            .unwrap()
    })
}

fn ids(live: &Live) -> Vec<String> {
    live.users.iter().map(|user| user.id.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// A server that shows everyone is read completely, however it pages and counts.
    #[test]
    fn everyone_shown_is_read(
        server in servers(prop_oneof![Just(Total::Honest), Just(Total::Text), Just(Total::Missing)], 0..1),
        concurrency in 1_u64..6,
        page_size in 1_u64..60,
    ) {
        let live = read(&server, concurrency, page_size);
        let expected: Vec<_> = (1..=server.have).map(|number| format!("id-{number:05}")).collect();
        prop_assert_eq!(ids(&live), expected);
        prop_assert_eq!(live.trust.users, ListTrust::Whole);
    }

    /// Whoever is promised and not shown makes the read incomplete: nobody can be removed for it.
    #[test]
    fn whoever_is_hidden_makes_it_incomplete(
        server in servers(prop_oneof![Just(Total::Honest), Just(Total::Text)], 1..6),
        concurrency in 1_u64..6,
        page_size in 1_u64..60,
    ) {
        let live = read(&server, concurrency, page_size);
        let expected: Vec<_> = (1..=server.have).filter(|number| !server.hidden.contains(number)).collect();
        if server.hidden.is_empty() {
            prop_assert_eq!(&live.trust.users, &ListTrust::Whole);
        } else {
            prop_assert!(matches!(live.trust.users, ListTrust::Short(_)));
        }
        prop_assert!(ids(&live).len() <= expected.len());
    }

    /// The same answers give the same result, whatever the concurrency.
    #[test]
    fn concurrency_changes_nothing(server in servers(Just(Total::PageSize), 0..3), page_size in 1_u64..60) {
        let one = read(&server, 1, page_size);
        let many = read(&server, 8, page_size);
        prop_assert_eq!(format!("{:?}", one.users), format!("{:?}", many.users));
    }
}
