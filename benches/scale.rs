//! How validate and plan grow: a generated directory of 1,000, 10,000 and 100,000 people that is in sync with a bare
//! server in this process. Each figure is shown beside that of a minimal client, which fetches the same pages and
//! decodes them, in the same run. The first plan is that of the same directory against an empty target: everyone is
//! created. Processor time that grows faster than the people ends the run with an error. `cargo bench --bench scale [-- PEOPLE…]`, or `-- serve FOLDER PEOPLE` for a profiler.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::cast_precision_loss,
    clippy::format_collect,
    clippy::needless_borrows_for_generic_args,
    unreachable_pub,
    reason = "a test may fail loudly"
)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path as Segment, Query, State};
use axum::response::IntoResponse;

/// Resources a page.
const PAGE: usize = 1000;
/// Members a group.
const MEMBERS: usize = 50;
/// Runs of which the median counts.
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [mode, url] = arguments.as_slice()
        && mode == "minimal"
    {
        return minimal_client(url);
    }
    if let [mode, folder, people] = arguments.as_slice()
        && mode == "serve"
    {
        return serve(Path::new(folder), people.parse().unwrap());
    }
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![1000, 10_000, 100_000];
    }
    println!(
        "| people | validate s | plan s | first plan s | minimal s | validate / minimal | plan / minimal | plan CPU / minimal CPU | peak MiB | first peak MiB | minimal MiB | KiB a live user | requests (least) |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let rows: Vec<(usize, [Cost; 3])> = sizes.into_iter().map(|size| (size, row(size))).collect();
    for pair in rows.windows(2) {
        grows_no_faster(&pair[0], &pair[1]);
    }
}

/// Makes a directory and serves what it declares until the process is stopped, for a profiler to look at.
fn serve(folder: &Path, people: usize) {
    let server = Server::start(people);
    std::fs::create_dir_all(folder).unwrap();
    generate(folder, people, &server.url);
    println!("BENCH_TOKEN=t scimform -C {} plan", folder.display());
    loop {
        std::thread::park();
    }
}

/// Small runs are mostly start-up, so growth counts from ten thousand people on.
fn grows_no_faster((fewer, before): &(usize, [Cost; 3]), (more, after): &(usize, [Cost; 3])) {
    if *fewer < 10_000 || more <= fewer {
        return;
    }
    let factor = *more as f64 / *fewer as f64;
    for (what, before, after) in
        [0, 1, 2].map(|index| (["validate", "plan", "first plan"][index], before[index], after[index]))
    {
        let growth = after.cpu.as_secs_f64() / before.cpu.as_secs_f64().max(0.01);
        assert!(growth < 3.0 * factor, "{what} took {growth:.0} times as long for {factor:.0} times the people");
    }
}

fn row(people: usize) -> [Cost; 3] {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(people);
    generate(folder.path(), people, &server.url);
    let scimform = env!("CARGO_BIN_EXE_scimform");
    let at = folder.path().to_str().unwrap();
    let validate = median(|| measure(Command::new(scimform).args(["-C", at, "validate"])));
    server.requests.store(0, Ordering::Relaxed);
    let plan = median(|| measure(Command::new(scimform).args(["-C", at, "plan", "--detailed-exitcode"])));
    let requests = server.requests.load(Ordering::Relaxed) / RUNS as u64;
    let root = folder.path().join("scimform.yaml");
    let text = std::fs::read_to_string(&root).unwrap();
    std::fs::write(&root, text.replace("/scim/v2", "/empty/v2")).unwrap();
    let first = median(|| measure(Command::new(scimform).args(["-C", at, "plan"])));
    let own = std::env::current_exe().unwrap();
    let minimal = median(|| measure(Command::new(&own).args(["minimal", &server.url])));
    // The pages, and three requests for discovery at most.
    let least = people.div_ceil(PAGE) + (people / MEMBERS).div_ceil(PAGE);
    println!(
        "| {people} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {:.2} | {requests} ({least}) |",
        validate.wall.as_secs_f64(),
        plan.wall.as_secs_f64(),
        first.wall.as_secs_f64(),
        minimal.wall.as_secs_f64(),
        validate.wall.as_secs_f64() / minimal.wall.as_secs_f64(),
        plan.wall.as_secs_f64() / minimal.wall.as_secs_f64(),
        plan.cpu.as_secs_f64() / minimal.cpu.as_secs_f64().max(0.01),
        plan.peak as f64 / 1024.0,
        first.peak as f64 / 1024.0,
        minimal.peak as f64 / 1024.0,
        plan.peak as f64 / people as f64,
    );
    [validate, plan, first]
}

