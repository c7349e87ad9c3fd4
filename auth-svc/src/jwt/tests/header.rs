use super::*;

#[test]
fn each_of_the_three_algorithms_passes_and_gives_the_claims_as_they_were_signed() {
    let text = r#"{ "iss":"acme-billing", "exp":1800000300, "big":12345678901234567890123, "data":{"b":1,"a":2} }"#;
    for (name, algorithm) in [
        ("HS256", Algorithm::HS256),
        ("HS384", Algorithm::HS384),
        ("HS512", Algorithm::HS512),
    ] {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        let good = judge(&signed_as(algorithm, &header, text.as_bytes(), SECRET)).unwrap();
        assert_eq!(good.claims, text);
        assert_eq!(good.keep_until, Some(NOW + 360));
    }
}

#[test]
fn no_other_algorithm_passes_even_over_a_good_signature() {
    for name in [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "RS256", "ES256", "PS256", "EdDSA",
        "HS1", "HS2048", "A128KW",
    ] {
        let header = json!({"alg": name}).to_string();
        assert_eq!(
            judge(&signed(&header, &claims().to_string())),
            Err(Denial::Invalid),
            "{name}"
        );
    }
    for header in [
        "{}",
        r#"{"alg":null}"#,
        r#"{"alg":256}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"ALG":"HS256"}"#,
    ] {
        assert_eq!(
            judge(&signed(header, &claims().to_string())),
            Err(Denial::Invalid),
            "{header}"
        );
    }
}

#[test]
fn an_algorithm_that_is_not_the_one_of_the_signature_is_invalid() {
    let token = signed_as(
        Algorithm::HS512,
        r#"{"alg":"HS256"}"#,
        claims().to_string().as_bytes(),
        SECRET,
    );
    assert_eq!(judge(&token), Err(Denial::Invalid));
}

#[test]
fn an_unsigned_token_is_invalid() {
    let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#] {
        let header = URL_SAFE_NO_PAD.encode(header);
        assert_eq!(judge(&format!("{header}.{payload}.")), Err(Denial::Invalid));
        assert_eq!(judge(&format!("{header}.{payload}")), Err(Denial::Invalid));
    }
}

#[test]
fn crit_and_b64_are_invalid_whatever_they_say() {
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""b64":false"#,
        r#""b64":true"#,
        r#""b64":null"#,
        r#""crit":["b64"],"b64":false"#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{member}}}"#);
        assert_eq!(
            judge(&signed(&header, &claims().to_string())),
            Err(Denial::Invalid),
            "{member}"
        );
    }
}

