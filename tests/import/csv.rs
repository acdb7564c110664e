//! People of a CSV file.

use serde_json::{Value, json};

use crate::support::{Ran, Repo};

const ROOT: &str = "version: 1\ntargets:\n  app: { profile: generic, url: \"https://app.example/scim/v2\" }\nbindings:\n  all: { target: app, assign: { where: user.userName is defined } }\n";

fn repo() -> Repo {
    Repo::new(&[("scimform.yaml", ROOT)])
}

fn import(repo: &Repo, sheet: impl AsRef<[u8]>, more: &[&str]) -> Ran {
    repo.write("people.csv", sheet);
    repo.run(&[&["import", "--csv", "people.csv"], more].concat())
}

fn text(repo: &Repo, name: &str) -> String {
    std::fs::read_to_string(repo.path().join(name)).unwrap()
}

const SHEET: &str = "\
First Name,user.lastName,Work Email,Job Title,Department,Employee ID,Manager Email,Hire Date,Teams,Shirt,Status
Ada,Lovelace,ada@acme.example,\"Engineer, Principal\",Engineering,0042,GRACE@acme.example,2020-01-31,Engineering; Berlin,M,Active
Grace,\"Hopper
 Murray\",grace@acme.example,no,Engineering,17,,31.01.2019,Engineering,,
Zoë,O'Neill,zoe.oneill@acme.example,,\"R&D: Core\",1e3,\"Hopper Murray, Grace\",\"Mar 5, 2021\",,L,Terminated
";

