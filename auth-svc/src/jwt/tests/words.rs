use super::*;

#[test]
fn the_issuer_must_be_the_endpoints_key_and_a_text() {
    for issuer in [
        json!("other"),
        json!("acme-billin"),
        json!("Acme-billing"),
        json!("acme-billing "),
        json!(""),
        json!([ISSUER]),
        json!({"0": ISSUER}),
        json!(7),
        json!(null),
    ] {
        assert_eq!(
            judge(&with(&but("iss", issuer.clone()))),
            Err(Denial::Issuer),
            "{issuer}"
        );
    }
    assert_eq!(
        judge(&with(&json!({"exp": NOW + 300}))),
        Err(Denial::Issuer)
    );
}

#[test]
fn a_key_that_renders_to_nothing_matches_no_issuer() {
    let mut checker = checker();
    checker.rules.issuer = String::new();
    for claims in [
        but("iss", json!("")),
        json!({"exp": NOW + 300}),
        but("iss", json!(null)),
    ] {
        assert_eq!(
            checker.judge(&with(&claims), NOW * 1000),
            Err(Denial::Issuer)
        );
    }
}

#[test]
fn the_signature_is_judged_before_the_claims_and_the_issuer_before_the_times() {
    let all_wrong = json!({"iss": "other", "exp": 1});
    let forged = signed_as(
        Algorithm::HS256,
        r#"{"alg":"HS256"}"#,
        all_wrong.to_string().as_bytes(),
        "another secret",
    );
    assert_eq!(judge(&forged), Err(Denial::Invalid));
    assert_eq!(judge(&with(&all_wrong)), Err(Denial::Issuer));
    assert_eq!(
        judge(&with(&json!({"iss": ISSUER, "exp": 1}))),
        Err(Denial::Expired)
    );
    assert_eq!(
        judge(&with(&json!({"iss": "other", "exp": "soon"}))),
        Err(Denial::Issuer)
    );
}

#[test]
fn a_verdict_never_shows_the_token_or_the_secret_in_debug() {
    let verdict = judge(&with(&but("exp", json!(1))));
    assert_eq!(format!("{verdict:?}"), "Err(Expired)");
}
