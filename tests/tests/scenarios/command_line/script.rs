//! `earshot script eval`.

use super::earshot::Earshot;

#[tokio::test]
async fn a_script_shows_its_result_and_its_type_cost_and_undefined_names_apart_from_it() {
    let template = r#"{"name": "{{ __data.name }}", "mail": "{{ email }}{{ __data.phone }}"}"#;
    let ended = Earshot::new(["script", "eval", "--data", "@data.json", template])
        .file(
            "data.json",
            r#"{"name": "A \"b\"", "email": "a@b.example"}"#,
        )
        .run()
        .await
        .with(0);
    assert_eq!(ended.out, "{\"name\": \"A \\\"b\\\"\", \"mail\": \"\"}\n");
    for told in [
        "type: application/json\n",
        "cost: ",
        "undefined: line 1, column 54: __data.phone\n",
        "not in __data: line 1, column 43: email; did you mean `__data.email`?\n",
    ] {
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
    }
}

#[tokio::test]
async fn a_script_comes_from_a_file_or_standard_input_and_stands_where_it_is_told() {
    for (argument, place, result) in [
        ("@-", "html", "&lt;b&gt;\n"),
        ("@x.twig", "text", "<b>\n"),
        ("@x.twig", "redirect", "<b>\n"),
        ("/?q={{ __data.x }}", "redirect", "/?q=%3Cb%3E\n"),
    ] {
        let arguments = [
            "script",
            "eval",
            argument,
            "--place",
            place,
            "-d",
            r#"{"x": "<b>"}"#,
        ];
        let earshot = Earshot::new(arguments)
            .file("x.twig", "{{ __data.x }}")
            .input("{{ __data.x }}");
        assert_eq!(
            earshot.run().await.with(0).out,
            result,
            "{argument} {place}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_script_ends_with_1_and_its_place() {
    for (template, told) in [
        ("x {{ 1|uper }}", "line 1, column 8: "),
        ("{{ 1 / 0 }}", "line 1, column 4: division by zero"),
        (
            "{% for i in 1..99999999 %}{% endfor %}",
            "the bound `fuel` of 1000000",
        ),
    ] {
        let ended = Earshot::new(["script", "eval", template])
            .run()
            .await
            .with(1);
        assert_eq!(ended.out, "");
        assert!(ended.err.contains(told), "{template}: {}", ended.err);
    }
    let ended = Earshot::new(["script", "eval", "-o", "json", "{{ 1|uper }}"]);
    let json = ended.run().await.with(1).json();
    assert_eq!(json["error"]["line"], 1);
    assert!(json["error"]["hint"].as_str().unwrap().contains("upper"));
}

#[tokio::test]
async fn data_that_is_no_json_object_is_a_usage_error() {
    for data in ["{", "[1]", "7", "@missing.json"] {
        let ended = Earshot::new(["script", "eval", "-d", data, "x"])
            .run()
            .await
            .with(64);
        assert!(!ended.err.is_empty());
    }
}
