//! `earshot secret` and `earshot variable`.

use super::platform::{earshot, name, workflow};

fn upper(of: &str) -> String {
    name(of).replace('-', "_")
}

#[tokio::test]
async fn a_secret_is_set_from_standard_input_or_a_file_and_never_shown() {
    let (key, other) = (upper("SECRET"), upper("SECRET"));
    let set = earshot(&["secret", "set", &key, "-o", "json"]).await;
    let set = set.input("shown-nowhere\n").run().await.with(0);
    assert_eq!(set.json()["name"], key);
    let file = earshot(&["secret", "set", &other, "--value-file", "value"]).await;
    let file = file.file("value", "shown-nowhere\r\n").run().await.with(0);
    let list = earshot(&["secret", "list"]).await.run().await.with(0);
    assert!(list.out.contains(&key) && list.out.contains(&other));
    for ended in [&set, &file, &list] {
        assert!(!format!("{}{}", ended.out, ended.err).contains("shown-nowhere"));
    }
    let argument = earshot(&["secret", "set", &key, "on-the-command-line"]).await;
    argument.run().await.with(64);
    let absent = earshot(&["secret", "set", &key, "--value-file", "not-there"]).await;
    absent.run().await.with(64);
    let odd = earshot(&["secret", "set", "1A"]).await.input("x");
    let odd = odd.run().await.with(1);
    assert!(odd.err.contains("invalid_request"), "{}", odd.err);
    let delete = earshot(&["secret", "delete", &key]).await.run().await;
    delete.with(0);
    let again = earshot(&["secret", "delete", &key])
        .await
        .run()
        .await
        .with(1);
    assert!(again.err.contains("not_found"), "{}", again.err);
}

#[tokio::test]
async fn a_variable_is_set_read_listed_and_deleted() {
    let key = upper("VARIABLE");
    let set = earshot(&["variable", "set", &key, "two words"]).await;
    let set = set.run().await.with(0);
    assert!(set.out.contains("VALUE") && set.out.contains("two words"));
    let get = earshot(&["variable", "get", &key])
        .await
        .run()
        .await
        .with(0);
    assert_eq!(get.out, "two words\n");
    let set = earshot(&["variable", "set", &key, "--value-file", "-"]).await;
    set.input("from outside\n").run().await.with(0);
    let get = earshot(&["variable", "get", &key, "-o", "json"]).await;
    assert_eq!(get.run().await.with(0).json()["value"], "from outside");
    let list = earshot(&["variable", "list", "-o", "json"]).await;
    let list = list.run().await.with(0).json();
    let listed = list.as_array().unwrap().iter();
    assert_eq!(listed.filter(|listed| listed["name"] == *key).count(), 1);
    for wrong in [
        vec!["variable", "set", &key],
        vec!["variable", "set", &key, "x", "--value-file", "y"],
    ] {
        earshot(&wrong).await.run().await.with(64);
    }

    let user = name("reads-a-variable");
    let reply = format!("{{{{ variable(\"{key}\") }}}}");
    let applied = earshot(&["apply", "--publish", "-f", "-"]).await;
    let applied = applied.input(&workflow(&user, &reply, ""));
    applied.run().await.with(0);
    let called = earshot(&["invoke", &user]).await.run().await.with(0);
    assert_eq!(called.out.trim_end(), "from outside");
    let refused = earshot(&["variable", "delete", &key]).await;
    let refused = refused.run().await.with(1);
    assert!(refused.err.contains("conflict") && refused.err.contains(&user));
    let forced = earshot(&["variable", "delete", &key, "--force"]).await;
    forced.run().await.with(0);
}
