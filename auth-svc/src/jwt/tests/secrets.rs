use super::*;
use crate::credentials::Opened;
use crate::credentials::samples::{OTHER_SECRET, view};
use seal::{PrivateKey, setting};

fn signed_with(secret: &str) -> String {
    signed_as(
        Algorithm::HS256,
        r#"{"alg":"HS256"}"#,
        claims().to_string().as_bytes(),
        secret,
    )
}

/// The checker of sealed credentials, as they come out of the bucket.
fn opened(issuer: &str, secret: &str, previous: Option<(&str, i64)>) -> Checker {
    let key = PrivateKey::from_bytes(&[5; 32]).unwrap();
    let mut view = view(&key, issuer, secret);
    view.previous_secret = previous.map(|(secret, until_ms)| {
        let sealed = seal::seal(key.public(), setting::PREVIOUS_SECRET, secret.as_bytes()).unwrap();
        (sealed, until_ms)
    });
    Opened::open(&key, &view).checker.unwrap()
}

#[test]
fn the_previous_secret_is_good_until_its_end_and_the_verdict_no_longer_than_that() {
    let until_ms = (NOW + 100) * 1000;
    let checker = opened(ISSUER, SECRET, Some((OTHER_SECRET, until_ms)));
    let old = signed_with(OTHER_SECRET);
    assert_eq!(
        checker.judge(&old, until_ms - 1).unwrap().keep_until,
        Some(NOW + 100)
    );
    assert_eq!(checker.judge(&old, until_ms), Err(Denial::Invalid));
    let new = signed_with(SECRET);
    assert_eq!(
        checker.judge(&new, until_ms - 1).unwrap().keep_until,
        Some(NOW + 360)
    );
    assert!(checker.judge(&new, until_ms).is_ok());
}

#[test]
fn a_verdict_ends_with_the_token_where_that_comes_before_the_end_of_the_previous_secret() {
    let checker = opened(ISSUER, SECRET, Some((OTHER_SECRET, (NOW + 9_999) * 1000)));
    let good = checker
        .judge(&signed_with(OTHER_SECRET), NOW * 1000)
        .unwrap();
    assert_eq!(good.keep_until, Some(NOW + 360));
}

#[test]
fn a_secret_of_any_other_endpoint_is_invalid() {
    assert_eq!(judge(&signed_with(OTHER_SECRET)), Err(Denial::Invalid));
    assert_eq!(judge(&signed_with("")), Err(Denial::Invalid));
}

#[test]
fn keys_and_secrets_are_scripts() {
    let half = SECRET.split_at(25);
    let secret = format!("{{{{ '{}' ~ '{}' }}}}", half.0, half.1);
    let checker = opened("{% if true %}acme{% endif %}-billing", &secret, None);
    assert!(checker.judge(&signed_with(SECRET), NOW * 1000).is_ok());
}

#[test]
fn a_key_or_a_secret_that_renders_to_nothing_or_too_little_denies() {
    for secret in [
        "",
        "   ",
        "{{ '' }}",
        "{# a comment of more than thirty-two characters #}",
        "short",
    ] {
        let checker = opened(ISSUER, secret, Some((OTHER_SECRET, i64::MAX)));
        for guess in ["", secret, OTHER_SECRET] {
            assert_eq!(
                checker.judge(&signed_with(guess), NOW * 1000),
                Err(Denial::Invalid),
                "{secret}"
            );
        }
    }
    for issuer in ["", " ", "{{ '' }}"] {
        let checker = opened(issuer, SECRET, None);
        let token = with(&but("iss", json!(issuer)));
        assert_eq!(checker.judge(&token, NOW * 1000), Err(Denial::Issuer));
    }
    let checker = opened(ISSUER, SECRET, Some(("", i64::MAX)));
    assert_eq!(
        checker.judge(&signed_with(""), NOW * 1000),
        Err(Denial::Invalid)
    );
}
