//! Digests, encryption, tokens, links and codes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use script::{EvalError, Target};
use serde_json::{Value as Json, json};

use super::{check, rendered, text};

/// The moment of the scope, 2024-01-31 10:20:30 UTC.
const NOW: i64 = 1_706_696_430;

fn failure(source: &str) -> String {
    match rendered(source, Target::Text, &Json::Null) {
        Err(EvalError::Failed { message, .. }) => message,
        other => panic!("{source}: {other:?}"),
    }
}

#[test]
fn hash_hmac_gives_the_digests_of_rfc_4231_and_2202_in_every_encoding() {
    let jefe = "'what do ya want for nothing?', 'Jefe'";
    for (more, expected) in [
        (
            "",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (", 'sha1'", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            ", algorithm='sha512'",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ] {
        assert_eq!(text(&format!("{{{{ hashHmac({jefe}{more}) }}}}")), expected);
    }
    assert_eq!(
        text("{{ hashHmac('a', 'k', 'sha512', 'base64') }}"),
        "guDBXg1iqxeYS+oiW/fSitVPND3WUgwoPDos1DhSovecNJzJt1gzFzme441yJIm0WpQmZ+Vbw4xCpbsgPAkAxw=="
    );
    assert!(failure("{{ hashHmac('a', 'k', 'md5') }}").contains("`algorithm` must be sha256"));
    assert!(failure("{{ hashHmac('a', 'k', 'sha1', 'x') }}").contains("`encoding` must be hex"));
}

#[test]
fn what_was_encrypted_opens_with_its_key_alone_and_only_unchanged() {
    assert_eq!(text("{{ decrypt(encrypt('grüße', 'k'), 'k') }}"), "grüße");
    let word = text("{{ encrypt('secret words', 'k') }}");
    assert!(!word.contains("secret"), "{word}");
    assert_ne!(word, text("{{ encrypt('secret words', 'l') }}"));
    assert_eq!(
        text(&format!("{{{{ decrypt('{word}', 'k') }}}}")),
        "secret words"
    );
    let other = if word.ends_with('A') { "B" } else { "A" };
    let changed = format!("{}{other}", &word[..word.len() - 1]);
    for bad in [
        format!("{{{{ decrypt('{word}', 'other') }}}}"),
        format!("{{{{ decrypt('{changed}', 'k') }}}}"),
        "{{ decrypt('', 'k') }}".to_owned(),
        "{{ decrypt('e1.AAAA', 'k') }}".to_owned(),
    ] {
        assert!(failure(&bad).contains("was not made by `encrypt`"), "{bad}");
    }
    assert!(failure("{{ encrypt('x', '') }}").contains("`key` must not be empty"));
}

#[test]
fn a_token_that_was_encoded_decodes_with_its_secret_until_it_expires() {
    check(
        &Json::Null,
        &[
            (
                "{{ jwtDecode(jwtEncode({sub: '7', n: [1]}, 's'), 's')|json_encode }}",
                r#"{"sub":"7","n":[1]}"#,
            ),
            (
                "{{ jwtDecode(jwtEncode({a: 1}, 's', 'HS512'), 's', 'HS512').a }}",
                "1",
            ),
            (
                "{{ jwtDecode(jwtEncode({a: 1}, 's'), 'other') is null ? 'none' }}",
                "none",
            ),
            (
                "{{ jwtDecode(jwtEncode({a: 1}, 's'), 's', 'HS384') is null ? 'none' }}",
                "none",
            ),
            ("{{ jwtDecode('no.token', 's') is null ? 'none' }}", "none"),
        ],
    );
    let signed = |claims: &Json| {
        let key = EncodingKey::from_secret(b"s");
        let token = encode(&Header::new(Algorithm::HS256), claims, &key).unwrap();
        text(&format!(
            "{{{{ jwtDecode('{token}', 's') is null ? 'none' : 'good' }}}}"
        ))
    };
    for (claims, expected) in [
        (json!({"exp": NOW - 59}), "good"),
        (json!({"exp": NOW - 60}), "none"),
        (json!({"nbf": NOW + 60}), "good"),
        (json!({"nbf": NOW + 61}), "none"),
        (json!({"exp": "never"}), "none"),
        (json!([1]), "none"),
    ] {
        assert_eq!(signed(&claims), expected, "{claims}");
    }
    assert!(failure("{{ jwtEncode('x', 's') }}").contains("`claims` must be a map"));
    assert!(failure("{{ jwtEncode({}, '') }}").contains("`secret` must not be empty"));
    assert!(failure("{{ jwtEncode({}, 's', 'none') }}").contains("`algorithm` must be HS256"));
}

#[test]
fn a_signed_url_can_be_checked_with_hash_hmac() {
    let url = text("{{ signUrl('https://x.example/a?b=1#top', 's', 60) }}");
    let signed = format!("https://x.example/a?b=1&expires={}", NOW + 60);
    let signature = text(&format!("{{{{ hashHmac('{signed}', 's') }}}}"));
    assert_eq!(url, format!("{signed}&signature={signature}#top"));
    let plain = text("{{ signUrl('/a', 's') }}");
    assert!(
        plain.starts_with(&format!("/a?expires={}&signature=", NOW + 3600)),
        "{plain}"
    );
}

#[test]
fn a_qr_code_is_an_image_in_a_data_url() {
    let url = text("{{ qrCode('https://x.example', 300) }}");
    let image = url.strip_prefix("data:image/svg+xml;base64,").unwrap();
    let image = String::from_utf8(STANDARD.decode(image).unwrap()).unwrap();
    assert!(
        image.contains("<svg") && image.contains("</svg>"),
        "{image}"
    );
    assert!(failure("{{ qrCode('x', 0) }}").contains("`size` must be between 1 and 2000"));
    let long = "{% set x %}{% for i in 1..3000 %}x{% endfor %}{% endset %}{{ qrCode(x) }}";
    assert!(failure(long).contains("makes no QR code"));
}

#[test]
fn what_this_release_does_not_keep_is_declared_and_says_so() {
    for source in [
        "{{ findOne('customer', 'id', 7) }}",
        "{{ findMany('customer', 'city', 'Ulm', orderBy='name', dir='DESC', limit=3) }}",
        "{{ findCount('customer') }}",
        "{{ findSum('customer', 'total') }}",
        "{{ findMin('customer', 'total') }}",
        "{{ findMax('customer', 'total') }}",
    ] {
        assert!(
            failure(source).contains("no such collection: `customer`"),
            "{source}"
        );
    }
    assert!(failure("{{ memoryGet('x') }}").contains("cannot be used here"));
    assert!(failure("{{ incrementAndGet('x') }}").contains("cannot be used here"));
}
