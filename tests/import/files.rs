//! What is written, and where.

use serde_json::json;

use crate::tenant::{Tenant, files};

#[test]
fn an_awkward_tenant_is_adopted_with_an_empty_plan() {
    let tenant = Tenant::new();
    tenant.awkward();
    let report = tenant.import_all();
    let plan = tenant.is_adopted();
    println!(
        "{}\n{}\n{}\n{report:#}",
        tenant.text("users.yaml"),
        tenant.text("groups.yaml"),
        tenant.text("bindings.yaml")
    );
    let first = files(tenant.repo.path());
    tenant.import_all();
    assert_eq!(first, files(tenant.repo.path()), "a second import changes files");
    assert_eq!(report["summary"]["written"], 9);
    assert_eq!(plan["summary"]["adopted"], 8, "{:#}", json!(report["entries"]));
}
