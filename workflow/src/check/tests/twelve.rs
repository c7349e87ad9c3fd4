//! A document with twelve different mistakes gets twelve different problems.

use super::judge;

const TWELVE: &str = r#"
apiVersion: earshot/v1
kind: Workflow
metadata:
  name: Twelve Mistakes
  lables: {team: web}
spec:
  record_type: virtual
  source: listener
  run_mode: sync
  listener:
    return_type: continue
    sync_timeout: 900
    methods: [POST, FETCH]
    return_headers: {X-A: a}
  steps:
    - id: is_push
      type: condition
      left: "{{ __data.__headers.x_github_event }}"
      operator: equals
      right: push
      yes:
        - id: answer
          type: respond
          return_type: data
          return_data: '{"name": "{{ __data.name"}'
        - id: answer
          type: log
          message: received
      no:
        - id: call
          type: http_request
          url: "https://api.example.com/orders"
          json: {a: 1}
          body: a=1
          on_failure:
            - id: moved
              type: respond
              return_type: redirect
              return_redirect: "ftp://files.example.com"
        - id: kind
          type: switch
          value: "{{ __data.kind }}"
          cases:
            - operator: matches
              right: "(order"
              then:
                - id: note
                  type: logg
                  message: hello
"#;

#[test]
fn twelve_mistakes_are_twelve_problems() {
    let report = judge(TWELVE);
    let found: Vec<(&str, &str)> = report
        .problems
        .iter()
        .map(|problem| (problem.path.as_str(), problem.code))
        .collect();
    let expected = [
        ("metadata.name", "format"),
        ("metadata.lables", "unknown_field"),
        ("spec.listener.sync_timeout", "range"),
        ("spec.listener.methods[1]", "unknown_word"),
        ("spec.listener.return_headers", "conflict"),
        ("spec.steps[0].operator", "unknown_word"),
        ("spec.steps[0].yes[0].return_data", "script"),
        ("spec.steps[0].yes[1].id", "duplicate_id"),
        ("spec.steps[0].no[0]", "conflict"),
        (
            "spec.steps[0].no[0].on_failure[0].return_redirect",
            "redirect_target",
        ),
        ("spec.steps[0].no[1].cases[0].right", "regular_expression"),
        ("spec.steps[0].no[1].cases[0].then[0].type", "unknown_type"),
    ];
    assert_eq!(found, expected, "{:#?}", report.problems);
    assert_eq!(report.problems.len(), 12);
    for problem in &report.problems {
        assert!(!problem.hint.is_empty(), "{problem}");
    }
    assert!(!report.passes());
}
