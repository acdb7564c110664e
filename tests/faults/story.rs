//! The fixed apply: who is there before, and what is declared.

use serde_json::{Value, json};

/// People who are in groups and otherwise left alone.
const CROWD: std::ops::RangeInclusive<u32> = 1..=10;

/// An apply, and what is there before it.
pub struct Story {
    /// What `scimform.yaml` says of the target.
    pub target: String,
    /// Groups at the target before and after.
    pub pushed: [&'static [&'static str]; 2],
    /// What is declared before and after.
    pub before: String,
    pub after: String,
    /// Who of ours is in the strangers' group.
    pub friend: &'static str,
    /// Strangers in groups of ours, by their number.
    pub guests: &'static [(&'static str, usize)],
}

/// Where the story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// It takes PATCH; one request at a time, so that the requests of each run are the same.
    Patch,
    /// It takes PUT alone; several requests at a time.
    Put,
    /// It takes PATCH, several at a time.
    Quick,
}

/// The story of this suite.
pub fn told(server: Server) -> Story {
    let capabilities = match server {
        Server::Patch => "{ concurrency: 1, membersPerPatch: 3, pageSize: 10 }",
        Server::Put => "{ patch: false, pageSize: 10 }",
        Server::Quick => "{ pageSize: 10 }",
    };
    let target = format!(
        "    capabilities: {capabilities}\n    onRemove: {{ users: delete, groups: empty }}\n    \
         limits: {{ removals: {{ count: 100 }} }}\n"
    );
    Story {
        target,
        pushed: [&["all", "core", "old", "gone", "fleet"], &["all", "core", "old", "fleet", "fresh", "nest"]],
        before: before(),
        after: after(),
        friend: "grace@acme.example",
        guests: &[("All", 0), ("Core", 0), ("Core", 1), ("Old", 1), ("Gone", 0)],
    }
}

/// The groups that are at the target.
pub fn bindings(groups: &[&str]) -> String {
    format!(
        "bindings:\n  everyone:\n    target: app\n    assign: {{ where: user.userName is defined }}\n    push: [{}]\n",
        groups.join(", ")
    )
}

fn crowd(of: impl IntoIterator<Item = u32>) -> String {
    of.into_iter().map(|number| format!("m{number:02}")).collect::<Vec<_>>().join(", ")
}

fn crowd_of(department: impl Fn(u32) -> &'static str) -> String {
    CROWD
        .map(|number| {
            format!("  m{number:02}: {{ userName: m{number:02}@acme.example, department: {} }}\n", department(number))
        })
        .collect()
}

fn before() -> String {
    format!(
        "users:
  grace: {{ userName: grace@acme.example, title: Director }}
  linus: {{ userName: linus@acme.example, title: Engineer, phoneNumbers: [{{ value: '+49 1', type: work }}] }}
  petra: {{ userName: petra@acme.example, title: Engineer, manager: grace }}
  mona: {{ userName: mona@acme.example, displayName: Mona, title: Painter, department: Arts }}
  ravi: {{ userName: ravi@acme.example, title: Engineer }}
  otto: {{ userName: otto@acme.example, emails: [{{ value: otto@acme.example, type: work, primary: true }}] }}
  ivan: {{ userName: ivan@acme.example, title: Guard, active: false }}
  uma: {{ userName: uma@acme.example, title: Clerk }}
  vera: {{ userName: vera@acme.example, title: Clerk }}
  walt: {{ userName: walt@acme.example, title: Clerk }}
  xeno: {{ userName: xeno@acme.example, title: Clerk }}
{}groups:
  all: {{ displayName: All, members: [grace, linus, petra, mona, ravi, otto, walt, xeno, {}] }}
  core: {{ displayName: Core, members: [grace, linus, {}] }}
  old: {{ displayName: Old, members: [linus, {}] }}
  gone: {{ displayName: Gone, members: [{}] }}
  fleet: {{ displayName: Fleet, members: [{}] }}
",
        crowd_of(|_| "Fleet"),
        crowd(CROWD),
        crowd(1..=6),
        crowd(1..=2),
        crowd(3..=4),
        crowd(5..=5),
    )
}

/// What is declared after: six come, some with managers who come too; many change, one in name; two lose their access and
/// one gets it back; two are deleted. Groups come, nest, get other names and members in several batches, and are emptied.
fn after() -> String {
    format!(
        "users:
  ada: {{ userName: ada@acme.example, title: Countess, manager: olga }}
  bela: {{ userName: bela@acme.example, title: Analyst, manager: ada }}
  cleo: {{ userName: cleo@acme.example, emails: [{{ value: cleo@acme.example, type: work, primary: true }}] }}
  dora: {{ userName: dora@acme.example, department: Arts, manager: grace }}
  emil: {{ userName: emil@acme.example, title: Engineer }}
  olga: {{ userName: olga@acme.example, title: Analyst, manager: grace }}
  grace: {{ userName: grace@acme.example, title: Director }}
  linus: {{ userName: linus@acme.example, title: Engineer, phoneNumbers: [] }}
  petra: {{ userName: petra@acme.example, title: Engineer, manager: ada }}
  mona: {{ userName: mona@acme.example, displayName: Mona L., title: null, department: Arts }}
  ravi: {{ userName: ravi.k@acme.example, title: Engineer }}
  otto: {{ userName: otto@acme.example, emails: [{{ value: o@acme.example, type: work, primary: true }}] }}
  ivan: {{ userName: ivan@acme.example, title: Guard }}
  uma: {{ userName: uma@acme.example, title: Clerk, active: false }}
  vera: {{ userName: vera@acme.example, title: Clerk, ends: 2020-01-31 }}
{}groups:
  all: {{ displayName: All, members: [grace, linus, petra, mona, ravi, otto, ada, bela, cleo, dora, emil, olga, {}] }}
  core: {{ displayName: Kernel, members: [grace, ada, olga, {}] }}
  old: {{ displayName: Old, members: [] }}
  fleet: {{ displayName: Fleet, members: [{}], groups: [core] }}
  fresh: {{ displayName: Fresh, members: [olga, petra, {}] }}
  nest: {{ displayName: Nest, members: [grace], groups: [fresh] }}
",
        crowd_of(|number| if number > 8 { "Crew" } else { "Fleet" }),
        crowd(CROWD),
        crowd(6..=10),
        crowd(5..=5),
        crowd(1..=4),
    )
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// People at the target whom nobody declares.
pub fn strangers() -> Vec<Value> {
    (1..=3)
        .map(|number| {
            json!({
                "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
                "userName": format!("p{number}@partner.example"),
                "title": "Partner", "nickName": format!("P{number}"), "active": number != 2,
                "emails": [{"value": format!("p{number}@partner.example"), "type": "work"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Elsewhere"},
            })
        })
        .collect()
}

/// A group that nobody declares, with some of these members.
pub fn strange_group(ids: &[&str]) -> Value {
    let members: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP], "displayName": "Partners", "members": members})
}

/// An operation that gives a managed person attributes that no mapping asserts.
pub fn unasserted(name: &str) -> Value {
    let value =
        json!({"nickName": name, "timezone": "Europe/Berlin", "profileUrl": format!("https://a.example/{name}")});
    patch(&json!({"op": "add", "value": value}))
}

/// An operation that puts a stranger into a group.
pub fn join(id: &str) -> Value {
    patch(&json!({"op": "add", "path": "members", "value": [{"value": id}]}))
}

fn patch(operation: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}