#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
    /// KiB.
    peak: u64,
}

fn median(mut run: impl FnMut() -> Cost) -> Cost {
    let mut costs: Vec<Cost> = (0..RUNS).map(|_| run()).collect();
    costs.sort_by_key(|cost| cost.wall);
    costs[RUNS / 2]
}

/// Runs a command to its end; processor time and peak memory are what the system last said of it.
fn measure(command: &mut Command) -> Cost {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .env("BENCH_TOKEN", "t")
        .env("SCIMFORM_ALLOWED_HOSTS", "127.0.0.1")
        .spawn()
        .unwrap();
    let (mut ticks, mut peak) = (0, 0);
    let status = loop {
        let process = format!("/proc/{}", child.id());
        if let Ok(stat) = std::fs::read_to_string(format!("{process}/stat")) {
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            let tick = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
            ticks = ticks.max(tick(11) + tick(12));
        }
        if let Ok(status) = std::fs::read_to_string(format!("{process}/status")) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|kib| kib.parse().ok());
            peak = peak.max(kib.unwrap_or(0));
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall = start.elapsed();
    assert!(status.success(), "{command:?} ended with {status}: the plan must be empty");
    Cost { wall, cpu: Duration::from_millis(ticks * 10), peak }
}

fn user_name(index: usize) -> String {
    format!("person{index:06}@bench.example")
}

fn generate(folder: &Path, people: usize, url: &str) {
    let head = format!(
        "version: 1\ntargets:\n  bench:\n    profile: generic\n    url: {url}\n    auth: {{ bearer: {{ env: BENCH_TOKEN }} }}\n    \
         capabilities: {{ pageSize: {PAGE} }}\nbindings:\n  all:\n    target: bench\n    assign: {{ where: user.userName is defined }}\n    push:\n"
    );
    let groups = people / MEMBERS;
    let pushed: String = (0..groups).map(|group| format!("      - g{group}\n")).collect();
    std::fs::write(folder.join("scimform.yaml"), head + &pushed).unwrap();
    for (file, chunk) in (0..people).collect::<Vec<_>>().chunks(1000).enumerate() {
        let mut text = String::from("users:\n");
        for index in chunk {
            let mail = user_name(*index);
            let _ = write!(
                text,
                "  p{index}:\n    userName: {mail}\n    name: {{ givenName: Given{index}, familyName: Family{index} }}\n    \
                 displayName: Given{index} Family{index}\n    emails: [{{ value: {mail}, type: work, primary: true }}]\n    \
                 title: Title {}\n    department: Department {}\n    employeeNumber: \"{index}\"\n",
                index % 40,
                index % 25
            );
        }
        std::fs::write(folder.join(format!("people-{file:03}.yaml")), text).unwrap();
    }
    let mut text = String::from("groups:\n");
    for group in 0..groups {
        let members: Vec<String> = (0..MEMBERS).map(|member| format!("p{}", group * MEMBERS + member)).collect();
        let _ = write!(text, "  g{group}:\n    displayName: Group {group}\n    members: [{}]\n", members.join(", "));
    }
    std::fs::write(folder.join("groups.yaml"), text).unwrap();
}

/// A server that only knows its pages.
struct Server {
    url: String,
    requests: Arc<AtomicU64>,
    _runtime: tokio::runtime::Runtime,
}

