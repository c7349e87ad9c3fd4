//! `earshot endpoints list`.

use serde_json::Value;

use super::platform::{earshot, name, workflow};

#[tokio::test]
async fn published_endpoints_are_listed_in_every_form_and_filtered() {
    let name = name("listed");
    let text = workflow(
        &name,
        "ok",
        "    add_authentication: true\n    methods: [POST]\n",
    );
    earshot(&["apply", "--publish", "-f", "-"])
        .await
        .input(&text)
        .run()
        .await
        .with(0);
    let list = async |more: &[&str]| {
        let arguments = [&["endpoints", "list", "--category", &name], more].concat();
        earshot(&arguments).await.run().await.with(0)
    };
    let json = list(&["-o", "json"]).await.json();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(json[0]["name"], *name);
    assert_eq!(json[0]["authentication"], true);
    let yaml: Value = serde_saphyr::from_str(&list(&["-o", "yaml"]).await.out).unwrap();
    assert_eq!(yaml, json);
    let table = list(&[]).await.out;
    for part in [
        "NAME",
        name.as_str(),
        json[0]["url"].as_str().unwrap(),
        "POST",
        "sync",
    ] {
        assert!(table.contains(part), "{part}:\n{table}");
    }
    for (filter, count) in [
        (["--authentication", "true"], 1),
        (["--authentication", "false"], 0),
        (["--return-type", "data"], 1),
        (["--return-type", "sse"], 0),
        (["--name", name.as_str()], 1),
        (["--name", "of-no-workflow"], 0),
    ] {
        let more = [&filter[..], &["-o", "json"]].concat();
        assert_eq!(
            list(&more).await.json().as_array().unwrap().len(),
            count,
            "{filter:?}"
        );
    }
}

#[tokio::test]
async fn a_listing_of_more_than_a_page_is_whole() {
    let names: Vec<String> = (0..51).map(|_| name("many")).collect();
    let mut apply = earshot(&["apply", "--publish", "-f", "all"]).await;
    for one in &names {
        let text = workflow(one, "ok", "").replace(&format!("category: {one}"), "category: many");
        apply = apply.file(&format!("all/{one}.yaml"), &text);
    }
    apply.run().await.with(0);
    let list = earshot(&["endpoints", "list", "--category", "many", "-o", "json"]).await;
    assert_eq!(
        list.run().await.with(0).json().as_array().unwrap().len(),
        names.len()
    );
}

#[tokio::test]
async fn a_filter_that_makes_no_sense_is_told() {
    let odd = earshot(&["endpoints", "list", "--return-type", "xml"])
        .await
        .run()
        .await;
    assert!(matches!(odd.code, 1 | 64), "{}", odd.err);
    assert!(
        odd.err.contains("xml") || odd.err.contains("return_type"),
        "{}",
        odd.err
    );
    earshot(&["endpoints", "list", "--authentication", "maybe"])
        .await
        .run()
        .await
        .with(64);
}