#[test]
fn members_that_name_a_key_are_passed_over_whatever_they_hold() {
    for member in [
        r#""kid":"../../etc/passwd""#,
        r#""kid":7"#,
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""jwk":"nonsense""#,
        r#""jku":"http://127.0.0.1/keys""#,
        r#""x5u":["http://127.0.0.1/"]"#,
        r#""x5c":{},"x5t":1,"typ":null,"cty":5,"unknown":[]"#,
    ] {
        let header = format!(r#"{{"alg":"HS256",{member}}}"#);
        assert!(
            judge(&signed(&header, &claims().to_string())).is_ok(),
            "{member}"
        );
    }
}

#[test]
fn a_key_that_the_token_brings_along_is_not_used() {
    let other = "an entirely different secret of good length";
    let key = URL_SAFE_NO_PAD.encode(other);
    let header = format!(r#"{{"alg":"HS256","jwk":{{"kty":"oct","k":"{key}"}}}}"#);
    let token = signed_as(
        Algorithm::HS256,
        &header,
        claims().to_string().as_bytes(),
        other,
    );
    assert_eq!(judge(&token), Err(Denial::Invalid));
}

#[test]
fn malformed_json_in_the_header_is_invalid() {
    for header in [
        "",
        "{",
        "null",
        "[]",
        "\"HS256\"",
        r#"{"alg":"HS256"}x"#,
        r#"{"alg":"HS256",}"#,
        r#"{alg:"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":1,"kid":2}"#,
        "\u{feff}{\"alg\":\"HS256\"}",
    ] {
        assert_eq!(
            judge(&signed(header, &claims().to_string())),
            Err(Denial::Invalid),
            "{header}"
        );
    }
}

#[test]
fn malformed_json_in_the_claims_is_invalid_also_when_it_is_well_signed() {
    let header = r#"{"alg":"HS256"}"#;
    let good = claims().to_string();
    for payload in [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "7".to_owned(),
        format!("[{good}]"),
        format!("{good}{good}"),
        format!("{good} x"),
        good.replace('}', ",}"),
        good.replace('}', r#","iss":"other"}"#),
        good.replace("42", "\u{1}"),
        good.replace("42", r"\ud800"),
        good.replace("1800000300", "1e400"),
        good.replace("1800000300", "NaN"),
        good.replace("1800000300", "01800000300"),
    ] {
        assert_eq!(
            judge(&signed(header, &payload)),
            Err(Denial::Invalid),
            "{payload}"
        );
    }
    let mut bytes = good.into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'4').unwrap();
    bytes[at] = 0xff;
    assert_eq!(
        judge(&signed_as(Algorithm::HS256, header, &bytes, SECRET)),
        Err(Denial::Invalid)
    );
}

#[test]
fn anything_but_strict_base64url_in_three_parts_is_invalid() {
    let token = with(&claims());
    assert!(judge(&token).is_ok());
    let parts: Vec<&str> = token.split('.').collect();
    for (part, whole) in parts.iter().enumerate() {
        for changed in [
            format!("{whole}="),
            format!("{whole}=="),
            format!(" {whole}"),
            format!("{whole}\n"),
            format!("{whole}+"),
            String::new(),
        ] {
            let mut parts = parts.clone();
            parts[part] = &changed;
            assert_eq!(
                judge(&parts.join(".")),
                Err(Denial::Invalid),
                "part {part}: {changed}"
            );
        }
    }
    for changed in [
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{}", parts[2]),
        parts[..2].join("."),
        parts[0].to_owned(),
        "..".to_owned(),
        String::new(),
        token.replace('.', ""),
        format!("Bearer {token}"),
        token.replacen('.', "..", 1),
    ] {
        assert_eq!(judge(&changed), Err(Denial::Invalid), "{changed}");
    }
}

/// Over a payload of one byte, four bits of the last character mean nothing; the signature covers the text, so it is
/// made anew over each.
#[test]
fn bits_that_mean_nothing_must_be_zero() {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    let text = format!("{} ", claims());
    let text = format!("{text}{}", " ".repeat((4 - text.len() % 3) % 3));
    let payload = URL_SAFE_NO_PAD.encode(&text);
    assert_eq!(text.len() % 3, 1);
    let judged = |payload: &str| {
        let signed = format!("{header}.{payload}");
        let signature = crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).unwrap();
        judge(&format!("{signed}.{signature}"))
    };
    assert!(judged(&payload).is_ok());
    assert!(payload.ends_with("IA"), "a space ends in zero bits");
    assert_eq!(
        judged(&format!("{}IB", payload.strip_suffix("IA").unwrap())),
        Err(Denial::Invalid)
    );
}

#[test]
fn eight_kibibytes_pass_and_one_byte_more_is_invalid() {
    // Base64url turns three bytes into four, so that not every length can be met by the claims alone.
    let of_length = |length: usize| {
        (0..4)
            .flat_map(|kid| {
                let header = format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(kid));
                (5_800..6_200).map(move |padding| {
                    signed(
                        &header,
                        &but("padding", "p".repeat(padding).into()).to_string(),
                    )
                })
            })
            .find(|token| token.len() == length)
            .unwrap()
    };
    assert!(judge(&of_length(8 * 1024)).is_ok());
    assert_eq!(judge(&of_length(8 * 1024 + 1)), Err(Denial::Invalid));
}