struct Store {
    users: Vec<String>,
    groups: Vec<String>,
    requests: Arc<AtomicU64>,
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl Server {
    fn start(people: usize) -> Self {
        let users = (0..people).map(|index| {
            let mail = user_name(index);
            format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","{ENTERPRISE}"],"id":"id-{index:06}","externalId":"p{index}","userName":"{mail}","name":{{"givenName":"Given{index}","familyName":"Family{index}"}},"displayName":"Given{index} Family{index}","emails":[{{"value":"{mail}","type":"work","primary":true}}],"title":"Title {}","active":true,"{ENTERPRISE}":{{"department":"Department {}","employeeNumber":"{index}"}},"meta":{{"resourceType":"User","created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z","version":"W/\"1\""}}}}"#,
                index % 40,
                index % 25
            )
        });
        let groups = (0..people / MEMBERS).map(|group| {
            let members: Vec<String> = (0..MEMBERS)
                .map(|member| format!(r#"{{"value":"id-{:06}","type":"User"}}"#, group * MEMBERS + member))
                .collect();
            format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"gid-{group}","externalId":"g{group}","displayName":"Group {group}","members":[{}]}}"#,
                members.join(",")
            )
        });
        let requests = Arc::new(AtomicU64::new(0));
        let store = Arc::new(Store { users: users.collect(), groups: groups.collect(), requests: requests.clone() });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let nothing = Arc::new(Store { users: Vec::new(), groups: Vec::new(), requests: requests.clone() });
        let router = Router::new()
            .route("/scim/v2/{what}", axum::routing::get(answer).with_state(store))
            .route("/empty/v2/{what}", axum::routing::get(answer).with_state(nothing));
        runtime.spawn(async { axum::serve(listener, router).await });
        Self { url, requests, _runtime: runtime }
    }
}

#[derive(serde::Deserialize)]
struct Window {
    #[serde(rename = "startIndex", default)]
    start: usize,
    #[serde(default)]
    count: Option<usize>,
}

async fn answer(
    State(store): State<Arc<Store>>,
    Segment(what): Segment<String>,
    Query(window): Query<Window>,
) -> axum::response::Response {
    store.requests.fetch_add(1, Ordering::Relaxed);
    let body = match what.as_str() {
        "Users" => page(&store.users, &window),
        "Groups" => page(&store.groups, &window),
        "ServiceProviderConfig" => {
            r#"{"patch":{"supported":true},"bulk":{"supported":false},"filter":{"supported":true,"maxResults":1000},"etag":{"supported":true},"sort":{"supported":false}}"#.to_owned()
        }
        _ => return axum::http::StatusCode::NOT_FOUND.into_response(),
    };
    ([("content-type", "application/scim+json")], body).into_response()
}

fn page(resources: &[String], window: &Window) -> String {
    let start = window.start.max(1) - 1;
    let rest = resources.get(start..).unwrap_or_default();
    let shown = rest.get(..window.count.unwrap_or(PAGE).min(PAGE)).unwrap_or(rest);
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{},"startIndex":{},"itemsPerPage":{},"Resources":[{}]}}"#,
        resources.len(),
        start + 1,
        shown.len(),
        shown.join(",")
    )
}

/// What there is at least to do: fetch every page one after the other and decode what a plan compares.
fn minimal_client(url: &str) {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct List {
        total_results: usize,
        #[serde(rename = "Resources")]
        resources: Vec<Resource>,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "decoding them is the work that is measured")]
    struct Resource {
        id: String,
        external_id: Option<String>,
        user_name: Option<String>,
        display_name: Option<String>,
        title: Option<String>,
        active: Option<bool>,
        emails: Option<Vec<Value>>,
        members: Option<Vec<Value>>,
    }
    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "decoding them is the work that is measured")]
    struct Value {
        value: String,
        r#type: Option<String>,
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let mut kept = Vec::new();
        for kind in ["Users", "Groups"] {
            let mut seen = 0;
            loop {
                let address = format!("{url}/{kind}?startIndex={}&count={PAGE}", seen + 1);
                let body = client.get(address).send().await.unwrap().bytes().await.unwrap();
                let list: List = serde_json::from_slice(&body).unwrap();
                seen += list.resources.len();
                let done = list.resources.is_empty() || seen >= list.total_results;
                kept.extend(list.resources);
                if done {
                    break;
                }
            }
        }
        assert!(!kept.is_empty());
    });
}
