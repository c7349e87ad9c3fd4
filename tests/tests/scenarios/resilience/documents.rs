//! The workflows of these tests.

/// Gives back the caller's nonce, once straight and once by way of a step. Running it twice does no harm.
pub(crate) fn echo(name: &str) -> String {
    let steps = r#"
    - {id: keep, type: store_value, name: copy, value: "{{ __data.nonce }}"}"#;
    let reply = r#"'{"nonce": "{{ __data.nonce }}", "copy": "{{ __data.copy }}"}'"#;
    document(name, "sync", reply, "", steps)
}

/// The same behind a token.
pub(crate) fn guarded_echo(name: &str) -> String {
    let reply = r#"'{"nonce": "{{ __data.nonce }}"}'"#;
    document(name, "sync", reply, "\n    add_authentication: true", " []")
}

/// Sends the caller's nonce to a URL, then gives it back. `more` are further settings of the listener.
pub(crate) fn relay(name: &str, url: &str, more: &str) -> String {
    let reply = r#"'{"nonce": "{{ __data.nonce }}", "ok": {{ __data.webhook.ok }}}'"#;
    document(name, "sync", reply, more, &sending(url))
}

/// Accepts at once, and then sends the caller's nonce to a URL.
pub(crate) fn accept(name: &str, url: &str) -> String {
    let reply = r#"'{"accepted": "{{ __data.nonce }}"}'"#;
    document(name, "async", reply, "", &sending(url))
}

fn sending(url: &str) -> String {
    format!(
        r#"
    - {{id: send, type: http_request, method: POST, url: "{url}", timeout: 60, body: "{{{{ __data.nonce }}}}"}}"#
    )
}

fn document(name: &str, mode: &str, reply: &str, more: &str, steps: &str) -> String {
    format!(
        "apiVersion: earshot/v1
kind: Workflow
metadata: {{name: {name}}}
spec:
  record_type: virtual
  source: listener
  run_mode: {mode}
  listener:
    return_type: data
    methods: [GET, POST]
    return_data: {reply}{more}
  steps:{steps}
"
    )
}

/// Lets runners reach the loopback addresses of these tests.
pub(crate) const LOOPBACK: (&str, &str) = ("EARSHOT_RUNNER__ALLOWED_NETWORKS", "127.0.0.0/8");