const USERS: &str = "\
users:
  ada:
    userName: ada@acme.example
    name: { givenName: Ada, familyName: Lovelace }
    title: Engineer, Principal
    emails: [{ value: ada@acme.example, type: work, primary: true }]
    employeeNumber: \"0042\"
    department: Engineering
    manager: grace
    starts: 2020-01-31

  grace:
    userName: grace@acme.example
    name: { givenName: Grace, familyName: Hopper Murray }
    title: \"no\"
    emails: [{ value: grace@acme.example, type: work, primary: true }]
    employeeNumber: \"17\"
    department: Engineering
    starts: 2019-01-31

  zoe.oneill:
    userName: zoe.oneill@acme.example
    name: { givenName: Zoë, familyName: O'Neill }
    active: false
    emails: [{ value: zoe.oneill@acme.example, type: work, primary: true }]
    employeeNumber: \"1e3\"
    department: \"R&D: Core\"
    manager: grace
    starts: 2021-03-05
";

const GROUPS: &str = "\
groups:
  berlin:
    displayName: Berlin
    members: [ada]
  engineering:
    displayName: Engineering
    members: [ada, grace]
";

#[test]
fn a_sheet_becomes_clean_files_and_the_second_import_changes_nothing() {
    let utf16 = |text: &str| -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let tabs = SHEET.replace("Engineer, Principal", "Engineer| Principal").replace("Murray, Grace", "Murray| Grace");
    let tabs = tabs.replace("5, 2021", "5| 2021").replace(',', "\t").replace('|', ",");
    let forms: [Vec<u8>; 4] = [
        SHEET.into(),
        format!("\u{feff}{}", SHEET.replace('\n', "\r\n")).into(),
        utf16(&tabs),
        tabs.replace("; Berlin", ", Berlin").replace('\t', ";").into(),
    ];
    for sheet in forms {
        let repo = repo();
        let ran = import(&repo, &sheet, &[]).expect(0);
        assert_eq!(text(&repo, "users.yaml"), USERS, "{}", ran.out);
        assert_eq!(text(&repo, "groups.yaml"), GROUPS);
        for words in ["people.csv: 3 New, 0 Imported", "left out: `Shirt`", "3 people and 2 groups imported."] {
            assert!(ran.out.contains(words), "{words}\n{}", ran.out);
        }
        repo.run(&["validate"]).expect(0);
        let again = import(&repo, &sheet, &[]).expect(0);
        assert!(again.out.contains("3 Imported") && again.out.contains("nothing to write"), "{}", again.out);
        assert_eq!((text(&repo, "users.yaml"), text(&repo, "groups.yaml")), (USERS.to_owned(), GROUPS.to_owned()));
    }
}

#[test]
fn newcomers_are_added_below_who_is_there_and_join_groups_that_are() {
    let repo = repo();
    let mine = "# ours\nusers:\n  boss:   # do not touch\n    userName: ADA@acme.example\ngroups:\n  eng:\n    displayName: Engineering\n    members: [boss]   # all\n";
    repo.write("users.yaml", mine);
    let json = import(&repo, SHEET, &["--format", "json"]).expect(0).json();
    let schema = repo.run(&["schema", "import-csv"]).expect(0).json();
    let wrong: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}\n{json:#}");
    let entries: Vec<(&Value, &Value)> =
        json["entries"].as_array().unwrap().iter().map(|entry| (&entry["status"], &entry["key"])).collect();
    let (new, imported) = (json!("New"), json!("Imported"));
    assert_eq!(entries, [(&new, &json!("grace")), (&new, &json!("zoe.oneill")), (&imported, &json!("boss"))]);
    assert_eq!(json["summary"], json!({"new": 2, "imported": 1, "newGroups": 0, "joins": 1}));
    let now = text(&repo, "users.yaml");
    assert!(
        now.starts_with("# ours\nusers:\n  boss:   # do not touch\n    userName: ADA@acme.example\n\n  grace:\n"),
        "{now}"
    );
    assert!(now.ends_with("    members: [boss, grace]   # all\n"), "{now}");
}

#[test]
fn columns_are_what_one_says_they_are() {
    let repo = repo();
    let sheet = "Login;Mail;Size;Ort;Pers-Nr;Von\nada;ada@acme.example;M;Berlin;E 1;3/2/2026\n";
    let maps = ["--map", "Size=custom.size", "--map", "Ort=addresses.work.locality", "--map", "Pers-Nr=employeeNumber"];
    let more = [&maps[..], &["--map", "Von=starts", "--key", "Pers-Nr", "--date-format", "dmy", "--dry-run"]].concat();
    import(&repo, sheet, &more).expect(0);
    assert!(!repo.path().join("users.yaml").exists());
    repo.write(
        "../map.yaml",
        "Size: custom.size\nOrt: addresses.work.locality\nPers-Nr: employeeNumber\nVon: starts\n",
    );
    let more =
        ["--map-file", "../map.yaml", "--key", "employeeNumber", "--date-format", "dmy", "--layout", "per-person"];
    import(&repo, sheet, &more).expect(0);
    let expected = "users:\n  e-1:\n    userName: ada\n    emails: [{ value: ada@acme.example, type: work, primary: true }]\n    \
                    addresses: [{ locality: Berlin, type: work }]\n    employeeNumber: E 1\n    custom: { size: M }\n    \
                    starts: 2026-02-03\n";
    assert_eq!(text(&repo, "users/e-1.yaml"), expected);
    std::fs::remove_file(repo.path().join("../map.yaml")).unwrap();
}

#[test]
fn what_is_not_clear_is_refused_with_line_and_way_out_and_nothing_is_written() {
    let sheet = |rows: &str| format!("userName,email,employee id,start date,status,manager,key\n{rows}");
    let latin: Vec<u8> = b"userName\nada\nzo\xeb\n".to_vec();
    let table: [(Vec<u8>, &[&str], &str, &str); 15] = [
        (sheet("a,,,03/04/2026,,,").into(), &[], "line 2, column `start date`: `03/04/2026` may be", "--date-format"),
        (sheet("a,,,44927,,,").into(), &[], "is the number of a day (2023-01-01)", "2026-12-31"),
        (sheet("a,,,soon,,,").into(), &[], "`soon` is no date", "--date-format"),
        (sheet("a,,,,maybe,,").into(), &[], "`maybe` does not say whether", "--map COLUMN=-"),
        (sheet("a,,,,,,\nA,,,,,,").into(), &[], "lines 2 and 3 have the same userName, `a`", "Take one"),
        (sheet("a,x@y.example,,,,,\nb,X@y.example,,,,,").into(), &[], "the same e-mail address", "Take one"),
        (sheet("a,,7,,,,\nb,,7,,,,").into(), &[], "the same employeeNumber, `7`", "Take one"),
        (sheet("a,,,,,,k\nb,,,,,,K").into(), &[], "the same key, `k`", "--key"),
        (sheet(",,7,,,,").into(), &[], "line 2 has neither a userName nor", "take the line out"),
        (sheet("a,,,,,,,,surplus").into(), &[], "line 2 has 9 cells, but there are 7 headers", "--delimiter"),
        (b"a,a\n1,2\n".to_vec(), &[], "two columns are called `a`", "another name"),
        (b"shoe\n1\n".to_vec(), &[], "no column is the `userName`", "--map COLUMN=userName"),
        (b"login\na\n".to_vec(), &["--map", "login=shoe"], "`shoe` is no attribute", "userName"),
        (b"login\na\n".to_vec(), &["--map", "Log=userName"], "there is no column `Log`", "`login`"),
        (latin, &[], "line 3 is not UTF-8 text", "iconv"),
    ];
    for (sheet, more, message, hint) in table {
        let repo = repo();
        let ran = import(&repo, &sheet, more).expect(1);
        assert!(ran.err.contains(message) && ran.err.contains(hint), "{message}: {}", ran.err);
        assert!(!repo.path().join("users.yaml").exists());
    }
}

#[test]
fn a_column_of_dates_tells_its_order_itself() {
    let repo = repo();
    import(&repo, "login,start date\na,03/04/2026\nb,31/12/2026\n", &[]).expect(0);
    let users = text(&repo, "users.yaml");
    assert!(users.contains("starts: 2026-04-03") && users.contains("starts: 2026-12-31"), "{users}");
}

#[test]
fn what_would_not_be_valid_is_told_by_its_line() {
    let repo = repo();
    repo.write("own.yaml", "customSchema:\n  user: { properties: { size: { enum: [S, M] } } }\n");
    let ran = import(&repo, "login,size\na,S\nb,XL\n", &["--map", "size=custom.size"]).expect(1);
    assert!(ran.err.contains("line 3: "), "{}", ran.err);
    assert!(!repo.path().join("users.yaml").exists());
}

#[test]
fn keys_that_collide_are_numbered_and_managers_of_one_name_left_out() {
    let repo = repo();
    let sheet = "email,name,manager\nada@a.example,Ada,Eve\nada@b.example,Ada,Ada\nada@b.other,Eve,ada@b.other\n";
    let json = import(&repo, sheet, &["--format", "json"]).expect(0).json();
    let keys: Vec<&Value> = json["entries"].as_array().unwrap().iter().map(|entry| &entry["key"]).collect();
    assert_eq!(keys, ["ada", "ada-b", "ada-2"]);
    assert_eq!(json["entries"][1]["notes"], json!(["the manager `Ada` is the name of several people: left out"]));
    assert_eq!(json["entries"][2]["notes"], json!(["is said to be their own manager: left out"]));
    assert!(text(&repo, "users.yaml").contains("manager: ada-2\n"));
}

#[test]
fn a_quote_that_is_not_closed_swallows_nobody() {
    let repo = repo();
    for (sheet, line) in [
        ("email,title\nada@a.example,\"open\nbob@a.example,Dr\n", "line 2 opens a cell with `\"` that is never closed"),
        ("email,title\r\nada@a.example,\"open\r\nbob@a.example,\"Dr\"\r\n", "behind the `\"` of line 3"),
    ] {
        let ran = import(&repo, sheet, &[]).expect(1);
        assert!(ran.err.contains(line), "{}", ran.err);
        assert!(!repo.path().join("users.yaml").exists());
    }
    let fine = "email,title\nada@a.example,\"a \"\"b\"\" c\"\nbob@a.example,5\" disk\ncyd@a.example,\"\"\n";
    import(&repo, fine, &[]).expect(0);
    assert!(text(&repo, "users.yaml").contains("5\\\" disk") || text(&repo, "users.yaml").contains("5\" disk"));
}

#[test]
fn lines_are_those_of_an_editor_however_they_end() {
    for end in ["\n", "\r\n", "\r"] {
        let repo = repo();
        let sheet = ["sep=;", "email;title", "", "ada@a.example;\"two", "lines\"", "bob@a.example;x", ""].join(end);
        let json = import(&repo, &sheet, &["--format", "json"]).expect(0).json();
        let lines: Vec<&Value> = json["entries"].as_array().unwrap().iter().map(|entry| &entry["line"]).collect();
        assert_eq!((lines, &json["delimiter"]), (vec![&json!(4), &json!(6)], &json!(";")), "{end:?}");
    }
}
