//! Messages: RFC 7644 sections 3.4.2, 3.7 and 3.12, RFC 7643 sections 5 and 6, RFC 9865.

use super::*;
use crate::scim::{Object, Value};

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn lists_as_servers_write_them() {
    for (json, total, count) in [
        (r#"{"totalResults":2,"Resources":[{"id":"1"},{"id":"2"}]}"#, Some(2), 2),
        (r#"{"totalResults":"2","Resources":{"id":"1"}}"#, Some(2), 1),
        (r#"{"totalResults":2.0,"Resources":null,"schemas":"x"}"#, Some(2), 0),
        (r#"{"Resources":[],"nextCursor":""}"#, None, 0),
        (r#"{"totalResults":-1,"resources":[{}]}"#, None, 1),
        ("{}", None, 0),
    ] {
        let list: ListResponse = serde_json::from_str(json).unwrap();
        assert_eq!((list.total_results, list.resources.len()), (total, count), "{json}");
        assert_eq!(list.next_cursor, None);
    }
    assert!(serde_json::from_str::<ListResponse>(r#"{"Resources":["x"]}"#).is_err());
    let page: ListResponse = serde_json::from_str(r#"{"nextCursor":"VZ=","Resources":[]}"#).unwrap();
    assert_eq!(page.next_cursor.as_deref(), Some("VZ="));
}

#[test]
fn lists_as_the_rfc_writes_them() {
    let list = ListResponse::whole(vec![Object::new()]);
    assert_eq!(
        serde_json::to_string(&list).unwrap(),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{}]}"#
    );
}

#[test]
fn errors() {
    let error = ScimError::conflict("userName is taken");
    let json = serde_json::to_string(&error.body()).unwrap();
    assert_eq!(
        json,
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"userName is taken"}"#
    );
    assert_eq!(ErrorBody::read(&value(&json)), Some(error.body()));
    let read = |json: &str| ErrorBody::read(&value(json));
    let numeric = read(r#"{"schemas":"x","status":400,"scimType":"INVALIDVALUE"}"#).unwrap();
    assert_eq!((numeric.status, numeric.scim_type), (Some(400), Some(ScimType::InvalidValue)));
    let old = read(r#"{"Errors":[{"description":"no","code":"404"}]}"#).unwrap();
    assert_eq!((old.status, old.detail.as_deref()), (Some(404), Some("no")));
    let custom = read(r#"{"scimType":"quota"}"#).unwrap();
    assert_eq!(custom.scim_type, Some(ScimType::Other("quota".to_owned())));
    assert_eq!(read(r#"{"id":"7"}"#), None);
    assert_eq!(read(r#""oops""#), None);
}

#[test]
fn configuration_as_servers_write_it() {
    let config = ServiceProviderConfig::read(&value(
        r#"{"patch":{"supported":"true"},"bulk":{"supported":1,"maxOperations":"100"},
            "filter":{"supported":0,"maxResults":200},"sort":true,"etag":{},
            "pagination":{"cursor":true,"index":"false","maxPageSize":100,"cursorTimeout":3600}}"#,
    ));
    assert_eq!(config.patch.supported, Some(true));
    assert_eq!((config.bulk.supported, config.bulk.max_operations), (Some(true), Some(100)));
    assert_eq!((config.filter.supported, config.filter.max_results), (Some(false), Some(200)));
    assert_eq!((config.sort.supported, config.etag.supported), (Some(true), None));
    let pagination = config.pagination.clone().unwrap();
    assert_eq!((pagination.cursor, pagination.index, pagination.max_page_size), (Some(true), Some(false), Some(100)));
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<ServiceProviderConfig>(&json).unwrap(), config);
    assert_eq!(ServiceProviderConfig::read(&value("[]")), ServiceProviderConfig::default());
}

#[test]
fn resource_types() {
    let json = r#"{"Resources":[{"name":"User","endpoint":"/Users","schema":"urn:u",
        "schemaExtensions":[{"schema":"urn:e","required":"false"}]},{}]}"#;
    let types = ResourceType::read_all(&value(json));
    assert_eq!(types.len(), 1);
    assert_eq!(types[0].schema_extensions, [SchemaExtension { schema: "urn:e".to_owned(), required: false }]);
    let back: ResourceType = serde_json::from_str(&serde_json::to_string(&types[0]).unwrap()).unwrap();
    assert_eq!(back, types[0]);
}

#[test]
fn bulk_and_search() {
    let json = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":1,"Operations":[{"method":"POST","bulkId":"q","path":"/Users","data":{"userName":"a"}}]}"#;
    let request: BulkRequest = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&request).unwrap(), json);
    for status in [r#""201""#, "201", r#"{"code":"201"}"#] {
        let result: BulkResult = serde_json::from_str(&format!(r#"{{"method":"POST","status":{status}}}"#)).unwrap();
        assert_eq!(result.status, 201);
        assert!(serde_json::to_string(&result).unwrap().contains(r#""status":"201""#));
    }
    let search: SearchRequest =
        serde_json::from_str(r#"{"startIndex":"0","count":-5,"cursor":"","sortOrder":"descending"}"#).unwrap();
    assert_eq!((search.start_index, search.count), (Some(0), Some(-5)));
    assert_eq!((search.cursor.as_deref(), search.sort_order), (Some(""), Some(SortOrder::Descending)));
}
