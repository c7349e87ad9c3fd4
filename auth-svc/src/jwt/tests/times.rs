use super::*;

#[test]
fn a_token_is_good_for_sixty_seconds_past_its_expiry_and_no_longer() {
    for (past, expected) in [
        (-1, Ok(())),
        (0, Ok(())),
        (59, Ok(())),
        (60, Ok(())),
        (61, Err(Denial::Expired)),
        (1_000_000, Err(Denial::Expired)),
    ] {
        let judged = judge(&with(&but("exp", json!(NOW - past)))).map(|_| ());
        assert_eq!(judged, expected, "{past} s past");
    }
    assert_eq!(judge(&with(&but("exp", json!(-5)))), Err(Denial::Expired));
    assert_eq!(judge(&with(&but("exp", json!(0)))), Err(Denial::Expired));
}

#[test]
fn a_token_that_begins_or_was_issued_more_than_sixty_seconds_ahead_is_invalid() {
    for name in ["nbf", "iat"] {
        for (ahead, expected) in [
            (-1_000, Ok(())),
            (0, Ok(())),
            (60, Ok(())),
            (61, Err(Denial::Invalid)),
        ] {
            let judged = judge(&with(&but(name, json!(NOW + ahead)))).map(|_| ());
            assert_eq!(judged, expected, "{name} {ahead} s ahead");
        }
    }
}

#[test]
fn fractions_of_a_second_are_numbers_too() {
    assert!(judge(&with(&but("exp", json!(NOW as f64 - 59.5)))).is_ok());
    assert_eq!(
        judge(&with(&but("exp", json!(NOW as f64 - 60.5)))),
        Err(Denial::Expired)
    );
    assert!(judge(&with(&but("nbf", json!(NOW as f64 + 59.5)))).is_ok());
    assert_eq!(
        judge(&with(&but("iat", json!(NOW as f64 + 60.5)))),
        Err(Denial::Invalid)
    );
    let token = signed(
        r#"{"alg":"HS256"}"#,
        &format!(r#"{{"iss":"{ISSUER}","exp":1.8000003e9}}"#),
    );
    assert_eq!(judge(&token).unwrap().keep_until, Some(NOW + 360));
}

#[test]
fn a_time_that_is_no_number_is_invalid() {
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!((NOW + 300).to_string()),
            json!(true),
            json!(null),
            json!([NOW + 300]),
            json!({}),
            json!(""),
        ] {
            assert_eq!(
                judge(&with(&but(name, value.clone()))),
                Err(Denial::Invalid),
                "{name} {value}"
            );
        }
    }
}

#[test]
fn an_expiry_must_be_there_unless_the_endpoint_relaxes_it() {
    let without = with(&json!({"iss": ISSUER}));
    assert_eq!(judge(&without), Err(Denial::Invalid));
    let mut relaxed = checker();
    relaxed.rules.require_exp = false;
    assert_eq!(
        relaxed.judge(&without, NOW * 1000).unwrap().keep_until,
        None
    );
    let past = with(&but("exp", json!(NOW - 61)));
    assert_eq!(relaxed.judge(&past, NOW * 1000), Err(Denial::Expired));
    let null = with(&but("exp", json!(null)));
    assert_eq!(relaxed.judge(&null, NOW * 1000), Err(Denial::Invalid));
}

#[test]
fn a_far_future_is_no_fault() {
    let far = judge(&with(&but("exp", json!(1e300)))).unwrap();
    assert_eq!(far.keep_until, Some(i64::MAX));
    let largest = judge(&with(&but("exp", json!(u64::MAX)))).unwrap();
    assert_eq!(largest.keep_until, Some(i64::MAX));
}
